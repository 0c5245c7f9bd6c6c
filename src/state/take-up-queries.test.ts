import { describe, expect, it } from 'vitest'
import { stateOfFile } from '../../test/support/state.ts'

describe('the count of take-ups', () => {
  const { state } = stateOfFile()
  const place = { stream: 's', incarnation: '1', shard: 'a' }

  it('grows while a shard is taken up at the same place, and begins anew when it has got on', async () => {
    const { takeUps } = state()
    for (const times of [1, 2, 3]) expect(await takeUps.begin(place, undefined)).toEqual({ times })
    expect(await takeUps.begin(place, '5')).toEqual({ times: 1 })
    expect(await takeUps.begin({ ...place, shard: 'b' }, '5')).toEqual({ times: 1 })
  })

  it('counts only ends that nobody asked for', async () => {
    const { takeUps } = state()
    for (let i = 0; i < 3; i++) {
      expect(await takeUps.begin(place, '5')).toEqual({ times: 1 })
      await takeUps.end(place)
    }
  })

  it('keeps the record that was being read, until somebody has got past it', async () => {
    const { takeUps } = state()
    await takeUps.begin(place, '5')
    await takeUps.mark(place, { sequence: '6', times: 1 })
    await takeUps.mark(place, { sequence: '7', times: 1 })
    expect(await takeUps.begin(place, '6')).toEqual({ times: 1, suspect: { sequence: '7', times: 1 } })
    await takeUps.mark(place, { sequence: '7', times: 2 })
    expect(await takeUps.begin(place, '6')).toEqual({ times: 2, suspect: { sequence: '7', times: 2 } })
    await takeUps.mark(place, undefined)
    expect(await takeUps.begin(place, '6')).toEqual({ times: 3 })
  })
})
