/**
 * The pipeline, on one page:
 *
 *   batch ─> decode ─> filter (redact, rules) ─┬─> index ───────┐
 *                │                             ├─> group ───────┼─> archive ─> checkpoint + ledger
 *                └─ rejections ─> quarantine ──┴────────────────┘
 *
 * A batch is acknowledged (its `durable` promise resolves) when its rejections are in quarantine, its records are
 * indexed, counted in incidents with their wish for a message, and archived; where the index is away for long, their
 * archive object is noted as owed to it. Then its checkpoint and its counts are saved in one transaction. Any failure before that means: the batch comes again, and every effect is idempotent.
 * Explaining and telling people happen behind the outbox and can fail, wait and resume without holding a stream.
 */
import { noTracer, type Span, type Tracer } from '../platform/tracer.ts'
import type { RawBatch, Rejection } from './batch.ts'
import type { DecodeStage } from './decode/decode-stage.ts'
import type { FilterStage } from './filter/filter-stage.ts'
import { comparePositions } from './forward/archive-object.ts'
import type { ArchiveStage } from './forward/archive-stage.ts'
import type { IndexStage } from './forward/index-stage.ts'
import type { RefusedRecord } from './forward/log-index.ts'
import type { GroupStage } from './group/group-stage.ts'
import { emptyLedger, type LedgerTally } from './outcome.ts'
import type { LogRecord } from './record.ts'
import type { Delivered } from './store.ts'

export interface PipelineStages {
  readonly decode: DecodeStage
  readonly filter: FilterStage
  readonly index: Pick<IndexStage, 'write'>
  readonly group: GroupStage
  readonly archive: ArchiveStage
  /** Keeps what could not be read, durably. */
  readonly quarantine: (rejections: readonly Rejection[]) => Promise<void>
  /** Live views. Must not throw. */
  readonly onKept?: (records: readonly LogRecord[], receivedAt: number) => void
  /** Absent: nothing is traced. */
  readonly tracer?: Tracer
}

export interface PipelineOptions {
  /** False for sources that cannot resume at a position, such as HTTP: no checkpoint is kept for them. */
  readonly resumable: boolean
  /** Names one life of the stream. */
  readonly incarnation: string
}

export interface Pipeline {
  process(
    batch: RawBatch,
    options: PipelineOptions,
  ): Promise<Delivered & { readonly tally: LedgerTally; readonly rejections: readonly Rejection[] }>
}

export function createPipeline(stages: PipelineStages): Pipeline {
  /** True when the records are owed to the index. */
  const index = async (records: readonly LogRecord[]): Promise<boolean> => {
    const { refused, owed } = await stages.index.write(records)
    await stages.quarantine(refused.map(refusalOf))
    return owed
  }
  const tracer = stages.tracer ?? noTracer

  const process = async (batch: RawBatch, options: PipelineOptions, span: Span): ReturnType<Pipeline['process']> => {
    const tally = emptyLedger()
    const decoded = span.step('cali.decode', () => stages.decode(batch, tally))
    const filtered = span.step('cali.filter', () => stages.filter.filter(decoded.records, tally))
    // Each effect is tried even when another fails: alerts go out while the index is down.
    let owed = false
    const effects = await Promise.allSettled([
      stages.quarantine(decoded.rejections),
      span
        .part('cali.index', () => index(filtered.kept))
        .then((result) => {
          owed = result
        }),
      span.part('cali.group', () => stages.group(filtered.kept, tally)),
    ])
    const failed = effects.find((effect) => effect.status === 'rejected')
    if (failed !== undefined) throw failed.reason
    stages.onKept?.(filtered.kept, batch.records.at(-1)?.arrivedAt ?? 0)
    const records = [...filtered.kept, ...filtered.archived].sort(comparePositions)
    const last = batch.records.at(-1)?.sequence
    const durable = stages.archive.append({
      stream: batch.stream,
      shard: batch.shard,
      incarnation: options.incarnation,
      records,
      ...(batch.reading === undefined ? {} : { reading: batch.reading }),
      ...(options.resumable && last !== undefined ? { sequence: last } : {}),
      tally,
      owed,
    })
    span.note({ 'cali.received': tally.decode.received, 'cali.kept': filtered.kept.length, 'cali.owed': owed })
    return {
      // It ends behind its batch: objects wait for company.
      durable: span.part('cali.archive', () => durable),
      accepted: tally.decode.kept,
      rejected: tally.decode.received - tally.decode.kept,
      tally,
      rejections: decoded.rejections,
    }
  }
  return {
    process: (batch, options) =>
      tracer.span(
        'cali.batch',
        { 'cali.stream': batch.stream, 'cali.shard': batch.shard, 'cali.records': batch.records.length },
        (span) => process(batch, options, span),
      ),
  }
}

/** What the index refuses, for quarantine: the record as it would have been indexed. */
export const refusalOf = ({ record, reason }: RefusedRecord): Rejection => ({
  reason: 'index_refused',
  detail: reason,
  bytes: Buffer.from(JSON.stringify(record)),
  stream: record.position.stream,
  shard: record.position.shard,
  sequence: record.position.sequence,
  sub: record.position.sub,
  line: record.position.line,
  arrivedAt: record.observedAt,
})
