/**
 * Shard delivery: hands the batches of one shard to the pipeline in order, and knows how far all of it is durable. What
 * poll, KCL and Lambda runners share; they differ in how records come and where a checkpoint is kept.
 */
import { messageOf } from '../../platform/error.ts'
import type { Logger } from '../../platform/logger.ts'
import { type RetryPolicy, retry } from '../../platform/retry.ts'
import type { RawBatch, RawRecord } from '../batch.ts'
import { compareSequences } from '../record.ts'
import { CheckpointMoved, type Delivered } from '../store.ts'

/** Batches that may wait for their archive object: bounds memory when storage is slow. */
const MAX_OUTSTANDING = 32
const PATIENT: RetryPolicy = { baseMs: 250, capMs: 10_000, attempts: Number.POSITIVE_INFINITY }

export interface ShardDeliveryDeps {
  readonly stream: string
  readonly shard: string
  /** Effects of a batch; resolves when they are applied, its `durable` when they may be acknowledged. */
  readonly process: (batch: RawBatch) => Promise<Delivered>
  readonly logger: Logger
  /** Told of each attempt that failed. */
  readonly onFailing?: (reason: string) => void
  readonly retryPolicy?: RetryPolicy
}

export interface ShardDelivery {
  /**
   * Delivers records behind the last one that is done; those before it are left out. Tries until the pipeline takes
   * them, and waits while too many batches are not durable yet. False: stopped, or the shard is lost.
   */
  deliver(records: readonly RawRecord[], signal: AbortSignal): Promise<boolean>
  /** Sequence up to which all is durable; undefined: nothing yet. */
  readonly ackedThrough: string | undefined
  /** Another reader has the shard now. */
  readonly lost: boolean
  /** Resolves when nothing is on its way; true when all of it has become durable. */
  settle(): Promise<boolean>
}

/** `from`: sequence of the last record that is done; undefined: none. */
export function createShardDelivery(deps: ShardDeliveryDeps, from: string | undefined): ShardDelivery {
  const outstanding = new Set<Promise<void>>()
  let delivered = from
  let acked = from
  let failure: unknown

  const track = (durable: Promise<void>, last: string): void => {
    const settled: Promise<void> = durable.then(
      () => {
        outstanding.delete(settled)
        // In order: a batch that failed holds back all behind it.
        if (failure === undefined) acked = last
      },
      (error) => {
        outstanding.delete(settled)
        failure ??= error
      },
    )
    outstanding.add(settled)
  }

  return {
    deliver: async (records, signal) => {
      const fresh = delivered === undefined ? records : records.filter(isBehind(delivered))
      const last = fresh.at(-1)?.sequence
      if (last === undefined) return failure === undefined
      if (outstanding.size >= MAX_OUTSTANDING) {
        const stopped = aborted(signal)
        while (outstanding.size >= MAX_OUTSTANDING && failure === undefined && !signal.aborted)
          await Promise.race([...outstanding, stopped])
      }
      if (failure !== undefined || signal.aborted) return false
      try {
        const { durable } = await retry(
          deps.retryPolicy ?? PATIENT,
          async () => {
            try {
              return await deps.process({ stream: deps.stream, shard: deps.shard, records: fresh })
            } catch (error) {
              const reason = messageOf(error)
              deps.onFailing?.(reason)
              deps.logger.error({ event: 'batch_failed', shard: deps.shard, sequence: fresh[0]?.sequence, reason })
              throw error
            }
          },
          // Whatever it is, the batch must not be passed over: stay here until it can be taken.
          { signal, only: () => true },
        )
        delivered = last
        track(durable, last)
        return true
      } catch (error) {
        if (signal.aborted) return false
        throw error
      }
    },
    get ackedThrough() {
      return acked
    },
    get lost() {
      return failure instanceof CheckpointMoved
    },
    settle: async () => {
      while (outstanding.size > 0) await Promise.all(outstanding)
      return failure === undefined
    },
  }
}

const isBehind =
  (sequence: string) =>
  (record: RawRecord): boolean =>
    compareSequences(record.sequence, sequence) > 0

const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), { once: true })
  })
