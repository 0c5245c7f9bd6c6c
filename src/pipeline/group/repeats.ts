/** Repeats: lists of things are as long as there are things; what repeats the part before it is left out. */
import type { TokenBuffer } from './token.ts'
import { KIND } from './token-kind.ts'

/** Shorter messages hold no list. Tokens. */
export const MIN_FOLDED = 16
const LONGEST_PERIOD = 6

/** Whether two parameters stand a short period apart behind equal tokens: few messages need the exact look. */
export function mayRepeat(kind: Uint8Array, hash: Int32Array, count: number): boolean {
  for (let i = 3; i < count; i++) {
    if ((kind[i] as number) <= KIND.punctuation) continue
    const own = hash[i]
    const before = hash[i - 1]
    for (let period = 2; period <= LONGEST_PERIOD && period < i; period++)
      if (hash[i - period] === own && hash[i - period - 1] === before) return true
  }
  return false
}

/** Leaves out each part, with a parameter in it, that repeats the part before it. Returns how many tokens are left. */
export function foldRepeats({ kind, start, end, hash }: TokenBuffer, count: number): number {
  let kept = 0
  for (let i = 0; i < count; ) {
    const period = repeatedAt(kind, hash, i, kept, count)
    if (period > 0) {
      i += period
      continue
    }
    if (kept !== i) {
      kind[kept] = kind[i] as number
      start[kept] = start[i] as number
      end[kept] = end[i] as number
      hash[kept] = hash[i] as number
    }
    kept++
    i++
  }
  return kept
}

function repeatedAt(kind: Uint8Array, hash: Int32Array, at: number, kept: number, count: number): number {
  for (let period = 1; period <= LONGEST_PERIOD && period <= kept && at + period <= count; period++) {
    // Most tokens differ from the one a period before: one comparison each.
    if (hash[at] !== hash[kept - period]) continue
    let parameter = false
    let k = 0
    while (k < period && hash[at + k] === hash[kept - period + k]) {
      parameter ||= (kind[at + k] as number) > KIND.punctuation
      k++
    }
    if (k === period && parameter) return period
  }
  return 0
}
