/**
 * Payload: the bytes of one source record (a Kinesis record, an HTTP body) taken apart into lines, whatever they were
 * wrapped in. Order of trials: KPL aggregate, gzip, zstd, else text split on newline. Every limit is bounded, so that
 * a zip bomb or an endless line costs a counted rejection and nothing else.
 */
import { gunzipSync, zstdDecompressSync } from 'node:zlib'
import type { RejectReason } from '../outcome.ts'
import { readKplAggregate } from './kpl-aggregate.ts'
import { decodeText, detectUtf16 } from './text-encoding.ts'

export interface PayloadLimits {
  /** Bytes one record may inflate to. Fluent Bit aggregates at most 1 MiB per record. */
  readonly inflatedBytes: number
  /** Bytes of one line. */
  readonly lineBytes: number
}

export const DEFAULT_PAYLOAD_LIMITS: PayloadLimits = { inflatedBytes: 32 * 1024 * 1024, lineBytes: 2 * 1024 * 1024 }

export type PayloadItem =
  | { readonly kind: 'line'; readonly text: string; readonly sub: number; readonly line: number }
  | {
      readonly kind: 'reject'
      readonly reason: RejectReason
      readonly detail: string
      readonly bytes: Uint8Array
      readonly sub: number
      readonly line: number
    }

const MAX_WRAPPERS = 3

/** Takes one record apart. Never throws for data; a payload of no bytes or only blank lines gives no item. */
export function openPayload(data: Uint8Array, limits: PayloadLimits = DEFAULT_PAYLOAD_LIMITS): PayloadItem[] {
  const parts = readKplAggregate(data)
  if (parts === undefined) return openPart(data, 0, limits)
  return parts.flatMap((part, sub) => openPart(part, sub, limits))
}

function openPart(data: Uint8Array, sub: number, limits: PayloadLimits): PayloadItem[] {
  let bytes = data
  for (let depth = 0; depth < MAX_WRAPPERS; depth++) {
    const inflate = isGzip(bytes) ? gunzipSync : isZstd(bytes) ? zstdDecompressSync : undefined
    if (inflate === undefined) break
    try {
      bytes = inflate(bytes, { maxOutputLength: limits.inflatedBytes })
    } catch (error) {
      const tooLarge = (error as { code?: string }).code === 'ERR_BUFFER_TOO_LARGE'
      const reason = tooLarge ? 'output_too_large' : 'truncated_compression'
      const detail = tooLarge
        ? `inflates to more than ${limits.inflatedBytes} bytes`
        : `${isGzip(bytes) ? 'gzip' : 'zstd'} data is damaged or cut: ${(error as Error).message}`
      return [{ kind: 'reject', reason, detail, bytes: data, sub, line: 0 }]
    }
  }
  return splitLines(bytes, sub, limits)
}

function splitLines(bytes: Uint8Array, sub: number, limits: PayloadLimits): PayloadItem[] {
  const items: PayloadItem[] = []
  // UTF-16 holds newline bytes inside characters: such a payload is decoded whole before it is split.
  if (detectUtf16(bytes) !== undefined) return splitLines(Buffer.from(decodeText(bytes)), sub, limits)
  let line = 0
  for (let start = 0; start < bytes.length; line++) {
    const newline = bytes.indexOf(0x0a, start)
    const stop = newline === -1 ? bytes.length : newline
    const end = stop > start && bytes[stop - 1] === 0x0d ? stop - 1 : stop
    if (end - start > limits.lineBytes) {
      const detail = `line of ${end - start} bytes, at most ${limits.lineBytes} are read`
      items.push({ kind: 'reject', reason: 'line_too_large', detail, bytes: bytes.subarray(start, end), sub, line })
    } else if (end > start) {
      items.push({ kind: 'line', text: decodeText(bytes.subarray(start, end)), sub, line })
    }
    start = stop + 1
  }
  return items
}

const isGzip = (b: Uint8Array): boolean => b[0] === 0x1f && b[1] === 0x8b && b.length > 2
const isZstd = (b: Uint8Array): boolean => b[0] === 0x28 && b[1] === 0xb5 && b[2] === 0x2f && b[3] === 0xfd
