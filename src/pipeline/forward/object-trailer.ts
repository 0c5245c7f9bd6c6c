/**
 * Object trailer: the facts of an object at the end of its file, so that file and facts are one thing, written and lost
 * together. The trailer is a skippable frame of Zstandard, which `zstd -d` and its kin pass over
 * (https://www.rfc-editor.org/rfc/rfc8878#name-skippable-frames): magic, length, JSON, length of the JSON, mark.
 */
import type { ObjectFacts } from './object-store.ts'

const MAGIC = 0x184d2a5c
const MARK = 'cali/facts'
const HEAD_BYTES = 8
const TAIL_BYTES = 4 + MARK.length

/** More than any trailer has: its facts are at most 1 KiB, each character of which JSON may double. */
export const MAX_TRAILER_BYTES = 4_096

/** The bytes of the file. Bytes that end like a trailer get one too, so that none is ever taken for facts. */
export function withTrailer(bytes: Uint8Array, facts: ObjectFacts | undefined): Uint8Array {
  if (facts === undefined && !Buffer.from(bytes).subarray(-MARK.length).equals(Buffer.from(MARK))) return bytes
  const json = Buffer.from(JSON.stringify(facts ?? null))
  const head = Buffer.alloc(HEAD_BYTES)
  head.writeUInt32LE(MAGIC, 0)
  head.writeUInt32LE(json.length + TAIL_BYTES, 4)
  const length = Buffer.alloc(4)
  length.writeUInt32LE(json.length)
  return Buffer.concat([bytes, head, json, length, Buffer.from(MARK)])
}

/** Reads the last bytes of a file (MAX_TRAILER_BYTES of them, or all): length of its trailer and the facts in it. */
export function readTrailer(end: Uint8Array): { readonly length: number; readonly facts?: ObjectFacts } {
  const buffer = Buffer.from(end.buffer, end.byteOffset, end.byteLength)
  if (buffer.length < HEAD_BYTES + TAIL_BYTES || buffer.toString('latin1', buffer.length - MARK.length) !== MARK)
    return { length: 0 }
  const jsonBytes = buffer.readUInt32LE(buffer.length - TAIL_BYTES)
  const length = HEAD_BYTES + jsonBytes + TAIL_BYTES
  const start = buffer.length - length
  if (start < 0 || buffer.readUInt32LE(start) !== MAGIC || buffer.readUInt32LE(start + 4) !== jsonBytes + TAIL_BYTES)
    return { length: 0 }
  try {
    const facts = JSON.parse(buffer.toString('utf8', start + HEAD_BYTES, start + HEAD_BYTES + jsonBytes))
    return facts === null ? { length } : { length, facts }
  } catch {
    // Damaged on the disk: the bytes before it are still those of the object.
    return { length }
  }
}
