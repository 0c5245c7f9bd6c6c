/**
 * JSON documents: a payload that is JSON over several lines, as people and tools print it: one array, or objects one
 * after the other. JSON lines are not its business; they are split like any text.
 */

/** A document, and the number of its first line. */
export interface JsonDocument {
  readonly text: string
  readonly line: number
}

const QUOTE = 34
const BACKSLASH = 92
const NEWLINE = 10

/** The first `most` documents of `text`, or undefined when it is something else, or one of them is broken. */
export function splitJsonDocuments(text: string, most = Number.POSITIVE_INFINITY): JsonDocument[] | undefined {
  if (!/^\s*[[{]/.test(text)) return undefined
  const documents: JsonDocument[] = []
  let spread = false
  let line = 0
  for (let i = 0; i < text.length && documents.length < most; ) {
    const c = text.charCodeAt(i)
    if (c === NEWLINE) line++
    if (c === NEWLINE || c === 32 || c === 13 || c === 9) {
      i++
      continue
    }
    const end = endOf(text, i)
    if (end === undefined) return undefined
    const document = text.slice(i, end)
    documents.push({ text: document, line })
    const lines = count(document)
    spread ||= lines > 0
    line += lines
    i = end
  }
  if (!spread || !documents.every(({ text: document }) => parses(document))) return undefined
  return documents
}

/** What is wrong with a text that begins as printed JSON does; undefined for other text, or when that beginning is sound. */
export function brokenDocument(text: string): string | undefined {
  const begin = /^\s*(?=\{\s{0,80}\n\s{0,80}"|\[\s{0,80}\n\s{0,80}[{[])/.exec(text)
  if (begin === null) return undefined
  const end = endOf(text, begin[0].length)
  if (end === undefined) return 'an object or a list over several lines does not end'
  return parses(text.slice(begin[0].length, end)) ? undefined : 'an object or a list over several lines is damaged'
}

/** Where the object or array that begins at `from` ends; undefined when it does not, or a line ends inside a string. */
function endOf(text: string, from: number): number | undefined {
  let depth = 0
  let inString = false
  for (let i = from; i < text.length; i++) {
    const c = text.charCodeAt(i)
    if (inString) {
      if (c === BACKSLASH) i++
      else if (c === QUOTE) inString = false
      else if (c === NEWLINE) return undefined
    } else if (c === QUOTE) inString = true
    else if (c === 123 || c === 91) depth++
    else if (c === 125 || c === 93) {
      depth--
      if (depth === 0) return i + 1
    } else if (depth === 0) return undefined
  }
  return undefined
}

function count(text: string): number {
  let lines = 0
  for (let i = text.indexOf('\n'); i !== -1; i = text.indexOf('\n', i + 1)) lines++
  return lines
}

function parses(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}
