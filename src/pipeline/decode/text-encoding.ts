import { isAscii, isUtf8 } from 'node:buffer'

const utf8 = new TextDecoder('utf-8')
const eucKr = new TextDecoder('euc-kr')
const utf16le = new TextDecoder('utf-16le')
const utf16be = new TextDecoder('utf-16be')

export type TextEncodingName = 'utf-8' | 'utf-16le' | 'utf-16be' | 'euc-kr'

/** Text of a line whose encoding is not declared. Bytes that are no text become U+FFFD; nothing throws. */
export function decodeText(bytes: Uint8Array): string {
  return decoderOf(detectEncoding(bytes)).decode(bytes)
}

/** Whether all of it is ASCII and without zero bytes, so that no part of it can be in another encoding. */
export const isPlainAscii = (bytes: Uint8Array): boolean => isAscii(bytes) && !bytes.includes(0)

/**
 * Parts of plain ASCII as text. `latin1Slice` is what `toString('latin1')` calls, at half the cost for a line. Each part
 * is a string of its own: a part of one large string would keep all of it.
 */
export function asciiReader(bytes: Uint8Array): (start: number, end: number) => string {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength) as Latin1Buffer
  return (start, end) => buffer.latin1Slice(start, end)
}

type Latin1Buffer = Buffer & { latin1Slice(start: number, end: number): string }

const decoderOf = (name: TextEncodingName) =>
  name === 'utf-16le' ? utf16le : name === 'utf-16be' ? utf16be : name === 'euc-kr' ? eucKr : utf8

/** A new decoder for a stream in this encoding (its own state, for chunks that cut characters). */
export const streamDecoder = (name: TextEncodingName) => new TextDecoder(name)

/**
 * Byte order mark first; then UTF-16 by its zero bytes; then UTF-8 if valid. Text that is not valid UTF-8 is EUC-KR
 * (CP949) when nearly all of its high bytes form Hangul pairs, else damaged UTF-8.
 */
export function detectEncoding(bytes: Uint8Array): TextEncodingName {
  const utf16 = detectUtf16(bytes)
  if (utf16 !== undefined) return utf16
  if (isAscii(bytes) || isUtf8(withoutCutEnd(bytes))) return 'utf-8'
  return looksEucKr(bytes) ? 'euc-kr' : 'utf-8'
}

/** The bytes without a last character of which only the beginning is there: a sample may end anywhere. */
function withoutCutEnd(bytes: Uint8Array): Uint8Array {
  for (let i = bytes.length - 1; i >= Math.max(bytes.length - 3, 0); i--) {
    const byte = bytes[i] as number
    if ((byte & 0xc0) === 0x80) continue
    const length = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : byte >= 0xc0 ? 2 : 1
    return i + length > bytes.length ? bytes.subarray(0, i) : bytes
  }
  return bytes
}

const UTF16_SAMPLE_BYTES = 4_096

/** UTF-16 by its byte order mark, or by zero bytes that stand at one side of every pair only. */
export function detectUtf16(bytes: Uint8Array): 'utf-16le' | 'utf-16be' | undefined {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return 'utf-16le'
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return 'utf-16be'
  const sample = bytes.subarray(0, UTF16_SAMPLE_BYTES)
  if (sample.length % 2 !== 0 || !sample.includes(0)) return undefined
  const zeros = countZeros(sample)
  if (zeros.odd > sample.length / 4 && zeros.even === 0) return 'utf-16le'
  if (zeros.even > sample.length / 4 && zeros.odd === 0) return 'utf-16be'
  return undefined
}

function countZeros(bytes: Uint8Array): { even: number; odd: number } {
  let even = 0
  let odd = 0
  for (let i = 0; i < bytes.length; i++) {
    if (bytes[i] === 0) i % 2 === 0 ? even++ : odd++
  }
  return { even, odd }
}

/** Hangul of KS X 1001: lead byte B0 to C8, trail byte A1 to FE. */
function looksEucKr(bytes: Uint8Array): boolean {
  let hangul = 0
  let other = 0
  for (let i = 0; i < bytes.length; i++) {
    const lead = bytes[i] as number
    if (lead < 0x80) continue
    const trail = bytes[i + 1] ?? 0
    if (lead >= 0xb0 && lead <= 0xc8 && trail >= 0xa1 && trail <= 0xfe) {
      hangul++
      i++
    } else if (lead >= 0xa1 && lead <= 0xfd && trail >= 0xa1 && trail <= 0xfe) i++
    else other++
  }
  return hangul >= 2 && other * 4 <= hangul
}
