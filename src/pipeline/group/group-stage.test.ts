import { describe, expect, it } from 'vitest'
import { NOON, type RecordFacts, recordOf } from '../../../test/support/records.ts'
import { createMemoryIncidentStore } from '../../state/memory-incident-store.ts'
import { emptyLedger } from '../outcome.ts'
import type { IncidentChange } from '../store.ts'
import { createFingerprinter } from './fingerprint.ts'
import { createGroupStage } from './group-stage.ts'
import { createIncidentPlanner, DEFAULT_INCIDENT_POLICY } from './incident-plan.ts'

function createCase() {
  const store = createMemoryIncidentStore()
  const told: (readonly IncidentChange[])[] = []
  const group = createGroupStage({
    fingerprint: createFingerprinter(),
    store,
    plan: createIncidentPlanner(DEFAULT_INCIDENT_POLICY, () => NOON),
    onChanges: (changes) => told.push(changes),
  })
  const ledger = emptyLedger()
  return { store, told, ledger, take: (...facts: RecordFacts[]) => group(facts.map(recordOf), ledger) }
}

describe('the group stage', () => {
  it('counts what it received and kept, and tells of the changes once they are committed', async () => {
    const { take, ledger, told, store } = createCase()
    const changes = await take({ sequence: '1' }, { sequence: '2' }, { sequence: '3', message: 'fine', level: 'INFO' })
    expect(ledger.group).toEqual({ received: 3, kept: 3, dropped: {}, rejected: {} })
    expect(told).toEqual([changes])
    expect([...store.incidents.values()].map((incident) => incident.count)).toEqual([2])
  })

  it('drops a re-send under a new sequence number as a duplicate', async () => {
    const { take, ledger, store } = createCase()
    await take({ id: 'node/file/0', sequence: '1' })
    await take({ id: 'node/file/0', sequence: '7' })
    expect(ledger.group).toEqual({ received: 2, kept: 1, dropped: { duplicate: 1 }, rejected: {} })
    expect([...store.incidents.values()][0]?.count).toBe(1)
  })

  it('drops a re-send inside one batch, and keeps the first of the two', async () => {
    const { take, ledger, store } = createCase()
    await take({ id: 'a', sequence: '1' }, { id: 'b', sequence: '2' }, { id: 'a', sequence: '3' })
    expect(ledger.group).toEqual({ received: 3, kept: 2, dropped: { duplicate: 1 }, rejected: {} })
    expect([...store.incidents.values()][0]?.count).toBe(2)
  })

  it('a replay of the same batch is kept in the books and counts nothing twice', async () => {
    const { take, ledger, store, told } = createCase()
    const batch = [
      { id: 'a', sequence: '1' },
      { id: 'b', sequence: '2' },
    ]
    await take(...batch)
    await take(...batch)
    expect(ledger.group).toEqual({ received: 4, kept: 4, dropped: {}, rejected: {} })
    expect([...store.incidents.values()][0]?.count).toBe(2)
    expect(told).toHaveLength(1)
  })

  it('says nothing for an empty batch or one without errors', async () => {
    const { take, told } = createCase()
    expect(await take()).toEqual([])
    expect(await take({ level: 'INFO' })).toEqual([])
    expect(told).toEqual([])
  })

  it('counts nothing when the store refuses: the batch comes again', async () => {
    const ledger = emptyLedger()
    const group = createGroupStage({
      fingerprint: createFingerprinter(),
      store: { apply: () => Promise.reject(new Error('disk full')) },
      plan: () => ({ changes: [], folded: [] }),
    })
    await expect(group([recordOf()], ledger)).rejects.toThrow('disk full')
    expect(ledger).toEqual(emptyLedger())
  })
})
