/** The outbox in SQL: one row per incident, a wish for the message to show version `wanted` of it. */
import { type Kysely, sql, type Transaction } from 'kysely'
import type { Claim, Delivery, Outbox } from '../pipeline/store.ts'
import { locked, transact, unclaimed } from './concurrency.ts'
import type { Database } from './database.ts'

/** Rows whose latencies the figures are taken from. */
const LATENCY_ROWS = 1_000

/** Messages go out in the order of their wishes. A number, because a wall clock may step back between two of them. */
const nextTurn = sql<number>`(select coalesce(max(turn), 0) + 1 from outbox)`

/** Called inside the transaction that changes the incident. */
export async function wantDelivery(
  trx: Transaction<Database> | Kysely<Database>,
  incident: string,
  now: number,
  lineAt: number,
): Promise<void> {
  await trx
    .insertInto('outbox')
    .values({
      incident_id: incident,
      wanted: 1,
      done: 0,
      not_before: 0,
      lease_until: 0,
      attempt: 0,
      claim: 0,
      claimed_by: '',
      turn: nextTurn,
      wanted_at: now,
      line_at: lineAt,
      fault: null,
      sweep_at: null,
    })
    .onConflict((oc) =>
      oc.column('incident_id').doUpdateSet((eb) => ({
        wanted: eb('outbox.wanted', '+', 1),
        turn: eb
          .case()
          .when('outbox.wanted', '>', eb.ref('outbox.done'))
          .then(eb.ref('outbox.turn'))
          .else(nextTurn)
          .end(),
        wanted_at: eb
          .case()
          .when('outbox.wanted', '>', eb.ref('outbox.done'))
          .then(eb.ref('outbox.wanted_at'))
          .else(now)
          .end(),
      })),
    )
    .execute()
}

export interface OutboxOptions {
  readonly now: () => number
  /** Name of this worker: the same after its restart, of no other worker meanwhile. */
  readonly worker: string
}

