/** Evidence: the few lines that show what happened and why, chosen from the lines around an incident. */
import type { Evidence, Incident } from '../incident.ts'
import { compareSequences, type LogRecord, SEVERITY } from '../record.ts'
import { type CauseRule, CHANGE_LINE, matchCause } from './cause-rule.ts'

/** A line with how often its kind was seen, as the source of context gives it. */
export interface ContextLine {
  readonly record: LogRecord
  /** Fingerprint of the line's kind, to show each kind once. */
  readonly kind: string
  readonly count: number
  readonly file?: string
  readonly line?: number
}

/** Where lines around an incident come from: the log index, or the file under triage. */
export interface ContextSource {
  /** Warnings, errors and changes in [from, to], of all services, each kind at its first appearance, in time order. */
  around(incident: Incident, from: number, to: number): Promise<readonly ContextLine[]>
}

export const CONTEXT_BEFORE_MS = 10 * 60_000
export const CONTEXT_AFTER_MS = 2 * 60_000
/** A cascade spreads in seconds: an error elsewhere this shortly before may be the root. */
const CASCADE_MS = 60_000
/** How far the clocks of two machines may be apart. */
const CLOCKS_MS = 2_000
const MAX_EVIDENCE = 7
const MAX_PRECURSORS = 3
const LINE_CHARS = 400

type Draft = Omit<Evidence, 'id'>

/** Numbered evidence, the incident's own lines first, then what led to it. */
export function chooseEvidence(
  incident: Incident,
  samples: readonly ContextLine[],
  context: readonly ContextLine[],
): readonly Evidence[] {
  const drafts: Draft[] = []
  const first = samples[0]
  if (first !== undefined) {
    drafts.push(draftOf(first, headline(first.record), 'representative', incident.count))
    for (const text of causeLines(first.record)) drafts.push(draftOf(first, text, 'cause', undefined))
  }
  const shown = new Set(samples.map((sample) => sample.kind))
  const own = first === undefined ? undefined : matchCause([...causeLines(first.record), first.record.body])
  for (const { line, role } of rankPrecursors(incident, first?.record, own, context)) {
    if (shown.has(line.kind) || drafts.length >= MAX_EVIDENCE) continue
    shown.add(line.kind)
    drafts.push(draftOf(line, headline(line.record), role, line.count))
  }
  const latest = samples.at(-1)
  if (
    latest !== undefined &&
    latest !== first &&
    drafts.length < MAX_EVIDENCE &&
    latest.record.message !== first?.record.message &&
    drafts.length < 4
  ) {
    drafts.push(draftOf(latest, headline(latest.record), 'context', undefined))
  }
  return drafts.map((draft, i) => ({ id: `E${i + 1}`, ...draft }))
}

/** Lines before the incident that may explain it, the most telling first. */
function rankPrecursors(
  incident: Incident,
  own: LogRecord | undefined,
  ownRule: CauseRule | undefined,
  context: readonly ContextLine[],
): { line: ContextLine; role: Evidence['role'] }[] {
  const traces = new Set(incident.traceIds)
  const rated = context.flatMap((line) => {
    const { record } = line
    const before = incident.firstSeen - record.at
    const sameTrace = record.trace !== undefined && traces.has(record.trace.traceId)
    if (
      line.kind === incident.fingerprint ||
      before < -CONTEXT_AFTER_MS ||
      (before < 0 && !sameTrace && record.service !== incident.service)
    )
      return []
    const severe = record.severity.number >= SEVERITY.ERROR.number
    const changed = !severe && before >= 0 && !standsBehind(record, own) && CHANGE_LINE.test(record.message)
    const rule = matchCause([record.body])
    const telling = rule !== undefined
    const explains = rule !== undefined && ownRule?.becauseOf?.includes(rule.id) === true
    // Another error with a cause of its own is another incident, unless this one can be an effect of it.
    const far = before > CONTEXT_BEFORE_MS && !explains
    if (far && (!telling || record.service !== incident.service)) return []
    if (severe && !sameTrace && !explains && ownRule !== undefined && ownRule.effect !== true) return []
    // A warning that says nothing about a cause is noise, however near it is.
    if (!severe && !telling && !changed && !sameTrace) return []
    const elsewhere = record.service !== incident.service
    // Many things fail at once: another service's line counts only by its request, its kind or its name in this error.
    const named = elsewhere && own !== undefined && mentions(own.body, record.service)
    if (elsewhere && !sameTrace && !explains && !named) return []
    // What comes later explains nothing, but for the clocks of two machines.
    const linked = (sameTrace || explains || named) && before >= -CLOCKS_MS
    // Near in time alone is no link: the line is shown, and explains nothing.
    const role: Evidence['role'] =
      elsewhere && severe && before >= 0 && before < CASCADE_MS
        ? 'cascade'
        : changed
          ? 'change'
          : linked
            ? 'precursor'
            : 'context'
    let score = telling ? 3 : 0
    if (explains) score += 4
    if (sameTrace) score += 4
    if (changed) score += 2
    if (record.service === incident.service) score += 3
    if (severe) score += 1
    if (before >= 0) score += before < CASCADE_MS ? 2 : 1
    if (own !== undefined && record.resource.pod !== undefined && record.resource.pod === own.resource.pod) score += 1
    if (far) score -= 2
    return score >= 4 ? [{ line, role, score }] : []
  })
  return rated.sort((a, b) => b.score - a.score || a.line.record.at - b.line.record.at).slice(0, MAX_PRECURSORS)
}

/** In a log without times, or of one moment, the place in the file tells what came later. */
const standsBehind = ({ at, position }: LogRecord, own: LogRecord | undefined): boolean =>
  own !== undefined &&
  at === own.at &&
  position.stream === own.position.stream &&
  position.shard === own.position.shard &&
  compareSequences(position.sequence, own.position.sequence) > 0

/** Whether a text names a service, with or without its suffix: `http://inventory:8080`, `inventory-service`. */
function mentions(text: string, service: string): boolean {
  const stem = service.replace(/[-_](?:service|svc|api|server|app)$/, '')
  return stem.length >= 3 && text.slice(0, 4_000).toLowerCase().includes(stem.toLowerCase())
}

/** First line of an event as shown, without its header where the message alone tells. */
const headline = (record: LogRecord): string =>
  (record.body.split('\n', 1)[0] as string).slice(0, LINE_CHARS).toWellFormed()

/** Lines inside a stack trace that name what went wrong: the exception and its root cause. */
function causeLines(record: LogRecord): string[] {
  const chain = record.exception
  if (chain === undefined) return []
  const root = chain.causes.at(-1)
  return [root, chain]
    .flatMap((exception) =>
      exception === undefined ? [] : [`${exception.type}: ${exception.message.split('\n', 1)[0]}`],
    )
    .map(
      (wanted) =>
        record.body
          .split('\n')
          .find((line) => line.includes(wanted.slice(0, 120)))
          ?.trim() ?? wanted,
    )
    .filter((text, i, all) => all.indexOf(text) === i && text !== headline(record) && !headline(record).includes(text))
    .map((text) => text.slice(0, LINE_CHARS).toWellFormed())
    .slice(0, 2)
}

function draftOf(line: ContextLine, text: string, role: Evidence['role'], count: number | undefined): Draft {
  const { record } = line
  return {
    at: record.at,
    service: record.service,
    severity: record.severity.text,
    text,
    recordId: record.id,
    role,
    ...(line.file === undefined ? {} : { file: line.file }),
    ...(line.line === undefined ? {} : { line: line.line }),
    ...(count === undefined ? {} : { count }),
  }
}
