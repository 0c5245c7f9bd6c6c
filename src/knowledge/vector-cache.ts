/** Vector cache: passages are embedded once per text and model, over restarts and for every collection. */
import { contentHash } from '../platform/hash.ts'
import type { Embedder, VectorStore } from './embedder.ts'

/** Kept under it: the dimension is a part, because a server may give another than before under the same name. */
export const cacheKey = (model: string, dimension: number): string => `${model}#${dimension}`

/** A vector per text, in order; only those that were never embedded are asked of the model, and saved as they come. */
export async function embedPassages(
  texts: readonly string[],
  embedder: Embedder,
  store: VectorStore,
  signal?: AbortSignal,
): Promise<readonly Float32Array[]> {
  if (texts.length === 0) return []
  const key = cacheKey(embedder.model, await embedder.dimension())
  const known = new Map(await store.load(key))
  const missing = [...new Map(texts.map((text) => [hashOf(text), text]))].filter(([hash]) => !known.has(hash))
  // In portions, so that what an interrupted run has paid for is not paid for again.
  for (let i = 0; i < missing.length; i += PORTION) {
    const portion = missing.slice(i, i + PORTION)
    const made = await embedder.embed(
      portion.map(([, text]) => text),
      'passage',
      signal,
    )
    const fresh = new Map(portion.map(([hash], n) => [hash, made[n] as Float32Array]))
    await store.save(key, fresh)
    for (const [hash, vector] of fresh) known.set(hash, vector)
  }
  return texts.map((text) => known.get(hashOf(text)) as Float32Array)
}

const PORTION = 256
const hashOf = (text: string): string => contentHash([text], 32)
