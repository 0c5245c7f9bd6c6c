/**
 * Lambda's event source mapping of a Kinesis stream, simulated: a cursor per shard, batches in order, repeats from the
 * lowest reported failure, the whole batch again after a throw, an empty or unknown identifier, halves with bisect.
 * Rules: docs.aws.amazon.com/lambda/latest/dg/services-kinesis-batchfailurereporting.html
 */
import { compareSequences } from '../../src/pipeline/record.ts'
import type { FakeShard } from './fake-stream.ts'

export type Invoke = (event: unknown) => Promise<unknown>

export interface EventSourceMapping {
  /** One invocation for a shard; false: the shard is read to its end. */
  step(shard: FakeShard): Promise<boolean>
  /** Invocations so far, as the sequences of each. */
  readonly invocations: readonly string[]
}

export function createEventSourceMapping(
  invoke: Invoke,
  options: { batchSize: number; bisect?: boolean; cursors?: Map<string, string> },
): EventSourceMapping {
  // Lambda keeps them: they survive the function.
  const cursors = options.cursors ?? new Map<string, string>()
  const invocations: string[] = []
  let limit = options.batchSize

  const failedAt = (response: unknown, batch: readonly { sequence: string }[]): string | undefined => {
    const failures = (response as { batchItemFailures?: { itemIdentifier?: string }[] } | null | undefined)
      ?.batchItemFailures
    if (failures === undefined || failures === null || failures.length === 0) return undefined
    const known = failures.map(({ itemIdentifier }) => itemIdentifier ?? '')
    if (known.some((id) => !batch.some(({ sequence }) => sequence === id))) return batch[0]?.sequence
    return known.sort(compareSequences)[0]
  }

  return {
    invocations,
    step: async ({ id, records }) => {
      const cursor = cursors.get(id)
      const batch = records
        .filter(({ sequence }) => cursor === undefined || compareSequences(sequence, cursor) > 0)
        .slice(0, limit)
      if (batch.length === 0) return false
      invocations.push(batch.map(({ sequence }) => sequence).join(','))
      let failed: string | undefined
      try {
        failed = failedAt(
          await invoke({
            Records: batch.map(({ sequence, arrivedAt, data }) => ({
              eventSource: 'aws:kinesis',
              eventVersion: '1.0',
              eventID: `${id}:${sequence}`,
              eventName: 'aws:kinesis:record',
              awsRegion: 'ap-northeast-2',
              eventSourceARN: 'arn:aws:kinesis:ap-northeast-2:123456789012:stream/s',
              kinesis: {
                kinesisSchemaVersion: '1.0',
                partitionKey: '키',
                sequenceNumber: sequence,
                data: Buffer.from(data).toString('base64'),
                approximateArrivalTimestamp: arrivedAt / 1_000,
              },
            })),
          }),
          batch,
        )
        limit = options.batchSize
      } catch {
        failed = batch[0]?.sequence
        if (options.bisect === true) limit = Math.max(1, Math.floor(batch.length / 2))
      }
      const done = batch.filter(({ sequence }) => failed === undefined || compareSequences(sequence, failed) < 0).at(-1)
      if (done !== undefined) cursors.set(id, done.sequence)
      return true
    },
  }
}
