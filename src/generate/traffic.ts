import type { GeneratedEvent, Label } from './event.ts'
import type { Fleet } from './fleet.ts'
import type { Noise } from './noise/noise.ts'
import type { Random } from './random.ts'
import { type Line, leadTime, type Scenario, type Step } from './scenario.ts'
import type { Scene } from './values.ts'

export interface LogGenerator {
  /** All events with `at < until`, in time order; the stream is one, however it is cut into calls. */
  advance(until: number): GeneratedEvent[]
  /** Ids of the scenarios that take part. */
  readonly scenarios: readonly string[]
}

/** One burst of a scenario: its lead-in, then `count` failures. */
export interface Turn {
  readonly scenario: Scenario
  readonly at: number
  readonly count: number
  /** Mean milliseconds between two failures. */
  readonly gap: number
}

/** Names the bursts that start in a slot of time. Called once for each slot, in order. */
export type Director = (from: number, to: number) => readonly Turn[]

interface TrafficOptions {
  readonly seed: number
  readonly random: Random
  readonly scene: Scene
  readonly fleet: Fleet
  readonly noise: Noise
  readonly director: Director
  readonly scenarios: readonly string[]
  /** Events a second, noise and failures together. */
  readonly rate: number
  readonly startAt: number
}

/** Time is made in slots of fixed length, so that the size of a caller's steps cannot change the stream. */
const SLOT_MS = 250
/** Above this rate bursts are squeezed, so that the first thousand events tell the same story at any rate. */
const NATURAL_RATE = 200
const NOISE: Pick<Label, 'scenario' | 'fault' | 'cause'> = { scenario: null, fault: null, cause: false }
const DAY_OFFSET_MS = 9 * 3_600_000

export function createTraffic(options: TrafficOptions): LogGenerator {
  const { random, scene, fleet, noise, director, rate, startAt } = options
  const prefix = `${options.seed.toString(36)}-`
  const squeeze = Math.min(1, NATURAL_RATE / rate)
  const played = new Set<string>()
  const later = new Map<number, GeneratedEvent[]>()
  let slot = 0
  let made = 0
  let surge = { until: 0, factor: 1 }
  let ready: GeneratedEvent[] = []
  let taken = 0

  const add = (line: Line, at: number, ids: Ids, label: typeof NOISE, onePod = false): void => {
    // Threads and loggers belong to the process, not to the request: they never share its values.
    const { shared } = scene
    scene.shared = undefined
    const logger = line.logger(scene)
    const thread = line.thread(scene)
    scene.shared = shared
    const { pod, node, container, namespace, version, image } = onePod
      ? fleet.placeFirst(line.service, at)
      : fleet.place(line.service, at)
    const event: GeneratedEvent = {
      at,
      service: line.service,
      level: line.level,
      logger,
      thread,
      text: line.text(scene),
      pod,
      node,
      container,
      namespace,
      version,
      image,
      requestId: ids.requestId,
      traceId: ids.traceId,
      label: { id: prefix + made++, scenario: label.scenario, fault: label.fault, cause: label.cause },
    }
    const index = Math.max(slot, Math.floor((at - startAt) / SLOT_MS))
    const events = later.get(index)
    if (events === undefined) later.set(index, [event])
    else events.push(event)
  }

  const play = ({ scenario, at, count, gap }: Turn): void => {
    const first = !played.has(scenario.id)
    played.add(scenario.id)
    if (first && scenario.rollOut) fleet.rollOut(scenario.rollOut.service, scenario.rollOut.version, at)
    const write = (step: Step, base: number, ids: Ids): void => {
      const fault = step.level === 'ERROR' || step.level === 'FATAL' ? `${scenario.id}/${step.service}` : null
      const when = Math.floor(base + random.int(step.delay[0], step.delay[1]) * squeeze)
      add(step, when, ids, { scenario: scenario.id, fault, cause: step.cause }, step.onePod)
    }
    const lead = scenario.steps.filter(({ on }) => on === 'turn' || (on === 'once' && first))
    for (const step of lead) {
      scene.shared = undefined
      write(step, at, newIds(random))
    }
    let base = at + (lead.length > 0 ? leadTime(scenario) * squeeze : 0)
    for (let i = 0; i < count; i++) {
      const ids = newIds(random)
      scene.shared = new Map()
      for (const step of scenario.steps) if (step.on === 'occurrence') write(step, base, ids)
      base += (0.4 + 1.2 * random.next()) * gap * squeeze
    }
    scene.shared = undefined
  }

  const fill = (from: number): void => {
    // A slow swell, short surges, and a pull back to the promised rate.
    if (from >= surge.until && random.next() < 0.006) surge = { until: from + random.int(600, 2500), factor: 2.4 }
    const swell = 1 + 0.2 * Math.sin((from - startAt) / 47_000)
    const owed = (rate * (from - startAt)) / 1000 - made
    const wanted = ((rate * SLOT_MS) / 1000) * (from < surge.until ? surge.factor : swell) + owed * 0.08
    const whole = Math.floor(wanted + random.next())
    const goal = made + Math.max(0, whole)
    while (made < goal) {
      const at = from + random.int(0, SLOT_MS - 1)
      const ids = newIds(random)
      noise.next(random, (line, delay, shared) => {
        scene.shared = shared
        add(line, at + delay, ids, NOISE)
        scene.shared = undefined
      })
    }
  }

  const next = (): void => {
    const from = startAt + slot * SLOT_MS
    scene.day = new Date(from + DAY_OFFSET_MS).toISOString().slice(0, 10).replaceAll('-', '')
    for (const turn of director(from, from + SLOT_MS)) play(turn)
    fill(from)
    const events = later.get(slot) ?? []
    later.delete(slot)
    slot++
    events.sort((a, b) => a.at - b.at)
    if (taken > 0) {
      ready = ready.slice(taken)
      taken = 0
    }
    for (const event of events) ready.push(event)
  }

  return {
    scenarios: options.scenarios,
    advance: (until) => {
      const out: GeneratedEvent[] = []
      for (;;) {
        for (let event = ready[taken]; event !== undefined && event.at < until; event = ready[taken]) {
          out.push(event)
          taken++
        }
        if (startAt + slot * SLOT_MS >= until) return out
        next()
      }
    },
  }
}

interface Ids {
  readonly requestId: string
  readonly traceId: string
}

const newIds = (random: Random): Ids => ({ requestId: `req-${random.hex(12)}`, traceId: random.hex(32) })
