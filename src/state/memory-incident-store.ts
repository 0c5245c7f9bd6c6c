import type { Incident } from '../pipeline/incident.ts'
import { type LogRecord, positionKey } from '../pipeline/record.ts'
import type { IncidentStore } from '../pipeline/store.ts'

export interface MemoryIncidentStore extends IncidentStore {
  readonly incidents: ReadonlyMap<string, Incident>
  samples(fingerprint: string): readonly LogRecord[]
  /** The incident that a fingerprint belongs to, its own or as a variant. */
  incidentOf(fingerprint: string): Incident | undefined
}

/**
 * IncidentStore of one process, for `cali triage` and tests. `rememberEvents: false` leaves out the memory of event
 * ids, which a single pass over a file does not need and a 1 GB file cannot afford.
 */
export function createMemoryIncidentStore(
  options: { rememberEvents: boolean } = { rememberEvents: true },
): MemoryIncidentStore {
  const incidents = new Map<string, Incident>()
  const samples = new Map<string, LogRecord[]>()
  const seen = new Map<string, string>()
  const aliases = new Map<string, string>()
  const buckets = new Map<string, number>()

  const absorb = (other: Incident, into: Incident): void => {
    incidents.delete(other.fingerprint)
    for (const [fingerprint, incident] of incidents) {
      if (incident.fold?.under !== other.id) continue
      const { fold, ...alone } = incident
      incidents.set(fingerprint, incident.id === into.id ? alone : { ...incident, fold: { ...fold, under: into.id } })
    }
    for (const [alias, fingerprint] of aliases)
      if (fingerprint === other.fingerprint) aliases.set(alias, into.fingerprint)
    aliases.set(other.fingerprint, into.fingerprint)
    for (const [key, n] of [...buckets]) {
      const [id, minute] = key.split(' ') as [string, string]
      if (id !== other.id) continue
      const own = `${into.id} ${minute}`
      buckets.set(own, (buckets.get(own) ?? 0) + n)
      buckets.delete(key)
    }
    samples.set(into.fingerprint, [...(samples.get(into.fingerprint) ?? []), ...(samples.get(other.fingerprint) ?? [])])
    samples.delete(other.fingerprint)
  }

  return {
    incidents,
    incidentOf: (fingerprint) => incidents.get(aliases.get(fingerprint) ?? fingerprint),
    samples: (fingerprint) => samples.get(fingerprint) ?? [],
    apply: async (events, plan) => {
      const duplicates = new Set<string>()
      const added = new Map<string, string>()
      const fresh = !options.rememberEvents
        ? events
        : events.filter(({ record }) => {
            const position = positionKey(record.position)
            const before = seen.get(record.id) ?? added.get(record.id)
            if (before === undefined) {
              added.set(record.id, position)
              return true
            }
            if (before !== position) duplicates.add(`${record.id} ${position}`)
            return false
          })
      const current = new Map(incidents)
      for (const [alias, fingerprint] of aliases) current.set(alias, incidents.get(fingerprint) as Incident)
      const { changes, folded } = plan({
        current,
        apart: new Set(),
        fresh,
        near: [...incidents.values()],
        // One file or one test is too short to say what is usual.
        usual: () => undefined,
        counted: (incident, minute) => buckets.get(`${incident} ${minute}`) ?? 0,
      })
      // Nothing is remembered before the plan is made: a planner that throws leaves nothing behind.
      for (const [id, position] of added) seen.set(id, position)
      for (const change of changes) {
        incidents.set(change.incident.fingerprint, change.incident)
        for (const alias of change.aliases) aliases.set(alias, change.incident.fingerprint)
        for (const other of change.absorbed) absorb(other, change.incident)
        for (const [minute, n] of change.buckets) {
          const key = `${change.incident.id} ${minute}`
          buckets.set(key, (buckets.get(key) ?? 0) + n)
        }
        const kept = samples.get(change.incident.fingerprint) ?? []
        kept.push(...change.samples)
        if (kept.length > 30) kept.splice(10, kept.length - 30)
        samples.set(change.incident.fingerprint, kept)
      }
      for (const { incident, fold } of folded) {
        const now = incidents.get(incident.fingerprint)
        if (now === undefined) continue
        const { fold: _, ...alone } = now
        incidents.set(incident.fingerprint, fold === undefined ? alone : { ...alone, fold })
      }
      return { changes, duplicates }
    },
  }
}
