/**
 * MessagePack: a stream of values, read one by one. A reader of our own because the bytes come from strangers: it makes
 * no room for what a header only claims, its depth is bounded, and what stands before a damaged value is kept.
 * Format: https://github.com/msgpack/msgpack/blob/master/spec.md
 */
import { decodeText } from './text-encoding.ts'

const MAX_DEPTH = 32

/** Fluent's time with nanoseconds, extension type 0. */
export class EventTime {
  readonly seconds: number
  readonly nanos: number

  constructor(seconds: number, nanos: number) {
    this.seconds = seconds
    this.nanos = nanos
  }
}

export interface MsgpackReader {
  /** The next value. Throws an Error with a sentence when the bytes hold none. */
  next(): unknown
  done(): boolean
  position(): number
}

export function createMsgpackReader(bytes: Uint8Array): MsgpackReader {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  let position = 0

  const take = (length: number): number => {
    const start = position
    if (length > bytes.length - start) throw new Error(`ends at byte ${bytes.length}, inside a value`)
    position += length
    return start
  }
  const text = (length: number): string => {
    const start = take(length)
    return decodeText(bytes.subarray(start, start + length))
  }
  const size = (width: 1 | 2 | 4): number => {
    const at = take(width)
    return width === 1 ? view.getUint8(at) : width === 2 ? view.getUint16(at) : view.getUint32(at)
  }
  const list = (length: number, depth: number): unknown[] => {
    const values: unknown[] = []
    for (let i = 0; i < length; i++) values.push(value(depth + 1))
    return values
  }
  const map = (length: number, depth: number): Record<string, unknown> => {
    // Without a prototype, `__proto__` is a key like any other.
    const fields: Record<string, unknown> = Object.create(null)
    for (let i = 0; i < length; i++) {
      const key = value(depth + 1)
      fields[typeof key === 'string' ? key : String(key)] = value(depth + 1)
    }
    return fields
  }
  const extension = (length: number): unknown => {
    const type = view.getInt8(take(1))
    const start = take(length)
    if (type === 0 && length === 8) return new EventTime(view.getUint32(start), view.getUint32(start + 4))
    return null
  }
  const wide = (n: bigint): number | string => (n === BigInt(Number(n)) ? Number(n) : String(n))

  const value = (depth: number): unknown => {
    if (depth > MAX_DEPTH) throw new Error(`nested deeper than ${MAX_DEPTH} at byte ${position}`)
    const head = view.getUint8(take(1))
    if (head < 0x80) return head
    if (head < 0x90) return map(head & 0x0f, depth)
    if (head < 0xa0) return list(head & 0x0f, depth)
    if (head < 0xc0) return text(head & 0x1f)
    if (head >= 0xe0) return head - 0x100
    switch (head) {
      case 0xc0:
        return null
      case 0xc2:
        return false
      case 0xc3:
        return true
      case 0xc4:
      case 0xd9:
        return text(size(1))
      case 0xc5:
      case 0xda:
        return text(size(2))
      case 0xc6:
      case 0xdb:
        return text(size(4))
      case 0xc7:
        return extension(size(1))
      case 0xc8:
        return extension(size(2))
      case 0xc9:
        return extension(size(4))
      case 0xca:
        return view.getFloat32(take(4))
      case 0xcb:
        return view.getFloat64(take(8))
      case 0xcc:
        return size(1)
      case 0xcd:
        return size(2)
      case 0xce:
        return size(4)
      case 0xcf:
        return wide(view.getBigUint64(take(8)))
      case 0xd0:
        return view.getInt8(take(1))
      case 0xd1:
        return view.getInt16(take(2))
      case 0xd2:
        return view.getInt32(take(4))
      case 0xd3:
        return wide(view.getBigInt64(take(8)))
      case 0xd4:
      case 0xd5:
      case 0xd6:
      case 0xd7:
      case 0xd8:
        return extension(2 ** (head - 0xd4))
      case 0xdc:
        return list(size(2), depth)
      case 0xdd:
        return list(size(4), depth)
      case 0xde:
        return map(size(2), depth)
      case 0xdf:
        return map(size(4), depth)
      default:
        throw new Error(`byte ${position - 1} begins no value`)
    }
  }

  return {
    next: () => value(0),
    done: () => position >= bytes.length,
    position: () => position,
  }
}
