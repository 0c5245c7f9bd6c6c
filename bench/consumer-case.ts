/** One case of bench/consumer.ts as a process: `node bench/consumer-case.ts CASE LINES.ndjson`, a round per line on stdin. */
import { readFileSync } from 'node:fs'
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
import { taken } from './measure.ts'
import { plainLoop } from './plain-loop.ts'
import { answerRounds } from './rounds.ts'

export type CaseName = 'severe' | 'loop' | 'archive' | 'full'

const ARRIVED = 1_790_000_600_000
/** Lines of about 100 kB. */
const PER_PAYLOAD = 200
/** Lines whose gzip has about 100 kB. */
const PER_AGGREGATE = 2_000
const ARCHIVE_REST: readonly Rule[] = [
  ...DEFAULT_RULES.slice(0, 1),
  { id: 'archive-the-rest', action: 'archive', enabled: true },
]
const redactor = createRedactor({ key: new Uint8Array(32).fill(7) })

/** How many of the records are kept; the books must balance. */
function filterAll(payloads: readonly Buffer[], rules: readonly Rule[], records: number): number {
  const decode = createDecodeStage({ zoneOffsetMinutes: 540 })
  const { filter } = createFilterStage({ redactor }, rules)
  const ledger = emptyLedger()
  let kept = 0
  for (const [i, data] of payloads.entries()) {
    const batch = { stream: 'bench', shard: '0', records: [{ sequence: String(i), arrivedAt: ARRIVED, data }] }
    kept += filter(decode(batch, ledger).records, ledger).kept.length
  }
  balanced(ledger.filter.kept + droppedTotal(ledger.filter) === records && ledger.filter.kept === kept)
  return kept
}

/** From base64 to an acknowledged plan; returns how many records were counted in incidents or as harmless. */
async function fullDuty(aggregates: readonly string[], records: number): Promise<number> {
  const books = emptyLedger()
  const pipeline = memoryPipeline((tally) => addLedger(books, tally))
  for (const [i, text] of aggregates.entries()) {
    const data = Buffer.from(text, 'base64')
    const batch = { stream: 'bench', shard: '0', records: [{ sequence: String(i), arrivedAt: ARRIVED, data }] }
    const { durable } = await pipeline.process(batch, { resumable: true, incarnation: '1' })
    await durable
  }
  balanced(books.decode.received === records && ledgerFaults(books).length === 0)
  return books.group.kept
}

function balanced(holds: boolean): void {
  if (!holds) throw new Error('the books do not balance: nothing was measured')
}

/** The pipeline as `cali serve` wires it, with incidents in memory, and without archive and search. */
export function memoryPipeline(acknowledge: (tally: LedgerTally) => void) {
  const silence = createSilenceWatch({ afterMs: 600_000 })
  return createPipeline({
    decode: createDecodeStage({ zoneOffsetMinutes: 540 }),
    filter: createFilterStage({ redactor, observe: (head) => silence.observe(head, ARRIVED) }),
    index: { write: async () => ({ refused: [], owed: false }) },
    group: createGroupStage({
      fingerprint: createFingerprinter(),
      store: createMemoryIncidentStore(),
      plan: createIncidentPlanner(DEFAULT_INCIDENT_POLICY, () => ARRIVED),
    }),
    archive: createArchiveStage({
      clock: { now: () => ARRIVED },
      writer: 'bench',
      maxBytes: 1,
      flushAfterMs: () => 0,
      commit: async ({ tally }) => acknowledge(tally),
      onError: () => {},
      stopping: new AbortController().signal,
    }),
    quarantine: async () => {},
  })
}

const payloadsOf = (lines: readonly string[], size: number): Buffer[] =>
  Array.from({ length: Math.ceil(lines.length / size) }, (_, i) =>
    Buffer.from(lines.slice(i * size, (i + 1) * size).join('\n')),
  )

function workOf(name: CaseName, lines: readonly string[]): () => number | Promise<number> {
  const records = lines.length
  if (name === 'full') {
    const aggregates = payloadsOf(lines, PER_AGGREGATE).map((payload) => gzipSync(payload).toString('base64'))
    return () => fullDuty(aggregates, records)
  }
  const payloads = payloadsOf(lines, PER_PAYLOAD)
  if (name === 'loop') return () => plainLoop(payloads)
  const rules = name === 'archive' ? ARCHIVE_REST : DEFAULT_RULES
  return () => filterAll(payloads, rules, records)
}

if (import.meta.main) {
  const [name, file] = process.argv.slice(2) as [CaseName, string]
  const work = workOf(name, readFileSync(file, 'utf8').trimEnd().split('\n'))
  await answerRounds(async () => {
    let kept = 0
    const time = await taken(async () => {
      kept = await work()
    })
    return { ...time, kept, highestBytes: process.resourceUsage().maxRSS * 1024 }
  })
}
