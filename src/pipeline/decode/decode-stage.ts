/** Decode: the bytes of a batch to LogRecords, each item with its outcome. Pure: no clock of its own, no I/O. */
import type { RawBatch, RawRecord, Rejection } from '../batch.ts'
import { countExit, drop, type LedgerTally, type RejectReason, reject, type StageTally } from '../outcome.ts'
import type { DecodedRecord } from '../record.ts'
import { containerLine } from './container-line.ts'
import type { Fields } from './fields.ts'
import { createJoiner } from './joiner.ts'
import { NOT_OTLP, readOtlpJson, readOtlpProtobuf } from './otlp-reader.ts'
import { DEFAULT_PAYLOAD_LIMITS, openPayload, type PayloadLimits, tooMany } from './payload.ts'
import { type ReadContext, readObject, readText } from './record-reader.ts'
import { createTextLanes, type TextLine } from './text-lanes.ts'
import { parseTimestamp, type ZoneOptions } from './timestamp.ts'

export interface Decoded {
  readonly records: DecodedRecord[]
  readonly rejections: Rejection[]
}

export interface DecodeOptions {
  readonly limits?: PayloadLimits
  /** Minutes east of UTC for times that name no zone; where clocks change, by the arrival in Unix milliseconds. */
  readonly zoneOffsetMinutes: number | ((at: number) => number)
}

export type DecodeStage = (batch: RawBatch, ledger: LedgerTally) => Decoded

export function createDecodeStage(options: DecodeOptions): DecodeStage {
  const limits = options.limits ?? DEFAULT_PAYLOAD_LIMITS
  const offset = options.zoneOffsetMinutes
  return function decode(batch, ledger) {
    const out: Decoded = { records: [], rejections: [] }
    for (const raw of batch.records)
      decodeRecord(raw, {
        batch,
        raw,
        limits,
        zone: { offsetMinutes: typeof offset === 'number' ? offset : offset(raw.arrivedAt), now: raw.arrivedAt },
        tally: ledger.decode,
        out,
      })
    return out
  }
}

interface Work {
  readonly batch: RawBatch
  readonly raw: RawRecord
  readonly limits: PayloadLimits
  readonly zone: ZoneOptions
  readonly tally: StageTally
  readonly out: Decoded
}

function decodeRecord(raw: RawRecord, work: Work): void {
  if (raw.condemned === true) {
    rejectItem(work, 'ends_process', 'reading it has ended the process before', raw.data, raw.sub ?? 0, 0)
    return
  }
  if (raw.format === 'otlp-json' || raw.format === 'otlp-protobuf') {
    decodeOtlp(raw, work)
    return
  }
  const items = openPayload(raw.data, work.limits, raw.format === 'msgpack', raw.sub)
  const from = work.out.records.length
  const lanes = createTextLanes((lines) => decodeText(lines, work))
  /** Several records of one line take a line number each, so that no two share a position. */
  let extra = { sub: raw.sub ?? 0, lines: 0 }
  const json = (text: string, sub: number, index: number, at?: number): void => {
    extra.lines += Math.max(decodeJson(text, { sub, index, at }, work) - 1, 0)
  }
  for (const item of items) {
    if (item.sub !== extra.sub) extra = { sub: item.sub, lines: 0 }
    const index = item.line + extra.lines
    if (item.kind === 'reject') {
      lanes.flush('')
      rejectItem(work, item.reason, item.detail, item.bytes, item.sub, index)
      continue
    }
    if (item.kind === 'fields') {
      const context = contextOf(work, item.sub, index)
      accept(readObject(item.fields, context), () => JSON.stringify(item.fields), item.sub, index, work)
      continue
    }
    const framed = containerLine(item.text)
    if (framed !== undefined) {
      const at = parseTimestamp(framed.time, work.zone)
      const whole = lanes.pushPart(framed, { sub: item.sub, index, at })
      // Text that only looks like JSON was printed by the application as it stands.
      if (whole !== undefined && looksJson(whole.line) && isJson(whole.line)) {
        lanes.flush(framed.stream)
        json(whole.line, whole.sub, whole.index, whole.at)
      } else if (whole !== undefined) lanes.push(framed.stream, whole)
    } else if (looksJson(item.text)) {
      lanes.flush('')
      json(item.text, item.sub, index)
    } else if (item.text.trim() !== '') lanes.push('', { line: item.text, sub: item.sub, index, at: undefined })
  }
  lanes.flushAll()
  if (lanes.several()) inOrder(work.out.records, from)
}

/** Streams that share a payload were read one after the other: their records go back to the order of their lines. */
function inOrder(records: DecodedRecord[], from: number): void {
  const own = records.splice(from)
  own.sort((a, b) => a.position.sub - b.position.sub || a.position.line - b.position.line)
  for (const record of own) records.push(record)
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}

