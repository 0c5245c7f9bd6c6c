/**
 * Rehearsal: records of the archive under given rules and grouping, in memory. It makes the incidents that the program
 * would have made, and tells nobody.
 */
import { createFilterStage } from '../../pipeline/filter/filter-stage.ts'
import type { Redactor } from '../../pipeline/filter/redact/redactor.ts'
import type { Rule } from '../../pipeline/filter/rule.ts'
import type { Fingerprint, Incident, UiLanguage } from '../../pipeline/incident.ts'
import { emptyLedger } from '../../pipeline/outcome.ts'
import type { LogRecord } from '../../pipeline/record.ts'
import { createManualClock } from '../../platform/clock.ts'
import { findByFingerprints } from '../../state/grouping-queries.ts'
import { openState } from '../../state/state.ts'
import type { Config } from '../config.ts'
import { createGrouping } from '../grouping.ts'

export interface RehearsalSettings {
  readonly rules: readonly Rule[]
  readonly incidents: Config['incidents']
  readonly grouping: Config['grouping']
}

export interface Rehearsal {
  /** In the order of the archive; answers with the fingerprint of each record that counts for an incident, by record id. */
  take(records: readonly LogRecord[]): Promise<ReadonlyMap<string, Fingerprint>>
  /** Incidents of these fingerprints, found by them or their kin as they stand now, by the fingerprint's id. */
  incidentsOf(fingerprints: readonly Fingerprint[]): Promise<ReadonlyMap<string, Incident>>
  /** All incidents that are not part of another. */
  incidents(): Promise<readonly Incident[]>
  close(): Promise<void>
}

export async function openRehearsal(
  settings: RehearsalSettings,
  deps: { readonly redactor: Redactor; readonly language: UiLanguage },
): Promise<Rehearsal> {
  const clock = createManualClock(0)
  const state = await openState({ path: ':memory:', clock })
  let grouped = new Map<string, Fingerprint>()
  const grouping = await createGrouping({
    state,
    config: settings.incidents,
    rules: settings.grouping,
    clock,
    language: deps.language,
    onChanges: () => undefined,
    onFingerprints: (records, fingerprints) => {
      for (const [i, record] of records.entries()) grouped.set(record.id, fingerprints[i] as Fingerprint)
    },
  })
  // What was redacted when it came stays as it is: redaction does nothing to its own placeholders.
  const { filter } = createFilterStage({ redactor: deps.redactor }, settings.rules)
  return {
    take: async (records) => {
      grouped = new Map()
      for (const { observedAt } of records) if (observedAt > clock.now()) clock.set(observedAt)
      const tally = emptyLedger()
      const { kept } = filter(
        records.map(({ archiveOnly: _, ...record }) => ({ ...record, origin: record.resource })),
        tally,
      )
      await grouping.group(kept, tally)
      return grouped
    },
    incidentsOf: async (fingerprints) => {
      const ids = new Set(fingerprints.flatMap(({ id, kin }) => [id, ...kin]))
      const found = await findByFingerprints(state.db, [...ids])
      const incidentOf = ({ id, kin }: Fingerprint): Incident | undefined =>
        [id, ...kin].map((one) => found.get(one)).find((incident) => incident !== undefined)
      return new Map(
        fingerprints.flatMap((fingerprint) => {
          const incident = incidentOf(fingerprint)
          return incident === undefined ? [] : [[fingerprint.id, incident] as const]
        }),
      )
    },
    incidents: async () =>
      (await state.incidents.list({ limit: Number.MAX_SAFE_INTEGER })).filter(({ state: is }) => is !== 'merged'),
    close: () => state.close(),
  }
}
