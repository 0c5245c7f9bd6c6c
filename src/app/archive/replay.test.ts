import { describe, expect, it } from 'vitest'
import { createMemoryObjectStore } from '../../pipeline/forward/memory-object-store.ts'
import type { ObjectStore } from '../../pipeline/forward/object-store.ts'
import { createArchive, damaged, keysOf, MIDNIGHT, recordOf, write } from './archive.test-data.ts'
import { aggregate } from './kinesis-replay-target.ts'
import { type ReplayOptions, type ReplayTarget, replayArchive } from './replay.ts'

/** A target that keeps what it takes, and a clock that only waiting moves. */
function harness(store: ObjectStore, onTake: (taken: number) => void = () => undefined) {
  const taken: string[] = []
  let clock = 0
  const waits: number[] = []
  const stop = new AbortController()
  const target: ReplayTarget = {
    take: async (records) => {
      taken.push(...records.map(({ position }) => `${position.shard} ${position.sequence}`))
      onTake(taken.length)
      return 0
    },
  }
  return {
    taken,
    waits,
    stop,
    run: (options: Partial<ReplayOptions> = {}) =>
      replayArchive(
        {
          store,
          target,
          now: () => clock,
          wait: async (ms) => {
            waits.push(ms)
            clock += ms
          },
        },
        { lateMs: 3_600_000, rate: 0, ...options },
        stop.signal,
      ),
  }
}

describe('a replay', () => {
  it('hands over every record once, in the order of arrival', async () => {
    const { run, taken } = harness(await createArchive())
    expect(await run()).toMatchObject({ objects: 6, records: 8, refused: 0, faults: [], stopped: false })
    expect(taken).toEqual(['s-0 1', 's-0 2', 's-0 3', 's-0 4', 's-0 5', 's-1 1', 's-1 2', 's-0 6'])
  })

  it('takes the events of a day from its first moment to before its last', async () => {
    const { run, taken } = harness(await createArchive())
    await run({ from: MIDNIGHT - 61 * 60_000, to: MIDNIGHT + 60_000 })
    expect(taken).toEqual(['s-0 2', 's-0 3', 's-0 4', 's-1 1'])
  })

  it('keeps to its rate', async () => {
    const store = createMemoryObjectStore()
    await write(store, 's-0', [Array.from({ length: 2_500 }, (_, i) => recordOf(i + 1, 0))])
    const { run, waits } = harness(store)
    await run({ rate: 500 })
    expect(waits).toEqual([2_000, 2_000, 1_000])
  })

  it('that is stopped says where, and goes on from there without a gap', async () => {
    const store = await createArchive()
    const first = harness(store, (taken) => taken >= 3 && first.stop.abort())
    const result = await first.run()
    expect(result).toMatchObject({ stopped: true, done: (await keysOf(store))[1] })
    const second = harness(store)
    await second.run({ after: result.done as string })
    expect([...first.taken, ...second.taken].toSorted()).toEqual([
      's-0 1',
      's-0 2',
      's-0 3',
      's-0 4',
      's-0 5',
      's-0 6',
      's-1 1',
      's-1 2',
    ])
  })

  it('that is stopped while the target works ends too', async () => {
    const { run, stop } = harness(await createArchive(), () => {
      stop.abort()
      throw new Error('aborted')
    })
    expect(await run()).toMatchObject({ stopped: true, records: 0 })
  })

  it('passes over what cannot be read, and says so', async () => {
    const store = await createArchive()
    const [key = ''] = await keysOf(store)
    const { run, taken } = harness(damaged(store, { [key]: Buffer.from('no zstd') }))
    expect((await run()).faults.map((fault) => fault.key)).toEqual([key])
    expect(taken).toHaveLength(6)
  })
})

describe('lines for a stream', () => {
  it('are put together to source records that are not large, whole and in order', () => {
    const lines = Array.from({ length: 1_000 }, (_, i) => `${i} ${'한'.repeat(200)}\n`)
    const { parts, refused } = aggregate(lines)
    expect(Buffer.concat(parts).toString()).toBe(lines.join(''))
    expect(refused).toBe(0)
    for (const part of parts) expect(part.length).toBeLessThanOrEqual(100_000)
  })

  it('that no source record can hold are counted and left out, larger ones than usual go alone', () => {
    const [small, large, huge] = ['a\n', `${'b'.repeat(900_000)}\n`, `${'c'.repeat(1_048_576)}\n`]
    const { parts, refused } = aggregate([small, large, huge, small])
    expect(parts.map((part) => part.length)).toEqual([2, 900_001, 2])
    expect(refused).toBe(1)
  })
})
