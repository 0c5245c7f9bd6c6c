/** Workers of the KCL runner in processes of their own, as a cluster runs them: `cali consume --runner kcl`. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { jarFaults } from '../../src/app/kcl-jars.ts'

export const kclJarsFolder = (): string =>
  join(process.env['CALI_PEERS_CACHE'] ?? join(homedir(), '.cache', 'cali-peers'), 'kcl')

/** What a run under the KCL lacks on this machine; undefined when nothing. */
export function missingForKcl(): string | undefined {
  try {
    execFileSync('java', ['-version'], { stdio: 'ignore' })
  } catch {
    return 'Java'
  }
  return jarFaults(kclJarsFolder()).length > 0 ? 'the jars of the KCL (node tools/peers-kcl.ts)' : undefined
}

export interface KclWorker {
  readonly child: ChildProcess
  /** Process id of its Java daemon, once it has one. */
  daemonPid(): number | undefined
  /** Resolves with the next line of its log that matches. */
  line(pattern: RegExp): Promise<string>
  readonly lines: readonly string[]
  /** Asks it to end, as Kubernetes does, and waits for it. */
  stop(): Promise<number | null>
  kill(signal: NodeJS.Signals): Promise<void>
}

export interface KclWorkerOptions {
  readonly name: string
  readonly folder: string
  readonly settings: Record<string, unknown>
}

const CLI = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url))

export function startKclWorker({ name, folder, settings }: KclWorkerOptions): KclWorker {
  const file = join(folder, `${name}.yaml`)
  writeFileSync(file, JSON.stringify({ ...settings, dataDir: join(folder, name), logLevel: 'debug' }))
  const child = spawn(process.execPath, [CLI, '--config', file, 'consume', '--runner', 'kcl', '--port', '0'], {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { ...process.env, CALI_KCL_WORKER_ID: name },
  })
  const lines: string[] = []
  const waiting: { pattern: RegExp; resolve: (line: string) => void; reject: (error: Error) => void }[] = []
  createInterface({ input: child.stderr }).on('line', (line) => {
    lines.push(line)
    for (const waiter of waiting.filter(({ pattern }) => pattern.test(line))) {
      waiting.splice(waiting.indexOf(waiter), 1)
      waiter.resolve(line)
    }
  })
  const ended = once(child, 'exit').then(([code]) => {
    for (const waiter of waiting.splice(0))
      waiter.reject(new Error(`${name} ended (${code}):\n${lines.slice(-25).join('\n')}`))
    return code as number | null
  })
  return {
    child,
    lines,
    daemonPid: () => childrenOf(child.pid ?? 0).find((pid) => commandOf(pid).includes('MultiLangDaemon')),
    line: (pattern) => {
      const found = lines.find((line) => pattern.test(line))
      if (found !== undefined) return Promise.resolve(found)
      return new Promise((resolve, reject) => waiting.push({ pattern, resolve, reject }))
    },
    stop: async () => {
      child.kill('SIGTERM')
      return ended
    },
    kill: async (signal) => {
      child.kill(signal)
      if (signal === 'SIGKILL') await ended
    },
  }
}

const ps = (...args: string[]): string => execFileSync('ps', args, { encoding: 'utf8' })
const commandOf = (pid: number): string => ps('-o', 'args=', '-p', String(pid))
const childrenOf = (pid: number): number[] => {
  try {
    return ps('-o', 'pid=', '--ppid', String(pid)).trim().split(/\s+/).filter(Boolean).map(Number)
  } catch {
    return []
  }
}
