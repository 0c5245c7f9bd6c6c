/** Own alarm: what CALI itself has noticed becomes an incident like any other, straight in the state and not by a stream. */
import type { Fingerprint, Incident } from '../pipeline/incident.ts'
import type { LogRecord } from '../pipeline/record.ts'
import type {
  IncidentChange,
  IncidentPlanner,
  IncidentReader,
  IncidentStore,
  IncidentWriter,
} from '../pipeline/store.ts'

/** Who resolves what is over by itself. */
export const OWN_ACTOR = 'CALI'

export interface OwnAlarmDeps {
  readonly incidents: IncidentStore & IncidentReader & IncidentWriter
  readonly plan: IncidentPlanner
  readonly fingerprint: (records: readonly LogRecord[]) => readonly Fingerprint[]
  readonly now: () => number
  readonly onChanges: (changes: readonly IncidentChange[]) => void
}

export interface OwnAlarm {
  /** Opens or counts an incident; its id, and how many incidents changed. An id of a record counts once, whoever raises it. */
  raise(record: LogRecord): Promise<{ readonly incident?: string; readonly changed: number }>
  /** It is over. False where there is no such incident. */
  resolve(incident: string): Promise<boolean>
  /** The incident that such a record is counted by, whoever raised it. */
  find(record: LogRecord): Promise<Incident | undefined>
}

export function createOwnAlarm({ incidents, plan, fingerprint, now, onChanges }: OwnAlarmDeps): OwnAlarm {
  return {
    raise: async (record) => {
      const [print] = fingerprint([record])
      const { changes } = await incidents.apply([{ record, fingerprint: print as Fingerprint }], plan)
      onChanges(changes)
      const incident = changes[0]?.incident.id
      return { changed: changes.length, ...(incident === undefined ? {} : { incident }) }
    },
    resolve: async (id) => {
      const incident = await incidents.patch(id, { state: 'resolved', resolvedBy: OWN_ACTOR }, OWN_ACTOR, now())
      if (incident === undefined) return false
      onChanges([])
      return true
    },
    find: (record) => incidents.withFingerprint((fingerprint([record])[0] as Fingerprint).id),
  }
}
