/** Tokenizer: text to search terms, the same for documents and questions and for every store. */

const STOP = new Set(
  'a an and are as at be been but by can could did do does for from had has have if in into is it its no not of on or so such that the their then there these they this to was were will with you your we our'.split(
    ' ',
  ),
)
/** Pairs of syllables that are endings and particles: in every Korean sentence, and in none the subject. */
const STOP_PAIRS = new Set(
  '습니 니다 합니 입니 있습 없습 됩니 됐습 했습 였습 겠습 않습 하는 하고 하지 하여 하면 해서 했다 한다 된다 되는 되고 되지 되어 됐다 있는 있고 있다 있어 없는 없고 없다 않는 않고 않아 에서 에게 으로 로부 까지 부터 보다 처럼 이나 거나 이고 이며 어서 아서 면서 지만 는데 은데 때문 경우 대한 위해 통해 같은 이런 그런 어떤 모두 계속 다시 자주 갑자 자기 많이 너무 아직 이미 라고 다고 려고 도록 어야 아야 해야 어요 아요 해요 세요 나요 까요 네요'.split(
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
  if (word.length <= 4 && !STOP_PAIRS.has(word)) out.push(word)
  for (let i = 0; i + 2 <= word.length; i++) {
    const pair = word.slice(i, i + 2)
    if ((word.length > 2 || i > 0) && !STOP_PAIRS.has(pair)) out.push(pair)
  }
}

function stem(word: string): string {
  if (word.length <= 4) return word
  for (const suffix of ['ings', 'ing', 'ies', 'ed', 'es', 's', 'ly']) {
    if (word.endsWith(suffix) && word.length - suffix.length >= MIN_STEM) return word.slice(0, -suffix.length)
  }
  return word
}
