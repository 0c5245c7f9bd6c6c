/** Which fingerprints are one incident, in SQL: what the grouping found, and what a person decided over it. */
import type { Kysely, Transaction } from 'kysely'
import { type Incident, type IncidentSeverity, worseSeverity } from '../pipeline/incident.ts'
import type { GroupedEvent, IncidentGrouping, IncidentMember } from '../pipeline/store.ts'
import { chunks, locked, lockStructure, transact } from './concurrency.ts'
import type { Database, IncidentRow } from './database.ts'
import { incidentOfRow } from './incident-codec.ts'
import { wantDelivery } from './outbox-queries.ts'

/** A chain of merges is short; a ring, which no call makes, must not hang a query. */
const LONGEST_CHAIN = 16
const MAX_MEMBERS = 200

/** Incidents of the fingerprints at hand and of their kin, by fingerprint: aliases and merges are followed. */
export async function loadCurrent(
  trx: Transaction<Database>,
  fresh: readonly GroupedEvent[],
): Promise<{ current: Map<string, Incident>; apart: Set<string> }> {
  const ids = [...new Set(fresh.flatMap(({ fingerprint }) => [fingerprint.id, ...fingerprint.kin]))]
  const apart = new Set<string>()
  for (const part of chunks(ids))
    for (const row of await trx.selectFrom('apart').select('fingerprint').where('fingerprint', 'in', part).execute())
      apart.add(row.fingerprint)
  return { current: await findByFingerprints(trx, ids), apart }
}

/** Incidents by fingerprint: aliases and merges are followed. */
export async function findByFingerprints(
  db: Kysely<Database>,
  fingerprints: readonly string[],
): Promise<Map<string, Incident>> {
  const rows = new Map<string, IncidentRow>()
  for (const part of chunks(fingerprints)) {
    const aliased = await db
      .selectFrom('aliases')
      .innerJoin('incidents', 'incidents.fingerprint', 'aliases.incident_fingerprint')
      .selectAll('incidents')
      .select('aliases.fingerprint as alias')
      .where('aliases.fingerprint', 'in', part)
      .execute()
    for (const { alias, ...row } of aliased) rows.set(alias, row)
    for (const row of await db.selectFrom('incidents').selectAll().where('fingerprint', 'in', part).execute())
      rows.set(row.fingerprint, row)
  }
  await followMerges(db, rows)
  return new Map([...rows].map(([fingerprint, row]) => [fingerprint, incidentOfRow(row)]))
}

/**
 * The same, with the incidents held to the end of the transaction. What was read before they were held may have moved:
 * it is read again until what is held is what it leads to.
 */
export async function lockCurrent(
  trx: Transaction<Database>,
  fresh: readonly GroupedEvent[],
): Promise<{ current: Map<string, Incident>; apart: Set<string> }> {
  const held = new Set<string>()
  for (;;) {
    const found = await loadCurrent(trx, fresh)
    const missing = [...new Set([...found.current.values()].map((incident) => incident.id))]
      .filter((id) => !held.has(id))
      .sort()
    if (missing.length === 0) return found
    for (const part of chunks(missing)) {
      await trx.selectFrom('incidents').select('id').where('id', 'in', part).orderBy('id').forUpdate().execute()
    }
    for (const id of missing) held.add(id)
  }
}

async function followMerges(db: Kysely<Database>, rows: Map<string, IncidentRow>): Promise<void> {
  for (let step = 0; step < LONGEST_CHAIN; step++) {
    const merged = [...rows].filter(([, row]) => row.merged_into !== null)
    if (merged.length === 0) return
    const into = [...new Set(merged.map(([, row]) => row.merged_into as string))]
    const targets = await db.selectFrom('incidents').selectAll().where('id', 'in', into).execute()
    const byId = new Map(targets.map((row) => [row.id, row]))
    for (const [fingerprint, row] of merged) {
      const target = byId.get(row.merged_into as string)
      if (target === undefined) rows.delete(fingerprint)
      else rows.set(fingerprint, target)
    }
  }
}

