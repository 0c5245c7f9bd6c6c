/** Search terms of the log index: words and their parts in lower case, Hangul in overlapping pairs. */

const WORD = /[A-Za-z0-9_]+|[가-힣]+/g
const MAX_TERMS = 400

/** Terms under which a text is found. */
export function indexTerms(text: string): string[] {
  const out = new Set<string>()
  for (const [word] of text.slice(0, 16_384).matchAll(WORD)) {
    if (out.size >= MAX_TERMS) break
    if (/^[가-힣]/.test(word)) for (const pair of pairs(word)) out.add(pair)
    else {
      out.add(word.toLowerCase().slice(0, 64))
      const parts = word
        .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
        .replace(/_/g, ' ')
        .split(' ')
      if (parts.length > 1) for (const part of parts) if (part !== '') out.add(part.toLowerCase().slice(0, 64))
    }
  }
  return [...out]
}

/** FTS5 terms that a text with this word must hold; the stored text decides in the end. */
export function queryTerms(word: string): string[] {
  return [...word.matchAll(WORD)].flatMap(([part]) =>
    /^[가-힣]/.test(part)
      ? part.length === 1
        ? [`${part}*`]
        : pairs(part).map((pair) => `"${pair}"`)
      : [`${part.toLowerCase().slice(0, 64)}*`],
  )
}

/** One syllable stands for itself, so that it can be found by prefix. */
function pairs(word: string): string[] {
  if (word.length === 1) return [word]
  return Array.from({ length: word.length - 1 }, (_, i) => word.slice(i, i + 2))
}
