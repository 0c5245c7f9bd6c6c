/**
 * A stream in memory that the Java SDK reads as it reads Kinesis: HTTP/2 without TLS, JSON in place of CBOR. For figures of
 * the KCL pipe: kinesis-local is right, and far too slow to be a source of them.
 */
import { createServer } from 'node:http2'
import type { AddressInfo } from 'node:net'

export interface StreamInMemory {
  readonly endpoint: string
  stop(): Promise<void>
}

const ARRIVED_S = 1_790_000_600
const PAGE_BYTES = 4 * 1024 * 1024

/** `shards`: the records of each, base64. */
export async function startStreamInMemory(shards: readonly (readonly string[])[]): Promise<StreamInMemory> {
  const idOf = (i: number): string => `shardId-${String(i).padStart(12, '0')}`
  const range = 2n ** 128n / BigInt(shards.length)
  const answers = new Map<string, (input: Record<string, string | number>) => unknown>([
    [
      'ListShards',
      () => ({
        Shards: shards.map((_, i) => ({
          ShardId: idOf(i),
          HashKeyRange: {
            StartingHashKey: String(range * BigInt(i)),
            EndingHashKey: String(range * BigInt(i + 1) - 1n),
          },
          SequenceNumberRange: { StartingSequenceNumber: '1' },
        })),
      }),
    ],
    [
      'DescribeStreamSummary',
      (input) => ({
        StreamDescriptionSummary: {
          StreamName: input['StreamName'],
          StreamARN: `arn:aws:kinesis:us-east-1:000000000000:stream/${input['StreamName']}`,
          StreamStatus: 'ACTIVE',
          RetentionPeriodHours: 24,
          StreamCreationTimestamp: ARRIVED_S,
          EnhancedMonitoring: [],
          OpenShardCount: shards.length,
        },
      }),
    ],
    [
      'GetShardIterator',
      (input) => ({
        ShardIterator: `${Number(String(input['ShardId']).slice(8))}:${Number(input['StartingSequenceNumber'] ?? 0)}`,
      }),
    ],
    [
      'GetRecords',
      (input) => {
        const [shard, from] = String(input['ShardIterator']).split(':').map(Number) as [number, number]
        const all = shards[shard] ?? []
        let [to, bytes] = [from, 0]
        while (to < all.length && to - from < 5_000 && bytes < PAGE_BYTES) bytes += (all[to++] as string).length
        return {
          Records: all.slice(from, to).map((Data, i) => ({
            Data,
            SequenceNumber: String(from + i + 1),
            PartitionKey: 'bench',
            ApproximateArrivalTimestamp: ARRIVED_S,
          })),
          NextShardIterator: `${shard}:${to}`,
          MillisBehindLatest: to < all.length ? 1_000 : 0,
        }
      },
    ],
  ])
  const server = createServer((request, response) => {
    const parts: Buffer[] = []
    request.on('data', (part: Buffer) => parts.push(part))
    request.on('end', () => {
      const operation = String(request.headers['x-amz-target']).split('.').at(-1) ?? ''
      const answer = answers.get(operation)
      response.writeHead(answer === undefined ? 400 : 200, { 'content-type': 'application/x-amz-json-1.1' })
      response.end(
        JSON.stringify(
          answer === undefined
            ? { __type: 'InvalidArgumentException', message: operation }
            : answer(JSON.parse(Buffer.concat(parts).toString('utf8') || '{}')),
        ),
      )
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.unref()
        setTimeout(resolve, 200).unref()
      }),
  }
}
