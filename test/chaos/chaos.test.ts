/**
 * Whatever fails and whoever dies: nothing is lost, nothing counted or told twice. `npm run test:chaos -- --seeds 100` runs
 * more seeds than these.
 */
import { describe, expect, it } from 'vitest'
import { MUTATIONS } from './mutation.ts'
import { run } from './run.ts'

describe('workers that die, freeze and wake, on wires that fail', () => {
  it.each([1, 2, 3, 4, 5, 6])('lose nothing and repeat nothing (seed %i)', async (seed) => {
    const { faults, history } = await run({ seed })
    expect({ faults, history: faults.length > 0 ? history : [] }).toEqual({ faults: [], history: [] })
  })
})

describe('the checker', () => {
  it.each(Object.keys(MUTATIONS))('sees %s', async (mutation) => {
    const found: string[] = []
    for (let seed = 1; seed <= 12 && found.length === 0; seed++) found.push(...(await run({ seed, mutation })).faults)
    expect(found).not.toEqual([])
  })
})
