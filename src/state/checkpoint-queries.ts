/** Checkpoints and the ledger in SQL. They change in one transaction, so that the counts cover exactly what is passed. */
import type { Kysely, Transaction } from 'kysely'
import { emptyLedger, type LedgerTally, STAGES } from '../pipeline/outcome.ts'
import { type Checkpoint, CheckpointMoved, type CheckpointStore } from '../pipeline/store.ts'
import { transact } from './concurrency.ts'
import type { Database } from './database.ts'

export function createCheckpointQueries(db: Kysely<Database>): CheckpointStore {
  return {
    load: async (stream, incarnation) => {
      const rows = await db
        .selectFrom('checkpoints')
        .select(['shard', 'sequence'])
        .where('stream', '=', stream)
        .where('incarnation', '=', incarnation)
        .execute()
      return new Map(rows.map((row) => [row.shard, row.sequence]))
    },
    save: (stream, checkpoint, tally) =>
      transact(db, async (trx) => {
        if (checkpoint === undefined || (await move(trx, stream, checkpoint))) await addToLedger(trx, tally)
      }),
    ledger: async () => {
      const ledger = emptyLedger()
      for (const row of await db.selectFrom('ledger').selectAll().execute()) {
        const stage = STAGES.find((name) => name === row.stage)
        if (stage === undefined) continue
        const tally = ledger[stage]
        const count = Number(row.count)
        if (row.outcome === 'received') tally.received = count
        else if (row.outcome === 'kept') tally.kept = count
        else if (row.outcome === 'dropped') tally.dropped[row.reason] = count
        else tally.rejected[row.reason] = count
      }
      return ledger
    },
  }
}

/** False when it stands there already. */
async function move(
  trx: Transaction<Database>,
  stream: string,
  { incarnation, shard, sequence, after }: Checkpoint & { readonly after: string | undefined },
): Promise<boolean> {
  const moved =
    after === undefined
      ? await trx
          .insertInto('checkpoints')
          .values({ stream, incarnation, shard, sequence })
          .onConflict((oc) => oc.columns(['stream', 'incarnation', 'shard']).doNothing())
          .returning('sequence')
          .execute()
      : await trx
          .updateTable('checkpoints')
          .set({ sequence })
          .where('stream', '=', stream)
          .where('incarnation', '=', incarnation)
          .where('shard', '=', shard)
          .where('sequence', '=', after)
          .returning('sequence')
          .execute()
  if (moved.length > 0) return true
  const found = await trx
    .selectFrom('checkpoints')
    .select('sequence')
    .where('stream', '=', stream)
    .where('incarnation', '=', incarnation)
    .where('shard', '=', shard)
    .executeTakeFirst()
  if (found?.sequence === sequence) return false
  throw new CheckpointMoved({ shard }, found?.sequence)
}

async function addToLedger(trx: Transaction<Database>, tally: LedgerTally): Promise<void> {
  const rows: Database['ledger'][] = []
  for (const stage of STAGES) {
    const { received, kept, dropped, rejected } = tally[stage]
    rows.push(
      { stage, outcome: 'received', reason: '', count: received },
      { stage, outcome: 'kept', reason: '', count: kept },
    )
    for (const [reason, count] of Object.entries(dropped)) rows.push({ stage, outcome: 'dropped', reason, count })
    for (const [reason, count] of Object.entries(rejected)) rows.push({ stage, outcome: 'rejected', reason, count })
  }
  // In one order everywhere, so that two workers never wait for each other.
  const changed = rows.filter((row) => row.count > 0).sort((a, b) => (ledgerKey(a) < ledgerKey(b) ? -1 : 1))
  if (changed.length === 0) return
  await trx
    .insertInto('ledger')
    .values(changed)
    .onConflict((oc) =>
      oc
        .columns(['stage', 'outcome', 'reason'])
        .doUpdateSet((eb) => ({ count: eb('ledger.count', '+', eb.ref('excluded.count')) })),
    )
    .execute()
}

const ledgerKey = (row: Database['ledger']): string => `${row.stage} ${row.outcome} ${row.reason}`
