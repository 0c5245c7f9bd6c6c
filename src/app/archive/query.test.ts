import { describe, expect, it } from 'vitest'
import { parseLogQuery } from '../../pipeline/forward/log-index.ts'
import { createMemoryObjectStore } from '../../pipeline/forward/memory-object-store.ts'
import type { ObjectStore } from '../../pipeline/forward/object-store.ts'
import { createArchive, damaged, keysOf, MIDNIGHT, recordOf, write } from './archive.test-data.ts'
import { listArchive } from './list.ts'
import { type ArchiveQuery, queryArchive } from './query.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE

async function found(
  store: ObjectStore,
  text: string,
  more: Partial<ArchiveQuery> & { from?: number; to?: number } = {},
) {
  const { from, to, ...rest } = more
  const query = { ...parseLogQuery(text), ...(from === undefined ? {} : { from }), ...(to === undefined ? {} : { to }) }
  const records = queryArchive(store, { query, lateMs: HOUR, ...rest }, { onFault: () => undefined })
  return (await Array.fromAsync(records)).map(({ position }) => `${position.shard} ${position.sequence}`)
}

describe('a query', () => {
  it('finds Korean words, excludes words and tells services apart, as the search of the program does', async () => {
    const store = await createArchive()
    expect(await found(store, '주문 실패')).toEqual(['s-0 3'])
    expect(await found(store, 'service:payments')).toEqual(['s-0 3'])
    expect(await found(store, 'event -2 level:error', { shard: 's-0' })).toEqual(['s-0 1', 's-0 4', 's-0 5', 's-0 6'])
  })

  it('of a range of time finds what happened in it, over midnight', async () => {
    const store = await createArchive()
    expect(await found(store, '', { from: MIDNIGHT - 1 * MINUTE, to: MIDNIGHT + 30 * MINUTE })).toEqual([
      's-0 4',
      's-0 5',
      's-1 2',
    ])
  })

  it('finds what arrived late as far as it is told to look', async () => {
    const store = createMemoryObjectStore()
    await write(store, 's-0', [[recordOf(1, 0)], [recordOf(2, 300, { at: MIDNIGHT + MINUTE })]])
    const range = { from: MIDNIGHT, to: MIDNIGHT + 5 * MINUTE }
    expect(await found(store, '', range)).toEqual(['s-0 1'])
    expect(await found(store, '', { ...range, lateMs: 5 * HOUR })).toEqual(['s-0 1', 's-0 2'])
  })

  it('reads no more objects than it needs once its reader has enough', async () => {
    const store = createMemoryObjectStore()
    await write(
      store,
      's-0',
      Array.from({ length: 50 }, (_, i) => [recordOf(i + 1, i)]),
    )
    let read = 0
    const counting: ObjectStore = {
      ...store,
      get: (key) => {
        read++
        return store.get(key)
      },
    }
    for await (const _ of queryArchive(counting, { query: parseLogQuery(''), lateMs: 0 }, { onFault: () => undefined }))
      break
    expect(read).toBeLessThanOrEqual(5)
  })
})

describe('the list', () => {
  it('tells range, records and bytes of each object by its facts alone', async () => {
    const store = await createArchive()
    const blind: ObjectStore = { ...store, get: () => Promise.reject(new Error('not to be read')) }
    const objects = await Array.fromAsync(listArchive(blind, { shard: 's-0', from: MIDNIGHT, to: MIDNIGHT + 1 }))
    expect(objects).toMatchObject([
      {
        stream: 'logs.1768824000000',
        records: 2,
        from: MIDNIGHT - MINUTE,
        to: MIDNIGHT + MINUTE,
        first: '4',
        last: '5',
      },
    ])
  })

  it('reads objects without facts, and says of one that cannot be read what is wrong', async () => {
    const store = await createArchive()
    const [key = ''] = await keysOf(store)
    const old: ObjectStore = { ...damaged(store, { [key]: Buffer.from('x') }), head: async () => ({ bytes: 1 }) }
    const objects = await Array.fromAsync(listArchive(old, { shard: 's-0' }))
    expect(objects.map(({ records, fault }) => records ?? typeof fault)).toEqual(['string', 1, 2, 1])
  })
})
