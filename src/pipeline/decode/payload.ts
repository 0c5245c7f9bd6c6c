/**
 * Payload: the bytes of one source record (a Kinesis record, an HTTP body) taken apart into lines, whatever they were
 * wrapped in. Order of trials: KPL aggregate, gzip, zstd, snappy of JSON, MessagePack of Fluent Bit, JSON over several
 * lines, else text split on newline. Every limit is bounded, so that a zip bomb or an endless line costs a counted
 * rejection and nothing else.
 */
import { gunzipSync, zstdDecompressSync } from 'node:zlib'
import type { RejectReason } from '../outcome.ts'
import type { Fields } from './fields.ts'
import { looksFluent, readFluentEvents } from './fluent-events.ts'
import { brokenDocument, splitJsonDocuments } from './json-documents.ts'
import { readKplAggregate } from './kpl-aggregate.ts'
import { openSnappy } from './snappy.ts'
import { asciiReader, decodeText, detectUtf16, isPlainAscii } from './text-encoding.ts'

export interface PayloadLimits {
  /** Bytes one record may inflate to. Fluent Bit aggregates at most 1 MiB per record. */
  readonly inflatedBytes: number
  /** Bytes of one line. */
  readonly lineBytes: number
  /** Lines, documents and elements of one record: empty ones inflate from nothing, and each costs memory. */
  readonly items: number
}

export const DEFAULT_PAYLOAD_LIMITS: PayloadLimits = {
  inflatedBytes: 32 * 1024 * 1024,
  lineBytes: 2 * 1024 * 1024,
  items: 200_000,
}

export type PayloadItem =
  | { readonly kind: 'fields'; readonly fields: Fields; readonly sub: number; readonly line: number }
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

/**
 * Takes one record apart, an item at a time, so that a large record is never there as text and as items at once. Never
 * throws for data; a payload of no bytes or only blank lines gives no item. `msgpack`: the sender says that it is.
 * `sub`: place of the data in an aggregate that was taken apart before.
 */
export function openPayload(
  data: Uint8Array,
  limits: PayloadLimits = DEFAULT_PAYLOAD_LIMITS,
  msgpack = false,
  sub = 0,
): Iterable<PayloadItem> {
  const parts = readKplAggregate(data)
  const items = parts === undefined ? openPart(data, sub, limits, msgpack) : openParts(parts, sub, limits, msgpack)
  return upTo(limits.items, items, data)
}

export const tooMany = (limit: number): string =>
  `more than ${limit} lines in one record: the first ${limit} were read. Send smaller requests or records.`

/** The rest behind the limit is one rejection, with the record as it was received. */
function* upTo(limit: number, items: Iterable<PayloadItem>, data: Uint8Array): Iterable<PayloadItem> {
  let read = 0
  for (const item of items) {
    if (read++ < limit) {
      yield item
      continue
    }
    const { sub, line } = item
    yield { kind: 'reject', reason: 'output_too_large', detail: tooMany(limit), bytes: data, sub, line }
    return
  }
}

function* openParts(
  parts: readonly Uint8Array[],
  sub: number,
  limits: PayloadLimits,
  msgpack: boolean,
): Iterable<PayloadItem> {
  for (const [i, part] of parts.entries()) yield* openPart(part, sub + i, limits, msgpack)
}

function openPart(data: Uint8Array, sub: number, limits: PayloadLimits, msgpack: boolean): Iterable<PayloadItem> {
  let bytes = data
  for (let depth = 0; depth < MAX_WRAPPERS; depth++) {
    const inflate = isGzip(bytes) ? gunzipSync : isZstd(bytes) ? zstdDecompressSync : undefined
    if (inflate === undefined) break
    try {
      bytes = inflate(bytes, { maxOutputLength: limits.inflatedBytes, chunkSize: chunkSizeFor(bytes) })
    } catch (error) {
      const tooLarge = (error as { code?: string }).code === 'ERR_BUFFER_TOO_LARGE'
      const reason = tooLarge ? 'output_too_large' : 'truncated_compression'
      const detail = tooLarge
        ? `inflates to more than ${limits.inflatedBytes} bytes`
        : `${isGzip(bytes) ? 'gzip' : 'zstd'} data is damaged or cut: ${(error as Error).message}`
      return [{ kind: 'reject', reason, detail, bytes: data, sub, line: 0 }]
    }
  }
  bytes = openSnappy(bytes, limits.inflatedBytes) ?? bytes
  return (
    openMsgpack(bytes, data, sub, limits, msgpack) ??
    openDocuments(bytes, sub, limits) ??
    splitLines(bytes, sub, limits)
  )
}

