/** A real OpenSearch node on 127.0.0.1, from the jars that tools/peers-opensearch.ts fetches. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync } from 'node:fs'
import { homedir, tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { contentHash } from '../../src/platform/hash.ts'

/** What OpenSearch 3 asks for. */
const JAVA_AT_LEAST = 21
const START_MS = 120_000
const WINDOWS = process.platform === 'win32'

/** A JDK of 21 or newer: JAVA_HOME, then the one on the PATH, then where installers put them. */
export function findJdk(): string | undefined {
  const named = process.env['JAVA_HOME']
  const onPath = (process.env['PATH'] ?? '')
    .split(delimiter)
    .filter((folder) => folder !== '')
    .map((folder) => join(folder, '..'))
  const places = [
    '/usr/lib/jvm',
    '/opt/java',
    join(homedir(), '.sdkman', 'candidates', 'java'),
    '/Library/Java/JavaVirtualMachines',
    ...['Java', 'Eclipse Adoptium', 'Amazon Corretto', 'Microsoft'].map((vendor) => join('C:\\Program Files', vendor)),
  ]
  const installed = places
    .filter((place) => existsSync(place))
    .flatMap((place) =>
      readdirSync(place).flatMap((name) => [join(place, name), join(place, name, 'Contents', 'Home')]),
    )
  return [...(named === undefined || named === '' ? [] : [named]), ...onPath, ...installed]
    .filter((home) => existsSync(program(home, 'javac')))
    .map((home) => dirname(dirname(realpathSync(program(home, 'javac')))))
    .find((home) => javaVersion(home) >= JAVA_AT_LEAST)
}

/** Feature version that a JDK says of itself. */
function javaVersion(home: string): number {
  const release = join(home, 'release')
  if (!existsSync(release)) return 0
  return Number(/^JAVA_VERSION="(\d+)/m.exec(readFileSync(release, 'utf8'))?.[1] ?? 0)
}

export const program = (jdk: string, name: string): string => join(jdk, 'bin', WINDOWS ? `${name}.exe` : name)

export const sources = fileURLToPath(new URL('./opensearch/', import.meta.url))

/** Where the jars are: a folder of their own for each list of versions. */
export function installFolder(): string {
  const cache = process.env['CALI_PEERS_CACHE'] ?? join(homedir(), '.cache', 'cali-peers')
  const files = ['pom.xml', 'OpenSearchNode.java'].map((name) => readFileSync(join(sources, name), 'utf8'))
  return join(cache, `opensearch-${contentHash(files, 12)}`)
}

/** Undefined when a node can be started, else what is missing. */
export function missingForOpenSearch(): string | undefined {
  if (findJdk() === undefined) return `no JDK ${JAVA_AT_LEAST} or newer (JAVA_HOME)`
  if (!existsSync(join(installFolder(), 'lib', 'node.jar'))) return 'no jars: node tools/peers-opensearch.ts'
  return undefined
}

export interface OpenSearchServer {
  readonly url: string
  readonly port: number
  readonly pid: number
  /** Stops it as an operator would, and removes its data. */
  stop(): Promise<void>
  /** kill -9; its data stays. */
  kill(): Promise<void>
  /** The process stands still, connections stay open. */
  freeze(): void
  thaw(): void
}

export interface OpenSearchOptions {
  /** Folder of its data; absent: a temporary one. */
  readonly home?: string
  readonly port?: number
  /** Node settings, e.g. `thread_pool.write.queue_size=1`. */
  readonly settings?: readonly string[]
  readonly heap?: string
}

export async function startOpenSearch(options: OpenSearchOptions = {}): Promise<OpenSearchServer> {
  const jdk = findJdk()
  if (jdk === undefined) throw new Error(missingForOpenSearch())
  const folder = installFolder()
  const home = options.home ?? mkdtempSync(join(tmpdir(), 'cali-opensearch-'))
  const heap = options.heap ?? '512m'
  const child = spawn(
    program(jdk, 'java'),
    [
      ...javaOptions(folder, heap),
      `-XX:SharedArchiveFile=${join(folder, 'node.jsa')}`,
      ...launch(home, options.port ?? 0, options.settings ?? []),
    ],
    // It ends with this pipe: also when this process is killed.
    { stdio: ['pipe', 'pipe', 'pipe'] },
  )
  const port = await readyPort(child)
  const ended = once(child, 'exit')
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    pid: child.pid ?? 0,
    stop: async () => {
      child.kill('SIGCONT')
      child.stdin?.end()
      await ended
      if (options.home === undefined) rmSync(home, { recursive: true, force: true, maxRetries: 5 })
    },
    kill: async () => {
      child.kill('SIGKILL')
      await ended
    },
    freeze: () => void child.kill('SIGSTOP'),
    thaw: () => void child.kill('SIGCONT'),
  }
}

/** C1 alone: half the start, and speed is not what tests look at. */
export const javaOptions = (folder: string, heap: string): string[] => [
  `-Xms${heap}`,
  `-Xmx${heap}`,
  '-XX:TieredStopAtLevel=1',
  '-Xlog:disable',
  '-Xlog:all=error:stderr',
  '-Dorg.apache.logging.log4j.level=ERROR',
  '-Djava.util.logging.config.file=none',
  `-Djava.io.tmpdir=${tmpdir()}`,
  '-cp',
  join(folder, 'lib', '*'),
]

export const launch = (home: string, port: number, settings: readonly string[]): string[] => [
  'OpenSearchNode',
  home,
  String(port),
  ...settings,
]

/** Resolves with the port when the node answers; rejects with what it said when it ends instead. */
export async function readyPort(child: ChildProcess): Promise<number> {
  let errors = ''
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    errors = (errors + text).slice(-8_000)
  })
  const lines = createInterface({ input: child.stdout as NodeJS.ReadableStream })
  return new Promise((resolve, reject) => {
    const late = setTimeout(() => {
      child.kill('SIGKILL')
      reject(new Error(`the OpenSearch node was not ready within ${START_MS / 1000} s: ${errors}`))
    }, START_MS)
    lines.on('line', (line) => {
      const port = /^READY (\d+)$/.exec(line)?.[1]
      if (port === undefined) return
      clearTimeout(late)
      resolve(Number(port))
    })
    child.once('exit', (code) => {
      clearTimeout(late)
      reject(new Error(`the OpenSearch node ended with ${code}: ${errors}`))
    })
  })
}
