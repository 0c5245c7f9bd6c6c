/** Group: records to incidents, in one transaction with the wish to tell people. */
import type { Fingerprint } from '../incident.ts'
import { countExit, drop, keep, type LedgerTally } from '../outcome.ts'
import type { LogRecord } from '../record.ts'
import type { GroupedEvent, IncidentChange, IncidentPlanner, IncidentStore } from '../store.ts'
import type { Fingerprinter } from './fingerprint.ts'

export interface GroupDeps {
  readonly store: IncidentStore
  readonly fingerprint: Fingerprinter
  readonly plan: IncidentPlanner
  /** Told of what has been committed, for live views and the notifier. Must not throw. */
  readonly onChanges?: (changes: readonly IncidentChange[]) => void
}

export type GroupStage = (records: readonly LogRecord[], ledger: LedgerTally) => Promise<readonly IncidentChange[]>

export function createGroupStage(deps: GroupDeps): GroupStage {
  return async function group(records, ledger) {
    if (records.length === 0) return []
    const fingerprints = deps.fingerprint(records)
    const events = records.map((record, i): GroupedEvent => ({ record, fingerprint: fingerprints[i] as Fingerprint }))
    const result = await deps.store.apply(events, deps.plan)
    ledger.group.received += records.length
    for (const record of records) {
      // A duplicate shares its id with the event that was counted: the position tells them apart.
      countExit(ledger.group, result.duplicates.has(deliveryKey(record)) ? drop('duplicate') : keep(record))
    }
    if (result.changes.length > 0) deps.onChanges?.(result.changes)
    return result.changes
  }
}

/** One delivery of one event. */
export const deliveryKey = (record: LogRecord): string =>
  `${record.id} ${record.position.stream}/${record.position.shard}:${record.position.sequence}:${record.position.sub}:${record.position.line}`
