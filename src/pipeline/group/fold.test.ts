import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { incidentOf } from '../../../test/support/incidents.ts'
import { NOON } from '../../../test/support/records.ts'
import type { Incident } from '../incident.ts'
import { DEFAULT_FOLD_POLICY, foldIncidents } from './fold.ts'

const at = (id: string, seconds: number, facts: Partial<Incident> = {}): Incident =>
  incidentOf({ id, fingerprint: id, firstSeen: NOON + seconds * 1_000, traceIds: [], ...facts })
const folds = (...incidents: Incident[]): Record<string, string> =>
  Object.fromEntries(
    [...foldIncidents(incidents, DEFAULT_FOLD_POLICY)].map(([id, { under, reason }]) => [id, `${under} ${reason}`]),
  )

describe('a cascade is folded under its earliest error', () => {
  it('along one trace, whichever service came to be known first', () => {
    expect(
      folds(
        at('gateway', 2, { traceIds: ['t1'] }),
        at('order', 1, { traceIds: ['t1'] }),
        at('payment', 0, { traceIds: ['t1'] }),
      ),
    ).toEqual({ gateway: 'payment trace', order: 'payment trace' })
  })

  it('along a chain of traces, under its one beginning', () => {
    expect(
      folds(at('a', 0, { traceIds: ['t1'] }), at('b', 1, { traceIds: ['t1', 't2'] }), at('c', 2, { traceIds: ['t2'] })),
    ).toEqual({ b: 'a trace', c: 'a trace' })
  })

  it('under the service that the others waited for, although a time-out speaks first', () => {
    expect(
      folds(
        at('api', 0, { service: 'api-service', traceIds: ['t1'], callees: ['order'] }),
        at('order', 0.5, { service: 'order-service', traceIds: ['t1'], callees: ['stock'] }),
        at('stock', 2, { service: 'stock-service', traceIds: ['t1'] }),
      ),
    ).toEqual({ api: 'stock trace', order: 'stock trace' })
  })

  it('under the earliest where services wait for each other', () => {
    const ring = folds(
      at('a', 0, { service: 'a-service', traceIds: ['t1'], callees: ['b'] }),
      at('b', 1, { service: 'b-service', traceIds: ['t1'], callees: ['a'] }),
    )
    expect(ring).toEqual({ b: 'a trace' })
  })

  it('on one address that cannot be reached', () => {
    expect(folds(at('a', 0, { downstream: 'db:5432' }), at('b', 30, { downstream: 'db:5432' }))).toEqual({
      b: 'a downstream',
    })
  })

  it('along calls of a service that had failed, however many there are between', () => {
    expect(
      folds(
        at('c', 4, { service: 'payment-service', callees: ['order'] }),
        at('b', 2, { service: 'order-service', callees: ['inventory'] }),
        at('a', 0, { service: 'inventory-service' }),
        at('d', 5, { service: 'user-service', callees: ['mail'] }),
      ),
    ).toEqual({ b: 'a call', c: 'a call' })
  })

  it('under what went wrong nearest before the call, where a service has several faults', () => {
    expect(
      folds(
        at('old', 0, { service: 'inventory-service' }),
        at('oom', 40, { service: 'inventory-service' }),
        at('timeout', 43, { service: 'order-service', callees: ['inventory'] }),
        at('late', 200, { service: 'order-service', callees: ['inventory'] }),
      ),
    ).toEqual({ timeout: 'oom call' })
  })

  it('but not what begins later than a chain of calls takes, or has nothing in common', () => {
    expect(
      folds(
        at('a', 0, { traceIds: ['t1'], downstream: 'db:5432' }),
        at('b', 121, { traceIds: ['t1'] }),
        at('c', 10, { traceIds: ['t9'], downstream: 'mq:5672' }),
      ),
    ).toEqual({})
  })
})

describe('a storm is folded under its first incident', () => {
  const storm = (n: number, everySeconds: number): Incident[] =>
    Array.from({ length: n }, (_, i) => at(`i${String(i).padStart(5, '0')}`, i * everySeconds))

  it('when more kinds begin within a minute than a person can read', () => {
    const folded = folds(...storm(25, 1))
    expect(Object.keys(folded)).toEqual(['i00020', 'i00021', 'i00022', 'i00023', 'i00024'])
    expect(new Set(Object.values(folded))).toEqual(new Set(['i00000 storm']))
  })

  it('and never at the pace of a bad day', () => {
    expect(folds(...storm(200, 4))).toEqual({})
  })

  it('ten thousand kinds in a minute leave a readable number of messages', () => {
    const incidents = storm(10_000, 0.006)
    expect(incidents.length - foldIncidents(incidents, DEFAULT_FOLD_POLICY).size).toBe(DEFAULT_FOLD_POLICY.stormAfter)
  })
})

it('what is folded does not depend on the order in which incidents are known', () => {
  const incident = fc.record({
    seconds: fc.integer({ min: 0, max: 400 }),
    traces: fc.subarray(['t1', 't2', 't3', 't4']),
    service: fc.constantFrom('a-service', 'b-service', 'c-service'),
    callees: fc.subarray(['a', 'b', 'c']),
    downstream: fc.option(fc.constantFrom('db:5432', 'mq:5672'), { nil: undefined }),
  })
  fc.assert(
    fc.property(fc.array(incident, { maxLength: 40 }), fc.infiniteStream(fc.nat()), (facts, keys) => {
      const incidents = facts.map(({ seconds, traces, downstream, service, callees }, i) =>
        at(`i${i}`, seconds, {
          traceIds: traces,
          service,
          callees,
          ...(downstream === undefined ? {} : { downstream }),
        }),
      )
      const shuffled = incidents
        .map((one) => ({ one, key: keys.next().value as number }))
        .sort((a, b) => a.key - b.key)
        .map(({ one }) => one)
      expect(folds(...shuffled)).toEqual(folds(...incidents))
    }),
  )
})
