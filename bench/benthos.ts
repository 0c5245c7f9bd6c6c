/** Benthos beside CALI: builds `bench/benthos` with the Go toolchain that is there, and runs it round by round. */
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Taken } from './measure.ts'

export interface BenthosRound extends Taken {
  readonly records: number
  readonly kept: number
}

export interface Benthos {
  round(): Promise<BenthosRound>
  stop(): Promise<void>
}

const SOURCE = join(import.meta.dirname, 'benthos')
export const PATTERNS_FILE = join(import.meta.dirname, 'redaction-patterns.json')

/** Undefined, with one loud line, where it cannot be built. `folder` takes the program. */
export function buildBenthos(folder: string): string | undefined {
  const program = join(folder, process.platform === 'win32' ? 'benthos.exe' : 'benthos')
  const build = spawnSync('go', ['build', '-o', program, '.'], { cwd: SOURCE, encoding: 'utf8' })
  if (build.status === 0) return program
  const reason = build.error === undefined ? build.stderr.trim().split('\n').at(-1) : 'no Go (https://go.dev/dl)'
  console.log(`BENTHOS NOT MEASURED: ${reason}`)
  return undefined
}

export function startBenthos(program: string, linesFile: string, batchSize: number): Benthos {
  const child = spawn(program, [linesFile, PATTERNS_FILE, String(batchSize)], {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: { ...process.env, GOMAXPROCS: '1' },
  })
  const answers = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  const exit = once(child, 'exit')
  return {
    round: async () => {
      child.stdin.write('round\n')
      const { value, done } = await answers.next()
      if (done === true) throw new Error('Benthos ended before it answered')
      return JSON.parse(value) as BenthosRound
    },
    stop: async () => {
      child.stdin.end()
      await exit
    },
  }
}
