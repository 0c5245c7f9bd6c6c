/**
 * Shard checkpoints of one reader: each is moved only from where this reader took it up or moved it last. When another
 * reader has moved it meanwhile (a lease that went over while this process stood still), the move is refused.
 */
import type { LedgerTally } from '../outcome.ts'
import type { Checkpoint, CheckpointStore, ShardPlace, TakeUpStore } from '../store.ts'

/** Checkpoint of a shard that is read to its end. */
export const SHARD_END = 'SHARD_END'

export interface TakenShard {
  readonly place: ShardPlace
  /** Sequence of the last record that is done; undefined: none yet. */
  readonly after: string | undefined
  /** How often in a row a reader began here; from the third time on a record is suspected to end the process. */
  readonly times: number
  /** The record that the last reader was reading alone when its process ended. */
  readonly suspect?: string
}

export interface ShardCheckpoints {
  /** Takes up the shard where its last record is done. */
  takeUp(stream: string, incarnation: string, shard: string): Promise<TakenShard>
  /** Undefined: counts of a source that has no position. Throws CheckpointMoved. */
  save(stream: string, checkpoint: Checkpoint | undefined, tally: LedgerTally): Promise<void>
  /** See TakeUpStore. */
  mark(taken: TakenShard, sequence: string | undefined): Promise<void>
  /** The reader ends because it was asked to. */
  giveBack(taken: TakenShard): Promise<void>
}

export function createShardCheckpoints(store: CheckpointStore, takeUps: TakeUpStore): ShardCheckpoints {
  const standing = new Map<string, string>()
  const keyOf = (stream: string, incarnation: string, shard: string): string =>
    JSON.stringify([stream, incarnation, shard])
  return {
    takeUp: async (stream, incarnation, shard) => {
      const sequence = (await store.load(stream, incarnation)).get(shard)
      const key = keyOf(stream, incarnation, shard)
      if (sequence === undefined) standing.delete(key)
      else standing.set(key, sequence)
      const place = { stream, incarnation, shard }
      return { place, after: sequence, ...(await takeUps.begin(place, sequence)) }
    },
    mark: ({ place }, sequence) => takeUps.mark(place, sequence),
    giveBack: ({ place }) => takeUps.end(place),
    save: async (stream, checkpoint, tally) => {
      if (checkpoint === undefined) return store.save(stream, undefined, tally)
      const key = keyOf(stream, checkpoint.incarnation, checkpoint.shard)
      await store.save(stream, { ...checkpoint, after: standing.get(key) }, tally)
      standing.set(key, checkpoint.sequence)
    },
  }
}
