import { describe, expect, it } from 'vitest'
import { incidentOf, reportOf } from '../../test/support/incidents.ts'
import { eventOf, NOON } from '../../test/support/records.ts'
import { stateOfFile } from '../../test/support/state.ts'
import type { MilvusIncidents } from '../knowledge/milvus-incidents.ts'
import { createIncidentPlanner, DEFAULT_INCIDENT_POLICY } from '../pipeline/group/incident-plan.ts'
import type { Incident } from '../pipeline/incident.ts'
import { CaliError } from '../platform/error.ts'
import { silentLogger } from '../platform/logger.ts'
import { createHistory } from './history.ts'

describe('the history', () => {
  const { state, clock } = stateOfFile()
  const plan = createIncidentPlanner(DEFAULT_INCIDENT_POLICY, clock.now)
  const history = (incidents?: MilvusIncidents) =>
    createHistory({
      state: state(),
      clock,
      logger: silentLogger,
      halfLifeMs: 20 * 86_400_000,
      ...(incidents === undefined ? {} : { incidents }),
    })
  const happened = async (message: string): Promise<Incident> => {
    const { changes } = await state().incidents.apply([eventOf({ id: message, at: NOON, message })], plan)
    const incident = changes[0]?.incident as Incident
    await state().incidents.patch(incident.id, { state: 'resolved', resolvedBy: 'kim' }, 'kim', NOON)
    return incident
  }
  const later = incidentOf({
    id: 'LATER1',
    fingerprint: 'other',
    title: 'lamp of the zork is out in the cellar',
    template: 'lamp of the zork is out in the cellar',
    firstSeen: NOON + 60_000,
  })

  it('tells the cause that a person confirmed, in the words of the report', async () => {
    const past = await happened('lamp of the zork is out in the attic')
    await state().reports.save(
      past.id,
      reportOf({
        hypotheses: [{ id: 'H1', cause: 'no oil', category: 'unknown', confidence: 'low', support: ['E1'] }],
      }),
    )
    expect(await history().similar(later, 'en')).toMatchObject([{ incident: past.id }])
    expect((await history().similar(later, 'en'))[0]).not.toHaveProperty('confirmed')
    const said = { incident: past.id, verdict: 'helpful' as const, actor: 'kim', at: NOON }
    await state().feedback.add({ ...said, hypothesis: 'H1' })
    await state().feedback.add({ ...said, hypothesis: 'fix', note: 'oil bought' })
    expect(await history().similar(later, 'en')).toMatchObject([
      { incident: past.id, confirmed: true, cause: 'no oil', fix: 'oil bought' },
    ])
  })

  it('tells what was said about this very incident before it came back', async () => {
    const past = await happened('lamp of the zork is out')
    await state().feedback.add({
      incident: past.id,
      hypothesis: 'fix',
      verdict: 'helpful',
      note: 'oil bought',
      actor: 'kim',
      at: NOON + 5,
    })
    const back = { ...past, state: 'regressed' as const, regressions: 1 }
    expect(await history().similar(back, 'en')).toMatchObject([
      { incident: past.id, sameError: true, confirmed: true, fix: 'oil bought', lastSeen: NOON + 5 },
    ])
    expect(await history().similar({ ...back, regressions: 0 }, 'en')).toEqual([])
  })

  it('looks further back where a store knows more, and does without it while it is away', async () => {
    const past = await happened('lamp of the zork is out in the attic')
    const open = await state().incidents.apply([eventOf({ id: 'open', at: NOON, message: 'still open' })], plan)
    const asked: string[] = []
    const candidates = async (incident: Incident): Promise<readonly string[]> => {
      asked.push(incident.id)
      return [open.changes[0]?.incident.id ?? '', 'GONE', past.id]
    }
    expect(await history({ candidates, sync: async () => 0 }).similar(later, 'en')).toHaveLength(1)
    expect(asked).toEqual(['LATER1'])
    const away = async () => {
      throw new CaliError('milvus_unreachable', 'away', { retryable: true })
    }
    expect(await history({ candidates: away, sync: away }).similar(later, 'en')).toHaveLength(1)
  })
})
