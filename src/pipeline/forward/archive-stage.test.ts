import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { compareSequences } from '../record.ts'
import type { IndexDebt } from '../store.ts'
import { archived, entryOf, NOON, openWriter, recordAt } from './archive.test-data.ts'
import { readArchiveObject } from './archive-object.ts'
import { createMemoryObjectStore } from './memory-object-store.ts'
import type { ObjectStore } from './object-store.ts'

const keysOf = async (store: ObjectStore): Promise<string[]> =>
  (await Array.fromAsync(store.list(''))).map((object) => object.key)

describe('an archive object', () => {
  it('holds the records of several batches as they were, under the hour of arrival and the first sequence', async () => {
    const store = createMemoryObjectStore()
    const { stage } = openWriter(store)
    const appended = [stage.append(entryOf([7, 8])), stage.append(entryOf([9]))]
    await stage.flush()
    await Promise.all(appended)
    const key = `logs/v1/logs/s-0/dt=2026-01-20/hour=12/${'7'.padStart(60, '0')}.ndjson.zst`
    expect(await keysOf(store)).toEqual([key])
    expect(readArchiveObject((await store.get(key)) ?? new Uint8Array())).toEqual(
      [7, 8, 9].map((sequence) => recordAt(sequence)),
    )
  })

  it('is written for each shard and each life of a stream by itself', async () => {
    const store = createMemoryObjectStore()
    const { stage } = openWriter(store)
    void stage.append(entryOf([1]))
    void stage.append(entryOf([1], { shard: 's-1' }))
    void stage.append(entryOf([1], { incarnation: '2026-01-20T00:00:00Z' }))
    await stage.flush()
    const folders = (await keysOf(store)).map((key) => key.split('/').slice(2, 4).join('/'))
    expect(folders).toEqual(['logs.2026-01-20T00_00_00Z/s-0', 'logs/s-0', 'logs/s-1'])
  })

  it('is not written for a batch without records, whose checkpoint moves all the same', async () => {
    const store = createMemoryObjectStore()
    const { stage, commits } = openWriter(store)
    void stage.append(entryOf([], { sequence: '9' }))
    await stage.flush()
    expect([await keysOf(store), commits[0]?.sequence]).toEqual([[], '9'])
  })
})

describe('the checkpoint', () => {
  it('follows the object, behind the last batch of it, with the counts of all', async () => {
    const store = createMemoryObjectStore()
    const seen: number[][] = []
    const { stage, commits } = openWriter(store, {
      commit: async (commit) => {
        commits.push(commit)
        seen.push(await archived(store))
      },
    })
    void stage.append(entryOf([1, 2]))
    void stage.append(entryOf([3]))
    await stage.flush()
    expect(seen).toEqual([[1, 2, 3]])
    expect([commits[0]?.sequence, commits[0]?.tally.decode.received]).toEqual(['3', 3])
  })

  it('is absent for a source without positions', async () => {
    const { stage, commits } = openWriter(createMemoryObjectStore())
    const { sequence: _, ...entry } = entryOf([1])
    void stage.append(entry)
    await stage.flush()
    expect(commits[0]).not.toHaveProperty('sequence')
  })

  it('follows at once when nothing is archived', async () => {
    const { stage, commits } = openWriter(undefined)
    await stage.append(entryOf([1, 2]))
    expect(commits.map((commit) => commit.sequence)).toEqual(['2'])
  })
})

describe('counts that wait', () => {
  it('are those of appended batches until their commit', async () => {
    const { stage } = openWriter(createMemoryObjectStore())
    void stage.append(entryOf([1, 2]))
    void stage.append(entryOf([3]))
    expect([stage.pendingTally().decode.received, stage.stats.pendingRecords]).toEqual([3, 3])
    await stage.flush()
    expect([stage.pendingTally().decode.received, stage.stats.pendingRecords, stage.stats.objects]).toEqual([0, 0, 1])
    expect(stage.stats.bytes).toBeGreaterThan(0)
  })
})

