/** A stream in memory for tests of the runners: shards with parents, and a pipeline whose effects can be watched and held up. */

import type { RawBatch, RawRecord, Reading } from '../../src/pipeline/batch.ts'
import { createShardCheckpoints } from '../../src/pipeline/consume/shard-checkpoint.ts'
import type { BroughtShardDeps } from '../../src/pipeline/consume/shard-delivery.ts'
import type { LedgerTally } from '../../src/pipeline/outcome.ts'
import { CheckpointMoved, type CheckpointStore, type TakeUp, type TakeUpStore } from '../../src/pipeline/store.ts'
import { silentLogger } from '../../src/platform/logger.ts'

export interface FakeShard {
  readonly id: string
  readonly parents: readonly string[]
  readonly records: readonly RawRecord[]
  /** Split or merged: it gets no more records. */
  readonly closed: boolean
}

export const ARRIVED = Date.UTC(2026, 0, 20, 12)

export const fakeShard = (
  id: string,
  sequences: readonly number[],
  more: { parents?: readonly string[]; closed?: boolean } = {},
): FakeShard => ({
  id,
  parents: more.parents ?? [],
  closed: more.closed ?? false,
  records: sequences.map((n) => ({ sequence: String(n), arrivedAt: ARRIVED, data: Buffer.from(`${id} ${n}`) })),
})

/** What survives a worker: checkpoints, and which records were counted with them. */
export interface FakeState extends CheckpointStore, TakeUpStore {
  readonly stored: Map<string, string>
}

export function createFakeState(): FakeState {
  const stored = new Map<string, string>()
  const taken = new Map<string, { after: string | undefined; times: number; suspect: TakeUp['suspect'] }>()
  return {
    stored,
    load: async () => new Map(stored),
    save: async (_stream, checkpoint) => {
      if (checkpoint === undefined || stored.get(checkpoint.shard) === checkpoint.sequence) return
      if (stored.get(checkpoint.shard) !== checkpoint.after)
        throw new CheckpointMoved(checkpoint, stored.get(checkpoint.shard))
      stored.set(checkpoint.shard, checkpoint.sequence)
    },
    ledger: () => Promise.reject(new Error('not asked for')),
    begin: async ({ shard }, after) => {
      const row = taken.get(shard)
      const times = row !== undefined && row.after === after ? row.times + 1 : 1
      taken.set(shard, { after, times, suspect: row?.suspect })
      return { times, ...(row?.suspect === undefined ? {} : { suspect: row.suspect }) }
    },
    mark: async ({ shard }, suspect) =>
      void taken.set(shard, { after: undefined, times: 0, ...taken.get(shard), suspect }),
    end: async ({ shard }) =>
      void taken.set(shard, { after: undefined, suspect: undefined, ...taken.get(shard), times: 0 }),
  }
}

/** One worker's pipeline. It takes batches at once; they become durable when `flush` is called, as archive objects do. */
export interface FakePipeline extends BroughtShardDeps {
  readonly retryPolicy: { readonly baseMs: number; readonly capMs: number; readonly attempts: number }
  /** Records whose effects were applied, as `shard sequence`, in order. */
  readonly applied: readonly string[]
  /** Records that became durable with their checkpoint. */
  readonly counted: readonly string[]
  readonly batches: readonly RawBatch[]
  /** Thrown by the next calls of process. */
  readonly faults: Error[]
  /** Resolves when `n` records were applied. */
  applies(n: number): Promise<void>
  /** Resolves when this record has become durable. */
  counts(name: string): Promise<void>
  /** Nothing becomes durable any more: the worker is dead, or its storage is away. */
  freeze(): void
}

export function createFakePipeline(state: FakeState, options: { flushEach?: number } = {}): FakePipeline {
  const checkpoints = createShardCheckpoints(state, state)
  const applied: string[] = []
  const counted: string[] = []
  const batches: RawBatch[] = []
  const faults: Error[] = []
  const open: { batch: RawBatch; resolve: () => void; reject: (error: unknown) => void }[] = []
  const watchers = new Set<() => void>()
  let frozen = false
  const names = (batch: RawBatch): string[] => batch.records.map(({ sequence }) => `${batch.shard} ${sequence}`)
  const flush = async (): Promise<void> => {
    if (frozen) return
    for (const { batch, resolve, reject } of open.splice(0)) {
      try {
        const sequence = batch.records.at(-1)?.sequence ?? ''
        await checkpoints.move(batch.reading as Reading, sequence, {} as LedgerTally)
        counted.push(...names(batch))
        for (const watcher of watchers) watcher()
        resolve()
      } catch (error) {
        reject(error)
      }
    }
  }
  const reached = (holds: () => boolean): Promise<void> =>
    new Promise((resolve) => {
      const look = (): void => {
        if (!holds()) return
        watchers.delete(look)
        resolve()
      }
      watchers.add(look)
      look()
    })
  return {
    stream: 's',
    incarnation: '1',
    checkpoints,
    flush,
    logger: silentLogger,
    retryPolicy: { baseMs: 1, capMs: 1, attempts: Number.POSITIVE_INFINITY },
    applied,
    counted,
    batches,
    faults,
    process: async (batch) => {
      const fault = faults.shift()
      if (fault !== undefined) throw fault
      const { promise, resolve, reject } = Promise.withResolvers<void>()
      promise.catch(() => undefined)
      open.push({ batch, resolve, reject })
      batches.push(batch)
      applied.push(...names(batch))
      for (const watcher of watchers) watcher()
      if (open.length >= (options.flushEach ?? Number.POSITIVE_INFINITY)) await flush()
      return { durable: promise, accepted: batch.records.length, rejected: 0 }
    },
    applies: (n) => reached(() => applied.length >= n),
    counts: (name) => reached(() => counted.includes(name)),
    freeze: () => {
      frozen = true
    },
  }
}
