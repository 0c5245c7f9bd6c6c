/** Milvus search: the two questions that are asked of Milvus, in the form that Milvus Lite and Milvus both take. */
import type { NearPage } from './fusion.ts'
import type { Milvus } from './milvus-client.ts'
import { filterOf, type Row } from './milvus-schema.ts'

/** A question's words beyond it say little, and each costs a posting list. */
const MAX_QUERY_TERMS = 400
/** BM25 counts a repeat of a question's word: that carries the weights, in steps of a half. */
const STEPS = 2

/** Documents by the words of a question, best first: each leg's ranking, one behind the other, without repeats. */
export async function pagesByWords(
  milvus: Milvus,
  collection: string,
  tenant: string,
  question: ReadonlyMap<string, number>,
  kinds: readonly Row['kind'][],
  limit: number,
): Promise<readonly string[]> {
  const text = repeated(question)
  if (text === '') return []
  const found = await Promise.all(
    kinds.map((kind) =>
      milvus.call(
        `searching ${kind}s by words`,
        (client, timeout) =>
          client.search({
            collection_name: collection,
            data: [text],
            anns_field: 'sparse',
            // Milvus Lite takes it from the request alone.
            metric_type: 'BM25',
            filter: filterOf(tenant, [kind]),
            output_fields: ['doc'],
            // A page has several pieces, and they come together.
            limit: kind === 'chunk' ? limit * 3 : limit,
            timeout,
          }),
        { collection },
      ),
    ),
  )
  return [
    ...new Set(
      found.flatMap(({ results }) =>
        docsOf(results)
          .map(({ id }) => id)
          .slice(0, limit * 3),
      ),
    ),
  ]
}

/** Pieces by closeness to a vector, nearest first. */
export async function nearestPieces(
  milvus: Milvus,
  collection: string,
  tenant: string,
  vector: Float32Array,
  limit: number,
): Promise<readonly NearPage[]> {
  const { results } = await milvus.call(
    'searching by vector',
    (client, timeout) =>
      client.search({
        collection_name: collection,
        data: [[...vector]],
        anns_field: 'dense',
        metric_type: 'COSINE',
        filter: filterOf(tenant, ['page', 'chunk']),
        output_fields: ['doc'],
        limit,
        timeout,
      }),
    { collection },
  )
  return docsOf(results)
}

/** Terms are [a-z0-9_가-힣] only, so that nothing in them is syntax anywhere. */
function repeated(question: ReadonlyMap<string, number>): string {
  return [...question]
    .flatMap(([term, weight]) => Array.from({ length: Math.max(1, Math.round(weight * STEPS)) }, () => term))
    .slice(0, MAX_QUERY_TERMS)
    .join(' ')
}

const docsOf = (results: unknown): NearPage[] =>
  (results as { doc: string; score: number }[]).map(({ doc, score }) => ({ id: doc, score }))
