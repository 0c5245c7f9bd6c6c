/**
 * Milvus sync: makes a collection hold exactly the rows that it should. Level-triggered: it compares what is wanted
 * with what is there by content hash and sends the difference, so that it may run at any time, by any process, and what
 * could not be written while Milvus was away is written by the next run.
 */

import { type BatchLimit, batchesOf } from '../platform/batches.ts'
import type { Draft } from './knowledge-rows.ts'
import type { Milvus } from './milvus-client.ts'
import { filterOf, MAX_WINDOW, quoted, type Row } from './milvus-schema.ts'

/** One request stays far below the 64 MB that a server takes. */
const BATCH: BatchLimit = { items: 200, bytes: 4_000_000 }
const KEYS_PER_REQUEST = 500

export interface Difference {
  readonly write: readonly Draft[]
  /** Ids of documents that are there and not wanted, with their row ids. */
  readonly gone: ReadonlyMap<string, readonly string[]>
  readonly unchanged: number
}

export interface Held {
  readonly id: string
  readonly doc: string
  readonly hash: string
}

/** Every row of a tenant: what it is and whether it changed. */
export async function listRows(
  milvus: Milvus,
  collection: string,
  tenant: string,
  kinds: readonly Row['kind'][],
  prefix = '',
): Promise<Held[]> {
  // Ids are hashes: more than one request may give are split by their first digits, which needs no order and no offset.
  const filter = `${filterOf(tenant, kinds)}${prefix === '' ? '' : ` and id like ${quoted(`${prefix}%`)}`}`
  const { ConsistencyLevelEnum } = await import('@zilliz/milvus2-sdk-node')
  const { data } = await milvus.call(
    'listing rows',
    (client, timeout) =>
      client.query({
        collection_name: collection,
        filter,
        output_fields: ['id', 'doc', 'hash'],
        limit: MAX_WINDOW,
        consistency_level: ConsistencyLevelEnum.Strong,
        timeout,
      }),
    { collection, slow: true },
  )
  if (data.length < MAX_WINDOW) return data as unknown as Held[]
  const parts: Held[] = []
  for (const digit of '0123456789abcdef')
    parts.push(...(await listRows(milvus, collection, tenant, kinds, prefix + digit)))
  return parts
}

/** Those of the rows with these ids that are there. */
export async function readHeld(milvus: Milvus, collection: string, ids: readonly string[]): Promise<Held[]> {
  const held: Held[] = []
  for (let i = 0; i < ids.length; i += KEYS_PER_REQUEST) {
    const some = ids.slice(i, i + KEYS_PER_REQUEST)
    const { data } = await milvus.call(
      'reading keys',
      (client, timeout) =>
        client.query({
          collection_name: collection,
          filter: `id in [${some.map(quoted).join(', ')}]`,
          output_fields: ['id', 'doc', 'hash'],
          limit: KEYS_PER_REQUEST,
          timeout,
        }),
      { collection, slow: true },
    )
    held.push(...(data as unknown as Held[]))
  }
  return held
}

export function compare(wanted: readonly Draft[], held: readonly Held[]): Difference {
  const hashes = new Map(held.map(({ id, hash }) => [id, hash]))
  const keep = new Set(wanted.map(({ row }) => row.id))
  const gone = new Map<string, string[]>()
  for (const { id, doc } of held) if (!keep.has(id)) gone.set(doc, [...(gone.get(doc) ?? []), id])
  const write = wanted.filter(({ row }) => hashes.get(row.id) !== row.hash)
  return { write, gone, unchanged: wanted.length - write.length }
}

/** Inserts or replaces rows by their key. */
export async function writeRows(milvus: Milvus, collection: string, rows: readonly Row[]): Promise<void> {
  for (const batch of batchesOf(rows, BATCH, bytesOf)) {
    await milvus.call(
      `writing ${batch.length} rows`,
      (client, timeout) =>
        client.upsert({ collection_name: collection, data: batch.map((row) => ({ ...row })), timeout }),
      { collection, slow: true },
    )
  }
}

export async function deleteRows(milvus: Milvus, collection: string, ids: readonly string[]): Promise<void> {
  for (let i = 0; i < ids.length; i += KEYS_PER_REQUEST) {
    const some = ids.slice(i, i + KEYS_PER_REQUEST)
    await milvus.call(
      `deleting ${some.length} rows`,
      (client, timeout) => client.delete({ collection_name: collection, ids: some, timeout }),
      { collection, slow: true },
    )
  }
}

/** All rows of some documents, whole. */
export async function readDocuments(
  milvus: Milvus,
  collection: string,
  tenant: string,
  docs: readonly string[],
): Promise<ReadonlyMap<string, readonly Row[]>> {
  const rows = new Map<string, Row[]>()
  for (let i = 0; i < docs.length; i += 20) {
    const some = docs.slice(i, i + 20)
    const { data } = await milvus.call(
      `reading ${some.length} pages`,
      (client, timeout) =>
        client.query({
          collection_name: collection,
          filter: `${filterOf(tenant, ['page', 'chunk'])} and doc in [${some.map(quoted).join(', ')}]`,
          output_fields: ['doc', 'kind', 'chunk_no', 'lang', 'text', 'body'],
          limit: MAX_WINDOW,
          timeout,
        }),
      { collection, slow: true },
    )
    for (const row of data as unknown as Row[]) rows.set(row.doc, [...(rows.get(row.doc) ?? []), row])
  }
  return rows
}

const bytesOf = (row: Row): number =>
  Buffer.byteLength(row.text) + Buffer.byteLength(row.terms) + row.body.length + (row.dense?.length ?? 0) * 4
