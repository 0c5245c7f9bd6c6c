/** The program as a person starts it: `node bin/cali.js …` as a child process. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

const MAIN = fileURLToPath(new URL('../../bin/cali.js', import.meta.url))

export interface Run {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

/** Runs to its end; `input` goes to stdin. */
export async function runCali(
  args: readonly string[],
  options: { input?: string | Uint8Array; env?: Record<string, string> } = {},
): Promise<Run> {
  const child = spawn(process.execPath, [MAIN, ...args], {
    stdio: ['pipe', 'pipe', 'pipe'],
    env: { ...process.env, NO_COLOR: '1', ...options.env },
  })
  let stdout = ''
  let stderr = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text
  })
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text
  })
  child.stdin.on('error', () => undefined)
  child.stdin.end(options.input ?? '')
  const [code] = (await once(child, 'close')) as [number | null]
  return { code, stdout, stderr }
}

export interface RunningCali {
  readonly child: ChildProcess
  /** Events that it printed so far. */
  readonly events: readonly Record<string, unknown>[]
  /** The first event of this name, now or later. */
  event(name: string): Promise<Record<string, unknown>>
  /** Waits for the end. */
  exit(): Promise<number | null>
}

/** Starts a long-running command; its output is JSON lines, because stdout is no terminal. */
export function startCali(args: readonly string[], env: Readonly<Record<string, string>> = {}): RunningCali {
  const child = spawn(process.execPath, [MAIN, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, NO_COLOR: '1', ...env },
  })
  const events: Record<string, unknown>[] = []
  const waiting = new Map<string, ((event: Record<string, unknown>) => void)[]>()
  let errors = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    errors += text
  })
  const ended = once(child, 'close') as Promise<[number | null]>
  createInterface({ input: child.stdout }).on('line', (line) => {
    const event = JSON.parse(line) as Record<string, unknown>
    events.push(event)
    for (const tell of waiting.get(String(event['event'])) ?? []) tell(event)
    waiting.delete(String(event['event']))
  })
  return {
    child,
    events,
    event: (name) => {
      const known = events.find((event) => event['event'] === name)
      if (known !== undefined) return Promise.resolve(known)
      return new Promise((resolve, reject) => {
        waiting.set(name, [...(waiting.get(name) ?? []), resolve])
        void ended.then(() => reject(new Error(`ended before "${name}": ${errors}`)))
      })
    },
    exit: async () => (await ended)[0],
  }
}
