/**
 * Archive object: records as zstd-compressed JSON lines, its name, and the facts kept with it, by which a writer goes on
 * behind it without reading it and `cali archive verify` proves that it is what was written. docs/en/archive.md holds
 * layout and fields for people.
 */
import { hash } from 'node:crypto'
import { constants, zstdCompressSync, zstdDecompressSync } from 'node:zlib'
import { compareSequences, type LogRecord } from '../record.ts'
import { keyPart, type ObjectFacts } from './object-store.ts'

/** One shard of one life of a stream. */
export interface ArchivePlace {
  readonly stream: string
  /** Names one life of the stream; empty for sources without a position to resume. */
  readonly incarnation: string
  readonly shard: string
}

/** What the key of an archive object says. */
export interface ArchiveName {
  readonly key: string
  /** Stream and incarnation, as in the key. */
  readonly folder: string
  readonly shard: string
  /** Hour in which the first record arrived, UTC: `2026-01-20T12`. */
  readonly hour: string
  /** Sequence of the first record. */
  readonly first: string
}

export interface ArchiveFacts {
  readonly first: string
  readonly last: string
  readonly records: number
  /** Earliest and latest event time, Unix milliseconds. */
  readonly from: number
  readonly to: number
  /** SHA-256 of the object's bytes, hex. */
  readonly sha256: string
  /** Program and version. */
  readonly writer: string
  /** Where the writer's object before this one ended; absent for the first of a writer. */
  readonly after?: string
}

export const ARCHIVE_ROOT = 'logs/v1/'
const FORMAT = 'cali-logs/1'
const SEQUENCE_DIGITS = 60
/** More than any object that is written: a batch of the largest records. What inflates to more is a bomb. */
const MAX_INFLATED_BYTES = 1024 ** 3
const NAME =
  /^logs\/v1\/([^/]+)\/([^/]+)\/dt=(\d{4}-\d{2}-\d{2})\/hour=(\d{2})\/(\d{60})(?:-[0-9a-f]{8})?\.ndjson\.zst$/

export const shardPrefix = (place: ArchivePlace): string =>
  `${ARCHIVE_ROOT}${keyPart(place.stream)}${place.incarnation === '' ? '' : `.${keyPart(place.incarnation)}`}/${keyPart(place.shard)}/`

/** `dt=2026-01-20/hour=12/` of a time of arrival, UTC. */
export function hourPart(arrivedAt: number): string {
  const iso = new Date(arrivedAt).toISOString()
  return `dt=${iso.slice(0, 10)}/hour=${iso.slice(11, 13)}/`
}

/** `apart` keeps two objects of sources without positions apart, should they begin with the same number. */
export const archiveKey = (place: ArchivePlace, first: LogRecord, apart = ''): string =>
  `${shardPrefix(place)}${hourPart(first.observedAt)}${first.position.sequence.padStart(SEQUENCE_DIGITS, '0')}${apart}.ndjson.zst`

/** Undefined for what is no name of an archive object. */
export function parseArchiveKey(key: string): ArchiveName | undefined {
  const [, folder, shard, day, hour, digits] = NAME.exec(key) ?? []
  if (folder === undefined || shard === undefined || digits === undefined) return undefined
  return { key, folder, shard, hour: `${day}T${hour}`, first: digits.replace(/^0+(?=\d)/, '') }
}

export interface EncodedObject {
  readonly bytes: Uint8Array
  readonly facts: ArchiveFacts
}

/** At least one record, in the order of their positions. */
export function encodeArchiveObject(
  records: readonly LogRecord[],
  by: { readonly writer: string; readonly after?: string },
): EncodedObject {
  const [first, last] = [records[0], records.at(-1)] as [LogRecord, LogRecord]
  const bytes = zstdCompressSync(asLines(records), {
    params: { [constants.ZSTD_c_checksumFlag]: 1 },
  })
  let [from, to] = [first.at, first.at]
  for (const { at } of records) {
    from = Math.min(from, at)
    to = Math.max(to, at)
  }
  return {
    bytes,
    facts: {
      first: first.position.sequence,
      last: last.position.sequence,
      records: records.length,
      from,
      to,
      sha256: hash('sha256', bytes),
      ...by,
    },
  }
}

const LINES_AT_ONCE = 1_000

/** In pieces: as one text, a large batch would be longer than a text may be. */
function asLines(records: readonly object[]): Buffer {
  const pieces: Buffer[] = []
  for (let i = 0; i < records.length; i += LINES_AT_ONCE) {
    const some = records.slice(i, i + LINES_AT_ONCE)
    pieces.push(Buffer.from(some.map((record) => `${JSON.stringify(record)}\n`).join('')))
  }
  return Buffer.concat(pieces)
}

export const writeFacts = ({ from, to, records, ...texts }: ArchiveFacts): ObjectFacts => ({
  format: FORMAT,
  ...texts,
  records: String(records),
  from: new Date(from).toISOString(),
  to: new Date(to).toISOString(),
})

/** Undefined where there are none, as in objects written before facts were kept, or where they are of something else. */
export function readFacts(facts: ObjectFacts | undefined): ArchiveFacts | undefined {
  if (facts?.['format'] !== FORMAT) return undefined
  const { first = '', last = '', records = '', from = '', to = '', sha256 = '', writer = '', after } = facts
  if (!/^\d{1,60}$/.test(first) || !/^\d{1,60}$/.test(last) || !/^\d{1,12}$/.test(records)) return undefined
  return {
    first,
    last,
    records: Number(records),
    from: Date.parse(from),
    to: Date.parse(to),
    sha256,
    writer,
    ...(after === undefined ? {} : { after }),
  }
}

/** The records of one archive object. Throws on what is not one; the message says what and where in it. */
export const readArchiveObject = (bytes: Uint8Array): LogRecord[] => [...archivedRecords(bytes)]

/** The same, one at a time: the text of a large object is never one string. */
export function* archivedRecords(bytes: Uint8Array): Generator<LogRecord> {
  const text = zstdDecompressSync(bytes, { maxOutputLength: MAX_INFLATED_BYTES })
  for (let at = 0, line = 1; at < text.length; line++) {
    const newline = text.indexOf(10, at)
    const end = newline === -1 ? text.length : newline
    if (end > at) yield readLine(text.toString('utf8', at, end), line)
    at = end + 1
  }
}

function readLine(text: string, line: number): LogRecord {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    // V8's message holds a piece of the text.
    throw new Error(`line ${line} is not JSON`)
  }
  const record = value as Partial<LogRecord> | null
  const position = record?.position
  if (
    typeof record?.id !== 'string' ||
    typeof record.body !== 'string' ||
    typeof record.at !== 'number' ||
    typeof record.observedAt !== 'number' ||
    typeof position?.sequence !== 'string'
  )
    throw new Error(`line ${line} is not a record`)
  return record as LogRecord
}

/** Order within a shard: sequence, then the place inside an aggregate, then the line. */
export const comparePositions = ({ position: a }: LogRecord, { position: b }: LogRecord): number =>
  compareSequences(a.sequence, b.sequence) || a.sub - b.sub || a.line - b.line
