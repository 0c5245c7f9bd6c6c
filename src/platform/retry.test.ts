import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { CaliError } from './error.ts'
import { backoffMs, retry } from './retry.ts'

const policy = { baseMs: 100, capMs: 1_000, attempts: 4 }
const failing = (error: Error) => vi.fn(async (_attempt: number): Promise<string> => Promise.reject(error))

describe('the pause before another attempt', () => {
  it.each([
    [1, 100],
    [2, 200],
    [4, 800],
    [5, 1_000],
    [5_000, 1_000],
  ])('before attempt %i is at most %i ms', (attempt, most) => {
    expect([backoffMs(policy, attempt, () => 1), backoffMs(policy, attempt, () => 0)]).toEqual([most, 0])
  })
})

describe('retrying', () => {
  beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] }))
  afterEach(() => void vi.useRealTimers())
  const immediately = { random: () => 0 }

  it('gives the first success', async () => {
    const work = vi.fn(async (attempt: number) => (attempt < 3 ? Promise.reject(new Error('away')) : 'done'))
    expect(await retry({ ...policy, baseMs: 0 }, work, immediately)).toBe('done')
    expect(work).toHaveBeenCalledTimes(3)
  })

  it('gives up after the attempts, with the last error', async () => {
    const work = failing(new Error('away'))
    await expect(retry({ ...policy, baseMs: 0 }, work, immediately)).rejects.toThrow('away')
    expect(work).toHaveBeenCalledTimes(4)
  })

  it('does not try again what an adapter knows to be in vain', async () => {
    const work = failing(new CaliError('bad_token', 'refused'))
    await expect(retry(policy, work, immediately)).rejects.toThrow('refused')
    expect(work).toHaveBeenCalledTimes(1)
  })

  it('waits as long as the other side asked for', async () => {
    const waits: number[] = []
    const work = failing(new CaliError('rate_limited', 'slow down', { retryable: true, retryAfterMs: 0 }))
    await expect(
      retry(policy, work, { random: () => 1, onRetry: (_error, _attempt, waitMs) => waits.push(waitMs) }),
    ).rejects.toThrow('slow down')
    expect(waits).toEqual([0, 0, 0])
  })

  it('ends when its signal aborts, before and during a pause', async () => {
    const controller = new AbortController()
    const work = failing(new Error('away'))
    const ended = expect(
      retry({ ...policy, baseMs: 1_000_000, capMs: 1_000_000 }, work, {
        random: () => 1,
        signal: controller.signal,
        onRetry: () => queueMicrotask(() => controller.abort()),
      }),
    ).rejects.toThrow()
    await ended
    expect(work).toHaveBeenCalledTimes(1)
    await expect(retry(policy, work, { signal: controller.signal })).rejects.toThrow('away')
    expect(work).toHaveBeenCalledTimes(2)
  })
})
