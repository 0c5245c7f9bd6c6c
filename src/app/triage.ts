/** Triage: log files to incidents with their explanation, in this process, without any service. */
import { bundledRunbooks, createKnowledgeBase, readRunbookFolder } from '../knowledge/knowledge-base.ts'
import type { LineSource } from '../pipeline/consume/file-lines.ts'
import { createEventReader } from '../pipeline/decode/event-reader.ts'
import { serviceOfFile } from '../pipeline/decode/log-file-name.ts'
import { createRecordRedactor } from '../pipeline/filter/record-redactor.ts'
import type { Redactor } from '../pipeline/filter/redact/redactor.ts'
import { createFingerprinter } from '../pipeline/group/fingerprint.ts'
import { isInApp } from '../pipeline/group/frame.ts'
import { createIncidentPlanner, DEFAULT_INCIDENT_POLICY } from '../pipeline/group/incident-plan.ts'
import { createPatternMiner, type Pattern } from '../pipeline/group/pattern-miner.ts'
import { templateOf } from '../pipeline/group/template.ts'
import type { Fingerprint, Incident, Report, UiLanguage } from '../pipeline/incident.ts'
import { CHANGE_LINE } from '../pipeline/investigate/cause-rule.ts'
import type { ContextLine } from '../pipeline/investigate/evidence.ts'
import { createInvestigateStage } from '../pipeline/investigate/investigate-stage.ts'
import { type LogRecord, SEVERITY, type SeverityText } from '../pipeline/record.ts'
import type { GroupedEvent } from '../pipeline/store.ts'
import type { Clock } from '../platform/clock.ts'
import { createMemoryIncidentStore } from '../state/memory-incident-store.ts'

export interface TriageOptions {
  readonly language: UiLanguage
  readonly zoneOffsetMinutes: number
  readonly redactor: Redactor
  readonly clock: Clock
  readonly onProgress?: (progress: { file: string; bytesRead: number; size: number | undefined; lines: number }) => void
}

export interface TriagedIncident {
  readonly incident: Incident
  readonly report: Report
}

export interface Triage {
  readonly lines: number
  readonly bytes: number
  readonly unreadable: number
  /** Files that could not be read to their end, with the reason. */
  readonly failures: readonly string[]
  readonly from?: number
  readonly to?: number
  /** Whether any line named its time zone. */
  readonly zoned: boolean
  readonly levels: Readonly<Record<SeverityText, { readonly events: number; readonly templates: number }>>
  /** Kinds of line that are no incident, most frequent first. */
  readonly templates: readonly {
    readonly level: SeverityText
    readonly service: string
    readonly template: string
    readonly count: number
  }[]
  readonly incidents: readonly TriagedIncident[]
}

const BATCH = 2_000
/** Kinds of line remembered; beyond it new kinds are counted but not kept, so that memory is bounded. */
const MAX_KINDS = 20_000
const MAX_CONTEXT = 400
const NEVER_QUIET = Number.MAX_SAFE_INTEGER

interface Kind {
  readonly level: SeverityText
  readonly service: string
  readonly template: string
  /** Of a message: what it belongs to is known when all lines are read. */
  readonly pattern?: Pattern
  count: number
  /** The first line of the kind, where it may be evidence: a warning, an error or a change. */
  readonly first?: ContextLine
}