/** Logs inflate to about eight times their size: pieces of that order, instead of 16 kB, halve the cost of a large record. */
const chunkSizeFor = (bytes: Uint8Array): number => Math.min(Math.max(bytes.length * 4, 16 * 1024), 256 * 1024)

/** Bytes that only look like MessagePack, and of which nothing can be read, are text. */
function openMsgpack(
  bytes: Uint8Array,
  data: Uint8Array,
  sub: number,
  limits: PayloadLimits,
  said: boolean,
): PayloadItem[] | undefined {
  if (!said && !looksFluent(bytes)) return undefined
  const { events, fault } = readFluentEvents(bytes, limits.items + 1)
  if (!said && fault !== undefined && events.length === 0) return undefined
  const items = events.map((fields, line): PayloadItem => ({ kind: 'fields', fields, sub, line }))
  if (fault !== undefined)
    items.push({
      kind: 'reject',
      reason: 'not_a_record',
      detail: `broken msgpack: ${fault}`,
      bytes: data,
      sub,
      line: events.length,
    })
  return items
}

/** JSON over several lines, and an array that is longer than a line may be: an item per document or element. */
function openDocuments(bytes: Uint8Array, sub: number, limits: PayloadLimits): PayloadItem[] | undefined {
  const start = bytes.findIndex((byte) => byte > 0x20 && byte !== 0xef && byte !== 0xbb && byte !== 0xbf)
  const first = bytes[start]
  if (first !== 0x7b && first !== 0x5b) return undefined
  const newline = bytes.indexOf(0x0a, start)
  const oneLine = newline === -1 || newline === bytes.length - 1
  if (oneLine ? bytes.length <= limits.lineBytes : endsWithin(bytes.subarray(start, newline))) return undefined
  const text = decodeText(bytes)
  const documents = oneLine ? [{ text, line: 0 }] : splitJsonDocuments(text, limits.items + 1)
  if (documents === undefined) {
    const fault = brokenDocument(text)
    if (fault === undefined) return undefined
    return [{ kind: 'reject', reason: 'not_a_record', detail: `broken JSON: ${fault}`, bytes, sub, line: 0 }]
  }
  const items: PayloadItem[] = []
  for (const document of documents) {
    if (document.text.length <= limits.lineBytes) items.push({ kind: 'line', ...document, sub })
    else {
      const elements = elementsOf(document.text)
      if (elements === undefined) return undefined
      for (const [i, element] of elements.slice(0, limits.items + 1).entries())
        items.push({ kind: 'line', text: JSON.stringify(element), sub, line: document.line + i })
    }
  }
  return items
}

/** Whether a line closes what it opens, as every line of JSON lines does; braces of text do no harm here. */
function endsWithin(line: Uint8Array): boolean {
  let end = line.length - 1
  while (end > 0 && (line[end] as number) <= 0x20) end--
  return line[end] === (line[0] as number) + 2
}

/** The elements of an array, or undefined when it is none or one of them is too long by itself. */
function elementsOf(text: string): readonly unknown[] | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return Array.isArray(value) ? value : undefined
  } catch {
    return undefined
  }
}

function splitLines(bytes: Uint8Array, sub: number, limits: PayloadLimits): Iterable<PayloadItem> {
  // UTF-16 holds newline bytes inside characters: such a payload is decoded whole before it is split.
  return detectUtf16(bytes) === undefined
    ? linesOf(bytes, sub, limits)
    : splitLines(Buffer.from(decodeText(bytes)), sub, limits)
}

function* linesOf(bytes: Uint8Array, sub: number, limits: PayloadLimits): Iterable<PayloadItem> {
  const textOf = isPlainAscii(bytes)
    ? asciiReader(bytes)
    : (start: number, end: number): string => decodeText(bytes.subarray(start, end))
  let line = 0
  for (let start = 0; start < bytes.length; line++) {
    const newline = bytes.indexOf(0x0a, start)
    const stop = newline === -1 ? bytes.length : newline
    const end = stop > start && bytes[stop - 1] === 0x0d ? stop - 1 : stop
    if (end - start > limits.lineBytes) {
      const detail = `line of ${end - start} bytes, at most ${limits.lineBytes} are read`
      yield { kind: 'reject', reason: 'line_too_large', detail, bytes: bytes.subarray(start, end), sub, line }
    } else if (end > start) {
      yield { kind: 'line', text: textOf(start, end), sub, line }
    }
    start = stop + 1
  }
}

const isGzip = (b: Uint8Array): boolean => b[0] === 0x1f && b[1] === 0x8b && b.length > 2
const isZstd = (b: Uint8Array): boolean => b[0] === 0x28 && b[1] === 0xb5 && b[2] === 0x2f && b[3] === 0xfd
