/**
 * Log index in OpenSearch: an index per day of arrival behind an alias. A record has the same id in the same index at
 * every attempt, so that whatever is sent again, it is there once.
 */
import type { Clock } from '../../platform/clock.ts'
import { CaliError } from '../../platform/error.ts'
import { type RetryPolicy, retry } from '../../platform/retry.ts'
import type { SetupStep } from '../../platform/setup-step.ts'
import type { LogRecord } from '../record.ts'
import { type LogPage, type LogSummary, type RefusedRecord, type StoredLogIndex, summaryRange } from './log-index.ts'
import { type BulkEntry, bulkEntry, inParts, sendBulk } from './opensearch-bulk.ts'
import { createOpenSearchClient, type OpenSearchAddress } from './opensearch-client.ts'
import { type LogDocument, recordOf } from './opensearch-document.ts'
import type { OpenSearchError } from './opensearch-error.ts'
import { figuresBody, rangeBody, searchBody } from './opensearch-query.ts'
import { checkVersion, createIndex, found404, openSearchSetup, putTemplate, templateState } from './opensearch-setup.ts'
import {
  dayOfIndex,
  indexOfDay,
  indexPattern,
  MAPPING_VERSION,
  type OpenSearchLayout,
  type TemplateMark,
} from './opensearch-template.ts'

export interface OpenSearchIndexOptions {
  readonly address: OpenSearchAddress
  readonly layout: OpenSearchLayout
  readonly clock: Clock
  readonly random: () => number
  /** Attempts at documents that the server was too busy for. */
  readonly retryPolicy?: RetryPolicy
}

export interface OpenSearchLogIndex extends StoredLogIndex {
  /** What `cali setup` makes: more than the template, without which nothing is written. */
  readonly setup: readonly SetupStep[]
}

const BUSY: RetryPolicy = { baseMs: 250, capMs: 5_000, attempts: 5 }
const DAY_MS = 86_400_000
const dayOf = (at: number): string => new Date(at).toISOString().slice(0, 10)

