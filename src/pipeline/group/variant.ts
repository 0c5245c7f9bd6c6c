/** Variant: two messages that differ only in names, by more than one word at once. A question about two messages alone. */
import { isIdentifier } from './slot.ts'
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
export function differInIdentifiers(a: KeptTokens, b: KeptTokens): boolean {
  let equal = 0
  let different = 0
  for (let i = 0; i < a.hash.length; i++) {
    if (a.kind[i] !== KIND.word && a.kind[i] !== KIND.stem) continue
    if (a.hash[i] === b.hash[i]) equal++
    else if (names(a, i) && names(b, i)) different++
    else return false
  }
  return different > 1 && equal >= MIN_EQUAL_WORDS && equal >= different
}

const names = ({ kind, text }: KeptTokens, at: number): boolean =>
  kind[at] === KIND.stem || isIdentifier(text[at] as string)

/** Words that say what happened: two messages that differ in one of them are two kinds. */
const PREDICATE =
  /(?:실패|성공|오류|에러|없음|없습니다|초과|거절|거부|취소|중단|종료|시작|완료|지연|만료|불가|불일치|누락|중복|부족|끊김|해제|발생|차단|잠금|장애|손상|단절)/
/** The end of a clause: what stands before it is no name. */
const CLAUSE_END = /(?:[아어여해]서|않아|못해|지|도중|중에?|때문에|인해)$/
/** What follows says what happened. */
const TELLING = /^(?:원인|사유|이유)/
const MIN_COMMON = 8
const MIN_SHARE = 0.6
const MAX_GAPS = 2
const MAX_DIFFERING = 4
/** Longest common subsequence is quadratic: longer messages are compared by their slots alone. Words. */
export const MAX_COMPARED = 32

/** Words that two messages have in common if they differ only in names; `words` is the number of the longer one. */
export const neededInCommon = (words: number): number => Math.max(MIN_COMMON, Math.ceil(MIN_SHARE * words))

/**
 * Whether two Korean messages differ only in names: at most two stretches of at most four words inside a long common
 * text, none of them at its end, where the verb or the reason stands. A product's or a person's name is free text of any
 * number of words. In short texts a word is the meaning.
 */
export function differInNames(a: readonly string[], b: readonly string[]): boolean {
  const longer = Math.max(a.length, b.length)
  if (a[0] !== b[0] || longer > MAX_COMPARED) return false
  const { before, behind } = commonEnds(a, b)
  // There may be several longest common subsequences: the answer must not hang on which message came first.
  const [left, right] = a.join(' ') < b.join(' ') ? [a, b] : [b, a]
  const gaps = differences(left, right, before, behind)
  if (gaps.length === 0 || gaps.length > MAX_GAPS) return false
  const common = left.length - gaps.reduce((sum, { words }) => sum + words[0].length, 0)
  return common >= neededInCommon(longer) && gaps.every(({ at, words }) => isName(left, at, words))
}

/** Whether the words that take each other's place in a stretch are names. */
function isName(left: readonly string[], at: number, [one, other]: Gap['words']): boolean {
  if (one.length > MAX_DIFFERING || other.length > MAX_DIFFERING) return false
  const all = [...one, ...other]
  if (!all.every((word) => /[가-힣*]/.test(word) && !PREDICATE.test(word))) return false
  if (all.every((word) => word.endsWith('*'))) return true
  if (at + one.length === left.length || TELLING.test(left[at - 1] ?? '')) return false
  return ![one, other].some((words) => words.length > 1 && CLAUSE_END.test(words.at(-1) as string))
}

/** How many words two messages begin and end with alike; none is counted twice. */
function commonEnds(a: readonly string[], b: readonly string[]): { readonly before: number; readonly behind: number } {
  const shorter = Math.min(a.length, b.length)
  let before = 0
  while (before < shorter && a[before] === b[before]) before++
  let behind = 0
  while (behind < shorter - before && a[a.length - 1 - behind] === b[b.length - 1 - behind]) behind++
  return { before, behind }
}

/** A stretch in which two messages differ: its place in the first one, and the words of both. */
interface Gap {
  readonly at: number
  readonly words: readonly [string[], string[]]
}

/** The stretches in which two token lists differ, by their longest common subsequence. */
function differences(all: readonly string[], others: readonly string[], before: number, behind: number): Gap[] {
  const left = all.slice(before, all.length - behind)
  const right = others.slice(before, others.length - behind)
  const lengths = Array.from({ length: left.length + 1 }, () => new Uint16Array(right.length + 1))
  for (let i = left.length - 1; i >= 0; i--) {
    for (let j = right.length - 1; j >= 0; j--) {
      const row = lengths[i] as Uint16Array
      const below = lengths[i + 1] as Uint16Array
      row[j] = left[i] === right[j] ? (below[j + 1] as number) + 1 : Math.max(below[j] as number, row[j + 1] as number)
    }
  }
  const gaps: Gap[] = []
  let open: Gap | undefined
  for (let i = 0, j = 0; i < left.length || j < right.length; ) {
    if (i < left.length && j < right.length && left[i] === right[j]) {
      open = undefined
      i++
      j++
      continue
    }
    if (open === undefined) {
      open = { at: before + i, words: [[], []] }
      gaps.push(open)
    }
    const skipLeft =
      j >= right.length ||
      (i < left.length &&
        ((lengths[i + 1] as Uint16Array)[j] as number) >= ((lengths[i] as Uint16Array)[j + 1] as number))
    if (skipLeft) open.words[0].push(left[i++] as string)
    else open.words[1].push(right[j++] as string)
  }
  return gaps
}
