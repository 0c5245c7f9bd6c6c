/** Dockerfiles, .dockerignore and bake file, read as far as the tests need them. */
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { dirname, join, posix } from 'node:path'
import { ROOT } from './compose-file.ts'

export const DOCKERFILES = ['cali.Dockerfile', 'consumer.Dockerfile'] as const

export interface Copy {
  /** The stage that it is taken from; undefined: the checkout. */
  readonly from?: string
  readonly chown?: string
  readonly sources: readonly string[]
  readonly target: string
}

export interface Stage {
  readonly name: string
  readonly base: string
  readonly platform?: string
  readonly copies: readonly Copy[]
  /** All instructions with their text, in order. */
  readonly lines: readonly (readonly [instruction: string, text: string])[]
}

export interface Dockerfile {
  readonly args: Readonly<Record<string, string>>
  readonly stages: readonly Stage[]
}

export const textOfFile = (path: string): string => readFileSync(join(ROOT, path), 'utf8').replaceAll('\r\n', '\n')

export function readDockerfile(name: string): Dockerfile {
  const args: Record<string, string> = {}
  const stages: { name: string; base: string; platform?: string; copies: Copy[]; lines: [string, string][] }[] = []
  const whole = textOfFile(`deploy/docker/${name}`)
    .replaceAll(/^#.*\n/gm, '')
    .replaceAll(/\s*\\\n\s*/g, ' ')
  for (const line of whole.split('\n').filter((text) => text.trim() !== '')) {
    const [, instruction = '', text = ''] = /^([A-Z]+) (.*)$/.exec(line) ?? []
    if (instruction === '') throw new Error(`${name}: no instruction: ${line}`)
    const stage = stages.at(-1)
    if (instruction === 'FROM') {
      const m = /^(?:--platform=(\S+) )?(\S+)(?: AS (\S+))?$/.exec(text)
      if (m === null) throw new Error(`${name}: FROM ${text}`)
      const [, platform, base = '', as = ''] = m
      stages.push({ name: as, base, ...(platform === undefined ? {} : { platform }), copies: [], lines: [] })
    } else if (stage === undefined) {
      const [key = '', value = ''] = text.split('=', 2)
      args[key] = value
    } else {
      stage.lines.push([instruction, text])
      if (instruction === 'COPY') stage.copies.push(copyOf(text))
    }
  }
  return { args, stages }
}

function copyOf(text: string): Copy {
  const words = text.split(' ')
  const flag = (name: string): string | undefined =>
    words.find((word) => word.startsWith(`--${name}=`))?.slice(name.length + 3)
  const [from, chown] = [flag('from'), flag('chown')]
  const paths = words.filter((word) => !word.startsWith('--'))
  return {
    sources: paths.slice(0, -1),
    target: paths.at(-1) ?? '',
    ...(from === undefined ? {} : { from }),
    ...(chown === undefined ? {} : { chown }),
  }
}

/** The value of an instruction that is written as JSON, such as ENTRYPOINT. */
export function listOf({ lines }: Stage, instruction: string): readonly string[] {
  const text = lines.findLast(([name]) => name === instruction)?.[1] ?? '[]'
  return JSON.parse(text.slice(text.indexOf('['))) as string[]
}

/** Variables of a stage's ENV. */
export const environmentOf = ({ lines }: Stage): Record<string, string> =>
  Object.fromEntries(
    lines
      .filter(([name]) => name === 'ENV')
      .flatMap(([, text]) => text.split(' ').map((pair) => pair.split('=', 2) as [string, string])),
  )

/** A pattern of .dockerignore: its stars take names that begin with a dot, other than those of a shell. */
function globOf(pattern: string): RegExp {
  const parts = pattern.split(/(\*\*\/|\*)/).map((part) => {
    if (part === '**/') return '(?:.*/)?'
    return part === '*' ? '[^/]*' : RegExp.escape(part)
  })
  return new RegExp(`^${parts.join('')}$`)
}

const RULES = textOfFile('.dockerignore')
  .split('\n')
  .filter((line) => line !== '' && !line.startsWith('#'))
  .map((line) => ({ keep: line.startsWith('!'), pattern: globOf(line.replace(/^!/, '')) }))

/** Whether a path of the checkout gets into a build: the last rule that fits it, or a folder above it, decides. */
export function isSent(path: string): boolean {
  const above = path.split('/').map((_, i, parts) => parts.slice(0, i + 1).join('/'))
  const rule = RULES.findLast(({ pattern }) => above.some((part) => pattern.test(part)))
  return rule?.keep ?? true
}

/** Copies what a stage takes from the checkout, as a build would: only what .dockerignore lets through. */
export function copyFromCheckout(stage: Stage, folder: string): void {
  for (const { from, sources, target } of stage.copies) {
    if (from !== undefined) continue
    for (const source of sources) {
      const whole = join(ROOT, source)
      const isFolder = statSync(whole).isDirectory()
      const files = isFolder
        ? readdirSync(whole, { recursive: true, withFileTypes: true })
            .filter((entry) => entry.isFile())
            .map((entry) => join(entry.parentPath, entry.name).slice(ROOT.length).replaceAll('\\', '/'))
        : [source]
      for (const file of files.filter(isSent)) {
        const inside = isFolder ? posix.relative(source, file) : posix.basename(file)
        const to = join(folder, target, inside)
        mkdirSync(dirname(to), { recursive: true })
        cpSync(join(ROOT, file), to)
      }
    }
  }
}

export const existsInCheckout = (path: string): boolean => existsSync(join(ROOT, path))
