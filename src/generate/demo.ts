import { createCast } from './cast.ts'
import { createFleet } from './fleet.ts'
import { createNoise } from './noise/noise.ts'
import { createRandom, type Random } from './random.ts'
import type { Scenario } from './scenario.ts'
import { CATALOG } from './scenarios/catalog.ts'
import { createTraffic, type Director, type LogGenerator, type Turn } from './traffic.ts'

const EVENTS_PER_SECOND = 120
/** Seconds after the start. A first minute that shows the range: languages, Korean text, a deploy, a cascade. */
const OPENING: readonly (readonly [second: number, id: string, count: number])[] = [
  [0.1, 'db-pool-exhausted', 4],
  [5, 'payment-declined-ko', 2],
  [10, 'type-error', 3],
  [16, 'attribute-error', 2],
  [22, 'db-pool-exhausted', 6],
  [25, 'cascade', 3],
  [33, 'payment-declined-ko', 1],
  [36, 'deploy', 4],
  [44, 'broker-down', 3],
  [49, 'type-error', 2],
]
const OPENING_ENDS = 60_000
/** New kinds keep coming for some minutes; what was seen before comes back now and then. */
const NEW_KIND_EVERY = [20_000, 40_000] as const
const OLD_KIND_EVERY = [6_000, 16_000] as const

/** Traffic of `npm start`. The first failure comes within 1.5 s of `startAt`. */
export function createDemoTraffic(o: { seed: number; startAt: number; rate?: number }): LogGenerator {
  const random = createRandom(o.seed)
  return createTraffic({
    seed: o.seed,
    startAt: o.startAt,
    rate: o.rate ?? EVENTS_PER_SECOND,
    scenarios: CATALOG.map(({ id }) => id),
    random,
    scene: { random, cast: createCast(o.seed), day: '', shared: undefined },
    fleet: createFleet(random),
    noise: createNoise(),
    director: createProgramme(o.startAt, random),
  })
}

function createProgramme(startAt: number, random: Random): Director {
  const byId = new Map(CATALOG.map((scenario) => [scenario.id, scenario]))
  const opening = OPENING.map(([second, id, count]): Turn => {
    const scenario = byId.get(id)
    if (scenario === undefined) throw new RangeError(`no scenario is named "${id}"`)
    return { scenario, at: startAt + second * 1000, count, gap: 900 }
  })
  const seen: Scenario[] = [...new Set(opening.map(({ scenario }) => scenario))]
  const unseen = CATALOG.filter((scenario) => !seen.includes(scenario))
  let nextNew = startAt + OPENING_ENDS + 2000
  let nextOld = startAt + OPENING_ENDS + 6000
  const turn = (scenario: Scenario, at: number, most: number): Turn => ({
    scenario,
    at,
    count: random.int(1, most),
    gap: 700,
  })

  return (from, to) => {
    const turns = opening.filter(({ at }) => at >= from && at < to)
    if (nextNew < to) {
      const scenario = unseen.shift()
      if (scenario !== undefined) {
        turns.push(turn(scenario, nextNew, 4))
        seen.push(scenario)
      }
      nextNew += random.int(...NEW_KIND_EVERY)
    }
    if (nextOld < to) {
      turns.push(turn(random.pick(seen), nextOld, 6))
      nextOld += random.int(...OLD_KIND_EVERY)
    }
    return turns
  }
}
