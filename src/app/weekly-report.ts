/** Weekly report: what a week of incidents was, from the state alone. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { Kysely } from 'kysely'
import {
  CAUSE_CATEGORIES,
  type CauseCategory,
  type IncidentSeverity,
  type IncidentState,
} from '../pipeline/incident.ts'
import { droppedTotal, rejectedTotal } from '../pipeline/outcome.ts'
import { isProbe, PROBE_SERVICE } from '../pipeline/probe.ts'
import type { LogRecord } from '../pipeline/record.ts'
import { CaliError } from '../platform/error.ts'
import { createCheckpointQueries } from '../state/checkpoint-queries.ts'
import { chunks } from '../state/concurrency.ts'
import { type Database, pendingMigrations } from '../state/database.ts'
import { openPostgres } from '../state/postgres-dialect.ts'
import { openSqlite } from '../state/sqlite-dialect.ts'
import type { Config } from './config.ts'
import { postgresOf } from './engines.ts'
import type { Week } from './iso-week.ts'

export interface TimeFigures {
  readonly count: number
  readonly meanMs: number
  readonly medianMs: number
}

export interface ReportedIncident {
  readonly id: string
  readonly severity: IncidentSeverity
  readonly service: string
  readonly title: string
  readonly state: IncidentState
  /** Events in the week. */
  readonly events: number
}

export interface WeeklyReport {
  readonly week: Week
  readonly readAt: number
  /** Error events of the week, and the messages that began in it; silences are counted apart, probes not at all. */
  readonly events: number
  readonly messages: number
  /** Of these messages those that no Slack saw, only the page /slack. */
  readonly previewed: number
  readonly opened: number
  readonly bySeverity: Readonly<Partial<Record<IncidentSeverity, number>>>
  /** Opened in the week and told in the message of another. */
  readonly folded: number
  readonly resolved: number
  /** Ended without a person. */
  readonly quiet: number
  /** Came back in the week and waits since. Who was acknowledged or resolved after that is not recorded as one that came back. */
  readonly cameBack: number
  readonly timeToAcknowledge?: TimeFigures
  readonly timeToResolve?: TimeFigures
  readonly loudest: readonly ReportedIncident[]
  readonly services: readonly { readonly service: string; readonly opened: number; readonly events: number }[]
  readonly causes: readonly { readonly cause: CauseCategory; readonly incidents: number }[]
  /** Now, of what was opened before the end of the week. */
  readonly open: {
    readonly count: number
    readonly neverAcknowledged: number
    readonly worst: readonly ReportedIncident[]
  }
  readonly silences: number
  readonly storms: { readonly count: number; readonly incidents: number }
  readonly spikes: number
  readonly quarantined: Readonly<Record<string, number>>
  readonly feedback: { readonly helpful: number; readonly wrong: number }
  readonly model: { readonly calls: number; readonly inputTokens: number; readonly outputTokens: number }
  /** Since the state began: the books have no weeks. */
  readonly ledger: {
    readonly received: number
    readonly rejected: number
    readonly kept: number
    readonly dropped: number
  }
}

const TOP = 5

/** Opens the state to read, while the program runs or not; brings no table up to date. */
export async function openForReport(config: Config, write: boolean): Promise<Kysely<Database>> {
  const postgres = postgresOf(config)
  const path = join(config.dataDir, 'state.db')
  if (postgres === undefined && !existsSync(path))
    throw new CaliError('no_state', `${path}: there is no state yet. Name the folder of the program with --data-dir.`)
  const db =
    postgres === undefined ? openSqlite<Database>({ path, readOnly: !write }) : openPostgres<Database>(postgres).db
  try {
    const pending = await pendingMigrations(db)
    if (pending.length === 0) return db
    throw new CaliError(
      'state_older',
      `the state was written by an older CALI (${pending[0]} is missing): start this version once, or run "cali setup"`,
    )
  } catch (error) {
    await db.destroy().catch(() => undefined)
    throw error
  }
}

