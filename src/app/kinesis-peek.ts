/**
 * Peek: what lies in a stream now, read beside the consumer without moving anything. The same decoding and redaction as in
 * the pipeline, so that it shows what the consumer will see.
 */
import {
  GetRecordsCommand,
  GetShardIteratorCommand,
  type KinesisClient,
  ListShardsCommand,
  type Shard,
} from '@aws-sdk/client-kinesis'
import { explainKinesis, type KinesisAddress } from '../pipeline/consume/kinesis-client.ts'
import type { DecodeStage } from '../pipeline/decode/decode-stage.ts'
import type { FilterStage } from '../pipeline/filter/filter-stage.ts'
import { emptyLedger } from '../pipeline/outcome.ts'
import type { LogRecord } from '../pipeline/record.ts'
import { CaliError } from '../platform/error.ts'

export interface PeekedRecord {
  readonly shard: string
  readonly sequence: string
  /** Unix milliseconds. */
  readonly arrivedAt: number
  /** As it lies in the stream. */
  readonly bytes: number
  /** Redacted. */
  readonly lines: readonly LogRecord[]
  /** What of it cannot be read, and why. */
  readonly rejected: readonly { readonly reason: string; readonly detail: string }[]
}

export interface Peek {
  readonly shards: number
  /** Records since then, all of them, or what could be read in the time that a look may take. */
  readonly records: number
  /** The newest ones, oldest first. */
  readonly newest: readonly PeekedRecord[]
}

export interface PeekDeps {
  readonly client: KinesisClient
  readonly address: KinesisAddress
  readonly stream: string
  readonly decode: DecodeStage
  readonly filter: FilterStage
  readonly now: () => number
  readonly wait: (ms: number) => Promise<void>
}

export interface PeekOptions {
  readonly sinceMs: number
  readonly limit: number
  readonly shard?: string
}

/** A shard gives at most 10 MB a call and five calls a second to all its readers: a look takes two of them. */
const PAUSE_MS = 400
const PAGES_PER_SHARD = 25
const PAGE = 1_000

export async function peekStream(deps: PeekDeps, { sinceMs, limit, shard: only }: PeekOptions): Promise<Peek> {
  const all = await listShards(deps)
  const shards = only === undefined ? all : all.filter(({ ShardId }) => ShardId === only)
  if (shards.length === 0)
    throw new CaliError(
      'config_invalid',
      `--shard is "${only}": stream "${deps.stream}" has ${all.map(({ ShardId }) => ShardId).join(', ')}`,
    )
  const read = await Promise.all(shards.map(({ ShardId }) => readShard(deps, ShardId ?? '', sinceMs, limit)))
  const newest = read
    .flatMap(({ newest: found }) => found)
    .sort((a, b) => a.arrivedAt - b.arrivedAt)
    .slice(-limit)
  return {
    shards: shards.length,
    records: read.reduce((sum, { records }) => sum + records, 0),
    newest: newest.map((record) => open(deps, record)),
  }
}

interface RawPeek {
  readonly shard: string
  readonly sequence: string
  readonly arrivedAt: number
  readonly data: Uint8Array
}

async function readShard(
  deps: PeekDeps,
  shard: string,
  sinceMs: number,
  limit: number,
): Promise<{ records: number; newest: RawPeek[] }> {
  let records = 0
  let newest: RawPeek[] = []
  const opened = await asked(deps, () =>
    deps.client.send(
      new GetShardIteratorCommand({
        StreamName: deps.stream,
        ShardId: shard,
        ShardIteratorType: 'AT_TIMESTAMP',
        Timestamp: new Date(deps.now() - sinceMs),
      }),
    ),
  )
  let iterator = opened.ShardIterator
  for (let page = 0; page < PAGES_PER_SHARD && iterator !== undefined; page++) {
    if (page > 0) await deps.wait(PAUSE_MS)
    const ShardIterator: string = iterator
    const answer = await asked(deps, () => deps.client.send(new GetRecordsCommand({ ShardIterator, Limit: PAGE })))
    const found = answer.Records ?? []
    records += found.length
    newest = [
      ...newest,
      ...found.map(({ SequenceNumber, ApproximateArrivalTimestamp, Data }) => ({
        shard,
        sequence: SequenceNumber ?? '',
        arrivedAt: ApproximateArrivalTimestamp?.getTime() ?? deps.now(),
        data: Data ?? new Uint8Array(),
      })),
    ].slice(-limit)
    // At the tip: what comes from now on is for the next look.
    if (found.length === 0 && (answer.MillisBehindLatest ?? 0) === 0) break
    iterator = answer.NextShardIterator
  }
  return { records, newest }
}

function open(deps: PeekDeps, { shard, sequence, arrivedAt, data }: RawPeek): PeekedRecord {
  const ledger = emptyLedger()
  const decoded = deps.decode({ stream: deps.stream, shard, records: [{ sequence, arrivedAt, data }] }, ledger)
  const { archived, kept } = deps.filter.filter(decoded.records, ledger)
  return {
    shard,
    sequence,
    arrivedAt,
    bytes: data.byteLength,
    lines: [...kept, ...archived],
    rejected: decoded.rejections.map(({ reason, detail }) => ({ reason, detail })),
  }
}

async function listShards(deps: PeekDeps): Promise<Shard[]> {
  const shards: Shard[] = []
  let token: string | undefined
  do {
    const page = await asked(deps, () =>
      deps.client.send(new ListShardsCommand(token === undefined ? { StreamName: deps.stream } : { NextToken: token })),
    )
    shards.push(...(page.Shards ?? []))
    token = page.NextToken
  } while (token !== undefined)
  return shards
}

async function asked<T>({ address, stream }: PeekDeps, call: () => Promise<T>): Promise<T> {
  try {
    return await call()
  } catch (error) {
    throw explainKinesis(error, address, stream)
  }
}
