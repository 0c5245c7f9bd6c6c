/**
 * Past incidents: which of them help with the one at hand. The same error of before comes first and is called so; the
 * others rank by likeness, age and what people said about them. Only what a person confirmed speaks for a cause.
 */
import type { Incident, PastIncident } from '../pipeline/incident.ts'
import { cleanQuestion } from './question.ts'
import { terms } from './tokenizer.ts'

/** What people said about an incident: `fix` as the hypothesis is the note of its resolution. */
export interface Verdict {
  readonly hypothesis: string
  readonly verdict: string
  readonly note: string | null
  readonly at: number
}

export interface PastOptions {
  readonly now: number
  /** A past incident of this age counts half (93.8% of recurrences come within 20 days: RCACopilot, EuroSys 2024). */
  readonly halfLifeMs: number
}

/** Below this share of words in common two incidents are not alike. */
const SIMILAR_AT_LEAST = 0.5
const CONFIRMED = 1.3
const REJECTED = 0.3
export const MAX_PAST = 3

/** The words by which incidents are compared, each once. */
export const incidentTerms = (incident: Pick<Incident, 'title' | 'template'>): readonly string[] => [
  ...new Set(terms(cleanQuestion(`${incident.title} ${incident.template}`))),
]

export interface Likeness {
  readonly incident: Incident
  /** 0 to 1: share of words in common; 1 for the same error. */
  readonly similarity: number
  readonly same: boolean
  /** Similarity times age; what people said comes later, for those that are near. */
  readonly weight: number
}

/** Those before `current` that are alike, the likeliest first. */
export function likeIncidents(current: Incident, past: readonly Incident[], options: PastOptions): Likeness[] {
  const words = new Set(incidentTerms(current))
  return past
    .filter((other) => other.id !== current.id && other.firstSeen < current.firstSeen)
    .map((other) => {
      const same = other.fingerprint === current.fingerprint
      const similarity = same ? 1 : overlap(words, new Set(incidentTerms(other)))
      return { incident: other, same, similarity, weight: similarity * recency(other.lastSeen, options) }
    })
    .filter((entry) => entry.similarity >= SIMILAR_AT_LEAST)
    .sort((a, b) => Number(b.same) - Number(a.same) || b.weight - a.weight || (a.incident.id < b.incident.id ? -1 : 1))
}

export interface Told extends Likeness {
  readonly verdicts: readonly Verdict[]
}

/** The same error first, then by likeness, age and verdict; at most `MAX_PAST`. */
export function rankTold(told: readonly Told[]): readonly Told[] {
  const weightOf = (entry: Told): number => entry.weight * factorOf(entry.verdicts)
  return [...told].sort((a, b) => Number(b.same) - Number(a.same) || weightOf(b) - weightOf(a)).slice(0, MAX_PAST)
}

/**
 * What is told of one. `causeOf` gives the text of a hypothesis of its report. A person's own words about the cause go
 * before a hypothesis that was found helpful.
 */
export function tellPast(
  { incident, similarity, same, verdicts }: Omit<Told, 'weight'>,
  causeOf: (hypothesis: string) => string | undefined,
): Omit<PastIncident, 'id'> {
  const newest = [...verdicts].sort((a, b) => b.at - a.at)
  const corrected = newest.find((entry) => entry.verdict === 'wrong' && said(entry.note) !== undefined)
  const helpful = newest.find((entry) => entry.verdict === 'helpful' && entry.hypothesis !== 'fix')
  const cause = said(corrected?.note ?? null) ?? (helpful === undefined ? undefined : causeOf(helpful.hypothesis))
  const fix = newest.map((entry) => (entry.hypothesis === 'fix' ? said(entry.note) : undefined)).find((note) => note)
  return {
    incident: incident.id,
    title: incident.title,
    lastSeen: incident.lastSeen,
    similarity: Math.round(similarity * 100) / 100,
    ...(same ? { sameError: true as const } : {}),
    ...(cause === undefined && fix === undefined ? {} : { confirmed: true as const }),
    ...(cause === undefined ? {} : { cause }),
    ...(fix === undefined ? {} : { fix }),
  }
}

const said = (note: string | null): string | undefined =>
  note === null || note.trim() === '' ? undefined : note.trim()
const recency = (at: number, { now, halfLifeMs }: PastOptions): number =>
  2 ** (-Math.max(0, now - at) / Math.max(1, halfLifeMs))

function factorOf(verdicts: readonly Verdict[]): number {
  if (verdicts.some((entry) => entry.verdict === 'helpful')) return CONFIRMED
  return verdicts.some((entry) => entry.verdict === 'wrong') ? REJECTED : 1
}

function overlap(a: ReadonlySet<string>, b: ReadonlySet<string>): number {
  if (a.size === 0 || b.size === 0) return 0
  const both = [...a].filter((word) => b.has(word)).length
  return both / (a.size + b.size - both)
}
