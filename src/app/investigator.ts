/** Investigator: gives the investigate stage its sources, and keeps the reports that it and the model write. */
import { cleanQuestion } from '../knowledge/question.ts'
import { terms } from '../knowledge/tokenizer.ts'
import { EMPTY_QUERY, type LogIndex } from '../pipeline/forward/log-index.ts'
import { createFingerprinter } from '../pipeline/group/fingerprint.ts'
import { isInApp } from '../pipeline/group/frame.ts'
import type { Incident, PastIncident, Report, UiLanguage } from '../pipeline/incident.ts'
import type { ContextLine } from '../pipeline/investigate/evidence.ts'
import { createInvestigateStage } from '../pipeline/investigate/investigate-stage.ts'
import type { KnowledgeSource } from '../pipeline/knowledge.ts'
import type { LogRecord } from '../pipeline/record.ts'
import type { Clock } from '../platform/clock.ts'
import { messageOf } from '../platform/error.ts'
import type { Logger } from '../platform/logger.ts'
import type { State } from '../state/state.ts'

export interface Investigator {
  /** The best report there is: a model's, else the rules', written anew when the incident has moved on. Never fails. */
  reportOf(incident: Incident, language: UiLanguage): Promise<Report>
}

export interface InvestigatorDeps {
  readonly state: State
  readonly index: LogIndex
  readonly knowledge: KnowledgeSource
  readonly clock: Clock
  readonly logger: Logger
}

const CONTEXT_LIMIT = 500
/** A report this fresh is not written again; in an incident's first minute its surroundings still change. */
const FRESH_MS = 10_000
const SETTLED_MS = 5 * 60_000
/** Half-life of a past incident's weight: most recurrences come within 20 days (RCACopilot, EuroSys 2024). */
const HALF_LIFE_MS = 20 * 86_400_000
const SIMILAR_AT_LEAST = 0.5

export function createInvestigator(deps: InvestigatorDeps): Investigator {
  const { state, index, clock } = deps
  const investigate = createInvestigateStage({
    knowledge: deps.knowledge,
    clock,
    isOwnFrame: (frame, record) => isInApp(frame, record.exception?.language ?? 'unknown'),
    context: {
      around: async (_incident, from, to) => {
        try {
          const page = await index.search(
            { ...EMPTY_QUERY, levels: ['WARN', 'ERROR', 'FATAL'], from, to },
            CONTEXT_LIMIT,
          )
          return contextLines([...page.records].reverse())
        } catch (error) {
          // The index may be down; the incident's own lines still explain it.
          deps.logger.warn({ event: 'context_unavailable', reason: messageOf(error) })
          return []
        }
      },
    },
    history: {
      changes: (from, to) => state.changes.deploys(from, to),
      similar: (incident) => similarIncidents(incident, state, clock.now()),
    },
  })
  return {
    reportOf: async (incident, language) => {
      const known = await state.reports.best(incident.id, language)
      const now = clock.now()
      const age = known === undefined ? Number.POSITIVE_INFINITY : now - known.writtenAt
      const settled = now - incident.openedAt > SETTLED_MS && incident.state !== 'regressed'
      if (known !== undefined && (known.source === 'model' || age < FRESH_MS || (settled && age < SETTLED_MS)))
        return known
      const samples = (await state.incidents.samples(incident.id)).map(
        (record): ContextLine => ({ record, kind: incident.fingerprint, count: 1 }),
      )
      const report = await investigate(incident, samples, language)
      await state.reports.save(incident.id, report)
      return report
    },
  }
}

/** Each kind of line once, where it first appears, with how often it was seen. */
export function contextLines(records: readonly LogRecord[]): ContextLine[] {
  const kinds = new Map<string, { record: LogRecord; kind: string; count: number }>()
  const fingerprints = createFingerprinter()(records)
  for (const [i, record] of records.entries()) {
    const kind = fingerprints[i]?.kin[0] ?? record.id
    const known = kinds.get(kind)
    if (known === undefined) kinds.set(kind, { record, kind, count: 1 })
    else known.count++
  }
  return [...kinds.values()]
}

/** Incidents of the past that read alike, the likeliest first; what a person wrote as the fix comes with them. */
async function similarIncidents(incident: Incident, state: State, now: number): Promise<Omit<PastIncident, 'id'>[]> {
  const words = new Set(terms(cleanQuestion(`${incident.title} ${incident.template}`)))
  const past = await state.incidents.list({ states: ['resolved', 'quiet'], limit: 300 })
  const rated = past
    .filter((other) => other.id !== incident.id && other.firstSeen < incident.firstSeen)
    .map((other) => ({
      other,
      similarity: overlap(words, new Set(terms(cleanQuestion(`${other.title} ${other.template}`)))),
    }))
    .filter((entry) => entry.similarity >= SIMILAR_AT_LEAST)
    .map((entry) => ({ ...entry, weight: entry.similarity * 2 ** (-(now - entry.other.lastSeen) / HALF_LIFE_MS) }))
    .sort((a, b) => b.weight - a.weight)
    .slice(0, 3)
  return Promise.all(
    rated.map(async ({ other, similarity }) => {
      const fix = (await state.feedback.of(other.id)).find((entry) => entry.hypothesis === 'fix')?.note ?? undefined
      return {
        incident: other.id,
        title: other.title,
        lastSeen: other.lastSeen,
        similarity: Math.round(similarity * 100) / 100,
        ...(fix === undefined ? {} : { fix }),
      }
    }),
  )
}

function overlap(a: ReadonlySet<string>, b: ReadonlySet<string>): number {
  if (a.size === 0 || b.size === 0) return 0
  const both = [...a].filter((word) => b.has(word)).length
  return both / (a.size + b.size - both)
}
