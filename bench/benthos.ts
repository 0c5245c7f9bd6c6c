/** Benthos beside CALI: builds `bench/benthos` with the Go toolchain that is there. */
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { type Contender, startContender } from './rounds.ts'

const SOURCE = join(import.meta.dirname, 'benthos')
export const PATTERNS_FILE = join(import.meta.dirname, 'redaction-patterns.json')

/** Undefined, with one loud line, where it cannot be built. `folder` takes the program. */
export function startBenthos(folder: string, linesFile: string, batchSize: number): Contender | undefined {
  const program = join(folder, process.platform === 'win32' ? 'benthos.exe' : 'benthos')
  const build = spawnSync('go', ['build', '-o', program, '.'], { cwd: SOURCE, encoding: 'utf8' })
  if (build.status !== 0) {
    const reason = build.error === undefined ? build.stderr.trim().split('\n').at(-1) : 'no Go (https://go.dev/dl)'
    console.log(`BENTHOS NOT MEASURED: ${reason}`)
    return undefined
  }
  return startContender(program, [linesFile, PATTERNS_FILE, String(batchSize)], { GOMAXPROCS: '1' })
}
