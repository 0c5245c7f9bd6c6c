/**
 * The pages of the tutorial as a test reads them: fenced blocks in order, each with the remark (HTML comment) above it, and
 * what a block of commands does, whichever of the two shells it is written for.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const ROOT = fileURLToPath(new URL('../../', import.meta.url))
export type Language = 'ko' | 'en'
export type Shell = 'powershell' | 'bash'

/** The only reasons for which a block may be left out by the test. */
export const REASONS_NOT_RUN = [
  'installs packages',
  'needs Docker',
  'needs Fluent Bit',
  'takes long, and test/peers/terraform-local.test.ts runs it',
]

export type Remark =
  | { readonly kind: 'run' }
  | { readonly kind: 'not run'; readonly reason: string }
  /** Stays in the foreground of a terminal of its own; it is up when its output holds these words. */
  | { readonly kind: 'stays running'; readonly name: string; readonly says: string }
  | { readonly kind: 'ends with'; readonly code: number }
  /** What runs under these names was ended before. */
  | { readonly kind: 'after stopping'; readonly names: readonly string[] }
  | { readonly kind: 'file'; readonly path: string }
  /** An excerpt that looks so on a terminal only. */
  | { readonly kind: 'on a terminal' }

export interface Fence {
  readonly language: string
  readonly remark: Remark
  readonly text: string
  readonly line: number
}

/** What is typed in one place: the same for both shells, or a file to write, and what is seen then. */
export interface Step {
  readonly page: string
  readonly line: number
  readonly remark: Remark
  readonly commands?: Readonly<Record<Shell, string>>
  /** Text of a file to write. */
  readonly file?: string
  /** What the page shows of the output. */
  readonly seen: readonly { readonly text: string; readonly remark: Remark }[]
}

export const pagesOf = (folder: string): string[] =>
  readdirSync(join(ROOT, folder))
    .filter((name) => name.endsWith('.md'))
    // The index first, then the steps by their number.
    .sort((a, b) => (a === 'README.md' ? -1 : b === 'README.md' ? 1 : a.localeCompare(b)))

export const readPage = (path: string): string => readFileSync(join(ROOT, path), 'utf8').replaceAll('\r\n', '\n')

export function fencesOf(text: string): Fence[] {
  const lines = text.split('\n')
  const fences: Fence[] = []
  for (let i = 0; i < lines.length; i++) {
    const language = /^```(\S*)$/.exec(lines[i] ?? '')?.[1]
    if (language === undefined) continue
    const end = lines.indexOf('```', i + 1)
    if (end === -1) throw new Error(`line ${i + 1}: this block has no end`)
    const comment = /^<!-- (.+) -->$/.exec(lines[i - 1] ?? '')?.[1]
    fences.push({ language, remark: remarkOf(comment, i), text: lines.slice(i + 1, end).join('\n'), line: i + 1 })
    i = end
  }
  return fences
}

function remarkOf(comment: string | undefined, line: number): Remark {
  if (comment === undefined) return { kind: 'run' }
  if (comment === 'on a terminal') return { kind: 'on a terminal' }
  const [, kind, rest = ''] = /^(not run|stays running|ends with|after stopping|file):? (.+)$/.exec(comment) ?? []
  if (kind === 'not run') return { kind, reason: rest }
  if (kind === 'ends with') return { kind, code: Number(rest) }
  if (kind === 'after stopping') return { kind, names: rest.split(', ') }
  if (kind === 'file') return { kind, path: rest }
  const [, name, says] = /^(\w+), says "(.+)"$/.exec(rest) ?? []
  if (kind === 'stays running' && name !== undefined && says !== undefined) return { kind, name, says }
  throw new Error(`line ${line}: the remark "${comment}" is not known`)
}

/** Pairs the blocks of the two shells. A remark stands above the first block of a pair and holds for both. */
export function stepsOf(page: string): Step[] {
  const fences = fencesOf(readPage(page))
  const steps: Step[] = []
  for (let i = 0; i < fences.length; i++) {
    const fence = fences[i] as Fence
    const { line, remark } = fence
    // A picture.
    if (fence.language === '') continue
    if (fence.language === 'text') {
      const before = steps.pop()
      if (before === undefined) throw new Error(`${page}:${line}: output before any command`)
      steps.push({ ...before, seen: [...before.seen, { text: fence.text, remark }] })
    } else if (fence.language === 'powershell') {
      const bash = fences[++i]
      if (bash?.language !== 'bash') throw new Error(`${page}:${line}: a block of bash must follow`)
      if (bash.remark.kind !== 'run') throw new Error(`${page}:${bash.line}: the remark belongs above both blocks`)
      steps.push({ page, line, remark, commands: { powershell: fence.text, bash: bash.text }, seen: [] })
    } else if (remark.kind === 'file') {
      steps.push({ page, line, remark, file: fence.text, seen: [] })
    } else {
      throw new Error(`${page}:${line}: a block of "${fence.language}" is neither commands, nor output, nor a file`)
    }
  }
  return steps
}
