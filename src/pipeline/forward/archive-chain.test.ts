import { hash } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { archived, entryOf, NOON, openWriter, recordAt, type Writer } from './archive.test-data.ts'
import { encodeArchiveObject, readFacts, writeFacts } from './archive-object.ts'
import { createMemoryObjectStore } from './memory-object-store.ts'
import type { ObjectStore } from './object-store.ts'

/** A store whose next writes fail, before they wrote or after. */
function unreliable(faults: ('before' | 'after')[]): ObjectStore {
  const store = createMemoryObjectStore()
  return {
    ...store,
    putIfAbsent: async (key, bytes, facts) => {
      const fault = faults.shift()
      if (fault === 'before') throw new Error('disk full')
      const written = await store.putIfAbsent(key, bytes, facts)
      if (fault === 'after') throw new Error('answer lost')
      return written
    },
  }
}

describe('a writer that died between object and checkpoint', () => {
  it('is followed by one that adopts the object and goes on behind it', async () => {
    const store = createMemoryObjectStore()
    const first = openWriter(store, {
      commit: async () => {
        throw new Error('killed')
      },
      retryPolicy: { baseMs: 0, capMs: 0, attempts: 1 },
    })
    const lost = first.stage.append(entryOf([1, 2, 3]))
    await first.stage.flush()
    await expect(lost).rejects.toThrow('killed')

    const second = openWriter(store)
    void second.stage.append(entryOf([1, 2, 3, 4]))
    void second.stage.append(entryOf([5]))
    await second.stage.flush()
    expect(await archived(store)).toEqual([1, 2, 3, 4, 5])
    expect(second.commits.map((commit) => commit.sequence)).toEqual(['5'])
  })

  it('is followed by one that writes nothing when all is there', async () => {
    const store = createMemoryObjectStore()
    const first = openWriter(store)
    void first.stage.append(entryOf([1, 2, 3]))
    await first.stage.flush()
    const second = openWriter(store)
    void second.stage.append(entryOf([1, 2]))
    await second.stage.flush()
    expect([await archived(store), second.stage.stats.objects, second.commits[0]?.sequence]).toEqual([
      [1, 2, 3],
      0,
      '2',
    ])
  })

  it('leaves several objects, all of which are adopted', async () => {
    const store = createMemoryObjectStore()
    for (const part of [[1, 2], [3, 4], [5]]) {
      const { stage } = openWriter(store)
      void stage.append(entryOf(part))
      await stage.flush()
    }
    const { stage } = openWriter(store)
    void stage.append(entryOf([1, 2, 3, 4, 5, 6]))
    await stage.flush()
    expect(await archived(store)).toEqual([1, 2, 3, 4, 5, 6])
  })

  it('keeps all parts of one aggregate, which share a sequence', async () => {
    const store = createMemoryObjectStore()
    const records = [0, 1, 2].map((sub) =>
      recordAt(7, { id: `id-7-${sub}`, position: { stream: 'logs', shard: 's-0', sequence: '7', sub, line: 0 } }),
    )
    for (let i = 0; i < 2; i++) {
      const { stage } = openWriter(store)
      void stage.append(entryOf([7], { records }))
      await stage.flush()
    }
    expect(await archived(store)).toEqual([7, 7, 7])
  })
})

describe('a store that fails', () => {
  it('is tried again until it answers, and what comes later waits in order', async () => {
    const memory = createMemoryObjectStore()
    let faults = 3
    const store: ObjectStore = {
      ...memory,
      putIfAbsent: async (key, bytes) => {
        if (/0{59}1\./.test(key) && faults-- > 0) throw new Error('disk full')
        return memory.putIfAbsent(key, bytes)
      },
    }
    const { stage, commits, errors } = openWriter(store, { maxBytes: 1 })
    await Promise.all([1, 2, 3].map((sequence) => stage.append(entryOf([sequence]))))
    expect(errors).toHaveLength(3)
    expect(commits.map((commit) => commit.sequence)).toEqual(['1', '2', '3'])
    expect(await archived(store)).toEqual([1, 2, 3])
  })

  it('does not hold another shard', async () => {
    const { promise: back, resolve: recover } = Promise.withResolvers<void>()
    const memory = createMemoryObjectStore()
    const store: ObjectStore = {
      ...memory,
      putIfAbsent: async (key, bytes) => {
        if (key.includes('/s-0/')) await back
        return memory.putIfAbsent(key, bytes)
      },
    }
    const { stage, commits } = openWriter(store, { maxBytes: 1 })
    const held = stage.append(entryOf([1]))
    await stage.append(entryOf([9], { shard: 's-1' }))
    expect(commits.map((commit) => commit.shard)).toEqual(['s-1'])
    recover()
    await held
    expect(commits.map((commit) => commit.shard)).toEqual(['s-1', 's-0'])
  })

  it('that wrote and lost its answer makes no second copy', async () => {
    const store = unreliable(['after'])
    const { stage } = openWriter(store, { maxBytes: 1 })
    await stage.append(entryOf([1, 2]))
    expect(await archived(store)).toEqual([1, 2])
  })

  it('is given up on when the program stops, and its batch is told', async () => {
    const store = unreliable(Array.from({ length: 1_000 }, () => 'before' as const))
    const { stage, commits, stop } = openWriter(store, { maxBytes: 1, onError: () => stop.abort() })
    await expect(stage.append(entryOf([1]))).rejects.toThrow('disk full')
    expect(commits).toEqual([])
  })
})

