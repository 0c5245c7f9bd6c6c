/**
 * One shard under the KCL: the conversation with its daemon from the lease to its end. A batch is answered when its
 * effects are applied; the checkpoint follows in a later call, when its archive object is durable, so that objects grow
 * over many calls. Checkpoints are possible only while a question is open.
 */

import type { Readable, Writable } from 'node:stream'
import { setTimeout as delay } from 'node:timers/promises'
import { CaliError, messageOf } from '../../platform/error.ts'
import { backoffMs, type RetryPolicy } from '../../platform/retry.ts'
import type { RawRecord } from '../batch.ts'
import { emptyLedger } from '../outcome.ts'
import { type KclMessage, type KclQuestion, type KclRecord, readKclMessages, writeKclAnswer } from './kcl-protocol.ts'
import type { SourceStatus } from './kinesis-source.ts'
import { SHARD_END } from './shard-checkpoint.ts'
import { type BroughtShardDeps, createShardDelivery, type ShardDelivery } from './shard-delivery.ts'

export interface KclShardDeps extends BroughtShardDeps {
  readonly report: (status: SourceStatus) => void
  /** Told when a question comes and when it is answered: a worker that is asked nothing is stuck. */
  readonly onQuestion?: (open: boolean) => void
  readonly random: () => number
  readonly retryPolicy?: RetryPolicy
}

/** A lease that went over is taken away within a few renewals. */
const LEASE_LOSS_MS = 60_000
/** DynamoDB throttles the lease table; the next call tries again anyway. */
const CHECKPOINT: RetryPolicy = { baseMs: 100, capMs: 2_000, attempts: 5 }

/** Resolves when the daemon has ended the conversation; rejects when it cannot be gone on with. */
export async function serveKclShard(
  deps: KclShardDeps,
  input: Readable,
  output: Writable,
  signal: AbortSignal,
): Promise<void> {
  const messages = readKclMessages(input)
  let lease: Lease | undefined
  for await (const message of rest(messages)) {
    if (message.action === 'checkpoint') continue
    deps.onQuestion?.(true)
    try {
      if (message.action === 'initialize') lease = await takeLease(deps, message.shardId, messages, output)
      else if (lease === undefined) throw new CaliError('kcl_protocol', `the KCL daemon sent ${message.action} first`)
      else await lease.answer(message, signal)
      await writeKclAnswer(output, { action: 'status', responseFor: message.action })
    } finally {
      deps.onQuestion?.(false)
    }
  }
}

/** A for-await over `messages` would close it when a handler reads on by itself: this hands them out one by one. */
async function* rest(messages: AsyncGenerator<KclMessage>): AsyncGenerator<KclMessage> {
  for (let next = await messages.next(); next.done !== true; next = await messages.next()) yield next.value
}

interface Lease {
  answer(question: KclQuestion, signal: AbortSignal): Promise<void>
}

