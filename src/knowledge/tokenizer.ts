/** Tokenizer: text to search terms, the same for documents and questions and for every store. */

const STOP = new Set(
  'a an and are as at be been but by can could did do does for from had has have if in into is it its no not of on or so such that the their then there these they this to was were will with you your we our'.split(
    ' ',
  ),
)
const WORD = /[A-Za-z0-9_.\-/$]+|[가-힣]+/g
const NOISE = /^(?:[0-9a-f]{8,}|\d+(?:[.:-]\d+)*|[\W_]+)$/i
const MIN_STEM = 3

/** Terms of a text, in order, with repeats: whole words, their CamelCase, snake and dotted parts, Hangul bigrams. */
export function terms(text: string): string[] {
  const out: string[] = []
  for (const [word] of text.normalize('NFC').matchAll(WORD)) {
    if (/^[가-힣]/.test(word)) hangul(word, out)
    else ascii(word.replace(/^[.\-/]+|[.\-/]+$/g, ''), out)
  }
  return out
}

function ascii(word: string, out: string[]): void {
  if (word === '' || NOISE.test(word)) return
  const parts = word
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .replace(/([A-Z]+)([A-Z][a-z])/g, '$1 $2')
    .split(/[\s_.\-/$]+/)
    .map((part) => part.toLowerCase())
    .filter((part) => part !== '' && !NOISE.test(part))
  if (parts.length > 1) out.push(word.toLowerCase().replace(/[^a-z0-9]+/g, '_'))
  for (const part of parts) if (!STOP.has(part) && part.length > 1) out.push(stem(part))
}

/** A Korean word as itself and as overlapping pairs: particles then cost little. */
function hangul(word: string, out: string[]): void {
  if (word.length <= 4) out.push(word)
  for (let i = 0; i + 2 <= word.length; i++) if (word.length > 2 || i > 0) out.push(word.slice(i, i + 2))
}

function stem(word: string): string {
  if (word.length <= 4) return word
  for (const suffix of ['ings', 'ing', 'ies', 'ed', 'es', 's', 'ly']) {
    if (word.endsWith(suffix) && word.length - suffix.length >= MIN_STEM) return word.slice(0, -suffix.length)
  }
  return word
}
