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
  const set = (place: ShardPlace, values: { times?: number; suspect?: string | null }) =>
    db
      .updateTable('take_ups')
      .set(values)
      .where('stream', '=', place.stream)
      .where('incarnation', '=', place.incarnation)
      .where('shard', '=', place.shard)
      .execute()
  return {
    begin: (place, after) =>
      transact(db, async (trx) => {
        const checkpoint = after ?? ''
        const row = await locked(trx, rowOf(place, trx).select(['checkpoint', 'times', 'suspect'])).executeTakeFirst()
        const times = row?.checkpoint === checkpoint ? row.times + 1 : 1
        const { stream, incarnation, shard } = place
        await trx
          .insertInto('take_ups')
          .values({ stream, incarnation, shard, checkpoint, times, suspect: row?.suspect ?? null })
          .onConflict((oc) => oc.columns(['stream', 'incarnation', 'shard']).doUpdateSet({ checkpoint, times }))
          .execute()
        return { times, ...(row?.suspect == null ? {} : { suspect: row.suspect }) }
      }),
    mark: async (place, sequence) => void (await set(place, { suspect: sequence ?? null })),
    end: async (place) => void (await set(place, { times: 0 })),
  }
}
