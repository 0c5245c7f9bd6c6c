/** What the tests of the archive share. */
import { emptyLedger, type LedgerTally } from '../outcome.ts'
import { type LogRecord, SEVERITY } from '../record.ts'
import { readArchiveObject } from './archive-object.ts'
import {
  type ArchiveCommit,
  type ArchiveDeps,
  type ArchiveEntry,
  type ArchiveStage,
  createArchiveStage,
} from './archive-stage.ts'
import type { ObjectStore } from './object-store.ts'

export const NOON = Date.parse('2026-01-20T12:00:00Z')

export const recordAt = (sequence: number, more: Partial<LogRecord> = {}): LogRecord => ({
  id: `id-${sequence}`,
  at: NOON,
  observedAt: NOON,
  severity: SEVERITY.ERROR,
  service: 'orders',
  message: `event ${sequence}`,
  body: `event ${sequence}`,
  resource: {},
  attributes: {},
  position: { stream: 'logs', shard: 's-0', sequence: String(sequence), sub: 0, line: 0 },
  ...more,
})

export const tallyOf = (n: number): LedgerTally => {
  const tally = emptyLedger()
  tally.decode.received = n
  tally.decode.kept = n
  return tally
}

export const entryOf = (sequences: readonly number[], more: Partial<ArchiveEntry> = {}): ArchiveEntry => ({
  stream: 'logs',
  incarnation: '',
  shard: 's-0',
  records: sequences.map((sequence) => recordAt(sequence)),
  sequence: String(sequences.at(-1)),
  tally: tallyOf(sequences.length),
  ...more,
})

export interface Writer {
  readonly stage: ArchiveStage
  readonly commits: ArchiveCommit[]
  readonly errors: unknown[]
  readonly stop: AbortController
}

/** A stage that keeps its commits, without pauses between attempts. */
export function openWriter(store: ObjectStore | undefined, more: Partial<ArchiveDeps> = {}): Writer {
  const commits: ArchiveCommit[] = []
  const errors: unknown[] = []
  const stop = new AbortController()
  const stage = createArchiveStage({
    ...(store === undefined ? {} : { store }),
    clock: { now: () => NOON },
    writer: 'cali/test',
    maxBytes: 1_000_000,
    flushAfterMs: () => 60_000,
    commit: async (commit) => void commits.push(commit),
    onError: (error) => errors.push(error),
    stopping: stop.signal,
    retryPolicy: { baseMs: 0, capMs: 0, attempts: Number.POSITIVE_INFINITY },
    ...more,
  })
  return { stage, commits, errors, stop }
}

/** Sequences of all archived records, in the order of their keys. */
export async function archived(store: ObjectStore): Promise<number[]> {
  const sequences: number[] = []
  for await (const { key } of store.list('logs/')) {
    sequences.push(
      ...readArchiveObject((await store.get(key)) ?? new Uint8Array()).map((record) =>
        Number(record.position.sequence),
      ),
    )
  }
  return sequences
}
