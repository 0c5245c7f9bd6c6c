/** Kysely on PostgreSQL: a pool whose faults name the server and the setting, and whose values are what SQLite's are. */
import { readFileSync } from 'node:fs'
import { type Dialect, Kysely, PostgresDialect, type PostgresPool, type PostgresPoolClient } from 'kysely'
import pg from 'pg'
import { CaliError, messageOf } from '../platform/error.ts'

export interface PostgresOptions {
  /** postgres://user:password@host:5432/database, with sslmode and the like as libpq knows them. */
  readonly url: string
  readonly pool: number
  readonly statementTimeoutMs: number
  readonly connectTimeoutMs: number
  /** Certificate authority, PEM file. */
  readonly caFile?: string
}

export interface PoolFigures {
  readonly open: number
  readonly idle: number
  readonly waiting: number
}

/** The client gives up a little later than the server, which ends the statement itself. */
const CLIENT_MARGIN_MS = 5_000
const OLDEST_VERSION = 13

export function openPostgres<DB>(options: PostgresOptions): { readonly db: Kysely<DB>; readonly pool: pg.Pool } {
  const { parsed, ssl } = addressOf(options)
  const pool = new pg.Pool({
    ...parsed,
    ...ssl,
    application_name: 'cali',
    max: options.pool,
    connectionTimeoutMillis: options.connectTimeoutMs,
    statement_timeout: options.statementTimeoutMs,
    query_timeout: options.statementTimeoutMs + CLIENT_MARGIN_MS,
    // A worker that dies in a transaction must not hold its locks until TCP gives up.
    idle_in_transaction_session_timeout: options.statementTimeoutMs * 2,
    keepAlive: true,
    types: { getTypeParser: typeParser as typeof pg.types.getTypeParser },
  })
  // An idle connection that dies is replaced by the pool; without a listener it would end the process.
  pool.on('error', () => undefined)
  pool.on('connect', (client) => void client.on('error', () => undefined))
  return { db: new Kysely<DB>({ dialect: createDialect(pool, options.url) }), pool }
}

export const figuresOf = (pool: pg.Pool): PoolFigures => ({
  open: pool.totalCount,
  idle: pool.idleCount,
  waiting: pool.waitingCount,
})

/** host:port/database, without the password. */
export function placeOf(url: string): string {
  try {
    const { hostname, port, pathname } = new URL(url)
    return `${decodeURIComponent(hostname) || 'localhost'}:${port || '5432'}${decodeURIComponent(pathname)}`
  } catch {
    return 'postgres.url'
  }
}

/** Throws a CaliError when the server is too old to be trusted with this schema. */
export function checkVersion(version: string, url: string): void {
  const major = Number(/^(\d+)/.exec(version)?.[1] ?? 0)
  if (major >= OLDEST_VERSION) return
  throw new CaliError(
    'postgres_version',
    `${placeOf(url)} is PostgreSQL ${version}: ${OLDEST_VERSION} or newer is needed. Upgrade it, or name another in postgres.url.`,
  )
}

function addressOf(options: PostgresOptions): { parsed: pg.PoolConfig; ssl: pg.PoolConfig } {
  let url: URL
  try {
    url = new URL(options.url)
  } catch {
    throw new CaliError(
      'config_invalid',
      'postgres.url cannot be read: postgres://user:password@host:5432/database is accepted; write reserved characters of the password as %40 for @, %2F for / and so on',
    )
  }
  if (options.caFile === undefined) return { parsed: { connectionString: options.url }, ssl: {} }
  let ca: string
  try {
    ca = readFileSync(options.caFile, 'utf8')
  } catch (error) {
    throw new CaliError(
      'config_invalid',
      `postgres.caFile is "${options.caFile}": cannot be read (${messageOf(error)}). A PEM file is accepted.`,
      { cause: error },
    )
  }
  // The address may ask for less than the certificate that was named: the stricter one holds.
  url.searchParams.delete('sslmode')
  return { parsed: { connectionString: url.href }, ssl: { ssl: { ca, rejectUnauthorized: true } } }
}

const INT8 = 20
const NUMERIC = 1700

/** Counts and times fit a double (2^53): they come back as numbers, as from SQLite. */
function typeParser(oid: number, format?: 'text' | 'binary'): unknown {
  if (oid === INT8 || oid === NUMERIC) return Number
  return pg.types.getTypeParser(oid, format as 'text')
}

