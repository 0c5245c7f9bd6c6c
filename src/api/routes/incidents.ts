import { z } from 'zod'
import type { System } from '../../app/system.ts'
import { histogramStep } from '../../pipeline/forward/log-index.ts'
import { INCIDENT_SEVERITIES, INCIDENT_STATES, type Incident, type Report } from '../../pipeline/incident.ts'
import { MESSAGE_TEXTS } from '../../pipeline/notify/catalogue.ts'
import type { GroupingFault, GroupingResult, IncidentPatch, IncidentQuery } from '../../pipeline/store.ts'
import { logView } from '../log-view.ts'
import { notificationOf } from '../notification-view.ts'
import { errorSchema, incidentDetailSchema, incidentListSchema, incidentSchema, uiLanguage } from '../schema.ts'
import type { ZodApi } from '../zod-api.ts'

const list = z.string().max(2_000).optional().describe('One or more values, separated by commas')
const listQuery = z.object({
  state: list,
  severity: list,
  service: list,
  namespace: list,
  version: list,
  q: z.string().max(500).optional(),
  from: z.coerce.number().optional(),
  to: z.coerce.number().optional(),
})
const byId = z.object({ id: z.string().max(20) })
const actor = z.string().trim().min(1, 'say who you are').max(80)

type Counts = Record<string, number>
const SPARK_POINTS = 24

