import { createWriteStream } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Command } from 'commander'
import { createAnswerKey } from '../../generate/answer-key.ts'
import type { GeneratedEvent } from '../../generate/event.ts'
import { formatCri, formatJson, formatText } from '../../generate/format.ts'
import { chooseScenarios, createGenerator } from '../../generate/generator.ts'
import { createKinesisOutput } from '../../generate/kinesis-output.ts'
import { createRandom } from '../../generate/random.ts'

interface Flags {
  readonly scenario: readonly string[]
  readonly rate: string
  readonly count?: string
  readonly for?: string
  readonly seed: string
  readonly format?: string
  readonly out?: string
  readonly endpoint?: string
  readonly region: string
  readonly labels?: string
  readonly realtime?: boolean
  readonly start?: string
  readonly force?: boolean
}

/** A value the user can correct: exit code 2. */
class UsageError extends Error {
  override readonly name = 'UsageError'
}

interface Plan {
  readonly scenarios: readonly string[]
  readonly rate: number
  readonly seed: number
  readonly startAt: number
  /** Most events. */
  readonly count: number
  /** Log time at which to stop, Unix milliseconds. */
  readonly endAt: number
  readonly realtime: boolean
  readonly format: (event: GeneratedEvent) => readonly string[]
}

const FORMATS: Readonly<Record<string, Plan['format']>> = {
  text: formatText,
  json: (event) => [formatJson(event)],
  cri: formatCri,
}
const KINESIS = 'kinesis:'
const DEFAULT_COUNT = 1000
// Fixed, so that one seed gives one file on any day.
const DEFAULT_START = '2026-01-20T11:00:00Z'
const UNIT_MS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 }
const CHUNK_EVENTS = 5000
const TICK_MS = 100

export function registerGenerate(program: Command): void {
  program
    .command('generate')
    .description('write labelled logs of an imagined shop: seven services, their failures, everyday noise')
    .option('--scenario <ids...>', 'scenario ids, or all, healthy, deploy, cascade', ['all'])
    .option('--rate <events>', 'events a second of log time', '50')
    .option('--count <n>', `how many events (default: ${DEFAULT_COUNT}, endless with --realtime)`)
    .option('--for <duration>', 'how much log time instead of a count, such as 30s, 5m, 2h')
    .option('--seed <n>', 'the same seed gives the same bytes', '1')
    .option('--format <name>', 'text, json or cri (default: text)')
    .option('--out <target>', 'a file, or kinesis:<stream> (default: standard output)')
    .option('--endpoint <url>', 'Kinesis endpoint, for a local server')
    .option('--region <name>', 'AWS region of the stream', 'ap-northeast-2')
    .option('--labels <file>', 'also write one JSON line of truth for each event')
    .option('--realtime', 'write each event at its time, not as fast as possible')
    .option('--start <time>', `time of the first event, ISO 8601 (default: ${DEFAULT_START}, now with --realtime)`)
    .option('--force', 'overwrite files that exist')
    .action(async (flags: Flags, command: Command) => {
      try {
        await generate(flags)
      } catch (error) {
        if (error instanceof UsageError) command.error(`cali generate: ${error.message}`, { exitCode: 2 })
        throw error
      }
    })
}

async function generate(flags: Flags): Promise<void> {
  const plan = planOf(flags, Date.now())
  const target = await openTarget(flags, plan)
  const labels = flags.labels === undefined ? undefined : await openFile(flags.labels, flags.force === true, '--labels')
  const stop = new AbortController()
  const interrupt = (): void => stop.abort()
  process.once('SIGINT', interrupt)
  process.once('SIGTERM', interrupt)

  let events = 0
  const key = createAnswerKey()
  const began = Date.now()
  try {
    for await (const batch of batches(plan, stop.signal)) {
      const sizes = await target.write(batch, stop.signal)
      events += batch.length
      await labels?.write(batch.map((event, i) => `${key.entry(event, sizes[i] ?? 1)}\n`).join(''))
      if (target.closed()) break
    }
  } catch (error) {
    if (!stop.signal.aborted) throw error
  } finally {
    process.off('SIGINT', interrupt)
    process.off('SIGTERM', interrupt)
    await target.close()
    await labels?.close()
  }
  if (flags.out !== undefined) {
    console.error(`${events} events to ${flags.out} in ${((Date.now() - began) / 1000).toFixed(1)} s`)
  }
}

function planOf(flags: Flags, now: number): Plan {
  const scenarios = flags.scenario.flatMap((word) => word.split(',')).filter((word) => word !== '')
  if (scenarios.length === 0) throw new UsageError('--scenario: name at least one, or healthy')
  try {
    chooseScenarios(scenarios)
  } catch (error) {
    if (error instanceof RangeError) throw new UsageError(`--scenario: ${error.message}`)
    throw error
  }
  const format = FORMATS[flags.format ?? 'text']
  if (format === undefined) throw new UsageError(`--format ${flags.format}: accepted are text, json, cri`)
  if (flags.format !== undefined && flags.out?.startsWith(KINESIS)) {
    throw new UsageError('--format does not apply to kinesis:<stream>, which takes the records Fluent Bit sends')
  }
  if (flags.count !== undefined && flags.for !== undefined) throw new UsageError('give --count or --for, not both')
  const realtime = flags.realtime === true
  const startAt = flags.start === undefined ? (realtime ? now : Date.parse(DEFAULT_START)) : timeOf(flags.start)
  const endless = realtime || flags.for !== undefined
  return {
    scenarios,
    rate: numberOf('--rate', flags.rate, 0.01, 1_000_000),
    seed: wholeOf('--seed', flags.seed, 0, 4_294_967_295),
    startAt,
    count: flags.count === undefined ? (endless ? Infinity : DEFAULT_COUNT) : wholeOf('--count', flags.count, 1, 1e9),
    endAt: flags.for === undefined ? Infinity : startAt + durationOf(flags.for),
    realtime,
    format,
  }
}

