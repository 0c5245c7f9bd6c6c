/** Span: where tokens end that are more than letters and joiners: addresses, URLs, values with brackets. */
import { QUOTE } from './character.ts'
import { WORD_FLAG } from './token-kind.ts'

export const COLON = 58
/** Characters of a value with brackets behind a key. */
const MAX_BRACKETED = 160
/** Characters of a name in quotes. */
const MAX_QUOTED_NAME = 80
/** Characters at the end of a long message in which the text behind its payload is looked for. */
const TAIL_CHARS = 400

export function isDigitAt(text: string, at: number): boolean {
  const c = text.charCodeAt(at)
  return c >= 48 && c <= 57
}

/** Where the text behind a payload begins, a list or an object: a statement may be long, its fault stands at its end. */
export function startOfTail(text: string, from: number): number {
  const first = Math.max(from, text.length - TAIL_CHARS)
  for (let i = text.length - 1; i >= first; i--) {
    const c = text.charCodeAt(i)
    // The last bracket that closes something with words behind it.
    if ((c === 41 || c === 93 || c === 125) && text.length - i > 8) return i + 1
  }
  return text.length
}

/** Whether the token before the colon at `colon` is the name of a host: behind the colon stands a port. */
export function isAddress(text: string, count: number, colon: number, flags: number): boolean {
  if ((flags & WORD_FLAG.upper) !== 0) return false
  let i = colon + 1
  while (isDigitAt(text, i)) i++
  const digits = i - colon - 1
  if (digits < 2 || digits > 5) return false
  // A message may begin with the address that it is about; elsewhere a host has a dot or a dash.
  return (flags & (WORD_FLAG.dot | WORD_FLAG.dash)) !== 0 || (count === 0 && text.charCodeAt(i) === 32)
}

export const NOT_HEX = ~(WORD_FLAG.digit | WORD_FLAG.lower | WORD_FLAG.upper)

/** The end of an IPv6 or MAC address that begins at `from`: hexadecimal parts with five colons or a double one; else -1. */
export function endOfColons(text: string, from: number, n: number): number {
  let colons = 0
  let double = false
  let i = from
  for (; i < n; i++) {
    const c = text.charCodeAt(i)
    if (c === COLON) {
      colons++
      double ||= text.charCodeAt(i + 1) === COLON
    } else if (!isHexDigit(c)) break
  }
  // A colon at the end is punctuation.
  if (text.charCodeAt(i - 1) === COLON && text.charCodeAt(i - 2) !== COLON) i--
  return colons >= 5 || (double && colons >= 2) ? i : -1
}

const isHexDigit = (c: number): boolean => (c >= 48 && c <= 57) || (c >= 97 && c <= 102) || (c >= 65 && c <= 70)

export function endOfUrl(text: string, from: number, n: number): number {
  let i = from
  for (; i < n; i++) {
    const c = text.charCodeAt(i)
    if (c <= 32 || c === QUOTE || c === 39 || c === 60 || c === 62 || c === 41 || c === 93 || c === 125 || c === 96)
      break
  }
  while (i > from && '.,;:!?'.includes(text[i - 1] as string)) i--
  return i
}

/** Behind a key a value with brackets is one: ws=WorkSource{10111}. */
export function endOfBrackets(text: string, end: number): number {
  const open = text.charCodeAt(end)
  if (open !== 123 && open !== 40 && open !== 91) return end
  const close = text.indexOf(open === 123 ? '}' : open === 40 ? ')' : ']', end)
  return close !== -1 && close - end < MAX_BRACKETED ? close + 1 : end
}

/** Where the quote closes that opens at `open` around two or more words, as around the name of a product; else -1. */
export function endOfQuotedName(text: string, open: number): number {
  const quote = text[open] as string
  if (quote !== '"' && quote !== "'") return -1
  const close = text.indexOf(quote, open + 1)
  if (close === -1 || close - open > MAX_QUOTED_NAME) return -1
  const blank = text.indexOf(' ', open + 1)
  // An apostrophe has a letter behind it; a particle may follow a name.
  const behind = close + 1 < text.length ? text.charCodeAt(close + 1) : 32
  const letter = (behind | 32) >= 97 && (behind | 32) <= 122
  return blank > open + 1 && blank < close - 1 && !letter ? close : -1
}
