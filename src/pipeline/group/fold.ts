/**
 * Fold: incidents that begin together and have one cause get one message. A cascade is folded under the service that
 * the others wait for, else under its earliest error. A storm, many new kinds within a minute, is folded under its first.
 * Folded incidents are kept and counted as all others; their alert is a line in the message of the one they follow.
 *
 * What is folded is a function of the incidents that begin within the window, not of the order in which they came.
 */
import type { Fold, Incident } from '../incident.ts'
import { stemOfService } from './downstream.ts'

export interface FoldPolicy {
  /** An effect begins within this time of its cause. Milliseconds. */
  readonly cascadeWithinMs: number
  /** A call fails within this time of what went wrong on the other side. Milliseconds. */
  readonly callWithinMs: number
  /** New kinds within a minute after which more are a storm. */
  readonly stormAfter: number
}

/** Two minutes: longer than the time-outs of a chain of calls; one is longer than that of one call. Twenty kinds a minute: more than a person can read. */
export const DEFAULT_FOLD_POLICY: FoldPolicy = {
  cascadeWithinMs: 120_000,
  callWithinMs: 60_000,
  stormAfter: 20,
}

const STORM_MS = 60_000
/** Traces of its beginning: later ones may have met several faults on their way. */
const FIRST_TRACES = 5

/** What each incident is folded under; incidents that alert for themselves are not in it. */
export function foldIncidents(incidents: readonly Incident[], policy: FoldPolicy): ReadonlyMap<string, Fold> {
  const inOrder = [...incidents].sort(byBeginning)
  const causes = causesOf(inOrder, policy)
  const folds = new Map<string, Fold>()
  const roots: Incident[] = []
  for (const incident of inOrder) {
    const cause = causes.get(incident)
    if (cause !== undefined) {
      const root = rootOf(incident, causes)
      // What the cause was folded under before this window is still its root.
      const under = root.fold?.under ?? root.id
      if (under !== incident.id) folds.set(incident.id, { under, reason: cause.reason })
      continue
    }
    while (roots.length > 0 && incident.firstSeen - (roots[0] as Incident).firstSeen > STORM_MS) roots.shift()
    if (roots.length >= policy.stormAfter) folds.set(incident.id, { under: (roots[0] as Incident).id, reason: 'storm' })
    else roots.push(incident)
  }
  return folds
}

interface Cause {
  readonly incident: Incident
  readonly reason: Fold['reason']
}

const byBeginning = (a: Incident, b: Incident): number =>
  a.firstSeen - b.firstSeen || (a.fingerprint < b.fingerprint ? -1 : 1)

/** The direct cause of each incident that has one: what joins two joins all between, so that a late one only adds. */
function causesOf(inOrder: readonly Incident[], policy: FoldPolicy): ReadonlyMap<Incident, Cause> {
  const calls = callsWithinTraces(inOrder, policy)
  const causes = new Map<Incident, Cause>()
  const lastOf = new Map<string, Incident[]>()
  for (const incident of inOrder) {
    const marks = marksOf(incident)
    const nearest = (wanted: Fold['reason'], withinMs: number): Incident | undefined =>
      marks
        .flatMap(([mark, reason]) => (reason === wanted ? (lastOf.get(mark) ?? []) : []))
        .filter((last) => incident.firstSeen - last.firstSeen <= withinMs && !waitsFor(last, incident, calls))
        .sort((a, b) => byBeginning(b, a))[0]
    const called = calls.get(incident)
    const found = (
      [
        [called, 'trace'],
        [nearest('trace', policy.cascadeWithinMs), 'trace'],
        [nearest('call', policy.callWithinMs), 'call'],
        [nearest('downstream', policy.cascadeWithinMs), 'downstream'],
      ] as const
    ).find(([cause]) => cause !== undefined)
    if (found !== undefined) causes.set(incident, { incident: found[0] as Incident, reason: found[1] })
    for (const mark of [
      ...marks.filter(([, why]) => why !== 'call').map(([own]) => own),
      `service ${stemOfService(incident.service)}`,
    ])
      lastOf.set(mark, [...(lastOf.get(mark) ?? []).slice(1 - MOST_NEAREST), incident])
  }
  return causes
}

/** Earlier incidents of a mark that are looked at: the nearest may be an effect of this one. */
const MOST_NEAREST = 8

/**
 * Callers that gave up: within one trace the error of a caller names the service that it waited for. With a time-out the
 * caller speaks first, although the other side is the cause.
 */
function callsWithinTraces(inOrder: readonly Incident[], policy: FoldPolicy): ReadonlyMap<Incident, Incident> {
  const byTrace = new Map<string, Incident[]>()
  for (const incident of inOrder)
    for (const id of incident.traceIds.slice(0, FIRST_TRACES)) byTrace.set(id, [...(byTrace.get(id) ?? []), incident])
  const calls = new Map<Incident, Incident>()
  for (const incident of inOrder) {
    if (incident.callees.length === 0) continue
    const called = incident.traceIds
      .slice(0, FIRST_TRACES)
      .flatMap((id) => byTrace.get(id) ?? [])
      .filter(
        (other) =>
          other !== incident &&
          incident.callees.includes(stemOfService(other.service)) &&
          Math.abs(other.firstSeen - incident.firstSeen) <= policy.cascadeWithinMs,
      )
      .sort(byBeginning)[0]
    if (called !== undefined) calls.set(incident, called)
  }
  return calls
}

/** Whether `caller` waits, directly or along calls, for `incident`. */
function waitsFor(caller: Incident, incident: Incident, calls: ReadonlyMap<Incident, Incident>): boolean {
  const seen = new Set<Incident>()
  for (let at = calls.get(caller); at !== undefined && !seen.has(at); at = calls.get(at)) {
    if (at === incident) return true
    seen.add(at)
  }
  return false
}

/** Along causes to the one that has none. In a ring, of services that wait for each other, the earliest is the root. */
function rootOf(incident: Incident, causes: ReadonlyMap<Incident, Cause>): Incident {
  const seen: Incident[] = []
  let at = incident
  for (let cause = causes.get(at); cause !== undefined; cause = causes.get(at)) {
    const ring = seen.indexOf(at)
    if (ring !== -1) return seen.slice(ring).sort(byBeginning)[0] as Incident
    seen.push(at)
    at = cause.incident
  }
  return at
}

/** What an incident has in common with others: it is found by the mark, for the reason. */
function marksOf({ traceIds, downstream, callees }: Incident): (readonly [string, Fold['reason']])[] {
  return [
    ...traceIds.slice(0, FIRST_TRACES).map((id) => [`trace ${id}`, 'trace'] as const),
    ...callees.map((stem) => [`service ${stem}`, 'call'] as const),
    ...(downstream === undefined ? [] : [[`address ${downstream}`, 'downstream'] as const]),
  ]
}
