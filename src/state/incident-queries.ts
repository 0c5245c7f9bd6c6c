/** Incidents in SQL: the transaction that counts exactly once, and what people read. */
import { type Kysely, sql, type Transaction } from 'kysely'
import type { Incident } from '../pipeline/incident.ts'
import { type LogRecord, positionKey, SEVERITY } from '../pipeline/record.ts'
import { SPIKE_FLOOR, SPIKE_MIN_AGE_MS, type Usual, usualOf } from '../pipeline/spike.ts'
import {
  type ApplyResult,
  type GroupedEvent,
  type IncidentChange,
  type IncidentPatch,
  type IncidentPlanner,
  type IncidentQuery,
  type IncidentReader,
  type IncidentStore,
  type IncidentWriter,
  NEAR_MS,
  type PlanInput,
} from '../pipeline/store.ts'
import type { Clock } from '../platform/clock.ts'
import { contentHash, crockford } from '../platform/hash.ts'
import type { Database } from './database.ts'
import { absorb, loadCurrent } from './grouping-queries.ts'
import { incidentOfRow, rowOfIncident } from './incident-codec.ts'
import { wantDelivery } from './outbox-queries.ts'

const CHUNK = 400
const EARLIEST_SAMPLES = 10
const LATEST_SAMPLES = 20
const MAX_NEAR = 2_000

export type IncidentQueries = IncidentStore & IncidentReader & IncidentWriter

export function createIncidentQueries(db: Kysely<Database>, clock: Clock): IncidentQueries {
  return {
    apply: (events, plan) => db.transaction().execute((trx) => apply(trx, events, plan, clock.now())),

    list: async (query) => {
      const rows = await filtered(db, query)
        .orderBy('last_seen', 'desc')
        .limit(query.limit ?? 500)
        .selectAll()
        .execute()
      const wanted = (list: readonly string[] | undefined, have: readonly string[]): boolean =>
        list === undefined || list.some((item) => have.includes(item))
      return rows
        .map(incidentOfRow)
        .filter(
          (incident) => wanted(query.namespaces, incident.namespaces) && wanted(query.versions, incident.versions),
        )
    },

    get: async (id) => {
      const row = await db.selectFrom('incidents').selectAll().where('id', '=', id.toUpperCase()).executeTakeFirst()
      return row === undefined ? undefined : incidentOfRow(row)
    },

    samples: async (id) => {
      const rows = await db.selectFrom('samples').select('record').where('incident_id', '=', id).orderBy('at').execute()
      return rows.map((row) => JSON.parse(row.record) as LogRecord)
    },

    buckets: async (ids, from, to) => {
      if (ids.length === 0) return []
      const rows = await db
        .selectFrom('incident_buckets')
        .selectAll()
        .where('incident_id', 'in', ids)
        .where('minute', '>=', Math.floor(from / 60_000))
        .where('minute', '<=', Math.floor(to / 60_000))
        .orderBy('minute')
        .execute()
      return rows.map((row) => ({ incident: row.incident_id, minute: Number(row.minute), count: Number(row.count) }))
    },

    patch: (id, patch, actor, at) => db.transaction().execute((trx) => patchIncident(trx, id, patch, actor, at)),

    quiet: async (before, at) =>
      db.transaction().execute(async (trx) => {
        const rows = await trx
          .selectFrom('incidents')
          .selectAll()
          .where('state', 'in', ['open', 'acknowledged', 'regressed'])
          .where('last_seen', '<', before)
          .execute()
        for (const row of rows) {
          await trx
            .updateTable('incidents')
            .set({ state: 'quiet', state_changed_at: at })
            .where('id', '=', row.id)
            .execute()
          await wantDelivery(trx, row.id, at, row.last_seen)
        }
        return rows.map((row) => incidentOfRow({ ...row, state: 'quiet', state_changed_at: at }))
      }),
  }
}

