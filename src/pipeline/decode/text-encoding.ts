const utf8 = new TextDecoder('utf-8')
const strictUtf8 = new TextDecoder('utf-8', { fatal: true })
const eucKr = new TextDecoder('euc-kr')
const utf16le = new TextDecoder('utf-16le')
const utf16be = new TextDecoder('utf-16be')

export type TextEncodingName = 'utf-8' | 'utf-16le' | 'utf-16be' | 'euc-kr'

/** Text of a line whose encoding is not declared. Bytes that are no text become U+FFFD; nothing throws. */
export function decodeText(bytes: Uint8Array): string {
  return decoderOf(detectEncoding(bytes)).decode(bytes)
}

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
  if (isAscii(bytes)) return 'utf-8'
  try {
    strictUtf8.decode(bytes)
    return 'utf-8'
  } catch {
    return looksEucKr(bytes) ? 'euc-kr' : 'utf-8'
  }
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

function isAscii(bytes: Uint8Array): boolean {
  for (let i = 0; i < bytes.length; i++) {
    const byte = bytes[i] as number
    if (byte >= 0x80) return false
  }
  return true
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