export function incidentRoutes(api: ZodApi, system: System): void {
  const { state } = system

  api.get(
    '/api/incidents',
    { schema: { querystring: listQuery, response: { 200: incidentListSchema } } },
    async ({ query }) => {
      const filter = queryOf(query)
      const [matching, all] = await Promise.all([state.incidents.list(filter), state.incidents.list({ limit: 2_000 })])
      const now = system.clock.now()
      const from =
        query.from ??
        Math.min(now - 3_600_000, ...matching.map((incident) => Math.max(incident.firstSeen, now - 86_400_000)))
      const to = query.to ?? now
      const stepMs = Math.max(60_000, histogramStep(from, to))
      const buckets = await state.incidents.buckets(
        matching.map((incident) => incident.id),
        from,
        to,
      )
      const severityOf = new Map(matching.map((incident) => [incident.id, incident.severity]))
      const points = new Map<number, Counts>()
      const sparks = new Map<string, number[]>()
      const sparkMs = Math.max(60_000, (to - from) / SPARK_POINTS)
      for (const { incident, minute, count } of buckets) {
        const step = Math.floor((minute * 60_000) / stepMs) * stepMs
        const counts = points.get(step) ?? {}
        const severity = severityOf.get(incident) ?? 'SEV3'
        counts[severity] = (counts[severity] ?? 0) + count
        points.set(step, counts)
        const spark = sparks.get(incident) ?? new Array<number>(SPARK_POINTS).fill(0)
        const slot = Math.min(SPARK_POINTS - 1, Math.max(0, Math.floor((minute * 60_000 - from) / sparkMs)))
        spark[slot] = (spark[slot] ?? 0) + count
        sparks.set(incident, spark)
      }
      const rows = await Promise.all(
        matching.map(async (incident) => {
          const best = (await state.reports.best(incident.id, system.language))?.hypotheses[0]
          return {
            ...view(incident, system),
            sparkline: sparks.get(incident.id) ?? new Array<number>(SPARK_POINTS).fill(0),
            ...(best === undefined ? {} : { cause: best.cause, confidence: best.confidence }),
          }
        }),
      )
      return {
        incidents: rows,
        facets: facetsOf(all),
        histogram: {
          from,
          to,
          stepMs,
          points: [...points].sort((a, b) => a[0] - b[0]).map(([at, counts]) => ({ at, counts })),
        },
        ...(system.live.lastRecordAt === undefined ? {} : { lastRecordAt: system.live.lastRecordAt }),
        now,
      }
    },
  )

  api.get(
    '/api/incidents/:id',
    {
      schema: {
        params: byId,
        querystring: z.object({ lang: uiLanguage.optional() }),
        response: { 200: incidentDetailSchema, 404: errorSchema },
      },
    },
    async ({ params, query }, reply) => {
      const incident = await state.incidents.get(params.id)
      if (incident === undefined) return reply.code(404).send(unknownIncident(params.id))
      const report = await system.investigator.reportOf(incident, query.lang ?? system.language)
      const [samples, timeline, related, notification, feedback, members] = await Promise.all([
        state.incidents.samples(incident.id),
        timelineOf(incident, report, system),
        relatedTo(incident, system),
        notificationOf(incident, report, system),
        state.feedback.of(incident.id),
        state.grouping.members(incident.id),
      ])
      return {
        incident: view(incident, system),
        report: mutable(report),
        samples: samples.map(logView).reverse(),
        timeline,
        related,
        ...(notification === undefined ? {} : { notification }),
        feedback: [...feedback],
        members: members.map((member) => ({ ...member })),
      }
    },
  )

  const change = (
    path: string,
    body: z.ZodObject,
    patchOf: (body: never, now: number) => IncidentPatch,
    after?: (id: string, body: never, now: number) => Promise<void>,
  ): void => {
    api.post(
      `/api/incidents/:id/${path}`,
      { schema: { params: byId, body, response: { 200: incidentSchema, 404: errorSchema } } },
      async (request, reply) => {
        const now = system.clock.now()
        const { id } = request.params as { id: string }
        const values = request.body as never
        const incident = await state.incidents.patch(id, patchOf(values, now), (request.body as { by: string }).by, now)
        if (incident === undefined) return reply.code(404).send(unknownIncident(id))
        await after?.(incident.id, values, now)
        system.live.publish({ type: 'incident', id: incident.id, kind: 'changed' })
        system.notify.wake()
        return view(incident, system)
      },
    )
  }
  change('acknowledge', z.object({ by: actor }), ({ by }: { by: string }) => ({
    state: 'acknowledged',
    acknowledgedBy: by,
  }))
  change(
    'resolve',
    z.object({
      by: actor,
      note: z.string().max(2_000).optional().describe('What fixed it; shown with similar incidents later'),
    }),
    ({ by }: { by: string }) => ({ state: 'resolved', resolvedBy: by }),
    async (id, { by, note }: { by: string; note?: string }, at) => {
      if (note !== undefined && note.trim() !== '')
        await state.feedback.add({
          incident: id,
          hypothesis: 'fix',
          verdict: 'helpful',
          note: system.redactor.redact(note.trim()),
          actor: by,
          at,
        })
    },
  )
  change('reopen', z.object({ by: actor }), () => ({ state: 'open' }))
  change(
    'mute',
    z.object({ by: actor, minutes: z.number().int().min(1).max(43_200) }),
    ({ minutes }: { minutes: number }, now) => ({ mutedUntil: now + minutes * 60_000 }),
  )
  change('unmute', z.object({ by: actor }), () => ({ mutedUntil: null }))
  change(
    'rename',
    z.object({ by: actor, title: z.string().trim().min(1).max(200) }),
    ({ title }: { title: string }) => ({ title: system.redactor.redact(title) }),
  )

  const regroup = (
    path: string,
    body: z.ZodObject,
    decide: (id: string, body: never) => Promise<GroupingResult>,
  ): void => {
    api.post(
      `/api/incidents/:id/${path}`,
      { schema: { params: byId, body, response: { 200: incidentSchema, 404: errorSchema, 409: errorSchema } } },
      async (request, reply) => {
        const { id } = request.params as { id: string }
        const result = await decide(id, request.body as never)
        if ('fault' in result) {
          const code = result.fault === 'no_such_incident' ? 404 : 409
          return reply
            .code(code)
            .send({ error: { code: result.fault, message: GROUPING_FAULTS[result.fault](result.id) } })
        }
        system.live.publish({ type: 'incident', id: result.incident.id, kind: 'changed' })
        system.notify.wake()
        return view(result.incident, system)
      },
    )
  }
  regroup(
    'merge',
    z.object({
      by: actor,
      incidents: z.array(z.string().max(20)).min(1).max(50).describe('What becomes part of this one'),
    }),
    (id, { by, incidents }: { by: string; incidents: string[] }) =>
      state.grouping.merge(id, incidents, by, system.clock.now()),
  )
  regroup(
    'split',
    z.object({ by: actor, fingerprint: z.string().max(64).describe('One of its members') }),
    (id, { by, fingerprint }: { by: string; fingerprint: string }) =>
      state.grouping.split(id, fingerprint, by, system.clock.now()),
  )

  api.post(
    '/api/incidents/:id/feedback',
    {
      schema: {
        params: byId,
        body: z.object({
          hypothesis: z.string().max(40),
          verdict: z.enum(['helpful', 'wrong']),
          note: z.string().max(2_000).optional(),
          by: actor,
        }),
        response: { 204: z.undefined(), 404: errorSchema },
      },
    },
    async ({ params, body }, reply) => {
      const incident = await state.incidents.get(params.id)
      if (incident === undefined) return reply.code(404).send(unknownIncident(params.id))
      const { by, note, ...rest } = body
      await state.feedback.add({
        incident: incident.id,
        ...rest,
        actor: by,
        at: system.clock.now(),
        ...(note === undefined ? {} : { note: system.redactor.redact(note) }),
      })
      return reply.code(204).send()
    },
  )
}

const unknownIncident = (id: string) => ({ error: { code: 'no_such_incident', message: `there is no incident ${id}` } })

const GROUPING_FAULTS: Readonly<Record<GroupingFault, (id: string) => string>> = {
  no_such_incident: (id) => `there is no incident ${id}`,
  same_incident: (id) => `${id} cannot be merged into itself`,
  merged_elsewhere: (id) => `${id} is part of another incident already: merge that one, or split it off first`,
  own_fingerprint: (id) => `this is the kind of error that opened ${id}: split off the others instead`,
  no_such_member: (id) => `${id} has no member with this fingerprint: see its list under "Why this grouping?"`,
}

