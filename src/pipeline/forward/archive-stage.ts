/**
 * Archive: every kept record, as a chain of objects per shard. An object is closed by age or size, written once under
 * the sequence number of its first record (archive-chain.ts), and only then is the checkpoint moved behind its last one.
 */
import { setTimeout as delay } from 'node:timers/promises'
import type { Clock } from '../../platform/clock.ts'
import { backoffMs, type RetryPolicy } from '../../platform/retry.ts'
import type { Reading } from '../batch.ts'
import { addLedger, emptyLedger, type LedgerTally } from '../outcome.ts'
import type { LogRecord } from '../record.ts'
import { CheckpointMoved, type IndexDebt } from '../store.ts'
import { type Chain, holdersOf, writeChain } from './archive-chain.ts'
import type { ArchivePlace } from './archive-object.ts'
import type { ObjectStore } from './object-store.ts'

/** What one processed batch leaves to be made durable. */
export interface ArchiveEntry extends ArchivePlace {
  /** In the order of their positions. */
  readonly records: readonly LogRecord[]
  /** Last sequence of the batch, kept or not: where reading goes on. Absent for sources without a position to resume. */
  readonly sequence?: string
  readonly tally: LedgerTally
  /** Entries of one reading are committed in order or not at all. */
  readonly reading?: Reading
  /** Its records are not in the log index: the objects that hold them are noted before it is committed. */
  readonly owed?: boolean
}

export interface ArchiveCommit extends ArchivePlace {
  readonly reading?: Reading
  readonly sequence?: string
  readonly tally: LedgerTally
}

export interface ArchiveDeps {
  /** Absent: nothing is archived, and entries are committed when they come. */
  readonly store?: ObjectStore
  readonly clock: Clock
  /** Program and version, kept with each object. */
  readonly writer: string
  readonly maxBytes: number
  /** Longest time a record waits for its object, by stream: sources that answer their sender wait less. */
  readonly flushAfterMs: (stream: string) => number
  /** Notes objects that the log index has not seen, durably. */
  readonly owe?: (debts: readonly IndexDebt[]) => Promise<void>
  /** Saves checkpoint and counts; called after the object is durable, in order within a shard. */
  readonly commit: (commit: ArchiveCommit) => Promise<void>
  /** Told of each failed attempt to write. A flush is tried again until it succeeds or `stopping` aborts. */
  readonly onError: (error: unknown) => void
  readonly stopping: AbortSignal
  readonly retryPolicy?: RetryPolicy
}

/** Storage that is full or away comes back: no attempt is the last one, and the stream waits meanwhile. */
const PATIENT: RetryPolicy = { baseMs: 200, capMs: 15_000, attempts: Number.POSITIVE_INFINITY }

export interface ArchiveStage {
  /** Takes the entry; the promise resolves when object, checkpoint and counts are durable. */
  append(entry: ArchiveEntry): Promise<void>
  /** Writes out what is pending. */
  flush(): Promise<void>
  readonly stats: { readonly objects: number; readonly bytes: number; readonly pendingRecords: number }
  /** Counts that wait for their commit: the live ledger is what is saved plus this. */
  pendingTally(): LedgerTally
}

interface Lane {
  chain: Chain
  reading: Reading | undefined
  entries: ArchiveEntry[]
  waiters: { resolve: () => void; reject: (error: unknown) => void }[]
  bytes: number
  timer: NodeJS.Timeout | undefined
  tail: Promise<void>
}