/** Makes one incident part of another: its history is added there and kept, so that it can be split off again. */
export async function absorb(
  trx: Transaction<Database>,
  other: Pick<Incident, 'id' | 'lastSeen'>,
  into: string,
  at: number,
): Promise<void> {
  await trx
    .updateTable('incidents')
    .set({ state: 'merged', merged_into: into, state_changed_at: at })
    .where('id', '=', other.id)
    .execute()
  await trx
    .insertInto('incident_buckets')
    .columns(['incident_id', 'minute', 'count'])
    .expression((eb) =>
      eb
        .selectFrom('incident_buckets')
        .select([eb.val(into).as('incident_id'), 'minute', 'count'])
        .where('incident_id', '=', other.id),
    )
    .onConflict((oc) =>
      oc
        .columns(['incident_id', 'minute'])
        .doUpdateSet((eb) => ({ count: eb('incident_buckets.count', '+', eb.ref('excluded.count')) })),
    )
    .execute()
  await trx
    .insertInto('samples')
    .columns(['incident_id', 'record_id', 'at', 'record'])
    .expression((eb) =>
      eb
        .selectFrom('samples')
        .select([eb.val(into).as('incident_id'), 'record_id', 'at', 'record'])
        .where('incident_id', '=', other.id),
    )
    .onConflict((oc) => oc.columns(['incident_id', 'record_id']).doNothing())
    .execute()
  await moveFolds(trx, other.id, into, at)
  await wantDelivery(trx, other.id, at, other.lastSeen)
}

/** What was told with the one that goes is told with the one that stays; which cannot be told with a part of itself. */
async function moveFolds(trx: Transaction<Database>, from: string, into: string, at: number): Promise<void> {
  await trx
    .updateTable('incidents')
    .set({ folded_under: null, fold_reason: null })
    .where('id', '=', into)
    .where('folded_under', '=', from)
    .execute()
  const moved = await trx
    .updateTable('incidents')
    .set({ folded_under: into })
    .where('folded_under', '=', from)
    .where('id', '!=', into)
    .returning('id')
    .execute()
  if (moved.length > 0) await wantDelivery(trx, into, at, at)
}

