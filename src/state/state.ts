/** State: everything that must survive a restart but the logs themselves, opened and migrated. */
import { mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import { type Kysely, sql } from 'kysely'
import type {
  CheckpointStore,
  IncidentGrouping,
  IndexDebtStore,
  Outbox,
  ReportStore,
  TakeUpStore,
} from '../pipeline/store.ts'
import { type Clock, systemClock } from '../platform/clock.ts'
import { CaliError, messageOf } from '../platform/error.ts'
import { createCheckpointQueries } from './checkpoint-queries.ts'
import { type Database, migrate, pendingMigrations } from './database.ts'
import { createGroupingQueries } from './grouping-queries.ts'
import { createHeardQueries, type HeardStore } from './heard-queries.ts'
import { createIncidentQueries, type IncidentQueries } from './incident-queries.ts'
import { createIndexDebtQueries } from './index-debt-queries.ts'
import { createOutboxQueries } from './outbox-queries.ts'
import {
  checkVersion,
  figuresOf,
  openPostgres,
  type PoolFigures,
  type PostgresOptions,
  placeOf,
} from './postgres-dialect.ts'
import { createProbeQueries, type ProbeStore } from './probe-queries.ts'
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
import { createServerClock } from './server-clock.ts'
import { openSqlite } from './sqlite-dialect.ts'
import { createTakeUpQueries } from './take-up-queries.ts'

export interface State {
  readonly db: Kysely<Database>
  /** Where it is, for people, without the password. */
  readonly location: string
  /** Connections of this process, where there are several. */
  readonly pool?: () => PoolFigures
  /** Sets the clock by the server's again. */
  readonly setClock?: () => Promise<void>
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
  readonly heard: HeardStore
  readonly probes: ProbeStore
  readonly takeUps: TakeUpStore
  /** The clock that all workers of this state agree on. */
  readonly clock: Clock
  /** True where other processes work on it too. */
  readonly shared: boolean
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

export interface SharedStateOptions extends PostgresOptions {
  readonly clock: Clock
  /** Name of this worker: the same after its restart, of no other worker meanwhile. */
  readonly worker: string
}

/** Opens the state of one process, makes its folder and brings the tables up to date. Throws a CaliError that says what to do. */
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
  return assemble(db, { clock: options.clock, worker: '', location: 'SQLite' })
}

/** Opens the state that any number of workers share, and brings the tables up to date. Throws a CaliError that says what to do. */
export async function openSharedState(options: SharedStateOptions): Promise<State> {
  const { db, pool } = openPostgres<Database>(options)
  const clock = createServerClock(db, options.clock)
  const facts = { clock, worker: options.worker, location: `PostgreSQL ${placeOf(options.url)}` }
  const state = await assemble(db, facts, async () => {
    const { rows } = await sql<{ server_version: string }>`show server_version`.execute(db)
    checkVersion(rows[0]?.server_version ?? '', options.url)
    if (options.clock === systemClock) await clock.set()
  })
  return { ...state, shared: true, pool: () => figuresOf(pool), setClock: clock.set }
}

/** What opening the shared state would apply to its tables; changes nothing. */
export async function pendingSharedMigrations(options: PostgresOptions): Promise<readonly string[]> {
  const { db } = openPostgres<Database>(options)
  try {
    return await pendingMigrations(db)
  } finally {
    await db.destroy()
  }
}

async function assemble(
  db: Kysely<Database>,
  { clock, worker, location }: { clock: Clock; worker: string; location: string },
  check: () => Promise<void> = async () => undefined,
): Promise<State> {
  try {
    await check()
    await migrate(db, clock.now())
  } catch (error) {
    await db.destroy().catch(() => undefined)
    throw error
  }
  return {
    db,
    location,
    incidents: createIncidentQueries(db, clock),
    grouping: createGroupingQueries(db),
    outbox: createOutboxQueries(db, { now: clock.now, worker }),
    checkpoints: createCheckpointQueries(db),
    indexDebts: createIndexDebtQueries(db),
    reports: createReportQueries(db),
    rules: createRuleQueries(db),
    quarantine: createQuarantineQueries(db),
    changes: createChangeQueries(db),
    feedback: createFeedbackQueries(db),
    vectors: createVectorQueries(db),
    heard: createHeardQueries(db),
    probes: createProbeQueries(db),
    takeUps: createTakeUpQueries(db),
    clock,
    shared: false,
    forgetEvents: async (before) => {
      await db.deleteFrom('events_seen').where('seen_at', '<', before).execute()
    },
    close: () => db.destroy(),
  }
}
