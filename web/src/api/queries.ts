/** What the screens read. The first part of each key is what the live stream invalidates. */
import { infiniteQueryOptions, keepPreviousData, queryOptions } from '@tanstack/react-query'
import { get } from './client'
import type {
  AuditEntry,
  IncidentDetail,
  IncidentList,
  KnowledgeDocument,
  KnowledgeSearch,
  LogPage,
  LogRecord,
  Notification,
  Pattern,
  Pipeline,
  RuleSet,
  Setting,
  Status,
  UiLanguage,
} from './nouns'

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

export interface LogFilter extends TimeWindow {
  q: string
  level: readonly string[]
  service: readonly string[]
}

const bounds = ({ from, to, span }: TimeWindow): { from?: number | undefined; to?: number | undefined } =>
  span === undefined ? { from, to } : { from: Date.now() - span }

export const statusQuery = queryOptions({
  queryKey: ['status'],
  queryFn: ({ signal }) => get<Status>('/api/status', {}, signal),
  staleTime: 60_000,
})

export const incidentsQuery = (filter: IncidentFilter) =>
  queryOptions({
    queryKey: ['incidents', filter],
    queryFn: ({ signal }) => {
      const { from: _from, to: _to, span: _span, ...facets } = filter
      return get<IncidentList>('/api/incidents', { ...facets, ...bounds(filter) }, signal)
    },
    placeholderData: keepPreviousData,
    refetchInterval: 30_000,
  })

export const incidentQuery = (id: string, lang: UiLanguage) =>
  queryOptions({
    queryKey: ['incident', id, lang],
    queryFn: ({ signal }) => get<IncidentDetail>(`/api/incidents/${encodeURIComponent(id)}`, { lang }, signal),
    placeholderData: (previous) => (previous?.incident.id === id ? previous : undefined),
  })

export const logsQuery = (filter: LogFilter) =>
  infiniteQueryOptions({
    queryKey: ['logs', filter],
    queryFn: ({ pageParam, signal }) =>
      get<LogPage>(
        '/api/logs',
        { q: filter.q, level: filter.level, service: filter.service, ...bounds(filter), limit: 200, before: pageParam },
        signal,
      ),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next,
    placeholderData: keepPreviousData,
  })

export const contextQuery = (id: string, lines: number) =>
  queryOptions({
    queryKey: ['context', id, lines],
    queryFn: ({ signal }) =>
      get<{ records: LogRecord[] }>(`/api/logs/${encodeURIComponent(id)}/context`, { lines }, signal),
    placeholderData: keepPreviousData,
    staleTime: 60_000,
  })

export const pipelineQuery = queryOptions({
  queryKey: ['pipeline'],
  queryFn: ({ signal }) => get<Pipeline>('/api/pipeline', {}, signal),
  refetchInterval: 2_000,
})

export const patternsQuery = queryOptions({
  queryKey: ['patterns'],
  queryFn: ({ signal }) => get<{ patterns: Pattern[] }>('/api/patterns', {}, signal),
  refetchInterval: 30_000,
})

export const knowledgeQuery = (lang: UiLanguage) =>
  queryOptions({
    queryKey: ['knowledge', 'list', lang],
    queryFn: ({ signal }) => get<{ documents: KnowledgeDocument[] }>('/api/knowledge', { lang }, signal),
    staleTime: 300_000,
  })

export const documentQuery = (id: string, lang: UiLanguage) =>
  queryOptions({
    queryKey: ['knowledge', 'document', id, lang],
    queryFn: ({ signal }) => get<KnowledgeDocument>(`/api/knowledge/${encodeURIComponent(id)}`, { lang }, signal),
    staleTime: 300_000,
  })

export const knowledgeSearchQuery = (q: string, lang: UiLanguage) =>
  queryOptions({
    queryKey: ['knowledge', 'search', q, lang],
    queryFn: ({ signal }) => get<KnowledgeSearch>('/api/knowledge/search', { q, lang }, signal),
    enabled: q.trim() !== '',
    placeholderData: keepPreviousData,
  })

export const rulesQuery = queryOptions({
  queryKey: ['rules'],
  queryFn: ({ signal }) => get<RuleSet>('/api/rules', {}, signal),
})

export const slackQuery = queryOptions({
  queryKey: ['slack'],
  queryFn: ({ signal }) => get<{ notifications: Notification[]; mode: string }>('/api/slack', {}, signal),
})

export const settingsQuery = queryOptions({
  queryKey: ['settings'],
  queryFn: ({ signal }) => get<{ settings: Setting[] }>('/api/settings', {}, signal),
})

export const auditQuery = queryOptions({
  queryKey: ['audit'],
  queryFn: ({ signal }) => get<{ entries: AuditEntry[] }>('/api/audit', {}, signal),
})
