import type { IncidentRow } from '../api/nouns'

export const SORTS = ['last', 'severity', 'count', 'first'] as const
export type Sort = (typeof SORTS)[number]

export const isSort = (text: string | undefined): text is Sort => SORTS.some((sort) => sort === text)

const ORDER: Record<Sort, (a: IncidentRow, b: IncidentRow) => number> = {
  last: (a, b) => b.lastSeen - a.lastSeen,
  severity: (a, b) => a.severity.localeCompare(b.severity) || b.lastSeen - a.lastSeen,
  count: (a, b) => b.count - a.count,
  first: (a, b) => b.firstSeen - a.firstSeen,
}

export const sortRows = (rows: readonly IncidentRow[], sort: Sort): IncidentRow[] => [...rows].sort(ORDER[sort])