async function takeLease(
  deps: KclShardDeps,
  shard: string,
  messages: AsyncGenerator<KclMessage>,
  output: Writable,
): Promise<Lease> {
  const taken = await deps.checkpoints.takeUp(deps.stream, deps.incarnation, shard)
  const from = taken.after
  let lastRecordAt: number | undefined
  const report = (status: Omit<SourceStatus, 'shard' | 'lastRecordAt'>): void =>
    deps.report({ shard, ...status, ...(lastRecordAt === undefined ? {} : { lastRecordAt }) })
  const delivery = createShardDelivery(
    {
      checkpoints: deps.checkpoints,
      process: deps.process,
      logger: deps.logger,
      onFailing: (detail) => report({ state: 'failing', detail }),
      ...(deps.retryPolicy === undefined ? {} : { retryPolicy: deps.retryPolicy }),
    },
    taken,
  )
  let told = from
  /** The lease is somebody else's: nothing is acknowledged any more. */
  let gone = false
  let lostAt: number | undefined
  deps.logger.info({ event: 'lease_taken', shard, after: from ?? 'start' })
  report({ state: 'waiting' })

  const checkpoint = async (sequence: string | null): Promise<void> => {
    for (let attempt = 1; ; attempt++) {
      await writeKclAnswer(output, { action: 'checkpoint', sequenceNumber: sequence, subSequenceNumber: null })
      const { value: answer, done } = await messages.next()
      if (done === true) return
      if (answer.action !== 'checkpoint')
        throw new CaliError('kcl_protocol', `${answer.action} came in place of an answer`)
      const error = answer.error ?? undefined
      if (error === undefined) {
        told = sequence ?? SHARD_END
        return
      }
      deps.logger.warn({ event: 'checkpoint_refused', shard, sequence: sequence ?? SHARD_END, reason: error })
      if (/Shutdown/.test(error)) {
        gone = true
        return
      }
      // Written or not, the same or a later one is asked for again.
      if (!/Throttling|Dependency/.test(error) || attempt >= CHECKPOINT.attempts) return
      await delay(backoffMs(CHECKPOINT, attempt, deps.random))
    }
  }

  const acknowledge = async (): Promise<void> => {
    const { ackedThrough } = delivery
    if (!gone && ackedThrough !== undefined && ackedThrough !== told) await checkpoint(ackedThrough)
  }

  /** Another reader has moved on: the daemon must take the lease away soon, or it is no worker of this application. */
  const giveWay = (): void => {
    gone = true
    lostAt ??= performance.now()
    if (performance.now() - lostAt > LEASE_LOSS_MS)
      throw new CaliError(
        'kcl_shard_contested',
        `${shard} is read by somebody else who is no worker of this application: another kcl.application, or "cali serve --kinesis", works on the same state. Stop it, or give it a state of its own.`,
      )
  }

  const drain = async (): Promise<boolean> => {
    await deps.flush().catch((error) => deps.logger.error({ event: 'flush_failed', shard, reason: messageOf(error) }))
    return delivery.settle()
  }

  return {
    answer: async (question, signal) => {
      switch (question.action) {
        case 'processRecords': {
          const records = question.records.map(rawOf)
          lastRecordAt = records.at(-1)?.arrivedAt ?? lastRecordAt
          if (!(await deliverUnlessDone(delivery, records, from, signal)) && delivery.lost) giveWay()
          report({
            state: records.length > 0 ? 'reading' : 'waiting',
            ...(delivery.ackedUntil === undefined ? {} : { ackedUntil: delivery.ackedUntil }),
            ...(question.millisBehindLatest == null ? {} : { lagMs: question.millisBehindLatest }),
          })
          return acknowledge()
        }
        case 'shardEnded':
          // Without this checkpoint the daemon gives the shard out again, and what was not durable is read again.
          if (from !== SHARD_END) {
            if (!(await drain())) return
            await deps.checkpoints.giveBack(taken)
            await deps.checkpoints.move(taken, SHARD_END, emptyLedger())
          }
          return checkpoint(null)
        case 'shutdownRequested':
          await drain()
          await deps.checkpoints.giveBack(taken)
          return acknowledge()
        case 'leaseLost':
          await deps.checkpoints.giveBack(taken)
          deps.logger.info({ event: 'lease_lost', shard, ackedThrough: delivery.ackedThrough ?? 'start' })
          return
        case 'initialize':
          throw new CaliError('kcl_protocol', `the KCL daemon gave out ${shard} twice`)
      }
    },
  }
}

/** A shard that was read to its end before is given out again when the lease table is lost: there is nothing to do. */
const deliverUnlessDone = async (
  delivery: ShardDelivery,
  records: readonly RawRecord[],
  from: string | undefined,
  signal: AbortSignal,
): Promise<boolean> => (from === SHARD_END ? true : delivery.deliver(records, signal))

const rawOf = (record: KclRecord): RawRecord => ({
  sequence: record.sequenceNumber,
  arrivedAt: record.approximateArrivalTimestamp ?? 0,
  data: Buffer.from(record.data, 'base64'),
  ...(record.subSequenceNumber == null || record.subSequenceNumber === 0 ? {} : { sub: record.subSequenceNumber }),
})
