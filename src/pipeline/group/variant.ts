/** Variant: two messages that differ only in names, by more than one word at once. A question about two messages alone. */
import { KIND } from './token-kind.ts'

/** Tokens of one message that are kept: hashes to compare, kinds, and texts of words, marks and stems. */
export interface KeptTokens {
  readonly hash: Int32Array
  readonly kind: Uint8Array
  readonly text: readonly string[]
}

const MIN_EQUAL_WORDS = 4

/**
 * Whether two messages of one shape differ in two or more words, each of them an identifier in both, in at least as
 * much equal text. One differing word is left to its slot, which knows more than two messages.
 */
export function differInIdentifiers(a: KeptTokens, b: KeptTokens, isIdentifier: (word: string) => boolean): boolean {
  let equal = 0
  let different = 0
  for (let i = 0; i < a.hash.length; i++) {
    if (a.kind[i] !== KIND.word && a.kind[i] !== KIND.stem) continue
    if (a.hash[i] === b.hash[i]) equal++
    else if (names(a, i, isIdentifier) && names(b, i, isIdentifier)) different++
    else return false
  }
  return different > 1 && equal >= MIN_EQUAL_WORDS && equal >= different
}

const names = ({ kind, text }: KeptTokens, at: number, isIdentifier: (word: string) => boolean): boolean =>
  kind[at] === KIND.stem || isIdentifier(text[at] as string)

/** Words that say what happened: two messages that differ in one of them are two kinds. */
const PREDICATE =
  /(?:실패|성공|오류|에러|없음|없습니다|초과|거절|거부|취소|중단|종료|시작|완료|지연|만료|불가|불일치|누락|중복|부족|끊김|해제|발생|차단|잠금|장애)/
const MIN_COMMON = 8
const MIN_SHARE = 0.6
const MAX_GAPS = 2
const MAX_DIFFERING = 4
/** Longest common subsequence is quadratic: longer messages are compared by their slots alone. Words. */
export const MAX_COMPARED = 64

/**
 * Whether two Korean messages differ only in names: at most two stretches of at most four words inside a long common
 * text. A product's or a person's name is free text of any number of words. In short texts a word is the meaning.
 */
export function differInNames(a: readonly string[], b: readonly string[]): boolean {
  // There may be several longest common subsequences: the answer must not hang on which message came first.
  const [left, right] = a.join(' ') < b.join(' ') ? [a, b] : [b, a]
  if (left[0] !== right[0] || left.length > MAX_COMPARED || right.length > MAX_COMPARED) return false
  const gaps = differences(left, right)
  if (gaps.length === 0) return false
  const common = left.length - gaps.reduce((sum, gap) => sum + gap[0].length, 0)
  if (gaps.length > MAX_GAPS || common < MIN_COMMON || common < MIN_SHARE * Math.max(left.length, right.length))
    return false
  return gaps
    .flat()
    .every(
      (words) => words.length <= MAX_DIFFERING && words.every((word) => /[가-힣*]/.test(word) && !PREDICATE.test(word)),
    )
}

/** The stretches in which two token lists differ, by their longest common subsequence. */
function differences(left: readonly string[], right: readonly string[]): [string[], string[]][] {
  const lengths = Array.from({ length: left.length + 1 }, () => new Uint16Array(right.length + 1))
  for (let i = left.length - 1; i >= 0; i--) {
    for (let j = right.length - 1; j >= 0; j--) {
      const row = lengths[i] as Uint16Array
      const below = lengths[i + 1] as Uint16Array
      row[j] = left[i] === right[j] ? (below[j + 1] as number) + 1 : Math.max(below[j] as number, row[j + 1] as number)
    }
  }
  const gaps: [string[], string[]][] = []
  let open: [string[], string[]] | undefined
  for (let i = 0, j = 0; i < left.length || j < right.length; ) {
    if (i < left.length && j < right.length && left[i] === right[j]) {
      open = undefined
      i++
      j++
      continue
    }
    if (open === undefined) {
      open = [[], []]
      gaps.push(open)
    }
    const skipLeft =
      j >= right.length ||
      (i < left.length &&
        ((lengths[i + 1] as Uint16Array)[j] as number) >= ((lengths[i] as Uint16Array)[j + 1] as number))
    if (skipLeft) open[0].push(left[i++] as string)
    else open[1].push(right[j++] as string)
  }
  return gaps
}