function createDialect(pool: pg.Pool, url: string): Dialect {
  const explained: PostgresPool = {
    connect: async () => {
      try {
        return guarded(await pool.connect(), url)
      } catch (error) {
        throw explainPostgres(error, url)
      }
    },
    end: () => pool.end(),
    options: pool.options,
  }
  return new PostgresDialect({ pool: explained })
}

/**
 * The pool's client, with NUL taken out of texts (PostgreSQL has no place for it) and faults explained. A connection that
 * failed otherwise than by a word of the server is given up: a statement that was given up on the way still occupies it,
 * and whoever came next, the ROLLBACK first, would wait behind it.
 */
function guarded(client: pg.PoolClient, url: string): PostgresPoolClient {
  let broken: CaliError | undefined
  return {
    query: (async (sql: string, parameters: readonly unknown[]) => {
      if (broken !== undefined) throw broken
      try {
        return await client.query(sql, parameters.map(storable))
      } catch (error) {
        const fault = explainPostgres(error, url)
        if (!(error instanceof pg.DatabaseError)) broken = fault
        throw fault
      }
    }) as unknown as PostgresPoolClient['query'],
    release: () => client.release(broken),
  } as PostgresPoolClient
}

const storable = (value: unknown): unknown =>
  typeof value === 'string' && value.includes('\u0000')
    ? value.replaceAll('\u0000', '\uFFFD')
    : value instanceof Uint8Array
      ? Buffer.from(value.buffer, value.byteOffset, value.byteLength)
      : value

/** SQLSTATE classes that pass by themselves: https://www.postgresql.org/docs/current/errcodes-appendix.html */
const PASSING = /^(?:08(?!P01)|40|53|55P03|57P|58|25P03)/
const NETWORK = new Set(['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'EHOSTUNREACH', 'ENETUNREACH'])

/** Says which server and setting it is, and whether trying again may help. */
export function explainPostgres(error: unknown, url: string): CaliError {
  if (error instanceof CaliError) return error
  const { code = '', detail } = error as { code?: string; detail?: string }
  const message = messageOf(error)
  const place = placeOf(url)
  const fault = (id: string, text: string, retryable: boolean): CaliError =>
    new CaliError(id, text, { cause: error, retryable })
  if (code === '28P01' || code === '28000')
    return fault(
      'postgres_login',
      `${place} refuses the login: ${message}. Check user and password in postgres.url.`,
      false,
    )
  if (code === '3D000')
    return fault('postgres_no_database', `${place}: ${message}. Create the database, or correct postgres.url.`, false)
  if (code === '42501')
    return fault(
      'postgres_denied',
      `${place}: ${message}. The user of postgres.url must own its schema, or may create and change tables in it.`,
      false,
    )
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN')
    return fault('postgres_unknown_host', `${place}: there is no such host. Check postgres.url.`, code === 'EAI_AGAIN')
  if (code === '53100')
    return fault(
      'state_disk_full',
      `${place}: the server's disk is full. Nothing acknowledged is lost; reading goes on once there is room.`,
      true,
    )
  if (code === '53300')
    return fault(
      'postgres_too_many',
      `${place}: the server takes no more connections. Lower postgres.pool, or raise its max_connections.`,
      true,
    )
  if (NETWORK.has(code))
    return fault(
      'postgres_unreachable',
      `nothing answers at ${place} (${code}). Check postgres.url, and that the server runs.`,
      true,
    )
  if (/certificate|self.signed|CERT_|TLS|SSL/i.test(`${code} ${message}`))
    return fault(
      'postgres_tls',
      `${place}: ${message}. Name the certificate authority in postgres.caFile, or correct the host in postgres.url.`,
      false,
    )
  if (code === '' && /terminated|timeout|not queryable|connection error|Connection ended/i.test(message))
    return fault('postgres_unreachable', `${place}: ${message}`, true)
  if (code === '57014')
    return fault(
      'postgres_slow',
      `${place}: a statement took longer than postgres.statementTimeout and was ended`,
      true,
    )
  return fault(
    'postgres_error',
    `${place}: ${message}${detail === undefined ? '' : ` (${detail.slice(0, 200)})`}`,
    PASSING.test(code),
  )
}

/** True for faults of two transactions in each other's way: the whole transaction may simply be run again. */
export const isConflict = (error: unknown): boolean => {
  const { code } = ((error as { cause?: unknown }).cause ?? error) as { code?: string }
  return code === '40001' || code === '40P01'
}
