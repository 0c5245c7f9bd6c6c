/**
 * Archive: every kept record, as a chain of objects per shard. An object is closed by age or size, written once under
 * the sequence number of its first record, and only then is the checkpoint moved behind its last one. A writer that
 * finds its key taken (it crashed between object and checkpoint, or another worker was faster) adopts the end of the
 * object that is there and goes on behind it: no record twice, none missing.
 */
import { setTimeout as delay } from 'node:timers/promises'
import { zstdCompressSync, zstdDecompressSync } from 'node:zlib'
import type { Clock } from '../../platform/clock.ts'
import { backoffMs, type RetryPolicy } from '../../platform/retry.ts'
import { addLedger, emptyLedger, type LedgerTally } from '../outcome.ts'
import type { LogRecord } from '../record.ts'
import type { IndexDebt } from '../store.ts'
import { keyPart, type ObjectStore } from './object-store.ts'

/** What one processed batch leaves to be made durable. */
export interface ArchiveEntry {
  readonly stream: string
  readonly incarnation: string
  readonly shard: string
  /** In the order of their positions. */
  readonly records: readonly LogRecord[]
  /** Last sequence of the batch, kept or not: where reading goes on. Absent for sources without a position to resume. */
  readonly sequence?: string
  readonly tally: LedgerTally
  /** Its records are not in the log index: the objects that hold them are noted before it is committed. */
  readonly owed?: boolean
}

export interface ArchiveCommit {
  readonly stream: string
  readonly incarnation: string
  readonly shard: string
  readonly sequence?: string
  readonly tally: LedgerTally
}

export interface ArchiveDeps {
  /** Absent: nothing is archived, and entries are committed when they come. */
  readonly store?: ObjectStore
  readonly clock: Clock
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

  const flushLane = (lane: Lane): Promise<void> => {
    clearTimeout(lane.timer)
    lane.timer = undefined
    const { entries, waiters } = lane
    lane.entries = []
    lane.waiters = []
    lane.bytes = 0
    if (entries.length === 0) return lane.tail
    const work = lane.tail.then(async () => {
      try {
        await writePatiently(entries)
        for (const waiter of waiters) waiter.resolve()
      } catch (error) {
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

  const writePatiently = async (entries: readonly ArchiveEntry[]): Promise<void> => {
    const policy = deps.retryPolicy ?? PATIENT
    for (let attempt = 1; ; attempt++) {
      try {
        return await writeEntries(entries)
      } catch (error) {
        deps.onError(error)
        // While stopping there is one last attempt: what it leaves undone is read again at the next start.
        if (deps.stopping.aborted || attempt >= policy.attempts) throw error
        await delay(backoffMs(policy, attempt, Math.random), undefined, { signal: deps.stopping }).catch(
          () => undefined,
        )
      }
    }
  }

  const writeEntries = async (entries: readonly ArchiveEntry[]): Promise<void> => {
    const [first] = entries
    if (first === undefined) return
    const records = entries.flatMap((entry) => entry.records)
    const owed = entries.some((entry) => entry.owed === true)
    // A debt is a name in the archive: without one nothing can be owed, and the index stage waits.
    if (owed && (deps.store === undefined || deps.owe === undefined))
      throw new Error('records are owed to the log index, and there is no archive to pay them from')
    if (deps.store !== undefined) {
      const objects = await writeChain(deps.store, first, records, stats)
      if (owed) await deps.owe?.(objects)
    }
    const tally = emptyLedger()
    for (const entry of entries) addLedger(tally, entry.tally)
    const sequence = entries.findLast((entry) => entry.sequence !== undefined)?.sequence
    await deps.commit({
      stream: first.stream,
      incarnation: first.incarnation,
      shard: first.shard,
      ...(sequence === undefined ? {} : { sequence }),
      tally,
    })
  }

  return {
    stats,
    append: (entry) => {
      const key = `${entry.stream}\0${entry.incarnation}\0${entry.shard}`
      let lane = lanes.get(key)
      if (lane === undefined) {
        lane = { entries: [], waiters: [], bytes: 0, timer: undefined, tail: Promise.resolve() }
        lanes.set(key, lane)
      }
      const open = lane
      inFlight.add(entry)
      stats.pendingRecords += entry.records.length
      open.entries.push(entry)
      open.bytes += entry.records.reduce((sum, record) => sum + record.body.length + 400, 0)
      const durable = new Promise<void>((resolve, reject) => open.waiters.push({ resolve, reject }))
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

/** Writes records behind the end of the chain, adopting objects that are there already. Tells which objects hold them. */
async function writeChain(
  store: ObjectStore,
  place: ArchiveEntry,
  records: readonly LogRecord[],
  stats: { objects: number; bytes: number },
): Promise<IndexDebt[]> {
  const objects: IndexDebt[] = []
  let rest = records
  while (rest.length > 0) {
    const key = objectKey(place, rest[0] as LogRecord)
    const bytes = zstdCompressSync(Buffer.from(rest.map((record) => `${JSON.stringify(record)}\n`).join('')))
    if (await store.putIfAbsent(key, bytes)) {
      stats.objects++
      stats.bytes += bytes.length
      objects.push(debtOf(key, rest))
      break
    }
    const there = readArchiveObject((await store.get(key)) ?? new Uint8Array())
    const last = there.at(-1)?.position.sequence ?? ''
    const behind = rest.filter((record) => compareSequences(record.position.sequence, last) > 0)
    if (behind.length === rest.length) throw new Error(`archive object ${key} does not hold its own first record`)
    objects.push(debtOf(key, there))
    rest = behind
  }
  return objects
}

const debtOf = (objectKey: string, records: readonly LogRecord[]): IndexDebt => ({
  objectKey,
  records: records.filter((record) => record.archiveOnly !== true).length,
  arrivedAt: records[0]?.observedAt ?? 0,
})

/** The records of one archive object. */
export function readArchiveObject(bytes: Uint8Array): LogRecord[] {
  return zstdDecompressSync(bytes)
    .toString('utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as LogRecord)
}

/** Sequence numbers are decimal numbers of up to 56 digits: compared as such, never as JS numbers. */
export const compareSequences = (a: string, b: string): number => a.length - b.length || (a < b ? -1 : a > b ? 1 : 0)

const SEQUENCE_DIGITS = 60

function objectKey(place: ArchiveEntry, first: LogRecord): string {
  const arrival = new Date(first.observedAt).toISOString()
  const stream = `${keyPart(place.stream)}${place.incarnation === '' ? '' : `.${keyPart(place.incarnation)}`}`
  return `logs/v1/${stream}/${keyPart(place.shard)}/dt=${arrival.slice(0, 10)}/hour=${arrival.slice(11, 13)}/${first.position.sequence.padStart(SEQUENCE_DIGITS, '0')}.ndjson.zst`
}
