/**
 * Shard checkpoints of one reader: each is moved only from where this reader took it up or moved it last. When another
 * reader has moved it meanwhile (a lease that went over while this process stood still), the move is refused.
 */
import type { LedgerTally } from '../outcome.ts'
import type { Checkpoint, CheckpointStore } from '../store.ts'

/** Checkpoint of a shard that is read to its end. */
export const SHARD_END = 'SHARD_END'

export interface ShardCheckpoints {
  /** Takes up the shard: the sequence of its last record that is done; undefined: none yet. */
  takeUp(stream: string, incarnation: string, shard: string): Promise<string | undefined>
  /** Undefined: counts of a source that has no position. Throws CheckpointMoved. */
  save(stream: string, checkpoint: Checkpoint | undefined, tally: LedgerTally): Promise<void>
}

export function createShardCheckpoints(store: CheckpointStore): ShardCheckpoints {
  const standing = new Map<string, string>()
  const keyOf = (stream: string, incarnation: string, shard: string): string =>
    JSON.stringify([stream, incarnation, shard])
  return {
    takeUp: async (stream, incarnation, shard) => {
      const sequence = (await store.load(stream, incarnation)).get(shard)
      const key = keyOf(stream, incarnation, shard)
      if (sequence === undefined) standing.delete(key)
      else standing.set(key, sequence)
      return sequence
    },
    save: async (stream, checkpoint, tally) => {
      if (checkpoint === undefined) return store.save(stream, undefined, tally)
      const key = keyOf(stream, checkpoint.incarnation, checkpoint.shard)
      await store.save(stream, { ...checkpoint, after: standing.get(key) }, tally)
      standing.set(key, checkpoint.sequence)
    },
  }
}
