/** Chance that can be repeated: the same seed gives the same run. */
export interface Chance {
  /** From 0 up to 1. */
  next(): number
  /** A whole number from 0 up to n - 1. */
  below(n: number): number
  happens(probability: number): boolean
  pick<T>(items: readonly T[]): T
}

/** Mulberry32 (public domain, Tommy Ettinger). */
export function createChance(seed: number): Chance {
  let state = seed >>> 0
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0
    let t = state
    t = Math.imul(t ^ (t >>> 15), t | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
  }
  const below = (n: number): number => Math.floor(next() * n)
  return {
    next,
    below,
    happens: (probability) => next() < probability,
    pick: (items) => items[below(items.length)] as (typeof items)[number],
  }
}