async function apply(
  trx: Transaction<Database>,
  events: readonly GroupedEvent[],
  plan: IncidentPlanner,
  now: number,
): Promise<ApplyResult> {
  const { fresh, duplicates } = await rememberEvents(trx, events, now)
  if (fresh.length === 0) return { changes: [], duplicates }
  const { current, apart } = await loadCurrent(trx, fresh)
  const counted = await loadCounts(trx, [...current.values()], fresh)
  const near = await loadNear(trx, current, fresh)
  const { changes: made, folded } = plan({
    current,
    apart,
    fresh,
    counted,
    near,
    usual: await loadUsual(trx, current, fresh, counted),
  })
  const planned = await withFreeIds(trx, made)
  // Messages of one transaction go out in the order of their lines, however shards were mixed.
  const changes = planned.toSorted((a, b) => (a.samples[0]?.at ?? 0) - (b.samples[0]?.at ?? 0))
  for (const part of chunks(changes)) {
    await trx
      .insertInto('incidents')
      .values(part.map((change) => rowOfIncident(change.incident)))
      .onConflict((oc) =>
        oc.column('fingerprint').doUpdateSet((eb) => ({
          severity: eb.ref('excluded.severity'),
          severity_reasons: eb.ref('excluded.severity_reasons'),
          state: eb.ref('excluded.state'),
          count: eb.ref('excluded.count'),
          first_seen: eb.ref('excluded.first_seen'),
          last_seen: eb.ref('excluded.last_seen'),
          namespaces: eb.ref('excluded.namespaces'),
          pods: eb.ref('excluded.pods'),
          versions: eb.ref('excluded.versions'),
          trace_ids: eb.ref('excluded.trace_ids'),
          state_changed_at: eb.ref('excluded.state_changed_at'),
          regressions: eb.ref('excluded.regressions'),
          explanation: eb.ref('excluded.explanation'),
          spikes: eb.ref('excluded.spikes'),
          spiked_at: eb.ref('excluded.spiked_at'),
          folded_under: eb.ref('excluded.folded_under'),
          fold_reason: eb.ref('excluded.fold_reason'),
        })),
      )
      .execute()
  }
  for (const change of changes) {
    if (change.aliases.length > 0)
      await trx
        .insertInto('aliases')
        .values(
          change.aliases.map((fingerprint) => ({ fingerprint, incident_fingerprint: change.incident.fingerprint })),
        )
        .onConflict((oc) => oc.column('fingerprint').doNothing())
        .execute()
    for (const other of change.absorbed) await absorb(trx, other, change.incident.id, now)
    await writeDetails(trx, change, now)
    // The message that tells of it counts with it.
    const { fold } = change.incident
    if (fold !== undefined) await wantDelivery(trx, fold.under, now, change.samples[0]?.at ?? now)
  }
  for (const { incident, fold } of folded) {
    await trx
      .updateTable('incidents')
      .set({ folded_under: fold.under, fold_reason: fold.reason })
      .where('id', '=', incident.id)
      .execute()
    await wantDelivery(trx, incident.id, now, incident.firstSeen)
    await wantDelivery(trx, fold.under, now, incident.firstSeen)
  }
  await countPatterns(trx, fresh)
  return { changes, duplicates }
}

/** Incidents that began around events which may open one. */
async function loadNear(
  trx: Transaction<Database>,
  current: ReadonlyMap<string, Incident>,
  fresh: readonly GroupedEvent[],
): Promise<readonly Incident[]> {
  const opening = fresh.filter(
    ({ record, fingerprint }) => record.severity.number >= SEVERITY.ERROR.number && !current.has(fingerprint.id),
  )
  if (opening.length === 0) return []
  const times = opening.map(({ record }) => record.at)
  const rows = await trx
    .selectFrom('incidents')
    .selectAll()
    .where('first_seen', '>=', Math.min(...times) - NEAR_MS)
    .where('first_seen', '<=', Math.max(...times) + NEAR_MS)
    .where('state', '!=', 'merged')
    .orderBy('first_seen')
    .limit(MAX_NEAR)
    .execute()
  return rows.map(incidentOfRow)
}

