/** Incidents in SQL: what people read of them and do to them. */
import { type Kysely, sql, type Transaction } from 'kysely'
import type { Incident } from '../pipeline/incident.ts'
import { PROBE_SERVICE } from '../pipeline/probe.ts'
import type { LogRecord } from '../pipeline/record.ts'
import type { IncidentPatch, IncidentQuery, IncidentReader, IncidentStore, IncidentWriter } from '../pipeline/store.ts'
import type { Clock } from '../platform/clock.ts'
import { hasManyWriters, locked, lockStructure, transact } from './concurrency.ts'
import type { Database } from './database.ts'
import { applyEvents, OpensIncidents } from './incident-apply.ts'
import { incidentOfRow } from './incident-codec.ts'
import { wantDelivery } from './outbox-queries.ts'

export type IncidentQueries = IncidentStore & IncidentReader & IncidentWriter

export function createIncidentQueries(db: Kysely<Database>, clock: Clock): IncidentQueries {
  return {
    apply: async (events, plan) => {
      if (hasManyWriters(db)) {
        try {
          return await transact(db, (trx) => applyEvents(trx, events, plan, clock.now(), false))
        } catch (error) {
          if (!(error instanceof OpensIncidents)) throw error
        }
      }
      return transact(db, async (trx) => {
        await lockStructure(trx)
        return applyEvents(trx, events, plan, clock.now(), true)
      })
    },

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

    withFingerprint: async (fingerprint) => {
      const alias = await db
        .selectFrom('aliases')
        .select('incident_fingerprint')
        .where('fingerprint', '=', fingerprint)
        .executeTakeFirst()
      const row = await db
        .selectFrom('incidents')
        .selectAll()
        .where('fingerprint', '=', alias?.incident_fingerprint ?? fingerprint)
        .executeTakeFirst()
      return row === undefined ? undefined : incidentOfRow(row)
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

    patch: (id, patch, actor, at) => transact(db, (trx) => patchIncident(trx, id, patch, actor, at)),

    quiet: async (before, at) =>
      transact(db, async (trx) => {
        const rows = await locked(
          trx,
          trx
            .selectFrom('incidents')
            .selectAll()
            .where('state', 'in', ['open', 'acknowledged', 'regressed'])
            .where('last_seen', '<', before)
            .orderBy('id'),
        ).execute()
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

async function patchIncident(
  trx: Transaction<Database>,
  id: string,
  patch: IncidentPatch,
  actor: string,
  at: number,
): Promise<Incident | undefined> {
  const rowOf = (wanted: string) =>
    locked(trx, trx.selectFrom('incidents').selectAll().where('id', '=', wanted)).executeTakeFirst()
  let row = await rowOf(id.toUpperCase())
  // The buttons of a message that was merged act on what it has become part of.
  for (let step = 0; step < 16 && row?.merged_into != null; step++) row = await rowOf(row.merged_into)
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
  // A probe is nobody's trouble: it is listed only for who asks for it.
  rows =
    query.services === undefined
      ? rows.where('service', '!=', PROBE_SERVICE)
      : rows.where('service', 'in', query.services)
  if (query.from !== undefined) rows = rows.where('last_seen', '>=', query.from)
  if (query.to !== undefined) rows = rows.where('first_seen', '<=', query.to)
  for (const word of (query.text ?? '')
    .split(/\s+/)
    .filter((part) => part !== '')
    .slice(0, 8)) {
    const like = `%${asciiLower(word).replace(/[\\%_]/g, '\\$&')}%`
    rows = rows.where((eb) =>
      eb.or(
        (['title', 'service', 'template', 'id'] as const).map(
          (column) => sql<boolean>`lower(${eb.ref(column)}) like ${like} escape '\\'`,
        ),
      ),
    )
  }
  return rows
}

/** As SQLite's lower() does: both engines then find the same. */
const asciiLower = (text: string): string => text.replace(/[A-Z]/g, (letter) => letter.toLowerCase())
