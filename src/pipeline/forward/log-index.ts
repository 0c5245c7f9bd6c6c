/** Log index: the lines that people search. */
import type { LogRecord, SeverityText } from '../record.ts'
import { foldCase, holdsTerms, indexTerms, searchText } from './search-terms.ts'

export interface LogQuery {
  /** Parsed by parseLogQuery. */
  readonly words: readonly string[]
  readonly phrases: readonly string[]
  readonly excluded: readonly string[]
  readonly services: readonly string[]
  readonly levels: readonly SeverityText[]
  readonly trace?: string
  readonly pod?: string
  readonly namespace?: string
  /** Event time, Unix milliseconds. */
  readonly from?: number
  readonly to?: number
}

export interface LogPage {
  /** Newest first. */
  readonly records: readonly LogRecord[]
  readonly next?: string
}

export interface LogSummary {
  readonly total: number
  readonly levels: Readonly<Record<string, number>>
  readonly services: Readonly<Record<string, number>>
  /** Counts by level per step of time. */
  readonly histogram: readonly { readonly at: number; readonly counts: Readonly<Record<string, number>> }[]
  readonly from: number
  readonly to: number
  readonly stepMs: number
}

/** A record that the index can never take, and why. */
export interface RefusedRecord {
  readonly record: LogRecord
  readonly reason: string
}

export interface LogIndex {
  /**
   * Stores records; one that is there already (same id, same day of arrival) is left as it is. When it resolves they
   * are durable and found by this index's own searches, except for those that it returns: no repetition helps those.
   * Throws when it could not store all the others; the same call may be made again.
   */
  write(records: readonly LogRecord[]): Promise<readonly RefusedRecord[]>
  /** Matching records before the cursor, newest first. */
  search(query: LogQuery, limit: number, before?: string): Promise<LogPage>
  /** Figures over all matches, not only the page. */
  summary(query: LogQuery): Promise<LogSummary>
}

/** An index as the program owns it. */
export interface StoredLogIndex extends LogIndex {
  /** Where it is, for people: "SQLite" or an address without credentials. */
  readonly location: string
  /** True: behind a network. It may be away for long while everything else works. */
  readonly elsewhere: boolean
  /** Makes what it needs to be written to, where it may. Throws what a person must mend. */
  prepare(): Promise<void>
  /** Removes the days of arrival before this one (YYYY-MM-DD, UTC). */
  expire(beforeDay: string): Promise<void>
  /** Says what answers; throws what is wrong with it. Changes nothing. */
  check(): Promise<string>
  close(): Promise<void>
}

export const EMPTY_QUERY: LogQuery = { words: [], phrases: [], excluded: [], services: [], levels: [] }

/**
 * Reads what a person types: words (all must occur), "a phrase", -word, service:x, level:error, trace:…, pod:…,
 * namespace:…. Never throws: what is no known field is a word.
 */
export function parseLogQuery(text: string): LogQuery {
  const query = {
    words: [] as string[],
    phrases: [] as string[],
    excluded: [] as string[],
    services: [] as string[],
    levels: [] as SeverityText[],
  }
  const fields: Record<string, string> = {}
  for (const m of text
    .slice(0, 1_000)
    .matchAll(/(-?)(?:"([^"]{1,300})"|(service|level|trace|pod|namespace):("[^"]{0,200}"|\S{1,200})|(\S{1,200}))/g)) {
    const [, minus, phrase, field, value, word] = m
    if (field !== undefined && value !== undefined) {
      const plain = value.replace(/^"|"$/g, '')
      if (field === 'service') query.services.push(...plain.split(','))
      else if (field === 'level') query.levels.push(...(plain.toUpperCase().split(',') as SeverityText[]))
      else fields[field] = plain
    } else if (minus === '-') query.excluded.push((phrase ?? word) as string)
    else if (phrase !== undefined) query.phrases.push(phrase)
    else if (word !== undefined) query.words.push(word)
  }
  return { ...query, ...fields }
}

/** Steps of a histogram that people can read. */
export function histogramStep(from: number, to: number): number {
  const steps = [
    1_000, 5_000, 10_000, 30_000, 60_000, 300_000, 600_000, 1_800_000, 3_600_000, 10_800_000, 43_200_000, 86_400_000,
  ]
  return steps.find((step) => (to - from) / step <= 72) ?? 7 * 86_400_000
}

/** The span that the figures are told for: as asked for, else that of the matches, if there are any. */
export function summaryRange(
  query: LogQuery,
  matches: { readonly first: number; readonly last: number } | undefined,
): { readonly from: number; readonly to: number; readonly stepMs: number } {
  const to = query.to ?? matches?.last ?? 0
  const from = query.from ?? matches?.first ?? to
  return { from, to, stepMs: histogramStep(from, Math.max(to, from + 1)) }
}

/**
 * Whether a record answers a query: the meaning that every index shares. A word is found where a word of the record,
 * or a part of one, begins so; a word that is left out may stand anywhere.
 */
export function recordMatches(record: LogRecord, query: LogQuery): boolean {
  const text = foldCase(searchText(record))
  const has = (word: string): boolean => text.includes(foldCase(word))
  const wanted = [...query.words, ...query.phrases]
  return (
    wanted.every(has) &&
    !query.excluded.some(has) &&
    (query.services.length === 0 || query.services.includes(record.service)) &&
    (query.levels.length === 0 || query.levels.includes(record.severity.text)) &&
    (query.trace === undefined || record.trace?.traceId === query.trace) &&
    (query.pod === undefined || record.resource.pod === query.pod) &&
    (query.namespace === undefined || record.resource.namespace === query.namespace) &&
    (query.from === undefined || record.at >= query.from) &&
    (query.to === undefined || record.at <= query.to) &&
    // Last, because it costs most.
    holdsAllTerms(record, wanted)
  )
}

function holdsAllTerms(record: LogRecord, words: readonly string[]): boolean {
  if (words.length === 0) return true
  const terms = indexTerms(searchText(record))
  return words.every((word) => holdsTerms(terms, word))
}
