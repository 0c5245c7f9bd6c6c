/** Python exception: a traceback, its causes, and the members of an exception group. */
import type { ExceptionChain, ExceptionInfo } from '../record.ts'
import { frameOf, MAX_FRAMES } from './stack-frame.ts'

const MAX_CAUSES = 20
const FRAME = /^\s{1,8}File "(.{1,400}?)", line (\d{1,7})(?:, in (.{1,200}))?$/
const TITLE = /^([A-Za-z_][\w.]{0,200})(?:: ?(.*))?$/
/** What stands before a line of an exception group; its length is the depth. */
const RAIL = /^ {1,40}\| ?/
const RULE = /^[ |]{0,40}\+-/
const LINK = /^(?:Traceback|During handling|The above exception)/

interface Found extends ExceptionInfo {
  readonly depth: number
}

/** Python prints causes first and the exception that was raised last; a group before its members. */
export function readPython(lines: readonly string[]): ExceptionChain | undefined {
  const found: Found[] = []
  for (let i = 0; i < lines.length && found.length <= MAX_CAUSES; i++) {
    if (!(lines[i] as string).includes('Traceback (most recent call last)')) continue
    const depth = RAIL.exec(lines[i + 1] ?? '')?.[0].length ?? 0
    const { end, exception } = readTraceback(lines, i + 1)
    if (exception !== undefined) found.push({ ...exception, depth })
    i = end - 1
  }
  const outer = Math.min(...found.map(({ depth }) => depth))
  const order = [...found.filter(({ depth }) => depth === outer).reverse(), ...found.filter((f) => f.depth !== outer)]
  const [top, ...causes] = order.map(({ type, message, frames }): ExceptionInfo => ({ type, message, frames }))
  return top === undefined ? undefined : { ...top, language: 'python', causes }
}

function readTraceback(lines: readonly string[], from: number): { end: number; exception: ExceptionInfo | undefined } {
  const frames: ExceptionInfo['frames'][number][] = []
  const bare = (i: number): string => (lines[i] ?? '').replace(RAIL, '')
  let i = from
  for (; i < lines.length; i++) {
    const line = bare(i)
    const m = FRAME.exec(line)
    if (m !== null) frames.push(frameOf(m[3] ?? '<module>', m[1], m[2]))
    else if (!/^\s/.test(line) && line !== '') break
  }
  const title = TITLE.exec(bare(i))
  const rest: string[] = []
  let end = i + 1
  for (; end < lines.length; end++) {
    const line = bare(end)
    if (line === '' || LINK.test(line) || RULE.test(lines[end] as string)) break
    rest.push(line)
  }
  if (title === null) return { end: i, exception: undefined }
  const message = [title[2] ?? '', ...rest].join('\n').trim()
  return { end, exception: { type: title[1] as string, message, frames: frames.reverse().slice(0, MAX_FRAMES) } }
}
