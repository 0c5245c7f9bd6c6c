/** How often each shard was taken up at one place, in SQL. */
import type { Kysely } from 'kysely'
import type { ShardPlace, TakeUpStore } from '../pipeline/store.ts'
import { locked, transact } from './concurrency.ts'
import type { Database } from './database.ts'

export function createTakeUpQueries(db: Kysely<Database>): TakeUpStore {
  const rowOf = ({ stream, incarnation, shard }: ShardPlace, on: Kysely<Database> = db) =>
    on
      .selectFrom('take_ups')
      .where('stream', '=', stream)
      .where('incarnation', '=', incarnation)
      .where('shard', '=', shard)
  const update = ({ stream, incarnation, shard }: ShardPlace) =>
    db
      .updateTable('take_ups')
      .where('stream', '=', stream)
      .where('incarnation', '=', incarnation)
      .where('shard', '=', shard)
  return {
    begin: (place, after) =>
      transact(db, async (trx) => {
        const checkpoint = after ?? ''
        const row = await locked(
          trx,
          rowOf(place, trx).select(['checkpoint', 'times', 'suspect', 'suspected']),
        ).executeTakeFirst()
        const times = row?.checkpoint === checkpoint ? row.times + 1 : 1
        const { stream, incarnation, shard } = place
        await trx
          .insertInto('take_ups')
          .values({ stream, incarnation, shard, checkpoint, times, suspect: null, suspected: 0 })
          .onConflict((oc) => oc.columns(['stream', 'incarnation', 'shard']).doUpdateSet({ checkpoint, times }))
          .execute()
        return {
          times,
          ...(row?.suspect == null ? {} : { suspect: { sequence: row.suspect, times: row.suspected } }),
        }
      }),
    mark: async (place, suspect) => {
      await update(place)
        .set({ suspect: suspect?.sequence ?? null, suspected: suspect?.times ?? 0 })
        .execute()
    },
    end: async (place) => void (await update(place).set({ times: 0 }).execute()),
  }
}
