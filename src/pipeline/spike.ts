/**
 * Spike: a known error that comes far more often than it usually does at this hour of the week. Robust figures, so that
 * one bad day in the past does not hide the next: median and median absolute deviation (MAD) of counts per minute.
 */

/** What is usual for one error: events per minute. */
export interface Usual {
  readonly median: number
  /** Median absolute deviation. */
  readonly mad: number
}

/** Below this a rise is no news, however rare the error usually is. Events per minute. */
export const SPIKE_FLOOR = 30
const TIMES_USUAL = 3
/** MAD times this estimates the standard deviation of normally distributed counts. */
const MAD_TO_SIGMA = 1.4826
const SIGMAS = 6
/** A spike that goes on, or comes back within this time, is one. Milliseconds. */
export const SPIKE_EPISODE_MS = 3_600_000
/** Younger errors have no usual rate. Milliseconds. */
export const SPIKE_MIN_AGE_MS = 3_600_000

export const isSpike = (perMinute: number, { median, mad }: Usual): boolean =>
  perMinute >= Math.max(SPIKE_FLOOR, median * TIMES_USUAL, median + SIGMAS * MAD_TO_SIGMA * mad)

/** Of counts per minute; minutes without an event count as zero. */
export function usualOf(counts: readonly number[], minutes: number): Usual {
  const all = [...counts, ...new Array<number>(Math.max(0, minutes - counts.length)).fill(0)]
  const median = medianOf(all)
  return { median, mad: medianOf(all.map((count) => Math.abs(count - median))) }
}

function medianOf(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = sorted.length >> 1
  if (sorted.length === 0) return 0
  return sorted.length % 2 === 1
    ? (sorted[middle] as number)
    : ((sorted[middle - 1] as number) + (sorted[middle] as number)) / 2
}
