/**
 * Hybrid search: the words' ranking with a vector ranking beside it, fused by reciprocal rank. The vector leg may be
 * down or slow: then the words answer alone, and the answer says so. A weak leg lowers a ranking, so the leg exists
 * only where somebody configured an embedding model.
 */
import type { KnowledgeQuery, KnowledgeResult, KnowledgeSource, Runbook } from '../pipeline/knowledge.ts'
import { messageOf } from '../platform/error.ts'
import { contentHash } from '../platform/hash.ts'
import type { Logger } from '../platform/logger.ts'
import { dot, type Embedder, type VectorStore } from './embedder.ts'
import type { KnowledgeBase } from './knowledge-base.ts'
import { cleanQuestion } from './question.ts'

/** Constant of reciprocal rank fusion (Cormack et al., SIGIR 2009). */
const RRF_K = 60
const CANDIDATES = 20
/** The vector leg may keep the keyless answer waiting no longer than this. */
const WAIT_MS = 1_500
/** Two texts of one subject are closer than this for the models that people use; below it vectors are no reason to answer. */
const CLOSE = 0.45

export interface HybridDeps {
  readonly base: KnowledgeBase
  readonly embedder: Embedder
  readonly vectors: VectorStore
  readonly logger: Logger
}

export interface HybridKnowledge extends KnowledgeSource {
  /** Resolves when all pages have vectors; rejects when they cannot be had. Called again by itself at later searches. */
  prepare(): Promise<void>
}

export function createHybridKnowledge({ base, embedder, vectors, logger }: HybridDeps): HybridKnowledge {
  let ready: { runbook: Runbook; vector: Float32Array }[] | undefined
  let preparing: Promise<void> | undefined

  const prepare = (): Promise<void> => {
    preparing ??= load().finally(() => {
      preparing = undefined
    })
    return preparing
  }

  const load = async (): Promise<void> => {
    const texts = base.documents.map((runbook) => ({
      runbook,
      text: textOf(runbook),
      hash: contentHash([textOf(runbook)], 32),
    }))
    const known = new Map(await vectors.load(embedder.model))
    const missing = texts.filter(({ hash }) => !known.has(hash))
    if (missing.length > 0) {
      const made = await embedder.embed(missing.map(({ text }) => text))
      const fresh = new Map(missing.map(({ hash }, i) => [hash, made[i] as Float32Array]))
      await vectors.save(embedder.model, fresh)
      for (const [hash, vector] of fresh) known.set(hash, vector)
    }
    ready = texts.map(({ runbook, hash }) => ({ runbook, vector: known.get(hash) as Float32Array }))
  }

  const nearest = async (query: KnowledgeQuery): Promise<{ id: string; score: number }[]> => {
    if (ready === undefined) await prepare()
    const question = query.parts.map((part) => cleanQuestion(part.text)).join('\n')
    const [vector] = await embedder.embed([question], AbortSignal.timeout(WAIT_MS))
    const best = new Map<string, number>()
    for (const page of ready ?? []) {
      const score = vector === undefined || vector.length !== page.vector.length ? 0 : dot(vector, page.vector)
      best.set(page.runbook.id, Math.max(best.get(page.runbook.id) ?? -1, score))
    }
    return [...best]
      .map(([id, score]) => ({ id, score }))
      .sort((a, b) => b.score - a.score || (a.id < b.id ? -1 : 1))
      .slice(0, CANDIDATES)
  }

  return {
    prepare,
    get: base.get,
    search: async (query, signal) => {
      const words = await base.search({ ...query, limit: CANDIDATES }, signal)
      try {
        const dense = await within(nearest(query), WAIT_MS)
        return fuse(words, dense, query, base)
      } catch (error) {
        logger.warn({ event: 'vector_search_skipped', reason: messageOf(error) })
        return { ...words, hits: words.hits.slice(0, query.limit), degraded: messageOf(error) }
      }
    },
  }
}

function fuse(
  words: KnowledgeResult,
  dense: readonly { id: string; score: number }[],
  query: KnowledgeQuery,
  base: KnowledgeBase,
): KnowledgeResult {
  const fused = new Map<string, number>()
  const add = (ids: readonly string[]): void => {
    for (const [rank, id] of ids.entries()) fused.set(id, (fused.get(id) ?? 0) + 1 / (RRF_K + rank + 1))
  }
  add(words.hits.map((hit) => hit.runbook.id))
  add(dense.map((hit) => hit.id))
  const lexical = new Map(words.hits.map((hit) => [hit.runbook.id, hit.score]))
  const close = new Map(dense.map((hit) => [hit.id, hit.score]))
  const hits = [...fused]
    .sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1))
    .slice(0, query.limit)
    .flatMap(([id]) => {
      const runbook = base.get(id, query.language)
      return runbook === undefined ? [] : [{ runbook, score: Math.max(lexical.get(id) ?? 0, close.get(id) ?? 0) }]
    })
  const answers = !words.abstain || (dense[0]?.score ?? 0) >= CLOSE
  return { hits, abstain: !answers }
}

const textOf = (runbook: Runbook): string =>
  `${runbook.title}\n${runbook.cause ?? ''}\n${runbook.sampleErrors.join('\n')}\n${runbook.tags.join(', ')}`

function within<T>(work: Promise<T>, ms: number): Promise<T> {
  const late = new Promise<never>((_resolve, reject) => {
    setTimeout(() => reject(new Error(`no answer within ${ms / 1000} s`)), ms).unref()
  })
  work.catch(() => undefined)
  return Promise.race([work, late])
}
