/** What every IncidentStore must do, run by the tests of each. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { eventOf, eventsOf, NOON, type RecordFacts } from '../../test/support/records.ts'
import { createFingerprinter } from '../pipeline/group/fingerprint.ts'
import { createIncidentPlanner, DEFAULT_INCIDENT_POLICY } from '../pipeline/group/incident-plan.ts'
import type { Incident } from '../pipeline/incident.ts'
import type { IncidentPlanner, IncidentStore } from '../pipeline/store.ts'

export interface IncidentStoreCase {
  readonly store: IncidentStore
  /** All incidents, in any order. */
  incidents(): Promise<readonly Incident[]>
  samples(incident: Incident): Promise<readonly { readonly id: string }[]>
  close(): Promise<void>
}

export function incidentStoreContract(name: string, create: () => Promise<IncidentStoreCase>): void {
  describe(`${name} as an incident store`, () => {
    let at: IncidentStoreCase
    const plan = createIncidentPlanner(DEFAULT_INCIDENT_POLICY, () => NOON)
    let fingerprint = createFingerprinter()
    const apply = (...facts: RecordFacts[]) => at.store.apply(eventsOf(facts, fingerprint), plan)
    const summary = async (): Promise<string[]> =>
      (await at.incidents()).map((i) => `${i.service} ${i.template} ×${i.count}`).sort()

    beforeEach(async () => {
      fingerprint = createFingerprinter()
      at = await create()
    })
    afterEach(() => at.close())

    it('opens, counts and returns what changed', async () => {
      const first = await apply({ id: 'a', message: 'order 1 failed' }, { id: 'b', message: 'order 2 failed' })
      expect(first.changes.map(({ kind, incident }) => [kind, incident.count])).toEqual([['opened', 2]])
      const second = await apply({ id: 'c', message: 'order 3 failed' })
      expect(second.changes.map(({ kind, incident }) => [kind, incident.count])).toEqual([['counted', 3]])
      expect(await summary()).toEqual(['order-service order <num> failed ×3'])
    })

    it.each([1, 3, 30])('thirty errors in a minute raise the severity, in batches of %i as well', async (size) => {
      const all = Array.from(
        { length: 30 },
        (_, i): RecordFacts => ({ id: `e${i}`, sequence: String(i), message: `order ${i} failed` }),
      )
      for (let i = 0; i < all.length; i += size) await apply(...all.slice(i, i + size))
      const [incident] = await at.incidents()
      expect([incident?.count, incident?.severity]).toEqual([30, 'SEV2'])
    })

    it('gives back an incident as it was written, Korean and all', async () => {
      const { changes } = await apply({
        message: '김철수님의 주문 17 실패: 재고 부족 😀',
        level: 'FATAL',
        resource: { pod: 'order-1', namespace: '상점', version: '1.2' },
        traceId: 't1',
      })
      expect(await at.incidents()).toEqual(changes.map((change) => change.incident))
    })

    it('counts an event once: the same position again is a replay, not a duplicate', async () => {
      await apply({ id: 'a', sequence: '1' })
      const again = await apply({ id: 'a', sequence: '1' })
      expect(again).toEqual({ changes: [], duplicates: new Set() })
      expect(await summary()).toEqual(['order-service order <num> failed ×1'])
    })

    it('an id seen at another position is a duplicate, in a later batch or in the same one', async () => {
      const same = await apply({ id: 'a', sequence: '1' }, { id: 'a', sequence: '2' })
      expect(same.duplicates).toEqual(new Set(['a test/0:2:0:0']))
      const later = await apply({ id: 'a', sequence: '2', shard: '1' })
      expect(later.duplicates).toEqual(new Set(['a test/1:2:0:0']))
      expect(await summary()).toEqual(['order-service order <num> failed ×1'])
    })

    it('remembers events that opened nothing', async () => {
      await apply({ id: 'a', sequence: '1', level: 'INFO' })
      const { duplicates } = await apply({ id: 'a', sequence: '2', level: 'INFO' })
      expect(duplicates.size).toBe(1)
    })

    it('takes a batch larger than one statement holds', async () => {
      const batch = Array.from(
        { length: 1_000 },
        (_, i): RecordFacts => ({ id: `e${i}`, sequence: `9${i}`, message: `kind${'abcdefgh'[i % 8]} failed` }),
      )
      await apply(...batch)
      const { duplicates, changes } = await apply(...batch)
      expect([duplicates.size, changes.length]).toEqual([0, 0])
      expect((await at.incidents()).map((incident) => incident.count)).toEqual(Array.from({ length: 8 }, () => 125))
    })

    it('a batch that fails leaves nothing behind, and counts in full when it comes again', async () => {
      await apply({ id: 'a', sequence: '1' })
      const broken: IncidentPlanner = () => {
        throw new Error('planner broke')
      }
      const batch = [eventOf({ id: 'b', sequence: '2' }), eventOf({ id: 'c', sequence: '3', message: '결제 실패' })]
      await expect(at.store.apply(batch, broken)).rejects.toThrow('planner broke')
      expect(await summary()).toEqual(['order-service order <num> failed ×1'])
      await at.store.apply(batch, plan)
      expect(await summary()).toEqual(['order-service order <num> failed ×2', 'order-service 결제 실패 ×1'])
    })

    it('an alias leads to its incident in every later batch', async () => {
      const message = (product: string): string =>
        `결제 승인 실패: 카드사 응답 없음 (주문번호 17, 상품 ${product}, 금액 12,000원) 재시도 안 함`
      const first = await apply(
        { message: message('무선 키보드'), at: NOON },
        { message: message('유기농 사과'), at: NOON + 1 },
      )
      expect(first.changes.map((change) => change.aliases.length)).toEqual([1])
      const second = await apply(
        { message: message('유기농 사과'), at: NOON + 2 },
        { message: message('접이식 의자'), at: NOON + 3 },
      )
      expect(second.changes.map(({ kind, aliases, incident }) => [kind, aliases.length, incident.count])).toEqual([
        ['counted', 1, 4],
      ])
    })

    it('incidents that prove to be one become one: the earliest, with all that was counted', async () => {
      const names = ['alpha', 'beta', 'gamma', 'delta', 'epsilon', 'zeta']
      const failed = (name: string, i: number): RecordFacts => ({
        message: `cannot open the store of ${name}`,
        at: NOON + i,
      })
      for (const [i, name] of names.slice(0, 4).entries()) await apply(failed(name, i))
      expect(await at.incidents()).toHaveLength(4)
      const { changes } = await apply(failed('zeta', 5))
      expect(changes.map(({ kind, absorbed, incident }) => [kind, absorbed.length, incident.count])).toEqual([
        ['counted', 3, 5],
      ])
      const left = (await at.incidents()).filter((incident) => incident.state !== 'merged')
      expect(left).toMatchObject([
        { count: 5, firstSeen: NOON, lastSeen: NOON + 5, template: 'cannot open the store of alpha' },
      ])
      // Whatever name comes next, and after a restart that forgot what was learned, the known ones lead there too.
      await apply(failed('eta', 6))
      fingerprint = createFingerprinter()
      await apply(failed('gamma', 7))
      expect((await at.incidents()).filter((incident) => incident.state !== 'merged')).toMatchObject([{ count: 7 }])
      expect(await at.samples(left[0] as Incident)).toHaveLength(7)
    })

    it.each([
      ['cause first', [0, 1, 2]],
      ['cause last', [2, 1, 0]],
      ['cause between', [1, 0, 2]],
    ])('a cascade that arrives %s is folded under its cause', async (_name, order) => {
      const chain: RecordFacts[] = [
        { service: 'payment', message: 'pool exhausted', at: NOON, traceId: 't1' },
        { service: 'order', message: 'payment call failed', at: NOON + 900, traceId: 't1' },
        { service: 'gateway', message: 'upstream answered 502', at: NOON + 1_000, traceId: 't1' },
      ]
      for (const i of order) await apply(chain[i] as RecordFacts)
      const incidents = await at.incidents()
      const cause = incidents.find((incident) => incident.service === 'payment')
      expect(cause?.fold).toBeUndefined()
      expect(incidents.filter((incident) => incident !== cause).map((incident) => incident.fold)).toEqual([
        { under: cause?.id, reason: 'trace' },
        { under: cause?.id, reason: 'trace' },
      ])
    })

    it('two batches in either order give the same incidents and counts', async () => {
      const early = [
        eventOf({ id: 'a', sequence: '1', at: NOON }),
        eventOf({ id: 'b', sequence: '2', at: NOON + 1, message: '결제 실패' }),
      ]
      const late = [
        eventOf({ id: 'c', sequence: '3', at: NOON + 2 }),
        eventOf({ id: 'd', sequence: '4', at: NOON + 3, service: 'payment-service' }),
      ]
      await at.store.apply(early, plan)
      await at.store.apply(late, plan)
      const inOrder = await summary()
      await at.close()
      at = await create()
      await at.store.apply(late, plan)
      await at.store.apply(early, plan)
      expect(await summary()).toEqual(inOrder)
      expect((await at.incidents()).find((incident) => incident.count === 2)).toMatchObject({
        firstSeen: NOON,
        lastSeen: NOON + 2,
      })
    })

    it('keeps the first samples and the latest, and not one per event', async () => {
      for (let i = 0; i < 50; i++) await apply({ id: `e${i}`, sequence: `8${i}`, at: NOON + i })
      const [incident] = await at.incidents()
      const ids = (await at.samples(incident as Incident)).map((record) => record.id)
      expect(ids.length).toBeLessThanOrEqual(30)
      expect(ids.slice(0, 10)).toEqual(Array.from({ length: 10 }, (_, i) => `e${i}`))
      expect(ids.at(-1)).toBe('e49')
    })

    it('does nothing for an empty batch', async () => {
      expect(await apply()).toEqual({ changes: [], duplicates: new Set() })
    })
  })
}