const INCIDENT = [
  'id',
  'severity',
  'service',
  'title',
  'state',
  'opened_at',
  'state_changed_at',
  'acknowledged_by',
  'folded_under',
  'fold_reason',
  'spiked_at',
] as const
const ACTIVE: readonly string[] = ['open', 'acknowledged', 'regressed']

type Row = Pick<Database['incidents'], (typeof INCIDENT)[number]>

export async function readWeeklyReport(db: Kysely<Database>, week: Week, now: number): Promise<WeeklyReport> {
  const { from, to } = week
  const within = (at: number | null): boolean => at !== null && Number(at) >= from && Number(at) < to
  const rows: readonly Row[] = (
    await db
      .selectFrom('incidents')
      .select(INCIDENT)
      // What was merged is counted where it went.
      .where('state', '!=', 'merged')
      .where((eb) =>
        eb.or([
          eb('last_seen', '>=', from),
          eb('opened_at', '>=', from),
          eb('state_changed_at', '>=', from),
          eb('state', 'in', ACTIVE),
        ]),
      )
      .execute()
  ).filter((row) => !isProbe(row))
  const silent = await silenceIncidents(db)
  const probes = await db.selectFrom('incidents').select('id').where('service', '=', PROBE_SERVICE).execute()
  /** What CALI makes itself. */
  const own = new Set([...silent, ...probes.map((row) => row.id)])
  const errors = rows.filter((row) => !silent.has(row.id))
  const counts = await eventsOf(db, from, to)
  const eventsIn = (id: string): number => counts.get(id) ?? 0
  const shown = (row: Row): ReportedIncident => ({
    id: row.id,
    severity: row.severity as IncidentSeverity,
    service: row.service,
    title: row.title,
    state: row.state as IncidentState,
    events: eventsIn(row.id),
  })
  const loud = errors
    .filter((row) => eventsIn(row.id) > 0)
    .sort((a, b) => eventsIn(b.id) - eventsIn(a.id) || order(a, b))
  const opened = errors.filter((row) => within(row.opened_at))
  const open = rows
    .filter((row) => ACTIVE.includes(row.state) && Number(row.opened_at) < to && row.folded_under === null)
    .sort((a, b) => order(a, b) || eventsIn(b.id) - eventsIn(a.id))
  const storm = opened.filter((row) => row.fold_reason === 'storm')
  const messages = (
    await db
      .selectFrom('notifications')
      .select(['incident_id', 'channel'])
      .where('posted_at', '>=', from)
      .where('posted_at', '<', to)
      .execute()
  ).filter((row) => !own.has(row.incident_id))
  return {
    week,
    readAt: now,
    events: errors.reduce((sum, row) => sum + eventsIn(row.id), 0),
    messages: messages.length,
    previewed: messages.filter((row) => row.channel === 'preview').length,
    opened: opened.length,
    bySeverity: tally(opened.map((row) => row.severity)),
    folded: opened.filter((row) => row.folded_under !== null).length,
    quiet: errors.filter((row) => row.state === 'quiet' && within(row.state_changed_at)).length,
    cameBack: errors.filter((row) => row.state === 'regressed' && within(row.state_changed_at)).length,
    ...(await responseOf(db, week, own)),
    loudest: loud.slice(0, TOP).map(shown),
    services: servicesOf(opened, loud, eventsIn),
    causes: await causesOf(
      db,
      loud.filter((row) => row.folded_under === null).map((row) => row.id),
    ),
    open: {
      count: open.length,
      neverAcknowledged: open.filter((row) => row.acknowledged_by === null).length,
      worst: open.slice(0, TOP).map(shown),
    },
    silences: rows.filter((row) => silent.has(row.id) && (within(row.opened_at) || eventsIn(row.id) > 0)).length,
    storms: { count: new Set(storm.map((row) => row.folded_under)).size, incidents: storm.length },
    spikes: errors.filter((row) => within(row.spiked_at)).length,
    ...(await recordsOf(db, week)),
  }
}