/** `[` opens a JSON array only before a value: `[main] ERROR …` is text. */
const looksJson = (line: string): boolean => line.startsWith('{"') || /^\s*(?:\{\s*["}]|\[\s*[{\]])/.test(line)

/** Decodes one line of JSON; returns how many records or rejections it gave. */
function decodeJson(line: string, place: Omit<TextLine, 'line'>, work: Work): number {
  const { sub, index } = place
  let value: unknown
  try {
    value = JSON.parse(line)
  } catch (error) {
    rejectItem(work, 'not_a_record', `broken JSON: ${jsonFault(error)}`, Buffer.from(line), sub, index)
    return 1
  }
  if (!Array.isArray(value)) return decodeObject(value, () => line, place, work)
  if (value.length === 0) {
    rejectItem(work, 'not_a_record', 'an empty list', Buffer.from(line), sub, index)
    return 1
  }
  let given = 0
  for (const object of (value as unknown[]).slice(0, work.limits.items))
    given += decodeObject(object, () => JSON.stringify(object), { ...place, index: index + given }, work)
  if (value.length <= work.limits.items) return given
  rejectItem(work, 'output_too_large', tooMany(work.limits.items), Buffer.from(line), sub, index + given)
  return given + 1
}

/** Decodes one value of a line; returns how many records or rejections it gave. */
function decodeObject(
  object: unknown,
  written: () => string,
  { sub, index, at }: Omit<TextLine, 'line'>,
  work: Work,
): number {
  if (typeof object !== 'object' || object === null || Array.isArray(object)) {
    rejectItem(work, 'not_a_record', 'a JSON object is expected', Buffer.from(written().slice(0, 4096)), sub, index)
    return 1
  }
  if ('messageType' in object && 'logGroup' in object) return decodeCloudWatch(object as Fields, sub, index, work)
  accept(readObject(object as Fields, contextOf(work, sub, index, at)), written, sub, index, work)
  return 1
}

/** The fault alone: V8 adds a piece of the text, which nobody has redacted. */
const jsonFault = (error: unknown): string => (error as Error).message.replace(/, (?:\.\.\.)?".*$/s, '')

/** The envelope of a CloudWatch Logs subscription; control messages only probe the receiver. */
function decodeCloudWatch(envelope: Fields, sub: number, index: number, work: Work): number {
  const events = envelope['logEvents']
  const control = envelope['messageType'] === 'CONTROL_MESSAGE'
  if (!control && !Array.isArray(events)) {
    const detail = 'a CloudWatch envelope without a list of logEvents'
    rejectItem(work, 'not_a_record', detail, Buffer.from(JSON.stringify(envelope)), sub, index)
    return 1
  }
  if (control || !Array.isArray(events) || events.length === 0) {
    work.tally.received++
    countExit(work.tally, drop('cloudwatch_control_message'))
    return 1
  }
  const service = String(envelope['logGroup']).split('/').at(-1) ?? 'cloudwatch'
  events.forEach((event: unknown, i) => {
    const { id, timestamp, message } = (typeof event === 'object' && event !== null ? event : {}) as Fields
    const context = { ...contextOf(work, sub, index + i), defaultService: service }
    const text = typeof message === 'string' ? message : ''
    const fields = {
      event_id: id,
      timestamp,
      message: text,
      'aws.log.group': envelope['logGroup'],
      'aws.log.stream': envelope['logStream'],
    }
    // What holds no text is kept as it came.
    accept(readObject(fields, context), () => (text === '' ? JSON.stringify(event) : text), sub, index + i, work)
  })
  return events.length
}

function decodeOtlp(raw: RawRecord, work: Work): void {
  try {
    const logs = raw.format === 'otlp-json' ? readOtlpJson(raw.data) : readOtlpProtobuf(raw.data)
    for (const [i, fields] of logs.entries())
      accept(readObject(fields, contextOf(work, 0, i)), () => JSON.stringify(fields).slice(0, 4096), 0, i, work)
  } catch (error) {
    rejectItem(work, 'not_a_record', `${NOT_OTLP}: ${jsonFault(error)}`, raw.data, 0, 0)
  }
}

function decodeText(lines: readonly TextLine[], work: Work): void {
  const joiner = createJoiner()
  const done = (event: { lines: readonly string[]; firstLine: number } | undefined): void => {
    if (event === undefined) return
    const first = lines[event.firstLine]
    if (first === undefined) return
    const { sub, index, at } = first
    accept(readText(event.lines.join('\n'), contextOf(work, sub, index, at)), () => '', sub, index, work)
  }
  for (const { line } of lines) done(joiner.push(line))
  done(joiner.flush())
}

function accept(
  record: DecodedRecord | undefined,
  written: () => string,
  sub: number,
  index: number,
  work: Work,
): void {
  if (record === undefined) {
    rejectItem(
      work,
      'not_a_record',
      'no text in the object: log_content, log, message, msg or body is expected',
      Buffer.from(written()),
      sub,
      index,
    )
    return
  }
  work.tally.received++
  work.tally.kept++
  work.out.records.push(record)
}

function rejectItem(
  work: Work,
  reason: RejectReason,
  detail: string,
  bytes: Uint8Array,
  sub: number,
  line: number,
): void {
  work.tally.received++
  countExit(work.tally, reject(reason, detail))
  const { batch, raw } = work
  work.out.rejections.push({
    reason,
    detail,
    bytes,
    stream: batch.stream,
    shard: batch.shard,
    sequence: raw.sequence,
    sub,
    line,
    arrivedAt: raw.arrivedAt,
  })
}

/** `at`: when the container's runtime took the line, for an event that names no time. */
const contextOf = (work: Work, sub: number, line: number, at?: number): ReadContext => ({
  position: { stream: work.batch.stream, shard: work.batch.shard, sequence: work.raw.sequence, sub, line },
  observedAt: work.raw.arrivedAt,
  zone: work.zone,
  ...(at === undefined ? {} : { fallbackAt: at }),
})
