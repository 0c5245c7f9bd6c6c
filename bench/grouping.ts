/** Grouping: messages to patterns, stack traces to fingerprints, raw bytes to groups; beside Drain3 where it is installed. */
import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { dataFolder } from '../eval/data.ts'
import { createGenerator } from '../src/generate/generator.ts'
import { createEventReader } from '../src/pipeline/decode/event-reader.ts'
import { readText } from '../src/pipeline/decode/record-reader.ts'
import { createFingerprinter } from '../src/pipeline/group/fingerprint.ts'
import { createPatternMiner } from '../src/pipeline/group/pattern-miner.ts'
import { type LogRecord, SEVERITY } from '../src/pipeline/record.ts'
import { type Figure, figure, ratePerSecond } from './measure.ts'

const EVENTS = 30_000
const ROUNDS = 5
/** A round must be longer than the noise of the machine. */
const REPEATS = 20
const NEW_SHAPES = 20_000

export function benchGrouping(): Figure[] {
  const events = createGenerator({ seed: 3, scenarios: ['all'], rate: 1_000, startAt: 1_790_000_000_000 }).advance(
    1_790_000_000_000 + EVENTS,
  )
  const { messages, raw, of } = labelledLines() ?? generatedLines(events.map((event) => event.text))
  const position = { stream: 'bench', shard: '0', sequence: '1', sub: 0, line: 0 }
  const traces = events
    .filter((event) => event.text.includes('\n'))
    .map((event) =>
      readText(
        event.text,
        { position, observedAt: 0, zone: { offsetMinutes: 540, now: 0 } },
        { service: event.service, severity: SEVERITY.ERROR },
      ),
    )
  const miner = createPatternMiner()
  const fingerprint = createFingerprinter(miner)
  const ours = ratePerSecond(messages.length * REPEATS, ROUNDS, () => {
    for (let i = 0; i < REPEATS; i++) for (const message of messages) miner.learn('bench', message)
  })
  const bytes = Buffer.from(`${raw.join('\n')}\n`)
  const figures = [
    figure(`grouping: message to pattern (${of})`, 'lines/s', ours),
    figure(
      `grouping: bytes to group (${of})`,
      'lines/s',
      ratePerSecond(raw.length, ROUNDS, () => void bytesToGroups(bytes)),
    ),
    figure(
      'grouping: stack trace to fingerprint',
      'events/s',
      ratePerSecond(traces.length, ROUNDS, () => void fingerprint(traces)),
    ),
    figure('grouping: new shapes (hostile)', 'lines/s', ratePerSecond(NEW_SHAPES, ROUNDS, learnNewShapes)),
  ]
  const theirs = drain3(messages)
  if (theirs !== undefined)
    figures.push(
      figure('grouping: Drain3 defaults, same lines', 'lines/s', theirs),
      figure('grouping: times Drain3', 'x', [median(ours) / median(theirs)]),
    )
  return figures
}

/** Splits, joins, reads headers and groups, as a stream of raw lines goes through the pipeline. */
function bytesToGroups(bytes: Buffer): number {
  const reader = createEventReader({
    source: 'bench',
    zone: { offsetMinutes: 0, now: 0 },
    observedAt: 0,
    defaultService: 'bench',
  })
  const fingerprint = createFingerprinter()
  let records: LogRecord[] = []
  let groups = 0
  for (const line of bytes.toString('utf8').split('\n')) {
    for (const record of reader.push(line)) records.push(record)
    if (records.length >= 1_000) {
      groups += fingerprint(records).length
      records = []
    }
  }
  return groups + fingerprint([...records, ...reader.flush()]).length
}

const median = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[values.length >> 1] ?? 0

const letters = (n: number): string => n.toString(36).replace(/\d/g, (digit) => 'ghijklmnop'[Number(digit)] as string)

function learnNewShapes(): void {
  const miner = createPatternMiner()
  for (let i = 0; i < NEW_SHAPES; i++)
    miner.learn('bench', `${letters(i * 7_919)} broke ${letters(i * 104_729)} in ${i % 31} parts of ${letters(i)}`)
}

interface Lines {
  readonly messages: readonly string[]
  readonly raw: readonly string[]
  readonly of: string
}

/** The labelled lines of eight systems, where they are: the same that published speeds are for. */
function labelledLines(): Lines | undefined {
  const folder = join(dataFolder(), 'grouping', 'loghub_2k')
  if (!existsSync(folder)) return undefined
  const rows = readdirSync(folder)
    .filter((name) => name.endsWith('.jsonl.gz'))
    .sort()
    .flatMap((name) =>
      gunzipSync(readFileSync(join(folder, name)))
        .toString('utf8')
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as { content: string; raw: string }),
    )
  return {
    // Flat strings, as they come from a decoder.
    messages: rows.map((row) => Buffer.from(row.content).toString('utf8')),
    raw: rows.map((row) => row.raw),
    of: 'loghub_2k, 8 systems',
  }
}

function generatedLines(texts: readonly string[]): Lines {
  const messages = texts.map((text) => text.split('\n', 1)[0] as string)
  return { messages, raw: texts.flatMap((text) => text.split('\n')), of: 'generated' }
}

/** CALI_BENCH_PYTHON names a Python in which drain3 is installed. */
function drain3(messages: readonly string[]): readonly number[] | undefined {
  const python = process.env['CALI_BENCH_PYTHON'] ?? 'python3'
  const run = spawnSync(python, [join(import.meta.dirname, 'drain3_baseline.py'), String(ROUNDS)], {
    input: messages.map((message) => message.replaceAll('\n', ' ')).join('\n'),
    encoding: 'utf8',
  })
  const rates = (run.stdout ?? '').trim().split(' ').map(Number)
  if (run.status === 0 && rates.every((rate) => rate > 0)) return rates
  console.log('grouping: Drain3 not measured: pip install drain3, and name its Python in CALI_BENCH_PYTHON')
  return undefined
}
