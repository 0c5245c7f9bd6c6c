/**
 * Milvus knowledge: runbooks in Milvus, shared by all processes and by whoever runs `cali kb sync`. Milvus finds
 * candidates, by words (BM25 over our own terms) and by vectors where a model is configured; the ranking and the
 * decision to abstain are made here, by the same scorer that ranks without Milvus, so that both give the same answer
 * for the same pages. (Scores of BM25 are per segment and differ between servers: they order candidates, no more.)
 *
 * Pages that only Milvus knows are mirrored here, all of them up to a bound, beyond it those that are found. Milvus
 * down or slow: what is at hand answers, and the answer says so.
 */
import type { KnowledgeResult, Runbook } from '../pipeline/knowledge.ts'
import type { Clock } from '../platform/clock.ts'
import { CaliError, messageOf } from '../platform/error.ts'
import type { Logger } from '../platform/logger.ts'
import { createCircuit } from './circuit.ts'
import type { Embedder, VectorStore } from './embedder.ts'
import {
  bestPerPage,
  CANDIDATES,
  fuse,
  type NearPage,
  plainQuestion,
  type VectorPolicy,
  vectorWeight,
} from './fusion.ts'
import { createKnowledgeBase, type KnowledgeBase, questionTerms } from './knowledge-base.ts'
import { pagesOfRows, rowsOfPages } from './knowledge-rows.ts'
import type { Milvus } from './milvus-client.ts'
import {
  aliasTarget,
  collectionOf,
  dropCollection,
  ensureCollection,
  moveAlias,
  type Row,
  staleCollections,
  type VectorSpace,
} from './milvus-schema.ts'
import { nearestPieces, pagesByWords } from './milvus-search.ts'
import { compare, deleteRows, type Held, listRows, readDocuments, writeRows } from './milvus-sync.ts'
import { embedPassages } from './vector-cache.ts'
import { within } from './within.ts'

export interface MilvusKnowledgeDeps {
  readonly milvus: Milvus
  /** Name of the alias. */
  readonly alias: string
  readonly tenant: string
  /** Pages of this process: bundled and the team's. They win over pages of the same id in Milvus. */
  readonly own: readonly Runbook[]
  /** Absent: words alone. */
  readonly embedder?: Embedder
  readonly vectors: VectorStore
  readonly policy: VectorPolicy
  /** Which rows are asked for words: whole pages, their pieces, or both. */
  readonly legs: readonly ('page' | 'chunk')[]
  /** After this long the pages at hand answer, milliseconds. */
  readonly timeoutMs: number
  /** Ends an embedding of all pages that is under way. */
  readonly stopping?: AbortSignal
  readonly clock: Clock
  readonly logger: Logger
}

export interface SyncOptions {
  /** Delete pages that are in Milvus and not among the own ones. */
  readonly remove?: boolean
  /** Only say what would be done. */
  readonly dryRun?: boolean
}

export interface SyncReport {
  readonly collection: string
  /** True when the collection was (or would be) made anew: the first time, or for another model. */
  readonly created: boolean
  /** Pages written, and rows of them. */
  readonly pages: readonly string[]
  readonly rows: number
  readonly unchanged: number
  /** Pages in Milvus that this configuration does not hold. */
  readonly foreign: readonly string[]
  readonly removed: boolean
  /** Collections of earlier models, which nobody searches any more. */
  readonly stale: readonly string[]
}

export interface MilvusKnowledge extends KnowledgeBase {
  /** Brings Milvus and the mirror up to date. Idempotent. Throws a CaliError. */
  sync(options?: SyncOptions): Promise<SyncReport>
  /** Deletes the collections of earlier models. */
  prune(): Promise<readonly string[]>
}

/** Pages of others that are held in memory: some 20 MB of text and terms. */
const MAX_MIRRORED = 2_000
const EMBEDDING_SHARE = 0.6