export function createOutboxQueries(db: Kysely<Database>, { now, worker }: OutboxOptions): Outbox {
  const ended = { lease_until: 0 }
  const held = ({ incident, claim }: Claim, on: Kysely<Database> = db) =>
    on.updateTable('outbox').where('incident_id', '=', incident).where('claim', '=', claim)
  return {
    claim: (at, leaseMs, limit) =>
      transact(db, async (trx) => {
        // The condition is looked at again where the row is taken: of two workers one gets it.
        const taken = await trx
          .updateTable('outbox')
          .set((eb) => ({
            attempt: eb('attempt', '+', 1),
            claim: eb('claim', '+', 1),
            claimed_by: worker,
            lease_until: at + leaseMs,
          }))
          .where('incident_id', 'in', (eb) =>
            unclaimed(
              trx,
              eb
                .selectFrom('outbox')
                .select('incident_id')
                .where((or) => or.or([or('wanted', '>', or.ref('done')), or('sweep_at', '<=', at)]))
                .where('not_before', '<=', at)
                .where('lease_until', '<=', at)
                .orderBy('turn')
                .orderBy('incident_id')
                .limit(limit),
            ),
          )
          .where('lease_until', '<=', at)
          .returning('incident_id')
          .execute()
        if (taken.length === 0) return []
        const rows = await trx
          .selectFrom('outbox')
          .leftJoin('notifications', 'notifications.incident_id', 'outbox.incident_id')
          .select([
            'outbox.incident_id',
            'wanted',
            'attempt',
            'claim',
            'line_at',
            'channel',
            'ts',
            'thread_ts',
            'shown',
            'thread_shown',
            'broadcasts',
            'first_attempt_at',
            'posted_at',
            'sweep_at',
          ])
          .where(
            'outbox.incident_id',
            'in',
            taken.map((row) => row.incident_id),
          )
          .orderBy('turn')
          .orderBy('outbox.incident_id')
          .execute()
        return rows.map(
          (row): Delivery => ({
            incident: row.incident_id,
            claim: Number(row.claim),
            attempt: row.attempt,
            wanted: Number(row.wanted),
            lineAt: Number(row.line_at),
            broadcasts: row.broadcasts ?? 0,
            ...optional('channel', row.channel),
            ...optional('ts', row.ts),
            ...optional('threadTs', row.thread_ts),
            ...optional('shown', row.shown),
            ...optional('threadShown', row.thread_shown),
            ...optional('firstAttemptAt', row.first_attempt_at === null ? null : Number(row.first_attempt_at)),
            ...optional('sweepAt', row.sweep_at === null ? null : Number(row.sweep_at)),
            ...optional('postedAt', row.posted_at === null ? null : Number(row.posted_at)),
          }),
        )
      }),

    progress: ({ incident, claim }, done) =>
      transact(db, async (trx) => {
        const row = await locked(
          trx,
          trx.selectFrom('outbox').select('claim').where('incident_id', '=', incident),
        ).executeTakeFirst()
        if (row === undefined || Number(row.claim) !== claim) return false
        if (done.sweepAt !== undefined) await held({ incident, claim }, trx).set({ sweep_at: done.sweepAt }).execute()
        const values = {
          ...(done.channel === undefined ? {} : { channel: done.channel }),
          ...(done.ts === undefined ? {} : { ts: done.ts }),
          ...(done.threadTs === undefined ? {} : { thread_ts: done.threadTs }),
          ...(done.shown === undefined ? {} : { shown: done.shown }),
          ...(done.threadShown === undefined ? {} : { thread_shown: done.threadShown }),
          ...(done.broadcasts === undefined ? {} : { broadcasts: done.broadcasts }),
          ...(done.firstAttemptAt === undefined ? {} : { first_attempt_at: done.firstAttemptAt }),
          ...(done.postedAt === undefined ? {} : { posted_at: done.postedAt }),
        }
        if (Object.keys(values).length === 0) return true
        await trx
          .insertInto('notifications')
          .values({ incident_id: incident, broadcasts: 0, ...values })
          .onConflict((oc) => oc.column('incident_id').doUpdateSet(values))
          .execute()
        return true
      }),

    settle: async (claim, wanted, notBefore) => {
      await held(claim)
        .set({ ...ended, done: wanted, attempt: 0, not_before: notBefore, fault: null })
        .execute()
    },

    postpone: async (claim, notBefore, reason) => {
      await held(claim)
        .set({ ...ended, not_before: notBefore, fault: reason === '' ? null : reason.slice(0, 300) })
        .execute()
    },

    releaseClaims: async () => {
      await db.updateTable('outbox').set(ended).where('lease_until', '>', 0).where('claimed_by', '=', worker).execute()
    },

    sweep: async (incident, at) => {
      await db.updateTable('outbox').set({ sweep_at: at }).where('incident_id', '=', incident).execute()
    },

    want: (incident) => wantDelivery(db, incident, now(), now()),

    status: async (at) => {
      const pending = await db
        .selectFrom('outbox')
        .select((eb) => [eb.fn.countAll<number>().as('n'), eb.fn.min('wanted_at').as('oldest')])
        .whereRef('wanted', '>', 'done')
        .where('not_before', '<=', at)
        .executeTakeFirstOrThrow()
      const posted = await db
        .selectFrom('notifications')
        .select((eb) => eb.fn.countAll<number>().as('n'))
        .where('posted_at', 'is not', null)
        .executeTakeFirstOrThrow()
      const fault = await db
        .selectFrom('outbox')
        .select('fault')
        .where('fault', 'is not', null)
        .limit(1)
        .executeTakeFirst()
      const latencies = await db
        .selectFrom('notifications')
        .innerJoin('outbox', 'outbox.incident_id', 'notifications.incident_id')
        .select(['posted_at', 'line_at'])
        .where('posted_at', 'is not', null)
        .orderBy('posted_at', 'desc')
        .limit(LATENCY_ROWS)
        .execute()
      return {
        pending: Number(pending.n),
        ...optional('oldestPendingAt', pending.oldest === null ? null : Number(pending.oldest)),
        posted: Number(posted.n),
        ...optional('lastFault', fault?.fault ?? null),
        lineToMessageMs: latencies.map((row) => Number(row.posted_at) - Number(row.line_at)),
      }
    },
  }
}

function optional<K extends string, V>(key: K, value: V | null): { [P in K]?: V } {
  return value === null ? {} : ({ [key]: value } as { [P in K]: V })
}
