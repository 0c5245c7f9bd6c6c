/**
 * Consumer: what one core does with records of Fluent Bit.
 *
 * A  parse, keep errors and warnings, redact, count; beside a plain loop and Benthos, which do the same in the same run
 * B  the whole way of a Kinesis record: base64 of gzip to an acknowledged plan, with nothing on a disk
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { createDecodeStage } from '../src/pipeline/decode/decode-stage.ts'
import { createFilterStage } from '../src/pipeline/filter/filter-stage.ts'
import { createRedactor } from '../src/pipeline/filter/redact/redactor.ts'
import { DEFAULT_RULES, type Rule } from '../src/pipeline/filter/rule.ts'
import { createArchiveStage } from '../src/pipeline/forward/archive-stage.ts'
import { createFingerprinter } from '../src/pipeline/group/fingerprint.ts'
import { createGroupStage } from '../src/pipeline/group/group-stage.ts'
import { createIncidentPlanner, DEFAULT_INCIDENT_POLICY } from '../src/pipeline/group/incident-plan.ts'
import { createSilenceWatch } from '../src/pipeline/group/silence.ts'
import { addLedger, droppedTotal, emptyLedger, type LedgerTally, ledgerFaults } from '../src/pipeline/outcome.ts'
import { createPipeline } from '../src/pipeline/pipeline.ts'
import { createMemoryIncidentStore } from '../src/state/memory-incident-store.ts'
import { buildBenthos, startBenthos } from './benthos.ts'
import { type Figure, figure, rates, type Taken, taken } from './measure.ts'
import { plainLoop } from './plain-loop.ts'
import { recordLines } from './records.ts'

const RECORDS = Number(process.env['CALI_BENCH_RECORDS'] ?? 100_000)
const ROUNDS = Number(process.env['CALI_BENCH_ROUNDS'] ?? 7)
const FROM = 1_790_000_000_000
const ARRIVED = FROM + 600_000
/** About 100 kB of lines. */
const PER_PAYLOAD = 200
/** About 100 kB of gzip. */
const PER_AGGREGATE = 1_250
const ARCHIVE_REST: readonly Rule[] = [
  ...DEFAULT_RULES.slice(0, 1),
  { id: 'archive-the-rest', action: 'archive', enabled: true },
]

const chunks = <T>(items: readonly T[], size: number): T[][] =>
  Array.from({ length: Math.ceil(items.length / size) }, (_, i) => items.slice(i * size, (i + 1) * size))

const payloadsOf = (lines: readonly string[], size: number): Buffer[] =>
  chunks(lines, size).map((part) => Buffer.from(part.join('\n')))

const redactor = createRedactor({ key: new Uint8Array(32).fill(7) })

