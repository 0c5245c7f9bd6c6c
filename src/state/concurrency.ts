/**
 * Concurrency: what keeps transactions of several workers out of each other's way. SQLite lets in one writer at a time,
 * so there is nothing to lock; PostgreSQL runs them side by side (READ COMMITTED), and locks what they read to change.
 */
import { type Kysely, PostgresAdapter, sql, type Transaction } from 'kysely'
import { type RetryPolicy, retry } from '../platform/retry.ts'
import type { Database } from './database.ts'
import { isConflict } from './postgres-dialect.ts'

/** Two transactions in each other's way: PostgreSQL ends one of them, which then runs again. */
const CONFLICTS: RetryPolicy = { baseMs: 20, capMs: 1_000, attempts: 8 }

/** Names of CALI's advisory locks, as PostgreSQL wants them: any 64-bit number. */
const STRUCTURE_LOCK = 0x43414c49_01n
const MIGRATION_LOCK = 0x43414c49_02n

export const hasManyWriters = (db: Kysely<Database>): boolean => db.getExecutor().adapter instanceof PostgresAdapter

/** Runs the work in a transaction; after a conflict with another worker's, again from its start. */
export const transact = <T>(db: Kysely<Database>, work: (trx: Transaction<Database>) => Promise<T>): Promise<T> =>
  hasManyWriters(db)
    ? retry(CONFLICTS, () => db.transaction().execute(work), { only: isConflict })
    : db.transaction().execute(work)

/** One at a time over all workers, to the end of the transaction: which incidents there are, and what belongs to which. */
export const lockStructure = (trx: Transaction<Database>): Promise<void> => lock(trx, STRUCTURE_LOCK)

/** One at a time over all workers, to the end of the transaction: which tables there are. */
export const lockMigrations = (trx: Transaction<Database>): Promise<void> => lock(trx, MIGRATION_LOCK)

async function lock(trx: Transaction<Database>, key: bigint): Promise<void> {
  if (hasManyWriters(trx)) await sql`select pg_advisory_xact_lock(${String(key)}::bigint)`.execute(trx)
}

/** Reads rows that the transaction is going to change: nobody else changes them meanwhile. */
export const locked = <Q extends { forUpdate(): Q }>(trx: Transaction<Database>, query: Q): Q =>
  hasManyWriters(trx) ? query.forUpdate() : query

/** Rows that no other worker is taking at this moment. */
export const unclaimed = <Q extends { forUpdate(): Q; skipLocked(): Q }>(trx: Transaction<Database>, query: Q): Q =>
  hasManyWriters(trx) ? query.forUpdate().skipLocked() : query

const CHUNK = 400

/** Statements take a bounded number of values. */
export function* chunks<T>(items: readonly T[]): Generator<T[]> {
  for (let i = 0; i < items.length; i += CHUNK) yield items.slice(i, i + CHUNK)
}
