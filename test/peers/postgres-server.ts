/** A throw-away PostgreSQL: its own cluster in a temporary folder, on a free port of loopback, as a direct child. */
import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, chownSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import pg from 'pg'
import { freePort } from '../../src/app/local-kinesis.ts'

const DEBIAN = '/usr/lib/postgresql'
const READY_MS = 60_000
const FAST = ['fsync=off', 'synchronous_commit=off', 'full_page_writes=off', 'autovacuum=off']

export interface PostgresServer {
  readonly url: string
  readonly port: number
  /** SIGKILL to the server and its backends, as a crash. */
  kill(): Promise<void>
  /** The same cluster again, on the same port. */
  start(): Promise<void>
  stop(): Promise<void>
}

/** The folder of initdb and postgres; undefined where PostgreSQL is not installed. */
export function findPostgres(): string | undefined {
  const installed = existsSync(DEBIAN)
    ? readdirSync(DEBIAN)
        .sort((a, b) => Number(b) - Number(a))
        .map((version) => join(DEBIAN, version, 'bin'))
    : []
  return [...installed, '/usr/local/bin', '/opt/homebrew/bin'].find(
    (folder) => existsSync(join(folder, 'initdb')) && existsSync(join(folder, 'postgres')),
  )
}

export async function startPostgres(options: { durable?: boolean } = {}): Promise<PostgresServer> {
  const bin = findPostgres()
  if (bin === undefined) throw new Error('PostgreSQL is not installed')
  const folder = mkdtempSync(join(tmpdir(), 'cali-pg-'))
  const data = join(folder, 'data')
  // The server refuses to run as root.
  const root = process.getuid?.() === 0
  if (root) {
    const id = (flag: string): number => Number(execFileSync('id', [flag, 'postgres'], { encoding: 'utf8' }))
    chownSync(folder, id('-u'), id('-g'))
  }
  chmodSync(folder, 0o700)
  const as = (program: string, args: readonly string[]): [string, string[]] =>
    root
      ? [
          'setpriv',
          [
            '--reuid=postgres',
            '--regid=postgres',
            '--clear-groups',
            '--pdeathsig',
            'SIGINT',
            join(bin, program),
            ...args,
          ],
        ]
      : [join(bin, program), [...args]]
  const [initdb, initArgs] = as('initdb', [
    ...['-D', data, '-U', 'cali', '--auth=trust', '-E', 'UTF8', '--locale=C.UTF-8', '--no-instructions', '--no-sync'],
  ])
  execFileSync(initdb, initArgs, { stdio: 'ignore', cwd: tmpdir() })
  const port = await freePort(0)
  const url = `postgres://cali@127.0.0.1:${port}/cali`
  const adminUrl = `postgres://cali@127.0.0.1:${port}/postgres`
  let child: ChildProcess | undefined
  const start = async (): Promise<void> => {
    const settings = [
      'listen_addresses=127.0.0.1',
      `port=${port}`,
      `unix_socket_directories=${folder}`,
      'shared_buffers=64MB',
      'max_connections=60',
      ...(options.durable === true ? [] : FAST),
    ]
    const [postgres, args] = as('postgres', ['-D', data, ...settings.flatMap((setting) => ['-c', setting])])
    for (const deadline = performance.now() + READY_MS; ; await delay(50)) {
      const server = spawn(postgres, args, { stdio: ['ignore', 'ignore', 'pipe'], cwd: tmpdir() })
      child = server
      let words = ''
      server.stderr.setEncoding('utf8').on('data', (text: string) => {
        words = (words + text).slice(-2_000)
      })
      if (await isReady(adminUrl, server, deadline)) return
      // A backend that outlives a killed server holds its memory, and until it ends the server refuses to start.
      if (performance.now() > deadline) throw new Error(`PostgreSQL does not start: ${words}`)
    }
  }
  await start()
  const admin = new pg.Client({ connectionString: adminUrl })
  await admin.connect()
  await admin.query('create database cali')
  await admin.end()
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return
    const exit = once(child, 'exit')
    const backends = signal === 'SIGKILL' ? childrenOf(child.pid as number) : []
    child.kill(signal)
    await exit
    for (const backend of backends) killIfThere(backend)
  }
  return {
    url,
    port,
    start,
    kill: () => end('SIGKILL'),
    stop: async () => {
      await end('SIGINT')
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** Backends lead sessions of their own, so no group holds them. */
function childrenOf(pid: number): number[] {
  const { error, stdout } = spawnSync('pgrep', ['-P', String(pid)], { encoding: 'utf8' })
  return error === undefined ? stdout.split('\n').filter(Boolean).map(Number) : []
}

function killIfThere(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    // It ended with the server.
  }
}

/** Asks until the server answers; false when it has ended. */
async function isReady(url: string, server: ChildProcess, deadline: number): Promise<boolean> {
  while (server.exitCode === null && server.signalCode === null) {
    // Without a limit, one connection that meets nobody would be waited for without end.
    const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 2_000 })
    client.on('error', () => undefined)
    try {
      await client.connect()
      await client.end()
      return true
    } catch (error) {
      await client.end().catch(() => undefined)
      if (performance.now() > deadline) throw error
      await delay(10)
    }
  }
  return false
}
