import { describe, expect, it } from 'vitest'
import { eventsOf, frameOf, NOON, type RecordFacts } from '../../../test/support/records.ts'
import { createMemoryIncidentStore } from '../../state/memory-incident-store.ts'
import type { Incident } from '../incident.ts'
import type { IncidentChange } from '../store.ts'
import { createFingerprinter } from './fingerprint.ts'
import { createIncidentPlanner, DEFAULT_INCIDENT_POLICY } from './incident-plan.ts'

const MINUTE = 60_000
const QUIET = DEFAULT_INCIDENT_POLICY.quietAfterMs

/** One store; each call of `take` is one batch. */
function createCase() {
  const store = createMemoryIncidentStore()
  const fingerprint = createFingerprinter()
  const plan = createIncidentPlanner(DEFAULT_INCIDENT_POLICY, () => NOON + 1)
  const take = async (...facts: RecordFacts[]): Promise<readonly IncidentChange[]> =>
    (await store.apply(eventsOf(facts, fingerprint), plan)).changes
  /** What a person or the sweep does to the only incident. */
  const change = (patch: Partial<Incident>): void => {
    const [fingerprint, incident] = [...store.incidents][0] as [string, Incident]
    ;(store.incidents as Map<string, Incident>).set(fingerprint, { ...incident, ...patch })
  }
  const only = (): Incident => {
    expect(store.incidents.size).toBe(1)
    return [...store.incidents.values()][0] as Incident
  }
  return { store, take, change, only }
}

describe('an incident opens', () => {
  it('on an error or worse, and on nothing less', async () => {
    const { store, take } = createCase()
    await take({ message: 'cache is slow', level: 'WARN' }, { message: 'started', level: 'INFO' })
    expect(store.incidents.size).toBe(0)
    const changes = await take({ message: 'cache is gone', level: 'ERROR' }, { message: '메모리 고갈', level: 'FATAL' })
    expect(changes.map((c) => c.kind)).toEqual(['opened', 'opened'])
  })

  it('once per kind, and warnings of that kind count from then on', async () => {
    const { take, only } = createCase()
    await take({ message: 'order 1 failed', level: 'WARN', at: NOON })
    await take({ message: 'order 2 failed', level: 'ERROR', at: NOON + 1 })
    const [change] = await take({ message: 'order 3 failed', level: 'WARN', at: NOON + 2 })
    expect(change?.kind).toBe('counted')
    expect(only()).toMatchObject({ count: 2, firstSeen: NOON + 1, lastSeen: NOON + 2, state: 'open', severity: 'SEV3' })
  })

  it('with a title and what identifies it, taken from its earliest error', async () => {
    const { take, only } = createCase()
    const exception = (type: string, message: string) => ({ type, message, frames: [frameOf('com.shop.Orders.place')] })
    await take({
      message: 'Servlet.service() threw',
      exception: {
        ...exception('org.springframework.FooException', 'outer'),
        language: 'java',
        causes: [exception('java.sql.SQLTransientException', 'timed out after 30000ms\nmore')],
      },
    })
    expect(only()).toMatchObject({
      title: 'SQLTransientException: timed out after <duration>',
      basis: 'exception',
      exception: {
        type: 'org.springframework.FooException',
        root: { type: 'java.sql.SQLTransientException', message: 'timed out after 30000ms' },
      },
      service: 'order-service',
      openedAt: NOON + 1,
    })
    expect(only().id).toMatch(/^[0-9A-HJKMNP-TV-Z]{6}$/)
  })

  it('with a title of bounded length that breaks no character', async () => {
    const { take, only } = createCase()
    await take({ message: `주문 실패 ${'가😀'.repeat(500)}` })
    expect(only().title.length).toBeLessThanOrEqual(140)
    expect(only().title.isWellFormed()).toBe(true)
  })

  it('in its service: the same message elsewhere is another incident', async () => {
    const { store, take } = createCase()
    await take({ service: 'order-service' }, { service: 'payment-service' })
    expect(store.incidents.size).toBe(2)
    expect(new Set([...store.incidents.values()].map((incident) => incident.id)).size).toBe(2)
  })
})

describe('an incident counts', () => {
  it('events per minute, where they came from and their first samples', async () => {
    const { take } = createCase()
    const [change] = await take(
      { at: NOON, resource: { pod: 'a', namespace: 'shop', version: '1.0' }, traceId: 't1' },
      { at: NOON + 10, resource: { pod: 'b', namespace: 'shop', version: '1.1' }, traceId: 't2' },
      { at: NOON + MINUTE, resource: { pod: 'a', namespace: 'shop', version: '1.1' }, traceId: 't1' },
    )
    expect([...(change?.buckets ?? [])]).toEqual([
      [NOON / MINUTE, 2],
      [NOON / MINUTE + 1, 1],
    ])
    expect(change?.incident).toMatchObject({
      count: 3,
      pods: ['a', 'b'],
      namespaces: ['shop'],
      versions: ['1.0', '1.1'],
      traceIds: ['t1', 't2'],
    })
    expect(change?.samples).toHaveLength(3)
  })

  it('a storm without growing: lists and samples are bounded', async () => {
    const { take, only } = createCase()
    const storm = Array.from(
      { length: 500 },
      (_, i): RecordFacts => ({ at: NOON + i, resource: { pod: `pod-${i}` }, traceId: `t${i}` }),
    )
    const [change] = await take(...storm)
    expect(only().count).toBe(500)
    expect(only().pods).toHaveLength(20)
    expect(only().traceIds).toHaveLength(20)
    expect(change?.samples).toHaveLength(11)
    expect(change?.samples.at(-1)?.at).toBe(NOON + 499)
  })

  it('variants of one Korean message as one, and remembers their fingerprints', async () => {
    const { take, only } = createCase()
    const message = (product: string): string =>
      `결제 승인 실패: 카드사 응답 없음 (주문번호 17, 상품 ${product}, 금액 12,000원) 재시도 안 함`
    const [first] = await take(
      { message: message('무선 키보드'), at: NOON },
      { message: message('유기농 사과'), at: NOON + 1 },
    )
    expect(first?.aliases).toHaveLength(1)
    await take({ message: message('접이식 의자'), at: NOON + 2 })
    const [again] = await take({ message: message('유기농 사과'), at: NOON + 3, level: 'WARN' })
    expect(again).toMatchObject({ kind: 'counted', aliases: [] })
    expect(only().count).toBe(4)
  })
})

