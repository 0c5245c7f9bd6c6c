import { beforeEach, describe, expect, it } from 'vitest'
import { eventsOf, NOON, type RecordFacts } from '../../test/support/records.ts'
import { stateOfFile } from '../../test/support/state.ts'
import { createIncidentPlanner, DEFAULT_INCIDENT_POLICY } from '../pipeline/group/incident-plan.ts'
import { PROBE_SERVICE } from '../pipeline/probe.ts'
import { createIncidentFollower } from './incident-follower.ts'
import { createLive, type Live, type LiveEvent } from './live.ts'

describe('dashboards beside other workers', () => {
  const { state, clock } = stateOfFile()
  let live: Live
  let heard: LiveEvent[]
  let look: () => Promise<void>
  beforeEach(() => {
    live = createLive()
    heard = []
    look = createIncidentFollower({ db: state().db, live, clock })
    live.subscribe((event) => heard.push(event))
  })
  const happens = async (...facts: RecordFacts[]): Promise<string> => {
    const plan = createIncidentPlanner(DEFAULT_INCIDENT_POLICY, clock.now)
    const { changes } = await state().incidents.apply(eventsOf(facts), plan)
    return changes[0]?.incident.id ?? ''
  }

  it('hear of what is opened, counted and changed elsewhere, once each', async () => {
    await happens({ id: 'old', message: 'disk is full', at: NOON - 3_600_000 })
    await look()
    expect(heard).toEqual([])
    clock.advance(2_000)
    const id = await happens({ id: 'a', message: 'payment was declined', at: clock.now() })
    await look()
    expect(heard.splice(0)).toEqual([{ type: 'incident', id, kind: 'opened' }])
    await look()
    expect(heard).toEqual([])
    await happens({ id: 'b', message: 'payment was declined', at: clock.now() })
    await look()
    expect(heard.splice(0)).toEqual([{ type: 'incident', id, kind: 'counted' }])
    await state().incidents.patch(id, { state: 'acknowledged', acknowledgedBy: '지훈' }, '지훈', clock.now())
    await look()
    expect(heard.splice(0)).toEqual([{ type: 'incident', id, kind: 'changed' }])
  })

  it('are not told a second time that this process opened one, nor of a probe', async () => {
    await look()
    const id = await happens({ id: 'a', message: 'payment was declined', at: clock.now() })
    live.publish({ type: 'incident', id, kind: 'opened' })
    await happens({ id: 'p', service: PROBE_SERVICE, message: 'synthetic error', at: clock.now() })
    heard.splice(0)
    await look()
    expect(heard.map((event) => 'kind' in event && event.kind)).toEqual(['counted'])
  })
})
