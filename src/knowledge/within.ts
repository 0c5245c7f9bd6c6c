import { CaliError } from '../platform/error.ts'

/** Gives up waiting after `ms`; the work is told by its signal and may end later, unheard. Throws `too_slow` then. */
export async function within<T>(ms: number, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const controller = new AbortController()
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => {
      reject(new CaliError('too_slow', `no answer within ${ms / 1000} s`, { retryable: true }))
      controller.abort()
    }, ms)
  })
  const working = work(controller.signal)
  working.catch(() => undefined)
  try {
    return await Promise.race([working, late])
  } finally {
    clearTimeout(timer)
  }
}