export function createGroupingQueries(db: Kysely<Database>): IncidentGrouping {
  const rowOf = (trx: Transaction<Database>, id: string): Promise<IncidentRow | undefined> =>
    locked(trx, trx.selectFrom('incidents').selectAll().where('id', '=', id.toUpperCase())).executeTakeFirst()

  const note = async (
    trx: Transaction<Database>,
    actor: string,
    at: number,
    action: string,
    target: string,
    detail: unknown,
  ) =>
    void (await trx
      .insertInto('audit')
      .values({ at, actor, action, target, detail: JSON.stringify(detail) })
      .execute())

  return {
    merge: (into, others, actor, at) =>
      transact(db, async (trx) => {
        await lockStructure(trx)
        const target = await rowOf(trx, into)
        if (target === undefined) return { fault: 'no_such_incident', id: into }
        if (target.merged_into !== null) return { fault: 'merged_elsewhere', id: target.id }
        const parts: IncidentRow[] = []
        for (const id of new Set(others.map((other) => other.toUpperCase()))) {
          const row = await rowOf(trx, id)
          if (row === undefined) return { fault: 'no_such_incident', id }
          if (row.id === target.id) return { fault: 'same_incident', id: row.id }
          if (row.merged_into !== null) return { fault: 'merged_elsewhere', id: row.id }
          parts.push(row)
        }
        let merged = target
        for (const row of parts) {
          await absorb(trx, incidentOfRow(row), target.id, at)
          // What a person puts together is no longer held apart.
          await trx.deleteFrom('apart').where('fingerprint', 'in', [row.fingerprint, target.fingerprint]).execute()
          merged = {
            ...merged,
            count: Number(merged.count) + Number(row.count),
            first_seen: Math.min(Number(merged.first_seen), Number(row.first_seen)),
            last_seen: Math.max(Number(merged.last_seen), Number(row.last_seen)),
            severity: worseSeverity(row.severity as IncidentSeverity, merged.severity as IncidentSeverity),
          }
        }
        const { count, first_seen, last_seen, severity } = merged
        await trx
          .updateTable('incidents')
          // A person has put it in the middle: it speaks for itself and for its parts.
          .set({ count, first_seen, last_seen, severity, folded_under: null, fold_reason: null })
          .where('id', '=', target.id)
          .execute()
        await note(trx, actor, at, 'incident.merge', target.id, { merged: others })
        await wantDelivery(trx, target.id, at, Number(last_seen))
        return { incident: incidentOfRow({ ...merged, folded_under: null, fold_reason: null }) }
      }),

    split: (id, fingerprint, actor, at) =>
      transact(db, async (trx) => {
        await lockStructure(trx)
        const from = await rowOf(trx, id)
        if (from === undefined) return { fault: 'no_such_incident', id }
        if (from.fingerprint === fingerprint) return { fault: 'own_fingerprint', id: from.id }
        const part = await trx
          .selectFrom('incidents')
          .selectAll()
          .where('fingerprint', '=', fingerprint)
          .where('merged_into', '=', from.id)
          .executeTakeFirst()
        const removed = await trx
          .deleteFrom('aliases')
          .where('fingerprint', '=', fingerprint)
          .where('incident_fingerprint', '=', from.fingerprint)
          .executeTakeFirst()
        if (part === undefined && Number(removed.numDeletedRows) === 0) return { fault: 'no_such_member', id: from.id }
        await trx
          .insertInto('apart')
          .values({ fingerprint, actor, at })
          .onConflict((oc) => oc.column('fingerprint').doUpdateSet({ actor, at }))
          .execute()
        if (part !== undefined) await takeOut(trx, from, part, at)
        await note(trx, actor, at, 'incident.split', from.id, { fingerprint, ...(part && { incident: part.id }) })
        await wantDelivery(trx, from.id, at, Number(from.last_seen))
        const after = part === undefined ? from : { ...part, state: 'open', merged_into: null, state_changed_at: at }
        return { incident: incidentOfRow(after) }
      }),

    members: async (id) => {
      const own = await db.selectFrom('incidents').selectAll().where('id', '=', id).executeTakeFirst()
      if (own === undefined) return []
      const merged = await db
        .selectFrom('incidents')
        .select(['id', 'fingerprint', 'template', 'count'])
        .where('merged_into', '=', id)
        .orderBy('first_seen')
        .orderBy('id')
        .limit(MAX_MEMBERS)
        .execute()
      const aliases = await db
        .selectFrom('aliases')
        .leftJoin('patterns', 'patterns.fingerprint', 'aliases.fingerprint')
        .select(['aliases.fingerprint as fingerprint', 'patterns.template as template', 'patterns.count as count'])
        .where('aliases.incident_fingerprint', '=', own.fingerprint)
        .orderBy('patterns.first_seen')
        .orderBy('aliases.fingerprint')
        .limit(MAX_MEMBERS)
        .execute()
      const patternCount = await db
        .selectFrom('patterns')
        .select('count')
        .where('fingerprint', '=', own.fingerprint)
        .executeTakeFirst()
      return [
        {
          fingerprint: own.fingerprint,
          template: own.template,
          count: Number(patternCount?.count ?? own.count),
          own: true,
        },
        ...merged.map((row) => ({ ...row, incident: row.id, count: Number(row.count), own: false })),
        ...aliases.map((row) => ({
          fingerprint: row.fingerprint,
          template: row.template ?? '',
          count: Number(row.count ?? 0),
          own: false,
        })),
      ].map(
        ({ fingerprint, template, count, own: itself, ...rest }): IncidentMember => ({
          fingerprint,
          template,
          count,
          own: itself,
          ...('incident' in rest && rest.incident !== undefined ? { incident: rest.incident as string } : {}),
        }),
      )
    },
  }
}

/** The part's own history is taken off again; what came after the merge stays where it was counted. */
async function takeOut(trx: Transaction<Database>, from: IncidentRow, part: IncidentRow, at: number): Promise<void> {
  await trx
    .updateTable('incident_buckets')
    .set((eb) => ({
      count: eb(
        'count',
        '-',
        eb
          .selectFrom('incident_buckets as own')
          .select('own.count')
          .where('own.incident_id', '=', part.id)
          .whereRef('own.minute', '=', 'incident_buckets.minute'),
      ),
    }))
    .where('incident_id', '=', from.id)
    .where('minute', 'in', (eb) =>
      eb.selectFrom('incident_buckets as own').select('own.minute').where('own.incident_id', '=', part.id),
    )
    .execute()
  await trx.deleteFrom('incident_buckets').where('incident_id', '=', from.id).where('count', '<=', 0).execute()
  await trx
    .deleteFrom('samples')
    .where('incident_id', '=', from.id)
    .where('record_id', 'in', (eb) =>
      eb.selectFrom('samples as own').select('own.record_id').where('own.incident_id', '=', part.id),
    )
    .execute()
  await trx
    .updateTable('incidents')
    .set({ count: Math.max(1, Number(from.count) - Number(part.count)) })
    .where('id', '=', from.id)
    .execute()
  await trx
    .updateTable('incidents')
    .set({ state: 'open', merged_into: null, state_changed_at: at })
    .where('id', '=', part.id)
    .execute()
  await wantDelivery(trx, part.id, at, Number(part.last_seen))
}
