import { describe, expect, it } from 'vitest'
import { stateOfFile } from '../../test/support/state.ts'

describe('debts to the log index', () => {
  const { state } = stateOfFile()
  const debt = (objectKey: string, arrivedAt: number, records = 10) => ({ objectKey, arrivedAt, records })

  it('are paid oldest first, whatever the order in which they were noted', async () => {
    const { indexDebts } = state()
    await indexDebts.note([debt('b', 2), debt('c', 2)], 100)
    await indexDebts.note([debt('z', 1)], 101)
    const claimed: (string | undefined)[] = []
    for (let i = 0; i < 4; i++) claimed.push((await indexDebts.claim(200, 1_000))?.objectKey)
    expect(claimed).toEqual(['z', 'b', 'c', undefined])
  })

  it('are noted once, however often a batch comes again', async () => {
    const { indexDebts } = state()
    await indexDebts.note([debt('a', 1, 10)], 100)
    expect(await indexDebts.claim(100, 1_000)).toEqual({ objectKey: 'a', arrivedAt: 1, records: 10 })
    await indexDebts.note([debt('a', 1, 12)], 101)
    await indexDebts.note([], 102)
    expect(await indexDebts.status()).toEqual({ objects: 1, records: 10, oldestAt: 1 })
    expect(await indexDebts.claim(102, 1_000)).toBeUndefined()
  })

  it('belong to one payer at a time, and to the next one when a payer has died', async () => {
    const { indexDebts } = state()
    await indexDebts.note([debt('a', 1)], 100)
    const claims = await Promise.all([indexDebts.claim(100, 1_000), indexDebts.claim(100, 1_000)])
    expect(claims.filter((claim) => claim !== undefined)).toHaveLength(1)
    expect(await indexDebts.claim(1_099, 1_000)).toBeUndefined()
    expect((await indexDebts.claim(1_100, 1_000))?.objectKey).toBe('a')
  })

  it('are gone when they are paid, and wait with the reason when they cannot be', async () => {
    const { indexDebts } = state()
    await indexDebts.note([debt('a', 1), debt('b', 2, 5)], 100)
    await indexDebts.claim(100, 1_000)
    await indexDebts.settle('a')
    await indexDebts.claim(100, 1_000)
    await indexDebts.postpone('b', 150, 'nobody there')
    expect(await indexDebts.claim(149, 1_000)).toBeUndefined()
    expect(await indexDebts.status()).toEqual({ objects: 1, records: 5, oldestAt: 2, lastFault: 'nobody there' })
    expect((await indexDebts.claim(150, 1_000))?.objectKey).toBe('b')
    await indexDebts.settle('b')
    expect(await indexDebts.status()).toEqual({ objects: 0, records: 0 })
  })
})
