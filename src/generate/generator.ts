import { createCast } from './cast.ts'
import { createFleet } from './fleet.ts'
import { createNoise } from './noise/noise.ts'
import { createRandom, type Random } from './random.ts'
import { errorsPerOccurrence, type Scenario } from './scenario.ts'
import { CATALOG } from './scenarios/catalog.ts'
import { createTraffic, type Director, type LogGenerator, type Turn } from './traffic.ts'

export type { LogGenerator } from './traffic.ts'

export interface GeneratorOptions {
  readonly seed: number
  /** Ids of SCENARIOS, or `all`, or `healthy` (no failure at all). */
  readonly scenarios: readonly string[]
  /** Events a second, noise and failures together. */
  readonly rate: number
  /** Unix milliseconds. */
  readonly startAt: number
  /** Share of all events that are ERROR lines; 0.03 unless set. */
  readonly errorShare?: number
}

export const SCENARIOS: readonly {
  readonly id: string
  readonly title: { readonly ko: string; readonly en: string }
}[] = CATALOG.map(({ id, title }) => ({ id, title }))

/** The scenarios behind the words; throws RangeError with the accepted ones. */
export function chooseScenarios(words: readonly string[]): readonly Scenario[] {
  const chosen = new Set<Scenario>()
  for (const word of words) {
    if (word === 'healthy') continue
    const found = CATALOG.filter(({ id }) => word === 'all' || id === word)
    if (found.length === 0) {
      throw new RangeError(
        `no scenario is named "${word}"; accepted: all, healthy, ${CATALOG.map(({ id }) => id).join(', ')}`,
      )
    }
    for (const scenario of found) chosen.add(scenario)
  }
  return [...chosen]
}

export function createGenerator(options: GeneratorOptions): LogGenerator {
  const scenarios = chooseScenarios(options.scenarios)
  const random = createRandom(options.seed)
  return createTraffic({
    ...options,
    scenarios: scenarios.map(({ id }) => id),
    random,
    scene: { random, cast: createCast(options.seed), day: '', shared: undefined },
    fleet: createFleet(random),
    noise: createNoise(),
    director: createRounds(scenarios, random, options),
  })
}

/** Rounds: each scenario once, in a new order each round, as many failures as the error share pays for. */
function createRounds(scenarios: readonly Scenario[], random: Random, options: GeneratorOptions): Director {
  const { rate, startAt, errorShare = 0.03 } = options
  if (scenarios.length === 0 || errorShare <= 0) return () => []
  // About twenty ordinary lines come first, so that a failure has a before.
  const opensAt = startAt + Math.min(1000, 20_000 / rate)
  let round: Scenario[] = []
  let credit = 1
  return (from, to) => {
    const turns: Turn[] = []
    if (to <= opensAt) return turns
    credit += (rate * errorShare * (to - from)) / 1000
    while (credit >= 1) {
      if (round.length === 0) round = shuffled(scenarios, random)
      const scenario = round.pop() as Scenario
      const count = random.int(1, 6)
      credit -= count * errorsPerOccurrence(scenario)
      turns.push({
        scenario,
        at: Math.max(from, opensAt) + random.int(0, to - from - 1),
        count,
        gap: random.int(80, 900),
      })
    }
    return turns
  }
}

function shuffled<T>(list: readonly T[], random: Random): T[] {
  const out = [...list]
  for (let i = out.length - 1; i > 0; i--) {
    const j = random.int(0, i)
    ;[out[i], out[j]] = [out[j] as T, out[i] as T]
  }
  return out
}
