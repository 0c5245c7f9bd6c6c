/**
 * The Lambda runner: one invocation of an event source mapping is one batch of one shard. What is not durable before the
 * deadline is reported, the first of it by its sequence number, and Lambda gives it again from there.
 * Contract: docs.aws.amazon.com/lambda/latest/dg/services-kinesis-batchfailurereporting.html
 */
import { z } from 'zod'
import { CaliError } from '../../platform/error.ts'
import type { RawRecord } from '../batch.ts'
import { compareSequences } from '../record.ts'
import { SHARD_END } from './shard-checkpoint.ts'
import { type BroughtShardDeps, createShardDelivery } from './shard-delivery.ts'

const kinesisEvent = z.object({
  Records: z
    .array(
      z.object({
        eventSource: z.literal('aws:kinesis'),
        /** `shardId-000000000000:4959…`. */
        eventID: z.string().regex(/^[^:]+:\d+$/),
        kinesis: z.object({
          data: z.string(),
          sequenceNumber: z.string().regex(/^\d{1,128}$/),
          /** Seconds since 1970. */
          approximateArrivalTimestamp: z.number(),
        }),
      }),
    )
    .min(1),
})

export type KinesisEvent = z.output<typeof kinesisEvent>

export interface BatchResponse {
  readonly batchItemFailures: readonly { readonly itemIdentifier: string }[]
}

/** Undefined for what is no event of a stream: the schedule calls the same function. */
export function readKinesisEvent(event: unknown): KinesisEvent | undefined {
  if (typeof event !== 'object' || event === null || !('Records' in event)) return undefined
  const parsed = kinesisEvent.safeParse(event)
  if (parsed.success) return parsed.data
  const issue = parsed.error.issues[0]
  throw new CaliError(
    'lambda_event',
    `the function was called with records that are not of a Kinesis stream (${issue?.path.join('.')}: ${issue?.message}). Its event source must be the stream.`,
  )
}

/** Answers before `deadline` aborts, whatever the sinks do; never throws for data. */
export async function processLambdaBatch(
  deps: BroughtShardDeps,
  event: KinesisEvent,
  deadline: AbortSignal,
): Promise<BatchResponse> {
  const shards = Map.groupBy(event.Records, (record) => record.eventID.slice(0, record.eventID.indexOf(':')))
  const failures: { itemIdentifier: string }[] = []
  for (const [shard, records] of shards) {
    const raw = records
      .map(
        ({ kinesis }): RawRecord => ({
          sequence: kinesis.sequenceNumber,
          arrivedAt: Math.round(kinesis.approximateArrivalTimestamp * 1_000),
          data: Buffer.from(kinesis.data, 'base64'),
        }),
      )
      .sort((a, b) => compareSequences(a.sequence, b.sequence))
    const acked = await within(deadline, deliver(deps, shard, raw, deadline))
    // Never a later one than the first that is not done: Lambda goes on from what is named.
    const first = raw.find(({ sequence }) => acked === undefined || compareSequences(sequence, acked) > 0)
    if (first !== undefined) failures.push({ itemIdentifier: first.sequence })
  }
  return { batchItemFailures: failures }
}

/** Sequence up to which all is durable; undefined: none of it. */
async function deliver(
  deps: BroughtShardDeps,
  shard: string,
  records: readonly RawRecord[],
  deadline: AbortSignal,
): Promise<string | undefined> {
  const taken = await deps.checkpoints.takeUp(deps.stream, deps.incarnation, shard)
  if (taken.after === SHARD_END) return records.at(-1)?.sequence
  const delivery = createShardDelivery(deps, taken)
  if (await delivery.deliver(records, deadline)) {
    await deps.flush()
    await delivery.settle()
  }
  await deps.checkpoints.giveBack(taken)
  return delivery.ackedThrough
}

/** What is not there at the deadline counts as not done: it comes again, and every effect is idempotent. */
async function within<T>(deadline: AbortSignal, work: Promise<T>): Promise<T | undefined> {
  work.catch(() => undefined)
  if (deadline.aborted) return undefined
  const { promise, resolve } = Promise.withResolvers<undefined>()
  const late = (): void => resolve(undefined)
  deadline.addEventListener('abort', late, { once: true })
  try {
    return await Promise.race([work, promise])
  } finally {
    deadline.removeEventListener('abort', late)
  }
}
