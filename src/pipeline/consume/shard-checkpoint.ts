/**
 * Shard checkpoints of one reader: each is moved only from where this reader took it up or moved it last. When another
 * reader has moved it meanwhile (a lease that went over while this process stood still), the move is refused.
 */
import type { Reading } from '../batch.ts'
import type { LedgerTally } from '../outcome.ts'
import { CheckpointMoved, type CheckpointStore, type ShardPlace, type TakeUp, type TakeUpStore } from '../store.ts'

/** Checkpoint of a shard that is read to its end. */
export const SHARD_END = 'SHARD_END'

export interface TakenShard extends Reading {
  readonly place: ShardPlace
  /** Sequence of the last record that is done; undefined: none yet. */
  readonly after: string | undefined
  /** How often in a row a reader began here; from the third time on a record is suspected to end the process. */
  readonly times: number
  /** The record that the last reader was reading alone when its process ended, and how many readers in a row were. */
  readonly suspect?: TakeUp['suspect']
}

export interface ShardCheckpoints {
  /** Takes up the shard where its last record is done. */
  takeUp(stream: string, incarnation: string, shard: string): Promise<TakenShard>
  /** Moves the checkpoint of a taken shard, with the counts that go with it. Throws CheckpointMoved. */
  move(reading: Reading, sequence: string, tally: LedgerTally): Promise<void>
  /** Adds the counts of a source that has no position. */
  count(stream: string, tally: LedgerTally): Promise<void>
  /** See TakeUpStore. */
  mark(taken: TakenShard, sequence: string | undefined): Promise<void>
  /** The reader ends because it was asked to. */
  giveBack(taken: TakenShard): Promise<void>
}

export function createShardCheckpoints(store: CheckpointStore, takeUps: TakeUpStore): ShardCheckpoints {
  const lines = new Map<string, Line>()
  return {
    takeUp: async (stream, incarnation, shard) => {
      const place = { stream, incarnation, shard }
      const key = JSON.stringify(place)
      const before = lines.get(key)
      if (before !== undefined) {
        before.revoked = true
        // A move that is under way counts: the new reading begins behind it.
        await before.moving.catch(() => undefined)
      }
      const after = (await store.load(stream, incarnation)).get(shard)
      const line: Line = { place, after, standing: after, revoked: false, moving: Promise.resolve(), times: 0 }
      lines.set(key, line)
      return Object.assign(line, await takeUps.begin(place, after))
    },
    mark: ({ place, suspect }, sequence) => {
      if (sequence === undefined) return takeUps.mark(place, undefined)
      return takeUps.mark(place, { sequence, times: (suspect?.sequence === sequence ? suspect.times : 0) + 1 })
    },
    giveBack: ({ place }) => takeUps.end(place),
    count: (stream, tally) => store.save(stream, undefined, tally),
    move: async (reading, sequence, tally) => {
      const line = reading as Line
      if (line.revoked) throw new CheckpointMoved(line.place, 'where it was taken up anew')
      const { stream, incarnation, shard } = line.place
      const moving = store.save(stream, { incarnation, shard, sequence, after: line.standing }, tally)
      line.moving = moving
      await moving
      line.standing = sequence
    },
  }
}

/** A shard as one reading of it goes on. */
interface Line {
  readonly place: ShardPlace
  readonly after: string | undefined
  times: number
  suspect?: TakeUp['suspect']
  /** Where this reading has moved the checkpoint to. */
  standing: string | undefined
  revoked: boolean
  moving: Promise<void>
}
