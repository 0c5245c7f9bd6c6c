/** Triage of a big file: whole process, time and peak memory. CALI_BENCH_TRIAGE_MB sets the size (default 1024). */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createWriteStream } from 'node:fs'
import { mkdtemp, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { formatText } from '../src/generate/format.ts'
import { createGenerator } from '../src/generate/generator.ts'
import { type Figure, figure } from './measure.ts'

const MEGABYTES = Number(process.env['CALI_BENCH_TRIAGE_MB'] ?? 1024)
const MAIN = fileURLToPath(new URL('../bin/cali.js', import.meta.url))

export async function benchTriage(): Promise<Figure[]> {
  const folder = await mkdtemp(join(tmpdir(), 'cali-bench-'))
  try {
    const path = join(folder, 'big.log')
    await writeLog(path)
    const bytes = (await stat(path)).size
    const start = performance.now()
    const child = spawn(process.execPath, ['--import', reporter(folder), MAIN, 'triage', '--json', path], {
      stdio: ['ignore', 'ignore', 'pipe'],
    })
    let errors = ''
    child.stderr.on('data', (chunk) => {
      errors += String(chunk)
    })
    await once(child, 'exit')
    const seconds = (performance.now() - start) / 1000
    const peak = Number(/PEAK (\d+)/.exec(errors)?.[1] ?? 0)
    return [
      figure(`triage: ${(bytes / 1e6).toFixed(0)} MB text file, whole process`, 's', [seconds]),
      figure('triage: throughput', 'MB/s', [bytes / 1e6 / seconds]),
      figure('triage: peak memory', 'MB', [peak / 1024]),
    ]
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

async function writeLog(path: string): Promise<void> {
  const file = createWriteStream(path)
  const generator = createGenerator({ seed: 5, scenarios: ['all'], rate: 2_000, startAt: 1_790_000_000_000 })
  let written = 0
  for (let until = 1_790_000_000_000; written < MEGABYTES * 1024 * 1024; ) {
    until += 5_000
    const chunk = `${generator.advance(until).flatMap(formatText).join('\n')}\n`
    written += Buffer.byteLength(chunk)
    if (!file.write(chunk)) await once(file, 'drain')
  }
  file.end()
  await once(file, 'finish')
}

/** Code that prints the peak memory at the end of the measured process. */
const reporter = (_folder: string): string =>
  `data:text/javascript,process.on('exit',()=>process.stderr.write('PEAK '+process.resourceUsage().maxRSS))`
