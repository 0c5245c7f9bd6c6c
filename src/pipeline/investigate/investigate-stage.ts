/** Investigate: an incident and the lines around it to a report, without waiting for anything that can be down. */
import type { Clock } from '../../platform/clock.ts'
import { withoutFreeText } from '../free-text.ts'
import type { Change, Incident, PastIncident, Report, UiLanguage } from '../incident.ts'
import type { KnowledgeSource } from '../knowledge.ts'
import type { LogRecord, StackFrame } from '../record.ts'
import {
  CONTEXT_AFTER_MS,
  CONTEXT_BEFORE_MS,
  type ContextLine,
  type ContextSource,
  chooseEvidence,
} from './evidence.ts'
import { writeRuleReport } from './rule-report.ts'

/** What else happened: deploys, and incidents of the past that look alike. */
export interface HistorySource {
  changes(from: number, to: number): Promise<readonly Omit<Change, 'id'>[]>
  similar(incident: Incident, language: UiLanguage): Promise<readonly Omit<PastIncident, 'id'>[]>
}

export interface InvestigateDeps {
  readonly context: ContextSource
  readonly knowledge: KnowledgeSource
  readonly history: HistorySource
  readonly clock: Clock
  /** Tells the team's own code from libraries. */
  readonly isOwnFrame: (frame: StackFrame, record: LogRecord) => boolean
}

export type InvestigateStage = (
  incident: Incident,
  samples: readonly ContextLine[],
  language: UiLanguage,
) => Promise<Report>

const CHANGES_BEFORE_MS = 2 * 3_600_000

export function createInvestigateStage(deps: InvestigateDeps): InvestigateStage {
  return async function investigate(incident, samples, language) {
    const from = incident.firstSeen - CONTEXT_BEFORE_MS
    const to = incident.firstSeen + CONTEXT_AFTER_MS
    const [context, changes, past] = await Promise.all([
      deps.context.around(incident, from, to),
      deps.history.changes(incident.firstSeen - CHANGES_BEFORE_MS, to),
      deps.history.similar(incident, language),
    ])
    const first = samples[0]?.record
    const evidence = chooseEvidence(incident, samples, context)
    const ownTexts = first === undefined ? [incident.title] : textsOf(first)
    const own = first?.exception?.causes.at(-1) ?? first?.exception
    const place = first === undefined ? undefined : placeOf(first, deps.isOwnFrame)
    const kind = withoutFreeText(incident.template)
    const knowledge = await deps.knowledge.search({
      parts: [
        { text: own === undefined ? kind : `${own.type} ${withoutFreeText(own.message)}`, weight: 1 },
        { text: kind, weight: 0.8 },
        { text: place ?? '', weight: 0.3 },
        ...evidence
          .filter((item) => item.role === 'precursor' || item.role === 'cascade')
          .map((item) => ({ text: item.text, weight: 0.3 })),
      ],
      language,
      limit: 5,
    })
    const near = changes.filter(
      (change) => change.service === incident.service || evidence.some((item) => item.service === change.service),
    )
    return writeRuleReport({
      incident,
      language,
      evidence,
      ownTexts,
      ...(place === undefined ? {} : { place }),
      knowledge,
      runbookOf: (id) => deps.knowledge.get(id, language),
      past: past.slice(0, 3).map((item, i) => ({ id: `I${i + 1}`, ...item })),
      changes: near.slice(0, 5).map((item, i) => ({ id: `C${i + 1}`, ...item })),
      now: deps.clock.now(),
    })
  }
}

/** Root cause first: it says more than what wraps it. */
function textsOf(record: LogRecord): string[] {
  const chain = record.exception
  const causes =
    chain === undefined ? [] : [...chain.causes].reverse().map((cause) => `${cause.type}: ${cause.message}`)
  return [...causes, ...(chain === undefined ? [] : [`${chain.type}: ${chain.message}`]), record.message, record.body]
}

function placeOf(record: LogRecord, isOwn: InvestigateDeps['isOwnFrame']): string | undefined {
  const exceptions =
    record.exception === undefined ? [] : [...record.exception.causes].reverse().concat(record.exception)
  for (const exception of exceptions) {
    const frame = exception.frames.find((candidate) => isOwn(candidate, record))
    if (frame !== undefined)
      return `${frame.function}${frame.file === undefined ? '' : ` (${frame.file.split(/[\\/]/).at(-1)}${frame.line === undefined ? '' : `:${frame.line}`})`}`
  }
  return undefined
}