describe('a writer that has lost its checkpoint', () => {
  const write = async (store: ObjectStore, ...parts: number[][]): Promise<Writer> => {
    const writer = openWriter(store)
    for (const part of parts) {
      void writer.stage.append(entryOf(part))
      await writer.stage.flush()
    }
    return writer
  }

  it('and reads again from the middle of an object, adds only what is not there', async () => {
    const store = createMemoryObjectStore()
    await write(store, [1, 2, 3, 4], [5, 6, 7])
    // The stream's head was trimmed: what is left begins inside the first object.
    const { commits } = await write(store, [3, 4, 5], [6, 7, 8], [9])
    expect(await archived(store)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9])
    expect(commits.map((commit) => commit.sequence)).toEqual(['5', '8', '9'])
  })

  it('finds the end also where the last object by name is not the last by sequence', async () => {
    const store = createMemoryObjectStore()
    const hour = 3_600_000
    // Times of arrival are approximate: the later record says an earlier hour.
    await write(store, [1])
    const writer = openWriter(store)
    void writer.stage.append(entryOf([2], { records: [recordAt(2, { observedAt: NOON - hour })] }))
    await writer.stage.flush()
    await write(store, [1, 2, 3])
    expect((await archived(store)).toSorted()).toEqual([1, 2, 3])
  })

  it('finds it in objects that were written without facts', async () => {
    const store = createMemoryObjectStore()
    const old: ObjectStore = { ...store, putIfAbsent: (key, bytes) => store.putIfAbsent(key, bytes) }
    await write(old, [1, 2], [3, 4])
    await write(store, [2, 3, 4, 5])
    expect(await archived(store)).toEqual([1, 2, 3, 4, 5])
  })
})

it('an object under a name that is not its own is never adopted: the writer says so, and waits until it is gone', async () => {
  const store = createMemoryObjectStore()
  const foreign = encodeArchiveObject([recordAt(50)], { writer: 'cali/test' })
  const { stage, errors } = openWriter(store, { retryPolicy: { baseMs: 0, capMs: 0, attempts: 2 } })
  void stage.append(entryOf([1]))
  await stage.flush()
  const [object] = await Array.fromAsync(store.list(''))
  await store.putIfAbsent(object?.key.replace('01.', '02.') ?? '', foreign.bytes, writeFacts(foreign.facts))
  const waiting = stage.append(entryOf([2]))
  await Promise.all([stage.flush(), expect(waiting).rejects.toThrow('begins with sequence 50, not with its own name')])
  expect(errors).toHaveLength(2)
})

describe('a source that cannot resume', () => {
  const apart = (sequence: number, body: string) => {
    const { sequence: _, ...entry } = entryOf([sequence], { stream: 'http', records: [recordAt(sequence, { body })] })
    return entry
  }

  it('keeps the objects of two writers that begin with the same number', async () => {
    const store = createMemoryObjectStore()
    for (const body of ['of one', 'of the other']) {
      const { stage } = openWriter(store)
      void stage.append(apart(7, body))
      await stage.flush()
    }
    expect(await archived(store)).toEqual([7, 7])
  })

  it('writes nothing twice when an answer is lost', async () => {
    const store = unreliable(['after'])
    const { stage } = openWriter(store, { maxBytes: 1 })
    await stage.append(apart(7, 'x'))
    expect(await archived(store)).toEqual([7])
  })
})

it('each object says where the one before it ended, as far as its writer knows', async () => {
  const store = createMemoryObjectStore()
  const { stage } = openWriter(store)
  for (const part of [[1, 2], [3], [4, 5]]) {
    void stage.append(entryOf(part))
    await stage.flush()
  }
  const objects = await Array.fromAsync(store.list(''))
  const facts = await Promise.all(objects.map(async ({ key }) => readFacts((await store.head(key))?.facts)))
  expect(facts.map((fact) => [fact?.first, fact?.last, fact?.records, fact?.after])).toEqual([
    ['1', '2', 2, undefined],
    ['3', '3', 1, '2'],
    ['4', '5', 2, '3'],
  ])
  for (const [i, { key }] of objects.entries())
    expect(facts[i]?.sha256).toBe(hash('sha256', (await store.get(key)) as Uint8Array))
})

it('whatever fails and restarts, every record is archived once and in order', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(
        fc.record({
          size: fc.integer({ min: 1, max: 4 }),
          fault: fc.constantFrom('none', 'before', 'after', 'commit'),
        }),
        { minLength: 1, maxLength: 12 },
      ),
      async (steps) => {
        const faults: ('before' | 'after')[] = []
        const store = unreliable(faults)
        let checkpoint = 0
        let end = 0
        for (const { size, fault } of steps) {
          end += size
          if (fault === 'before' || fault === 'after') faults.push(fault)
          // A new writer reads again from the checkpoint, as after a crash.
          const { stage } = openWriter(store, {
            retryPolicy: { baseMs: 0, capMs: 0, attempts: 1 },
            commit: async (commit) => {
              if (fault === 'commit') throw new Error('killed')
              checkpoint = Number(commit.sequence)
            },
          })
          const from = checkpoint
          const durable = stage.append(entryOf(Array.from({ length: end - from }, (_, i) => from + 1 + i)))
          await Promise.allSettled([durable, stage.flush()])
        }
        const { stage } = openWriter(store)
        void stage.append(entryOf(Array.from({ length: end + 1 - checkpoint }, (_, i) => checkpoint + 1 + i)))
        await stage.flush()
        expect(await archived(store)).toEqual(Array.from({ length: end + 1 }, (_, i) => i + 1))
      },
    ),
    { numRuns: 60 },
  )
})
