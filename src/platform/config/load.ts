/**
 * Load: a configuration from flags, environment, file and defaults, in that order of precedence. Errors name the
 * file, the line, the key, what was read and what is accepted; unknown keys are errors.
 */
import { readFileSync } from 'node:fs'
import { z } from 'zod'
import { CaliError, messageOf } from '../error.ts'
import { readConfigFile } from './config-file.ts'
import type { Environment } from './environment.ts'
import { describeIssue, type FaultContext } from './fault.ts'

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
  return leaves(schema, []).map(({ path }) => ({ path, variable: variableOf(path), secret: secrets.has(path) }))
}

export const variableOf = (path: string): string =>
  `CALI_${path
    .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
    .replace(/\./g, '_')
    .toUpperCase()}`

/** Throws a CaliError with one line per fault. */
export function loadConfig<S extends z.ZodType>(schema: S, source: ConfigSource): Loaded<z.output<S>> {
  const origins = new Map<string, Origin>()
  const variables = new Map<string, string>()
  const file = source.file === undefined ? undefined : readConfigFile(source.file)
  const raw: Record<string, unknown> = file?.values ?? {}
  const settings = leaves(schema, [])
  for (const path of flattenPaths(raw)) origins.set(path, 'file')
  for (const { path, schema: accepted } of settings) {
    const found = fromEnvironment(path, source)
    if (found === undefined) continue
    setPath(raw, path, accepted.safeParse(found.text).success ? found.text : coerce(found.text))
    origins.set(path, 'environment')
    variables.set(path, found.variable)
  }
  for (const [path, value] of Object.entries(source.flags ?? {})) {
    if (value === undefined) continue
    setPath(raw, path, value)
    origins.set(path, 'flag')
  }
  const parsed = schema.safeParse(raw)
  if (parsed.success) {
    for (const { path } of settings) if (!origins.has(path)) origins.set(path, 'default')
    return { value: parsed.data, origins, ...(source.file === undefined ? {} : { file: source.file }) }
  }
  const context: FaultContext = {
    placeOf: (path) => {
      const key = path.join('.')
      if (origins.get(key) === 'flag') return 'command line'
      const variable = variables.get(key)
      if (variable !== undefined) return `environment ${variable}`
      const line = file?.lineOf(path)
      return line === undefined ? 'configuration' : `${source.file}:${line}`
    },
    valueAt: (path) => getPath(raw, path),
    known: settings.map(({ path }) => path),
    secrets: source.secrets,
  }
  throw new CaliError(
    'config_invalid',
    parsed.error.issues.flatMap((issue) => describeIssue(issue, context)).join('\n'),
  )
}

/** CALI_X, CALI_X_FILE (a mounted secret), then the names that other tools use. */
function fromEnvironment(path: string, source: ConfigSource): { text: string; variable: string } | undefined {
  const { environment } = source
  const variable = variableOf(path)
  const fileVariable = `${variable}_FILE`
  const direct = environment[variable] || undefined
  const file = environment[fileVariable] || undefined
  if (direct !== undefined && file !== undefined) {
    throw new CaliError('config_invalid', `${variable} and ${fileVariable} are both set: keep one of them`)
  }
  if (file !== undefined) {
    try {
      return { text: readSecret(file, fileVariable), variable: fileVariable }
    } catch (error) {
      if (error instanceof CaliError) throw error
      throw new CaliError('config_invalid', `${fileVariable} is "${file}": cannot be read (${messageOf(error)})`, {
        cause: error,
      })
    }
  }
  if (direct !== undefined) return { text: direct, variable }
  const alias = source.aliases?.[path]?.find((name) => environment[name])
  const text = alias === undefined ? undefined : environment[alias]
  return alias === undefined || text === undefined ? undefined : { text, variable: alias }
}

/** Editors and shells add a line end and a byte order mark; Windows PowerShell's `>` writes UTF-16. */
function readSecret(file: string, variable: string): string {
  const text = readFileSync(file, 'utf8')
    .replace(/^\uFEFF/, '')
    .replace(/\r?\n$/, '')
  if (/[\u0000\uFFFD]/.test(text))
    throw new CaliError(
      'config_invalid',
      `${variable} is "${file}": is not UTF-8 text (Windows PowerShell's > writes UTF-16): save it as UTF-8`,
    )
  return text
}

/** Text of a variable as the setting wants it, where that is no text. */
function coerce(text: string): unknown {
  if (text === 'true' || text === 'false') return text === 'true'
  if (/^-?\d{1,15}$/.test(text)) return Number(text)
  return /^[[{]/.test(text) ? jsonOr(text) : text
}

function jsonOr(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

interface Leaf {
  readonly path: string
  readonly schema: z.ZodType
}

function leaves(schema: z.ZodType, prefix: readonly string[]): Leaf[] {
  const inner = unwrap(schema)
  if (!(inner instanceof z.ZodObject)) return [{ path: prefix.join('.'), schema }]
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

function flattenPaths(value: object, prefix = ''): string[] {
  return Object.entries(value).flatMap(([key, child]) =>
    typeof child === 'object' && child !== null && !Array.isArray(child)
      ? flattenPaths(child, `${prefix}${key}.`)
      : [`${prefix}${key}`],
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
