/**
 * Kinesis source under the KCL: the daemon (Java) holds leases and reads, and asks this process shard by shard over a
 * local socket. One process serves all shards of a worker: one pipeline, one memory of what messages look like. A
 * daemon that ends is started anew; what it had not acknowledged comes again, here or at another worker.
 */
import { timingSafeEqual } from 'node:crypto'
import { createServer, type Server, type Socket } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { messageOf } from '../../platform/error.ts'
import { backoffMs, type RetryPolicy } from '../../platform/retry.ts'
import { type KclShardDeps, serveKclShard } from './kcl-shard.ts'
import type { KinesisSource, SourceStatus } from './kinesis-source.ts'

export interface KclDaemon {
  /** Resolves when the daemon has ended, with its last words. */
  readonly ended: Promise<string>
  /** Asks it to end: shards are given back in order. */
  stop(): void
  /** Ends it at once. */
  kill(): void
}

export interface KclSourceDeps extends Omit<KclShardDeps, 'report' | 'onQuestion' | 'incarnation'> {
  /** Names one life of the stream; looked up once, which also shows that the stream is there. */
  readonly incarnation: () => Promise<string>
  readonly startDaemon: (socket: string, secret: string) => Promise<KclDaemon>
  /** Path of a socket, or name of a pipe on Windows. */
  readonly socket: string
  /** A stranger on this machine does not know it. */
  readonly secret: string
  /** A worker with shards that is asked nothing for this long is stuck: its daemon is started anew. */
  readonly watchdogMs: number
  /** Longest time that a daemon may take to end after it was asked to. */
  readonly stopMs: number
}

const RESTART: RetryPolicy = { baseMs: 1_000, capMs: 60_000, attempts: Number.POSITIVE_INFINITY }
/** One that ran this long did not fail at its start. */
const STEADY_MS = 120_000

export function createKclSource(deps: KclSourceDeps): KinesisSource {
  const statuses = new Map<string, SourceStatus>()
  const { logger } = deps
  let incarnation = ''
  let questions = 0
  let lastAnswer = 0
  let shards = 0

  const serve = async (socket: Socket, signal: AbortSignal): Promise<void> => {
    let shard: string | undefined
    let counted = false
    socket.on('error', () => undefined)
    try {
      if (!(await knowsSecret(socket, deps.secret))) return
      shards++
      counted = true
      await serveKclShard(
        {
          ...deps,
          incarnation,
          report: (status) => {
            shard = status.shard
            statuses.set(status.shard, status)
          },
          onQuestion: (open) => {
            questions += open ? 1 : -1
            lastAnswer = performance.now()
          },
        },
        socket,
        socket,
        signal,
      )
    } catch (error) {
      // The daemon sees the relay end and ends itself: everything that was not acknowledged comes again.
      logger.error({ event: 'shard_failed', shard, reason: messageOf(error) })
    } finally {
      if (counted) shards--
      if (shard !== undefined) statuses.delete(shard)
      socket.destroy()
    }
  }

  const watch = (daemon: KclDaemon): NodeJS.Timeout =>
    setInterval(
      () => {
        if (shards === 0 || questions > 0 || performance.now() - lastAnswer < deps.watchdogMs) return
        logger.error({ event: 'kcl_stuck', shards, silentMs: Math.round(performance.now() - lastAnswer) })
        daemon.kill()
      },
      Math.min(5_000, deps.watchdogMs / 2),
    )

  const runDaemon = async (signal: AbortSignal): Promise<void> => {
    const daemon = await deps.startDaemon(deps.socket, deps.secret)
    lastAnswer = performance.now()
    const timer = watch(daemon)
    let force: NodeJS.Timeout | undefined
    const stop = (): void => {
      daemon.stop()
      force = setTimeout(daemon.kill, deps.stopMs)
    }
    if (signal.aborted) stop()
    else signal.addEventListener('abort', stop, { once: true })
    try {
      const words = await daemon.ended
      if (!signal.aborted) logger.error({ event: 'kcl_ended', reason: words })
    } finally {
      clearInterval(timer)
      clearTimeout(force)
      signal.removeEventListener('abort', stop)
    }
  }

  return {
    status: () => [...statuses.values()],
    run: async (signal) => {
      incarnation = await deps.incarnation()
      // Questions that are open when the worker stops may still be answered: the daemon gives its shards back in order.
      const abandoned = new AbortController()
      const server = await listen(deps.socket, (socket) => void serve(socket, abandoned.signal))
      try {
        for (let attempt = 1; !signal.aborted; attempt++) {
          const started = performance.now()
          await runDaemon(signal)
          if (performance.now() - started > STEADY_MS) attempt = 1
          if (!signal.aborted)
            await delay(backoffMs(RESTART, attempt, deps.random), undefined, { signal }).catch(() => undefined)
        }
      } finally {
        abandoned.abort()
        await new Promise<void>((resolve) => server.close(() => resolve()))
      }
    },
  }
}

function listen(path: string, onConnection: (socket: Socket) => void): Promise<Server> {
  const server = createServer({ allowHalfOpen: false }, onConnection)
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(path, () => {
      server.off('error', reject)
      resolve(server)
    })
  })
}

/** The first line must be the secret; the rest of what came with it is put back. */
async function knowsSecret(socket: Socket, secret: string): Promise<boolean> {
  const expected = Buffer.from(`${secret}\n`)
  let read = Buffer.alloc(0)
  while (read.length < expected.length) {
    const chunk = socket.read() as Buffer | null
    if (chunk !== null) {
      read = Buffer.concat([read, chunk])
      continue
    }
    const more = await new Promise<boolean>((resolve) => {
      socket.once('readable', () => resolve(true))
      socket.once('close', () => resolve(false))
    })
    if (!more) return false
  }
  if (!timingSafeEqual(read.subarray(0, expected.length), expected)) return false
  if (read.length > expected.length) socket.unshift(read.subarray(expected.length))
  return true
}