export async function benchConsumer(): Promise<Figure[]> {
  const folder = await mkdtemp(join(tmpdir(), 'cali-bench-'))
  try {
    return [...(await parseKeepRedact(folder)), ...(await fullDuty())]
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

async function parseKeepRedact(folder: string): Promise<Figure[]> {
  const lines = recordLines({ count: RECORDS, from: FROM })
  const severe = lines.filter(({ level }) => level === 'ERROR' || level === 'WARN').length
  const texts = lines.map((line) => line.text)
  const payloads = payloadsOf(texts, PER_PAYLOAD)
  const inText = payloadsOf(
    recordLines({ count: RECORDS, from: FROM, level: 'text' }).map((line) => line.text),
    PER_PAYLOAD,
  )
  const file = join(folder, 'lines.ndjson')
  await writeFile(file, `${texts.join('\n')}\n`)
  const program = buildBenthos(folder)
  const benthos = program === undefined ? undefined : startBenthos(program, file, PER_PAYLOAD)
  const ours: Taken[] = []
  const levelInText: Taken[] = []
  const archiving: Taken[] = []
  const loop: Taken[] = []
  const theirs: Taken[] = []
  const count = async (into: Taken[], round: number, work: () => number): Promise<void> => {
    const time = await taken(() => expectCount(work(), severe))
    if (round > 0) into.push(time)
  }
  for (let round = 0; round <= ROUNDS; round++) {
    await count(ours, round, () => filterAll(payloads, DEFAULT_RULES))
    await count(loop, round, () => plainLoop(payloads))
    const answer = await benthos?.round()
    if (answer !== undefined) {
      expectCount(answer.kept, severe)
      if (round > 0) theirs.push(answer)
    }
    await count(levelInText, round, () => filterAll(inText, DEFAULT_RULES))
    await count(archiving, round, () => filterAll(payloads, ARCHIVE_REST))
  }
  await benthos?.stop()
  return [
    ...rates('A parse, keep ERROR and WARN, redact, count', RECORDS, ours),
    ...rates('A the same by a plain loop of JavaScript', RECORDS, loop),
    ...(theirs.length === 0
      ? []
      : [
          ...rates('A the same by Benthos 4.60.0, GOMAXPROCS=1', RECORDS, theirs),
          ratio('A times Benthos, round by round', ours, theirs, (time) => time.wallSeconds),
          ratio('A times Benthos, by CPU time', ours, theirs, (time) => time.cpuSeconds),
        ]),
    ...rates('A with the level in the text only', RECORDS, levelInText),
    ...rates('A with every record redacted and archived', RECORDS, archiving),
  ]
}

const ratio = (name: string, ours: readonly Taken[], theirs: readonly Taken[], of: (time: Taken) => number): Figure =>
  figure(
    name,
    'x',
    ours.map((time, i) => of(theirs[i] as Taken) / of(time)),
  )

/** How many of the records are kept; the books must balance. */
function filterAll(payloads: readonly Buffer[], rules: readonly Rule[]): number {
  const decode = createDecodeStage({ zoneOffsetMinutes: 540 })
  const { filter } = createFilterStage({ redactor }, rules)
  const ledger = emptyLedger()
  let kept = 0
  for (const [i, data] of payloads.entries()) {
    const records = [{ sequence: String(i), arrivedAt: ARRIVED, data }]
    kept += filter(decode({ stream: 'bench', shard: '0', records }, ledger).records, ledger).kept.length
  }
  expectCount(ledger.filter.kept + droppedTotal(ledger.filter), RECORDS)
  return kept
}

function expectCount(found: number, expected: number): void {
  if (found !== expected) throw new Error(`${found} records, ${expected} are expected: nothing was measured`)
}

async function fullDuty(): Promise<Figure[]> {
  const lines = recordLines({ count: RECORDS, from: FROM })
  const severe = lines.filter(({ level }) => level === 'ERROR' || level === 'WARN').length
  const aggregates = payloadsOf(
    lines.map((line) => line.text),
    PER_AGGREGATE,
  ).map((payload) => gzipSync(payload).toString('base64'))
  const before = process.memoryUsage.rss()
  let highest = before
  const rounds: Taken[] = []
  for (let round = 0; round <= ROUNDS; round++) {
    const time = await taken(async () => {
      const books = emptyLedger()
      const pipeline = memoryPipeline((tally) => addLedger(books, tally))
      for (const [i, text] of aggregates.entries()) {
        const records = [{ sequence: String(i), arrivedAt: ARRIVED, data: Buffer.from(text, 'base64') }]
        const { durable } = await pipeline.process(
          { stream: 'bench', shard: '0', records },
          { resumable: true, incarnation: '1' },
        )
        await durable
        highest = Math.max(highest, process.memoryUsage.rss())
      }
      expectCount(books.decode.received, RECORDS)
      expectCount(books.group.kept, severe)
      expectCount(ledgerFaults(books).length, 0)
    })
    if (round > 0) rounds.push(time)
  }
  const bytes = aggregates.reduce((sum, text) => sum + text.length, 0)
  console.log(
    `B: ${aggregates.length} records of Kinesis, ${Math.round((bytes * 0.75) / aggregates.length / 1000)} kB each`,
  )
  return [
    ...rates('B base64, gzip to acknowledged plan, in memory', RECORDS, rounds),
    figure('B memory, highest', 'MB', [highest / 1e6]),
    figure('B memory before, with the input', 'MB', [before / 1e6]),
  ]
}

/** The pipeline as `cali serve` wires it, with incidents in memory and without archive and search. */
export function memoryPipeline(acknowledge: (tally: LedgerTally) => void) {
  const silence = createSilenceWatch({ afterMs: 600_000 })
  return createPipeline({
    decode: createDecodeStage({ zoneOffsetMinutes: 540 }),
    filter: createFilterStage({ redactor, observe: (record) => silence.observe(record, ARRIVED) }),
    index: {
      write: async () => {},
      search: async () => ({ records: [] }),
      summary: async () => ({ total: 0, levels: {}, services: {}, histogram: [], from: 0, to: 0, stepMs: 0 }),
    },
    group: createGroupStage({
      fingerprint: createFingerprinter(),
      store: createMemoryIncidentStore(),
      plan: createIncidentPlanner(DEFAULT_INCIDENT_POLICY, () => ARRIVED),
    }),
    archive: createArchiveStage({
      clock: { now: () => ARRIVED },
      maxBytes: 1,
      flushAfterMs: () => 0,
      commit: async ({ tally }) => acknowledge(tally),
      onError: () => {},
      stopping: new AbortController().signal,
    }),
    quarantine: async () => {},
  })
}
