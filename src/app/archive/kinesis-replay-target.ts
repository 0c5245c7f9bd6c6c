/** Records into a Kinesis stream, as JSON lines of which many share a source record, like Fluent Bit's `simple_aggregation`. */
import { randomUUID } from 'node:crypto'
import { DescribeStreamSummaryCommand, PutRecordsCommand, type PutRecordsRequestEntry } from '@aws-sdk/client-kinesis'
import { createKinesisClient, explainKinesis, type KinesisAddress } from '../../pipeline/consume/kinesis-client.ts'
import { replayLine } from '../../pipeline/forward/replay-line.ts'
import { CaliError } from '../../platform/error.ts'
import { type RetryPolicy, retry } from '../../platform/retry.ts'
import type { ReplayTarget } from './replay.ts'

/** A shard takes 1 MB a second: records of a tenth of that spread over all shards. */
const RECORD_BYTES = 100_000
/** Of one record, key included; a stream may allow more, none allows less. */
const MOST_RECORD_BYTES = 1_048_576 - 256
/** A call takes 500 records and 5 MB at least (https://docs.aws.amazon.com/kinesis/latest/APIReference/API_PutRecords.html). */
const CALL_BYTES = 4_500_000
const PUT: RetryPolicy = { baseMs: 200, capMs: 5_000, attempts: 30 }

export interface KinesisReplayTarget extends ReplayTarget {
  /** Rejects, saying what to do, when there is no such stream or it may not be written to. */
  check(): Promise<void>
  close(): void
}

export function createKinesisReplayTarget(
  address: KinesisAddress,
  stream: string,
  signal: AbortSignal,
): KinesisReplayTarget {
  const client = createKinesisClient(address)

  const put = async (entries: readonly PutRecordsRequestEntry[]): Promise<void> => {
    let left = entries
    await retry(
      PUT,
      async () => {
        const answer = await client
          .send(new PutRecordsCommand({ StreamName: stream, Records: [...left] }))
          .catch((error: unknown) => {
            throw explainKinesis(error, address, stream)
          })
        const refused = answer.Records?.find(({ ErrorCode }) => ErrorCode !== undefined)
        // A call may take some and refuse others: only these go again.
        left = left.filter((_, i) => answer.Records?.[i]?.ErrorCode !== undefined)
        if (left.length > 0)
          throw new CaliError(
            'kinesis_throttled',
            `stream "${stream}" refused ${left.length} records (${refused?.ErrorCode}). Replay slower with --rate, or give the stream more shards.`,
            { retryable: true },
          )
      },
      { signal },
    )
  }

  return {
    check: async () => {
      try {
        await client.send(new DescribeStreamSummaryCommand({ StreamName: stream }))
      } catch (error) {
        throw explainKinesis(error, address, stream)
      }
    },
    take: async (records) => {
      const { parts, refused } = aggregate(records.map((record) => `${replayLine(record)}\n`))
      let call: PutRecordsRequestEntry[] = []
      let bytes = 0
      for (const part of parts) {
        if (bytes + part.length > CALL_BYTES || call.length === 500) {
          await put(call)
          call = []
          bytes = 0
        }
        call.push({ Data: part, PartitionKey: randomUUID() })
        bytes += part.length
      }
      if (call.length > 0) await put(call)
      return refused
    },
    close: () => client.destroy(),
  }
}

/** Lines put together to source records; those that no source record can hold are refused. */
export function aggregate(lines: readonly string[]): { readonly parts: readonly Buffer[]; readonly refused: number } {
  const parts: Buffer[] = []
  let open: Buffer[] = []
  let bytes = 0
  let refused = 0
  const close = (): void => {
    if (open.length > 0) parts.push(Buffer.concat(open))
    open = []
    bytes = 0
  }
  for (const text of lines) {
    const line = Buffer.from(text)
    if (line.length > MOST_RECORD_BYTES) {
      refused++
      continue
    }
    if (bytes + line.length > RECORD_BYTES) close()
    open.push(line)
    bytes += line.length
  }
  close()
  return { parts, refused }
}
