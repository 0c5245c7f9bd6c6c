/**
 * Backtest: what candidate rules and grouping would have made of a time that has passed, beside what the present ones make
 * of it. The same records go through both; no message is sent and nothing is stored.
 */
import type { Fingerprint, Incident, IncidentSeverity } from '../../pipeline/incident.ts'
import type { LogRecord } from '../../pipeline/record.ts'
import type { FoundObject, ObjectFault } from './browse.ts'
import type { Rehearsal } from './rehearsal.ts'

export interface BacktestSide {
  /** Messages of their own; an incident that is told with another has none. */
  readonly messages: number
  readonly incidents: number
  /** How often a quiet one came back: a line in its thread. */
  readonly regressions: number
  readonly events: number
}

export interface BacktestIncident {
  readonly id: string
  readonly service: string
  readonly title: string
  readonly severity: IncidentSeverity
  readonly count: number
}

export interface Backtest {
  readonly records: number
  readonly objects: number
  readonly now: BacktestSide
  readonly candidate: BacktestSide
  /** Of now: not one of its events would make an incident. */
  readonly lost: readonly BacktestIncident[]
  /** Of now: some of its events would be left out. */
  readonly thinner: readonly (BacktestIncident & { readonly left: number })[]
  /** One of the candidate in place of several of now. */
  readonly joined: readonly { readonly into: BacktestIncident; readonly from: readonly BacktestIncident[] }[]
  /** One of now that would be several. */
  readonly parted: readonly { readonly from: BacktestIncident; readonly into: readonly BacktestIncident[] }[]
  /** Of the candidate: none of its events makes an incident now. */
  readonly added: readonly BacktestIncident[]
  readonly faults: readonly ObjectFault[]
}

export interface BacktestDeps {
  readonly now: Rehearsal
  readonly candidate: Rehearsal
  readonly onProgress?: (progress: {
    readonly objects: number
    readonly records: number
    readonly hour: string
  }) => void
}

/** Fingerprints of a record, now and with the candidate; undefined where a rule leaves it out. */
interface Pair {
  readonly now: Fingerprint | undefined
  readonly candidate: Fingerprint | undefined
  events: number
}
type Pairs = Map<string, Pair>

export async function backtest(
  deps: BacktestDeps,
  batches: AsyncIterable<readonly [FoundObject, readonly LogRecord[]]>,
  faults: readonly ObjectFault[],
): Promise<Backtest> {
  const pairs: Pairs = new Map()
  const run = { objects: 0, records: 0 }
  for await (const [object, records] of batches) {
    const [now, candidate] = await Promise.all([deps.now.take(records), deps.candidate.take(records)])
    for (const { id } of records) note(pairs, now.get(id), candidate.get(id))
    run.objects++
    run.records += records.length
    deps.onProgress?.({ ...run, hour: object.hour })
  }
  const [now, candidate] = await Promise.all([sideOf(deps.now), sideOf(deps.candidate)])
  return { ...run, now, candidate, ...(await compare(deps, pairs)), faults: [...faults] }
}

function note(pairs: Pairs, now: Pair['now'], candidate: Pair['candidate']): void {
  if (now === undefined && candidate === undefined) return
  const key = `${now?.id} ${candidate?.id}`
  const pair = pairs.get(key)
  if (pair === undefined) pairs.set(key, { now, candidate, events: 1 })
  else pair.events++
}

async function sideOf(rehearsal: Rehearsal): Promise<BacktestSide> {
  const incidents = await rehearsal.incidents()
  const sum = (of: (incident: Incident) => number): number => incidents.reduce((total, each) => total + of(each), 0)
  return {
    messages: incidents.filter(({ fold }) => fold === undefined).length,
    incidents: incidents.length,
    regressions: sum(({ regressions }) => regressions),
    events: sum(({ count }) => count),
  }
}

/** An incident of one side with those of the other that hold its events. */
interface Meeting {
  readonly incident: Incident
  readonly others: Map<string, Incident>
  /** Events that make no incident on the other side. */
  left: number
}

async function compare(
  deps: BacktestDeps,
  pairs: Pairs,
): Promise<Pick<Backtest, 'lost' | 'thinner' | 'joined' | 'parted' | 'added'>> {
  const all = [...pairs.values()]
  const [ofNow, ofCandidate] = await Promise.all([
    deps.now.incidentsOf(distinct(all.map(({ now }) => now))),
    deps.candidate.incidentsOf(distinct(all.map(({ candidate }) => candidate))),
  ])
  const here = new Map<string, Meeting>()
  const there = new Map<string, Meeting>()
  for (const { now, candidate, events } of all) {
    const [mine, theirs] = [ofNow.get(now?.id ?? ''), ofCandidate.get(candidate?.id ?? '')]
    meet(here, mine, theirs, events)
    meet(there, theirs, mine, events)
  }
  const [present, planned] = [[...here.values()].sort(byCount), [...there.values()].sort(byCount)]
  return {
    lost: present.filter(({ others }) => others.size === 0).map(({ incident }) => brief(incident)),
    thinner: present
      .filter(({ others, left }) => others.size > 0 && left > 0)
      .map(({ incident, left }) => ({ ...brief(incident), left })),
    joined: planned
      .filter(({ others }) => others.size > 1)
      .map(({ incident, others }) => ({ into: brief(incident), from: [...others.values()].map(brief) })),
    parted: present
      .filter(({ others }) => others.size > 1)
      .map(({ incident, others }) => ({ from: brief(incident), into: [...others.values()].map(brief) })),
    added: planned.filter(({ others }) => others.size === 0).map(({ incident }) => brief(incident)),
  }
}

function meet(
  side: Map<string, Meeting>,
  own: Incident | undefined,
  other: Incident | undefined,
  events: number,
): void {
  if (own === undefined) return
  const meeting = side.get(own.id) ?? { incident: own, others: new Map<string, Incident>(), left: 0 }
  if (other === undefined) meeting.left += events
  else meeting.others.set(other.id, other)
  side.set(own.id, meeting)
}

const byCount = (a: Meeting, b: Meeting): number => b.incident.count - a.incident.count
const distinct = (fingerprints: readonly (Fingerprint | undefined)[]): Fingerprint[] => [
  ...new Map(fingerprints.filter((each) => each !== undefined).map((each) => [each.id, each])).values(),
]
const brief = ({ id, service, title, severity, count }: Incident): BacktestIncident => ({
  id,
  service,
  title,
  severity,
  count,
})
