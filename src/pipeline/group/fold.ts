/**
 * Fold: incidents that begin together and have one cause get one message. A cascade is folded under its earliest error:
 * the callee fails before its caller says so. A storm, many new kinds within a minute, is folded under its first.
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
  const inOrder = [...incidents].sort((a, b) => a.firstSeen - b.firstSeen || (a.fingerprint < b.fingerprint ? -1 : 1))
  const folds = new Map<string, Fold>()
  /** Last incident per trace, per address and per service. */
  const lastOf = new Map<string, Incident>()
  const roots: Incident[] = []
  for (const incident of inOrder) {
    const marks = marksOf(incident)
    /** The nearest before it: what joins two joins all between, so that one that comes late only adds. */
    const nearest = (wanted: Fold['reason'], withinMs: number): Incident | undefined =>
      marks
        .flatMap(([mark, reason]) => (reason === wanted ? [lastOf.get(mark)] : []))
        .filter((last) => last !== undefined)
        .filter((last) => incident.firstSeen - last.firstSeen <= withinMs)
        .sort((a, b) => b.firstSeen - a.firstSeen || (a.fingerprint < b.fingerprint ? -1 : 1))[0]
    const [cause, reason] = (
      [
        [nearest('trace', policy.cascadeWithinMs), 'trace'],
        [nearest('call', policy.callWithinMs), 'call'],
        [nearest('downstream', policy.cascadeWithinMs), 'downstream'],
      ] as const
    ).find(([found]) => found !== undefined) ?? [undefined, 'trace']
    // What the cause was folded under before this window is still its root.
    if (cause !== undefined)
      folds.set(incident.id, { under: folds.get(cause.id)?.under ?? cause.fold?.under ?? cause.id, reason })
    else {
      while (roots.length > 0 && incident.firstSeen - (roots[0] as Incident).firstSeen > STORM_MS) roots.shift()
      if (roots.length >= policy.stormAfter)
        folds.set(incident.id, { under: (roots[0] as Incident).id, reason: 'storm' })
      else roots.push(incident)
    }
    for (const [mark, why] of marks) if (why !== 'call') lastOf.set(mark, incident)
    lastOf.set(`service ${stemOfService(incident.service)}`, incident)
  }
  return folds
}

/** What an incident has in common with others: it is found by the mark, for the reason. */
function marksOf({ traceIds, downstream, callees }: Incident): (readonly [string, Fold['reason']])[] {
  return [
    ...traceIds.slice(0, FIRST_TRACES).map((id) => [`trace ${id}`, 'trace'] as const),
    ...callees.map((stem) => [`service ${stem}`, 'call'] as const),
    ...(downstream === undefined ? [] : [[`address ${downstream}`, 'downstream'] as const]),
  ]
}
