/** Debts to the log index in SQL. */
import type { Kysely } from 'kysely'
import type { IndexDebtStore } from '../pipeline/store.ts'
import type { Database } from './database.ts'

export function createIndexDebtQueries(db: Kysely<Database>): IndexDebtStore {
  return {
    note: async (debts, at) => {
      if (debts.length === 0) return
      await db
        .insertInto('index_debt')
        .values(
          debts.map(({ objectKey, records, arrivedAt }) => ({
            object_key: objectKey,
            records,
            arrived_at: arrivedAt,
            noted_at: at,
            lease_until: 0,
            fault: null,
          })),
        )
        .onConflict((oc) => oc.column('object_key').doNothing())
        .execute()
    },
    claim: async (now, leaseMs) => {
      const row = await db
        .selectFrom('index_debt')
        .select(['object_key', 'records', 'arrived_at', 'lease_until'])
        .where('lease_until', '<=', now)
        .orderBy('arrived_at')
        .orderBy('object_key')
        .limit(1)
        .executeTakeFirst()
      if (row === undefined) return undefined
      const taken = await db
        .updateTable('index_debt')
        .set({ lease_until: now + leaseMs })
        .where('object_key', '=', row.object_key)
        .where('lease_until', '=', row.lease_until)
        .executeTakeFirst()
      // Another worker was faster: the next claim finds the next one.
      if (taken.numUpdatedRows === 0n) return undefined
      return { objectKey: row.object_key, records: Number(row.records), arrivedAt: Number(row.arrived_at) }
    },
    settle: async (objectKey) => {
      await db.deleteFrom('index_debt').where('object_key', '=', objectKey).execute()
    },
    postpone: async (objectKey, notBefore, fault) => {
      await db
        .updateTable('index_debt')
        .set({ lease_until: notBefore, fault })
        .where('object_key', '=', objectKey)
        .execute()
    },
    status: async () => {
      const row = await db
        .selectFrom('index_debt')
        .select((eb) => [
          eb.fn.countAll<number>().as('objects'),
          eb.fn.sum<number | null>('records').as('records'),
          eb.fn.min<number | null>('arrived_at').as('oldest'),
          eb.fn.max('fault').as('fault'),
        ])
        .executeTakeFirstOrThrow()
      return {
        objects: Number(row.objects),
        records: Number(row.records ?? 0),
        ...(row.oldest === null ? {} : { oldestAt: Number(row.oldest) }),
        ...(row.fault === null ? {} : { lastFault: row.fault }),
      }
    },
  }
}
