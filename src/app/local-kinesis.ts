/** Local Kinesis: a real Kinesis API on loopback for development (kinesis-mock), as a child process. It forgets at exit. */
import { spawn } from 'node:child_process'
import { createRequire } from 'node:module'
import { createServer } from 'node:net'
import { dirname, join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import type { Environment } from '../platform/config/environment.ts'
import { CaliError } from '../platform/error.ts'

export interface LocalKinesis {
  /** Plain HTTP, for SDKs over HTTP/1.1. */
  readonly endpoint: string
  /** HTTPS with a self-signed certificate, for Fluent Bit. */
  readonly tlsPort: number
  readonly pid: number
  stop(): Promise<void>
}

const READY_MS = 20_000
const STOP_MS = 3_000

export async function startLocalKinesis(request: {
  environment: Environment
  region: string
  tlsPort: number
  plainPort: number
  onExit?: (code: number | null) => void
}): Promise<LocalKinesis> {
  const main = createRequire(import.meta.url).resolve('kinesis-local/main.js')
  const tlsPort = await freePort(request.tlsPort)
  const plainPort = await freePort(request.plainPort)
  const child = spawn(
    process.execPath,
    ['--require', fileURLToPath(new URL('./loopback.cjs', import.meta.url)), main],
    {
      cwd: dirname(main),
      stdio: ['pipe', 'ignore', 'ignore'],
      // Ctrl-C in the console goes to the whole group; this process is stopped by its parent, after the last read.
      detached: process.platform !== 'win32',
      env: {
        PATH: request.environment['PATH'],
        SYSTEMROOT: request.environment['SYSTEMROOT'],
        KINESIS_MOCK_TLS_PORT: String(tlsPort),
        KINESIS_MOCK_PLAIN_PORT: String(plainPort),
        KINESIS_MOCK_CERT_PATH: join(dirname(main), 'server.json'),
        CREATE_STREAM_DURATION: '1ms',
        AWS_REGION: request.region,
        AWS_ACCESS_KEY_ID: 'test',
        AWS_SECRET_ACCESS_KEY: 'test',
        LOG_LEVEL: 'ERROR',
        SHARD_LIMIT: '100',
      },
    },
  )
  let exited = false
  const exit = new Promise<void>((resolve) => {
    child.once('exit', (code) => {
      exited = true
      request.onExit?.(code)
      resolve()
    })
    child.once('error', () => resolve())
  })
  child.stdin.on('error', () => undefined)
  const stop = async (): Promise<void> => {
    if (exited) return
    child.stdin.end()
    await Promise.race([exit, delay(STOP_MS)])
    if (!exited) child.kill('SIGKILL')
    await exit
  }
  const endpoint = `http://127.0.0.1:${plainPort}`
  const deadline = performance.now() + READY_MS
  while (!(await answers(endpoint))) {
    if (exited)
      throw new CaliError(
        'local_kinesis_failed',
        `the local Kinesis ended while starting. Its package is kinesis-local; run "npm ci" again.`,
      )
    if (performance.now() > deadline) {
      await stop()
      throw new CaliError(
        'local_kinesis_slow',
        `the local Kinesis did not answer at ${endpoint} within ${READY_MS / 1000} s`,
      )
    }
    await delay(40)
  }
  return { endpoint, tlsPort, pid: child.pid ?? 0, stop }
}

async function answers(endpoint: string): Promise<boolean> {
  try {
    return (await fetch(`${endpoint}/healthcheck`, { signal: AbortSignal.timeout(1_000) })).ok
  } catch {
    return false
  }
}

/** The wished port, or any free one. */
export async function freePort(wished: number): Promise<number> {
  return (await probePort(wished, '127.0.0.1')) ?? (await probePort(0, '127.0.0.1')) ?? wished
}

/** The port, if it can be listened on; 0 asks for any. */
export function probePort(port: number, host: string): Promise<number | undefined> {
  return new Promise((resolve) => {
    const server = createServer()
    server.once('error', () => resolve(undefined))
    server.listen(port, host, () => {
      const address = server.address()
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : undefined))
    })
  })
}
