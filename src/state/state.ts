/** State: everything that must survive a restart but the logs themselves, opened and migrated. */
import { mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import type { Kysely } from 'kysely'
import type { CheckpointStore, IncidentGrouping, IndexDebtStore, Outbox, ReportStore } from '../pipeline/store.ts'
import type { Clock } from '../platform/clock.ts'
import { CaliError, messageOf } from '../platform/error.ts'
import { createCheckpointQueries } from './checkpoint-queries.ts'
import { type Database, migrate } from './database.ts'
import { createGroupingQueries } from './grouping-queries.ts'
import { createIncidentQueries, type IncidentQueries } from './incident-queries.ts'
import { createIndexDebtQueries } from './index-debt-queries.ts'
import { createOutboxQueries } from './outbox-queries.ts'
import {
  type ChangeStore,
  createChangeQueries,
  createFeedbackQueries,
  createQuarantineQueries,
  createReportQueries,
  createRuleQueries,
  createVectorQueries,
  type FeedbackStore,
  type QuarantineStore,
  type RuleStore,
  type VectorCache,
} from './record-queries.ts'
import { openSqlite } from './sqlite-dialect.ts'

export interface State {
  readonly db: Kysely<Database>
  readonly incidents: IncidentQueries
  readonly grouping: IncidentGrouping
  readonly outbox: Outbox
  readonly checkpoints: CheckpointStore
  readonly indexDebts: IndexDebtStore
  readonly reports: ReportStore
  readonly rules: RuleStore
  readonly quarantine: QuarantineStore
  readonly changes: ChangeStore
  readonly feedback: FeedbackStore
  readonly vectors: VectorCache
  /** Forgets event ids older than `before` (Unix ms): a re-send so late counts again. */
  forgetEvents(before: number): Promise<void>
  close(): Promise<void>
}

export interface StateOptions {
  /** SQLite file, or ":memory:". */
  readonly path: string
  readonly clock: Clock
  /** How long a statement waits for another process that holds the file, milliseconds. */
  readonly lockWaitMs?: number
}

/** Opens the state, makes its folder and brings the tables up to date. Throws a CaliError that says what to do. */
export async function openState(options: StateOptions): Promise<State> {
  if (options.path !== ':memory:') {
    try {
      mkdirSync(dirname(options.path), { recursive: true })
    } catch (error) {
      throw new CaliError(
        'state_unwritable',
        `${dirname(options.path)}: cannot be made (${messageOf(error)}). Choose a folder that you may write to with --data-dir.`,
        { cause: error },
      )
    }
  }
  const db = openSqlite<Database>({
    path: options.path,
    ...(options.lockWaitMs === undefined ? {} : { lockWaitMs: options.lockWaitMs }),
  })
  try {
    await migrate(db, options.clock.now())
  } catch (error) {
    await db.destroy().catch(() => undefined)
    throw error
  }
  return {
    db,
    incidents: createIncidentQueries(db, options.clock),
    grouping: createGroupingQueries(db),
    outbox: createOutboxQueries(db, options.clock.now),
    checkpoints: createCheckpointQueries(db),
    indexDebts: createIndexDebtQueries(db),
    reports: createReportQueries(db),
    rules: createRuleQueries(db),
    quarantine: createQuarantineQueries(db),
    changes: createChangeQueries(db),
    feedback: createFeedbackQueries(db),
    vectors: createVectorQueries(db),
    forgetEvents: async (before) => {
      await db.deleteFrom('events_seen').where('seen_at', '<', before).execute()
    },
    close: () => db.destroy(),
  }
}
