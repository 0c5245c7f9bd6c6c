/**
 * Shard delivery: hands the batches of one shard to the pipeline in order, and knows how far all of it is durable. What
 * poll, KCL and Lambda runners share; they differ in how records come and where a checkpoint is kept.
 */
import { setImmediate as turn } from 'node:timers/promises'
import { messageOf } from '../../platform/error.ts'
import type { Logger } from '../../platform/logger.ts'
import { type RetryPolicy, retry } from '../../platform/retry.ts'
import type { RawBatch, RawRecord } from '../batch.ts'
import { compareSequences } from '../record.ts'
import { CheckpointMoved, type Delivered } from '../store.ts'
import type { ShardCheckpoints, TakenShard } from './shard-checkpoint.ts'

/** Batches that may wait for their archive object: bounds memory when storage is slow. */
const MAX_OUTSTANDING = 32
/** A shard that is taken up this often at one place has a record that ends the process: records are read one by one. */
const SUSPECT_AFTER = 3
/** Readers in a row that ended at one record. */
const CONDEMN_AFTER = 2
/** Read one by one without an end, it was something else. */
const SUSPECT_RECORDS = 5_000
const PATIENT: RetryPolicy = { baseMs: 250, capMs: 10_000, attempts: Number.POSITIVE_INFINITY }

export interface ShardDeliveryDeps {
  readonly checkpoints: Pick<ShardCheckpoints, 'mark'>
  /** Effects of a batch; resolves when they are applied, its `durable` when they may be acknowledged. */
  readonly process: (batch: RawBatch) => Promise<Delivered>
  readonly logger: Logger
  /** Told of each attempt that failed. */
  readonly onFailing?: (reason: string) => void
  readonly retryPolicy?: RetryPolicy
}

/** What a runner needs for a shard whose records are brought to it, by the KCL or by Lambda. */
export interface BroughtShardDeps {
  readonly stream: string
  readonly incarnation: string
  readonly checkpoints: ShardCheckpoints
  readonly process: (batch: RawBatch) => Promise<Delivered>
  /** Closes archive objects now, so that what waits for them becomes durable. */
  readonly flush: () => Promise<void>
  readonly logger: Logger
}

export interface ShardDelivery {
  /**
   * Delivers records behind the last one that is done; those before it are left out. Tries until the pipeline takes
   * them, and waits while too many batches are not durable yet. False: stopped, or the shard is lost.
   */
  deliver(records: readonly RawRecord[], signal: AbortSignal): Promise<boolean>
  /** Sequence up to which all is durable; undefined: nothing yet. */
  readonly ackedThrough: string | undefined
  /** Arrival of that record, Unix milliseconds; undefined while this reading has acknowledged nothing. */
  readonly ackedUntil: number | undefined
  /** Another reader has the shard now. */
  readonly lost: boolean
  /** Resolves when nothing is on its way; true when all of it has become durable. */
  settle(): Promise<boolean>
}

export function createShardDelivery(deps: ShardDeliveryDeps, taken: TakenShard): ShardDelivery {
  const { stream, shard } = taken.place
  const outstanding = new Set<Promise<void>>()
  let delivered = taken.after
  let acked = taken.after
  let ackedUntil: number | undefined
  let failure: unknown
  /** Ends the wait for room. */
  let wake = (): void => undefined
  let suspicion = taken.times >= SUSPECT_AFTER || taken.suspect !== undefined ? SUSPECT_RECORDS : 0
  if (suspicion > 0)
    deps.logger.error({ event: 'shard_suspect', shard, after: taken.after ?? 'start', takenUp: taken.times })

  const track = (durable: Promise<void>, { sequence, arrivedAt }: RawRecord): void => {
    const settled: Promise<void> = durable.then(
      () => {
        outstanding.delete(settled)
        wake()
        // In order: a batch that failed holds back all behind it.
        if (failure !== undefined) return
        acked = sequence
        ackedUntil = arrivedAt
      },
      (error) => {
        outstanding.delete(settled)
        wake()
        failure ??= error
      },
    )
    outstanding.add(settled)
  }

  const room = async (signal: AbortSignal): Promise<boolean> => {
    // Listens only while it waits: the signal lives as long as the program, and storage may be slow for days.
    while (outstanding.size >= MAX_OUTSTANDING && failure === undefined && !signal.aborted) {
      const { promise, resolve } = Promise.withResolvers<void>()
      wake = resolve
      signal.addEventListener('abort', wake, { once: true })
      await promise
      signal.removeEventListener('abort', wake)
    }
    return failure === undefined && !signal.aborted
  }

  const process = async (records: readonly RawRecord[]): Promise<Delivered> => {
    const [first] = records
    try {
      if (suspicion === 0) return await deps.process({ stream, shard, records, reading: taken })
      // While one is suspected, each is marked before it is read: the mark that is left names the culprit. Read it is at
      // once; a process that ends while it waits for a store must not speak against the record.
      await deps.checkpoints.mark(taken, first?.sequence)
      const processed = deps.process({ stream, shard, records, reading: taken })
      processed.catch(() => undefined)
      await turn()
      // Not taken off, the mark speaks once against the record; processed again, it would be counted twice.
      await deps.checkpoints.mark(taken, undefined).catch(() => undefined)
      return await processed
    } catch (error) {
      const reason = messageOf(error)
      deps.onFailing?.(reason)
      deps.logger.error({ event: 'batch_failed', shard, sequence: first?.sequence, reason })
      throw error
    }
  }

  const handOver = async (records: readonly RawRecord[], signal: AbortSignal): Promise<boolean> => {
    if (!(await room(signal))) return false
    const last = records.at(-1)
    if (last === undefined) return true
    // Once may be chance: a process that was ended for another reason at this moment.
    const culprit = (taken.suspect?.times ?? 0) >= CONDEMN_AFTER && records[0]?.sequence === taken.suspect?.sequence
    if (culprit) deps.logger.error({ event: 'record_condemned', shard, sequence: last.sequence })
    const given = culprit ? records.map((record) => ({ ...record, condemned: true as const })) : records
    try {
      // Whatever it is, the batch must not be passed over: stay here until it can be taken.
      const { durable } = await retry(deps.retryPolicy ?? PATIENT, () => process(given), { signal, only: () => true })
      delivered = last.sequence
      track(durable, last)
      if (suspicion > 0) suspicion = culprit ? 0 : suspicion - 1
      return true
    } catch (error) {
      if (signal.aborted) return false
      throw error
    }
  }

  return {
    deliver: async (records, signal) => {
      const fresh = delivered === undefined ? records : records.filter(isBehind(delivered))
      if (fresh.length === 0) return failure === undefined
      for (const part of suspicion > 0 ? bySequence(fresh) : [fresh]) if (!(await handOver(part, signal))) return false
      return true
    },
    get ackedThrough() {
      return acked
    },
    get ackedUntil() {
      return ackedUntil
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

/** One Kinesis record a part: what an aggregate was taken apart into stays together. */
function* bySequence(records: readonly RawRecord[]): Generator<readonly RawRecord[]> {
  for (let from = 0; from < records.length; ) {
    let to = from + 1
    while (records[to]?.sequence === records[from]?.sequence) to++
    yield records.slice(from, to)
    from = to
  }
}

const isBehind =
  (sequence: string) =>
  (record: RawRecord): boolean =>
    compareSequences(record.sequence, sequence) > 0
