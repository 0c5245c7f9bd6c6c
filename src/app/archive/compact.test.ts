import { zstdDecompressSync } from 'node:zlib'
import { parquetMetadata, parquetReadObjects } from 'hyparquet'
import { describe, expect, it } from 'vitest'
import { entryOf, openWriter, recordAt } from '../../pipeline/forward/archive.test-data.ts'
import { createMemoryObjectStore } from '../../pipeline/forward/memory-object-store.ts'
import type { ObjectStore } from '../../pipeline/forward/object-store.ts'
import type { LogRecord } from '../../pipeline/record.ts'
import { type Compaction, compactDay } from './compact.ts'

const DAY = '2026-01-20'
const NOON = Date.parse(`${DAY}T12:00:00Z`)
const LATER = NOON + 86_400_000

const COMPRESSORS = { ZSTD: (input: Uint8Array) => new Uint8Array(zstdDecompressSync(input)) }

/** An object of its own for each list. */
async function archive(
  store: ObjectStore,
  shard: string,
  ...objects: readonly (readonly LogRecord[])[]
): Promise<void> {
  const { stage } = openWriter(store)
  for (const records of objects) {
    void stage.append(entryOf([], { records, shard, sequence: records.at(-1)?.position.sequence ?? '' }))
    await stage.flush()
  }
}
const at = (sequence: number, observedAt = NOON, more: Partial<LogRecord> = {}): LogRecord =>
  recordAt(sequence, { observedAt, at: observedAt, ...more })
const compact = (store: ObjectStore, now = LATER): Promise<Compaction> =>
  compactDay({ store, now: () => now, writer: 'cali/test' }, DAY)
async function rowsOf(store: ObjectStore): Promise<Record<string, unknown>[]> {
  const rows: Record<string, unknown>[] = []
  for await (const { key } of store.list('compact/v1/'))
    if (key.endsWith('.parquet')) {
      const bytes = (await store.get(key)) as Uint8Array
      const file = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength) as ArrayBuffer
      rows.push(...(await parquetReadObjects({ file, compressors: COMPRESSORS })))
    }
  return rows
}
const idsOf = async (store: ObjectStore): Promise<unknown[]> =>
  (await rowsOf(store)).map((row) => row['event_id']).sort()

describe('a day of the archive as Parquet', () => {
  it('holds every record of the day once, with its texts, times and origin, and none of the days beside it', async () => {
    const store = createMemoryObjectStore()
    const full = at(2, NOON, {
      at: NOON - 1_500,
      message: '결제 실패: "주문" \u{1f4b3}',
      body: '결제 실패\n\tat com.shop.Order.place(Order.java:7)',
      exception: { type: 'PaymentError', message: 'declined', frames: [], language: 'java', causes: [] },
      trace: { traceId: 'abc', spanId: 'def' },
      resource: { namespace: 'shop', pod: 'order-1', labels: { app: 'order' } },
      attributes: { port: 8080, ok: false },
    })
    await archive(store, 's-0', [at(1, NOON - 86_400_000)], [full], [at(3), at(4)], [at(9, NOON + 86_400_000)])
    const result = await compact(store)
    expect(result).toMatchObject({ date: DAY, folder: `compact/v1/dt=${DAY}/`, objects: 2, parts: 1, faults: [] })
    expect(result.written).toMatchObject([{ key: `compact/v1/dt=${DAY}/part-00001-00001.parquet`, records: 3 }])
    expect(await idsOf(store)).toEqual(['id-2', 'id-3', 'id-4'])
    const row = (await rowsOf(store)).find((found) => found['event_id'] === 'id-2')
    expect(row).toMatchObject({
      time: new Date(NOON - 1_500),
      observed_time: new Date(NOON),
      severity_number: 17,
      severity_text: 'ERROR',
      message: '결제 실패: "주문" \u{1f4b3}',
      body: full.body,
      exception_type: 'PaymentError',
      trace_id: 'abc',
      namespace: 'shop',
      pod: 'order-1',
      node: null,
      labels: '{"app":"order"}',
      attributes: '{"port":8080,"ok":false}',
      sequence: '2',
      line: 0,
    })
  })

  it('is the same when it is made again, and by as many at once as like', async () => {
    const store = createMemoryObjectStore()
    await archive(store, 's-0', [at(1), at(2)], [at(3)])
    await archive(store, 's-1', [at(7)])
    await Promise.all([compact(store), compact(store), compact(store)])
    expect(await idsOf(store)).toEqual(['id-1', 'id-2', 'id-3', 'id-7'])
    const again = await compact(store)
    expect(again).toMatchObject({ objects: 3, parts: 1, written: [] })
  })

  it('takes in what came late, and nothing twice', async () => {
    const store = createMemoryObjectStore()
    await archive(store, 's-0', [at(1)])
    await compact(store)
    await archive(store, 's-1', [at(5)])
    expect((await compact(store)).written).toMatchObject([{ key: `compact/v1/dt=${DAY}/part-00002-00001.parquet` }])
    expect(await idsOf(store)).toEqual(['id-1', 'id-5'])
  })

  it('goes on where a run ended between its plan and its files', async () => {
    const store = createMemoryObjectStore()
    await archive(store, 's-0', [at(1)])
    const fails = {
      ...store,
      putIfAbsent: async (key: string, bytes: Uint8Array) => {
        if (key.endsWith('.parquet')) throw new Error('killed')
        return store.putIfAbsent(key, bytes)
      },
    }
    await expect(compact(fails)).rejects.toThrow('killed')
    await archive(store, 's-1', [at(5)])
    await compact(store)
    expect(await idsOf(store)).toEqual(['id-1', 'id-5'])
  })

  it('writes no file with a hole: an object that is damaged holds its file back and is named', async () => {
    const store = createMemoryObjectStore()
    await archive(store, 's-0', [at(1)], [at(2)])
    const damaged = {
      ...store,
      get: async (key: string) => {
        const bytes = await store.get(key)
        return key.endsWith('1.ndjson.zst') && bytes !== undefined ? bytes.subarray(0, -2) : bytes
      },
    }
    const result = await compact(damaged)
    expect(result.written).toEqual([])
    expect(result.faults).toMatchObject([{ detail: expect.stringContaining('is not what was written') }])
    expect((await compact(store)).written).toMatchObject([{ records: 2 }])
  })

  it('is refused while the day may still grow', async () => {
    const store = createMemoryObjectStore()
    await expect(compact(store, Date.parse('2026-01-21T00:30:00Z'))).rejects.toThrow(
      '--date 2026-01-20 is not over: objects of the day are written until 2026-01-21T01:00Z',
    )
  })

  it('refuses to guess what a plan of another version means', async () => {
    const store = createMemoryObjectStore()
    await archive(store, 's-0', [at(1)])
    await store.putIfAbsent(`compact/v1/dt=${DAY}/_plan-00001.json`, Buffer.from('{"format":"cali-compaction/9"}'))
    await expect(compact(store)).rejects.toThrow('_plan-00001.json is no plan of a compaction that this version knows')
  })

  it('closes a group of rows before it is too large for memory', async () => {
    const store = createMemoryObjectStore()
    const body = 'x'.repeat(1_000_000)
    await archive(
      store,
      's-0',
      Array.from({ length: 70 }, (_, i) => at(i + 1, NOON, { body })),
    )
    const { written } = await compact(store)
    const bytes = (await store.get(written[0]?.key ?? '')) as Uint8Array
    const file = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength) as ArrayBuffer
    expect(parquetMetadata(file).row_groups.length).toBe(3)
  })
})
