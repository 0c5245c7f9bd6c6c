/**
 * Soak: an hour of load through the whole system in a minute or two, by a clock that runs ahead: decode, redact, group,
 * archive in a folder, incidents and search in SQLite, messages to the preview. Pods are replaced every minute. Printed is
 * the memory over that hour, and its slope behind the first third: memory that is bounded has none.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { configSchema } from '../src/app/config.ts'
import { type System, startSystem } from '../src/app/system.ts'
import { createManualClock } from '../src/platform/clock.ts'
import { silentLogger } from '../src/platform/logger.ts'
import { type Figure, figure } from './measure.ts'
import { recordLines } from './records.ts'

const MINUTES = Number(process.env['CALI_BENCH_SOAK_MINUTES'] ?? 60)
const RECORDS_PER_SECOND = Number(process.env['CALI_BENCH_SOAK_RATE'] ?? 250)
const FROM = Date.UTC(2026, 0, 20)
/** Batches on their way: HTTP senders wait for the archive, several do at a time. */
const IN_FLIGHT = 8
const MB = 1e6

interface Sample {
  readonly minute: number
  readonly rss: number
  /** In use behind a full collection. */
  readonly heap: number
}

export async function benchSoak(): Promise<Figure[]> {
  const folder = await mkdtemp(join(tmpdir(), 'cali-bench-'))
  const clock = createManualClock(FROM)
  const system = await startSystem({
    config: configSchema.parse({ dataDir: folder, lang: 'en', timeZone: 'UTC' }),
    clock,
    logger: silentLogger,
    random: Math.random,
    publicUrl: 'http://127.0.0.1:7070',
  })
  try {
    const start = performance.now()
    const samples: Sample[] = []
    for (let minute = 0; minute < MINUTES; minute++) {
      await sendMinute(system, clock, minute)
      samples.push({ minute, ...memoryNow() })
      if (minute % 10 === 9) show(samples.at(-1) as Sample)
    }
    const seconds = (performance.now() - start) / 1000
    const { incidents, received } = await counts(system)
    console.log(`soak: ${received} records, ${incidents} incidents, ${MINUTES} minutes in ${seconds.toFixed(0)} s`)
    const later = samples.slice(Math.floor(samples.length / 3))
    return [
      figure(
        'soak: resident memory',
        'MB',
        samples.map((sample) => sample.rss / MB),
      ),
      figure(
        'soak: heap in use',
        'MB',
        samples.map((sample) => sample.heap / MB),
      ),
      figure('soak: slope of resident memory', 'MB/hour', [slope(later, 'rss') * (60 / MB)]),
      figure('soak: slope of the heap in use', 'MB/hour', [slope(later, 'heap') * (60 / MB)]),
    ]
  } finally {
    await system.stop()
    await rm(folder, { recursive: true, force: true, maxRetries: 5 })
  }
}

async function sendMinute(system: System, clock: { set(at: number): void }, minute: number): Promise<void> {
  const begin = FROM + minute * 60_000
  // A seed of its own: other pods, other ids.
  const lines = recordLines({ count: RECORDS_PER_SECOND * 60, from: begin, seed: minute + 1 })
  const waiting = new Set<Promise<unknown>>()
  for (let second = 0; second < 60; second++) {
    const at = begin + second * 1_000
    clock.set(at)
    const part = lines.slice(second * RECORDS_PER_SECOND, (second + 1) * RECORDS_PER_SECOND)
    const data = Buffer.from(part.map((line) => line.text).join('\n'))
    const sent: Promise<unknown> = system
      .ingest({ stream: 'http', shard: '', records: [{ sequence: String(at), arrivedAt: at, data }] })
      .then((result) => {
        if (result.accepted !== part.length) throw new Error(`${result.accepted} of ${part.length} records accepted`)
        waiting.delete(sent)
      })
    waiting.add(sent)
    if (waiting.size >= IN_FLIGHT) await Promise.race(waiting)
  }
  await Promise.all(waiting)
}

async function counts(system: System): Promise<{ incidents: number; received: number }> {
  const row = await system.state.db
    .selectFrom('incidents')
    .select((eb) => eb.fn.countAll<number>().as('n'))
    .executeTakeFirstOrThrow()
  return { incidents: Number(row.n), received: (await system.ledger()).decode.received }
}

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as () => void

function memoryNow(): { rss: number; heap: number } {
  const rss = process.memoryUsage.rss()
  collect()
  return { rss, heap: process.memoryUsage().heapUsed }
}

const show = ({ minute, rss, heap }: Sample): void =>
  console.log(
    `soak: after ${minute + 1} minutes ${(rss / MB).toFixed(0)} MB resident, ${(heap / MB).toFixed(0)} MB of heap in use`,
  )

/** Bytes per minute: least squares. */
function slope(samples: readonly Sample[], of: 'rss' | 'heap'): number {
  const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length
  const [x, y] = [mean(samples.map((sample) => sample.minute)), mean(samples.map((sample) => sample[of]))]
  const over = samples.reduce((sum, sample) => sum + (sample.minute - x) * (sample[of] - y), 0)
  return (
    over /
    Math.max(
      samples.reduce((sum, sample) => sum + (sample.minute - x) ** 2, 0),
      1,
    )
  )
}
