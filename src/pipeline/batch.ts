import type { RejectReason } from './outcome.ts'

/** Batch: what a source hands to the pipeline, and what the pipeline answers. The nouns of consuming. */

/** How to read the bytes. `auto` looks at them: compression, msgpack, JSON lines, JSON array, text. */
export type PayloadFormat = 'auto' | 'msgpack' | 'otlp-json' | 'otlp-protobuf'

export interface RawRecord {
  /** Grows within a shard. Kinesis sequence number, or the source's own number, decimal digits. */
  readonly sequence: string
  /** Place within an aggregate that the source has taken apart: its parts share a sequence number. */
  readonly sub?: number
  /** When the source received it, Unix milliseconds. */
  readonly arrivedAt: number
  readonly data: Uint8Array
  /** Reading it has ended the process before: it is kept as it is, and not read again. */
  readonly condemned?: true
  readonly format?: PayloadFormat
}

/**
 * One reader's hold on a shard, from where it took it up. When the shard is taken up anew, what an earlier reading still
 * has on its way is void: the new one reads it again.
 */
export interface Reading {
  readonly revoked: boolean
}

export interface RawBatch {
  readonly stream: string
  readonly shard: string
  /** Absent for sources without a position to resume. */
  readonly reading?: Reading
  readonly records: readonly RawRecord[]
}

/** Data that could not be read, with all that is needed to find and judge it. Bytes are as received: not redacted. */
export interface Rejection {
  readonly reason: RejectReason
  readonly detail: string
  readonly bytes: Uint8Array
  readonly stream: string
  readonly shard: string
  readonly sequence: string
  readonly sub: number
  readonly line: number
  readonly arrivedAt: number
}
