/**
 * Reads `= value`, `": "value"`, `: value`, `>value<` behind a key: where the value starts and ends, however it is
 * quoted. It first looks at a window only, so that a text of nothing but keys stays cheap; {@link wholeValue} then takes
 * the rest of a value that was accepted.
 */
import type { Span } from './rule.ts'

export interface AssignedValue extends Span {
  readonly quoted: boolean
  /** How the value hangs on the key. `prose` is a colon and a space, as in sentences; `particle` is `비밀번호는 …`. */
  readonly link: 'code' | 'prose' | 'flag' | 'markup' | 'particle'
}

/** Enough to tell a secret from a word. */
const WINDOW = 128
const LONGEST_QUOTED = 8192

/** The placeholders this product writes; a value never ends inside one. */
const PLACEHOLDER = /\[[A-Z][A-Z0-9_]{1,31}:[0-9a-f]{4}\]/y
/** `"` or `\"` behind the key, then the sign. The text behind the sign decides between code and prose. */
const LINK = /(\\?["'\x60])?\]?[ \t]{0,8}(=>|:{1,2}=|\?=|={1,3}|\|\||:)[ \t]{0,8}/y
const FLAG = /[ \t]{1,4}(?=[^\s-])/y
const PARTICLE = /(?:은|는|이|가|을|를|도)[ \t]{1,4}(?=[!-~])/y
const MARKUP = /(?:>|"\s{1,4}value\s?=\s?(?="))/y
const QUOTES = '"\'`'
/** 1 where an unquoted value ends; it is printable ASCII, so that a Korean particle directly behind does not belong to it. */
const ENDS = new Uint8Array(0x10000).fill(1)
for (let code = 0x21; code <= 0x7e; code++) ENDS[code] = '"\'`<>,;&|)}]'.includes(String.fromCharCode(code)) ? 1 : 0

export function assignedValue(
  text: string,
  at: number,
  allow: { readonly flag: boolean; readonly tag: boolean; readonly particle: boolean },
): AssignedValue | undefined {
  const markup = allow.tag ? endOf(MARKUP, text, at) : undefined
  if (markup !== undefined) return readValue(text, markup, 'markup')
  LINK.lastIndex = at
  const link = LINK.exec(text)
  if (link !== null) {
    const from = at + link[0].length
    const prose = link[1] === undefined && link[2] === ':' && /\s/.test(text.charAt(from - 1))
    return readValue(text, from, prose ? 'prose' : 'code')
  }
  const particle = allow.particle ? endOf(PARTICLE, text, at) : undefined
  if (particle !== undefined) return readValue(text, particle, 'particle')
  const flag = allow.flag ? endOf(FLAG, text, at) : undefined
  return flag === undefined ? undefined : readValue(text, flag, 'flag')
}

/** The value to its real end. */
export function wholeValue(text: string, value: AssignedValue): Span {
  return { start: value.start, end: value.quoted ? value.end : endOfUnquoted(text, value.start, text.length) }
}

function readValue(text: string, at: number, link: AssignedValue['link']): AssignedValue | undefined {
  const escaped = text.charAt(at) === '\\' && isQuote(text.charAt(at + 1))
  const open = escaped ? at + 1 : at
  const quote = text.charAt(open)
  if (isQuote(quote)) {
    const end = endOfQuoted(text, open + 1, quote, escaped)
    if (end === open + 1) return undefined
    return end === undefined ? unquoted(text, open + 1, link) : { start: open + 1, end, quoted: true, link }
  }
  if (quote === '[' && endOf(PLACEHOLDER, text, at) === undefined) return unquoted(text, at + 1, link)
  if (quote === '{' || quote === '(') return undefined
  const value = unquoted(text, at, link)
  // A call is code, not a value.
  return value === undefined || text.slice(value.start, value.end).includes('(') ? undefined : value
}

function unquoted(text: string, start: number, link: AssignedValue['link']): AssignedValue | undefined {
  const end = endOfUnquoted(text, start, start + WINDOW)
  return end === start ? undefined : { start, end, quoted: false, link }
}

const isQuote = (character: string): boolean => character !== '' && QUOTES.includes(character)

/** Undefined when the line or the patience ends before the quote does. */
function endOfQuoted(text: string, from: number, quote: string, escaped: boolean): number | undefined {
  const last = Math.min(text.length, from + LONGEST_QUOTED)
  for (let at = from; at < last; at++) {
    const character = text.charAt(at)
    if (character === '\n' || character === '\r') return undefined
    if (character === quote) return escaped ? undefined : at
    if (character !== '\\') continue
    if (escaped && text.charAt(at + 1) === quote) return at
    at++
  }
  return undefined
}

function endOfUnquoted(text: string, from: number, limit: number): number {
  const last = Math.min(text.length, limit)
  let at = from
  while (at < last) {
    const code = text.charCodeAt(at)
    if (ENDS[code] === 1) break
    if (code === 0x5c && /["'nrt]/.test(text.charAt(at + 1))) break
    at = (code === 0x5b ? endOf(PLACEHOLDER, text, at) : undefined) ?? at + 1
  }
  if (at < last) while (at > from && '.:'.includes(text.charAt(at - 1))) at--
  return at
}

function endOf(pattern: RegExp, text: string, at: number): number | undefined {
  pattern.lastIndex = at
  return pattern.test(text) ? pattern.lastIndex : undefined
}