const order = (a: Row, b: Row): number =>
  a.severity.localeCompare(b.severity) || Number(a.opened_at) - Number(b.opened_at) || a.id.localeCompare(b.id)

function tally<T extends string>(items: readonly T[]): Record<T, number> {
  const counts = {} as Record<T, number>
  for (const item of items) counts[item] = (counts[item] ?? 0) + 1
  return counts
}

async function eventsOf(db: Kysely<Database>, from: number, to: number): Promise<ReadonlyMap<string, number>> {
  const rows = await db
    .selectFrom('incident_buckets')
    .select((eb) => ['incident_id', eb.fn.sum<number>('count').as('events')])
    .where('minute', '>=', Math.floor(from / 60_000))
    .where('minute', '<', Math.floor(to / 60_000))
    .groupBy('incident_id')
    .execute()
  return new Map(rows.map((row) => [row.incident_id, Number(row.events)]))
}

/** Incidents that tell of silence: their events are CALI's own. A sender may choose an id, but not a position. */
async function silenceIncidents(db: Kysely<Database>): Promise<ReadonlySet<string>> {
  const rows = await db
    .selectFrom('samples')
    .select(['incident_id', 'record'])
    .where('record_id', 'like', 'silence/%')
    .execute()
  const isOurs = (text: string): boolean => {
    const { position } = JSON.parse(text) as LogRecord
    return position.stream === 'cali' && position.shard === 'silence'
  }
  return new Set(rows.filter((row) => isOurs(row.record)).map((row) => row.incident_id))
}

function servicesOf(
  opened: readonly Row[],
  loud: readonly Row[],
  eventsIn: (id: string) => number,
): WeeklyReport['services'] {
  const services = new Map<string, { service: string; opened: number; events: number }>()
  const of = (service: string) => {
    const entry = services.get(service) ?? { service, opened: 0, events: 0 }
    services.set(service, entry)
    return entry
  }
  for (const row of opened) of(row.service).opened++
  for (const row of loud) of(row.service).events += eventsIn(row.id)
  return [...services.values()]
    .filter((entry) => entry.opened > 0)
    .sort((a, b) => b.opened - a.opened || b.events - a.events || a.service.localeCompare(b.service))
    .slice(0, TOP)
}

async function causesOf(db: Kysely<Database>, ids: readonly string[]): Promise<WeeklyReport['causes']> {
  const best = new Map<string, { source: string; cause: CauseCategory }>()
  for (const part of chunks(ids)) {
    const rows = await db
      .selectFrom('reports')
      .select(['incident_id', 'source', 'report'])
      .where('incident_id', 'in', part)
      .execute()
    for (const { incident_id, source, report } of rows) {
      const { hypotheses } = JSON.parse(report) as { hypotheses: readonly { category: CauseCategory }[] }
      const cause = hypotheses[0]?.category ?? 'unknown'
      // A model's report is the better one, in whatever language it was written.
      if (best.get(incident_id)?.source !== 'model') best.set(incident_id, { source, cause })
    }
  }
  const counts = tally([...best.values()].map(({ cause }) => cause))
  return CAUSE_CATEGORIES.filter((cause) => counts[cause] !== undefined)
    .map((cause) => ({ cause, incidents: counts[cause] }))
    .sort((a, b) => b.incidents - a.incidents)
    .slice(0, TOP)
}

