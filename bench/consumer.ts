/** Consumer: bytes of aggregated gzip records to an acknowledged plan: decode, redact, rules, group, ledger. No storage. */
import { gzipSync } from 'node:zlib'
import { createDecodeStage } from '../src/pipeline/decode/decode-stage.ts'
import { createFilterStage } from '../src/pipeline/filter/filter-stage.ts'
import { createRedactor } from '../src/pipeline/filter/redact/redactor.ts'
import { createFingerprinter } from '../src/pipeline/group/fingerprint.ts'
import { createGroupStage } from '../src/pipeline/group/group-stage.ts'
import { createIncidentPlanner, DEFAULT_INCIDENT_POLICY } from '../src/pipeline/group/incident-plan.ts'
import { emptyLedger } from '../src/pipeline/outcome.ts'
import { createMemoryIncidentStore } from '../src/state/memory-incident-store.ts'
import { type Figure, figure } from './measure.ts'

const RECORDS = 40_000
const PER_BATCH = 1_000
const ROUNDS = 5

/** 500-byte JSON records, 5% ERROR. */
function lines(): string[] {
  return Array.from({ length: RECORDS }, (_, i) => {
    const error = i % 20 === 0
    const record = {
      '@timestamp': new Date(1_790_000_000_000 + i).toISOString(),
      level: error ? 'ERROR' : 'INFO',
      service: `service-${i % 7}`,
      trace_id: (i * 2_654_435_761).toString(16).padStart(32, '0').slice(-32),
      message: error
        ? `Order ORD-20260120-${100_000 + i} failed: connection to 10.0.${i % 255}.7:5432 timed out after ${i % 900}ms`
        : `GET /api/v1/orders/${i} 200 in ${i % 120}ms for user-${i % 5_000}`,
      pod: `service-${i % 7}-7d9f8b6c5d-x2k4q`,
      padding: '',
    }
    record.padding = 'x'.repeat(Math.max(0, 500 - JSON.stringify(record).length))
    return JSON.stringify(record)
  })
}

export async function benchConsumer(): Promise<Figure[]> {
  const all = lines()
  const batches = Array.from({ length: RECORDS / PER_BATCH }, (_, i) =>
    gzipSync(all.slice(i * PER_BATCH, (i + 1) * PER_BATCH).join('\n')),
  )
  const rates: number[] = []
  for (let round = 0; round <= ROUNDS; round++) {
    const decode = createDecodeStage({ zoneOffsetMinutes: 540 })
    const filter = createFilterStage({ redactor: createRedactor({ key: new Uint8Array(32) }) })
    const group = createGroupStage({
      fingerprint: createFingerprinter(),
      store: createMemoryIncidentStore(),
      plan: createIncidentPlanner(DEFAULT_INCIDENT_POLICY, () => 0),
    })
    const ledger = emptyLedger()
    const start = performance.now()
    for (const [i, data] of batches.entries()) {
      const decoded = decode(
        { stream: 'bench', shard: '0', records: [{ sequence: String(i), arrivedAt: 1_790_000_100_000, data }] },
        ledger,
      )
      await group(filter.filter(decoded.records, ledger).kept, ledger)
    }
    if (round > 0) rates.push(RECORDS / ((performance.now() - start) / 1000))
  }
  return [figure('consumer: 500 B JSON, 5% errors, gzip to plan', 'records/s', rates)]
}
