import { expect, it } from 'vitest'
import { eventOf } from '../../test/support/records.ts'
import { stateOfFile } from '../../test/support/state.ts'
import { bundledRunbooks, createKnowledgeBase, readRunbookFolder } from '../knowledge/knowledge-base.ts'
import { createMemoryLogIndex } from '../pipeline/forward/memory-log-index.ts'
import { createIncidentPlanner, DEFAULT_INCIDENT_POLICY } from '../pipeline/group/incident-plan.ts'
import { silentLogger } from '../platform/logger.ts'
import { createHistory } from './history.ts'
import { createInvestigator } from './investigator.ts'

const { state, clock } = stateOfFile()

it('explains an incident by its own lines while the log index takes questions and does not answer', async () => {
  const plan = createIncidentPlanner(DEFAULT_INCIDENT_POLICY, clock.now)
  const { changes } = await state().incidents.apply([eventOf({ message: 'No space left on device' })], plan)
  const incident = changes[0]?.incident
  if (incident === undefined) throw new Error('no incident')
  const warnings: unknown[] = []
  const investigator = createInvestigator({
    state: state(),
    index: { ...createMemoryLogIndex(), search: () => new Promise(() => undefined) },
    knowledge: createKnowledgeBase(readRunbookFolder(bundledRunbooks(), 'bundled')),
    history: createHistory({ state: state(), clock, logger: silentLogger, halfLifeMs: 1 }),
    clock,
    logger: { warn: (line: unknown) => void warnings.push(line) } as never,
    contextMs: 1,
  })
  const report = await investigator.reportOf(incident, 'en')
  expect(report.hypotheses[0]?.cause).toMatch(/disk/i)
  expect(warnings).toMatchObject([{ event: 'context_unavailable' }])
})