/** Events that the minutes at hand hold already, of the incidents at hand. */
async function loadCounts(
  trx: Transaction<Database>,
  incidents: readonly Incident[],
  fresh: readonly GroupedEvent[],
): Promise<(incident: string, minute: number) => number> {
  const minutes = [...new Set(fresh.map((event) => Math.floor(event.record.at / 60_000)))]
  const counts = new Map<string, number>()
  for (const ids of chunks([...new Set(incidents.map((incident) => incident.id))])) {
    for (const part of chunks(minutes)) {
      const rows = await trx
        .selectFrom('incident_buckets')
        .selectAll()
        .where('incident_id', 'in', ids)
        .where('minute', 'in', part)
        .execute()
      for (const row of rows) counts.set(`${row.incident_id} ${row.minute}`, Number(row.count))
    }
  }
  return (incident, minute) => counts.get(`${incident} ${minute}`) ?? 0
}

/**
 * Usual rates of the incidents that are busy enough in this batch to be a spike: of the same hour of the week in the
 * last four weeks, or, for one that is younger than a week, of the last day.
 */
async function loadUsual(
  trx: Transaction<Database>,
  current: ReadonlyMap<string, Incident>,
  fresh: readonly GroupedEvent[],
  counted: (incident: string, minute: number) => number,
): Promise<PlanInput['usual']> {
  const busy = new Map<string, { incident: Incident; minute: number; n: number }>()
  for (const { record, fingerprint } of fresh) {
    const incident = current.get(fingerprint.id)
    if (incident === undefined || record.at - incident.firstSeen < SPIKE_MIN_AGE_MS) continue
    const minute = Math.floor(record.at / 60_000)
    const key = `${incident.id} ${minute}`
    const entry = busy.get(key) ?? { incident, minute, n: counted(incident.id, minute) }
    entry.n++
    busy.set(key, entry)
  }
  const usual = new Map<string, Usual>()
  for (const [key, { incident, minute, n }] of busy) {
    if (n < SPIKE_FLOOR) continue
    const windows = usualWindows(incident.firstSeen, minute)
    const counts: number[] = []
    let minutes = 0
    for (const [from, to] of windows) {
      const rows = await trx
        .selectFrom('incident_buckets')
        .select('count')
        .where('incident_id', '=', incident.id)
        .where('minute', '>=', from)
        .where('minute', '<', to)
        .execute()
      counts.push(...rows.map((row) => Number(row.count)))
      minutes += to - from
    }
    usual.set(key, usualOf(counts, minutes))
  }
  return (incident, minute) => usual.get(`${incident} ${minute}`)
}

const WEEK_MINUTES = 7 * 24 * 60
/** The spike itself must not be its own baseline. Minutes. */
const RECENT_MINUTES = 15

/** Half-open ranges of minutes that say what is usual at `minute`. */
function usualWindows(firstSeen: number, minute: number): (readonly [number, number])[] {
  const first = Math.floor(firstSeen / 60_000)
  const hour = minute - (minute % 60)
  const weekly = [1, 2, 3, 4]
    .map((weeks) => [hour - weeks * WEEK_MINUTES, hour - weeks * WEEK_MINUTES + 60] as const)
    .filter(([from]) => from >= first)
  if (weekly.length > 0) return weekly
  return [[Math.max(first, minute - 24 * 60), Math.max(first + 1, minute - RECENT_MINUTES)]]
}

