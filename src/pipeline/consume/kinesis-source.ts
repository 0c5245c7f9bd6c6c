/**
 * Kinesis source: the poll runner. One process reads every shard of a stream; parents before their children, from the
 * last checkpoint on. For development and small streams: it claims no leases, so only one may run per stream.
 */
import { setTimeout as delay } from 'node:timers/promises'
import {
  DescribeStreamSummaryCommand,
  type KinesisClient,
  ListShardsCommand,
  type Shard,
} from '@aws-sdk/client-kinesis'
import type { Clock } from '../../platform/clock.ts'
import { CaliError, isAbort, messageOf } from '../../platform/error.ts'
import type { Logger } from '../../platform/logger.ts'
import { type RetryPolicy, retry } from '../../platform/retry.ts'
import type { RawBatch } from '../batch.ts'
import type { Delivered } from '../store.ts'
import { explainKinesis, type KinesisAddress } from './kinesis-client.ts'
import { readShard } from './kinesis-shard.ts'
import { SHARD_END, type ShardCheckpoints, type TakenShard } from './shard-checkpoint.ts'

export interface SourceStatus {
  readonly shard: string
  readonly state: 'reading' | 'waiting' | 'failing'
  readonly lagMs?: number
  readonly lastRecordAt?: number
  /** Arrival of the last record that is acknowledged, Unix milliseconds. */
  readonly ackedUntil?: number
  readonly detail?: string
}

export interface KinesisSourceDeps {
  readonly client: KinesisClient
  readonly address: KinesisAddress
  readonly stream: string
  readonly pollMs: number
  readonly initialPosition: 'trim-horizon' | 'latest'
  readonly checkpoints: ShardCheckpoints
  readonly process: (batch: RawBatch, incarnation: string) => Promise<Delivered>
  readonly clock: Clock
  readonly logger: Logger
  readonly random: () => number
}

export interface KinesisSource {
  /** Reads until `signal` aborts. Rejects only on a fault at the start that will not pass, e.g. no such stream. */
  run(signal: AbortSignal): Promise<void>
  status(): readonly SourceStatus[]
}

/** How often the list of shards is read again: after a split or merge new ones appear. */
const SHARD_SYNC_MS = 15_000
/** Before a shard is taken up again that could not be read, e.g. for want of a right. */
const SHARD_PAUSE_MS = 5_000
const CALLS: RetryPolicy = { baseMs: 200, capMs: 5_000, attempts: Number.POSITIVE_INFINITY }

export function createKinesisSource(deps: KinesisSourceDeps): KinesisSource {
  const statuses = new Map<string, SourceStatus>()
  const ended = new Set<string>()
  const running = new Map<string, Promise<void>>()
  const startedAt = deps.clock.now()

  const call = callerOf(deps)

  const listShards = async (signal: AbortSignal): Promise<Shard[]> => {
    const shards: Shard[] = []
    let token: string | undefined
    do {
      const page = await call(
        () =>
          deps.client.send(
            new ListShardsCommand(token === undefined ? { StreamName: deps.stream } : { NextToken: token }),
            { abortSignal: signal },
          ),
        signal,
      )
      shards.push(...(page.Shards ?? []))
      token = page.NextToken
    } while (token !== undefined)
    return shards
  }

  return {
    status: () => [...statuses.values()],
    run: async (signal) => {
      const incarnation = await lookUpIncarnation(deps, signal)
      while (!signal.aborted) {
        const shards = await listShards(signal)
        const known = new Set(shards.map((shard) => shard.ShardId))
        for (const shard of shards) {
          const id = shard.ShardId ?? ''
          const parents = [shard.ParentShardId, shard.AdjacentParentShardId].filter(
            (parent) => parent !== undefined && known.has(parent),
          )
          if (ended.has(id) || running.has(id) || !parents.every((parent) => ended.has(parent as string))) continue
          running.set(id, follow(id, incarnation, signal))
        }
        await Promise.race([delay(SHARD_SYNC_MS, undefined, { signal }).catch(() => undefined), ...running.values()])
      }
      await Promise.allSettled(running.values())
    },
  }

  /** Reads one shard to its end or to the stop; a shard that ends lets its children start at once. */
  async function follow(shard: string, incarnation: string, signal: AbortSignal): Promise<void> {
    let taken: TakenShard | undefined
    try {
      taken = await call(() => deps.checkpoints.takeUp(deps.stream, incarnation, shard), signal)
      const end =
        taken.after === SHARD_END
          ? 'ended'
          : await readShard({
              ...deps,
              shard,
              incarnation,
              startedAt,
              taken,
              signal,
              call,
              report: (status) => statuses.set(shard, status),
            })
      await deps.checkpoints.giveBack(taken)
      if (end === 'ended') {
        ended.add(shard)
        statuses.delete(shard)
      }
    } catch (error) {
      if (signal.aborted) return
      const detail = messageOf(error)
      statuses.set(shard, { shard, state: 'failing', detail })
      deps.logger.error({ event: 'shard_failed', shard, reason: detail })
      // Not a record's fault: it must not make one suspect.
      if (taken !== undefined) await deps.checkpoints.giveBack(taken).catch(() => undefined)
      await delay(SHARD_PAUSE_MS, undefined, { signal }).catch(() => undefined)
    } finally {
      running.delete(shard)
    }
  }
}

type StreamAddress = Pick<KinesisSourceDeps, 'client' | 'address' | 'stream' | 'logger'> &
  Partial<Pick<KinesisSourceDeps, 'random'>>

/**
 * Names one life of the stream: one of the same name that was made anew has other sequence numbers, and its checkpoints
 * are its own. Rejects on a fault that will not pass, e.g. no such stream.
 */
export async function lookUpIncarnation(deps: StreamAddress, signal = new AbortController().signal): Promise<string> {
  const summary = await callerOf(deps)(
    () => deps.client.send(new DescribeStreamSummaryCommand({ StreamName: deps.stream }), { abortSignal: signal }),
    signal,
  )
  return String(summary.StreamDescriptionSummary?.StreamCreationTimestamp?.getTime() ?? 0)
}

/** Calls until the answer comes, a fault shows that will not pass, or `signal` aborts. */
const callerOf =
  (deps: StreamAddress) =>
  <T>(work: () => Promise<T>, signal: AbortSignal): Promise<T> =>
    retry(
      CALLS,
      async () => {
        try {
          return await work()
        } catch (error) {
          if (isAbort(error) || error instanceof CaliError) throw error
          throw explainKinesis(error, deps.address, deps.stream)
        }
      },
      {
        signal,
        ...(deps.random === undefined ? {} : { random: deps.random }),
        onRetry: (error, attempt) =>
          attempt % 10 === 1 && deps.logger.warn({ event: 'kinesis_retry', reason: messageOf(error) }),
      },
    )
