import { describe, expect, it } from 'vitest'
import { createMemoryObjectStore } from '../../pipeline/forward/memory-object-store.ts'
import type { ObjectStore } from '../../pipeline/forward/object-store.ts'
import { createArchive, damaged, keysOf, MIDNIGHT, recordOf, write } from './archive.test-data.ts'
import { type ArchiveSelection, ahead, isStream, objectsInOrder, recordsOf } from './browse.ts'

const MINUTE = 60_000

const inOrder = async (store: ObjectStore, selection: ArchiveSelection = {}): Promise<string[]> =>
  (await Array.fromAsync(objectsInOrder(store, selection))).map(
    ({ shard, hour, first }) => `${hour.slice(5)} ${shard} ${first}`,
  )

const ALL = ['01-20T22 s-0 1', '01-20T23 s-0 3', '01-20T23 s-0 4', '01-20T23 s-1 1', '01-21T00 s-1 2', '01-21T01 s-0 6']

describe('the objects of an archive', () => {
  it('come hour by hour over midnight, and shard by shard within an hour', async () => {
    expect(await inOrder(await createArchive())).toEqual(ALL)
  })

  it('of a range begin with the last one before it, which may reach into it', async () => {
    const store = await createArchive()
    expect(await inOrder(store, { from: MIDNIGHT + MINUTE, to: MIDNIGHT + 40 * MINUTE })).toEqual([
      '01-20T23 s-0 4',
      '01-20T23 s-1 1',
      '01-21T00 s-1 2',
    ])
    expect(await inOrder(store, { from: MIDNIGHT + 10 * 60 * MINUTE })).toEqual(['01-21T00 s-1 2', '01-21T01 s-0 6'])
    expect(await inOrder(store, { to: MIDNIGHT - 60 * MINUTE - 1 })).toEqual(['01-20T22 s-0 1'])
  })

  it('go on behind any of them', async () => {
    const store = await createArchive()
    const objects = await Array.fromAsync(objectsInOrder(store, {}))
    for (const [i, { key }] of objects.entries()) expect(await inOrder(store, { after: key })).toEqual(ALL.slice(i + 1))
  })

  it('are refused to go on behind what is no object', async () => {
    await expect(inOrder(await createArchive(), { after: 'logs/v1/x' })).rejects.toThrow('--after is "logs/v1/x"')
  })

  it('are found of one stream in all its lives, and not of one whose name begins like it', async () => {
    const store = createMemoryObjectStore()
    for (const stream of ['logs', 'logs-eu', 'logs.eu']) await write(store, 's-0', [[recordOf(1, 0)]], stream)
    const of = async (stream: string) =>
      (await Array.fromAsync(objectsInOrder(store, { stream }))).map(({ folder }) => folder.replace(/\d{2,}$/, 'life'))
    expect(await of('logs')).toEqual(['logs.life'])
    expect(await of('logs.eu')).toEqual(['logs.eu.life'])
    expect(isStream('logs', 'logs')).toBe(true)
  })

  it('are listed on from where a list broke off, and none is lost', async () => {
    const store = await createArchive()
    let faults = 3
    const shaky: ObjectStore = {
      ...store,
      list: async function* (prefix, after) {
        for await (const object of store.list(prefix, after)) {
          yield object
          if (faults-- > 0) throw new Error('connection reset')
        }
      },
    }
    expect(await inOrder(shaky)).toEqual(ALL)
  })

  it('that cannot be read are told and passed over', async () => {
    const store = await createArchive()
    const [first, second] = await keysOf(store)
    const faults: string[] = []
    const broken = damaged(store, { [first as string]: Buffer.from('no zstd') })
    const gone: ObjectStore = { ...broken, get: async (key) => (key === second ? undefined : broken.get(key)) }
    const read = recordsOf(gone, objectsInOrder(gone, {}), ({ key }) => faults.push(key))
    expect((await Array.fromAsync(read)).length).toBe(4)
    expect(faults).toEqual([first, second])
  })
})

describe('loading ahead', () => {
  it('keeps the order, and never has more under way than it may', async () => {
    let open = 0
    let most = 0
    const waiting: (() => void)[] = []
    const load = async (n: number): Promise<number> => {
      most = Math.max(most, ++open)
      await new Promise<void>((resolve) => {
        waiting.push(resolve)
        // The one that began last ends first.
        queueMicrotask(() => waiting.pop()?.())
      })
      open--
      return n * 10
    }
    const items = (async function* () {
      yield* [1, 2, 3, 4, 5, 6, 7]
    })()
    expect(await Array.fromAsync(ahead(items, 3, load))).toEqual([1, 2, 3, 4, 5, 6, 7].map((n) => [n, n * 10]))
    expect(most).toBeLessThanOrEqual(3)
  })

  it('tells a fault in its turn, behind what came before it', async () => {
    const items = (async function* () {
      yield* [1, 2, 3]
    })()
    const seen: number[] = []
    const read = async (): Promise<void> => {
      for await (const [n] of ahead(items, 3, async (n) => (n === 2 ? Promise.reject(new Error('two')) : n)))
        seen.push(n)
    }
    await expect(read()).rejects.toThrow('two')
    expect(seen).toEqual([1])
  })
})
