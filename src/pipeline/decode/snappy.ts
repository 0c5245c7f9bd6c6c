/**
 * Snappy: Fluent Bit compresses a Kinesis record as a raw block, which has no mark by which to know it. It is taken for
 * one only when everything fits: the block opens with a literal `{` or `[`, every reference stays inside what was
 * written, and input and output end exactly where the length in front says. Text does not pass that by chance.
 * Format: https://github.com/google/snappy/blob/main/format_description.txt
 */

/** Three bytes of a block stand for 64 at most: a longer length in front is a lie. */
const MAX_RATIO = 24

/** The bytes that a raw block of JSON holds; undefined for anything else, also for a block of more than `limit` bytes. */
export function openSnappy(bytes: Uint8Array, limit: number): Uint8Array | undefined {
  const head = readLength(bytes)
  if (head === undefined || head.length === 0 || head.length > Math.min(limit, bytes.length * MAX_RATIO))
    return undefined
  if (!opensJson(bytes, head.next)) return undefined
  const out = Buffer.alloc(head.length)
  let at = head.next
  let written = 0
  while (at < bytes.length) {
    const tag = bytes[at++] as number
    if ((tag & 3) === 0) {
      const literal = readLiteral(bytes, tag, at)
      if (literal === undefined || written + literal.length > out.length) return undefined
      out.set(bytes.subarray(literal.start, literal.start + literal.length), written)
      written += literal.length
      at = literal.start + literal.length
      continue
    }
    const copy = readCopy(bytes, tag, at)
    if (copy === undefined || copy.offset === 0 || copy.offset > written || written + copy.length > out.length)
      return undefined
    // Byte by byte: a copy may reach into what it writes itself.
    for (let i = 0; i < copy.length; i++) out[written + i] = out[written + i - copy.offset] as number
    written += copy.length
    at = copy.next
  }
  return written === out.length ? out : undefined
}

function readLength(bytes: Uint8Array): { length: number; next: number } | undefined {
  let length = 0
  for (let i = 0; i < 5; i++) {
    const byte = bytes[i]
    if (byte === undefined) return undefined
    length += (byte & 0x7f) * 2 ** (7 * i)
    if (byte < 0x80) return { length, next: i + 1 }
  }
  return undefined
}

function opensJson(bytes: Uint8Array, at: number): boolean {
  const tag = bytes[at]
  if (tag === undefined || (tag & 3) !== 0) return false
  const literal = readLiteral(bytes, tag, at + 1)
  const first = literal === undefined ? undefined : bytes[literal.start]
  return first === 0x7b || first === 0x5b
}

function readLiteral(bytes: Uint8Array, tag: number, at: number): { start: number; length: number } | undefined {
  const short = tag >> 2
  const wide = Math.max(short - 59, 0)
  const length = (wide === 0 ? short : littleEndian(bytes, at, wide)) + 1
  const start = at + wide
  return start + length > bytes.length ? undefined : { start, length }
}

function readCopy(
  bytes: Uint8Array,
  tag: number,
  at: number,
): { offset: number; length: number; next: number } | undefined {
  const width = (tag & 3) === 3 ? 4 : tag & 3
  if (at + width > bytes.length) return undefined
  const next = at + width
  if (width === 1) return { offset: ((tag >> 5) << 8) | (bytes[at] as number), length: 4 + ((tag >> 2) & 7), next }
  return { offset: littleEndian(bytes, at, width), length: (tag >> 2) + 1, next }
}

function littleEndian(bytes: Uint8Array, at: number, width: number): number {
  let value = 0
  for (let i = 0; i < width; i++) value += (bytes[at + i] ?? 0) * 2 ** (8 * i)
  return value
}
