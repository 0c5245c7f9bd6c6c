/**
 * One pass over a text that answers: which keywords stand where, is there a number that could identify a person, and is
 * there a character to normalise. An Aho-Corasick automaton as one table: one lookup a character however many keywords,
 * upper case and full-width forms folded by the class table.
 */
import { NORMAL_FORM } from './normalise.ts'

export interface Scan {
  /** Pairs: index of the keyword, offset behind it. In order of the offset. */
  readonly hits: number[]
  /** Digits long enough, or grouped, as in phone, card and resident numbers. */
  numbers: boolean
  /** Something {@link normalise} would change. */
  wide: boolean
}

export type KeywordScanner = (text: string) => Scan

const CLASS_BITS = 7
const DIGITS = '0123456789'
/** Classes 1 to 10 are the digits, then what may stand between groups of digits. */
const SEPARATORS = '- .()'
const FIRST_LETTER_CLASS = 1 + DIGITS.length + SEPARATORS.length
const WIDE = 0x80

export function createKeywordScanner(keywords: readonly string[]): KeywordScanner {
  const classes = classTable(keywords)
  const { next, outputs } = automaton(keywords, classes)
  const ends = Uint8Array.from(outputs, (output) => (output.length > 0 ? 1 : 0))
  return function scan(text) {
    const result: Scan = { hits: [], numbers: false, wide: false }
    let state = 0
    let run = 0
    let group = 0
    for (let at = 0; at < text.length; at++) {
      const entry = classes[text.charCodeAt(at)] as number
      const kind = entry & 0x7f
      if (entry >= WIDE) result.wide = true
      state = next[(state << CLASS_BITS) | kind] as number
      if (ends[state] === 1) for (const keyword of outputs[state] as number[]) result.hits.push(keyword, at + 1)
      if (kind >= 1 && kind <= 10) run++
      else if (run > 0) {
        if (personalShape(group, run)) result.numbers = true
        group = kind > 10 && kind < FIRST_LETTER_CLASS ? run : 0
        run = 0
      } else if (group > 0 && (kind <= 10 || kind >= FIRST_LETTER_CLASS)) group = 0
    }
    if (personalShape(group, run)) result.numbers = true
    return result
  }
}

/** 9 digits in a row, or two neighbouring groups as in 900101-1234567, 1234-5678, 12-34567 (business), 123456-12345 (card). */
function personalShape(group: number, run: number): boolean {
  if (run >= 9) return true
  if (group === 0) return false
  return (
    (run === 4 && group >= 3 && group <= 4) || (group === 6 && (run === 7 || run === 5)) || (group === 2 && run === 5)
  )
}

function classTable(keywords: readonly string[]): Uint8Array {
  const table = new Uint8Array(0x10000)
  let count = 1
  for (const character of DIGITS + SEPARATORS + [...new Set(keywords.join(''))].join('')) {
    const code = character.charCodeAt(0)
    if (table[code] === 0) table[code] = count++
  }
  if (count > 1 << CLASS_BITS) throw new RangeError(`keywords use ${count} characters; the automaton has room for 128`)
  for (let code = 0x41; code <= 0x5a; code++) table[code] = table[code + 32] as number
  for (let code = 0; code < table.length; code++) {
    const normal = NORMAL_FORM[code] as number
    if (normal !== code) table[code] = (table[normal] as number) | WIDE
  }
  return table
}

function automaton(keywords: readonly string[], classes: Uint8Array): { next: Uint16Array; outputs: number[][] } {
  const states = 1 + keywords.reduce((sum, keyword) => sum + keyword.length, 0)
  if (states > 0xffff) throw new RangeError('too many keywords')
  const next = new Uint16Array(states << CLASS_BITS)
  const outputs: number[][] = Array.from({ length: states }, () => [])
  let used = 1
  keywords.forEach((keyword, index) => {
    let state = 0
    for (let at = 0; at < keyword.length; at++) {
      const edge = (state << CLASS_BITS) | ((classes[keyword.charCodeAt(at)] as number) & 0x7f)
      if (next[edge] === 0) next[edge] = used++
      state = next[edge] as number
    }
    outputs[state]?.push(index)
  })
  const failure = new Uint16Array(states)
  const queue = [0]
  for (let head = 0; head < queue.length; head++) {
    const state = queue[head] as number
    for (let kind = 0; kind < 1 << CLASS_BITS; kind++) {
      const edge = (state << CLASS_BITS) | kind
      const target = next[edge] as number
      const fallback = state === 0 ? 0 : (next[((failure[state] as number) << CLASS_BITS) | kind] as number)
      if (target === 0) {
        next[edge] = fallback
        continue
      }
      failure[target] = fallback
      outputs[target]?.push(...(outputs[fallback] as number[]))
      queue.push(target)
    }
  }
  return { next, outputs }
}
