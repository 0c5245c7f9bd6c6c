import fc from 'fast-check'
import { expect, it } from 'vitest'
import { batchesOf } from './batches.ts'

const LIMIT = { items: 3, bytes: 10 }
const batches = (...sizes: number[]): number[][] => [...batchesOf(sizes, LIMIT, (size) => size)]

it('no item makes no batch', () => {
  expect(batches()).toEqual([])
})

it('a batch is closed by the number of its items', () => {
  expect(batches(1, 1, 1, 1)).toEqual([[1, 1, 1], [1]])
})

it('a batch is filled to its last byte, and closed by the next', () => {
  expect(batches(4, 6, 1)).toEqual([[4, 6], [1]])
})

it('an item that is larger than the limit goes alone', () => {
  expect(batches(1, 99, 1)).toEqual([[1], [99], [1]])
})

it('everything is in one batch, in its order, within the limit', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 15 })), (sizes) => {
      const made = batches(...sizes)
      expect(made.flat()).toEqual(sizes)
      for (const batch of made) {
        expect(batch.length).toBeGreaterThan(0)
        expect(batch.length).toBeLessThanOrEqual(LIMIT.items)
        if (batch.length > 1) expect(batch.reduce((a, b) => a + b)).toBeLessThanOrEqual(LIMIT.bytes)
      }
    }),
  )
})
