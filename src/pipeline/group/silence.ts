/**
 * Silence: a service, a node or a source that always logged and then logs nothing. The field's worst failure is that
 * nothing comes and nothing says so. Times are those of arrival, by this process's clock.
 */
import type { RecordHead } from '../record.ts'

export type SilenceKind = 'source' | 'node' | 'service'

export interface Silence {
  readonly kind: SilenceKind
  readonly name: string
  /** Arrival of the last line, Unix milliseconds. */
  readonly since: number
  /** Lines per minute before it. */
  readonly usualPerMinute: number
}

export interface Heard {
  readonly kind: SilenceKind
  readonly name: string
  /** Arrival of the last line, Unix milliseconds. */
  readonly lastAt: number
}

export interface SilencePolicy {
  /** No line for this long is a silence, for one that always logged. Milliseconds. */
  readonly afterMs: number
}

export interface SilenceWatch {
  /** Counts an arrived record, whatever its level and whatever the rules do with it. */
  observe(head: RecordHead, now: number): void
  /** What is silent now, and what was silent and has come back. What is explained by a silent source is left out. */
  check(now: number): { readonly silent: readonly Silence[]; readonly back: readonly Silence[] }
  /** Of what nothing was heard here for long enough: the other workers are asked before it counts as silent. */
  missing(now: number): readonly Pick<Heard, 'kind' | 'name'>[]
  /** What was heard since the last call, for the other workers to know. */
  heard(): readonly Heard[]
  /** Another worker has heard of these: they are not silent, and this worker need not hear of them itself. */
  note(heard: readonly Heard[]): void
}

const MINUTE = 60_000
/** "Always" is: a line in nine of ten minutes, for at least half an hour, at most the last hour. */
const WINDOW_MINUTES = 60
const MIN_MINUTES = 30
const ACTIVE_SHARE = 0.9
/** One that is gone for a day is no longer waited for. */
const FORGET_MS = 24 * 3_600_000
/** Names come from the log: a hostile one must not fill the memory. */
const MAX_TRACKED = 5_000

interface Track {
  readonly kind: SilenceKind
  readonly name: string
  source: string
  /** Lines per minute of the clock; those of the last one are in `lines` until it is over. */
  readonly minutes: Map<number, number>
  minute: number
  lines: number
  firstAt: number
  lastAt: number
  /** `lastAt` as the other workers know it. */
  toldAt: number
  silent: Silence | undefined
}

export function createSilenceWatch(policy: SilencePolicy): SilenceWatch {
  const tracks: Record<SilenceKind, Map<string, Track>> = { source: new Map(), service: new Map(), node: new Map() }
  const all = (): Track[] => [...tracks.source.values(), ...tracks.service.values(), ...tracks.node.values()]
  const tracked = (): number => tracks.source.size + tracks.service.size + tracks.node.size

  /** Done for every line that arrives. */
  const count = (kind: SilenceKind, name: string, source: string, now: number): void => {
    const minute = Math.floor(now / MINUTE)
    let track = tracks[kind].get(name)
    if (track === undefined) {
      if (tracked() >= MAX_TRACKED) return
      track = {
        kind,
        name,
        source,
        minutes: new Map(),
        minute,
        lines: 0,
        firstAt: now,
        lastAt: now,
        toldAt: 0,
        silent: undefined,
      }
      tracks[kind].set(name, track)
    }
    track.source = source
    if (now > track.lastAt) track.lastAt = now
    if (track.minute !== minute) {
      endMinute(track)
      track.minute = minute
    }
    track.lines++
  }

  return {
    observe: ({ service, resource, position }, now) => {
      count('source', position.stream, position.stream, now)
      count('service', service, position.stream, now)
      if (resource.node !== undefined) count('node', resource.node, position.stream, now)
    },
    check: (now) => {
      const silent: Silence[] = []
      const back: Silence[] = []
      const quietSources = new Set<string>()
      // Sources first: what they carry is silent with them.
      for (const track of all()) {
        endMinute(track)
        if (now - track.lastAt > FORGET_MS) {
          tracks[track.kind].delete(track.name)
          continue
        }
        if (now - track.lastAt < policy.afterMs) {
          if (track.silent !== undefined) {
            back.push(track.silent)
            // It has to prove anew that it always logs.
            track.minutes.clear()
            track.firstAt = track.lastAt
          }
          track.silent = undefined
          prune(track)
          continue
        }
        track.silent ??= silenceOf(track)
        if (track.silent === undefined) continue
        if (track.kind === 'source') quietSources.add(track.name)
        else if (quietSources.has(track.source)) continue
        silent.push(track.silent)
      }
      return { silent, back }
    },
    missing: (now) => all().filter((track) => now - track.lastAt >= policy.afterMs),
    heard: () => {
      const news = all().filter((track) => track.lastAt > track.toldAt)
      for (const track of news) track.toldAt = track.lastAt
      return news.map(({ kind, name, lastAt }) => ({ kind, name, lastAt }))
    },
    note: (heard) => {
      for (const { kind, name, lastAt } of heard) {
        const track = tracks[kind].get(name)
        if (track === undefined || lastAt <= track.lastAt) continue
        track.lastAt = lastAt
        track.toldAt = lastAt
      }
    },
  }
}

/** Puts the lines of the present minute to those of the others. */
function endMinute(track: Track): void {
  if (track.lines === 0) return
  track.minutes.set(track.minute, (track.minutes.get(track.minute) ?? 0) + track.lines)
  track.lines = 0
}

function prune({ minutes, lastAt }: Track): void {
  const oldest = Math.floor(lastAt / MINUTE) - WINDOW_MINUTES
  for (const minute of minutes.keys()) if (minute < oldest) minutes.delete(minute)
}

/** The silence of one that always logged until now; undefined for one that pauses by nature. */
function silenceOf({ kind, name, minutes, firstAt, lastAt }: Track): Silence | undefined {
  const last = Math.floor(lastAt / MINUTE)
  const first = Math.max(Math.floor(firstAt / MINUTE), last - WINDOW_MINUTES + 1)
  const span = last - first + 1
  if (span < MIN_MINUTES) return undefined
  let active = 0
  let lines = 0
  for (const [minute, n] of minutes) {
    if (minute < first) continue
    active++
    lines += n
  }
  if (active < span * ACTIVE_SHARE) return undefined
  return { kind, name, since: lastAt, usualPerMinute: Math.round((lines / span) * 10) / 10 }
}
