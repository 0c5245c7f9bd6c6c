/** Embedder: texts to vectors whose closeness is closeness of meaning. */
export interface Embedder {
  /** Names the model: vectors of different models are never compared. */
  readonly model: string
  /** One unit vector per text, in order. Throws a CaliError; the search then goes on by words alone. */
  embed(texts: readonly string[], signal?: AbortSignal): Promise<readonly Float32Array[]>
}

/** Vectors that were computed before, by hash of the text: kept over restarts. */
export interface VectorStore {
  load(model: string): Promise<ReadonlyMap<string, Float32Array>>
  save(model: string, vectors: ReadonlyMap<string, Float32Array>): Promise<void>
}

/** Scaled to length 1, so that a dot product is the cosine. */
export function unit(vector: readonly number[] | Float32Array): Float32Array {
  let sum = 0
  for (const value of vector) sum += value * value
  const length = Math.sqrt(sum) || 1
  return Float32Array.from(vector, (value) => value / length)
}

export function dot(a: Float32Array, b: Float32Array): number {
  let sum = 0
  for (let i = 0; i < a.length; i++) sum += (a[i] as number) * (b[i] as number)
  return sum
}
