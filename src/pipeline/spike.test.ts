import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isSpike, SPIKE_FLOOR, usualOf } from './spike.ts'

describe('what is usual', () => {
  it('is the median of counts per minute, with minutes without an event as zero', () => {
    expect(usualOf([4, 6], 5)).toEqual({ median: 0, mad: 0 })
    expect(usualOf([4, 6, 5], 3)).toEqual({ median: 5, mad: 1 })
    expect(usualOf([], 0)).toEqual({ median: 0, mad: 0 })
  })

  it('is not moved by one bad day in four', () => {
    const calm = new Array<number>(180).fill(40)
    expect(usualOf([...calm, ...new Array<number>(60).fill(4_000)], 240)).toEqual({ median: 40, mad: 0 })
  })
})

describe('a spike', () => {
  it.each([
    ['far above a steady rate', 400, { median: 40, mad: 5 }, true],
    ['twice a steady rate', 80, { median: 40, mad: 5 }, false],
    ['above a rate that varies much anyway', 200, { median: 60, mad: 40 }, false],
    ['many of an error that is rare', 30, { median: 0, mad: 0 }, true],
    ['a few of an error that is rare', 29, { median: 0, mad: 0 }, false],
  ])('%s: %i a minute', (_name, perMinute, usual, expected) => expect(isSpike(perMinute, usual)).toBe(expected))

  it('is never below the floor, and never ends by more of the same', () => {
    fc.assert(
      fc.property(fc.nat(5_000), fc.nat(500), fc.nat(500), (n, median, mad) => {
        if (n < SPIKE_FLOOR) expect(isSpike(n, { median, mad })).toBe(false)
        if (isSpike(n, { median, mad })) expect(isSpike(n + 1, { median, mad })).toBe(true)
      }),
    )
  })
})
