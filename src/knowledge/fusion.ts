/**
 * Fusion: the ranking by words and the ranking by vectors to one, by reciprocal rank. How much the vectors count
 * depends on the question's script: measured on 315 labelled questions with two models, they lift Korean ones at full
 * weight and lower English ones from 0.3 on (docs/en/knowledge.md).
 */
import type { KnowledgeQuery, KnowledgeResult } from '../pipeline/knowledge.ts'
import type { KnowledgeBase } from './knowledge-base.ts'
import { cleanQuestion } from './question.ts'

/** Constant of reciprocal rank fusion (Cormack et al., SIGIR 2009). */
const RRF_K = 60
/** A log line in English with a Korean message is a Korean question: of those measured the least had 18% Hangul. */
const KOREAN_SHARE = 0.1
/** Share of a question from which a page holds it word for word: 99% of lines that runbooks quote reach .69. */
const QUOTED = 0.6
export const CANDIDATES = 50

export interface VectorPolicy {
  /** Weight of the vectors' ranking beside the words' (1) for a question with Hangul, and for others; 0: not asked. */
  readonly korean: number
  readonly other: number
  /** Cosine from which a page is near enough to be an answer although its words are not. Depends on the model. */
  readonly close: number
}

export interface NearPage {
  readonly id: string
  /** Cosine of its nearest piece. */
  readonly score: number
}

export const plainQuestion = (query: KnowledgeQuery): string =>
  query.parts
    .map((part) => cleanQuestion(part.text))
    .filter((text) => text.trim() !== '')
    .join('\n')

export function vectorWeight(question: string, policy: VectorPolicy): number {
  const hangul = question.match(/[가-힣]/g)?.length ?? 0
  const latin = question.match(/[A-Za-z]/g)?.length ?? 0
  return hangul > (hangul + latin) * KOREAN_SHARE ? policy.korean : policy.other
}

/** `words` and `near` are in their order, best first. */
export function fuse(
  words: KnowledgeResult,
  near: readonly NearPage[],
  query: KnowledgeQuery,
  base: KnowledgeBase,
  policy: VectorPolicy,
): KnowledgeResult {
  const weight = vectorWeight(plainQuestion(query), policy)
  const fused = new Map<string, number>()
  const add = (ids: readonly string[], share: number): void => {
    for (const [rank, id] of ids.entries()) fused.set(id, (fused.get(id) ?? 0) + share / (RRF_K + rank + 1))
  }
  add(
    words.hits.map((hit) => hit.runbook.id),
    1,
  )
  add(
    near.map((page) => page.id),
    weight,
  )
  const lexical = new Map(words.hits.map((hit) => [hit.runbook.id, hit.score]))
  const close = new Map(near.map((page) => [page.id, page.score]))
  // A page that quotes the error is no matter of closeness: it stands first, as the words rank it.
  const quote = (id: string): number => {
    const score = lexical.get(id) ?? 0
    return score >= QUOTED ? score : 0
  }
  const hits = [...fused]
    .sort((a, b) => quote(b[0]) - quote(a[0]) || b[1] - a[1] || (a[0] < b[0] ? -1 : 1))
    .flatMap(([id]) => {
      const runbook = base.get(id, query.language)
      const cosine = close.get(id) ?? 0
      const score = Math.max(lexical.get(id) ?? 0, cosine >= policy.close ? Math.min(1, cosine) : 0)
      return runbook === undefined ? [] : [{ runbook, score }]
    })
    .slice(0, query.limit)
  return { hits, abstain: words.abstain && !(weight > 0 && (near[0]?.score ?? 0) >= policy.close) }
}

/** The best of each page's pieces, nearest first. */
export function bestPerPage(pieces: Iterable<NearPage>, limit: number): NearPage[] {
  const best = new Map<string, number>()
  for (const { id, score } of pieces) best.set(id, Math.max(best.get(id) ?? -1, score))
  return [...best]
    .map(([id, score]) => ({ id, score }))
    .sort((a, b) => b.score - a.score || (a.id < b.id ? -1 : 1))
    .slice(0, limit)
}
