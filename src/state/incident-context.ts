/** What the planner is told of the incidents around a batch, in SQL. */
import type { Transaction } from 'kysely'
import type { Incident } from '../pipeline/incident.ts'
import { SEVERITY } from '../pipeline/record.ts'
import { SPIKE_FLOOR, SPIKE_MIN_AGE_MS, type Usual, usualOf } from '../pipeline/spike.ts'
import { type GroupedEvent, NEAR_MS, type PlanInput } from '../pipeline/store.ts'
import { chunks } from './concurrency.ts'
import type { Database } from './database.ts'
import { incidentOfRow } from './incident-codec.ts'

const MAX_NEAR = 2_000

/** Incidents that began around events which may open one. */
export async function loadNear(
  trx: Transaction<Database>,
  current: ReadonlyMap<string, Incident>,
  fresh: readonly GroupedEvent[],
): Promise<readonly Incident[]> {
  const opening = fresh.filter(
    ({ record, fingerprint }) => record.severity.number >= SEVERITY.ERROR.number && !current.has(fingerprint.id),
  )
  if (opening.length === 0) return []
  // No spread: a batch may hold more events than a call takes arguments.
  const [from, to] = opening.reduce(
    ([first, last], { record }) => [Math.min(first, record.at), Math.max(last, record.at)],
    [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY],
  ) as [number, number]
  const rows = await trx
    .selectFrom('incidents')
    .selectAll()
    .where('first_seen', '>=', from - NEAR_MS)
    .where('first_seen', '<=', to + NEAR_MS)
    .where('state', '!=', 'merged')
    .orderBy('first_seen')
    .limit(MAX_NEAR)
    .execute()
  return rows.map(incidentOfRow)
}

/** Events that the minutes at hand hold already, of the incidents at hand. */
export async function loadCounts(
  trx: Transaction<Database>,
  incidents: readonly Incident[],
  fresh: readonly GroupedEvent[],
): Promise<(incident: string, minute: number) => number> {
  const minutes = [...new Set(fresh.map((event) => Math.floor(event.record.at / 60_000)))]
  const counts = new Map<string, number>()
  for (const ids of chunks([...new Set(incidents.map((incident) => incident.id))])) {
    for (const part of chunks(minutes)) {
      const rows = await trx
        .selectFrom('incident_buckets')
        .selectAll()
        .where('incident_id', 'in', ids)
        .where('minute', 'in', part)
        .execute()
      for (const row of rows) counts.set(`${row.incident_id} ${row.minute}`, Number(row.count))
    }
  }
  return (incident, minute) => counts.get(`${incident} ${minute}`) ?? 0
}

/**
 * Usual rates of the incidents that are busy enough in this batch to be a spike: of the same hour of the week in the
 * last four weeks, or, for one that is younger than a week, of the last day.
 */
export async function loadUsual(
  trx: Transaction<Database>,
  current: ReadonlyMap<string, Incident>,
  fresh: readonly GroupedEvent[],
  counted: (incident: string, minute: number) => number,
): Promise<PlanInput['usual']> {
  const busy = new Map<string, { incident: Incident; minute: number; n: number }>()
  for (const { record, fingerprint } of fresh) {
    const incident = current.get(fingerprint.id)
    if (incident === undefined || record.at - incident.firstSeen < SPIKE_MIN_AGE_MS) continue
    const minute = Math.floor(record.at / 60_000)
    const key = `${incident.id} ${minute}`
    const entry = busy.get(key) ?? { incident, minute, n: counted(incident.id, minute) }
    entry.n++
    busy.set(key, entry)
  }
  const usual = new Map<string, Usual>()
  for (const [key, { incident, minute, n }] of busy) {
    if (n < SPIKE_FLOOR) continue
    const windows = usualWindows(incident.firstSeen, minute)
    const counts: number[] = []
    let minutes = 0
    for (const [from, to] of windows) {
      const rows = await trx
        .selectFrom('incident_buckets')
        .select('count')
        .where('incident_id', '=', incident.id)
        .where('minute', '>=', from)
        .where('minute', '<', to)
        .execute()
      counts.push(...rows.map((row) => Number(row.count)))
      minutes += to - from
    }
    usual.set(key, usualOf(counts, minutes))
  }
  return (incident, minute) => usual.get(`${incident} ${minute}`)
}

const WEEK_MINUTES = 7 * 24 * 60
/** The spike itself must not be its own baseline. Minutes. */
const RECENT_MINUTES = 15

/** Half-open ranges of minutes that say what is usual at `minute`. */
function usualWindows(firstSeen: number, minute: number): (readonly [number, number])[] {
  const first = Math.floor(firstSeen / 60_000)
  const hour = minute - (minute % 60)
  const weekly = [1, 2, 3, 4]
    .map((weeks) => [hour - weeks * WEEK_MINUTES, hour - weeks * WEEK_MINUTES + 60] as const)
    .filter(([from]) => from >= first)
  if (weekly.length > 0) return weekly
  return [[Math.max(first, minute - 24 * 60), Math.max(first + 1, minute - RECENT_MINUTES)]]
}
