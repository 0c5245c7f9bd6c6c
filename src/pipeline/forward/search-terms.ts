/**
 * Search terms of the log index: words, and the rest of them from each part on, in lower case; Hangul in overlapping
 * pairs. Every index keeps these and no engine's own, so that a question has the same answer in each.
 */
import type { LogRecord } from '../record.ts'

const WORD = /[A-Za-z0-9_]+|[가-힣]+/g
const MAX_TERMS = 400
const MAX_TERM_CHARS = 64
/** Where a part of a name begins: behind an underscore, `orderId` at `Id`, `HTTPServer` at `Server`. */
const PART = /(?<=_)(?=[A-Za-z0-9])|(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])/g

/** What of a record is searched: its text, its service, and the values of its attributes; names of fields are not what a line says. */
export const searchText = (record: LogRecord): string =>
  `${record.body} ${record.service} ${Object.values(record.attributes).join(' ')}`

/** Case of ASCII letters does not matter; others are as they stand, as in SQLite's lower(). */
export const foldCase = (text: string): string => text.replace(/[A-Z]+/g, (letters) => letters.toLowerCase())

/** Terms under which a text is found. */
export function indexTerms(text: string): string[] {
  const out = new Set<string>()
  for (const [word] of text.slice(0, 16_384).matchAll(WORD)) {
    if (out.size >= MAX_TERMS) break
    if (/^[가-힣]/.test(word)) {
      for (const pair of pairs(word)) out.add(pair)
      // Pairs begin with every syllable but the last, which stands for itself.
      out.add(word.slice(-1))
      continue
    }
    out.add(termAt(word, 0))
    if (!/[A-Z_]/.test(word)) continue
    // The rest from each part on: a question finds any of them by how it begins.
    for (const { index } of word.matchAll(PART)) if (out.size < MAX_TERMS) out.add(termAt(word, index))
  }
  return [...out]
}

export interface QueryTerm {
  readonly text: string
  /** True: a term that begins so is enough. */
  readonly prefix: boolean
}

/** Terms that a text with this word must hold; the text decides in the end. */
export function queryTerms(word: string): QueryTerm[] {
  return [...word.matchAll(WORD)].flatMap(([part]): QueryTerm[] =>
    /^[가-힣]/.test(part)
      ? part.length === 1
        ? [{ text: part, prefix: true }]
        : pairs(part).map((text) => ({ text, prefix: false }))
      : [{ text: part.toLowerCase().slice(0, MAX_TERM_CHARS), prefix: true }],
  )
}

/** True when a text that holds the terms of this word holds the word itself: nothing is left for the text to decide. */
export const termsDecide = (word: string): boolean => /^[A-Za-z0-9_]{1,64}$/.test(word) || /^[가-힣]{1,2}$/.test(word)

/** Whether these terms of a text hold those of a word. */
export const holdsTerms = (terms: readonly string[], word: string): boolean =>
  queryTerms(word).every(({ text, prefix }) => terms.some((term) => (prefix ? term.startsWith(text) : term === text)))

const termAt = (word: string, index: number): string => word.slice(index, index + MAX_TERM_CHARS).toLowerCase()

function pairs(word: string): string[] {
  return Array.from({ length: word.length - 1 }, (_, i) => word.slice(i, i + 2))
}
