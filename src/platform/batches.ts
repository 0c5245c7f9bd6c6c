/** Batches: items in their order, as many at a time as one request may carry. */

export interface BatchLimit {
  readonly items: number
  /** By the measure that is given. */
  readonly bytes: number
}

/** No batch is empty; an item that is larger than the limit has a batch of its own. */
export function* batchesOf<T>(items: Iterable<T>, limit: BatchLimit, sizeOf: (item: T) => number): Generator<T[]> {
  let batch: T[] = []
  let bytes = 0
  for (const item of items) {
    const size = sizeOf(item)
    if (batch.length > 0 && (batch.length >= limit.items || bytes + size > limit.bytes)) {
      yield batch
      batch = []
      bytes = 0
    }
    batch.push(item)
    bytes += size
  }
  if (batch.length > 0) yield batch
}
