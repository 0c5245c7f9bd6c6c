/** The Fluent Bit configurations of `deploy/fluent-bit`, read without a Fluent Bit: pipelines, parsers, variables. */
import { readFileSync } from 'node:fs'
import { matchesGlob, posix } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parse } from 'yaml'

export const CLASSIC = 'classic/files-to-kinesis.conf'
export const FILES = ['files-to-kinesis.yaml', 'files-to-http.yaml', CLASSIC]
export const KUBERNETES = ['kubernetes-to-kinesis.yaml', 'kubernetes-to-http.yaml']
export const PIPELINES = [...FILES, ...KUBERNETES]
export const CONTAINER_ID = 'a'.repeat(64)

export const FOLDER = fileURLToPath(new URL('../../deploy/fluent-bit/', import.meta.url))
export const readDeployed = (name: string): string => readFileSync(FOLDER + name, 'utf8').replaceAll('\r\n', '\n')

/** One plugin or section, keys in lower case; a key that stands several times has all its values. */
export type Section = ReadonlyMap<string, readonly string[]>

export interface Pipeline {
  readonly service: Section
  readonly inputs: readonly Section[]
  /** Processors of the inputs; the classic form has none. */
  readonly processors: readonly Section[]
  readonly filters: readonly Section[]
  readonly outputs: readonly Section[]
}

export interface MultilineRule {
  readonly state: string
  readonly regex: string
  readonly next: string
}

export interface Parsers {
  readonly headers: ReadonlyMap<string, Section>
  readonly multiline: ReadonlyMap<string, { readonly section: Section; readonly rules: readonly MultilineRule[] }>
}

/** The value of a key that stands once. */
export function setting(section: Section, key: string): string | undefined {
  const values = section.get(key)
  if (values !== undefined && values.length !== 1) throw new Error(`${key} stands ${values.length} times`)
  return values?.[0]
}

/** A time such as `30s`. */
export const seconds = (text: string | undefined): number => Number(text?.replace(/s$/, ''))

/** The section of a list that has just one. */
export function only(sections: readonly Section[]): Section {
  const [section] = sections
  if (section === undefined || sections.length !== 1) throw new Error(`${sections.length} sections instead of one`)
  return section
}

/** The one plugin of this name. */
export const named = (sections: readonly Section[], name: string): Section =>
  only(sections.filter((section) => setting(section, 'name') === name))

export function readPipeline(name: string): Pipeline {
  return name.endsWith('.conf') ? classicPipeline(readDeployed(name)) : yamlPipeline(readDeployed(name))
}

export function readParsers(...names: readonly string[]): Parsers {
  const all = names.map((name) =>
    name.endsWith('.conf') ? classicParsers(readDeployed(name)) : yamlParsers(readDeployed(name)),
  )
  return {
    headers: new Map(all.flatMap((parsers) => [...parsers.headers])),
    multiline: new Map(all.flatMap((parsers) => [...parsers.multiline])),
  }
}

/** Names in `${...}`, comments left out. */
export function variablesIn(text: string): string[] {
  const code = text.replaceAll(/(^|\s)#.*$/gm, '')
  return [...new Set([...code.matchAll(/\$\{(\w+)\}/g)].map((m) => m[1] as string))].sort()
}

/** What `.env.example` sets. */
export function exampleEnvironment(): Record<string, string> {
  return Object.fromEntries(
    readDeployed('.env.example')
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith('#'))
      .map((line) => {
        const at = line.indexOf('=')
        return [line.slice(0, at), line.slice(at + 1)]
      }),
  )
}

/** A pattern of Fluent Bit, `/.../` with flags, as one of JavaScript. `^` is the beginning of any line in both. */
export function toRegExp(pattern: string): RegExp {
  const m = /^\/(.*)\/(i?)$/s.exec(pattern)
  if (m === null) throw new Error(`not written as /.../: ${pattern}`)
  return new RegExp(m[1] as string, `m${m[2]}`)
}

/**
 * Events as the multi-line engine makes them of lines that come without a pause: a line that opens one, lines that
 * continue it; a line that does neither is an event of its own.
 */
export function joinLines(rules: readonly MultilineRule[], lines: readonly string[]): string[] {
  const [opens, continues] = ['start_state', 'cont'].map((state) => {
    const rule = rules.find((candidate) => candidate.state === state)
    if (rule === undefined || rule.next !== 'cont') throw new Error(`no rule ${state} that leads to cont`)
    return toRegExp(rule.regex)
  }) as [RegExp, RegExp]
  const events: string[] = []
  let open = false
  for (const line of lines) {
    if (open && continues.test(line)) events.push(`${events.pop()}\n${line}`)
    else {
      open = opens.test(line)
      events.push(line)
    }
  }
  return events
}

