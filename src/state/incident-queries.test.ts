import { beforeEach, describe, expect, it } from 'vitest'
import { eventOf, eventsOf, NOON, type RecordFacts } from '../../test/support/records.ts'
import { emptyState, stateOfFile } from '../../test/support/state.ts'
import { createIncidentPlanner, DEFAULT_INCIDENT_POLICY } from '../pipeline/group/incident-plan.ts'
import type { Incident } from '../pipeline/incident.ts'
import { incidentStoreContract } from './incident-store.contract.ts'
import { listAudit, listPatterns } from './record-queries.ts'
import type { State } from './state.ts'

const plan = createIncidentPlanner(DEFAULT_INCIDENT_POLICY, () => NOON)
const file = stateOfFile()

incidentStoreContract('SQLite', async () => {
  const state = file.state()
  await emptyState(state)
  return {
    store: state.incidents,
    incidents: () => state.incidents.list({}),
    samples: (incident) => state.incidents.samples(incident.id),
    close: async () => undefined,
  }
})

describe('incidents in SQLite', () => {
  let state: State
  const apply = async (...facts: RecordFacts[]): Promise<readonly Incident[]> =>
    (await state.incidents.apply(facts.map(eventOf), plan)).changes.map((change) => change.incident)
  const claim = () => state.outbox.claim(NOON + 1_000_000, 1_000, 100)
  const wanted = async (): Promise<string[]> => (await claim()).map((delivery) => delivery.incident)

  beforeEach(() => {
    state = file.state()
  })

  it('ask for their message in the transaction that counts them', async () => {
    const [incident] = await apply({})
    expect(await wanted()).toEqual([incident?.id])
  })

  it('are counted in one batch with more minutes than a statement takes values', async () => {
    const days = Array.from({ length: 12_000 }, (_, i) => ({ at: NOON - i * 60_000, message: 'disk is full' }))
    const [incident] = (await state.incidents.apply(eventsOf(days), plan)).changes.map((one) => one.incident)
    expect(incident?.count).toBe(12_000)
    const { minutes } = await state.db
      .selectFrom('incident_buckets')
      .select((eb) => eb.fn.countAll<number>().as('minutes'))
      .where('incident_id', '=', incident?.id ?? '')
      .executeTakeFirstOrThrow()
    expect(Number(minutes)).toBe(12_000)
  })

  it('ask for nothing when the transaction fails', async () => {
    const unwritable: typeof plan = (input) => ({
      changes: plan(input).changes.map((change) => ({
        ...change,
        incident: { ...change.incident, title: undefined as never },
      })),
      folded: [],
    })
    await expect(state.incidents.apply([eventOf()], unwritable)).rejects.toThrow()
    expect(await wanted()).toEqual([])
    expect(await state.db.selectFrom('events_seen').selectAll().execute()).toEqual([])
  })

  it('count per minute across batches', async () => {
    const [incident] = await apply({ at: NOON }, { at: NOON + 60_000 })
    await apply({ at: NOON + 1 })
    const id = incident?.id ?? ''
    expect(await state.incidents.buckets([id], NOON, NOON + 120_000)).toEqual([
      { incident: id, minute: NOON / 60_000, count: 2 },
      { incident: id, minute: NOON / 60_000 + 1, count: 1 },
    ])
    expect(await state.incidents.buckets([], NOON, NOON)).toEqual([])
  })

  it('count the patterns of every event, whatever its level', async () => {
    await apply(
      { message: 'order 1 failed' },
      { message: 'started in 30ms', level: 'INFO' },
      { message: 'started in 1s', level: 'INFO' },
    )
    const patterns = await listPatterns(state.db, 10)
    expect(patterns.map(({ template, count, severity }) => [template, count, severity])).toEqual([
      ['started in <duration>', 2, 'INFO'],
      ['order <num> failed', 1, 'ERROR'],
    ])
  })

  it('rise far above their usual rate once per episode, however the minute is cut', async () => {
    const minutes = 120
    for (let m = 0; m < minutes; m += 10)
      await apply(...Array.from({ length: 10 }, (_, i) => ({ at: NOON + (m + i) * 60_000 })))
    const burst = (n: number, minute: number) =>
      apply(...Array.from({ length: n }, (_, i) => ({ at: NOON + minute * 60_000 + i })))
    await burst(20, minutes)
    expect((await state.incidents.list({}))[0]).toMatchObject({ spikes: 0 })
    await burst(20, minutes)
    await burst(60, minutes + 1)
    expect((await state.incidents.list({}))[0]).toMatchObject({
      spikes: 1,
      spikedAt: NOON + (minutes + 1) * 60_000,
      severity: 'SEV2',
      severityReasons: expect.arrayContaining([{ key: 'spike', params: { perMinute: 60, usual: 1 } }]),
    })
    // Two hours later it is another one.
    await burst(40, minutes + 130)
    expect((await state.incidents.list({}))[0]).toMatchObject({ spikes: 2 })
  })

  it('that share a short id both live: the newcomer takes a longer one', async () => {
    const clash = ({ changes }: ReturnType<typeof plan>) => ({
      changes: changes.map((change) => ({ ...change, incident: { ...change.incident, id: 'SAME00' } })),
      folded: [],
    })
    await state.incidents.apply([eventOf({ message: 'a failed' })], (...args) => clash(plan(...args)))
    await state.incidents.apply([eventOf({ message: 'b failed' }), eventOf({ message: 'c failed' })], (...args) =>
      clash(plan(...args)),
    )
    const ids = (await state.incidents.list({})).map((incident) => incident.id)
    expect(new Set(ids).size).toBe(3)
    expect(ids.filter((id) => id === 'SAME00')).toHaveLength(1)
    expect(ids.filter((id) => id.length === 10)).toHaveLength(2)
  })

  it('are found by state, severity, service, namespace, version, time and words', async () => {
    await apply({
      message: '결제 승인 실패',
      service: 'payment-service',
      at: NOON,
      resource: { namespace: 'shop', version: '1.0' },
    })
    await apply({ message: '100% of orders_failed', service: 'order-service', at: NOON + 60_000, level: 'FATAL' })
    const titles = async (query: Parameters<State['incidents']['list']>[0]): Promise<string[]> =>
      (await state.incidents.list(query)).map((incident) => incident.service)
    expect(await titles({})).toEqual(['order-service', 'payment-service'])
    expect(await titles({ limit: 1 })).toEqual(['order-service'])
    expect(await titles({ severities: ['SEV2'] })).toEqual(['order-service'])
    expect(await titles({ states: ['resolved'] })).toEqual([])
    expect(await titles({ services: ['payment-service'] })).toEqual(['payment-service'])
    expect(await titles({ namespaces: ['shop'] })).toEqual(['payment-service'])
    expect(await titles({ versions: ['1.0', '2.0'] })).toEqual(['payment-service'])
    expect(await titles({ from: NOON + 1 })).toEqual(['order-service'])
    expect(await titles({ to: NOON })).toEqual(['payment-service'])
    expect(await titles({ text: '승인 결제' })).toEqual(['payment-service'])
    expect(await titles({ text: "'; drop table incidents; --" })).toEqual([])
  })

  it('take the wildcards of a search for what they are', async () => {
    await apply({ message: 'orders_failed', service: 'a' }, { message: 'ordersXfailed', service: 'b' })
    expect((await state.incidents.list({ text: 'orders_failed' })).map((incident) => incident.service)).toEqual(['a'])
    expect(await state.incidents.list({ text: '%' })).toEqual([])
  })

  it('are read by id in any case, and an unknown id is undefined', async () => {
    const [incident] = await apply({})
    expect(await state.incidents.get(incident?.id.toLowerCase() ?? '')).toEqual(incident)
    expect(await state.incidents.get('NOPE')).toBeUndefined()
  })

  it('change by a person with an audit row and a wish for their message', async () => {
    const [incident] = await apply({})
    const id = incident?.id ?? ''
    for (const claimed of await claim()) await state.outbox.settle(claimed, 1, 0)
    const patched = await state.incidents.patch(
      id.toLowerCase(),
      { state: 'resolved', resolvedBy: '지훈' },
      '지훈',
      NOON + 5,
    )
    expect(patched).toMatchObject({ state: 'resolved', resolvedBy: '지훈', stateChangedAt: NOON + 5 })
    expect(await state.incidents.get(id)).toEqual(patched)
    expect(await listAudit(state.db, 10)).toEqual([
      {
        at: NOON + 5,
        actor: '지훈',
        action: 'incident.patch',
        target: id,
        detail: JSON.stringify({ state: 'resolved', resolvedBy: '지훈' }),
      },
    ])
    expect(await wanted()).toEqual([id])
    expect(await state.incidents.patch('NOPE', { state: 'resolved' }, 'x', NOON)).toBeUndefined()
  })

  it('are muted and unmuted', async () => {
    const [incident] = await apply({})
    const id = incident?.id ?? ''
    expect((await state.incidents.patch(id, { mutedUntil: NOON + 9 }, 'x', NOON))?.mutedUntil).toBe(NOON + 9)
    expect(await state.incidents.patch(id, { mutedUntil: null }, 'x', NOON)).not.toHaveProperty('mutedUntil')
  })

  it('keep a patch when the next event comes', async () => {
    const [incident] = await apply({ at: NOON })
    await state.incidents.patch(
      incident?.id ?? '',
      { state: 'acknowledged', acknowledgedBy: '지훈', mutedUntil: NOON + 9, title: '새 제목' },
      'x',
      NOON,
    )
    const [next] = await apply({ at: NOON + 1 })
    expect(next).toMatchObject({
      state: 'acknowledged',
      acknowledgedBy: '지훈',
      mutedUntil: NOON + 9,
      title: '새 제목',
      count: 2,
    })
    expect(await state.incidents.get(incident?.id ?? '')).toEqual(next)
  })

  it('become quiet without events, but for those that a person resolved', async () => {
    const [a, b, c] = await apply(
      { message: 'a failed', at: NOON },
      { message: 'b failed', at: NOON },
      { message: 'c failed', at: NOON + 100 },
    )
    await state.incidents.patch(b?.id ?? '', { state: 'resolved' }, 'x', NOON)
    for (const claimed of await claim()) await state.outbox.settle(claimed, 9, 0)
    const quieted = await state.incidents.quiet(NOON + 100, NOON + 500)
    expect(quieted.map(({ id, state: s, stateChangedAt }) => [id, s, stateChangedAt])).toEqual([
      [a?.id, 'quiet', NOON + 500],
    ])
    expect((await state.incidents.get(c?.id ?? ''))?.state).toBe('open')
    expect(await state.incidents.quiet(NOON + 100, NOON + 600)).toEqual([])
  })

  it('forget the ids of events that are too old to come again', async () => {
    await apply({ id: 'a', sequence: '1' })
    await state.forgetEvents(NOON)
    expect(await apply({ id: 'a', sequence: '1' })).toEqual([])
    await state.forgetEvents(NOON + 1)
    expect((await apply({ id: 'a', sequence: '1' })).map((incident) => incident.count)).toEqual([2])
  })
})
