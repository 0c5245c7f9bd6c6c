/** The transaction that counts exactly once: event ids, incidents, samples, patterns and the wish for a message. */
import type { Transaction } from 'kysely'
import { positionKey } from '../pipeline/record.ts'
import type { ApplyResult, GroupedEvent, IncidentChange, IncidentPlanner } from '../pipeline/store.ts'
import { contentHash, crockford } from '../platform/hash.ts'
import { chunks, hasManyWriters } from './concurrency.ts'
import type { Database } from './database.ts'
import { absorb, loadCurrent, lockCurrent } from './grouping-queries.ts'
import { rowOfIncident } from './incident-codec.ts'
import { loadCounts, loadNear, loadUsual } from './incident-context.ts'
import { wantDelivery } from './outbox-queries.ts'

const EARLIEST_SAMPLES = 10
const LATEST_SAMPLES = 20

/** Thrown out of a transaction that only meant to count: it must run again as the only one that opens or merges. */
export class OpensIncidents extends Error {}

/**
 * `alone`: no other worker opens, merges or folds meanwhile. A batch that only counts, as nearly all do, needs no more
 * than the rows of its own incidents; one that turns out to do more throws OpensIncidents.
 */
export async function applyEvents(
  trx: Transaction<Database>,
  events: readonly GroupedEvent[],
  plan: IncidentPlanner,
  now: number,
  alone: boolean,
): Promise<ApplyResult> {
  const { fresh, duplicates } = await rememberEvents(trx, events, now)
  if (fresh.length === 0) return { changes: [], duplicates }
  const { current, apart } = hasManyWriters(trx) ? await lockCurrent(trx, fresh) : await loadCurrent(trx, fresh)
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
  if (!alone && (folded.length > 0 || made.some(isStructural))) throw new OpensIncidents()
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
      .set({ folded_under: fold?.under ?? null, fold_reason: fold?.reason ?? null })
      .where('id', '=', incident.id)
      .execute()
    await wantDelivery(trx, incident.id, now, incident.firstSeen)
    if (fold !== undefined) await wantDelivery(trx, fold.under, now, incident.firstSeen)
    if (incident.fold !== undefined) await wantDelivery(trx, incident.fold.under, now, incident.firstSeen)
  }
  await countPatterns(trx, fresh, now)
  return { changes, duplicates }
}

const isStructural = ({ kind, aliases, absorbed }: IncidentChange): boolean =>
  kind === 'opened' || aliases.length > 0 || absorbed.length > 0

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
  const added = new Set<string>()
  const known = new Map<string, string>()
  // In one order everywhere: two workers that hold the same re-sent lines wait for each other, and neither for ever.
  for (const part of chunks([...first.values()].sort((a, b) => (a.record.id < b.record.id ? -1 : 1)))) {
    const inserted = await trx
      .insertInto('events_seen')
      .values(part.map(({ record }) => ({ id: record.id, position: positionKey(record.position), seen_at: now })))
      .onConflict((oc) => oc.column('id').doNothing())
      .returning('id')
      .execute()
    for (const row of inserted) added.add(row.id)
    const rest = part.filter((event) => !added.has(event.record.id))
    if (rest.length === 0) continue
    const rows = await trx
      .selectFrom('events_seen')
      .select(['id', 'position'])
      .where(
        'id',
        'in',
        rest.map((event) => event.record.id),
      )
      .execute()
    for (const row of rows) known.set(row.id, row.position)
  }
  const fresh: GroupedEvent[] = []
  for (const event of first.values()) {
    const { id, position } = event.record
    if (added.has(id)) fresh.push(event)
    else if (known.get(id) !== positionKey(position)) duplicates.add(`${id} ${positionKey(position)}`)
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
  // A file of days holds more minutes than a statement takes values.
  for (const part of chunks([...change.buckets]))
    await trx
      .insertInto('incident_buckets')
      .values(part.map(([minute, count]) => ({ incident_id: incident.id, minute, count })))
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

async function countPatterns(trx: Transaction<Database>, events: readonly GroupedEvent[], now: number): Promise<void> {
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
        added_at: now,
      })
    else {
      row.count++
      row.first_seen = Math.min(row.first_seen, record.at)
      row.last_seen = Math.max(row.last_seen, record.at)
    }
  }
  for (const part of chunks([...rows.values()].sort((a, b) => (a.fingerprint < b.fingerprint ? -1 : 1)))) {
    await trx
      .insertInto('patterns')
      .values(part)
      .onConflict((oc) =>
        oc.column('fingerprint').doUpdateSet((eb) => ({
          count: eb('patterns.count', '+', eb.ref('excluded.count')),
          first_seen: eb
            .case()
            .when('patterns.first_seen', '<', eb.ref('excluded.first_seen'))
            .then(eb.ref('patterns.first_seen'))
            .else(eb.ref('excluded.first_seen'))
            .end(),
          last_seen: eb
            .case()
            .when('patterns.last_seen', '>', eb.ref('excluded.last_seen'))
            .then(eb.ref('patterns.last_seen'))
            .else(eb.ref('excluded.last_seen'))
            .end(),
        })),
      )
      .execute()
  }
}
