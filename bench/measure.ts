/** Measuring: several rounds, the median quoted, the spread shown: these figures come from shared, noisy machines. */
export interface Figure {
  readonly name: string
  readonly unit: string
  readonly median: number
  readonly min: number
  readonly max: number
  readonly rounds: number
}

export function figure(name: string, unit: string, values: readonly number[]): Figure {
  const sorted = [...values].sort((a, b) => a - b)
  return {
    name,
    unit,
    median: sorted[Math.floor(sorted.length / 2)] ?? 0,
    min: sorted[0] ?? 0,
    max: sorted.at(-1) ?? 0,
    rounds: sorted.length,
  }
}

const number = (n: number): string => (n >= 100 ? Math.round(n).toLocaleString('en-US') : n.toFixed(2))

export function print(figures: readonly Figure[]): void {
  for (const { name, unit, median, min, max, rounds } of figures) {
    console.log(
      `${name.padEnd(58)} ${number(median).padStart(12)} ${unit.padEnd(13)} (${number(min)} to ${number(max)}, ${rounds} rounds)`,
    )
  }
}

/** What one round took. */
export interface Taken {
  readonly wallSeconds: number
  /** CPU time of all threads of the process, user and system: what other programs on the machine take is not in it. */
  readonly cpuSeconds: number
}

export async function taken(work: () => void | Promise<void>): Promise<Taken> {
  const cpu = process.cpuUsage()
  const start = performance.now()
  await work()
  const wallSeconds = (performance.now() - start) / 1000
  const { user, system } = process.cpuUsage(cpu)
  return { wallSeconds, cpuSeconds: (user + system) / 1e6 }
}

/** Items a second of the clock, and items a second of CPU time, which is what one core does. */
export function rates(name: string, items: number, rounds: readonly Taken[]): Figure[] {
  return [
    figure(
      name,
      'records/s',
      rounds.map((round) => items / round.wallSeconds),
    ),
    figure(
      `${name}, by CPU time`,
      'records/cpu-s',
      rounds.map((round) => items / round.cpuSeconds),
    ),
  ]
}

/** Items per second of CPU-bound work, after one round that is not counted. */
export function ratePerSecond(items: number, rounds: number, work: () => void): number[] {
  work()
  return Array.from({ length: rounds }, () => {
    const start = performance.now()
    work()
    return items / ((performance.now() - start) / 1000)
  })
}
