import { describe, expect, it } from 'vitest'
import { eventOf } from '../../test/support/records.ts'
import { createIncidentPlanner, DEFAULT_INCIDENT_POLICY } from '../pipeline/group/incident-plan.ts'
import { incidentStoreContract } from './incident-store.contract.ts'
import { createMemoryIncidentStore } from './memory-incident-store.ts'

incidentStoreContract('memory', async () => {
  const store = createMemoryIncidentStore()
  return {
    store,
    incidents: async () => [...store.incidents.values()],
    samples: async (incident) => store.samples(incident.fingerprint),
    close: async () => undefined,
  }
})

describe('a memory store that does not remember events', () => {
  it('counts every delivery, as a single pass over a file needs', async () => {
    const store = createMemoryIncidentStore({ rememberEvents: false })
    const plan = createIncidentPlanner(DEFAULT_INCIDENT_POLICY, () => 0)
    for (let i = 0; i < 2; i++) await store.apply([eventOf({ id: 'a' })], plan)
    expect([...store.incidents.values()].map((incident) => incident.count)).toEqual([2])
  })
})
