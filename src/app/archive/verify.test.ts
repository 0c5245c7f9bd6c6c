import { zstdCompressSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { entryOf, openWriter } from '../../pipeline/forward/archive.test-data.ts'
import { encodeArchiveObject } from '../../pipeline/forward/archive-object.ts'
import { createMemoryObjectStore } from '../../pipeline/forward/memory-object-store.ts'
import type { ObjectStore } from '../../pipeline/forward/object-store.ts'
import { emptyLedger } from '../../pipeline/outcome.ts'
import { createArchive, damaged, keysOf, MIDNIGHT, recordOf, write } from './archive.test-data.ts'
import { archivedByLedger, verifyArchive } from './verify.ts'

const faultsOf = async (store: ObjectStore): Promise<string[]> =>
  (await verifyArchive(store, {})).faults.map(
    ({ code, key }) => `${code} ${key.split('/').slice(2, 4).join('/')} ${/0(\d)\.ndjson\.zst$/.exec(key)?.[1] ?? key}`,
  )

/** Key of an object of shard s-0, by its first sequence. */
const keyOf = async (store: ObjectStore, first: number): Promise<string> =>
  (await keysOf(store)).find((key) => key.includes('/s-0/') && key.endsWith(`${first}.ndjson.zst`)) as string

describe('an archive as it was written', () => {
  it('has no fault, and tells of each shard what is in it', async () => {
    const { faults, shards } = await verifyArchive(await createArchive(), {})
    expect(faults).toEqual([])
    expect(shards).toMatchObject([
      { stream: 'logs.1768824000000', shard: 's-0', objects: 4, records: 6, withoutFacts: 0, first: '1', last: '6' },
      { shard: 's-1', objects: 2, records: 2 },
    ])
  })

  it('has no fault where a stream numbers its records with leading zeros, as an emulator does', async () => {
    const store = createMemoryObjectStore()
    const { stage } = openWriter(store)
    const records = ['0007', '0008'].map((sequence, i) => {
      const record = recordOf(i, 1)
      return { ...record, position: { ...record.position, sequence } }
    })
    void stage.append(entryOf([], { records, sequence: '0008' }))
    await stage.flush()
    expect(await faultsOf(store)).toEqual([])
  })

  it('is looked at in part where a stream, a shard or a time is asked for', async () => {
    const store = await createArchive()
    const objects = async (selection: object) =>
      (await verifyArchive(store, selection)).shards.reduce((sum, shard) => sum + shard.objects, 0)
    expect(await objects({ shard: 's-1' })).toBe(2)
    expect(await objects({ stream: 'logs' })).toBe(6)
    expect(await objects({ stream: 'log' })).toBe(0)
    // The object that begins before an hour may reach into it.
    expect(await objects({ shard: 's-0', from: MIDNIGHT, to: MIDNIGHT + 1 })).toBe(1)
    expect(await objects({ shard: 's-0', from: MIDNIGHT })).toBe(2)
  })

  it('may have objects without facts: what is in them is checked, and told', async () => {
    const store = await createArchive()
    const { faults, shards } = await verifyArchive({ ...store, head: async () => ({ bytes: 1 }) }, {})
    expect([faults, shards.map((shard) => shard.withoutFacts)]).toEqual([[], [4, 2]])
  })

  it('has an order also where the hours of arrival do not follow the sequences', async () => {
    const store = createMemoryObjectStore()
    await write(store, 's-0', [[recordOf(1, 1)], [recordOf(2, -1)], [recordOf(3, 2)], [recordOf(4, 200)]])
    expect(await faultsOf(store)).toEqual([])
  })

  it('holds what came over HTTP in any order', async () => {
    const store = createMemoryObjectStore()
    const { stage } = openWriter(store)
    for (const part of [[7, 5], [6]]) {
      const { sequence: _, ...entry } = entryOf(part, { stream: 'logs' })
      void stage.append(entry)
      await stage.flush()
    }
    expect(await faultsOf(store)).toEqual([])
  })
})

describe('a damaged archive', () => {
  it('with an object that is cut off is found', async () => {
    const store = await createArchive()
    const key = await keyOf(store, 3)
    const cut = ((await store.get(key)) as Uint8Array).slice(0, -9)
    expect(await faultsOf(damaged(store, { [key]: cut }))).toEqual([
      'changed logs.1768824000000/s-0 3',
      'unreadable logs.1768824000000/s-0 3',
    ])
  })

  it('with a bit that flipped is found', async () => {
    const store = await createArchive()
    const key = await keyOf(store, 3)
    const bytes = Uint8Array.from((await store.get(key)) as Uint8Array)
    bytes[bytes.length - 1] = (bytes.at(-1) as number) ^ 1
    expect(await faultsOf(damaged(store, { [key]: bytes }))).toContain('unreadable logs.1768824000000/s-0 3')
  })

  it('with two objects swapped is found at both', async () => {
    const store = await createArchive()
    const [one, other] = [await keyOf(store, 3), await keyOf(store, 4)]
    const swapped = damaged(store, { [one]: await store.get(other), [other]: await store.get(one) })
    const faults = await faultsOf(swapped)
    for (const first of [3, 4])
      expect(faults).toEqual(
        expect.arrayContaining([
          `changed logs.1768824000000/s-0 ${first}`,
          `misplaced logs.1768824000000/s-0 ${first}`,
        ]),
      )
  })

  it('with an object of which a record was taken is found by count and sum', async () => {
    const store = await createArchive()
    const key = await keyOf(store, 4)
    const less = encodeArchiveObject(
      [recordOf(4, -1, { position: { stream: 'logs', shard: 's-0', sequence: '4', sub: 0, line: 0 } })],
      { writer: 'cali/test' },
    )
    const { faults } = await verifyArchive(damaged(store, { [key]: less.bytes }), {})
    expect(faults.map(({ code, detail }) => `${code}: ${detail.replace(/[0-9a-f]{64}/g, 'hash')}`)).toEqual([
      'changed: its SHA-256 is hash, not hash, with which it was written',
      'changed: it holds 1 records, sequences 4 to 4; its facts say 2 records, sequences 4 to 5',
    ])
  })

  it('with an object that is gone from the middle is found by the one behind it', async () => {
    const store = await createArchive()
    const { faults } = await verifyArchive(damaged(store, { [await keyOf(store, 3)]: undefined }), {})
    expect(faults).toEqual([
      {
        code: 'missing',
        key: await keyOf(store, 4),
        detail: expect.stringMatching(
          /written behind an object that ended at 3, but the one before it, .*1\.ndjson\.zst, ends at 2/,
        ),
      },
    ])
  })

  it('with objects that overlap is found', async () => {
    const store = createMemoryObjectStore()
    await write(store, 's-0', [[recordOf(1, 1), recordOf(2, 2), recordOf(3, 3)]])
    // A writer that did not look for the end of the chain.
    const { list: _, ...blind } = store
    await write({ ...blind, list: async function* () {} }, 's-0', [[recordOf(2, 2), recordOf(3, 3), recordOf(4, 4)]])
    const { faults } = await verifyArchive(store, {})
    expect(faults).toMatchObject([{ code: 'overlap', detail: expect.stringContaining('reaches to 3') }])
  })

  it('with a foreign file is found, wherever it lies', async () => {
    const store = await createArchive()
    const strange = { 'logs/v1/README.txt': Buffer.from('hi'), 'logs/v1/logs.1/s-0/한글 .zst': Buffer.from('hi') }
    const { faults } = await verifyArchive(damaged(store, strange), {})
    expect(faults.map(({ code, key }) => [code, key])).toEqual([
      ['foreign', 'logs/v1/README.txt'],
      ['foreign', 'logs/v1/logs.1/s-0/한글 .zst'],
    ])
  })

  it.each([
    ['no record', ''],
    ['no JSON', '{"id":\n'],
    ['JSON that is no record', '{"a":1}\n'],
  ])('with an object that holds %s is found', async (_words, text) => {
    const store = await createArchive()
    const key = await keyOf(store, 3)
    expect(await faultsOf(damaged(store, { [key]: zstdCompressSync(text) }))).toContain(
      'unreadable logs.1768824000000/s-0 3',
    )
  })

  it('with records out of order or twice in one object is found', async () => {
    const store = createMemoryObjectStore()
    await write(store, 's-0', [[recordOf(2, 1), recordOf(1, 2)]])
    await write(store, 's-1', [[recordOf(1, 1), recordOf(1, 1)]])
    const { faults } = await verifyArchive(store, {})
    expect(faults.map(({ code, detail }) => `${code}: ${detail}`)).toEqual([
      'disordered: line 2 (sequence 1) stands behind a later record',
      'disordered: line 2 (sequence 1) is there twice',
    ])
  })
})

it('the books count what was kept and what rules sent to the archive alone', () => {
  const ledger = emptyLedger()
  ledger.filter.kept = 7
  ledger.filter.dropped = { 'archive_only:audit': 3, noise: 90 }
  expect(archivedByLedger(ledger)).toBe(10)
})
