/** Kysely on SQLite in a worker thread. One connection, handed out in turn: a transaction holds it to its end. */
import type { SQLInputValue } from 'node:sqlite'
import { Worker } from 'node:worker_threads'
import {
  type CompiledQuery,
  type DatabaseConnection,
  type Dialect,
  type Driver,
  Kysely,
  type QueryResult,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
  sql,
} from 'kysely'
import { CaliError } from '../platform/error.ts'
import type { SqliteReply, SqliteRequest } from './sqlite-worker.ts'

// Primary result codes: https://www.sqlite.org/rescode.html
const BUSY = 5
const IO_ERROR = 10
const CORRUPT = 11
const FULL = 13
const CANT_OPEN = 14
const NOT_A_DATABASE = 26

export interface SqliteOptions {
  /** Path of the database file, or ":memory:". */
  readonly path: string
  readonly readOnly?: boolean
  /** How long a statement waits for another process that holds the database. */
  readonly lockWaitMs?: number
}

const LOCK_WAIT_MS = 5_000

/** Opens a database. Errors name the file and what to do; they surface at the first query. */
export function openSqlite<DB>(options: SqliteOptions): Kysely<DB> {
  return new Kysely<DB>({ dialect: createDialect(options) })
}

function createDialect(options: SqliteOptions): Dialect {
  return {
    createAdapter: () => new SqliteAdapter(),
    createDriver: () => new WorkerDriver(options),
    createIntrospector: (db) => new SqliteIntrospector(db),
    createQueryCompiler: () => new SqliteQueryCompiler(),
  }
}

class WorkerDriver implements Driver {
  readonly #options: SqliteOptions
  readonly #waiting = new Map<number, { resolve: (reply: SqliteReply) => void; reject: (error: Error) => void }>()
  #worker: Worker | undefined
  #ended: Promise<void> = Promise.resolve()
  #failed: Error | undefined
  #nextId = 1
  #tail: Promise<void> = Promise.resolve()

  constructor(options: SqliteOptions) {
    this.#options = options
  }

  async init(): Promise<void> {
    const worker = new Worker(
      new URL(import.meta.url.endsWith('.ts') ? './sqlite-worker.ts' : './sqlite-worker.js', import.meta.url),
      {
        workerData: {
          path: this.#options.path,
          readOnly: this.#options.readOnly ?? false,
          lockWaitMs: this.#options.lockWaitMs ?? LOCK_WAIT_MS,
        },
      },
    )
    this.#worker = worker
    // From the start on: a thread that fails to open its file may have ended before anybody asks it to close.
    this.#ended = new Promise((resolve) => {
      worker.once('exit', () => resolve())
    })
    worker.on('message', (reply: SqliteReply) => {
      const waiter = this.#waiting.get(reply.id)
      this.#waiting.delete(reply.id)
      waiter?.resolve(reply)
    })
    const fail = (error: unknown): void => {
      this.#failed ??= explain(error as { message: string; errcode?: number }, this.#options)
      for (const waiter of this.#waiting.values()) waiter.reject(this.#failed)
      this.#waiting.clear()
    }
    worker.on('error', fail)
    worker.on('exit', () => fail({ message: 'the database thread has ended' }))
  }

  /** Waits until the connection before it is released. */
  async acquireConnection(): Promise<DatabaseConnection> {
    const before = this.#tail
    let release: () => void = () => undefined
    this.#tail = new Promise((resolve) => {
      release = resolve
    })
    await before
    return new WorkerConnection((query) => this.#send(query), release)
  }

  beginTransaction(connection: DatabaseConnection): Promise<void> {
    return connection.executeQuery(raw('begin immediate')).then(() => undefined)
  }

  commitTransaction(connection: DatabaseConnection): Promise<void> {
    return connection.executeQuery(raw('commit')).then(() => undefined)
  }

  /** A full disk has ended the transaction already: that fault is the one to tell, not this one. */
  rollbackTransaction(connection: DatabaseConnection): Promise<void> {
    return connection.executeQuery(raw('rollback')).then(
      () => undefined,
      () => undefined,
    )
  }

  async releaseConnection(connection: DatabaseConnection): Promise<void> {
    ;(connection as WorkerConnection).release()
  }

  async destroy(): Promise<void> {
    this.#worker?.postMessage('close')
    await this.#ended
  }

  async #send(query: CompiledQuery): Promise<QueryResult<never>> {
    const worker = this.#worker
    if (this.#failed !== undefined) throw this.#failed
    if (worker === undefined) throw new Error('the database is not open')
    const id = this.#nextId++
    const reply = await new Promise<SqliteReply>((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject })
      worker.postMessage({
        id,
        sql: query.sql,
        parameters: query.parameters as SQLInputValue[],
      } satisfies SqliteRequest)
    })
    if ('error' in reply)
      throw explain(
        { message: reply.error.message, ...(reply.error.code === undefined ? {} : { errcode: reply.error.code }) },
        this.#options,
      )
    return { rows: reply.rows as never[], numAffectedRows: reply.affected }
  }
}

class WorkerConnection implements DatabaseConnection {
  readonly #run: (query: CompiledQuery) => Promise<QueryResult<never>>
  readonly release: () => void

  constructor(run: (query: CompiledQuery) => Promise<QueryResult<never>>, release: () => void) {
    this.#run = run
    this.release = release
  }

  executeQuery<R>(query: CompiledQuery): Promise<QueryResult<R>> {
    return this.#run(query)
  }

  // biome-ignore lint/correctness/useYield: Kysely asks for a generator; SQLite answers whole.
  async *streamQuery<R>(): AsyncIterableIterator<QueryResult<R>> {
    throw new Error('streaming is not supported: read in pages')
  }
}

const raw = (text: string): CompiledQuery => sql.raw(text).compile(compiler)
const compiler = new Kysely<unknown>({ dialect: createDialect({ path: ':memory:' }) })

function explain(error: { message: string; errcode?: number }, { path, lockWaitMs }: SqliteOptions): CaliError {
  const code = error.errcode === undefined ? undefined : error.errcode & 0xff
  const fault = (id: string, text: string, retryable = false): CaliError =>
    new CaliError(id, text, { cause: error, retryable })
  if (code === FULL)
    return fault(
      'state_disk_full',
      `${path}: the disk is full. Nothing acknowledged is lost; reading goes on once there is room.`,
      true,
    )
  if (code === BUSY)
    return fault(
      'state_locked',
      `${path}: another process holds the database for more than ${(lockWaitMs ?? LOCK_WAIT_MS) / 1000} s. Stop it, or give this one its own --data-dir.`,
      true,
    )
  if (code === CORRUPT || code === NOT_A_DATABASE)
    return fault(
      'state_damaged',
      `${path}: is damaged or not a database (${error.message}). Move it aside; the archive beside it still holds every record.`,
    )
  if (code === CANT_OPEN || /unable to open/.test(error.message))
    return fault(
      'state_unwritable',
      `${path}: cannot be opened. The folder must exist and be writable; choose another with --data-dir.`,
    )
  if (code === IO_ERROR) return fault('state_io', `${path}: the disk answered with an error (${error.message}).`, true)
  return fault('state_error', error.message)
}
