import { describe, expect, it } from 'vitest'
import { NOON } from '../../test/support/records.ts'
import { stateOfFile } from '../../test/support/state.ts'

describe('probes', () => {
  const { state } = stateOfFile()

  it('are sent by one of several workers, and again when their time has come', async () => {
    const { probes } = state()
    expect(await probes.status()).toEqual({})
    const tries = await Promise.all([1, 2, 3, 4].map(() => probes.begin(NOON, 60_000)))
    expect(tries.filter(Boolean)).toHaveLength(1)
    expect(await probes.begin(NOON + 59_999, 60_000)).toBe(false)
    expect(await probes.begin(NOON + 60_000, 60_000)).toBe(true)
    expect(await probes.status()).toEqual({ sentAt: NOON + 60_000 })
  })

  it('arrive once for all: an older one that comes late takes nothing back', async () => {
    const { probes } = state()
    await probes.arrive(NOON, NOON + 700)
    await probes.arrive(NOON - 60_000, NOON + 900)
    expect(await probes.status()).toEqual({ arrived: { sentAt: NOON, at: NOON + 700 } })
  })
})