export async function triage(sources: readonly LineSource[], options: TriageOptions): Promise<Triage> {
  const store = createMemoryIncidentStore({ rememberEvents: false })
  const plan = createIncidentPlanner({ ...DEFAULT_INCIDENT_POLICY, quietAfterMs: NEVER_QUIET }, options.clock.now)
  const miner = createPatternMiner()
  const fingerprint = createFingerprinter(miner)
  const redact = createRecordRedactor(options.redactor)
  const kinds = new Map<string, Kind>()
  const levels = emptyLevels()
  const failures: string[] = []
  let lines = 0
  let bytes = 0
  let unreadable = 0
  let from: number | undefined
  let to: number | undefined
  let zoned = false
  let batch: LogRecord[] = []

  const commit = async (): Promise<void> => {
    const fingerprints = fingerprint(batch)
    const events = batch.map((record, i): GroupedEvent => ({ record, fingerprint: fingerprints[i] as Fingerprint }))
    if (events.length > 0) await store.apply(events, plan)
    batch = []
  }

  const take = (record: LogRecord, file: string): void => {
    const level = levels[record.severity.text]
    level.events++
    if (record.at !== record.observedAt) {
      from = from === undefined ? record.at : Math.min(from, record.at)
      to = to === undefined ? record.at : Math.max(to, record.at)
    }
    // Most lines are neither errors nor of a known error's kind: their pattern alone tells the kind.
    const severe = record.severity.number >= SEVERITY.WARN.number
    const clean = severe ? redact.record(record) : record
    const known = severe ? fingerprint([clean])[0] : undefined
    const pattern = known?.basis === 'exception' ? undefined : miner.learn(clean.service, clean.message)
    const key = known?.id ?? (pattern as Pattern).id
    const kind = kinds.get(key)
    if (kind !== undefined) kind.count++
    else {
      level.templates++
      if (kinds.size < MAX_KINDS) {
        const notable = severe || CHANGE_LINE.test(clean.message)
        const kept = severe ? clean : redact.record(record)
        kinds.set(key, {
          level: kept.severity.text,
          service: kept.service,
          template: known?.template ?? templateOf(kept.message),
          ...(pattern === undefined ? {} : { pattern }),
          count: 1,
          ...(notable ? { first: { record: kept, kind: key, count: 1, file, line: record.position.line } } : {}),
        })
      }
    }
    if (
      known !== undefined &&
      (record.severity.number >= SEVERITY.ERROR.number || known.kin.some((id) => store.incidentOf(id) !== undefined))
    )
      batch.push(clean)
  }

  for (const source of sources) {
    const observedAt = options.clock.now()
    const reader = createEventReader({
      source: source.name,
      zone: { offsetMinutes: options.zoneOffsetMinutes, now: observedAt },
      observedAt,
      defaultService: serviceOfFile(source.name) ?? 'log',
    })
    try {
      for await (const chunk of source.chunks()) {
        for (const line of chunk.lines) for (const record of reader.push(line)) take(record, source.name)
        lines += chunk.lines.length
        zoned ||= chunk.lines.some((line) =>
          /\d{2}:\d{2}:\d{2}(?:[.,]\d+)?\s?(?:Z|[+-]\d{2}:?\d{2})/.test(line.slice(0, 64)),
        )
        bytes += chunk.lines.reduce((sum, line) => sum + line.length + 1, 0)
        if (batch.length >= BATCH) await commit()
        options.onProgress?.({ file: source.name, bytesRead: chunk.bytesRead, size: source.size, lines })
      }
    } catch (error) {
      failures.push(error instanceof Error ? error.message : String(error))
    }
    for (const record of reader.flush()) take(record, source.name)
    await commit()
    unreadable += reader.unreadable
  }
  const classes = foldKinds(kinds, miner)
  const incidents = await explain(store, classes, options)
  return {
    lines,
    bytes,
    unreadable,
    failures,
    ...(from === undefined || to === undefined ? {} : { from, to }),
    zoned,
    levels,
    templates: [...classes]
      .filter(([id]) => store.incidentOf(id) === undefined)
      .map(([, { level, service, template, count }]) => ({ level, service, template, count }))
      .sort((a, b) => b.count - a.count),
    incidents,
  }
}

/** Kinds that have proved to be one are counted as one, under the first of them. */
function foldKinds(
  kinds: ReadonlyMap<string, Kind>,
  miner: { kin(pattern: Pattern): readonly string[] },
): ReadonlyMap<string, Kind> {
  const folded = new Map<string, Kind>()
  for (const [id, kind] of kinds) {
    const key = kind.pattern === undefined ? id : (miner.kin(kind.pattern)[0] ?? id)
    const first = folded.get(key)
    folded.set(key, first === undefined ? { ...kind } : { ...first, count: first.count + kind.count })
  }
  return folded
}

async function explain(
  store: ReturnType<typeof createMemoryIncidentStore>,
  kinds: ReadonlyMap<string, Kind>,
  options: TriageOptions,
): Promise<TriagedIncident[]> {
  const notable = [...kinds.values()].flatMap((kind) =>
    kind.first === undefined ? [] : [{ ...kind.first, count: kind.count }],
  )
  notable.sort((a, b) => a.record.at - b.record.at)
  const investigate = createInvestigateStage({
    context: {
      // A file has no other window than itself: kinds that began before the incident, the nearest first.
      around: async (incident) =>
        notable.filter((line) => line.record.at <= incident.firstSeen + 120_000).slice(-MAX_CONTEXT),
    },
    knowledge: createKnowledgeBase(readRunbookFolder(bundledRunbooks(), 'bundled')),
    history: { changes: async () => [], similar: async () => [] },
    clock: options.clock,
    isOwnFrame: (frame, record) => isInApp(frame, record.exception?.language ?? 'unknown'),
  })
  const found: TriagedIncident[] = []
  for (const incident of store.incidents.values()) {
    const at = kinds.get(incident.fingerprint)?.first
    const samples = store.samples(incident.fingerprint).map((record) => ({
      record,
      kind: incident.fingerprint,
      count: 1,
      file: at?.file ?? record.position.stream,
      line: record.position.line,
    }))
    found.push({ incident, report: await investigate(incident, samples, options.language) })
  }
  return found.sort(
    (a, b) =>
      a.incident.severity.localeCompare(b.incident.severity) ||
      b.incident.count - a.incident.count ||
      a.incident.firstSeen - b.incident.firstSeen,
  )
}

const emptyLevels = (): Record<SeverityText, { events: number; templates: number }> => ({
  TRACE: { events: 0, templates: 0 },
  DEBUG: { events: 0, templates: 0 },
  INFO: { events: 0, templates: 0 },
  WARN: { events: 0, templates: 0 },
  ERROR: { events: 0, templates: 0 },
  FATAL: { events: 0, templates: 0 },
})