function numberOf(flag: string, text: string, min: number, max: number): number {
  const value = Number(text)
  if (text.trim() === '' || !(value >= min && value <= max)) {
    throw new UsageError(`${flag} ${text}: accepted is a number from ${min} to ${max}`)
  }
  return value
}

function wholeOf(flag: string, text: string, min: number, max: number): number {
  const value = Number(text)
  if (!/^\d+$/.test(text) || value < min || value > max) {
    throw new UsageError(`${flag} ${text}: accepted is a whole number from ${min} to ${max}`)
  }
  return value
}

function durationOf(text: string): number {
  const [, amount, unit] = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/.exec(text) ?? []
  const value = Number(amount) * (UNIT_MS[unit ?? ''] ?? Number.NaN)
  if (!(value > 0)) throw new UsageError(`--for ${text}: accepted is a number and ms, s, m, h or d, such as 30s or 5m`)
  return value
}

function timeOf(text: string): number {
  const value = Date.parse(text)
  if (Number.isNaN(value))
    throw new UsageError(`--start ${text}: accepted is an ISO 8601 time such as ${DEFAULT_START}`)
  return value
}

async function* batches(plan: Plan, signal: AbortSignal): AsyncGenerator<readonly GeneratedEvent[]> {
  const generator = createGenerator(plan)
  const began = Date.now()
  const step = Math.min(60_000, Math.max(250, (CHUNK_EVENTS / plan.rate) * 1000))
  let left = plan.count
  let until = plan.startAt
  while (left > 0 && until < plan.endAt && !signal.aborted) {
    if (plan.realtime) await sleep(TICK_MS, undefined, { signal })
    until = Math.min(plan.endAt, plan.realtime ? plan.startAt + Date.now() - began : until + step)
    const events = generator.advance(until)
    const batch = events.length > left ? events.slice(0, left) : events
    left -= batch.length
    if (batch.length > 0) yield batch
  }
}

interface Target {
  /** Resolves with the number of physical lines of each event. */
  write(events: readonly GeneratedEvent[], signal: AbortSignal): Promise<readonly number[]>
  /** The reader went away (`| head`): nothing more is wanted, and nothing is wrong. */
  closed(): boolean
  close(): Promise<void>
}

async function openTarget(flags: Flags, plan: Plan): Promise<Target> {
  if (flags.out?.startsWith(KINESIS)) return openStream(flags, plan)
  const file = flags.out === undefined ? standardOutput() : await openFile(flags.out, flags.force === true, '--out')
  return {
    write: async (events) => {
      const texts = events.map(plan.format)
      await file.write(texts.map((lines) => `${lines.join('\n')}\n`).join(''))
      return texts.map((lines) => lines.length)
    },
    closed: file.closed,
    close: file.close,
  }
}

function openStream(flags: Flags, plan: Plan): Target {
  const stream = flags.out?.slice(KINESIS.length) ?? ''
  if (stream === '') throw new UsageError('--out kinesis: needs a stream name, such as kinesis:cali-logs')
  const { endpoint, region } = flags
  if (endpoint !== undefined && !URL.canParse(endpoint)) {
    throw new UsageError(`--endpoint ${endpoint}: accepted is a URL such as http://127.0.0.1:4567`)
  }
  const local = endpoint !== undefined && /^(localhost|127\.|\[::1\])/.test(new URL(endpoint).hostname)
  const output = createKinesisOutput({
    region,
    stream,
    random: createRandom(plan.seed).next,
    ...(endpoint === undefined ? {} : { endpoint }),
    // A local server wants a signature but does not check it.
    ...(local ? { credentials: { accessKeyId: 'local', secretAccessKey: 'local' } } : {}),
  })
  return {
    write: async (events, signal) => {
      await output.write(events, signal)
      return events.map(() => 1)
    },
    closed: () => false,
    close: async () => output.close(),
  }
}

interface TextFile {
  write(text: string): Promise<void>
  closed(): boolean
  close(): Promise<void>
}

function standardOutput(): TextFile {
  let closed = false
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error
    closed = true
  })
  return {
    write: (text) => new Promise((done) => (closed ? done() : process.stdout.write(text, () => done()))),
    closed: () => closed,
    close: async () => {},
  }
}

async function openFile(path: string, force: boolean, flag: string): Promise<TextFile> {
  const stream = createWriteStream(path, { flags: force ? 'w' : 'wx' })
  await new Promise<void>((opened, failed) => {
    stream.once('open', () => opened())
    stream.once('error', (error: NodeJS.ErrnoException) =>
      failed(
        new UsageError(
          error.code === 'EEXIST'
            ? `${flag} ${path} exists; --force overwrites it`
            : `${flag} ${path}: ${error.message}`,
        ),
      ),
    )
  })
  return {
    write: (text) => new Promise((done, failed) => stream.write(text, (error) => (error ? failed(error) : done()))),
    closed: () => false,
    close: () => new Promise((done, failed) => stream.end((error?: Error | null) => (error ? failed(error) : done()))),
  }
}
