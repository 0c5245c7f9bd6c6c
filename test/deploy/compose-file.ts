/** The compose files, read as Compose reads them: YAML with merges and `!reset`, variables, overrides. */
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { parseEnv } from 'node:util'
import { parse } from 'yaml'

export const ROOT = fileURLToPath(new URL('../../', import.meta.url))
export const COMPOSE = fileURLToPath(new URL('../../deploy/compose/', import.meta.url))
export const FILES = ['compose.yaml', 'compose.localstack.yaml'] as const

export interface Service {
  readonly image: string
  readonly build?: { readonly context: string; readonly dockerfile: string }
  readonly profiles?: readonly string[]
  readonly depends_on?: Readonly<Record<string, { readonly condition: string; readonly required?: boolean }>>
  readonly networks?: readonly string[] | Readonly<Record<string, unknown>>
  readonly network_mode?: string
  readonly environment?: Readonly<Record<string, string | number>>
  readonly volumes?: readonly string[]
  readonly tmpfs?: readonly string[]
  readonly ports?: readonly string[]
  readonly command?: readonly string[]
  readonly entrypoint?: readonly string[]
  readonly healthcheck?: { readonly test?: readonly string[]; readonly disable?: boolean }
  readonly mem_limit: string
  readonly restart?: string
  readonly read_only?: boolean
  readonly cap_drop?: readonly string[]
  readonly cap_add?: readonly string[]
  readonly privileged?: boolean
  readonly security_opt?: readonly string[]
  readonly stop_grace_period?: string
}

export interface ComposeFile {
  readonly services: Readonly<Record<string, Service>>
  readonly networks?: Readonly<Record<string, { readonly internal?: boolean }>>
  readonly volumes?: Readonly<Record<string, unknown>>
}

const reset = { tag: '!reset', collection: 'seq' as const, resolve: () => [] as unknown[] }

export const textOf = (file: string): string => readFileSync(COMPOSE + file, 'utf8').replaceAll('\r\n', '\n')

/** A file as it stands; variables not yet replaced. */
export const readCompose = (file: string): ComposeFile =>
  parse(textOf(file), { merge: true, customTags: [reset] }) as ComposeFile

/** A file with its variables replaced. */
export function resolved(file: string, variables: Readonly<Record<string, string>>): ComposeFile {
  const walk = (value: unknown): unknown =>
    typeof value === 'string'
      ? interpolate(value, variables)
      : Array.isArray(value)
        ? value.map(walk)
        : typeof value === 'object' && value !== null
          ? Object.fromEntries(Object.entries(value).map(([key, child]) => [key, walk(child)]))
          : value
  return walk(readCompose(file)) as ComposeFile
}

/** `${A}`, `${A:-default}`, `${A:+other}` and `${A:?why}`; `$$` is a dollar sign. */
export function interpolate(text: string, variables: Readonly<Record<string, string>>): string {
  return text.replaceAll(/\$\$|\$\{(\w+)(?::([-+?])([^}]*))?\}/g, (whole, name?: string, kind?: string, word = '') => {
    if (whole === '$$') return '$'
    const value = variables[name ?? ''] ?? ''
    if (kind === '+') return value === '' ? '' : word
    if (value !== '') return value
    if (kind === '?') throw new Error(`${name}: ${word}`)
    return word
  })
}

/** Names of the variables in a file. */
export const variablesOf = (file: string): string[] => [
  ...new Set([...textOf(file).matchAll(/\$\{(\w+)/g)].map((m) => m[1] as string)),
]

/** What `.env.example` gives. */
export const exampleVariables = (): Record<string, string> => parseEnv(textOf('.env.example')) as Record<string, string>

/** A size such as 512m or 2g, in MiB. */
export function mebibytes(text: string): number {
  const m = /^(\d+)([mg])$/.exec(text)
  if (m === null) throw new Error(`not a size in m or g: ${text}`)
  return Number(m[1]) * (m[2] === 'g' ? 1024 : 1)
}
