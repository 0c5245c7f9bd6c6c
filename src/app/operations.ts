/** Operations: what the wired system can be asked to do with records, whoever brings them. */
import type { RawBatch } from '../pipeline/batch.ts'
import type { KinesisAddress } from '../pipeline/consume/kinesis-client.ts'
import type { KinesisSource } from '../pipeline/consume/kinesis-source.ts'
import type { ShardCheckpoints } from '../pipeline/consume/shard-checkpoint.ts'
import type { BroughtShardDeps } from '../pipeline/consume/shard-delivery.ts'
import type { ArchiveStage } from '../pipeline/forward/archive-stage.ts'
import type { NotifyStage } from '../pipeline/notify/notify-stage.ts'
import { addLedger, type LedgerTally } from '../pipeline/outcome.ts'
import type { Pipeline } from '../pipeline/pipeline.ts'
import type { Delivered } from '../pipeline/store.ts'
import type { Clock } from '../platform/clock.ts'
import type { Lifecycle } from '../platform/lifecycle.ts'
import type { Logger } from '../platform/logger.ts'
import type { State } from '../state/state.ts'
import type { Config } from './config.ts'
import type { Housekeeping } from './housekeeping.ts'
import type { DebtPayer } from './indexing.ts'
import type { Live } from './live.ts'
import type { ModelAnalyst } from './model-analyst.ts'
import { addressOf, createSource, type SourceRequest } from './sources.ts'

export interface Operations {
  /** Processes a batch of a source that has no position to resume, and waits until all of it is durable. */
  ingest(batch: RawBatch): Promise<{
    accepted: number
    rejected: number
    rejections: readonly { reason: string; detail: string; line: number }[]
  }>
  /** Starts reading the stream; resolves when it is stopped. */
  consume(request: SourceRequest): KinesisSource
  readonly sources: readonly {
    readonly name: string
    readonly source: KinesisSource
    readonly address: KinesisAddress
  }[]
  /** Saved counts plus those on their way. */
  ledger(): Promise<LedgerTally>
  /** Parts of a Lambda function that reads this life of the stream. */
  lambdaSource(incarnation: string): LambdaSource
  /** Delivers what is due until nothing is, or `signal` aborts; returns how many incidents were brought up to date. */
  deliver(signal: AbortSignal): Promise<number>
  /** What runs in the background elsewhere, once: housekeeping, a debt, messages that wait, a model's reports. */
  tick(signal: AbortSignal): Promise<number>
}

export type LambdaSource = BroughtShardDeps

export interface OperationParts {
  readonly config: Config
  readonly clock: Clock
  readonly logger: Logger
  readonly random: () => number
  readonly lifecycle: Pick<Lifecycle, 'own'>
  readonly state: State
  readonly live: Live
  readonly archive: ArchiveStage
  readonly pipeline: Pipeline
  readonly checkpoints: ShardCheckpoints
  readonly notify: NotifyStage
  readonly analyst: ModelAnalyst | undefined
  readonly housekeeping: Housekeeping
  readonly payer: DebtPayer
}

export function createOperations(parts: OperationParts): Operations {
  const { config, clock, logger, live, archive, state, pipeline, checkpoints, lifecycle } = parts
  const sources: { name: string; source: KinesisSource; address: KinesisAddress }[] = []
  const processOf = async (batch: RawBatch, incarnation: string): Promise<Delivered> => {
    const result = await pipeline.process(batch, { resumable: true, incarnation })
    live.count(result.accepted + result.rejected, clock.now())
    return result
  }
  const deliver = async (signal: AbortSignal): Promise<number> => {
    let delivered = 0
    for (let n = 1; n > 0 && !signal.aborted; delivered += n) n = await parts.notify.deliverDue(signal)
    return delivered
  }
  return {
    sources,
    ingest: async (batch) => {
      const result = await pipeline.process(batch, { resumable: false, incarnation: '' })
      live.count(result.accepted + result.rejected, clock.now())
      await result.durable
      return {
        accepted: result.accepted,
        rejected: result.rejected,
        rejections: result.rejections
          .slice(0, 5)
          .map(({ reason, detail, line }) => ({ reason, detail, line: line + 1 })),
      }
    },
    consume: (request) => {
      const source = createSource(
        { config, checkpoints, clock, logger, random: parts.random, flush: archive.flush, process: processOf },
        request,
        lifecycle,
      )
      sources.push({ name: config.kinesis.stream, source, address: addressOf(config, request) })
      return source
    },
    lambdaSource: (incarnation) => ({
      stream: config.kinesis.stream,
      incarnation,
      checkpoints,
      flush: archive.flush,
      logger,
      process: (batch) => processOf(batch, incarnation),
    }),
    deliver,
    tick: async (signal) => {
      await parts.housekeeping.once()
      while (!signal.aborted && (await parts.payer.step()) === 'paid');
      const delivered = await deliver(signal)
      await parts.analyst?.idle()
      return delivered + (await deliver(signal))
    },
    ledger: async () => {
      const ledger = await state.checkpoints.ledger()
      addLedger(ledger, archive.pendingTally())
      return ledger
    },
  }
}
