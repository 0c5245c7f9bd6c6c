/** An entry's detail is what was stored, as JSON. People read it as a sentence. */

import type { Format } from '../language/format'
import type { Catalogue } from '../language/ko'
import { STATES } from '../severity/severity'

type Fields = Record<string, unknown>

/** The actor stands in a column of its own. */
const ACTOR_AGAIN = new Set(['acknowledgedBy', 'resolvedBy'])

export function describeDetail(detail: string, t: Catalogue, format: Format): string {
  const value = parsed(detail)
  if (Array.isArray(value)) return value.map(nameOf).join(', ')
  if (typeof value !== 'object' || value === null) return detail
  return Object.entries(value as Fields)
    .filter(([key]) => !ACTOR_AGAIN.has(key))
    .map(([key, field]) => describeField(key, field, t, format))
    .join(', ')
}

function describeField(key: string, value: unknown, t: Catalogue, format: Format): string {
  if (key === 'state') return STATES.flatMap((state) => (state === value ? [t.state[state]] : []))[0] ?? String(value)
  if (key === 'mutedUntil') return typeof value === 'number' ? t.incident.muted(format.clock(value)) : t.action.unmute
  if (key === 'title') return `${t.incident.renameTitle}: ${String(value)}`
  return `${key}: ${typeof value === 'string' ? value : JSON.stringify(value)}`
}

/** Rules are known by their id. */
const nameOf = (item: unknown): string =>
  typeof item === 'object' && item !== null && 'id' in item ? String(item.id) : JSON.stringify(item)

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}
