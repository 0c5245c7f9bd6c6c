/**
 * Circuit: keeps callers from waiting, one after the other, for something that is down. After a failure calls fail at
 * once for a while; then one of them tries, and its success lets all through again.
 */
import type { Clock } from '../platform/clock.ts'
import { CaliError, messageOf } from '../platform/error.ts'
import type { Logger } from '../platform/logger.ts'

const FIRST_PAUSE_MS = 5_000
const LONGEST_PAUSE_MS = 60_000

export interface Circuit {
  /** Throws `circuit_open`, which names the last failure, while calls are held back. */
  run<T>(work: () => Promise<T>): Promise<T>
  /** Lets calls through at once: somebody else has seen it answer. */
  recovered(): void
}

export function createCircuit(part: string, clock: Clock, logger: Logger): Circuit {
  let failures = 0
  let notBefore = 0
  let trying = false
  let fault: string | undefined

  const recovered = (): void => {
    if (fault !== undefined) logger.info({ event: 'recovered', part })
    failures = 0
    fault = undefined
  }

  return {
    recovered,
    run: async (work) => {
      if (fault !== undefined && (trying || clock.now() < notBefore))
        throw new CaliError('circuit_open', fault, { retryable: true })
      trying = true
      try {
        const result = await work()
        recovered()
        return result
      } catch (error) {
        failures++
        notBefore = clock.now() + Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (failures - 1))
        // Said once per outage; the pauses say nothing new.
        if (fault === undefined) logger.warn({ event: 'degraded', part, reason: messageOf(error) })
        fault = messageOf(error)
        throw error
      } finally {
        trying = false
      }
    },
  }
}
