/** Reads `= value`, `": "value"`, `: value`, `>value<` behind a key: where the value starts and ends, however it is quoted. */
import type { Span } from './rule.ts'

export interface AssignedValue extends Span {
  readonly quoted: boolean
  /** How the value hangs on the key. `prose` is a colon and a space, as in sentences. */
  readonly link: 'code' | 'prose' | 'flag' | 'markup'
}

/** The placeholders this product writes; a value never ends inside one. */
export const PLACEHOLDER = /\[[A-Z][A-Z0-9_]{1,31}:[0-9a-f]{4}\]/y
/** `"` or `\"` behind the key, then the sign. The text behind the sign decides between code and prose. */
const LINK = /(\\?["'\x60])?\]?[ \t]{0,8}(=>|:{1,2}=|\?=|={1,3}|\|\||[:=：])[ \t]{0,8}/y
const FLAG = /[ \t]{1,4}(?=[^\s-])/y
const MARKUP = /(?:>|"\s{1,4}value\s?=\s?(?="))/y
const UNQUOTED_END = /[\s"'`<>,;&|)}\]]/
const QUOTES = '"\'`'

export function assignedValue(
  text: string,
  at: number,
  before: { readonly flag: boolean; readonly tag: boolean },
): AssignedValue | undefined {
  const markup = before.tag ? endOf(MARKUP, text, at) : undefined
  if (markup !== undefined) return withLink(readValue(text, markup), 'markup')
  LINK.lastIndex = at
  const link = LINK.exec(text)
  if (link !== null) {
    const from = at + link[0].length
    const prose = link[1] === undefined && link[2] === ':' && /\s/.test(text.charAt(from - 1))
    return withLink(readValue(text, from), prose ? 'prose' : 'code')
  }
  const flag = before.flag ? endOf(FLAG, text, at) : undefined
  return flag === undefined ? undefined : withLink(readValue(text, flag), 'flag')
}

function withLink(
  value: (Span & { quoted: boolean }) | undefined,
  link: AssignedValue['link'],
): AssignedValue | undefined {
  return value === undefined || value.end <= value.start ? undefined : { ...value, link }
}

function readValue(text: string, at: number): (Span & { quoted: boolean }) | undefined {
  const escaped = text.charAt(at) === '\\' && QUOTES.includes(text.charAt(at + 1) || ' ')
  const open = escaped ? at + 1 : at
  const quote = text.charAt(open)
  if (quote !== '' && QUOTES.includes(quote)) {
    const end = escaped ? endOfEscaped(text, open + 1, quote) : endOfQuoted(text, open + 1, quote)
    return end === undefined
      ? { start: open + 1, end: endOfUnquoted(text, open + 1), quoted: false }
      : { start: open + 1, end, quoted: true }
  }
  if (quote === '[' && endOf(PLACEHOLDER, text, at) === undefined)
    return { start: at + 1, end: endOfUnquoted(text, at + 1), quoted: true }
  if ('{[('.includes(quote) && quote !== '[') return undefined
  const end = endOfUnquoted(text, at)
  // A call or an index is code, not a value.
  return text.charAt(end) === '(' || text.slice(at, end).includes('(') ? undefined : { start: at, end, quoted: false }
}

function endOfQuoted(text: string, from: number, quote: string): number | undefined {
  for (let at = from; at < text.length; at++) {
    const character = text.charAt(at)
    if (character === quote) return at
    if (character === '\n' || character === '\r') return undefined
    if (character === '\\') at++
  }
  return undefined
}

function endOfEscaped(text: string, from: number, quote: string): number | undefined {
  for (let at = from; at < text.length; at++) {
    const character = text.charAt(at)
    if (character === quote || character === '\n') return undefined
    if (character !== '\\') continue
    if (text.charAt(at + 1) === quote) return at
    at++
  }
  return undefined
}

/** Printable ASCII up to a delimiter: a Korean particle directly behind a value does not belong to it. */
function endOfUnquoted(text: string, from: number): number {
  let at = from
  while (at < text.length) {
    const placeholder = text.charAt(at) === '[' ? endOf(PLACEHOLDER, text, at) : undefined
    if (placeholder !== undefined) {
      at = placeholder
      continue
    }
    const code = text.charCodeAt(at)
    if (code <= 0x20 || code > 0x7e || UNQUOTED_END.test(text.charAt(at))) break
    if (code === 0x5c && /["'nrt]/.test(text.charAt(at + 1))) break
    at++
  }
  while (at > from && /[.:!?]/.test(text.charAt(at - 1))) at--
  return at
}

function endOf(pattern: RegExp, text: string, at: number): number | undefined {
  pattern.lastIndex = at
  return pattern.test(text) ? pattern.lastIndex : undefined
}