/** What people did, from the audit: the first time an incident was acknowledged or resolved counts, against its opening. */
async function responseOf(
  db: Kysely<Database>,
  { from, to }: Week,
  own: ReadonlySet<string>,
): Promise<Pick<WeeklyReport, 'resolved' | 'timeToAcknowledge' | 'timeToResolve'>> {
  const patches = db.selectFrom('audit').select(['at', 'target', 'detail']).where('action', '=', 'incident.patch')
  const ofWeek = (await patches.where('at', '>=', from).where('at', '<', to).execute()).filter(
    (row) => !own.has(row.target),
  )
  const targets = [...new Set(ofWeek.map((row) => row.target))]
  const opened = new Map<string, number>()
  const before = new Set<string>()
  for (const part of chunks(targets)) {
    const rows = await db.selectFrom('incidents').select(['id', 'opened_at']).where('id', 'in', part).execute()
    for (const row of rows) opened.set(row.id, Number(row.opened_at))
    for (const row of await patches.where('at', '<', from).where('target', 'in', part).execute())
      before.add(`${stateOf(row.detail)} ${row.target}`)
  }
  const firsts = (state: IncidentState): Map<string, number> => {
    const found = new Map<string, number>()
    for (const row of ofWeek)
      if (stateOf(row.detail) === state)
        found.set(row.target, Math.min(Number(row.at), found.get(row.target) ?? Number.POSITIVE_INFINITY))
    return found
  }
  const times = (state: IncidentState): number[] =>
    [...firsts(state)].flatMap(([id, at]) => {
      const began = opened.get(id)
      return began === undefined || before.has(`${state} ${id}`) ? [] : [Math.max(0, at - began)]
    })
  const acknowledged = figuresOf(times('acknowledged'))
  const resolved = figuresOf(times('resolved'))
  return {
    resolved: firsts('resolved').size,
    ...(acknowledged === undefined ? {} : { timeToAcknowledge: acknowledged }),
    ...(resolved === undefined ? {} : { timeToResolve: resolved }),
  }
}

const stateOf = (detail: string): string | undefined => (JSON.parse(detail) as { state?: string }).state

export function figuresOf(values: readonly number[]): TimeFigures | undefined {
  if (values.length === 0) return undefined
  const sorted = [...values].sort((a, b) => a - b)
  const middle = sorted.length >> 1
  const upper = sorted[middle] as number
  return {
    count: values.length,
    meanMs: Math.round(values.reduce((sum, value) => sum + value, 0) / values.length),
    medianMs: sorted.length % 2 === 1 ? upper : Math.round((upper + (sorted[middle - 1] as number)) / 2),
  }
}

async function recordsOf(
  db: Kysely<Database>,
  { from, to }: Week,
): Promise<Pick<WeeklyReport, 'quarantined' | 'feedback' | 'model' | 'ledger'>> {
  const quarantined = await db
    .selectFrom('quarantine')
    .select((eb) => ['reason', eb.fn.countAll<number>().as('n')])
    .where('at', '>=', from)
    .where('at', '<', to)
    .groupBy('reason')
    .orderBy('reason')
    .execute()
  const verdicts = tally(
    (await db.selectFrom('feedback').select('verdict').where('at', '>=', from).where('at', '<', to).execute()).map(
      (row) => row.verdict,
    ),
  )
  const usage = await db
    .selectFrom('model_usage')
    .select((eb) => [
      eb.fn.countAll<number>().as('calls'),
      eb.fn.sum<number | null>('input_tokens').as('input'),
      eb.fn.sum<number | null>('output_tokens').as('output'),
    ])
    .where('at', '>=', from)
    .where('at', '<', to)
    .executeTakeFirstOrThrow()
  const { decode, filter } = await createCheckpointQueries(db).ledger()
  return {
    quarantined: Object.fromEntries(quarantined.map((row) => [row.reason, Number(row.n)])),
    feedback: { helpful: verdicts['helpful'] ?? 0, wrong: verdicts['wrong'] ?? 0 },
    model: {
      calls: Number(usage.calls),
      inputTokens: Number(usage.input ?? 0),
      outputTokens: Number(usage.output ?? 0),
    },
    ledger: {
      received: decode.received,
      rejected: rejectedTotal(decode) + rejectedTotal(filter),
      kept: filter.kept,
      dropped: droppedTotal(decode) + droppedTotal(filter),
    },
  }
}
