/**
 * Incident plan: what a batch of grouped events does to the incidents of their fingerprints. Pure, and a function of
 * the events' own times, so that batch boundaries, shards and order of arrival do not change which messages go out.
 */
import { crockford } from '../../platform/hash.ts'
import { type Fold, type Incident, worseSeverity } from '../incident.ts'
import { isProbe } from '../probe.ts'
import type { ExceptionChain } from '../record.ts'
import { type LogRecord, SEVERITY } from '../record.ts'
import { isSpike, SPIKE_EPISODE_MS, type Usual } from '../spike.ts'
import type { GroupedEvent, IncidentChange, IncidentPlanner, Plan, PlanInput } from '../store.ts'
import { calleesOf, downstreamOf } from './downstream.ts'
import { DEFAULT_FOLD_POLICY, type FoldPolicy, foldIncidents } from './fold.ts'
import { judgeSeverity } from './severity.ts'
import { templateOf } from './template.ts'

export interface IncidentPolicy {
  /** An incident without an event for this long is quiet; the next event is a regression. Milliseconds. */
  readonly quietAfterMs: number
  readonly fold: FoldPolicy
}

/** Half an hour: longer than a retry storm's pauses, shorter than the time in which people forget. */
export const DEFAULT_INCIDENT_POLICY: IncidentPolicy = { quietAfterMs: 30 * 60_000, fold: DEFAULT_FOLD_POLICY }

const ID_LENGTH = 6
const MAX_LISTED = 20
const MAX_TRACES = 20
const FIRST_SAMPLES = 10
const TITLE_CHARS = 140

export function createIncidentPlanner(policy: IncidentPolicy, now: () => number): IncidentPlanner {
  return function planIncidents({ current, apart, fresh, counted, near, usual }) {
    const groups = new Map<string, Group>()
    // In time order, so that the first error of a kind gives the incident its name whatever batch it came in.
    for (const event of [...fresh].sort((a, b) => a.record.at - b.record.at)) {
      const group = groupOf(event, { current, apart, groups, now })
      if (group === undefined) continue
      group.events.push(event)
      if (event.fingerprint.id !== group.incident.fingerprint && current.get(event.fingerprint.id) === undefined)
        group.aliases.add(event.fingerprint.id)
    }
    const changes = [...new Set(groups.values())].map((group) => planOne(group, { policy, now: now(), counted, usual }))
    return changes.some((change) => change.kind === 'opened')
      ? folded(changes, near, policy.fold, now())
      : { changes, folded: [] }
  }
}

/** Puts what has opened, and what began around it, under its cause. */
function folded(changes: readonly IncidentChange[], near: readonly Incident[], policy: FoldPolicy, now: number): Plan {
  const changed = new Map(changes.map((change) => [change.incident.id, change.incident]))
  const absorbed = new Set(changes.flatMap((change) => change.absorbed.map((incident) => incident.id)))
  const speaks = (incident: Incident): boolean =>
    ACTIVE.includes(incident.state) &&
    incident.regressions === 0 &&
    (incident.mutedUntil ?? 0) <= now &&
    !isProbe(incident)
  const others = near.filter((incident) => !changed.has(incident.id) && !absorbed.has(incident.id))
  const folds = foldIncidents([...changed.values(), ...others].filter(speaks), policy)
  const known = new Set([...changed.keys(), ...others.map((incident) => incident.id)])
  /** What is known of the others' causes outside of this window stays as it is. */
  const after = (incident: Incident): Fold | undefined =>
    folds.get(incident.id) ??
    (incident.fold !== undefined && !known.has(incident.fold.under) ? incident.fold : undefined)
  return {
    changes: changes.map((change) => ({ ...change, incident: withFold(change.incident, after(change.incident)) })),
    folded: others.flatMap((incident) => {
      const fold = after(incident)
      return fold?.under === incident.fold?.under ? [] : [{ incident, fold }]
    }),
  }
}

function withFold(incident: Incident, fold: Fold | undefined): Incident {
  const { fold: _, ...alone } = incident
  return fold === undefined ? alone : { ...alone, fold }
}

interface Group {
  readonly incident: Incident
  readonly opened: boolean
  readonly absorbed: readonly Incident[]
  readonly events: GroupedEvent[]
  readonly aliases: Set<string>
}

interface Known {
  readonly current: ReadonlyMap<string, Incident>
  readonly apart: ReadonlySet<string>
  /** By every fingerprint that leads to them. */
  readonly groups: Map<string, Group>
  readonly now: () => number
}

