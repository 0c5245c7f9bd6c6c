/**
 * Milvus schema: the collections, and the one place where their names, fields and filters are written. Runbooks lie in
 * a collection per embedding model and schema version, behind an alias: another model is built beside it and the alias
 * moved when it is complete. Past incidents are searched by words alone and have a collection of their own.
 */
import { CaliError } from '../platform/error.ts'
import { contentHash } from '../platform/hash.ts'
import type { Milvus } from './milvus-client.ts'

/** Changed with the fields: the next start then builds anew. */
const SCHEMA_VERSION = 1
/** Bytes that a VARCHAR holds (full Milvus counts bytes, Milvus Lite characters). */
export const FIELD_BYTES = 65_000
/** offset + limit of one request may not be more (https://milvus.io/docs/limitations.md). */
export const MAX_WINDOW = 16_384
/** Below it an exact scan is fast enough and finds all; AUTOINDEX builds what fits the server. */
const VECTOR_INDEX = { index_type: 'AUTOINDEX', metric_type: 'COSINE' }

export interface VectorSpace {
  readonly model: string
  readonly dimension: number
}

export interface Row {
  readonly id: string
  /** Id of the runbook or of the incident. */
  readonly doc: string
  readonly kind: 'page' | 'chunk' | 'incident'
  readonly chunk_no: number
  readonly tenant: string
  readonly lang: string
  readonly service: string
  readonly title: string
  readonly text: string
  /** Terms that CALI made of it, with a space between: [a-z0-9_가-힣] only, so that every analyser keeps them whole. */
  readonly terms: string
  /** Facts of a page that its text does not hold, as JSON. */
  readonly body: string
  readonly hash: string
  readonly updated_at: number
  readonly dense?: number[]
}

/** Name of the collection of a model: `<alias>_s1_words`, `<alias>_s1_text_embedding_3_large_3072_<hash>`. */
export function collectionOf(alias: string, space: VectorSpace | undefined): string {
  if (space === undefined) return `${alias}_s${SCHEMA_VERSION}_words`
  const name = space.model
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '_')
    .slice(0, 60)
  return `${alias}_s${SCHEMA_VERSION}_${name}_${space.dimension}_${contentHash([space.model], 8)}`
}

export const incidentsOf = (alias: string): string => `${alias}_s${SCHEMA_VERSION}_incidents`

export const isCollectionOf = (alias: string, name: string): boolean =>
  name.startsWith(`${alias}_s`) && /^\d+_/.test(name.slice(alias.length + 2)) && !name.endsWith('_incidents')

/** Value of a filter. What stands in it is a hash, a setting or an id, but quotes are escaped all the same. */
export const quoted = (text: string): string => `"${text.replace(/[\\"]/g, '\\$&').replace(/[\u0000-\u001f]/g, ' ')}"`

export const filterOf = (tenant: string, kinds: readonly Row['kind'][]): string =>
  `tenant == ${quoted(tenant)} and kind in [${kinds.map(quoted).join(', ')}]`

/** Makes the collection unless it is there; true when it was made. Safe when two processes do it at once. */
export async function ensureCollection(milvus: Milvus, name: string, space: VectorSpace | undefined): Promise<boolean> {
  const there = async (): Promise<boolean> =>
    (
      await milvus.call(`collection ${name}`, (client, timeout) =>
        client.hasCollection({ collection_name: name, timeout }),
      )
    ).value === true
  if (await there()) return false
  const { DataType, FunctionType } = await import('@zilliz/milvus2-sdk-node')
  const text = (field: string, bytes: number) => ({ name: field, data_type: DataType.VarChar, max_length: bytes })
  try {
    await milvus.call(
      `making collection ${name}`,
      (client, timeout) =>
        client.createCollection({
          collection_name: name,
          timeout,
          enable_dynamic_field: false,
          fields: [
            { ...text('id', 64), is_primary_key: true },
            text('doc', 128),
            text('kind', 16),
            { name: 'chunk_no', data_type: DataType.Int64 },
            text('tenant', 64),
            text('lang', 8),
            text('service', 512),
            text('title', 4_096),
            text('text', 65_535),
            { ...text('terms', 65_535), enable_analyzer: true, analyzer_params: { type: 'standard' } },
            text('body', 65_535),
            text('hash', 64),
            { name: 'updated_at', data_type: DataType.Int64 },
            { name: 'sparse', data_type: DataType.SparseFloatVector },
            ...(space === undefined ? [] : [{ name: 'dense', data_type: DataType.FloatVector, dim: space.dimension }]),
          ],
          functions: [
            {
              name: 'bm25',
              type: FunctionType.BM25,
              input_field_names: ['terms'],
              output_field_names: ['sparse'],
              params: {},
            },
          ],
          index_params: [
            {
              field_name: 'sparse',
              index_type: 'SPARSE_INVERTED_INDEX',
              metric_type: 'BM25',
              params: { bm25_k1: 1.2, bm25_b: 0.75 },
            },
            ...['tenant', 'kind', 'doc'].map((field) => ({ field_name: field, index_type: 'INVERTED' })),
            ...(space === undefined ? [] : [{ field_name: 'dense', ...VECTOR_INDEX }]),
          ],
        }),
      { slow: true },
    )
  } catch (error) {
    if (error instanceof CaliError && !error.retryable && (await there())) return false
    throw error
  }
  return true
}

/** The collection behind an alias; undefined when there is no such alias. */
export async function aliasTarget(milvus: Milvus, alias: string): Promise<string | undefined> {
  const names = await milvus.call('its collections', (client) => client.listCollections())
  for (const { name } of names.data) {
    if (!isCollectionOf(alias, name)) continue
    const found = await milvus.call(`aliases of ${name}`, (client) => client.listAliases({ collection_name: name }))
    if (found.aliases.includes(alias)) return name
  }
  return undefined
}

/** Points the alias at a collection, in one step for whoever searches meanwhile. */
export async function moveAlias(milvus: Milvus, alias: string, to: string): Promise<void> {
  const from = await aliasTarget(milvus, alias)
  if (from === to) return
  const request = { alias, collection_name: to }
  await milvus.call(`alias ${alias}`, (client) =>
    from === undefined ? client.createAlias(request) : client.alterAlias(request),
  )
}

/** Collections of this alias that it does not point at: those of earlier models. */
export async function staleCollections(milvus: Milvus, alias: string): Promise<readonly string[]> {
  const current = await aliasTarget(milvus, alias)
  const names = await milvus.call('its collections', (client) => client.listCollections())
  return names.data.map(({ name }) => name).filter((name) => isCollectionOf(alias, name) && name !== current)
}

export async function dropCollection(milvus: Milvus, name: string): Promise<void> {
  await milvus.call(
    `dropping ${name}`,
    (client, timeout) => client.dropCollection({ collection_name: name, timeout }),
    { slow: true },
  )
}