describe('quiet and regression go by the time of events', () => {
  it('an event after the quiet time regresses the incident, and says how often', async () => {
    const { take, only } = createCase()
    await take({ at: NOON })
    expect((await take({ at: NOON + QUIET }))[0]?.kind).toBe('counted')
    expect((await take({ at: NOON + 2 * QUIET + 1 }))[0]?.kind).toBe('regressed')
    await take({ at: NOON + 4 * QUIET })
    expect(only()).toMatchObject({ state: 'regressed', regressions: 2, stateChangedAt: NOON + 1 })
    expect(only().severityReasons).toContainEqual({ key: 'regressed', params: { times: 2 } })
  })

  it('it is the same whether the pause lies between two batches or inside one', async () => {
    const one = createCase()
    await one.take({ at: NOON }, { at: NOON + QUIET + 1 })
    const two = createCase()
    await two.take({ at: NOON })
    await two.take({ at: NOON + QUIET + 1 })
    expect(one.only()).toEqual(two.only())
    expect(one.only().regressions).toBe(1)
  })

  it('a late event counts and never regresses', async () => {
    const { take, only } = createCase()
    await take({ at: NOON + 3 * QUIET })
    const [late] = await take({ at: NOON })
    expect(late?.kind).toBe('counted')
    expect(only()).toMatchObject({ state: 'open', regressions: 0, firstSeen: NOON, lastSeen: NOON + 3 * QUIET })
  })

  it('a resolved incident stays resolved for events from before, and comes back for one after', async () => {
    const { take, change, only } = createCase()
    await take({ at: NOON })
    change({ state: 'resolved', stateChangedAt: NOON + MINUTE })
    await take({ at: NOON + MINUTE - 1 })
    expect(only()).toMatchObject({ state: 'resolved', count: 2 })
    expect((await take({ at: NOON + MINUTE + 1 }))[0]?.kind).toBe('regressed')
    expect(only()).toMatchObject({ state: 'regressed', regressions: 1, count: 3 })
  })

  it('an acknowledged incident stays acknowledged while it goes on', async () => {
    const { take, change, only } = createCase()
    await take({ at: NOON })
    change({ state: 'acknowledged', acknowledgedBy: '지훈' })
    await take({ at: NOON + MINUTE })
    expect(only().state).toBe('acknowledged')
  })

  it.each([
    ['open', {}],
    ['acknowledged', { acknowledgedBy: '지훈' }],
    ['regressed', { regressions: 1 }],
  ] as const)('one that was called quiet while an event was on its way is %s again', async (state, facts) => {
    const { take, change, only } = createCase()
    await take({ at: NOON })
    change({ ...facts, state: 'quiet' })
    await take({ at: NOON + QUIET })
    expect(only()).toMatchObject({ state, count: 2 })
  })

  it('a late event does not wake a quiet incident', async () => {
    const { take, change, only } = createCase()
    await take({ at: NOON })
    change({ state: 'quiet' })
    await take({ at: NOON - 1 })
    expect(only().state).toBe('quiet')
  })
})

describe('severity', () => {
  it.each<[string, RecordFacts[], string, string[]]>([
    ['one error', [{}], 'SEV3', []],
    ['a FATAL line', [{ level: 'FATAL' }], 'SEV2', ['fatal']],
    ['three pods', ['a', 'b', 'c'].map((pod) => ({ resource: { pod } })), 'SEV2', ['many_pods']],
    ['thirty a minute', Array.from({ length: 30 }, () => ({})), 'SEV2', ['high_rate']],
    [
      'thirty a minute on three pods',
      Array.from({ length: 30 }, (_, i) => ({ resource: { pod: `p${i % 3}` } })),
      'SEV1',
      ['many_pods', 'high_rate'],
    ],
    ['words of data loss', [{ message: 'data loss: 12 records were dropped' }], 'SEV1', ['data_loss']],
    ['데이터 유실', [{ message: '정산 배치 데이터 유실 발생' }], 'SEV1', ['data_loss']],
  ])('of %s', async (_title, facts, severity, reasons) => {
    const { take, only } = createCase()
    await take(...facts)
    expect(only().severity).toBe(severity)
    expect(only().severityReasons.map((reason) => reason.key)).toEqual(reasons)
  })

  it('only rises, and its reasons stay', async () => {
    const { take, only } = createCase()
    await take({ level: 'FATAL', at: NOON })
    await take({ level: 'WARN', at: NOON + 1 })
    expect(only()).toMatchObject({ severity: 'SEV2', severityReasons: [{ key: 'fatal', params: {} }] })
  })

  it('keeps the highest rate that was seen', async () => {
    const { take, only } = createCase()
    await take(...Array.from({ length: 40 }, () => ({ at: NOON })))
    await take({ at: NOON + 5 * MINUTE })
    expect(only().severityReasons).toEqual([{ key: 'high_rate', params: { perMinute: 40 } }])
  })
})
