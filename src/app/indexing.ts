/** Indexing: the log index ready to be written to, the stage that waits for it or owes to it, and the payer of debts. */
import { setTimeout as delay } from 'node:timers/promises'
import type { Rejection } from '../pipeline/batch.ts'
import { readArchiveObject } from '../pipeline/forward/archive-object.ts'
import { createIndexStage, type IndexStage } from '../pipeline/forward/index-stage.ts'
import type { StoredLogIndex } from '../pipeline/forward/log-index.ts'
import type { ObjectStore } from '../pipeline/forward/object-store.ts'
import { refusalOf } from '../pipeline/pipeline.ts'
import type { LogRecord } from '../pipeline/record.ts'
import type { IndexDebtStore } from '../pipeline/store.ts'
import type { Clock } from '../platform/clock.ts'
import { CaliError, messageOf } from '../platform/error.ts'
import type { Logger } from '../platform/logger.ts'
import { backoffMs, type RetryPolicy, retry } from '../platform/retry.ts'
import { hasSetting, settingOnce } from '../state/record-queries.ts'
import type { State } from '../state/state.ts'
import type { Config } from './config.ts'

/** A server that starts together with this one needs a moment. */
const STARTING: RetryPolicy = { baseMs: 1_000, capMs: 4_000, attempts: 5 }

/**
 * An index that cannot be used is refused at the start: its settings are wrong. One that has answered at this address
 * before is only away: then alerts must not wait for it, and the stage does.
 */
export async function prepareIndex(
  index: StoredLogIndex,
  deps: {
    readonly state: State
    readonly logger: Logger
    readonly stopping: AbortSignal
    readonly policy?: RetryPolicy
  },
): Promise<void> {
  if (!index.elsewhere) return index.prepare()
  const key = `index.answered ${index.location}`
  const known = await hasSetting(deps.state.db, key)
  try {
    await retry({ ...(deps.policy ?? STARTING), ...(known ? { attempts: 1 } : {}) }, () => index.prepare(), {
      signal: deps.stopping,
    })
  } catch (error) {
    if (!known || (error instanceof CaliError && !error.retryable)) throw error
    deps.logger.warn({ event: 'index_away_at_start', reason: messageOf(error) })
    return
  }
  await settingOnce(deps.state.db, key, () => 'yes')
}

export function indexStageOf(
  index: StoredLogIndex,
  config: Config,
  deps: {
    readonly clock: Clock
    readonly logger: Logger
    readonly random: () => number
    readonly stopping: AbortSignal
  },
): IndexStage {
  return createIndexStage({
    index,
    clock: deps.clock,
    random: deps.random,
    stopping: deps.stopping,
    // What is owed is paid from the archive; without one, batches wait as long as it takes.
    ...(index.elsewhere
      ? { debtAfterMs: config.archive.enabled ? config.opensearch.debtAfter : Number.POSITIVE_INFINITY }
      : {}),
    onChange: ({ state, fault }) =>
      state === 'ok'
        ? deps.logger.warn({ event: 'index_back' })
        : deps.logger.error({ event: `index_${state}`, reason: fault }),
  })
}

export interface DebtPayer {
  /** Pays until the signal aborts; resolves when the payment under way has ended. */
  run(stopping: AbortSignal): Promise<void>
  /** One step: pays the oldest debt, or asks whether the index is back. */
  step(): Promise<'paid' | 'nothing' | 'failed'>
}

export interface DebtPayerDeps {
  readonly index: StoredLogIndex
  readonly stage: IndexStage
  readonly debts: IndexDebtStore
  readonly objects: ObjectStore
  readonly quarantine: (rejections: readonly Rejection[]) => Promise<void>
  readonly clock: Clock
  readonly logger: Logger
  readonly random: () => number
}

const IDLE_MS = 5_000
const FAILED: RetryPolicy = { baseMs: 1_000, capMs: 15_000, attempts: Number.POSITIVE_INFINITY }
/** Longer than any payment takes; another worker takes over what a killed one left. */
const LEASE_MS = 5 * 60_000
/** An object that cannot be read must not hold up those behind it. */
const UNREADABLE_MS = 10 * 60_000
/** Nor one that the index does not take for the time being. */
const UNPAID_MS = 30_000
const RECORDS_PER_WRITE = 2_000

/** Pays what is owed to the log index: the oldest object first, one at a time, so that memory stays small. */
export function createDebtPayer(deps: DebtPayerDeps): DebtPayer {
  const { debts, stage, clock, logger } = deps

  const read = async (objectKey: string): Promise<readonly LogRecord[] | undefined> => {
    const bytes = await deps.objects.get(objectKey)
    return bytes === undefined ? undefined : readArchiveObject(bytes).filter((record) => record.archiveOnly !== true)
  }

  const step = async (): Promise<'paid' | 'nothing' | 'failed'> => {
    const debt = await debts.claim(clock.now(), LEASE_MS)
    if (debt === undefined) {
      if (stage.status().state === 'owing') await stage.probe(() => deps.index.check())
      return 'nothing'
    }
    const { objectKey } = debt
    let records: readonly LogRecord[] | undefined
    try {
      records = await read(objectKey)
    } catch (error) {
      await debts.postpone(objectKey, clock.now() + UNREADABLE_MS, messageOf(error))
      logger.error({ event: 'index_debt_unreadable', object: objectKey, reason: messageOf(error) })
      return 'failed'
    }
    if (records === undefined)
      logger.error({ event: 'index_debt_without_object', object: objectKey, records: debt.records })
    try {
      for (let i = 0; i < (records ?? []).length; i += RECORDS_PER_WRITE)
        await deps.quarantine((await stage.pay((records ?? []).slice(i, i + RECORDS_PER_WRITE))).map(refusalOf))
    } catch (error) {
      await debts.postpone(objectKey, clock.now() + UNPAID_MS, messageOf(error))
      return 'failed'
    }
    await debts.settle(objectKey)
    return 'paid'
  }

  return {
    step,
    run: async (stopping) => {
      for (let failures = 0; !stopping.aborted; ) {
        let waitMs = 0
        try {
          const done = await step()
          failures = done === 'failed' ? failures + 1 : 0
          waitMs = done === 'paid' ? 0 : done === 'nothing' ? IDLE_MS : backoffMs(FAILED, failures, deps.random)
        } catch (error) {
          waitMs = backoffMs(FAILED, ++failures, deps.random)
          logger.warn({ event: 'index_debt_failed', reason: messageOf(error) })
        }
        if (waitMs > 0) await delay(waitMs, undefined, { signal: stopping }).catch(() => undefined)
      }
    },
  }
}
