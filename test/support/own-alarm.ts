/** CALI's own alarm on the state of a file of tests. */
import { createOwnAlarm, type OwnAlarm } from '../../src/app/own-alarm.ts'
import { createFingerprinter } from '../../src/pipeline/group/fingerprint.ts'
import { createIncidentPlanner, DEFAULT_INCIDENT_POLICY } from '../../src/pipeline/group/incident-plan.ts'
import type { StateOfFile } from './state.ts'

export const ownAlarmOf = ({ state, clock }: StateOfFile): OwnAlarm =>
  createOwnAlarm({
    incidents: state().incidents,
    plan: createIncidentPlanner(DEFAULT_INCIDENT_POLICY, clock.now),
    fingerprint: createFingerprinter(),
    now: clock.now,
    onChanges: () => undefined,
  })