export function createArchiveStage(deps: ArchiveDeps): ArchiveStage {
  const lanes = new Map<string, Lane>()
  const stats = { objects: 0, bytes: 0, pendingRecords: 0 }
  const inFlight = new Set<ArchiveEntry>()
  /** Readings of which something could not be made durable, with the reason. */
  const broken = new WeakMap<Reading, unknown>()

  const flushLane = (lane: Lane): Promise<void> => {
    clearTimeout(lane.timer)
    lane.timer = undefined
    const { entries, waiters, chain, reading } = lane
    lane.entries = []
    lane.waiters = []
    lane.bytes = 0
    if (entries.length === 0) return lane.tail
    const work = lane.tail.then(async () => {
      try {
        if (reading?.revoked === true) throw new CheckpointMoved(chain.place, 'where it was taken up anew')
        if (reading !== undefined && broken.has(reading)) throw broken.get(reading)
        await writePatiently(chain, reading, entries)
        for (const waiter of waiters) waiter.resolve()
      } catch (error) {
        // What comes behind must not be committed over the gap.
        if (reading !== undefined) broken.set(reading, error)
        for (const waiter of waiters) waiter.reject(error)
      } finally {
        for (const entry of entries) {
          inFlight.delete(entry)
          stats.pendingRecords -= entry.records.length
        }
      }
    })
    // The next flush of the lane waits for this one: checkpoints move in order.
    lane.tail = work
    return work
  }

  const writePatiently = async (
    chain: Chain,
    reading: Reading | undefined,
    entries: readonly ArchiveEntry[],
  ): Promise<void> => {
    const policy = deps.retryPolicy ?? PATIENT
    for (let attempt = 1; ; attempt++) {
      try {
        return await writeEntries(chain, reading, entries)
      } catch (error) {
        deps.onError(error)
        // While stopping there is one last attempt: what it leaves undone is read again at the next start.
        if (deps.stopping.aborted || attempt >= policy.attempts || error instanceof CheckpointMoved) throw error
        await delay(backoffMs(policy, attempt, Math.random), undefined, { signal: deps.stopping }).catch(
          () => undefined,
        )
      }
    }
  }

  const writeEntries = async (
    chain: Chain,
    reading: Reading | undefined,
    entries: readonly ArchiveEntry[],
  ): Promise<void> => {
    const owed = entries.some((entry) => entry.owed === true)
    // A debt is a name in the archive: without one nothing can be owed, and the index stage waits.
    if (owed && (deps.store === undefined || deps.owe === undefined))
      throw new Error('records are owed to the log index, and there is no archive to pay them from')
    if (deps.store !== undefined) {
      const records = entries.flatMap((entry) => entry.records)
      const made = await writeChain(deps.store, chain, records, deps.writer)
      stats.objects += made.objects
      stats.bytes += made.bytes
      if (owed) {
        const before = await holdersOf(deps.store, chain.place, made.behind)
        await deps.owe?.([...before, ...made.held].map(debtOf))
      }
    }
    const tally = emptyLedger()
    for (const entry of entries) addLedger(tally, entry.tally)
    const sequence = entries.findLast((entry) => entry.sequence !== undefined)?.sequence
    await deps.commit({
      ...chain.place,
      ...(sequence === undefined ? {} : { sequence }),
      ...(reading === undefined ? {} : { reading }),
      tally,
    })
  }

  return {
    stats,
    append: (entry) => {
      const key = `${entry.stream}\0${entry.incarnation}\0${entry.shard}`
      let lane = lanes.get(key)
      const { stream, incarnation, shard, reading } = entry
      // Each reading looks for the end of the chain anew: another worker may have gone on with it meanwhile.
      const chain = (): Chain => ({ place: { stream, incarnation, shard }, ordered: entry.sequence !== undefined })
      if (lane === undefined) {
        lane = {
          chain: chain(),
          reading,
          entries: [],
          waiters: [],
          bytes: 0,
          timer: undefined,
          tail: Promise.resolve(),
        }
        lanes.set(key, lane)
      } else if (lane.reading !== reading) {
        void flushLane(lane)
        lane.reading = reading
        lane.chain = chain()
      }
      const open = lane
      inFlight.add(entry)
      stats.pendingRecords += entry.records.length
      open.entries.push(entry)
      open.bytes += entry.records.reduce((sum, record) => sum + record.body.length + 400, 0)
      const durable = new Promise<void>((resolve, reject) => open.waiters.push({ resolve, reject }))
      // Whoever was to hear of it may not listen yet, or any more: that must not end the process.
      durable.catch(() => undefined)
      if (open.bytes >= deps.maxBytes || deps.store === undefined) void flushLane(open)
      else open.timer ??= setTimeout(() => void flushLane(open), deps.flushAfterMs(entry.stream))
      return durable
    },
    flush: async () => {
      await Promise.all([...lanes.values()].map(flushLane))
    },
    pendingTally: () => {
      const tally = emptyLedger()
      for (const entry of inFlight) addLedger(tally, entry.tally)
      return tally
    },
  }
}

const debtOf = ({ key, records }: { key: string; records: readonly LogRecord[] }): IndexDebt => ({
  objectKey: key,
  records: records.filter((record) => record.archiveOnly !== true).length,
  arrivedAt: records[0]?.observedAt ?? 0,
})
