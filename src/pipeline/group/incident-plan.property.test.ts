import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { eventsOf as createEvents, eventOf, NOON, type RecordFacts } from '../../../test/support/records.ts'
import { createMemoryIncidentStore } from '../../state/memory-incident-store.ts'
import type { SeverityText } from '../record.ts'
import type { GroupedEvent } from '../store.ts'
import { createFingerprinter } from './fingerprint.ts'
import { createIncidentPlanner, DEFAULT_INCIDENT_POLICY } from './incident-plan.ts'

const KINDS = [
  ['order-service', (n: number) => `order ${n} failed`],
  ['order-service', (n: number) => `주문 ORD-20260120-${100_000 + n} 처리 실패`],
  ['payment-service', (n: number) => `order ${n} failed`],
  [
    'payment-service',
    (n: number) =>
      `결제 승인 실패: 카드사 응답 없음 (주문번호 ${n}, 상품 ${'가나다라마바사'[n % 7]}키보드, 금액 ${n}원) 재시도 안 함`,
  ],
] as const

interface Spec {
  readonly kind: number
  readonly gap: number
  readonly number: number
  readonly level: SeverityText
  readonly shard: number
}

const spec = (levels: readonly SeverityText[]): fc.Arbitrary<Spec> =>
  fc.record({
    kind: fc.nat(KINDS.length - 1),
    // Mostly seconds, at times more than the quiet time.
    gap: fc.oneof(
      { weight: 9, arbitrary: fc.integer({ min: 1, max: 20_000 }) },
      { weight: 1, arbitrary: fc.integer({ min: 30 * 60_000, max: 90 * 60_000 }) },
    ),
    number: fc.nat(9_999),
    level: fc.constantFrom(...levels),
    shard: fc.nat(2),
  })

/** Events at distinct, rising times. */
function eventsOf(specs: readonly Spec[]): { event: GroupedEvent; shard: number }[] {
  let at = NOON
  return specs.map(({ kind, gap, number, level, shard }, i) => {
    at += gap
    const [service, message] = KINDS[kind] as (typeof KINDS)[number]
    return {
      shard,
      event: eventOf({
        id: `e${i}`,
        sequence: String(i),
        shard: String(shard),
        service,
        message: message(number),
        at,
        level,
      }),
    }
  })
}

async function incidentsOf<T = GroupedEvent>(
  batches: readonly (readonly T[])[],
  eventsOf: (batch: readonly T[]) => readonly GroupedEvent[] = (batch) => batch as readonly GroupedEvent[],
) {
  const store = createMemoryIncidentStore()
  const plan = createIncidentPlanner({ ...DEFAULT_INCIDENT_POLICY, quietAfterMs: 30 * 60_000 }, () => NOON)
  for (const batch of batches) await store.apply(eventsOf(batch), plan)
  return [...store.incidents.values()].sort((a, b) => a.fingerprint.localeCompare(b.fingerprint))
}

/** Cuts a list behind the given places. */
function cut<T>(items: readonly T[], places: readonly number[]): T[][] {
  const marks = [...new Set(places.map((place) => place % (items.length + 1)))].sort((a, b) => a - b)
  return [0, ...marks].map((from, i) => items.slice(from, marks[i] ?? items.length))
}

