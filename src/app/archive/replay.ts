/** Replay: the records of the archive once more, to where they are wanted, at a bounded rate, and on from where it stopped. */
import type { ObjectStore } from '../../pipeline/forward/object-store.ts'
import type { LogRecord } from '../../pipeline/record.ts'
import {
  type ArchiveSelection,
  arrivalOf,
  type FoundObject,
  type ObjectFault,
  objectsInOrder,
  recordsOf,
} from './browse.ts'

/** Where records go. */
export interface ReplayTarget {
  /** Takes records of one object; resolves when they are durable there. Returns how many it cannot hold. */
  take(records: readonly LogRecord[], object: FoundObject): Promise<number>
}

export interface ReplayOptions {
  /** Event times, Unix milliseconds; the end is not in it. */
  readonly from?: number
  readonly to?: number
  readonly lateMs: number
  readonly stream?: string
  readonly shard?: string
  /** Key of the last object that is done. */
  readonly after?: string
  /** Records per second at most; 0: as fast as the target takes them. */
  readonly rate: number
}

export interface ReplayResult {
  readonly objects: number
  readonly records: number
  /** Records that the target cannot hold. */
  readonly refused: number
  readonly faults: readonly ObjectFault[]
  /** Last object that is done; a replay that was stopped goes on behind it. */
  readonly done?: string
  readonly stopped: boolean
}

export interface ReplayDeps {
  readonly store: ObjectStore
  readonly target: ReplayTarget
  /** Milliseconds of a clock that only goes forward. */
  readonly now: () => number
  readonly wait: (ms: number, signal: AbortSignal) => Promise<void>
  readonly onProgress?: (progress: {
    readonly objects: number
    readonly records: number
    readonly hour: string
  }) => void
}

/** Records handed over at once, so that a rate is kept and a stop is heard within an object. */
const PART = 1_000

export async function replayArchive(
  { store, target, now, wait, onProgress }: ReplayDeps,
  { rate, ...options }: ReplayOptions,
  signal: AbortSignal,
): Promise<ReplayResult> {
  const { from = Number.NEGATIVE_INFINITY, to = Number.POSITIVE_INFINITY, stream, shard, after } = options
  const selection: ArchiveSelection = {
    ...arrivalOf(options),
    ...(stream === undefined ? {} : { stream }),
    ...(shard === undefined ? {} : { shard }),
    ...(after === undefined ? {} : { after }),
  }
  const faults: ObjectFault[] = []
  const sum = { objects: 0, records: 0, refused: 0 }
  const started = now()
  let done: string | undefined
  const result = (stopped: boolean): ReplayResult => ({
    ...sum,
    faults,
    stopped,
    ...(done === undefined ? {} : { done }),
  })
  const found = recordsOf(store, objectsInOrder(store, selection), (fault) => void faults.push(fault))
  for await (const [object, records] of found) {
    const wanted = records.filter(({ at }) => at >= from && at < to)
    for (let i = 0; i < wanted.length; i += PART) {
      if (signal.aborted) return result(true)
      const part = wanted.slice(i, i + PART)
      try {
        sum.refused += await target.take(part, object)
      } catch (error) {
        if (signal.aborted) return result(true)
        throw error
      }
      sum.records += part.length
      const early = rate === 0 ? 0 : started + (sum.records / rate) * 1_000 - now()
      if (early > 0) await wait(early, signal)
    }
    sum.objects++
    done = object.key
    onProgress?.({ objects: sum.objects, records: sum.records, hour: object.hour })
    if (signal.aborted) return result(true)
  }
  return result(false)
}
