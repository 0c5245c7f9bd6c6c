/**
 * Hybrid search in this process: the words' ranking with a vector ranking beside it. The embedding model may be down or
 * slow: then the words answer alone, and the answer says so. A weak leg lowers a ranking, so the leg exists only where
 * somebody configured an embedding model.
 */
import type { Clock } from '../platform/clock.ts'
import { CaliError, messageOf } from '../platform/error.ts'
import type { Logger } from '../platform/logger.ts'
import { createCircuit } from './circuit.ts'
import { dot, type Embedder, type VectorStore } from './embedder.ts'
import {
  bestPerPage,
  CANDIDATES,
  fuse,
  type NearPage,
  plainQuestion,
  type VectorPolicy,
  vectorWeight,
} from './fusion.ts'
import type { KnowledgeBase } from './knowledge-base.ts'
import { rowsOfPages } from './knowledge-rows.ts'
import { embedPassages } from './vector-cache.ts'
import { within } from './within.ts'

export interface HybridDeps {
  readonly base: KnowledgeBase
  readonly embedder: Embedder
  readonly vectors: VectorStore
  readonly policy: VectorPolicy
  /** The vector leg may keep the answer by words waiting no longer than this, milliseconds. */
  readonly waitMs: number
  readonly clock: Clock
  readonly logger: Logger
}

export interface HybridKnowledge extends KnowledgeBase {
  /** Resolves when all pages have vectors; rejects when they cannot be had. Called again by itself at later searches. */
  prepare(): Promise<void>
}

export function createHybridKnowledge({
  base,
  embedder,
  vectors,
  policy,
  waitMs,
  clock,
  logger,
}: HybridDeps): HybridKnowledge {
  let ready: { id: string; vector: Float32Array }[] | undefined
  let preparing: Promise<void> | undefined
  const circuit = createCircuit('embeddings', clock, logger)

  const prepare = (): Promise<void> => {
    preparing ??= load().finally(() => {
      preparing = undefined
    })
    return preparing
  }

  const load = async (): Promise<void> => {
    const drafts = rowsOfPages(base.documents, '', 0)
    const made = await embedPassages(
      drafts.map(({ passage }) => passage),
      embedder,
      vectors,
    )
    ready = drafts.map(({ row }, i) => ({ id: row.doc, vector: made[i] as Float32Array }))
  }

  const nearest = async (question: string, signal: AbortSignal): Promise<NearPage[]> => {
    if (ready === undefined) {
      // The first time this takes as long as there are pages; nobody waits for it.
      prepare().catch((error) => logger.warn({ event: 'embeddings_not_ready', reason: messageOf(error) }))
      throw new CaliError('vectors_not_ready', 'the pages have no vectors yet', { retryable: true })
    }
    const [vector] = await embedder.embed([question], 'query', signal)
    if (vector === undefined) return []
    return bestPerPage(
      ready.map((piece) => ({ id: piece.id, score: dot(vector, piece.vector) })),
      CANDIDATES,
    )
  }

  return {
    documents: base.documents,
    prepare,
    get: base.get,
    search: async (query) => {
      const words = await base.search({ ...query, limit: Math.max(query.limit, CANDIDATES) })
      const short = { ...words, hits: words.hits.slice(0, query.limit) }
      const question = plainQuestion(query)
      if (question === '' || vectorWeight(question, policy) === 0) return short
      try {
        const near = await circuit.run(() => within(waitMs, (signal) => nearest(question, signal)))
        return fuse(words, near, query, base, policy)
      } catch (error) {
        return { ...short, degraded: { part: 'vectors', reason: messageOf(error) } }
      }
    },
  }
}
