/** Slot key: the hash of a message in which one place can be exchanged without reading the others. */
import { MAX_TOKENS } from './token.ts'

const MULTIPLIERS = [0x9e3779b1 | 0, 0x85ebca6b | 0] as const
const POWERS = MULTIPLIERS.map((multiplier) => {
  const powers = new Int32Array(MAX_TOKENS + 1).fill(1)
  for (let i = 1; i <= MAX_TOKENS; i++) powers[i] = Math.imul(powers[i - 1] as number, multiplier)
  return powers
}) as [Int32Array, Int32Array]

/** A hash in which one place can be exchanged without reading the others. */
export function positionHash(hash: Int32Array, scope: number): readonly [number, number] {
  let lo = scope ^ hash.length
  let hi = scope + hash.length
  for (let i = 0; i < hash.length; i++) {
    lo = (lo + Math.imul(hash[i] as number, POWERS[0][i + 1] as number)) | 0
    hi = (hi + Math.imul(hash[i] as number, POWERS[1][i + 1] as number)) | 0
  }
  return [lo, hi]
}

/** Key of the slot at a place: the hash of the message with that place masked, as one number of 53 bits. */
export function withMask([lo, hi]: readonly [number, number], word: number, at: number): number {
  const step = (SLOT_HASH - word) | 0
  const a = (lo + Math.imul(step, POWERS[0][at + 1] as number)) | 0
  const b = (hi + Math.imul(step, POWERS[1][at + 1] as number)) | 0
  return (a >>> 0) * 0x200000 + (b >>> 11)
}

/** Neither a word nor a parameter. */
const SLOT_HASH = 0x7f4a7c15
