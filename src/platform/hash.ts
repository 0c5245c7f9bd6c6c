import { hash } from 'node:crypto'

/** SHA-256 of the parts, each ended by NUL so that ("ab","c") and ("a","bc") differ; `digits` hex digits of it. */
export function contentHash(parts: readonly string[], digits = 16): string {
  return hash('sha256', parts.map((part) => `${part}\0`).join(''), 'hex').slice(0, digits)
}

const CROCKFORD = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'

/** Crockford base 32 of a hex string: no I, L, O or U, so that an id can be read aloud. */
export function crockford(hex: string, length: number): string {
  let n = BigInt(`0x${hex}`)
  let text = ''
  while (text.length < length) {
    text += CROCKFORD[Number(n & 31n)]
    n >>= 5n
  }
  return text
}
