/**
 * Milvus client: connects at the first call, and turns every way in which a call can fail into a CaliError. The SDK is
 * loaded only then: it takes a third of a second, which a command that needs no Milvus must not pay.
 */
import type { MilvusClient } from '@zilliz/milvus2-sdk-node'
import { CaliError, messageOf } from '../platform/error.ts'
import { within } from './within.ts'

export interface MilvusAddress {
  readonly address: string
  /** API key, or user:password. */
  readonly token?: string
  readonly database: string
  /** A read that takes longer is given up, milliseconds. */
  readonly timeoutMs: number
}

/** How a call is made: `client` of the SDK, and the timeout that the request itself must carry. */
export type MilvusCall<T> = (client: MilvusClient, timeout: number) => Promise<T>

export interface Milvus {
  /**
   * One call. `what` says what it is for, in words. Throws a CaliError: `milvus_unreachable` and `milvus_timeout` are
   * retryable; `milvus_no_collection`, `milvus_unsupported`, `milvus_denied` and `milvus_refused` are not. A collection
   * that the server has released is loaded and the call made once more.
   */
  call<T>(
    what: string,
    work: MilvusCall<T>,
    options?: { readonly collection?: string; readonly slow?: boolean },
  ): Promise<T>
  version(): Promise<string>
  close(): Promise<void>
}

/** Building, loading and writing take longer than a search. */
const SLOW_MS = 60_000
const CLOSE_MS = 1_000
/** Status codes (https://github.com/milvus-io/milvus/blob/master/pkg/util/merr/errors.go). */
const NO_COLLECTION = 100
const NOT_LOADED = 101
const ALIAS_NOT_FOUND = 1600
const DENIED: ReadonlySet<number> = new Set([1400, 1401, 1402])
/** gRPC status codes (https://grpc.io/docs/guides/status-codes/). */
const GRPC = { deadline: 4, denied: 7, unavailable: 14, unauthenticated: 16 }

export function createMilvus(options: MilvusAddress): Milvus {
  let connecting: Promise<MilvusClient> | undefined

  const connect = async (): Promise<MilvusClient> => {
    const { MilvusClient: Client, logger } = await import('@zilliz/milvus2-sdk-node')
    // It writes to standard output, where machines read ours.
    logger.silent = true
    const client = new Client({
      address: options.address,
      database: options.database,
      timeout: options.timeoutMs,
      maxRetries: 0,
      channelOptions: {
        // Back within half a second of the server; the default waits up to two minutes.
        'grpc.initial_reconnect_backoff_ms': 100,
        'grpc.min_reconnect_backoff_ms': 100,
        'grpc.max_reconnect_backoff_ms': 500,
      },
      ...(options.token === undefined ? {} : { token: options.token }),
    })
    // In the same turn: a rejection that nobody hears ends the process.
    client.connectPromise.catch(() => undefined)
    try {
      await client.connectPromise
    } catch (error) {
      client.closeConnection().catch(() => undefined)
      throw error
    }
    return client
  }

  const connected = (): Promise<MilvusClient> => {
    connecting ??= connect().catch((error) => {
      connecting = undefined
      throw error
    })
    return connecting
  }

  const attempt = async <T>(what: string, work: MilvusCall<T>, timeout: number): Promise<T> => {
    let reply: T
    try {
      reply = await work(await connected(), timeout)
    } catch (error) {
      throw explain(error, what, options)
    }
    check(reply, what, options)
    return reply
  }

  const call: Milvus['call'] = async (what, work, { collection, slow } = {}) => {
    const timeout = slow === true ? SLOW_MS : options.timeoutMs
    try {
      return await attempt(what, work, timeout)
    } catch (error) {
      if (!(error instanceof CaliError && error.code === 'milvus_not_loaded') || collection === undefined) throw error
      await attempt('loading', (client) => client.loadCollectionSync({ collection_name: collection }), SLOW_MS)
      return await attempt(what, work, timeout)
    }
  }

  return {
    call,
    version: async () => (await call('its version', (client) => client.getVersion())).version,
    close: async () => {
      const client = await connecting?.catch(() => undefined)
      connecting = undefined
      // It waits for calls under way, and a server that hangs would hold the end of the program.
      if (client !== undefined) await within(CLOSE_MS, () => client.closeConnection()).catch(() => undefined)
    },
  }
}

/** Nearly all failures are a reply with a status; a server that does not know a call gives an empty one. */
function check(reply: unknown, what: string, options: MilvusAddress): void {
  const { status = reply } = (reply ?? {}) as { status?: unknown }
  const { code, reason } = (typeof status === 'object' && status !== null ? status : {}) as {
    code?: number
    reason?: string
  }
  if (code === 0) return
  if (code === undefined)
    throw new CaliError('milvus_unsupported', `Milvus at ${options.address} does not support this call (${what})`)
  throw refusal(code, reason ?? '', what, options)
}

function refusal(code: number, reason: string, what: string, options: MilvusAddress): CaliError {
  const where = `Milvus at ${options.address} (${what})`
  if (code === NOT_LOADED) return new CaliError('milvus_not_loaded', `${where}: the collection is not loaded`)
  if (code === NO_COLLECTION || code === ALIAS_NOT_FOUND || /(?:alias|collection) not found/i.test(reason))
    return new CaliError('milvus_no_collection', `${where}: there is no such collection or alias yet`)
  if (DENIED.has(code) || /privilege|permission|auth/i.test(reason)) return denied(where)
  return new CaliError('milvus_refused', `${where} answers ${code}: ${clean(reason, options)}`)
}

function explain(error: unknown, what: string, options: MilvusAddress): CaliError {
  const where = `Milvus at ${options.address} (${what})`
  const { code, reason } = (error ?? {}) as { code?: unknown; reason?: unknown }
  if (typeof reason === 'string' && typeof code === 'number') return refusal(code, reason, what, options)
  if (code === GRPC.unavailable || code === GRPC.deadline) {
    const late = code === GRPC.deadline
    return new CaliError(
      late ? 'milvus_timeout' : 'milvus_unreachable',
      late ? `${where}: no answer in time (milvus.timeout)` : `${where}: cannot be reached (milvus.address)`,
      { retryable: true, cause: error },
    )
  }
  if (code === GRPC.denied || code === GRPC.unauthenticated) return denied(where)
  // The SDK reads fields of a description that it did not get.
  if (error instanceof TypeError && /of (?:null|undefined)/.test(error.message))
    return new CaliError('milvus_no_collection', `${where}: there is no such collection, or it has other fields`)
  return new CaliError('milvus_refused', `${where}: ${clean(messageOf(error), options)}`, { cause: error })
}

const denied = (where: string): CaliError =>
  new CaliError('milvus_denied', `${where}: not allowed; check milvus.token and the rights of its role`)
const clean = (text: string, { token }: MilvusAddress): string =>
  (token === undefined ? text : text.replaceAll(token, '[token]')).slice(0, 300)
