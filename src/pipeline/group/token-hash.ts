/** Hashes of tokens and the signature that they make: the same in every process and on every machine. */
import { CHARACTER, CLASS_SHIFT, JOINER, QUOTE, QUOTES } from './character.ts'
import { REASON_LEADS, TELLING_WORDS } from './telling-word.ts'
import { KIND, type Kind } from './token-kind.ts'

export const WORD_SEED = 0x811c9dc5 | 0
export const FNV = 0x01000193
/** All parameters are the same. */
export const PARAMETER_HASH = 0x2545f491

/** Words that are the unit of the number before them, and vary with it: 1 second, 30 seconds, 1.5 KB. */
export const UNITS = hashesOf(
  'B KB MB GB TB KiB MiB GiB kb mb gb byte bytes ns us ms s sec secs second seconds min mins minute minutes hr hrs hour hours day days 초 분 시간 일 개 건 명 회 번 원 바이트',
)
export const TELLING_KEYS = hashesOf(TELLING_WORDS)

function hashesOf(words: string): ReadonlySet<number> {
  return new Set(words.split(' ').map((word) => hashOfSlice(word, 0, word.length)))
}

const BEFORE_REASON = hashesOf(REASON_LEADS)
/** Whether a word in quotes behind this one is the name of a thing, by the hash of the word. */
export const namesThing = (hash: number): boolean => !TELLING_KEYS.has(hash) && !BEFORE_REASON.has(hash)

export const hashOfStem = (text: string, start: number, end: number): number =>
  Math.imul(hashOfSlice(text, start, end) ^ PARAMETER_HASH, FNV)

/** The hash of a token from its kind and its text alone. */
export function hashOfToken(kind: Kind, text: string): number {
  if (kind === KIND.word) return hashOfSlice(text, 0, text.length)
  if (kind === KIND.stem) return hashOfStem(text, 0, text.length)
  return kind === KIND.punctuation ? hashOfMark(text) : PARAMETER_HASH
}

function hashOfMark(text: string): number {
  const c = text.charCodeAt(0)
  if (c < 128 && (CHARACTER[c] as number) >> CLASS_SHIFT === JOINER) return hashOfSlice(text, 0, text.length)
  return QUOTES.has(c) ? QUOTE : c
}

export function hashOfSlice(text: string, start: number, end: number): number {
  let h = WORD_SEED
  for (let i = start; i < end; i++) h = Math.imul(h ^ text.charCodeAt(i), FNV)
  return h
}

const LO_SEED = 0x3c6ef372
const HI_SEED = 0x1b873593

/** Two independent 32-bit hashes over the first `count` tokens. */
export function signatureOf(hashes: Int32Array, count: number, into: { lo: number; hi: number }): void {
  let lo = LO_SEED
  let hi = HI_SEED
  for (let k = 0; k < count; k++) {
    const h = hashes[k] as number
    lo = Math.imul(lo ^ h, 0x85ebca6b)
    lo ^= lo >>> 15
    hi = Math.imul((hi << 5) ^ (hi >>> 27) ^ h, 0xc2b2ae35)
  }
  into.lo = lo
  into.hi = hi
}
