/** Knowledge: which search the configuration asks for, and the upkeep of what it searches. */
import { setTimeout as delay } from 'node:timers/promises'
import type { Embedder, VectorStore } from '../knowledge/embedder.ts'
import type { VectorPolicy } from '../knowledge/fusion.ts'
import { createHybridKnowledge } from '../knowledge/hybrid-search.ts'
import { createKnowledgeBase, type KnowledgeBase } from '../knowledge/knowledge-base.ts'
import { createMilvus, type Milvus } from '../knowledge/milvus-client.ts'
import { createMilvusIncidents, type MilvusIncidents } from '../knowledge/milvus-incidents.ts'
import { createMilvusKnowledge, type MilvusKnowledge, type SyncReport } from '../knowledge/milvus-knowledge.ts'
import { createOpenAiEmbedder } from '../knowledge/openai-embedder.ts'
import type { Clock } from '../platform/clock.ts'
import { isAbort, messageOf } from '../platform/error.ts'
import type { Lifecycle } from '../platform/lifecycle.ts'
import type { Logger } from '../platform/logger.ts'
import type { State } from '../state/state.ts'
import type { Config } from './config.ts'
import { NEWEST } from './history.ts'
import { allRunbooks } from './runbooks.ts'

export interface KnowledgeDeps {
  readonly config: Config
  readonly state: State
  readonly clock: Clock
  readonly logger: Logger
}

export interface Knowledge {
  readonly knowledge: KnowledgeBase
  /** Past incidents in Milvus, where it is configured. */
  readonly incidents?: MilvusIncidents
}

/** Pages and incidents of other processes come in this often. */
const UPKEEP_MS = 60_000
/** Milvus away: tried again after this long, twice as long each time, up to `UPKEEP_MS`. */
const FIRST_RETRY_MS = 2_000

/** Opens the search and keeps it up to date until the system stops. Never throws: what is away degrades. */
export function openKnowledge(deps: KnowledgeDeps, lifecycle: Pick<Lifecycle, 'own' | 'stopping'>): Knowledge {
  const { config, state, clock, logger } = deps
  const embedder = embedderOf(config)
  const milvus = milvusOf(config)
  if (milvus === undefined) {
    const base = createKnowledgeBase(allRunbooks(config))
    if (embedder === undefined) return { knowledge: base }
    const hybrid = createHybridKnowledge({
      base,
      embedder,
      vectors: state.vectors,
      policy: policyOf(config),
      waitMs: config.milvus.timeout,
      clock,
      logger,
    })
    hybrid.prepare().catch((error) => logger.warn({ event: 'embeddings_not_ready', reason: messageOf(error) }))
    return { knowledge: hybrid }
  }
  const knowledge = milvusKnowledgeOf({ ...deps, milvus, vectors: state.vectors, stopping: lifecycle.stopping })
  const incidents = createMilvusIncidents({
    milvus,
    alias: config.milvus.collection,
    tenant: config.milvus.tenant,
    timeoutMs: config.milvus.timeout,
    clock,
    logger,
  })
  const upkeep = keepUp(
    async () => {
      const report = await knowledge.sync()
      if (report.rows > 0) logger.info({ event: 'knowledge_synced', collection: report.collection, rows: report.rows })
      await incidents.sync(await state.incidents.list({ states: ['resolved', 'quiet'], limit: NEWEST }))
    },
    lifecycle.stopping,
    logger,
  )
  lifecycle.own('knowledge', async () => {
    await milvus.close()
    await upkeep
  })
  return { knowledge, incidents }
}

/** What was not written while Milvus was away is written by the next round: each compares all of it. */
async function keepUp(work: () => Promise<void>, stopping: AbortSignal, logger: Logger): Promise<void> {
  let failures = 0
  while (!stopping.aborted) {
    try {
      await untilStopped(work(), stopping)
      failures = 0
    } catch (error) {
      if (stopping.aborted) return
      if (failures++ === 0) logger.warn({ event: 'knowledge_upkeep_failed', reason: messageOf(error) })
    }
    const pause = failures === 0 ? UPKEEP_MS : Math.min(UPKEEP_MS, FIRST_RETRY_MS * 2 ** (failures - 1))
    try {
      await delay(pause, undefined, { signal: stopping, ref: false })
    } catch (error) {
      if (isAbort(error)) return
      throw error
    }
  }
}

/** A call to a server that hangs may take a minute; the end of the program does not wait for it. */
async function untilStopped(work: Promise<void>, stopping: AbortSignal): Promise<void> {
  work.catch(() => undefined)
  let stop = (): void => {}
  const stopped = new Promise<void>((resolve) => {
    stop = resolve
    stopping.addEventListener('abort', stop, { once: true })
  })
  try {
    await Promise.race([work, stopped])
  } finally {
    stopping.removeEventListener('abort', stop)
  }
}

export function milvusOf({ milvus }: Config): Milvus | undefined {
  if (milvus.address === undefined) return undefined
  return createMilvus({
    address: milvus.address,
    database: milvus.database,
    timeoutMs: milvus.timeout,
    ...(milvus.token === undefined ? {} : { token: milvus.token }),
  })
}

export function milvusKnowledgeOf({
  config,
  milvus,
  vectors,
  stopping,
  clock,
  logger,
}: Omit<KnowledgeDeps, 'state'> & {
  readonly milvus: Milvus
  readonly vectors: VectorStore
  readonly stopping?: AbortSignal
}): MilvusKnowledge {
  const embedder = embedderOf(config)
  return createMilvusKnowledge({
    milvus,
    alias: config.milvus.collection,
    tenant: config.milvus.tenant,
    own: allRunbooks(config),
    ...(embedder === undefined ? {} : { embedder }),
    vectors,
    policy: policyOf(config),
    legs: config.milvus.legs,
    timeoutMs: config.milvus.timeout,
    ...(stopping === undefined ? {} : { stopping }),
    clock,
    logger,
  })
}

/** The step of `cali setup`: makes the collection, fills it and points the alias at it. Safe to run again. */
export async function milvusSetup(deps: KnowledgeDeps, dryRun = false): Promise<SyncReport | undefined> {
  const milvus = milvusOf(deps.config)
  if (milvus === undefined) return undefined
  try {
    return await milvusKnowledgeOf({ ...deps, milvus, vectors: deps.state.vectors }).sync({ dryRun })
  } finally {
    await milvus.close()
  }
}

export function embedderOf({ openai }: Config): Embedder | undefined {
  const { embeddingModel: model, embeddingUrl, embeddingKey, embeddingDimensions, embeddingInput } = openai
  // The key of one server is never sent to another.
  const apiKey = embeddingKey ?? (embeddingUrl === undefined ? openai.apiKey : 'none')
  const baseUrl = embeddingUrl ?? openai.baseUrl
  if (model === undefined || apiKey === undefined) return undefined
  return createOpenAiEmbedder({
    apiKey,
    model,
    timeoutMs: openai.timeout,
    ...(baseUrl === undefined ? {} : { baseUrl }),
    ...(embeddingDimensions === undefined ? {} : { dimensions: embeddingDimensions }),
    ...(embeddingInput === undefined ? {} : { input: embeddingInput }),
  })
}

const policyOf = ({ knowledge }: Config): VectorPolicy => ({
  korean: knowledge.vectorWeightKorean,
  other: knowledge.vectorWeight,
  close: knowledge.vectorClose,
})
