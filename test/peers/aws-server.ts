/**
 * Servers that speak AWS: MiniStack and moto, from PyPI (node tools/peers-aws.ts installs them). Each stands only for what it
 * does right: both for conditional writes, metadata and paging of S3; MiniStack for refusing a wrong checksum; moto for
 * telling of a bucket key. Neither checks credentials, and neither ever answers 409 or 503: test/support/fake-s3.ts does.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { homedir, tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { freePort } from '../../src/app/local-kinesis.ts'

export const AWS_SERVERS = {
  ministack: { requirement: 'ministack==1.5.33', module: 'ministack', ready: '/_ministack/health' },
  moto: { requirement: 'moto[server]==5.2.5', module: 'moto.server', ready: '/moto-api/' },
} as const

export type AwsServerName = keyof typeof AWS_SERVERS

export interface AwsServer {
  /** Address of every service, on 127.0.0.1. */
  readonly endpoint: string
  stop(): Promise<void>
}

/** Folder of the Python environment of a server. */
export const environmentOf = (name: AwsServerName): string =>
  join(process.env['CALI_PEERS_CACHE'] ?? join(homedir(), '.cache', 'cali-peers'), `aws-${name}`)

/** The Python of that environment. */
export const pythonOf = (name: AwsServerName): string =>
  process.platform === 'win32'
    ? join(environmentOf(name), 'Scripts', 'python.exe')
    : join(environmentOf(name), 'bin', 'python')

/** Written last by the installer: what is installed there. */
export const installedMark = (name: AwsServerName): string => join(environmentOf(name), 'installed.txt')

export const isInstalled = (name: AwsServerName): boolean => existsSync(installedMark(name))

const READY_MS = 60_000

export async function startAwsServer(name: AwsServerName): Promise<AwsServer> {
  const folder = await mkdtemp(join(tmpdir(), `cali-${name}-`))
  const port = await freePort(0)
  const endpoint = `http://127.0.0.1:${port}`
  const { module, ready } = AWS_SERVERS[name]
  const child = spawn(
    pythonOf(name),
    ['-m', module, ...(name === 'moto' ? ['-H', '127.0.0.1', '-p', String(port)] : [])],
    {
      cwd: folder,
      stdio: ['ignore', 'ignore', 'pipe'],
      // MiniStack listens on all addresses by itself.
      env: {
        ...process.env,
        BIND_HOST: '127.0.0.1',
        GATEWAY_PORT: String(port),
        STATE_DIR: join(folder, 'state'),
        S3_DATA_DIR: join(folder, 's3'),
      },
    },
  )
  let words = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    words = (words + text).slice(-2_000)
  })
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  const stop = async (): Promise<void> => {
    child.kill('SIGKILL')
    await ended
    await rm(folder, { recursive: true, force: true, maxRetries: 5 })
  }
  try {
    await answers(endpoint + ready, child)
  } catch (error) {
    await stop()
    throw new Error(`${name} does not start: ${words}`, { cause: error })
  }
  return { endpoint, stop }
}

async function answers(url: string, child: ChildProcess): Promise<void> {
  const deadline = performance.now() + READY_MS
  for (;;) {
    if (child.exitCode !== null) throw new Error(`it ended with ${child.exitCode}`)
    const response = await fetch(url, { signal: AbortSignal.timeout(2_000) }).catch(() => undefined)
    if (response?.ok === true) return
    if (performance.now() > deadline) throw new Error(`${url} does not answer`)
    await delay(50)
  }
}
