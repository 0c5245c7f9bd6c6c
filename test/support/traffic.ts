/** Generated traffic for tests, with what must come of it. */
import type { GeneratedEvent } from '../../src/generate/event.ts'
import { formatFluentBit } from '../../src/generate/format.ts'
import { createGenerator } from '../../src/generate/generator.ts'
import type { RawRecord } from '../../src/pipeline/batch.ts'

export interface Traffic {
  readonly events: readonly GeneratedEvent[]
  /** Fluent Bit lines, one per event. */
  readonly lines: readonly string[]
  /** Errors per fault: each fault is one incident. */
  readonly faults: ReadonlyMap<string, number>
}

export function createTraffic(options: {
  seed: number
  scenarios: readonly string[]
  events: number
  rate?: number
  startAt: number
  errorShare?: number
}): Traffic {
  const rate = options.rate ?? 100
  const generator = createGenerator({
    seed: options.seed,
    scenarios: options.scenarios,
    rate,
    startAt: options.startAt,
    ...(options.errorShare === undefined ? {} : { errorShare: options.errorShare }),
  })
  const events: GeneratedEvent[] = []
  for (let until = options.startAt; events.length < options.events; ) {
    until += 10_000
    events.push(...generator.advance(until))
  }
  events.length = options.events
  const faults = new Map<string, number>()
  for (const { label } of events) if (label.fault !== null) faults.set(label.fault, (faults.get(label.fault) ?? 0) + 1)
  return { events, lines: events.map((event, i) => JSON.stringify(formatFluentBit(event, i * 1_000))), faults }
}

/** Lines as records of a stream, `perRecord` lines each, with growing sequence numbers. */
export function recordsOf(
  lines: readonly string[],
  perRecord: number,
  arrivedAt: number,
  firstSequence = 1,
): RawRecord[] {
  const records: RawRecord[] = []
  for (let i = 0; i < lines.length; i += perRecord) {
    records.push({
      sequence: String(firstSequence + records.length),
      arrivedAt,
      data: Buffer.from(`${lines.slice(i, i + perRecord).join('\n')}\n`),
    })
  }
  return records
}
