/**
 * Load: a configuration from flags, environment, file and defaults, in that order of precedence. Errors name the
 * file, the line, the key, what was read and what is accepted; unknown keys are errors.
 */
import { existsSync, readFileSync } from 'node:fs'
import { LineCounter, parseDocument } from 'yaml'
import { z } from 'zod'
import { CaliError, messageOf } from '../error.ts'
import type { Environment } from './environment.ts'

export type Origin = 'default' | 'file' | 'environment' | 'flag'

export interface ConfigKey {
  /** Dotted path, e.g. `slack.channel`. */
  readonly path: string
  readonly variable: string
  readonly secret: boolean
}

export interface ConfigSource {
  readonly file?: string
  readonly environment: Environment
  /** Dotted paths to values, from the command line. */
  readonly flags?: Readonly<Record<string, unknown>>
  /** Variables that other tools use for the same value, e.g. OPENAI_API_KEY: read when the own one is not set. */
  readonly aliases?: Readonly<Record<string, readonly string[]>>
  readonly secrets: ReadonlySet<string>
}

export interface Loaded<T> {
  readonly value: T
  readonly origins: ReadonlyMap<string, Origin>
  readonly file?: string
}

/** Leaves of an object schema with their variable names: `slack.botToken` is CALI_SLACK_BOT_TOKEN. */
export function configKeys(schema: z.ZodType, secrets: ReadonlySet<string>): readonly ConfigKey[] {
  return leaves(schema, []).map((path) => ({ path, variable: variableOf(path), secret: secrets.has(path) }))
}

export const variableOf = (path: string): string =>
  `CALI_${path
    .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
    .replace(/\./g, '_')
    .toUpperCase()}`

/** Throws a CaliError with one line per fault. */
export function loadConfig<S extends z.ZodType>(schema: S, source: ConfigSource): Loaded<z.output<S>> {
  const origins = new Map<string, Origin>()
  const raw: Record<string, unknown> = {}
  const lines = source.file === undefined ? undefined : readFile(source.file, raw)
  const keys = configKeys(schema, source.secrets)
  for (const path of Object.keys(flattenPaths(raw))) origins.set(path, 'file')
  for (const key of keys) {
    const text = fromEnvironment(key, source)
    if (text !== undefined) {
      setPath(raw, key.path, coerce(text))
      origins.set(key.path, 'environment')
    }
  }
  for (const [path, value] of Object.entries(source.flags ?? {})) {
    if (value === undefined) continue
    setPath(raw, path, value)
    origins.set(path, 'flag')
  }
  const parsed = schema.safeParse(raw)
  if (parsed.success) {
    for (const key of keys) if (!origins.has(key.path)) origins.set(key.path, 'default')
    return { value: parsed.data, origins, ...(source.file === undefined ? {} : { file: source.file }) }
  }
  throw new CaliError(
    'config_invalid',
    parsed.error.issues.flatMap((issue) => describeIssue(issue, { source, lines, raw, keys })).join('\n'),
  )
}

type LineOf = (path: readonly PropertyKey[]) => number | undefined

function readFile(file: string, into: Record<string, unknown>): LineOf {
  if (!existsSync(file))
    throw new CaliError(
      'config_missing',
      `${file}: there is no such file. Without --config, cali.yaml in the working folder is read if it exists.`,
    )
  const counter = new LineCounter()
  const document = parseDocument(readFileSync(file, 'utf8').replace(/^\ufeff/, ''), {
    lineCounter: counter,
    prettyErrors: false,
  })
  const [fault] = document.errors
  if (fault !== undefined)
    throw new CaliError(
      'config_invalid',
      `${file}:${counter.linePos(fault.pos[0]).line}: is not YAML: ${fault.message}`,
    )
  const value: unknown = document.toJS()
  if (value !== null && (typeof value !== 'object' || Array.isArray(value)))
    throw new CaliError('config_invalid', `${file}: a map of keys is expected, e.g. "slack:" with "channel:" below it`)
  Object.assign(into, value)
  return (path) => {
    const node = document.getIn(path, true) as { range?: [number, number, number] } | undefined
    return node?.range === undefined ? undefined : counter.linePos(node.range[0]).line
  }
}

