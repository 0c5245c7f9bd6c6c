/** Investigator: gives the investigate stage its sources, and keeps the reports that it and the model write. */
import { within } from '../knowledge/within.ts'
import { EMPTY_QUERY, type LogIndex } from '../pipeline/forward/log-index.ts'
import { createFingerprinter } from '../pipeline/group/fingerprint.ts'
import { isInApp } from '../pipeline/group/frame.ts'
import type { Incident, Report, UiLanguage } from '../pipeline/incident.ts'
import type { ContextLine } from '../pipeline/investigate/evidence.ts'
import { createInvestigateStage, type HistorySource } from '../pipeline/investigate/investigate-stage.ts'
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
  readonly history: HistorySource
  readonly clock: Clock
  readonly logger: Logger
  /** Longest wait for lines of other services; 1.5 s. */
  readonly contextMs?: number
}

const CONTEXT_LIMIT = 500
const CONTEXT_MS = 1_500
/** A report this fresh is not written again; in an incident's first minute its surroundings still change. */
const FRESH_MS = 10_000
const SETTLED_MS = 5 * 60_000

export function createInvestigator(deps: InvestigatorDeps): Investigator {
  const { state, index, clock } = deps
  const investigate = createInvestigateStage({
    knowledge: deps.knowledge,
    clock,
    isOwnFrame: (frame, record) => isInApp(frame, record.exception?.language ?? 'unknown'),
    context: {
      around: async (_incident, from, to) => {
        try {
          // No alert waits for an index that accepts a question and does not answer it.
          const page = await within(deps.contextMs ?? CONTEXT_MS, () =>
            index.search({ ...EMPTY_QUERY, levels: ['WARN', 'ERROR', 'FATAL'], from, to }, CONTEXT_LIMIT),
          )
          return contextLines([...page.records].reverse())
        } catch (error) {
          // The index may be down; the incident's own lines still explain it.
          deps.logger.warn({ event: 'context_unavailable', reason: messageOf(error) })
          return []
        }
      },
    },
    history: deps.history,
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
