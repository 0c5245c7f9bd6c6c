/** Cold start: from the command to the first incident, on an installed checkout, as `npm start` runs it. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { type Figure, figure } from './measure.ts'

const ROUNDS = 3
const MAIN = fileURLToPath(new URL('../bin/cali.js', import.meta.url))

export async function benchColdStart(): Promise<Figure[]> {
  const seconds: number[] = []
  for (let round = 0; round < ROUNDS; round++) {
    const folder = await mkdtemp(join(tmpdir(), 'cali-bench-'))
    const start = performance.now()
    const child = spawn(process.execPath, [MAIN, 'dev', '--data-dir', folder, '--port', '0'], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    for await (const line of createInterface({ input: child.stdout })) {
      if ((JSON.parse(line) as { event: string }).event !== 'opened') continue
      seconds.push((performance.now() - start) / 1000)
      break
    }
    const exit = once(child, 'exit')
    child.kill('SIGTERM')
    await exit
    await rm(folder, { recursive: true, force: true, maxRetries: 5 })
  }
  return [figure('cold start: command to first incident', 's', seconds)]
}
