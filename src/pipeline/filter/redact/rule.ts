/**
 * What a rule is. A rule never searches: the scanner finds its keywords in one pass over the text and the rule is asked
 * about that place only. So an ordinary line costs the pass, and a hostile one a bounded amount of work per keyword.
 */
export interface Span {
  readonly start: number
  /** Behind the last character. */
  readonly end: number
}

/** Where two findings overlap, the lower rank wins: a known token form names its kind better than `token=` does. */
export const RANK = { token: 0, credential: 1, assignment: 2, personal: 3 } as const
export type Rank = (typeof RANK)[keyof typeof RANK]

export interface Rule {
  readonly id: string
  /** Word of the placeholder: `EMAIL` gives `[EMAIL:3f2a]`. */
  readonly type: string
  readonly rank: Rank
  /** Lower case. One of them must stand in the text for the rule to be asked. */
  readonly keywords: readonly string[]
  /** `from` and `to` are the keyword's place in the (normalised) text. Work must be bounded or consumed by the span. */
  readonly match: (text: string, from: number, to: number) => Span | undefined
}

const WORD = /[A-Za-z0-9_]/
const ESCAPED_BEFORE = /(?:\\[nrtbf]|%[0-9A-Fa-f]{2}|\\u[0-9A-Fa-f]{4})$/
const LETTER = /[a-z]/
const CAPITAL = /[A-Z]/

/** True where a word may begin: behind a non-word character, or behind an escape such as `\n` or `%3D` in raw JSON or URLs. */
export function startsWord(text: string, at: number): boolean {
  if (at === 0 || !WORD.test(text.charAt(at - 1))) return true
  return ESCAPED_BEFORE.test(text.slice(Math.max(0, at - 6), at))
}

/** As {@link startsWord}, and also inside identifiers: `my_okta`, `myOkta`. */
export function startsPart(text: string, at: number): boolean {
  if (startsWord(text, at)) return true
  const before = text.charAt(at - 1)
  return before === '_' || (LETTER.test(before) && CAPITAL.test(text.charAt(at)))
}

/** Runs a sticky pattern at one place. With a group, the group must end the match and is the span. */
export function spanAt(pattern: RegExp, text: string, at: number): Span | undefined {
  pattern.lastIndex = at
  const match = pattern.exec(text)
  if (match === null) return undefined
  const end = match.index + match[0].length
  return { start: end - (match[1] ?? match[0]).length, end }
}

const LONGEST_IDENTIFIER = 40
/** A table, as this runs for every keyword: a pattern per character would be most of a hostile text's cost. */
const IDENTIFIER = Uint8Array.from({ length: 0x80 }, (_, code) => (/[\w.-]/.test(String.fromCharCode(code)) ? 1 : 0))

/** Where the identifier that reaches up to `at` begins: letters, digits, `_`, `.` and `-`, at most 40 of them. */
export function identifierStart(text: string, at: number): number {
  let start = at
  while (start > 0 && at - start < LONGEST_IDENTIFIER && IDENTIFIER[text.charCodeAt(start - 1)] === 1) start--
  return start
}
