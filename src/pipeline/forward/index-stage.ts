/**
 * Index stage: makes kept records searchable. A log index elsewhere may be away for longer than a stream can wait; then
 * its records are owed to it: the archive's object of the batch is noted as a debt, and paid from there later.
 *
 *   ok ── a write fails ──> waiting ── away for debtAfterMs ──> owing
 *    ^                         │                                  │
 *    └──── a write succeeds ───┴──────────────────────────────────┘
 *
 * ok, waiting: the batch waits for the index, and the source with it. owing: batches do not even ask. Half of an index
 * may work and the other half not: no batch waits for longer than debtAfterMs, however the others fare, and an index
 * that is away again soon after it came back is owed to at once.
 */
import type { Clock } from '../../platform/clock.ts'
import { messageOf } from '../../platform/error.ts'
import { type RetryPolicy, retry } from '../../platform/retry.ts'
import type { LogRecord } from '../record.ts'
import type { LogIndex, RefusedRecord } from './log-index.ts'

export interface Indexed {
  /** What the index never takes. */
  readonly refused: readonly RefusedRecord[]
  /** True: not in the index. The batch may only be acknowledged when its archive object is noted as a debt. */
  readonly owed: boolean
}

export interface IndexStatus {
  readonly state: 'ok' | 'waiting' | 'owing'
  /** Since when it is away, Unix milliseconds. */
  readonly since?: number
  readonly fault?: string
  /** Records that it refused since the start. */
  readonly refused: number
}

export interface IndexStage {
  /** Resolves when the records are in the index or owed to it; rejects when they are neither. */
  write(records: readonly LogRecord[]): Promise<Indexed>
  status(): IndexStatus
  /** Pays a debt: writes whatever the state, once, and so finds out whether the index is back. */
  pay(records: readonly LogRecord[]): Promise<readonly RefusedRecord[]>
  /** Asks whether the index is back where nothing is owed that would tell. */
  probe(ask: () => Promise<unknown>): Promise<void>
}

export interface IndexStageDeps {
  readonly index: LogIndex
  readonly clock: Clock
  /** Absent: an index on this machine, whose faults are the batch's. Infinity: nothing can be owed, batches wait. */
  readonly debtAfterMs?: number
  readonly stopping: AbortSignal
  readonly random: () => number
  /** Told when the state changes. */
  readonly onChange?: (status: IndexStatus) => void
  readonly retryPolicy?: RetryPolicy
}

const PATIENT: RetryPolicy = { baseMs: 500, capMs: 5_000, attempts: Number.POSITIVE_INFINITY }

export function createIndexStage(deps: IndexStageDeps): IndexStage {
  const { index, clock, debtAfterMs } = deps
  let state: IndexStatus['state'] = 'ok'
  let since: number | undefined
  let fault: string | undefined
  let refused = 0
  /** The time of owing before this one. */
  let before: { readonly since: number; readonly until: number } | undefined

  const status = (): IndexStatus => ({
    state,
    refused,
    ...(since === undefined ? {} : { since }),
    ...(fault === undefined ? {} : { fault }),
  })
  const enter = (next: IndexStatus['state']): void => {
    if (state === next) return
    state = next
    deps.onChange?.(status())
  }
  const back = (): void => {
    if (state === 'owing' && since !== undefined) before = { since, until: clock.now() }
    since = undefined
    fault = undefined
    enter('ok')
  }
  const away = (error: unknown): void => {
    const now = clock.now()
    const patience = debtAfterMs ?? Number.POSITIVE_INFINITY
    since ??= before !== undefined && now - before.until < patience ? before.since : now
    fault = messageOf(error)
    enter(now - since >= patience ? 'owing' : 'waiting')
  }
  const attempt = async (records: readonly LogRecord[]): Promise<readonly RefusedRecord[]> => {
    try {
      const result = await index.write(records)
      refused += result.length
      back()
      return result
    } catch (error) {
      away(error)
      throw error
    }
  }

  return {
    status,
    pay: attempt,
    probe: async (ask) => {
      try {
        await ask()
        back()
      } catch (error) {
        away(error)
      }
    },
    write: async (records) => {
      if (records.length === 0) return { refused: [], owed: false }
      if (debtAfterMs === undefined) return { refused: await attempt(records), owed: false }
      let firstFault: number | undefined
      return retry(
        deps.retryPolicy ?? PATIENT,
        async (): Promise<Indexed> => {
          if (state === 'owing') return { refused: [], owed: true }
          try {
            return { refused: await attempt(records), owed: false }
          } catch (error) {
            firstFault ??= clock.now()
            if (clock.now() - firstFault >= debtAfterMs) return { refused: [], owed: true }
            // Whatever it is, the records must not be passed over: a person may mend it while the batch waits.
            throw new Error(messageOf(error), { cause: error })
          }
        },
        { signal: deps.stopping, random: deps.random },
      )
    },
  }
}
