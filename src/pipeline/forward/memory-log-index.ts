import type { LogRecord } from '../record.ts'
import { type LogIndex, type LogQuery, recordMatches, summaryRange } from './log-index.ts'

/** The log index's in-memory twin. */
export function createMemoryLogIndex(): LogIndex {
  const records = new Map<string, LogRecord>()
  const matching = (query: LogQuery): LogRecord[] =>
    [...records.values()]
      .filter((record) => recordMatches(record, query))
      .sort((a, b) => b.at - a.at || (a.id < b.id ? 1 : -1))
  return {
    write: async (batch) => {
      for (const record of batch) if (!records.has(record.id)) records.set(record.id, record)
      return []
    },
    search: async (query, limit, before) => {
      const all = matching(query)
      const start = before === undefined ? 0 : all.findIndex((record) => `${record.at}:${record.id}` === before) + 1
      const page = all.slice(start, start + limit)
      const last = page.at(-1)
      return {
        records: page,
        ...(all.length > start + limit && last !== undefined ? { next: `${last.at}:${last.id}` } : {}),
      }
    },
    summary: async (query) => {
      const all = matching(query)
      const [newest, oldest] = [all[0], all.at(-1)]
      const { from, to, stepMs } = summaryRange(
        query,
        newest === undefined || oldest === undefined ? undefined : { first: oldest.at, last: newest.at },
      )
      const levels: Record<string, number> = {}
      const services: Record<string, number> = {}
      const points = new Map<number, Record<string, number>>()
      for (const record of all) {
        const level = record.severity.text
        levels[level] = (levels[level] ?? 0) + 1
        services[record.service] = (services[record.service] ?? 0) + 1
        const step = Math.floor(record.at / stepMs) * stepMs
        const point = points.get(step) ?? {}
        point[level] = (point[level] ?? 0) + 1
        points.set(step, point)
      }
      return {
        total: all.length,
        levels,
        services,
        histogram: [...points].sort((a, b) => a[0] - b[0]).map(([at, counts]) => ({ at, counts })),
        from,
        to,
        stepMs,
      }
    },
  }
}