/** Remembers event ids. An id seen at another position is a duplicate; at the same position, this delivery again. */
async function rememberEvents(
  trx: Transaction<Database>,
  events: readonly GroupedEvent[],
  now: number,
): Promise<{ fresh: GroupedEvent[]; duplicates: Set<string> }> {
  const duplicates = new Set<string>()
  const first = new Map<string, GroupedEvent>()
  for (const event of events) {
    if (first.has(event.record.id)) {
      if (
        positionKey((first.get(event.record.id) as GroupedEvent).record.position) !== positionKey(event.record.position)
      )
        duplicates.add(`${event.record.id} ${positionKey(event.record.position)}`)
    } else first.set(event.record.id, event)
  }
  const fresh: GroupedEvent[] = []
  for (const part of chunks([...first.values()])) {
    const inserted = await trx
      .insertInto('events_seen')
      .values(part.map(({ record }) => ({ id: record.id, position: positionKey(record.position), seen_at: now })))
      .onConflict((oc) => oc.column('id').doNothing())
      .returning('id')
      .execute()
    const added = new Set(inserted.map((row) => row.id))
    const rest = part.filter((event) => !added.has(event.record.id))
    fresh.push(...part.filter((event) => added.has(event.record.id)))
    if (rest.length === 0) continue
    const known = await trx
      .selectFrom('events_seen')
      .select(['id', 'position'])
      .where(
        'id',
        'in',
        rest.map((event) => event.record.id),
      )
      .execute()
    const positions = new Map(known.map((row) => [row.id, row.position]))
    for (const { record } of rest) {
      if (positions.get(record.id) !== positionKey(record.position))
        duplicates.add(`${record.id} ${positionKey(record.position)}`)
    }
  }
  return { fresh, duplicates }
}

/** Two fingerprints may share a short id: the newcomer takes a longer one. */
async function withFreeIds(
  trx: Transaction<Database>,
  changes: readonly IncidentChange[],
): Promise<readonly IncidentChange[]> {
  const opened = changes.filter((change) => change.kind === 'opened')
  if (opened.length === 0) return changes
  const taken = new Set<string>()
  for (const part of chunks(opened)) {
    for (const row of await trx
      .selectFrom('incidents')
      .select('id')
      .where(
        'id',
        'in',
        part.map((change) => change.incident.id),
      )
      .execute())
      taken.add(row.id)
  }
  return changes.map((change) => {
    if (change.kind !== 'opened') return change
    const clash = taken.has(change.incident.id)
    taken.add(change.incident.id)
    return clash
      ? {
          ...change,
          incident: { ...change.incident, id: crockford(contentHash([change.incident.fingerprint, 'long']), 10) },
        }
      : change
  })
}

async function writeDetails(trx: Transaction<Database>, change: IncidentChange, now: number): Promise<void> {
  const { incident } = change
  await trx
    .insertInto('incident_buckets')
    .values([...change.buckets].map(([minute, count]) => ({ incident_id: incident.id, minute, count })))
    .onConflict((oc) =>
      oc
        .columns(['incident_id', 'minute'])
        .doUpdateSet((eb) => ({ count: eb('incident_buckets.count', '+', eb.ref('excluded.count')) })),
    )
    .execute()
  await trx
    .insertInto('samples')
    .values(
      change.samples.map((record) => ({
        incident_id: incident.id,
        record_id: record.id,
        at: record.at,
        record: JSON.stringify(record),
      })),
    )
    .onConflict((oc) => oc.columns(['incident_id', 'record_id']).doNothing())
    .execute()
  if (incident.count > EARLIEST_SAMPLES + LATEST_SAMPLES) await pruneSamples(trx, incident.id)
  await wantDelivery(trx, incident.id, now, change.samples[0]?.at ?? now)
}

async function pruneSamples(trx: Transaction<Database>, id: string): Promise<void> {
  const ids = (
    await trx.selectFrom('samples').select('record_id').where('incident_id', '=', id).orderBy('at').execute()
  ).map((row) => row.record_id)
  const extra = ids.slice(EARLIEST_SAMPLES, -LATEST_SAMPLES)
  if (extra.length > 0)
    await trx.deleteFrom('samples').where('incident_id', '=', id).where('record_id', 'in', extra).execute()
}

