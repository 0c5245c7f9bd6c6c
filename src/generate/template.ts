import { type Scene, VALUES, type Value } from './values.ts'

/** Renders one text; equal tokens of one template get one value. */
export type Template = (scene: Scene) => string

interface Slot {
  readonly token: string
  readonly value: Value
  readonly numbers: readonly number[]
}

/** `<<name 1 9>>` is a value; `:~120` is a framework line number that differs a little between builds. */
const TOKEN = /<<([a-zA-Z]+)((?: \d+)*)>>|:~(\d+)/g
const LINE_SPREAD = 6

const lineNumber: Value = ({ random }, [line = 1]) => `:${line + random.int(0, LINE_SPREAD)}`

/** Throws on a name that VALUES does not have, so a misspelt template fails when its file is loaded. */
export function template(text: string): Template {
  const literals: string[] = []
  const order: number[] = []
  const slots: Slot[] = []
  const known = new Map<string, number>()
  let end = 0
  for (const match of text.matchAll(TOKEN)) {
    literals.push(text.slice(end, match.index))
    end = match.index + match[0].length
    const [token, name, numbers, line] = match
    let index = line === undefined ? known.get(token) : undefined
    if (index === undefined) {
      const value = line === undefined ? VALUES[name ?? ''] : lineNumber
      if (value === undefined) throw new RangeError(`no value is named "${name}" (${token})`)
      index =
        slots.push({ token, value, numbers: (line ?? numbers ?? '').trim().split(' ').filter(Boolean).map(Number) }) - 1
      if (line === undefined) known.set(token, index)
    }
    order.push(index)
  }
  const tail = text.slice(end)
  if (slots.length === 0) return () => text

  return (scene) => {
    const { shared } = scene
    const values = slots.map(({ token, value, numbers }) => {
      if (shared === undefined || value === lineNumber) return value(scene, numbers)
      const before = shared.get(token)
      if (before !== undefined) return before
      const made = value(scene, numbers)
      shared.set(token, made)
      return made
    })
    let out = ''
    for (let i = 0; i < order.length; i++) out += literals[i] + (values[order[i] as number] as string)
    return out + tail
  }
}
