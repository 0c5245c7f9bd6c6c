/** List: the objects of the archive and what is in them, by their facts; without facts an object is read. */
import { readArchiveObject, readFacts } from '../../pipeline/forward/archive-object.ts'
import type { ObjectStore } from '../../pipeline/forward/object-store.ts'
import { messageOf } from '../../platform/error.ts'
import { type ArchiveSelection, ahead, type FoundObject, objectsInOrder, readBytes, readHead } from './browse.ts'

export interface ListedArchiveObject {
  readonly key: string
  /** Stream and incarnation, as in the key. */
  readonly stream: string
  readonly shard: string
  readonly bytes: number
  readonly records?: number
  /** Earliest and latest event time, Unix milliseconds. */
  readonly from?: number
  readonly to?: number
  readonly first: string
  readonly last?: string
  /** Why nothing is known of its contents. */
  readonly fault?: string
}

const AHEAD = 16

export async function* listArchive(
  store: ObjectStore,
  selection: ArchiveSelection,
): AsyncGenerator<ListedArchiveObject> {
  for await (const [object, contents] of ahead(objectsInOrder(store, selection), AHEAD, (o) => contentsOf(store, o))) {
    const { key, folder, shard, bytes, first } = object
    yield { key, stream: folder, shard, bytes, first, ...contents }
  }
}

async function contentsOf(
  store: ObjectStore,
  { key }: FoundObject,
): Promise<Pick<ListedArchiveObject, 'records' | 'from' | 'to' | 'last' | 'fault'>> {
  const facts = readFacts((await readHead(store, key))?.facts)
  if (facts !== undefined) {
    const { records, from, to, last } = facts
    return { records, from, to, last }
  }
  const bytes = await readBytes(store, key)
  if (bytes === undefined) return { fault: 'is not there any more' }
  try {
    const records = readArchiveObject(bytes)
    let [from, to] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]
    for (const { at } of records) {
      from = Math.min(from, at)
      to = Math.max(to, at)
    }
    const last = records.at(-1)?.position.sequence
    return last === undefined ? { records: 0 } : { records: records.length, from, to, last }
  } catch (error) {
    return { fault: messageOf(error) }
  }
}
