/** Slot place: what the text around a slot says of it: the value of a key, or what went wrong. */
import { TELLING_KEYS } from './token-hash.ts'
import { KIND } from './token-kind.ts'
import type { KeptTokens } from './variant.ts'

/** Quotation marks around it, or a key before it and the end of a value behind it. */
export function standsAsValue({ hash, kind }: KeptTokens, at: number): boolean {
  const before = mark(hash, kind, at - 1)
  const behind = mark(hash, kind, at + 1)
  if (before === '"') return behind === '"'
  if (at < 2 || (before !== ':' && before !== '=')) return false
  if (behind !== '') return ',;)]}'.includes(behind)
  // Behind the last colon of a sentence stands what happened.
  if (at + 1 >= kind.length) return before === '='
  const next = mark(hash, kind, at + 2)
  return next === '=' || next === ':'
}

/**
 * What happened stands here: behind the last colon, or behind one of reason, status, code …, with a colon or `is` between
 * at most, or behind `due to`, `because` and the verbs of an end.
 */
export function standsBehindTelling(node: KeptTokens, at: number): boolean {
  const { hash, kind, text } = node
  if (at === kind.length - 1 && mark(hash, kind, at - 1) === ':') return true
  let i = at - 1
  while (i >= 0 && kind[i] === KIND.punctuation) i--
  if (i > 0 && VERB_LINKS.has(text[i] as string) && ENDS.has((text[i - 1] as string).toLowerCase())) return true
  while (i >= 0 && (kind[i] === KIND.punctuation || LINKS.has(text[i] as string))) i--
  return i >= 0 && kind[i] === KIND.word && (TELLING_KEYS.has(hash[i] as number) || text[i] === 'because')
}
const LINKS = new Set(['is', 'was', 'of', 'to'])
const VERB_LINKS = new Set(['to', 'with', 'by', 'on'])
const ENDS = new Set('due failed killed terminated rejected refused exited aborted stopped declined closed'.split(' '))

/** The mark at a place; nothing for a word, a parameter or the end. */
const mark = (hash: Int32Array, kind: Uint8Array, at: number): string =>
  at >= 0 && at < kind.length && kind[at] === KIND.punctuation ? String.fromCharCode((hash[at] as number) & 0xffff) : ''