export function openOpenSearchLogIndex(options: OpenSearchIndexOptions): OpenSearchLogIndex {
  const { address, layout, clock } = options
  const client = createOpenSearchClient(address)
  /** Days whose index is there and has CALI's mapping. */
  const known = new Set<string>()
  /** Days written to since search last saw them. */
  const unseen = new Set<string>()
  let refreshed: Promise<unknown> = Promise.resolve()

  const ensureTemplate = async (): Promise<void> => {
    if ((await templateState(client, layout)) !== 'current') await putTemplate(client, layout)
  }

  /** Without the template OpenSearch would guess a mapping, and searches would answer with nothing. */
  const ensureDay = async (name: string): Promise<void> => {
    if (known.has(name)) return
    const ask = () =>
      found404(() =>
        client.call<Record<string, { mappings?: { _meta?: { cali?: TemplateMark } } }>>({
          method: 'GET',
          path: `/${name}/_mapping`,
        }),
      )
    let found = await ask()
    if (found === undefined) {
      await ensureTemplate()
      await createIndex(client, name)
      found = await ask()
    }
    if (found?.[name]?.mappings?._meta?.cali?.mapping !== MAPPING_VERSION)
      throw new CaliError(
        'index_foreign_index',
        `OpenSearch at ${client.location}: ${name} was not made by this version of CALI. Delete it (the archive has its lines), or choose another opensearch.index.`,
      )
    known.add(name)
  }

  /** Sends what is left; returns when there is nothing more that another attempt would mend. */
  const writeAll = async (entries: BulkEntry[]): Promise<RefusedRecord[]> => {
    const refused: RefusedRecord[] = []
    let rest = entries
    let broken: unknown
    await retry(
      options.retryPolicy ?? BUSY,
      async (attempt) => {
        const again: BulkEntry[] = []
        let fault: OpenSearchError | undefined
        for (const part of inParts(rest, attempt)) {
          try {
            const result = await sendBulk(client, part)
            refused.push(...result.refused)
            again.push(...result.again)
            fault ??= result.fault
          } catch (error) {
            // The whole server is away or unwilling: who called decides how long to wait for it.
            broken = error
            return
          }
        }
        rest = again
        if (fault === undefined) return
        if (fault.status === 404) known.clear()
        throw fault
      },
      { random: options.random, ...(address.signal === undefined ? {} : { signal: address.signal }) },
    )
    if (broken !== undefined) throw broken
    return refused
  }

  /** What this process wrote is found by its next search, as with SQLite. Where that is not allowed, a second later. */
  const refresh = (): Promise<unknown> => {
    if (unseen.size > 0) {
      const names = [...unseen].join(',')
      unseen.clear()
      refreshed = client
        .call({ method: 'POST', path: `/${names}/_refresh`, query: { ignore_unavailable: 'true' } })
        .catch(() => undefined)
    }
    return refreshed
  }

  const ask = async <T>(body: object): Promise<T> => {
    await refresh()
    return client.call<T>({
      method: 'POST',
      path: `/${layout.index}/_search`,
      // A part of the days must not pass for all of them.
      query: { ignore_unavailable: 'true', allow_partial_search_results: 'false' },
      body,
    })
  }

  return {
    location: `${client.location}/${layout.index}`,
    elsewhere: true,
    setup: openSearchSetup(client, layout, dayOf(clock.now())),
    prepare: async () => {
      await checkVersion(client)
      await ensureTemplate()
    },
    check: async () => {
      const version = await checkVersion(client)
      if ((await templateState(client, layout)) === 'missing')
        throw new CaliError(
          'index_not_set_up',
          `OpenSearch at ${client.location} has no index template "${layout.index}": run "cali setup".`,
        )
      const { count } = await client.call<{ count: number }>({
        method: 'GET',
        path: `/${layout.index}/_count`,
        query: { ignore_unavailable: 'true' },
      })
      return `OpenSearch ${version} at ${client.location}, alias ${layout.index}, ${count.toLocaleString('en-US')} lines`
    },
    write: async (records) => {
      // A day that retention has deleted must not come back, to be deleted again.
      const oldest = dayOf(clock.now() - layout.retentionDays * DAY_MS)
      const entries = records.flatMap((record) => {
        const day = dayOf(record.observedAt)
        return day < oldest ? [] : [bulkEntry(indexOfDay(layout.index, day), record)]
      })
      const names = new Set(entries.map((entry) => entry.index))
      for (const name of names) await ensureDay(name)
      try {
        return await writeAll(entries)
      } finally {
        for (const name of names) unseen.add(name)
      }
    },
    search: async (query, limit, before): Promise<LogPage> => {
      const cursor = /^(-?\d{1,16}):(.*)$/s.exec(before ?? '')
      const after = cursor === null ? undefined : { at: Number(cursor[1]), id: cursor[2] as string }
      const { hits } = await ask<{ hits: { hits: { _source: LogDocument }[] } }>(searchBody(query, limit + 1, after))
      const page: LogRecord[] = hits.hits.slice(0, limit).map((hit) => recordOf(hit._source))
      const last = page.at(-1)
      return {
        records: page,
        ...(hits.hits.length > limit && last !== undefined ? { next: `${last.at}:${last.id}` } : {}),
      }
    },
    summary: async (query): Promise<LogSummary> => {
      const range = await ask<RangeAnswer>(rangeBody(query))
      const { first, last } = range.aggregations ?? {}
      const { from, to, stepMs } = summaryRange(
        query,
        range.hits.total.value === 0 || first?.value == null || last?.value == null
          ? undefined
          : { first: first.value, last: last.value },
      )
      const { hits, aggregations } = await ask<FiguresAnswer>(figuresBody(query, stepMs))
      return {
        total: hits.total.value,
        levels: countsOf(aggregations?.levels),
        services: countsOf(aggregations?.services),
        histogram: (aggregations?.steps.buckets ?? []).map((step) => ({
          at: step.key,
          counts: countsOf(step.levels),
        })),
        from,
        to,
        stepMs,
      }
    },
    expire: async (beforeDay) => {
      const there = await client.call<Record<string, unknown>>({
        method: 'GET',
        path: `/${indexPattern(layout.index)}/_alias`,
        query: { allow_no_indices: 'true' },
      })
      for (const name of Object.keys(there)) {
        const day = dayOfIndex(layout.index, name)
        if (day === undefined || day >= beforeDay) continue
        await found404(() => client.call({ method: 'DELETE', path: `/${name}` }))
        known.delete(name)
      }
    },
    close: () => client.close(),
  }
}

interface Buckets {
  readonly buckets: readonly { readonly key: string; readonly doc_count: number }[]
}

interface RangeAnswer {
  readonly hits: { readonly total: { readonly value: number } }
  readonly aggregations?: Readonly<Record<'first' | 'last', { readonly value: number | null }>>
}

interface FiguresAnswer {
  readonly hits: { readonly total: { readonly value: number } }
  /** Absent while there is no day at all. */
  readonly aggregations?: {
    readonly levels: Buckets
    readonly services: Buckets
    readonly steps: { readonly buckets: readonly { readonly key: number; readonly levels: Buckets }[] }
  }
}

const countsOf = (buckets: Buckets | undefined): Record<string, number> =>
  Object.fromEntries((buckets?.buckets ?? []).map(({ key, doc_count }) => [key, doc_count]))
