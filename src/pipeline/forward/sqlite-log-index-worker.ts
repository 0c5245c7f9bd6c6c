/** Log index in SQLite, one file per day of arrival, in a thread of its own. */
import { mkdirSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync, type SQLInputValue } from 'node:sqlite'
import { parentPort, workerData } from 'node:worker_threads'
import type { LogRecord } from '../record.ts'
import { type LogPage, type LogQuery, type LogSummary, summaryRange } from './log-index.ts'
import { foldCase, indexTerms, queryTerms, searchText } from './search-terms.ts'

export type IndexRequest =
  | { readonly id: number; readonly kind: 'write'; readonly records: readonly LogRecord[] }
  | {
      readonly id: number
      readonly kind: 'search'
      readonly query: LogQuery
      readonly limit: number
      readonly before?: string
    }
  | { readonly id: number; readonly kind: 'summary'; readonly query: LogQuery }
  | { readonly id: number; readonly kind: 'expire'; readonly beforeDay: string }
  | { readonly id: number; readonly kind: 'close' }

const SCHEMA = `
  create table if not exists logs (n integer primary key, id text not null unique, at integer not null, level text not null, service text not null, namespace text, pod text, trace text, body text not null, record text not null);
  create index if not exists logs_at on logs (at);
  create index if not exists logs_trace on logs (trace) where trace is not null;
  create virtual table if not exists words using fts5(terms, content='', detail=none, columnsize=0, tokenize="unicode61 remove_diacritics 0 tokenchars '_'");
`
const { folder } = workerData as { folder: string }
const port = parentPort
if (port === null) throw new Error('sqlite-log-index-worker.ts runs as a worker thread only')
mkdirSync(folder, { recursive: true })
const open = new Map<string, DatabaseSync>()

function day(name: string): DatabaseSync {
  let db = open.get(name)
  if (db === undefined) {
    db = new DatabaseSync(join(folder, `${name}.db`), { timeout: 5_000 })
    db.exec('pragma journal_mode = wal; pragma synchronous = full')
    db.exec(SCHEMA)
    open.set(name, db)
  }
  return db
}

/** Days that have a file, newest first. */
const days = (): string[] =>
  readdirSync(folder)
    .flatMap((name) => /^(\d{4}-\d{2}-\d{2})\.db$/.exec(name)?.[1] ?? [])
    .sort()
    .reverse()

function write(records: readonly LogRecord[]): void {
  const byDay = Map.groupBy(records, (record) => new Date(record.observedAt).toISOString().slice(0, 10))
  for (const [name, part] of byDay) {
    const db = day(name)
    const insert = db.prepare(
      'insert into logs (id, at, level, service, namespace, pod, trace, body, record) values (?,?,?,?,?,?,?,?,?) on conflict (id) do nothing returning n',
    )
    const insertTerms = db.prepare('insert into words (rowid, terms) values (?, ?)')
    db.exec('begin immediate')
    try {
      for (const record of part) {
        const row = insert.get(
          record.id,
          record.at,
          record.severity.text,
          record.service,
          record.resource.namespace ?? null,
          record.resource.pod ?? null,
          record.trace?.traceId ?? null,
          record.body,
          JSON.stringify(record),
        ) as { n: number } | undefined
        if (row !== undefined) insertTerms.run(row.n, indexTerms(searchText(record)).join(' '))
      }
      db.exec('commit')
    } catch (error) {
      // A full disk has ended the transaction already.
      if (db.isTransaction) db.exec('rollback')
      throw error
    }
  }
}

/** The values of the attributes; names of fields are not what a line says. */
const ATTRIBUTE_TEXT =
  "coalesce((select group_concat(case type when 'true' then 'true' when 'false' then 'false' else value end, ' ') from json_each(record, '$.attributes')), '')"