async function countPatterns(trx: Transaction<Database>, events: readonly GroupedEvent[]): Promise<void> {
  const rows = new Map<string, Database['patterns']>()
  for (const { record, fingerprint } of events) {
    const row = rows.get(fingerprint.id)
    if (row === undefined)
      rows.set(fingerprint.id, {
        fingerprint: fingerprint.id,
        service: record.service,
        severity: record.severity.text,
        template: fingerprint.template,
        count: 1,
        first_seen: record.at,
        last_seen: record.at,
        shape: fingerprint.shape ?? null,
      })
    else {
      row.count++
      row.first_seen = Math.min(row.first_seen, record.at)
      row.last_seen = Math.max(row.last_seen, record.at)
    }
  }
  for (const part of chunks([...rows.values()])) {
    await trx
      .insertInto('patterns')
      .values(part)
      .onConflict((oc) =>
        oc.column('fingerprint').doUpdateSet((eb) => ({
          count: eb('patterns.count', '+', eb.ref('excluded.count')),
          first_seen: eb.fn('min', ['patterns.first_seen', 'excluded.first_seen']),
          last_seen: eb.fn('max', ['patterns.last_seen', 'excluded.last_seen']),
        })),
      )
      .execute()
  }
}

async function patchIncident(
  trx: Transaction<Database>,
  id: string,
  patch: IncidentPatch,
  actor: string,
  at: number,
): Promise<Incident | undefined> {
  let row = await trx.selectFrom('incidents').selectAll().where('id', '=', id.toUpperCase()).executeTakeFirst()
  // The buttons of a message that was merged act on what it has become part of.
  for (let step = 0; step < 16 && row?.merged_into != null; step++)
    row = await trx.selectFrom('incidents').selectAll().where('id', '=', row.merged_into).executeTakeFirst()
  if (row === undefined) return undefined
  const next = {
    ...(patch.state === undefined ? {} : { state: patch.state, state_changed_at: at }),
    ...(patch.acknowledgedBy === undefined ? {} : { acknowledged_by: patch.acknowledgedBy }),
    ...(patch.resolvedBy === undefined ? {} : { resolved_by: patch.resolvedBy }),
    ...(patch.mutedUntil === undefined ? {} : { muted_until: patch.mutedUntil }),
    ...(patch.title === undefined ? {} : { title: patch.title }),
  }
  await trx.updateTable('incidents').set(next).where('id', '=', row.id).execute()
  await trx
    .insertInto('audit')
    .values({ at, actor, action: 'incident.patch', target: row.id, detail: JSON.stringify(patch) })
    .execute()
  await wantDelivery(trx, row.id, at, row.last_seen)
  // The message may be waiting for the end of a mute that is no longer the one.
  if (patch.mutedUntil !== undefined)
    await trx.updateTable('outbox').set({ not_before: 0 }).where('incident_id', '=', row.id).execute()
  return incidentOfRow({ ...row, ...next })
}

function filtered(db: Kysely<Database>, query: IncidentQuery) {
  let rows = db.selectFrom('incidents')
  // A merged incident is counted where it went; it is listed only for who asks for it.
  rows = query.states === undefined ? rows.where('state', '!=', 'merged') : rows.where('state', 'in', query.states)
  if (query.foldedUnder !== undefined) rows = rows.where('folded_under', '=', query.foldedUnder)
  if (query.severities !== undefined) rows = rows.where('severity', 'in', query.severities)
  if (query.services !== undefined) rows = rows.where('service', 'in', query.services)
  if (query.from !== undefined) rows = rows.where('last_seen', '>=', query.from)
  if (query.to !== undefined) rows = rows.where('first_seen', '<=', query.to)
  for (const word of (query.text ?? '')
    .split(/\s+/)
    .filter((part) => part !== '')
    .slice(0, 8)) {
    const like = `%${word.replace(/[\\%_]/g, '\\$&')}%`
    rows = rows.where((eb) =>
      eb.or(
        (['title', 'service', 'template', 'id'] as const).map(
          (column) => sql<boolean>`${eb.ref(column)} like ${like} escape '\\'`,
        ),
      ),
    )
  }
  return rows
}

function* chunks<T>(items: readonly T[]): Generator<T[]> {
  for (let i = 0; i < items.length; i += CHUNK) yield items.slice(i, i + CHUNK)
}
