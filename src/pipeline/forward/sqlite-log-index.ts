import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import { CaliError } from '../../platform/error.ts'
import { EMPTY_QUERY, type LogPage, type LogSummary, type StoredLogIndex } from './log-index.ts'
import type { IndexRequest } from './sqlite-log-index-worker.ts'

type Waiter = { resolve: (value: unknown) => void; reject: (error: Error) => void }
type Without<T> = T extends unknown ? Omit<T, 'id'> : never

/** Log index of this machine, in `folder`. */
export function openSqliteLogIndex(folder: string): StoredLogIndex {
  const waiting = new Map<number, Waiter>()
  let nextId = 1
  let failed: Error | undefined
  const worker = new Worker(
    new URL(
      import.meta.url.endsWith('.ts') ? './sqlite-log-index-worker.ts' : './sqlite-log-index-worker.js',
      import.meta.url,
    ),
    { workerData: { folder } },
  )
  const fail = (error: Error): void => {
    failed ??= explain(error.message, (error as { errcode?: number }).errcode, folder)
    for (const waiter of waiting.values()) waiter.reject(failed)
    waiting.clear()
  }
  worker.on('error', fail)
  worker.on('exit', () => fail(new Error('the index thread has ended')))
  worker.on('message', (reply: { id: number; value?: unknown; error?: string; code?: number }) => {
    const waiter = waiting.get(reply.id)
    waiting.delete(reply.id)
    if (reply.error === undefined) waiter?.resolve(reply.value)
    else waiter?.reject(explain(reply.error, reply.code, folder))
  })
  const ask = (request: Without<IndexRequest>): Promise<unknown> => {
    if (failed !== undefined) return Promise.reject(failed)
    const id = nextId++
    return new Promise((resolve, reject) => {
      waiting.set(id, { resolve, reject })
      worker.postMessage({ id, ...request })
    })
  }
  return {
    location: 'SQLite',
    elsewhere: false,
    // A day's file is made when its first record comes.
    prepare: async () => undefined,
    write: async (records) => {
      if (records.length > 0) await ask({ kind: 'write', records })
      return []
    },
    search: async (query, limit, before) =>
      (await ask({ kind: 'search', query, limit, ...(before === undefined ? {} : { before }) })) as LogPage,
    summary: async (query) => (await ask({ kind: 'summary', query })) as LogSummary,
    check: async () => {
      await ask({ kind: 'search', query: EMPTY_QUERY, limit: 1 })
      return `SQLite in ${folder}`
    },
    expire: async (beforeDay) => void (await ask({ kind: 'expire', beforeDay })),
    close: async () => {
      if (failed !== undefined) return
      const ended = once(worker, 'exit')
      await ask({ kind: 'close' })
      await ended
    },
  }
}

function explain(message: string, code: number | undefined, folder: string): CaliError {
  if ((code ?? 0) % 256 === 13)
    return new CaliError('index_disk_full', `${folder}: the disk is full. Reading goes on once there is room.`, {
      retryable: true,
    })
  return new CaliError('index_error', `${folder}: ${message}`, { retryable: true })
}