function condition(query: LogQuery): { sql: string; values: SQLInputValue[] } {
  const parts: string[] = []
  const values: SQLInputValue[] = []
  const texts = [...query.words, ...query.phrases]
  const match = new Set(texts.flatMap(queryTerms).map(({ text, prefix }) => `"${text}"${prefix ? '*' : ''}`))
  if (match.size > 0) {
    parts.push('n in (select rowid from words where words match ?)')
    values.push([...match].join(' AND '))
  }
  // Terms find candidates; the text decides. SQLite's lower() is ASCII only, as is foldCase.
  const contains = `instr(lower(body || ' ' || service || ' ' || ${ATTRIBUTE_TEXT}), ?)`
  for (const text of texts) {
    parts.push(`${contains} > 0`)
    values.push(foldCase(text))
  }
  for (const text of query.excluded) {
    parts.push(`${contains} = 0`)
    values.push(foldCase(text))
  }
  const anyOf = (column: string, list: readonly string[]): void => {
    if (list.length === 0) return
    parts.push(`${column} in (${list.map(() => '?').join(',')})`)
    values.push(...list)
  }
  anyOf('service', query.services)
  anyOf('level', query.levels)
  for (const [column, value] of [
    ['trace', query.trace],
    ['pod', query.pod],
    ['namespace', query.namespace],
  ] as const)
    if (value !== undefined) anyOf(column, [value])
  if (query.from !== undefined) {
    parts.push('at >= ?')
    values.push(query.from)
  }
  if (query.to !== undefined) {
    parts.push('at <= ?')
    values.push(query.to)
  }
  return { sql: parts.length === 0 ? '1' : parts.join(' and '), values }
}

function search(query: LogQuery, limit: number, before: string | undefined): LogPage {
  const { sql, values } = condition(query)
  const cursor = /^(\d{1,16}):(.*)$/.exec(before ?? '')
  const where = cursor === null ? sql : `${sql} and (at < ? or (at = ? and id < ?))`
  const more = cursor === null ? [] : [Number(cursor[1]), Number(cursor[1]), cursor[2] as string]
  const rows = days().flatMap(
    (name) =>
      day(name)
        .prepare(`select at, id, record from logs where ${where} order by at desc, id desc limit ?`)
        .all(...values, ...more, limit + 1) as { at: number; id: string; record: string }[],
  )
  rows.sort((a, b) => b.at - a.at || (a.id < b.id ? 1 : -1))
  const page = rows.slice(0, limit)
  const last = page.at(-1)
  return {
    records: page.map((row) => JSON.parse(row.record)),
    ...(rows.length > limit && last !== undefined ? { next: `${last.at}:${last.id}` } : {}),
  }
}

function summary(query: LogQuery): LogSummary {
  const { sql, values } = condition(query)
  const all = days()
  let total = 0
  let first = Number.POSITIVE_INFINITY
  let last = Number.NEGATIVE_INFINITY
  for (const name of all) {
    const row = day(name)
      .prepare(`select count(*) as n, min(at) as lo, max(at) as hi from logs where ${sql}`)
      .get(...values) as { n: number; lo: number | null; hi: number | null }
    total += row.n
    first = Math.min(first, row.lo ?? first)
    last = Math.max(last, row.hi ?? last)
  }
  const { from, to, stepMs } = summaryRange(query, total === 0 ? undefined : { first, last })
  const points = new Map<number, Record<string, number>>()
  const levels: Record<string, number> = {}
  const services: Record<string, number> = {}
  for (const name of all) {
    const rows = day(name)
      .prepare(
        `select (at / ${stepMs}) * ${stepMs} as step, level, service, count(*) as n from logs where ${sql} group by step, level, service`,
      )
      .all(...values) as { step: number; level: string; service: string; n: number }[]
    for (const row of rows) {
      levels[row.level] = (levels[row.level] ?? 0) + row.n
      services[row.service] = (services[row.service] ?? 0) + row.n
      const point = points.get(row.step) ?? {}
      point[row.level] = (point[row.level] ?? 0) + row.n
      points.set(row.step, point)
    }
  }
  return {
    total,
    levels,
    services,
    histogram: [...points].sort((a, b) => a[0] - b[0]).map(([at, counts]) => ({ at, counts })),
    from,
    to,
    stepMs,
  }
}

function expire(beforeDay: string): void {
  for (const name of days().filter((candidate) => candidate < beforeDay)) {
    open.get(name)?.close()
    open.delete(name)
    for (const suffix of ['', '-wal', '-shm']) rmSync(join(folder, `${name}.db${suffix}`), { force: true })
  }
}

port.on('message', (request: IndexRequest) => {
  try {
    const value =
      request.kind === 'write'
        ? write(request.records)
        : request.kind === 'search'
          ? search(request.query, request.limit, request.before)
          : request.kind === 'summary'
            ? summary(request.query)
            : request.kind === 'expire'
              ? expire(request.beforeDay)
              : undefined
    if (request.kind === 'close') for (const db of open.values()) db.close()
    port.postMessage({ id: request.id, value })
    if (request.kind === 'close') port.close()
  } catch (error) {
    port.postMessage({ id: request.id, error: (error as Error).message, code: (error as { errcode?: number }).errcode })
  }
})