/** CALI_X, CALI_X_FILE (a mounted secret), then the names that other tools use. */
function fromEnvironment(key: ConfigKey, source: ConfigSource): string | undefined {
  const { environment } = source
  const direct = environment[key.variable]
  const file = environment[`${key.variable}_FILE`]
  if (direct !== undefined && direct !== '' && file !== undefined && file !== '') {
    throw new CaliError('config_invalid', `${key.variable} and ${key.variable}_FILE are both set: keep one of them`)
  }
  if (file !== undefined && file !== '') {
    try {
      return readFileSync(file, 'utf8').replace(/\r?\n$/, '')
    } catch (error) {
      throw new CaliError('config_invalid', `${key.variable}_FILE is "${file}": cannot be read (${messageOf(error)})`, {
        cause: error,
      })
    }
  }
  if (direct !== undefined && direct !== '') return direct
  for (const alias of source.aliases?.[key.path] ?? []) {
    const value = environment[alias]
    if (value !== undefined && value !== '') return value
  }
  return undefined
}

const coerce = (text: string): unknown =>
  text === 'true'
    ? true
    : text === 'false'
      ? false
      : /^-?\d{1,15}$/.test(text)
        ? Number(text)
        : /^[[{]/.test(text)
          ? jsonOr(text)
          : text

function jsonOr(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

interface IssueContext {
  readonly source: ConfigSource
  readonly lines: LineOf | undefined
  readonly raw: Record<string, unknown>
  readonly keys: readonly ConfigKey[]
}

function describeIssue(issue: z.core.$ZodIssue, context: IssueContext): string[] {
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => {
      const path = [...issue.path, key]
      const guess = nearest(
        path.join('.'),
        context.keys.map((known) => known.path),
      )
      return `${placeOf(path, context)}: there is no setting ${path.join('.')}${guess === undefined ? '' : `. Did you mean ${guess}?`}`
    })
  }
  const path = issue.path.join('.')
  const value = getPath(context.raw, issue.path)
  const secret = context.source.secrets.has(path)
  const read =
    value === undefined
      ? 'is not set'
      : secret
        ? 'is set to something that is not accepted'
        : `is ${JSON.stringify(value)}`
  return [`${placeOf(issue.path, context)}: ${path} ${read}: ${issue.message}`]
}

function placeOf(path: readonly PropertyKey[], context: IssueContext): string {
  const key = context.keys.find((known) => known.path === path.join('.'))
  if (key !== undefined && fromEnvironment(key, context.source) !== undefined) return `environment ${key.variable}`
  const line = context.lines?.(path)
  return context.source.file !== undefined && line !== undefined ? `${context.source.file}:${line}` : 'configuration'
}

function nearest(wanted: string, known: readonly string[]): string | undefined {
  const scored = known
    .map((path) => ({ path, distance: editDistance(wanted.toLowerCase(), path.toLowerCase()) }))
    .sort((a, b) => a.distance - b.distance)
  const best = scored[0]
  return best !== undefined && best.distance <= Math.max(2, wanted.length / 3) ? best.path : undefined
}

function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i)
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++) {
      next.push(
        Math.min(
          (row[j] as number) + 1,
          (next[j - 1] as number) + 1,
          (row[j - 1] as number) + (a[i - 1] === b[j - 1] ? 0 : 1),
        ),
      )
    }
    row = next
  }
  return row[b.length] as number
}

function leaves(schema: z.ZodType, prefix: readonly string[]): string[] {
  const inner = unwrap(schema)
  if (!(inner instanceof z.ZodObject)) return [prefix.join('.')]
  return Object.entries(inner.shape as Record<string, z.ZodType>).flatMap(([key, child]) =>
    leaves(child, [...prefix, key]),
  )
}

function unwrap(schema: z.ZodType): z.ZodType {
  let current: z.ZodType = schema
  while (current instanceof z.ZodDefault || current instanceof z.ZodOptional || current instanceof z.ZodPrefault)
    current = current.unwrap() as z.ZodType
  return current
}

function flattenPaths(value: Record<string, unknown>, prefix = ''): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, child]) =>
      typeof child === 'object' && child !== null && !Array.isArray(child)
        ? Object.entries(flattenPaths(child as Record<string, unknown>, `${prefix}${key}.`))
        : [[`${prefix}${key}`, child]],
    ),
  )
}

function setPath(target: Record<string, unknown>, path: string, value: unknown): void {
  const parts = path.split('.')
  const last = parts.pop() as string
  let at = target
  for (const part of parts) {
    const next = at[part]
    const inner = (typeof next === 'object' && next !== null ? next : {}) as Record<string, unknown>
    at[part] = inner
    at = inner
  }
  at[last] = value
}

export function getPath(value: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (at, key) => (typeof at === 'object' && at !== null ? (at as Record<PropertyKey, unknown>)[key] : undefined),
    value,
  )
}
