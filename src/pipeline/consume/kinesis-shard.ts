/** One shard of a Kinesis stream, read in order. */
import { setTimeout as delay } from 'node:timers/promises'
import { GetRecordsCommand, type GetRecordsOutput, GetShardIteratorCommand } from '@aws-sdk/client-kinesis'
import { isAbort, messageOf } from '../../platform/error.ts'
import { emptyLedger } from '../outcome.ts'
import type { KinesisSourceDeps, SourceStatus } from './kinesis-source.ts'
import { SHARD_END, type TakenShard } from './shard-checkpoint.ts'
import { createShardDelivery } from './shard-delivery.ts'

const RECORDS_PER_CALL = 1_000

export interface ShardReading extends KinesisSourceDeps {
  readonly shard: string
  readonly incarnation: string
  readonly taken: TakenShard
  /** When the source began, Unix milliseconds: what `latest` means for all its shards. */
  readonly startedAt: number
  readonly signal: AbortSignal
  readonly call: <T>(work: () => Promise<T>, signal: AbortSignal) => Promise<T>
  readonly report: (status: SourceStatus) => void
}

/** Resolves when the shard has ended (all of it durable), reading was stopped, or another reader took the shard over. */
export async function readShard(reading: ShardReading): Promise<'ended' | 'stopped'> {
  const { signal } = reading
  let lastRecordAt: number | undefined
  const delivery = createShardDelivery(
    {
      checkpoints: reading.checkpoints,
      process: (batch) => reading.process(batch, reading.incarnation),
      logger: reading.logger,
      onFailing: (detail) =>
        reading.report({
          shard: reading.shard,
          state: 'failing',
          detail,
          ...(lastRecordAt === undefined ? {} : { lastRecordAt }),
        }),
    },
    reading.taken,
  )
  let last = reading.taken.after
  let iterator = await openIterator(reading, last)
  while (!signal.aborted && iterator !== undefined) {
    const page = await getRecords(reading, iterator, last)
    if (page === undefined) {
      iterator = await openIterator(reading, last)
      continue
    }
    const records = (page.Records ?? []).map((record) => ({
      sequence: record.SequenceNumber ?? '',
      arrivedAt: record.ApproximateArrivalTimestamp?.getTime() ?? reading.clock.now(),
      data: record.Data ?? new Uint8Array(),
    }))
    if (!(await delivery.deliver(records, signal))) break
    last = records.at(-1)?.sequence ?? last
    lastRecordAt = records.at(-1)?.arrivedAt ?? lastRecordAt
    reading.report({
      shard: reading.shard,
      state: records.length > 0 ? 'reading' : 'waiting',
      lagMs: page.MillisBehindLatest ?? 0,
      ...(delivery.ackedUntil === undefined ? {} : { ackedUntil: delivery.ackedUntil }),
      ...(lastRecordAt === undefined ? {} : { lastRecordAt }),
    })
    iterator = page.NextShardIterator
    // Behind: read on at once, within the shard's limit of five reads a second.
    if (iterator !== undefined)
      await pause(
        records.length > 0 && (page.MillisBehindLatest ?? 0) > 1_000 ? Math.min(reading.pollMs, 210) : reading.pollMs,
        signal,
      )
  }
  const durable = await delivery.settle()
  if (delivery.lost) reading.logger.warn({ event: 'shard_lost', shard: reading.shard, after: last ?? 'start' })
  if (iterator !== undefined || !durable || signal.aborted) return 'stopped'
  await reading.checkpoints.move(reading.taken, SHARD_END, emptyLedger())
  return 'ended'
}

/** Undefined when the iterator has expired (five minutes): a new one goes on behind the last record. */
async function getRecords(
  reading: ShardReading,
  iterator: string,
  last: string | undefined,
): Promise<GetRecordsOutput | undefined> {
  try {
    return await reading.call(async () => {
      try {
        return await reading.client.send(new GetRecordsCommand({ ShardIterator: iterator, Limit: RECORDS_PER_CALL }), {
          abortSignal: reading.signal,
        })
      } catch (error) {
        if ((error as { name?: string }).name === 'ExpiredIteratorException') return undefined
        reading.report({ shard: reading.shard, state: 'failing', detail: messageOf(error) })
        throw error
      }
    }, reading.signal)
  } catch (error) {
    if (isAbort(error) || reading.signal.aborted) return { Records: [], NextShardIterator: iterator }
    reading.logger.warn({
      event: 'get_records_failed',
      shard: reading.shard,
      after: last ?? 'start',
      reason: messageOf(error),
    })
    throw error
  }
}

async function openIterator(reading: ShardReading, after: string | undefined): Promise<string | undefined> {
  const { client, stream, shard, signal } = reading
  const place = { StreamName: stream, ShardId: shard }
  const start = {
    ...place,
    // Not LATEST, which is another place each time it is asked for: a child of a split, or a shard that was silent while
    // the stream was away, would lose what came before it was opened.
    ...(reading.initialPosition === 'latest'
      ? { ShardIteratorType: 'AT_TIMESTAMP' as const, Timestamp: new Date(reading.startedAt) }
      : { ShardIteratorType: 'TRIM_HORIZON' as const }),
  }
  if (after === undefined)
    return (await reading.call(() => client.send(new GetShardIteratorCommand(start), { abortSignal: signal }), signal))
      .ShardIterator
  return reading.call(async () => {
    try {
      const answer = await client.send(
        new GetShardIteratorCommand({
          ...place,
          ShardIteratorType: 'AFTER_SEQUENCE_NUMBER',
          StartingSequenceNumber: after,
        }),
        { abortSignal: signal },
      )
      return answer.ShardIterator
    } catch (error) {
      if ((error as { name?: string }).name !== 'InvalidArgumentException') throw error
      // The checkpoint points behind what the stream still holds: read all of it; what was seen is not counted again.
      reading.logger.warn({ event: 'checkpoint_unknown', shard, after })
      return (
        await client.send(new GetShardIteratorCommand({ ...place, ShardIteratorType: 'TRIM_HORIZON' }), {
          abortSignal: signal,
        })
      ).ShardIterator
    }
  }, signal)
}

const pause = (ms: number, signal: AbortSignal): Promise<void> =>
  delay(ms, undefined, { signal }).catch(() => undefined)
