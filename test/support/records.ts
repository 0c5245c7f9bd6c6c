/** Records for tests: what a case does not name has a plain value. */
import { createFingerprinter, type Fingerprinter } from '../../src/pipeline/group/fingerprint.ts'
import type { Fingerprint } from '../../src/pipeline/incident.ts'
import type { ExceptionChain, LogRecord, Resource, SeverityText, StackFrame } from '../../src/pipeline/record.ts'
import { SEVERITY } from '../../src/pipeline/record.ts'
import type { GroupedEvent } from '../../src/pipeline/store.ts'

/** 2026-01-20 12:00:00 UTC. */
export const NOON = Date.UTC(2026, 0, 20, 12)

export interface RecordFacts {
  readonly message?: string
  readonly body?: string
  readonly at?: number
  readonly level?: SeverityText
  readonly service?: string
  readonly id?: string
  readonly shard?: string
  readonly sequence?: string
  readonly exception?: ExceptionChain
  readonly resource?: Resource
  readonly traceId?: string
}

let count = 0

export function recordOf(facts: RecordFacts = {}): LogRecord {
  const message = facts.message ?? 'order 1 failed'
  const sequence = facts.sequence ?? String(++count)
  const at = facts.at ?? NOON
  return {
    id: facts.id ?? `event-${sequence}`,
    at,
    observedAt: at,
    severity: SEVERITY[facts.level ?? 'ERROR'],
    service: facts.service ?? 'order-service',
    message,
    body: facts.body ?? message,
    resource: facts.resource ?? {},
    attributes: {},
    position: { stream: 'test', shard: facts.shard ?? '0', sequence, sub: 0, line: 0 },
    ...(facts.exception === undefined ? {} : { exception: facts.exception }),
    ...(facts.traceId === undefined ? {} : { trace: { traceId: facts.traceId } }),
  }
}

/** Events of one batch, fingerprinted by one process that has seen nothing before, or by the one that is given. */
export function eventsOf(
  facts: readonly RecordFacts[],
  fingerprint: Fingerprinter = createFingerprinter(),
): GroupedEvent[] {
  const records = facts.map(recordOf)
  const fingerprints = fingerprint(records)
  return records.map((record, i) => ({ record, fingerprint: fingerprints[i] as Fingerprint }))
}

export const eventOf = (facts: RecordFacts = {}): GroupedEvent => eventsOf([facts])[0] as GroupedEvent

/** `com.shop.Orders.place (Orders.java:12)` to a frame; file and line may be left out. */
export function frameOf(text: string): StackFrame {
  const m = /^(.*?)(?: \((.+?)(?::(\d+))?\))?$/.exec(text)
  return {
    function: m?.[1] ?? text,
    ...(m?.[2] === undefined ? {} : { file: m[2] }),
    ...(m?.[3] === undefined ? {} : { line: Number(m[3]) }),
  }
}
