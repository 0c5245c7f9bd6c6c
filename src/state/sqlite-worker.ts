/**
 * SQLite in a thread of its own, so that a commit's fsync never holds up the event loop. One statement per message;
 * transactions are the caller's, who holds the only connection while one runs.
 */
import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite'
import { parentPort, workerData } from 'node:worker_threads'

export interface SqliteRequest {
  readonly id: number
  readonly sql: string
  readonly parameters: readonly SQLInputValue[]
}

export type SqliteReply =
  | { readonly id: number; readonly rows: readonly unknown[]; readonly affected: bigint }
  | { readonly id: number; readonly error: { readonly message: string; readonly code: number | undefined } }

const MAX_STATEMENTS = 500
const { path, readOnly, lockWaitMs } = workerData as { path: string; readOnly: boolean; lockWaitMs: number }
const port = parentPort
if (port === null) throw new Error('sqlite-worker.ts runs as a worker thread only')

const database = new DatabaseSync(path, { readOnly, timeout: lockWaitMs })
if (!readOnly && path !== ':memory:') database.exec('pragma journal_mode = wal; pragma synchronous = full')
database.exec('pragma foreign_keys = on')
const statements = new Map<string, StatementSync>()

function prepare(sql: string): StatementSync {
  const known = statements.get(sql)
  if (known !== undefined) return known
  if (statements.size >= MAX_STATEMENTS) statements.clear()
  const statement = database.prepare(sql)
  statements.set(sql, statement)
  return statement
}

port.on('message', (request: SqliteRequest | 'close') => {
  if (request === 'close') {
    database.close()
    port.close()
    return
  }
  try {
    const statement = prepare(request.sql)
    if (statement.columns().length > 0)
      port.postMessage({
        id: request.id,
        rows: statement.all(...request.parameters),
        affected: 0n,
      } satisfies SqliteReply)
    else
      port.postMessage({
        id: request.id,
        rows: [],
        affected: BigInt(statement.run(...request.parameters).changes),
      } satisfies SqliteReply)
  } catch (error) {
    const code = (error as { errcode?: number }).errcode
    port.postMessage({ id: request.id, error: { message: (error as Error).message, code } } satisfies SqliteReply)
  }
})
