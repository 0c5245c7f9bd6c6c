/** Time as a dependency, so that tests own it. */
export interface Clock {
  /** Unix milliseconds. */
  now(): number
}

export const systemClock: Clock = { now: () => Date.now() }

/** A clock that stands still until told otherwise. */
export function createManualClock(start: number): Clock & { set(at: number): void; advance(ms: number): void } {
  let at = start
  return {
    now: () => at,
    set: (value) => {
      at = value
    },
    advance: (ms) => {
      at += ms
    },
  }
}