export function createMilvusKnowledge(deps: MilvusKnowledgeDeps): MilvusKnowledge {
  const { milvus, alias, tenant, own, embedder, policy, logger } = deps
  const ownIds = new Set(own.map((page) => page.id))
  const mirror = new Map<string, readonly Runbook[]>()
  const circuit = createCircuit('milvus', deps.clock, logger)
  const vectorCircuit = createCircuit('embeddings', deps.clock, logger)
  let base = createKnowledgeBase(own)
  /** Pages of others as the last sync saw them, with a value that changes with any of their rows. */
  let seen: ReadonlyMap<string, string> = new Map()
  /** Our collection, once a sync has made it complete. */
  let collection: string | undefined

  const spaceOf = async (): Promise<VectorSpace | undefined> =>
    embedder === undefined ? undefined : { model: embedder.model, dimension: await embedder.dimension() }

  /** Takes pages of others in; a page whose rows are incomplete is left out. */
  const mirrorPages = async (from: string, docs: readonly string[], gone: readonly string[] = []): Promise<void> => {
    if (docs.length === 0 && gone.length === 0) return
    for (const id of gone) mirror.delete(id)
    const rows = docs.length === 0 ? new Map() : await readDocuments(milvus, from, tenant, docs)
    for (const [id, list] of rows) {
      const pages = pagesOfRows(list)
      mirror.delete(id)
      if (pages.length > 0) mirror.set(id, pages)
    }
    for (const id of mirror.keys()) if (mirror.size > MAX_MIRRORED) mirror.delete(id)
    base = createKnowledgeBase([...[...mirror.values()].flat(), ...own])
  }

  const mirrorAll = async (from: string, held: readonly Held[]): Promise<void> => {
    const versions = versionsOf(held.filter(({ doc }) => !ownIds.has(doc)))
    const changed = [...versions].filter(([id, version]) => seen.get(id) !== version).map(([id]) => id)
    const wanted = changed.filter((id) => mirror.has(id) || versions.size <= MAX_MIRRORED)
    await mirrorPages(
      from,
      wanted,
      [...mirror.keys()].filter((id) => !versions.has(id)),
    )
    seen = versions
  }

  const vectorsFor = async (rows: readonly { row: Row; passage: string }[]): Promise<Row[]> => {
    if (embedder === undefined) return rows.map(({ row }) => row)
    const made = await embedPassages(
      rows.map(({ passage }) => passage),
      embedder,
      deps.vectors,
      deps.stopping,
    )
    return rows.map(({ row }, i) => ({ ...row, dense: [...(made[i] as Float32Array)] }))
  }

  /** What others keep in the collection that answers so far goes along to the new one, with vectors of its model. */
  const carryOver = async (from: string, to: string): Promise<void> => {
    const there = await listRows(milvus, from, tenant, ['page', 'chunk'])
    const held = await listRows(milvus, to, tenant, ['page', 'chunk'])
    const docs = [...new Set(there.map(({ doc }) => doc))].filter((doc) => !ownIds.has(doc))
    for (let i = 0; i < docs.length; i += 50) {
      const pages = [...(await readDocuments(milvus, from, tenant, docs.slice(i, i + 50))).values()].flatMap(
        pagesOfRows,
      )
      const { write } = compare(rowsOfPages(pages, tenant, deps.clock.now()), held)
      await writeRows(milvus, to, await vectorsFor(write))
    }
  }

  const sync = async ({ remove = false, dryRun = false }: SyncOptions = {}): Promise<SyncReport> => {
    const space = await spaceOf()
    const name = collectionOf(alias, space)
    const before = await aliasTarget(milvus, alias)
    const wanted = rowsOfPages(own, tenant, deps.clock.now())
    const has = await milvus.call(`collection ${name}`, (client, timeout) =>
      client.hasCollection({ collection_name: name, timeout }),
    )
    const created = has.value !== true
    if (!dryRun) await ensureCollection(milvus, name, space)
    // Built beside the one that answers. Only a process that starts moves the alias: the last one decides, and those of
    // before do not take it back.
    const building = before !== name && (before === undefined || collection === undefined)
    if (!dryRun && building && before !== undefined && !remove) await carryOver(before, name)
    const held = dryRun && created ? [] : await listRows(milvus, name, tenant, ['page', 'chunk'])
    const { write, gone, unchanged } = compare(wanted, held)
    const foreign = [...gone.keys()].filter((doc) => !ownIds.has(doc))
    const stale = [...gone].filter(([doc]) => remove || ownIds.has(doc)).flatMap(([, ids]) => ids)
    if (!dryRun) {
      await writeRows(milvus, name, await vectorsFor(write))
      await deleteRows(milvus, name, stale)
      if (building) await moveAlias(milvus, alias, name)
      collection = name
      await mirrorAll(name, remove ? [] : held)
      circuit.recovered()
    }
    return {
      collection: name,
      created,
      pages: [...new Set(write.map(({ row }) => row.doc))],
      rows: write.length,
      unchanged,
      foreign,
      removed: remove && !dryRun,
      stale: (await staleCollections(milvus, alias)).filter((other) => other !== name),
    }
  }

  /** Before the first sync of this process the collection may be there already, complete. */
  const findCollection = async (): Promise<void> => {
    const target = await aliasTarget(milvus, alias)
    // A model that is away says nothing about Milvus.
    const name = await spaceOf().then(
      (space) => collectionOf(alias, space),
      () => undefined,
    )
    if (target !== undefined && target === name) collection = target
  }

  /** Candidates of both legs; pages that are new here are fetched before they are ranked. */
  const ask = async (
    query: Parameters<KnowledgeBase['search']>[0],
    question: string,
    signal: AbortSignal,
  ): Promise<{ near: readonly NearPage[]; vectorFault?: string }> => {
    if (collection === undefined) await findCollection()
    // Another model's collection serves for its words until ours is there.
    const from = collection ?? alias
    let vectorFault: string | undefined
    const dense = async (): Promise<readonly NearPage[]> => {
      if (embedder === undefined || vectorWeight(question, policy) === 0) return []
      if (collection === undefined) {
        vectorFault = 'the pages have no vectors of this model yet'
        return []
      }
      try {
        // Its share of the time: a model that hangs must not make Milvus look down.
        const [vector] = await vectorCircuit.run(() =>
          within(deps.timeoutMs * EMBEDDING_SHARE, (late) =>
            embedder.embed([question], 'query', AbortSignal.any([signal, late])),
          ),
        )
        return vector === undefined ? [] : await nearestPieces(milvus, collection, tenant, vector, CANDIDATES * 3)
      } catch (error) {
        if (error instanceof CaliError && error.code.startsWith('milvus_')) throw error
        vectorFault = messageOf(error)
        return []
      }
    }
    const [lexical, pieces] = await Promise.all([
      pagesByWords(milvus, from, tenant, questionTerms(query), deps.legs, CANDIDATES),
      dense(),
    ])
    const near = bestPerPage(pieces, CANDIDATES)
    const unknown = [...new Set([...lexical, ...near.map((page) => page.id)])].filter(
      (id) => !ownIds.has(id) && !mirror.has(id),
    )
    await mirrorPages(from, unknown)
    return { near, ...(vectorFault === undefined ? {} : { vectorFault }) }
  }

  return {
    get documents() {
      return base.documents
    },
    get: (id, language) => base.get(id, language),
    sync,
    prune: async () => {
      const stale = (await staleCollections(milvus, alias)).filter((name) => name !== collection)
      for (const name of stale) await dropCollection(milvus, name)
      return stale
    },
    search: async (query) => {
      const ranked = (): Promise<KnowledgeResult> => base.search({ ...query, limit: Math.max(query.limit, CANDIDATES) })
      const short = (words: KnowledgeResult): KnowledgeResult => ({ ...words, hits: words.hits.slice(0, query.limit) })
      const question = plainQuestion(query)
      if (question === '') return short(await ranked())
      try {
        const { near, vectorFault } = await circuit.run(() =>
          within(deps.timeoutMs, (signal) => ask(query, question, signal)),
        )
        const words = await ranked()
        const answer = near.length === 0 ? short(words) : fuse(words, near, query, base, policy)
        return vectorFault === undefined ? answer : { ...answer, degraded: { part: 'vectors', reason: vectorFault } }
      } catch (error) {
        return { ...short(await ranked()), degraded: { part: 'store', reason: messageOf(error) } }
      }
    },
  }
}

/** One value per document that changes with any of its rows. */
function versionsOf(held: readonly Held[]): Map<string, string> {
  const parts = new Map<string, string[]>()
  for (const { doc, hash } of held) parts.set(doc, [...(parts.get(doc) ?? []), hash])
  return new Map([...parts].map(([doc, hashes]) => [doc, hashes.sort().join()]))
}