describe('an object is closed', () => {
  beforeEach(() => void vi.useFakeTimers())
  afterEach(() => void vi.useRealTimers())

  it('by age, counted from its first record', async () => {
    const { stage, commits } = openWriter(createMemoryObjectStore(), {
      flushAfterMs: (stream) => (stream === 'http' ? 100 : 5_000),
    })
    const durable = stage.append(entryOf([1]))
    await vi.advanceTimersByTimeAsync(4_000)
    void stage.append(entryOf([2]))
    expect(commits).toHaveLength(0)
    await vi.advanceTimersByTimeAsync(1_000)
    await durable
    expect(commits.map((commit) => commit.sequence)).toEqual(['2'])
  })

  it('sooner for a source that answers its sender', async () => {
    const { stage, commits } = openWriter(createMemoryObjectStore(), {
      flushAfterMs: (stream) => (stream === 'http' ? 100 : 5_000),
    })
    const durable = stage.append(entryOf([1], { stream: 'http' }))
    await vi.advanceTimersByTimeAsync(100)
    await durable
    expect(commits).toHaveLength(1)
  })

  it('by size, without waiting', async () => {
    const { stage, commits } = openWriter(createMemoryObjectStore(), { maxBytes: 1_000 })
    void stage.append(entryOf([1]))
    await stage.append(entryOf([2, 3]))
    expect(commits.map((commit) => commit.sequence)).toEqual(['3'])
    expect(vi.getTimerCount()).toBe(0)
  })
})

describe('what is owed to the log index', () => {
  const keyOf = (sequence: number): string =>
    `logs/v1/logs/s-0/dt=2026-01-20/hour=12/${String(sequence).padStart(60, '0')}.ndjson.zst`

  it('is noted by its object, behind the object and before the checkpoint', async () => {
    const store = createMemoryObjectStore()
    const order: unknown[] = []
    const { stage } = openWriter(store, {
      owe: async (debts) => void order.push(debts, await keysOf(store)),
      commit: async () => void order.push('commit'),
    })
    void stage.append(entryOf([1, 2]))
    void stage.append(entryOf([3], { owed: true }))
    await stage.flush()
    expect(order).toEqual([[{ objectKey: keyOf(1), records: 3, arrivedAt: NOON }], [keyOf(1)], 'commit'])
  })

  it('is nothing when every batch of the object is indexed', async () => {
    const noted: unknown[] = []
    const { stage, commits } = openWriter(createMemoryObjectStore(), { owe: async (debts) => void noted.push(debts) })
    await Promise.all([stage.append(entryOf([1])), stage.flush()])
    expect([noted, commits.length]).toEqual([[], 1])
  })

  it('counts only what the index is to have', async () => {
    const noted: IndexDebt[] = []
    const { stage } = openWriter(createMemoryObjectStore(), { owe: async (debts) => void noted.push(...debts) })
    void stage.append({
      ...entryOf([1, 2], { owed: true }),
      records: [recordAt(1, { archiveOnly: true }), recordAt(2)],
    })
    await stage.flush()
    expect(noted.map(({ records }) => records)).toEqual([1])
  })

  it('names the objects that a crashed writer left, too', async () => {
    const store = createMemoryObjectStore()
    const first = openWriter(store)
    await Promise.all([first.stage.append(entryOf([1, 2])), first.stage.flush()])
    const noted: IndexDebt[] = []
    const { stage } = openWriter(store, { owe: async (debts) => void noted.push(...debts) })
    await Promise.all([stage.append(entryOf([1, 2, 3], { owed: true })), stage.flush()])
    expect(noted.map(({ objectKey }) => objectKey)).toEqual([keyOf(1), keyOf(3)])
  })

  it('holds the checkpoint until it is noted', async () => {
    let attempts = 0
    const { stage, commits, errors } = openWriter(createMemoryObjectStore(), {
      owe: async () => {
        if (++attempts < 3) throw new Error('the state is locked')
      },
    })
    await Promise.all([stage.append(entryOf([1], { owed: true })), stage.flush()])
    expect([attempts, errors.length, commits.length]).toEqual([3, 2, 1])
  })
})

describe('sequence numbers', () => {
  const decimal = fc.bigInt({ min: 0n, max: 10n ** 56n })

  it('are compared as the decimal numbers that they are', () => {
    fc.assert(
      fc.property(decimal, decimal, (a, b) => {
        expect(Math.sign(compareSequences(String(a), String(b)))).toBe(a < b ? -1 : a > b ? 1 : 0)
      }),
    )
  })

  it('give keys that sort as they do', () => {
    fc.assert(
      fc.property(decimal, decimal, (a, b) => {
        const key = (n: bigint): string => String(n).padStart(60, '0')
        expect(key(a) < key(b)).toBe(a < b)
      }),
    )
  })
})