describe('what incidents there are is a property of the events', () => {
  it('any batching of one stream gives the same incidents, counts, states and regressions', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(spec(['WARN', 'ERROR', 'FATAL']), { maxLength: 40 }),
        fc.array(fc.nat(60), { maxLength: 10 }),
        async (specs, places) => {
          const events = eventsOf(specs).map(({ event }) => event)
          const facts = (incidents: Awaited<ReturnType<typeof incidentsOf>>) =>
            incidents.map(({ id, fingerprint, count, firstSeen, lastSeen, state, regressions, title }) => ({
              id,
              fingerprint,
              count,
              firstSeen,
              lastSeen,
              state,
              regressions,
              title,
            }))
          expect(facts(await incidentsOf(cut(events, places)))).toEqual(facts(await incidentsOf([events])))
        },
      ),
      { numRuns: 150 },
    )
  })

  it('any order within a batch gives the same incidents', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(spec(['WARN', 'ERROR']), { maxLength: 30 }).chain((specs) =>
          fc.tuple(
            fc.constant(specs),
            fc.shuffledSubarray(
              specs.map((_, i) => i),
              { minLength: specs.length },
            ),
          ),
        ),
        async ([specs, order]) => {
          const events = eventsOf(specs).map(({ event }) => event)
          expect(await incidentsOf([order.map((i) => events[i] as GroupedEvent)])).toEqual(await incidentsOf([events]))
        },
      ),
      { numRuns: 100 },
    )
  })

  it('any order of arrival across shards gives as many incidents with the same counts', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(spec(['ERROR', 'FATAL']), { maxLength: 40 }),
        fc.array(fc.nat(2), { maxLength: 80 }),
        async (specs, turns) => {
          const events = eventsOf(specs)
          const shards = [0, 1, 2].map((shard) =>
            events.filter((item) => item.shard === shard).map((item) => item.event),
          )
          const batches = turns.flatMap((shard) => {
            const next = shards[shard]?.shift()
            return next === undefined ? [] : [[next]]
          })
          const counts = (incidents: Awaited<ReturnType<typeof incidentsOf>>) =>
            incidents
              .map(({ service, count, firstSeen, lastSeen }) => ({ service, count, firstSeen, lastSeen }))
              .sort((a, b) => a.firstSeen - b.firstSeen)
          expect(counts(await incidentsOf([...batches, ...shards]))).toEqual(
            counts(await incidentsOf([events.map((item) => item.event)])),
          )
        },
      ),
      { numRuns: 150 },
    )
  })

  it('what proves to be one kind late has the same counts as if it had been known from the start', async () => {
    const words = ['alpha', 'beta', 'Gamma', 'delta', 'orderService', 'node-7', 'epsilon', 'zeta', '42']
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.record({ word: fc.constantFrom(...words), gap: fc.integer({ min: 1, max: 5_000 }) }), {
          maxLength: 40,
        }),
        fc.array(fc.nat(60), { maxLength: 10 }),
        async (specs, places) => {
          let at = NOON
          const facts = specs.map(({ word, gap }, i): RecordFacts => {
            at += gap
            return { id: `e${i}`, sequence: String(i), message: `cannot open the store of ${word}`, at }
          })
          const learned = async (batches: readonly (readonly RecordFacts[])[]) => {
            const fingerprint = createFingerprinter()
            const incidents = await incidentsOf(batches, (batch) => createEvents(batch, fingerprint))
            return incidents.map(({ fingerprint, count, firstSeen, lastSeen, title, state }) => ({
              fingerprint,
              count,
              firstSeen,
              lastSeen,
              title,
              state,
            }))
          }
          expect(await learned(cut(facts, places))).toEqual(await learned([facts]))
        },
      ),
      { numRuns: 150 },
    )
  })

  it('what is folded does not depend on batches, shards or order of arrival', async () => {
    const call = fc.record({
      service: fc.constantFrom('gateway', 'order', 'payment', 'stock'),
      trace: fc.constantFrom('t1', 't2', 't3', 't4'),
      gap: fc.integer({ min: 1, max: 40_000 }),
    })
    await fc.assert(
      fc.asyncProperty(
        fc.array(call, { maxLength: 25 }),
        fc.infiniteStream(fc.nat()),
        fc.array(fc.nat(40), { maxLength: 8 }),
        async (calls, keys, places) => {
          let at = NOON
          const facts = calls.map(({ service, trace, gap }, i): RecordFacts => {
            at += gap
            // A kind of its own per call: each opens an incident.
            return {
              id: `e${i}`,
              sequence: String(i),
              service,
              message: `${'abcdefgh'[i % 8]}${'klmnop'[i % 6]} broke`,
              at,
              traceId: trace,
            }
          })
          const shuffled = facts
            .map((fact) => ({ fact, key: keys.next().value as number }))
            .sort((a, b) => a.key - b.key)
            .map(({ fact }) => fact)
          const folds = async (batches: readonly (readonly RecordFacts[])[]) =>
            (await incidentsOf(batches, (batch) => createEvents(batch)))
              .map((incident) => [incident.fingerprint, incident.fold?.under, incident.fold?.reason])
              .sort()
          expect(await folds(cut(shuffled, places))).toEqual(await folds([facts]))
        },
      ),
      { numRuns: 150 },
    )
  })
})
