import { z } from 'zod'
import type { System } from '../../app/system.ts'
import { EMPTY_QUERY, type LogQuery, parseLogQuery } from '../../pipeline/forward/log-index.ts'
import type { SeverityText } from '../../pipeline/record.ts'
import { logView } from '../log-view.ts'
import { errorSchema, logLevel, logPageSchema, logRecordSchema } from '../schema.ts'
import type { ZodApi } from '../zod-api.ts'

const searchQuery = z.object({
  q: z
    .string()
    .max(1_000)
    .default('')
    .describe('Words, "a phrase", -word, service:x, level:error, trace:…, pod:…, namespace:…'),
  level: z.string().max(100).optional(),
  service: z.string().max(2_000).optional(),
  from: z.coerce.number().optional(),
  to: z.coerce.number().optional(),
  limit: z.coerce.number().int().min(1).max(500).default(100),
  before: z.string().max(400).optional(),
})
const LEVELS = new Set<string>(logLevel.options)
const CONTEXT_MS = 10 * 60_000

export function logRoutes(api: ZodApi, { index, state }: System): void {
  api.get(
    '/api/logs',
    { schema: { querystring: searchQuery, response: { 200: logPageSchema } } },
    async ({ query }) => {
      const filter = logQueryOf(query)
      const [page, summary] = await Promise.all([
        index.search(filter, query.limit, query.before),
        index.summary(filter),
      ])
      return {
        records: page.records.map(logView),
        histogram: {
          from: summary.from,
          to: summary.to,
          stepMs: summary.stepMs,
          points: summary.histogram.map(({ at, counts }) => ({ at, counts: { ...counts } })),
        },
        facets: { level: { ...summary.levels }, service: { ...summary.services } },
        total: summary.total,
        ...(page.next === undefined ? {} : { next: page.next }),
      }
    },
  )

  api.get(
    '/api/logs/:id/context',
    {
      schema: {
        params: z.object({ id: z.string().max(400) }),
        querystring: z.object({ lines: z.coerce.number().int().min(1).max(100).default(10) }),
        response: { 200: z.object({ records: z.array(logRecordSchema) }), 404: errorSchema },
      },
    },
    async ({ params, query }, reply) => {
      const centre = await findRecord(params.id)
      if (centre === undefined)
        return reply
          .code(404)
          .send({ error: { code: 'no_such_line', message: 'the line is no longer in the log index' } })
      const same = {
        ...EMPTY_QUERY,
        services: [centre.service],
        ...(centre.resource.pod === undefined ? {} : { pod: centre.resource.pod }),
      }
      const [before, after] = await Promise.all([
        index.search({ ...same, from: centre.at - CONTEXT_MS, to: centre.at }, query.lines + 1),
        index.search({ ...same, from: centre.at, to: centre.at + CONTEXT_MS }, 500),
      ])
      const around = new Map(
        [...before.records, ...after.records.slice(-query.lines - 1), centre].map((record) => [record.id, record]),
      )
      return { records: [...around.values()].sort((a, b) => a.at - b.at).map(logView) }
    },
  )

  /** By id: in the index's recent past, else among the samples of incidents. */
  async function findRecord(id: string) {
    const row = await state.db.selectFrom('samples').select('record').where('record_id', '=', id).executeTakeFirst()
    if (row !== undefined) return JSON.parse(row.record) as Awaited<ReturnType<typeof index.search>>['records'][number]
    const page = await index.search({ ...EMPTY_QUERY, phrases: [id.replace(/^edge:|^event:/, '')] }, 20)
    return page.records.find((record) => record.id === id)
  }
}

/** The search text, with what facets add to it. */
export function logQueryOf(query: {
  q: string
  level?: string | undefined
  service?: string | undefined
  from?: number | undefined
  to?: number | undefined
}): LogQuery {
  const parsed = parseLogQuery(query.q)
  const levels = [
    ...parsed.levels,
    ...((query.level ?? '')
      .toUpperCase()
      .split(',')
      .filter((level) => LEVELS.has(level)) as SeverityText[]),
  ]
  const services = [...parsed.services, ...(query.service ?? '').split(',').filter((service) => service !== '')]
  return {
    ...parsed,
    levels,
    services,
    ...(query.from === undefined ? {} : { from: query.from }),
    ...(query.to === undefined ? {} : { to: query.to }),
  }
}
