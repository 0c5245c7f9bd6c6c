/** A Kinesis client on a stream in memory: what the poll runner asks, answered from `FakeShard`s. */
import type { KinesisClient } from '@aws-sdk/client-kinesis'
import { compareSequences } from '../../src/pipeline/record.ts'
import { ARRIVED, type FakeShard } from './fake-stream.ts'

export interface FakeKinesis {
  readonly client: KinesisClient
  /** Names of the commands that were sent. */
  readonly calls: readonly string[]
  /** Thrown by the next calls of a command, e.g. `GetRecordsCommand`. */
  failNext(command: string, ...errors: { name: string }[]): void
}

export function createFakeKinesis(shards: readonly FakeShard[], perCall = 2): FakeKinesis {
  const calls: string[] = []
  const faults = new Map<string, { name: string }[]>()
  const shardOf = (id: string): FakeShard => {
    const found = shards.find((shard) => shard.id === id)
    if (found === undefined) throw Object.assign(new Error(`no shard ${id}`), { name: 'ResourceNotFoundException' })
    return found
  }
  const answers = new Map<string, (input: Record<string, string>) => unknown>([
    ['DescribeStreamSummaryCommand', () => ({ StreamDescriptionSummary: { StreamCreationTimestamp: new Date(1) } })],
    [
      'ListShardsCommand',
      () => ({
        Shards: shards.map(({ id, parents }) => ({
          ShardId: id,
          ...(parents[0] === undefined ? {} : { ParentShardId: parents[0] }),
          ...(parents[1] === undefined ? {} : { AdjacentParentShardId: parents[1] }),
        })),
      }),
    ],
    [
      'GetShardIteratorCommand',
      (input) => ({
        ShardIterator: JSON.stringify([input['ShardId'], input['StartingSequenceNumber'] ?? '']),
      }),
    ],
    [
      'GetRecordsCommand',
      (input) => {
        const [id, after] = JSON.parse(input['ShardIterator'] ?? '[]') as [string, string]
        const { records, closed } = shardOf(id)
        const rest = records.filter(({ sequence }) => after === '' || compareSequences(sequence, after) > 0)
        const page = rest.slice(0, perCall)
        const last = page.at(-1)?.sequence ?? after
        return {
          Records: page.map(({ sequence, data }) => ({
            SequenceNumber: sequence,
            Data: data,
            ApproximateArrivalTimestamp: new Date(ARRIVED),
          })),
          MillisBehindLatest: rest.length > page.length ? 5_000 : 0,
          ...(closed && rest.length === page.length ? {} : { NextShardIterator: JSON.stringify([id, last]) }),
        }
      },
    ],
  ])
  return {
    calls,
    failNext: (command, ...errors) => void faults.set(command, [...(faults.get(command) ?? []), ...errors]),
    client: {
      send: async (command: { constructor: { name: string }; input: Record<string, string> }) => {
        const { name } = command.constructor
        calls.push(name)
        const fault = faults.get(name)?.shift()
        if (fault !== undefined) throw Object.assign(new Error(fault.name), fault)
        return answers.get(name)?.(command.input)
      },
    } as unknown as KinesisClient,
  }
}
