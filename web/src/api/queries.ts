/** What the screens read. The first part of each key is what the live stream invalidates. */
import { infiniteQueryOptions, keepPreviousData, queryOptions } from '@tanstack/react-query'
import { api, ask, given } from './client'
import type { UiLanguage } from './nouns'

/** Absolute times, or a span that ends now and so moves with the clock. */
export interface TimeWindow {
  from?: number | undefined
  to?: number | undefined
  span?: number | undefined
}

export interface IncidentFilter extends TimeWindow {
  state: readonly string[]
  severity: readonly string[]
  service: readonly string[]
  namespace: readonly string[]
  version: readonly string[]
  q: string
}

/** All that are not merged into others. */
export const EVERY_INCIDENT: IncidentFilter = {
  state: [],
  severity: [],
  service: [],
  namespace: [],
  version: [],
  q: '',
}

export interface LogFilter extends TimeWindow {
  q: string
  level: readonly string[]
  service: readonly string[]
}

const PAGE = 200

const bounds = ({ from, to, span }: TimeWindow): { from?: number | undefined; to?: number | undefined } =>
  span === undefined ? { from, to } : { from: Date.now() - span }

export const statusQuery = queryOptions({
  queryKey: ['status'],
  queryFn: ({ signal }) => ask(api.GET('/api/status', { signal })),
  staleTime: 60_000,
})

export const incidentsQuery = (filter: IncidentFilter) =>
  queryOptions({
    queryKey: ['incidents', filter],
    queryFn: ({ signal }) => {
      const { q, state, severity, service, namespace, version } = filter
      const query = given({ q, state, severity, service, namespace, version, ...bounds(filter) })
      return ask(api.GET('/api/incidents', { params: { query }, signal }))
    },
    placeholderData: keepPreviousData,
    refetchInterval: 30_000,
  })

export const incidentQuery = (id: string, lang: UiLanguage) =>
  queryOptions({
    queryKey: ['incident', id, lang],
    queryFn: ({ signal }) => ask(api.GET('/api/incidents/{id}', { params: { path: { id }, query: { lang } }, signal })),
    placeholderData: (previous) => (previous?.incident.id === id ? previous : undefined),
  })

export const logsQuery = (filter: LogFilter) =>
  infiniteQueryOptions({
    queryKey: ['logs', filter],
    queryFn: ({ pageParam, signal }) => {
      const { q, level, service } = filter
      const query = given({ q, level, service, ...bounds(filter), limit: PAGE, before: pageParam })
      return ask(api.GET('/api/logs', { params: { query }, signal }))
    },
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next,
    placeholderData: keepPreviousData,
  })

export const contextQuery = (id: string, lines: number) =>
  queryOptions({
    queryKey: ['context', id, lines],
    queryFn: ({ signal }) =>
      ask(api.GET('/api/logs/{id}/context', { params: { path: { id }, query: { lines } }, signal })),
    placeholderData: keepPreviousData,
    staleTime: 60_000,
  })

export const pipelineQuery = queryOptions({
  queryKey: ['pipeline'],
  queryFn: ({ signal }) => ask(api.GET('/api/pipeline', { signal })),
  refetchInterval: 2_000,
})

export const patternsQuery = queryOptions({
  queryKey: ['patterns'],
  queryFn: ({ signal }) => ask(api.GET('/api/patterns', { signal })),
  refetchInterval: 30_000,
})

export const knowledgeQuery = (lang: UiLanguage) =>
  queryOptions({
    queryKey: ['knowledge', 'list', lang],
    queryFn: ({ signal }) => ask(api.GET('/api/knowledge', { params: { query: { lang } }, signal })),
    staleTime: 300_000,
  })

export const documentQuery = (id: string, lang: UiLanguage) =>
  queryOptions({
    queryKey: ['knowledge', 'document', id, lang],
    queryFn: ({ signal }) => ask(api.GET('/api/knowledge/{id}', { params: { path: { id }, query: { lang } }, signal })),
    staleTime: 300_000,
  })

export const knowledgeSearchQuery = (q: string, lang: UiLanguage) =>
  queryOptions({
    queryKey: ['knowledge', 'search', q, lang],
    queryFn: ({ signal }) => ask(api.GET('/api/knowledge/search', { params: { query: { q, lang } }, signal })),
    enabled: q.trim() !== '',
    placeholderData: keepPreviousData,
  })

export const rulesQuery = queryOptions({
  queryKey: ['rules'],
  queryFn: ({ signal }) => ask(api.GET('/api/rules', { signal })),
})

export const slackQuery = queryOptions({
  queryKey: ['slack'],
  queryFn: ({ signal }) => ask(api.GET('/api/slack', { signal })),
})

export const settingsQuery = queryOptions({
  queryKey: ['settings'],
  queryFn: ({ signal }) => ask(api.GET('/api/settings', { signal })),
})

export const auditQuery = queryOptions({
  queryKey: ['audit'],
  queryFn: ({ signal }) => ask(api.GET('/api/audit', { signal })),
})