type Plain = Record<string, unknown>

function yamlPipeline(text: string): Pipeline {
  const { service, pipeline } = parse(text) as { service: Plain; pipeline: Record<string, Plain[]> }
  const inputs = pipeline['inputs'] ?? []
  return {
    service: toSection(service),
    inputs: inputs.map(({ processors: _, ...input }) => toSection(input)),
    processors: inputs.flatMap(({ processors }) =>
      Object.values((processors ?? {}) as Record<string, Plain[]>).flatMap((list) => list.map(toSection)),
    ),
    filters: (pipeline['filters'] ?? []).map(toSection),
    outputs: (pipeline['outputs'] ?? []).map(toSection),
  }
}

function yamlParsers(text: string): Parsers {
  const root = parse(text) as { parsers: Plain[]; multiline_parsers: (Plain & { rules: Plain[] })[] }
  return {
    headers: new Map(root.parsers.map((parser) => [String(parser['name']), toSection(parser)])),
    multiline: new Map(
      root.multiline_parsers.map(({ rules, ...parser }) => [
        String(parser['name']),
        {
          section: toSection(parser),
          rules: rules.map((rule) => ({
            state: String(rule['state']),
            regex: String(rule['regex']),
            next: String(rule['next_state']),
          })),
        },
      ]),
    ),
  }
}

function toSection(plain: Plain): Section {
  return new Map(
    Object.entries(plain).map(([key, value]) => [
      key.toLowerCase(),
      Array.isArray(value) ? value.map(String) : [String(value)],
    ]),
  )
}

function classicSections(text: string): { kind: string; entries: [key: string, value: string][] }[] {
  const sections: { kind: string; entries: [string, string][] }[] = []
  for (const line of text.split('\n')) {
    if (/^\s*(?:#|$)/.test(line)) continue
    const head = /^\[(\w+)\]$/.exec(line)?.[1]
    if (head !== undefined) sections.push({ kind: head, entries: [] })
    else {
      const entry = /^ {4}(\S+)\s+(.*)$/.exec(line)
      if (entry === null) throw new Error(`neither a section nor a setting: ${line}`)
      sections.at(-1)?.entries.push([(entry[1] as string).toLowerCase(), entry[2] as string])
    }
  }
  return sections
}

function classicSection(entries: readonly [string, string][]): Section {
  const section = new Map<string, string[]>()
  for (const [key, value] of entries) {
    const plain = /^(?:On|Off)$/.test(value) ? value.toLowerCase() : value
    section.set(key, [...(section.get(key) ?? []), plain])
  }
  return section
}

function classicPipeline(text: string): Pipeline {
  const sections = classicSections(text)
  const of = (kind: string): Section[] =>
    sections.filter((section) => section.kind === kind).map((section) => classicSection(section.entries))
  const [service] = of('SERVICE')
  if (service === undefined) throw new Error('no [SERVICE]')
  return { service, inputs: of('INPUT'), processors: [], filters: of('FILTER'), outputs: of('OUTPUT') }
}

function classicParsers(text: string): Parsers {
  const headers = new Map<string, Section>()
  const multiline = new Map<string, { section: Section; rules: MultilineRule[] }>()
  for (const { kind, entries } of classicSections(text)) {
    const section = classicSection(entries.filter(([key]) => key !== 'rule'))
    const name = setting(section, 'name') ?? ''
    if (kind === 'PARSER') headers.set(name, section)
    if (kind !== 'MULTILINE_PARSER') continue
    const rules = entries
      .filter(([key]) => key === 'rule')
      .map(([, rule]) => {
        // What stands between quotation marks ends at the next one: a pattern cannot hold any.
        const m = /^"([^"]+)"\s+"([^"]+)"\s+"([^"]+)"$/.exec(rule)
        if (m === null) throw new Error(`not a rule of three parts in quotation marks: ${rule}`)
        return { state: m[1] as string, regex: m[2] as string, next: m[3] as string }
      })
    multiline.set(name, { section, rules })
  }
  return { headers, multiline }
}

/** Whether a configuration reads a file of its folder. */
export function reads(name: string): (file: string) => boolean {
  const input = only(readPipeline(name).inputs)
  const path = expanded(setting(input, 'path') ?? '')
  const excluded = expanded(setting(input, 'exclude_path') ?? '').split(',')
  return (file) => {
    const whole = posix.join(posix.dirname(path), file)
    return matchesGlob(whole, path) && !excluded.some((pattern) => matchesGlob(whole, pattern))
  }
}

/** Variables replaced by what `.env.example` gives them. */
function expanded(text: string): string {
  const environment = exampleEnvironment()
  return text.replaceAll(/\$\{(\w+)\}/g, (_, name: string) => environment[name] ?? '')
}