/** The incident an event belongs to: its own or its kin's, the earliest where there are several, or a new one. */
function groupOf(event: GroupedEvent, { current, apart, groups, now }: Known): Group | undefined {
  const { fingerprint, record } = event
  const ids = apart.has(fingerprint.id)
    ? [fingerprint.id]
    : [fingerprint.id, ...fingerprint.kin.filter((id) => !apart.has(id))]
  for (const id of ids) {
    const group = groups.get(id)
    if (group !== undefined) return group
  }
  const found = new Map<string, Incident>()
  for (const id of ids) {
    const incident = current.get(id)
    if (incident !== undefined) found.set(incident.fingerprint, incident)
  }
  if (found.size === 0 && record.severity.number < SEVERITY.ERROR.number) return undefined
  const [incident = openIncident(event, now()), ...absorbed] = [...found.values()].sort(
    (a, b) => a.firstSeen - b.firstSeen || a.openedAt - b.openedAt || (a.id < b.id ? -1 : 1),
  )
  const known = groups.get(incident.fingerprint)
  const group = known ?? { incident, opened: found.size === 0, absorbed, events: [], aliases: new Set<string>() }
  for (const id of [...ids, incident.fingerprint, ...absorbed.map((other) => other.fingerprint)]) groups.set(id, group)
  return group
}

function planOne(
  { incident: before, events, opened, absorbed, aliases }: Group,
  context: Pick<PlanInput, 'counted' | 'usual'> & { policy: IncidentPolicy; now: number },
): IncidentChange {
  let incident = absorbed.reduce(takeIn, before)
  let regressed = false
  const buckets = new Map<number, number>()
  const samples: LogRecord[] = []
  for (const { record } of events) {
    if (comesBack(incident, record.at, context.policy)) {
      regressed = true
      // Folding is about how it began: what comes back alone speaks for itself.
      const { fold: _, ...alone } = incident
      incident = { ...alone, state: 'regressed', regressions: incident.regressions + 1, stateChangedAt: context.now }
    } else if (incident.state === 'quiet' && record.at > incident.lastSeen) {
      // It was called quiet too early: this event was on its way, within the quiet time.
      incident = { ...incident, state: stateBeforeQuiet(incident), stateChangedAt: context.now }
    }
    const minute = Math.floor(record.at / 60_000)
    buckets.set(minute, (buckets.get(minute) ?? 0) + 1)
    if (incident.count < FIRST_SAMPLES) samples.push(record)
    incident = countEvent(incident, record)
  }
  const last = events.at(-1)?.record
  if (last !== undefined && samples.at(-1)?.id !== last.id) samples.push(last)
  // With what the minute holds already: the rate does not depend on how the minute was cut into batches.
  const ids = [before.id, ...absorbed.map((other) => other.id)]
  const held = (minute: number): number => ids.reduce((sum, id) => sum + context.counted(id, minute), 0)
  let busiest = 0
  for (const [minute, n] of buckets) busiest = Math.max(busiest, n + held(minute))
  incident = withSpike(incident, buckets, (minute, n) => {
    const usual = context.usual(before.id, minute)
    return usual !== undefined && isSpike(n + held(minute), usual) ? { perMinute: n + held(minute), usual } : undefined
  })
  const judged = explainMerges(judgeSeverity(incident, events, busiest), events)
  return {
    incident: judged,
    kind: opened ? 'opened' : regressed ? 'regressed' : 'counted',
    aliases: [...aliases],
    absorbed,
    buckets,
    samples,
  }
}

/** Notes the minutes in which the incident is far above its usual rate. */
function withSpike(
  incident: Incident,
  buckets: ReadonlyMap<number, number>,
  spikeAt: (minute: number, n: number) => { perMinute: number; usual: Usual } | undefined,
): Incident {
  let after = incident
  for (const [minute, n] of [...buckets].sort((a, b) => a[0] - b[0])) {
    const spike = spikeAt(minute, n)
    if (spike === undefined) continue
    const at = minute * 60_000
    const goesOn = after.spikedAt !== undefined && Math.abs(at - after.spikedAt) <= SPIKE_EPISODE_MS
    const before = after.severityReasons.find((reason) => reason.key === 'spike')
    const perMinute = Math.max(spike.perMinute, goesOn ? Number(before?.params['perMinute'] ?? 0) : 0)
    after = {
      ...after,
      spikes: after.spikes + (goesOn ? 0 : 1),
      spikedAt: Math.max(at, after.spikedAt ?? at),
      severityReasons: [
        ...after.severityReasons.filter((reason) => reason.key !== 'spike'),
        { key: 'spike', params: { perMinute, usual: Math.round(spike.usual.median * 10) / 10 } },
      ],
    }
  }
  return after
}

const MAX_EXPLAINED = 24

/** Why later kinds belong to it stands beside what it was opened for. */
function explainMerges(incident: Incident, events: readonly GroupedEvent[]): Incident {
  const explanation = new Set(incident.explanation)
  for (const { fingerprint } of events)
    if (fingerprint.basis === 'template' && fingerprint.kin.length > 1)
      for (const part of fingerprint.explanation.slice(1)) if (explanation.size < MAX_EXPLAINED) explanation.add(part)
  return explanation.size === incident.explanation.length ? incident : { ...incident, explanation: [...explanation] }
}

