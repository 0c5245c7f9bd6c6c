/** Embedder: texts to vectors whose closeness is closeness of meaning. */

/** What is looked for, and what is found: some models want to be told which of them a text is. */
export type TextRole = 'query' | 'passage'

export interface Embedder {
  /** Names the model and how it is asked: vectors of different models are never compared. */
  readonly model: string
  /** Length of its vectors, asked of the model once. Throws a CaliError. */
  dimension(): Promise<number>
  /**
   * One unit vector per text, in order, each of `dimension()` numbers. Passages are sent in batches and again when the
   * server asks for patience; a question is sent once, because somebody waits. Throws a CaliError; the search then goes
   * on by words alone.
   */
  embed(texts: readonly string[], role: TextRole, signal?: AbortSignal): Promise<readonly Float32Array[]>
}

/** Vectors that were computed before, by hash of the text: kept over restarts. */
export interface VectorStore {
  load(model: string): Promise<ReadonlyMap<string, Float32Array>>
  save(model: string, vectors: ReadonlyMap<string, Float32Array>): Promise<void>
}

/** Scaled to length 1, so that a dot product is the cosine. A vector that is no vector becomes zeros, near to nothing. */
export function unit(vector: readonly number[] | Float32Array): Float32Array {
  let sum = 0
  for (const value of vector) sum += value * value
  const length = Math.sqrt(sum)
  if (!Number.isFinite(length) || length === 0) return new Float32Array(vector.length)
  return Float32Array.from(vector, (value) => value / length)
}

export function dot(a: Float32Array, b: Float32Array): number {
  let sum = 0
  for (let i = 0; i < a.length; i++) sum += (a[i] as number) * (b[i] as number)
  return sum
}
