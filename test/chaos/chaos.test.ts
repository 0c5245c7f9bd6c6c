/**
 * Whatever fails and whoever dies: nothing is lost, nothing counted or told twice. `npm run test:chaos -- --seeds 100` runs
 * more seeds than these.
 */
import { describe, expect, it } from 'vitest'
import { archived, entryOf, openWriter } from '../../src/pipeline/forward/archive.test-data.ts'
import { createMemoryObjectStore } from '../../src/pipeline/forward/memory-object-store.ts'
import { createOverwritingStore, MUTATIONS } from './mutation.ts'
import { run } from './run.ts'

describe('workers that die, freeze and wake, on wires that fail', () => {
  it.each([1, 2, 3, 4, 5, 6])('lose nothing and repeat nothing (seed %i)', async (seed) => {
    const { faults, history } = await run({ seed })
    expect({ faults, history: faults.length > 0 ? history : [] }).toEqual({ faults: [], history: [] })
  })
})

describe('the checker', () => {
  it.each(Object.keys(MUTATIONS))(
    'sees %s',
    async (mutation) => {
      const found: string[] = []
      for (let seed = 1; seed <= 30 && found.length === 0; seed++) found.push(...(await run({ seed, mutation })).faults)
      expect(found).not.toEqual([])
    },
    240_000,
  )

  it('sees an archive object that is overwritten by the shorter one of a worker that stood still', async () => {
    for (const [store, expected] of [
      [createMemoryObjectStore(), [1, 2, 3, 4, 5]],
      [createOverwritingStore(), [1, 2, 3]],
    ] as const) {
      // It looked for the end of the chain before the other one wrote.
      const frozen = openWriter({ ...store, list: async function* () {} })
      const worker = openWriter(store)
      void worker.stage.append(entryOf([1, 2, 3, 4, 5]))
      await worker.stage.flush()
      void frozen.stage.append(entryOf([1, 2, 3]))
      await frozen.stage.flush()
      expect(await archived(store)).toEqual(expected)
    }
  })
})
