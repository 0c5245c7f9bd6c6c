/** BM25 over terms that the tokenizer made. Ties are broken by id, so that a ranking is the same everywhere. */

const K1 = 1.2
const B = 0.75
const MAX_QUERY_TF = 2
/** Weight of a question's term that no document holds, when its share of the question is counted. */
const UNKNOWN_IDF = 8
/** A Korean word is several overlapping pairs: each is a part of one unknown word. */
const UNKNOWN_KOREAN_IDF = 2

export interface IndexedDocument {
  readonly id: string
  readonly terms: readonly string[]
}

export interface Ranked {
  readonly id: string
  readonly score: number
  /** Score over the question's whole information: 0 to about 1; comparable between questions. */
  readonly normalised: number
}

export interface LexicalIndex {
  search(query: ReadonlyMap<string, number>, limit: number): readonly Ranked[]
}

export function createLexicalIndex(documents: readonly IndexedDocument[]): LexicalIndex {
  const postings = new Map<string, Map<number, number>>()
  const lengths = documents.map((document) => document.terms.length)
  const average = lengths.reduce((sum, n) => sum + n, 0) / Math.max(1, documents.length)
  documents.forEach((document, i) => {
    for (const term of document.terms) {
      const posting = postings.get(term) ?? new Map<number, number>()
      if (posting.size === 0) postings.set(term, posting)
      posting.set(i, (posting.get(i) ?? 0) + 1)
    }
  })
  const korean = documents.filter((document) => document.terms.some(isKorean)).length
  // A Korean word is rare among the pages that are written in Korean, not among all: else the few such pages win always.
  const idf = (term: string): number => {
    const n = postings.get(term)?.size
    const among = isKorean(term) ? korean : documents.length
    if (n === undefined) return isKorean(term) ? UNKNOWN_KOREAN_IDF : UNKNOWN_IDF
    return Math.log(1 + (among - n + 0.5) / (n + 0.5))
  }
  return {
    search: (query, limit) => {
      const scores = new Map<number, number>()
      let information = 0
      for (const [term, weight] of query) {
        const termIdf = idf(term)
        information += termIdf * weight
        for (const [i, tf] of postings.get(term) ?? []) {
          const norm = tf + K1 * (1 - B + (B * (lengths[i] as number)) / average)
          scores.set(i, (scores.get(i) ?? 0) + (weight * termIdf * tf * (K1 + 1)) / norm)
        }
      }
      return [...scores]
        .map(([i, score]) => ({
          id: (documents[i] as IndexedDocument).id,
          score,
          normalised: information === 0 ? 0 : score / (information * (K1 + 1)),
        }))
        .sort((a, b) => b.score - a.score || (a.id < b.id ? -1 : 1))
        .slice(0, limit)
    },
  }
}

const isKorean = (term: string): boolean => term >= '가' && term <= '힣'

/** Terms with their weights; repeats count at most twice. */
export function weighTerms(
  parts: readonly { readonly terms: readonly string[]; readonly weight: number }[],
): Map<string, number> {
  const query = new Map<string, number>()
  for (const part of parts) {
    const tf = new Map<string, number>()
    for (const term of part.terms) tf.set(term, Math.min(MAX_QUERY_TF, (tf.get(term) ?? 0) + 1))
    for (const [term, n] of tf) query.set(term, Math.max(query.get(term) ?? 0, n * part.weight))
  }
  return query
}
