/** A server as a child of the test: told by its first line of output that it listens, and where. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'

export interface ChildServer {
  readonly port: number
  /** Stops answering without closing (SIGSTOP); not on Windows. */
  pause(): void
  resume(): void
  /** Ends at once, as a crash does. */
  kill(): Promise<void>
  stop(): Promise<void>
}

export async function startChildServer(
  program: string,
  args: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Promise<ChildServer> {
  const child = spawn(program, [...args], {
    stdio: ['pipe', 'pipe', 'pipe'],
    env: { ...process.env, PYTHONUNBUFFERED: '1', ...environment },
  })
  let said = ''
  child.stderr.on('data', (part: Buffer) => {
    said = `${said}${part}`.slice(-2_000)
  })
  const gone = once(child, 'exit')
  const port = await Promise.race([
    once(createInterface({ input: child.stdout }), 'line').then(([line]) => Number(line)),
    gone.then(() => Promise.reject(new Error(`${args[0]} did not start: ${said}`))),
  ])
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    if (child.exitCode === null && child.signalCode === null) {
      child.stdin.end()
      child.kill(signal)
    }
    await gone
  }
  return {
    port,
    pause: () => child.kill('SIGSTOP'),
    resume: () => child.kill('SIGCONT'),
    kill: () => end('SIGKILL'),
    stop: () => end('SIGTERM'),
  }
}