const view = (incident: Incident, system: System) => {
  const { reasons } = MESSAGE_TEXTS[system.language]
  return {
    ...mutable(incident),
    severityReasons: incident.severityReasons.map((reason) => ({
      ...reason,
      params: { ...reason.params },
      text: reasons[reason.key](reason.params),
    })),
  }
}

/** The nouns are deeply readonly; the schemas' types are not. */
const mutable = <T>(value: T): Mutable<T> => value as Mutable<T>
type Mutable<T> = T extends readonly (infer U)[]
  ? Mutable<U>[]
  : T extends object
    ? { -readonly [K in keyof T]: Mutable<T[K]> }
    : T

function queryOf(query: z.output<typeof listQuery>): IncidentQuery {
  const split = (text: string | undefined): string[] | undefined =>
    text === undefined || text === '' ? undefined : text.split(',')
  const known = <T extends string>(text: string | undefined, values: readonly T[]): readonly T[] | undefined =>
    split(text)?.filter((item): item is T => (values as readonly string[]).includes(item))
  const [states, severities, services, namespaces, versions] = [
    known(query.state, INCIDENT_STATES),
    known(query.severity, INCIDENT_SEVERITIES),
    split(query.service),
    split(query.namespace),
    split(query.version),
  ]
  return {
    ...(states === undefined ? {} : { states }),
    ...(severities === undefined ? {} : { severities }),
    ...(services === undefined ? {} : { services }),
    ...(namespaces === undefined ? {} : { namespaces }),
    ...(versions === undefined ? {} : { versions }),
    ...(query.q === undefined ? {} : { text: query.q }),
    ...(query.from === undefined ? {} : { from: query.from }),
    ...(query.to === undefined ? {} : { to: query.to }),
  }
}

function facetsOf(incidents: readonly Incident[]): {
  state: Counts
  severity: Counts
  service: Counts
  namespace: Counts
  version: Counts
} {
  const facets = {
    state: {} as Counts,
    severity: {} as Counts,
    service: {} as Counts,
    namespace: {} as Counts,
    version: {} as Counts,
  }
  const add = (counts: Counts, key: string): void => {
    counts[key] = (counts[key] ?? 0) + 1
  }
  for (const incident of incidents) {
    add(facets.state, incident.state)
    add(facets.severity, incident.severity)
    add(facets.service, incident.service)
    for (const namespace of incident.namespaces) add(facets.namespace, namespace)
    for (const version of incident.versions) add(facets.version, version)
  }
  return facets
}

async function timelineOf(incident: Incident, report: Report, system: System) {
  const from = incident.firstSeen - 10 * 60_000
  const to = Math.max(incident.lastSeen + 60_000, incident.firstSeen + 10 * 60_000)
  const stepMs = Math.max(60_000, histogramStep(from, to))
  const counts = new Map<number, number>()
  for (const { minute, count } of await system.state.incidents.buckets([incident.id], from, to)) {
    const step = Math.floor((minute * 60_000) / stepMs) * stepMs
    counts.set(step, (counts.get(step) ?? 0) + count)
  }
  const deploys = (await system.state.changes.deploys(from - 3_600_000, to)).filter(
    (change) => change.service === incident.service,
  )
  const before = report.evidence
    .filter((item) => item.role === 'precursor' || item.role === 'cascade' || item.role === 'change')
    .map((item) => item.at)
  return {
    from,
    to,
    stepMs,
    points: [...counts].sort((a, b) => a[0] - b[0]).map(([at, count]) => ({ at, count })),
    deploys: deploys.map((change) => ({ ...change })),
    firstAnomalyAt: Math.min(incident.firstSeen, ...before),
  }
}

/** Incidents of the same request or the same minute. */
async function relatedTo(incident: Incident, system: System) {
  const near = await system.state.incidents.list({
    from: incident.firstSeen - 300_000,
    to: incident.lastSeen + 60_000,
    limit: 200,
  })
  const traces = new Set(incident.traceIds)
  return near
    .filter((other) => other.id !== incident.id)
    .flatMap((other) => {
      const why = other.traceIds.some((id) => traces.has(id))
        ? ('same_trace' as const)
        : Math.abs(other.firstSeen - incident.firstSeen) < 120_000
          ? ('same_time' as const)
          : undefined
      return why === undefined
        ? []
        : [
            {
              id: other.id,
              title: other.title,
              service: other.service,
              severity: other.severity,
              state: other.state,
              count: other.count,
              firstSeen: other.firstSeen,
              why,
            },
          ]
    })
    .sort(
      (a, b) =>
        Number(b.why === 'same_trace') - Number(a.why === 'same_trace') ||
        Math.abs(a.firstSeen - incident.firstSeen) - Math.abs(b.firstSeen - incident.firstSeen),
    )
    .slice(0, 8)
}