const ACTIVE: readonly Incident['state'][] = ['open', 'acknowledged', 'regressed']

/** One incident with what another one was. The name, the id and the message stay those of the earlier. */
function takeIn(incident: Incident, other: Incident): Incident {
  const awake = !ACTIVE.includes(incident.state) && ACTIVE.includes(other.state) ? other : incident
  const lists = (key: 'namespaces' | 'pods' | 'versions' | 'traceIds', max: number): readonly string[] =>
    [...new Set([...incident[key], ...other[key]])].slice(0, max)
  const reasons = new Map([...other.severityReasons, ...incident.severityReasons].map((reason) => [reason.key, reason]))
  return {
    ...incident,
    state: awake.state,
    stateChangedAt: awake.stateChangedAt,
    severity: worseSeverity(other.severity, incident.severity),
    severityReasons: [...reasons.values()],
    count: incident.count + other.count,
    firstSeen: Math.min(incident.firstSeen, other.firstSeen),
    lastSeen: Math.max(incident.lastSeen, other.lastSeen),
    namespaces: lists('namespaces', MAX_LISTED),
    pods: lists('pods', MAX_LISTED),
    versions: lists('versions', MAX_LISTED),
    traceIds: lists('traceIds', MAX_TRACES),
  }
}

/** Whether an event at `at` ends the quiet of an incident; one older than what is known never does. */
function comesBack(incident: Incident, at: number, policy: IncidentPolicy): boolean {
  if (incident.state === 'resolved') return at > incident.stateChangedAt && at > incident.lastSeen
  return at - incident.lastSeen > policy.quietAfterMs
}

const stateBeforeQuiet = ({ regressions, acknowledgedBy }: Incident): Incident['state'] =>
  regressions > 0 ? 'regressed' : acknowledgedBy === undefined ? 'open' : 'acknowledged'

function openIncident({ record, fingerprint }: GroupedEvent, now: number): Incident {
  const chain = record.exception
  const root = chain?.causes.at(-1)
  const downstream = downstreamOf(record)
  return {
    id: crockford(fingerprint.id, ID_LENGTH),
    fingerprint: fingerprint.id,
    service: record.service,
    title: titleOf(record, chain),
    template: fingerprint.template,
    basis: fingerprint.basis,
    explanation: fingerprint.explanation,
    ...(chain === undefined
      ? {}
      : {
          exception: {
            type: chain.type,
            message: firstLine(chain.message),
            ...(root === undefined ? {} : { root: { type: root.type, message: firstLine(root.message) } }),
          },
        }),
    ...(downstream === undefined ? {} : { downstream }),
    callees: calleesOf(record),
    severity: 'SEV3',
    severityReasons: [],
    state: 'open',
    count: 0,
    firstSeen: record.at,
    lastSeen: record.at,
    openedAt: now,
    namespaces: [],
    pods: [],
    versions: [],
    traceIds: [],
    stateChangedAt: now,
    regressions: 0,
    spikes: 0,
  }
}

/** The root cause says more than its wrappers; without an exception the masked message is the title. */
function titleOf(record: LogRecord, chain: ExceptionChain | undefined): string {
  if (chain === undefined) return cut(templateOf(record.message) || record.message)
  const root = chain.causes.at(-1) ?? chain
  const name = root.type.split(/[.\\]|::/).at(-1) ?? root.type
  const message = templateOf(firstLine(root.message))
  return cut(message === '' ? `${name} · ${templateOf(record.message)}` : `${name}: ${message}`)
}

function countEvent(incident: Incident, record: LogRecord): Incident {
  const { namespace, pod, version } = record.resource
  return {
    ...incident,
    count: incident.count + 1,
    firstSeen: Math.min(incident.firstSeen, record.at),
    lastSeen: Math.max(incident.lastSeen, record.at),
    namespaces: withItem(incident.namespaces, namespace, MAX_LISTED),
    pods: withItem(incident.pods, pod ?? record.resource.host, MAX_LISTED),
    versions: withItem(incident.versions, version, MAX_LISTED),
    traceIds: withItem(incident.traceIds, record.trace?.traceId, MAX_TRACES),
  }
}

function withItem(list: readonly string[], item: string | undefined, max: number): readonly string[] {
  return item === undefined || list.includes(item) || list.length >= max ? list : [...list, item]
}

const firstLine = (text: string): string => text.split('\n', 1)[0] as string
const cut = (text: string): string =>
  text.length > TITLE_CHARS ? `${text.slice(0, TITLE_CHARS - 1).toWellFormed()}…` : text
