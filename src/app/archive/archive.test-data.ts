/** What the tests of the archive commands share: an archive with two shards over midnight, and ways to damage it. */
import { entryOf, openWriter, recordAt } from '../../pipeline/forward/archive.test-data.ts'
import { createMemoryObjectStore } from '../../pipeline/forward/memory-object-store.ts'
import type { ObjectStore } from '../../pipeline/forward/object-store.ts'
import type { LogRecord } from '../../pipeline/record.ts'

export const LIFE = '1768824000000'
export const MIDNIGHT = Date.parse('2026-01-21T00:00:00Z')
const MINUTE = 60_000

/** A record of a minute before or after midnight. */
export const recordOf = (sequence: number, minute: number, more: Partial<LogRecord> = {}): LogRecord =>
  recordAt(sequence, { at: MIDNIGHT + minute * MINUTE, observedAt: MIDNIGHT + minute * MINUTE, ...more })

/** Writes objects of a shard, one per part. */
export async function write(
  store: ObjectStore,
  shard: string,
  parts: readonly (readonly LogRecord[])[],
  stream = 'logs',
) {
  const { stage } = openWriter(store)
  for (const part of parts) {
    const records = part.map((record) => ({ ...record, position: { ...record.position, stream, shard } }))
    const entry = { ...entryOf([], { stream, shard, incarnation: LIFE, records }), sequence: '1' }
    void stage.append(entry)
    await stage.flush()
  }
}

/** Two shards: one with four objects from 22:30 to 01:30, one with two. */
export async function createArchive(): Promise<ObjectStore> {
  const store = createMemoryObjectStore()
  await write(store, 's-0', [
    [recordOf(1, -90), recordOf(2, -61)],
    [recordOf(3, -30, { body: '주문 처리 실패', service: 'payments' })],
    [recordOf(4, -1), recordOf(5, 1)],
    [recordOf(6, 90)],
  ])
  await write(store, 's-1', [[recordOf(1, -20)], [recordOf(2, 30, { body: 'one\r\n\u001b[31mtwo' })]])
  return store
}

export const keysOf = async (store: ObjectStore): Promise<string[]> =>
  (await Array.fromAsync(store.list(''))).map(({ key }) => key)

/** The store with some objects replaced, added or (undefined) taken away; their facts stay as they were. */
export function damaged(store: ObjectStore, changes: Readonly<Record<string, Uint8Array | undefined>>): ObjectStore {
  const gone = (key: string): boolean => key in changes && changes[key] === undefined
  return {
    ...store,
    get: async (key) => (key in changes ? changes[key] : store.get(key)),
    head: async (key) => (gone(key) ? undefined : store.head(key)),
    list: async function* (prefix, after = '') {
      const keys = new Set([...(await keysOf(store)), ...Object.keys(changes)])
      for (const key of [...keys].sort())
        if (!gone(key) && key.startsWith(prefix) && key > after) yield { key, bytes: 1 }
    },
  }
}
