import { beforeEach, describe, expect, it } from 'vitest'
import { eventsOf, NOON, type RecordFacts } from '../../test/support/records.ts'
import { stateOfFile } from '../../test/support/state.ts'
import { createFingerprinter } from '../pipeline/group/fingerprint.ts'
import { createIncidentPlanner, DEFAULT_INCIDENT_POLICY } from '../pipeline/group/incident-plan.ts'
import type { Incident } from '../pipeline/incident.ts'
import { listAudit } from './record-queries.ts'

const plan = createIncidentPlanner(DEFAULT_INCIDENT_POLICY, () => NOON)

describe('what a person decides over the grouping', () => {
  const { state } = stateOfFile()
  let fingerprint = createFingerprinter()
  let n = 0
  beforeEach(() => {
    fingerprint = createFingerprinter()
  })
  const take = (...facts: RecordFacts[]) => state().incidents.apply(eventsOf(facts, fingerprint), plan)
  const fail = (message: string): RecordFacts => ({ message, at: NOON + n++ * 1_000 })
  const open = async (message: string): Promise<Incident> =>
    (await take(fail(message))).changes[0]?.incident as Incident
  const shown = async () => (await state().incidents.list({})).map(({ id, count, state }) => [id, count, state]).sort()
  const countOf = async (id: string): Promise<number> =>
    (await state().incidents.buckets([id], 0, NOON * 2)).reduce((sum, bucket) => sum + bucket.count, 0)

  it('merges incidents: one stays, with the counts, the samples and what comes after', async () => {
    const a = await open('gate closed')
    const b = await open('door locked')
    const result = await state().grouping.merge(a.id, [b.id], '지훈', NOON)
    expect(result).toMatchObject({ incident: { id: a.id, count: 2 } })
    expect(await shown()).toEqual([[a.id, 2, 'open']])
    expect(await state().incidents.get(b.id)).toMatchObject({ state: 'merged', mergedInto: a.id, count: 1 })
    await take(fail('door locked'), fail('gate closed'))
    expect(await shown()).toEqual([[a.id, 4, 'open']])
    expect(await countOf(a.id)).toBe(4)
    expect(await state().incidents.samples(a.id)).toHaveLength(4)
    expect((await listAudit(state().db, 1))[0]).toMatchObject({ action: 'incident.merge', target: a.id, actor: '지훈' })
  })

  it.each([
    ['into its own effect', 'effect'],
    ['into another incident', 'other'],
  ])('a cause that is merged %s takes its effects along: each is told somewhere', async (_name, where) => {
    const { changes } = await take(
      { service: 'billing', message: 'connect ECONNREFUSED ledger:5432', at: NOON },
      { service: 'report', message: 'could not connect to ledger:5432', at: NOON + 1_000 },
      { service: 'audit', message: 'no connection: failed to connect ledger:5432', at: NOON + 2_000 },
      { service: 'misc', message: 'door locked', at: NOON + 3_000 },
    )
    const [cause, effect, third, other] = changes.map((change) => change.incident)
    expect([effect?.fold?.under, third?.fold?.under]).toEqual([cause?.id, cause?.id])
    const into = (where === 'effect' ? effect : other) as Incident
    await state().grouping.merge(into.id, [cause?.id ?? ''], '지훈', NOON)
    const after = new Map((await state().incidents.list({})).map((incident) => [incident.id, incident]))
    expect(after.get(into.id)?.fold).toBeUndefined()
    for (const { id, fold } of after.values()) if (id !== into.id && id !== other?.id) expect(fold?.under).toBe(into.id)
  })

  it('asks for the messages of both to be brought up to date', async () => {
    const a = await open('gate closed')
    const b = await open('door locked')
    for (const delivery of await state().outbox.claim(NOON, 1, 10))
      await state().outbox.settle(delivery, delivery.wanted, 0)
    await state().grouping.merge(a.id, [b.id], '지훈', NOON)
    expect((await state().outbox.claim(NOON + 1, 1, 10)).map((delivery) => delivery.incident).sort()).toEqual(
      [a.id, b.id].sort(),
    )
  })

  it('splits a merged incident off again: its own history comes back, and it stays apart', async () => {
    const a = await open('gate closed')
    const b = await open('door locked')
    await state().grouping.merge(a.id, [b.id], '지훈', NOON)
    await take(fail('door locked'))
    const result = await state().grouping.split(a.id, b.fingerprint, '지훈', NOON)
    expect(result).toMatchObject({ incident: { id: b.id, state: 'open' } })
    // The event that came while they were one stays where it was counted.
    expect(await shown()).toEqual(
      [
        [a.id, 2, 'open'],
        [b.id, 1, 'open'],
      ].sort(),
    )
    expect([await countOf(a.id), await countOf(b.id)]).toEqual([2, 1])
    await take(fail('door locked'))
    expect(await shown()).toEqual(
      [
        [a.id, 2, 'open'],
        [b.id, 2, 'open'],
      ].sort(),
    )
  })

  it('keeps apart what the grouping would join, after a restart as well', async () => {
    const names = ['alpha', 'beta', 'gamma', 'delta', 'epsilon', 'zeta']
    await take(...names.map((name) => fail(`cannot open the store of ${name}`)))
    const [all] = await state().incidents.list({})
    expect(all).toMatchObject({ count: 6 })
    const members = await state().grouping.members((all as Incident).id)
    expect(members.map(({ template, own }) => [template, own])).toEqual(
      names.map((name, i) => [`cannot open the store of ${name}`, i === 0]).sort((x, y) => Number(y[1]) - Number(x[1])),
    )
    const gamma = members.find((member) => member.template.endsWith('gamma'))
    await state().grouping.split((all as Incident).id, gamma?.fingerprint ?? '', '지훈', NOON)
    fingerprint = createFingerprinter()
    await take(...['gamma', 'zeta', 'gamma', 'eta'].map((name) => fail(`cannot open the store of ${name}`)))
    const list = await state().incidents.list({})
    expect(list.map(({ template, count }) => [template.split(' ').at(-1), count]).sort()).toEqual([
      ['alpha', 7],
      ['eta', 1],
      ['gamma', 2],
    ])
  })

  it('follows a chain of merges, and acts on what a merged incident has become part of', async () => {
    const [a, b, c] = [await open('gate closed'), await open('door locked'), await open('window broken')]
    await state().grouping.merge(b.id, [c.id], '지훈', NOON)
    await state().grouping.merge(a.id, [b.id], '지훈', NOON)
    await take(fail('window broken'))
    expect(await shown()).toEqual([[a.id, 4, 'open']])
    await state().incidents.patch(c.id, { state: 'resolved', resolvedBy: '지훈' }, '지훈', NOON)
    expect(await shown()).toEqual([[a.id, 4, 'resolved']])
  })

  it.each([
    [
      'an unknown incident',
      'no_such_incident',
      async (a: Incident) => state().grouping.merge(a.id, ['ZZZZZZ'], 'x', NOON),
    ],
    ['itself', 'same_incident', async (a: Incident) => state().grouping.merge(a.id, [a.id], 'x', NOON)],
    [
      'what is merged already',
      'merged_elsewhere',
      async (a: Incident) => {
        const b = await open('door locked')
        await state().grouping.merge(a.id, [b.id], 'x', NOON)
        return state().grouping.merge(a.id, [b.id], 'x', NOON)
      },
    ],
    ['its own kind', 'own_fingerprint', async (a: Incident) => state().grouping.split(a.id, a.fingerprint, 'x', NOON)],
    ['a kind it has not', 'no_such_member', async (a: Incident) => state().grouping.split(a.id, 'feedface', 'x', NOON)],
  ])('refuses %s and changes nothing', async (_name, fault, decide) => {
    const a = await open('gate closed')
    expect(await decide(a)).toMatchObject({ fault })
    expect((await state().incidents.get(a.id))?.state).toBe('open')
  })
})
