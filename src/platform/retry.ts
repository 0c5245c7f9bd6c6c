import { setTimeout as delay } from 'node:timers/promises'
import { CaliError } from './error.ts'

export interface RetryPolicy {
  readonly baseMs: number
  readonly capMs: number
  /** Infinity: until the signal aborts. */
  readonly attempts: number
}

/** Exponential back-off with full jitter (https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/). */
export function backoffMs(policy: RetryPolicy, attempt: number, random: () => number): number {
  return Math.round(random() * Math.min(policy.capMs, policy.baseMs * 2 ** Math.min(attempt - 1, 20)))
}

/**
 * The one place that retries. Runs `work` until it succeeds, throws an error that is not retryable, the attempts are
 * used up, or `signal` aborts. Unknown errors count as retryable: they come from adapters that could not classify them.
 */
export async function retry<T>(
  policy: RetryPolicy,
  work: (attempt: number) => Promise<T>,
  options: {
    signal?: AbortSignal
    random?: () => number
    /** Errors that are worth another attempt; default: those that are retryable. */
    only?: (error: unknown) => boolean
    onRetry?: (error: unknown, attempt: number, waitMs: number) => void
  } = {},
): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await work(attempt)
    } catch (error) {
      const fatal = options.only === undefined ? error instanceof CaliError && !error.retryable : !options.only(error)
      if (fatal || attempt >= policy.attempts || options.signal?.aborted === true) throw error
      const asked = error instanceof CaliError ? error.retryAfterMs : undefined
      const waitMs = asked ?? backoffMs(policy, attempt, options.random ?? Math.random)
      options.onRetry?.(error, attempt, waitMs)
      await delay(waitMs, undefined, options.signal === undefined ? {} : { signal: options.signal })
    }
  }
}
