/**
 * Browse: the objects of the archive in the order in which their records came, hour by hour and shard by shard, without
 * a list of them all: an archive has millions.
 */
import {
  ARCHIVE_ROOT,
  type ArchiveName,
  hourPart,
  parseArchiveKey,
  readArchiveObject,
} from '../../pipeline/forward/archive-object.ts'
import { keyPart, type ListedObject, type ObjectStore } from '../../pipeline/forward/object-store.ts'
import type { LogRecord } from '../../pipeline/record.ts'
import { CaliError, messageOf } from '../../platform/error.ts'
import { type RetryPolicy, retry } from '../../platform/retry.ts'

export interface ArchiveSelection {
  /** Name of a stream, in all its lives. */
  readonly stream?: string
  readonly shard?: string
  /** Times of arrival, Unix milliseconds: objects with records of the hours from `from` to `to`. */
  readonly from?: number
  readonly to?: number
  /** Key of an object: those behind it, in this order. */
  readonly after?: string
}

export interface FoundObject extends ArchiveName {
  readonly bytes: number
}

export interface FoundShard {
  /** Stream and incarnation, as in the key. */
  readonly folder: string
  readonly shard: string
  readonly prefix: string
}

/** Told of a key in the archive's place that names no archive object. */
export type OnForeign = (key: string) => void

const READ: RetryPolicy = { baseMs: 200, capMs: 5_000, attempts: 6 }
const HOUR_MS = 3_600_000
/** How far back the object is looked for that holds the first records of a range: near first, then where logs are sparse. */
const LOOK_BACK_MS = [HOUR_MS, 24 * HOUR_MS]
/** `/` is followed by `0`: behind this are no keys of the folder. */
const behindFolder = (folder: string): string => `${folder}0`

/** Whether the folder of a key is one life of this stream. Lives are named by a number, the stream's creation time. */
export const isStream = (folder: string, stream: string): boolean => {
  const name = keyPart(stream)
  return folder === name || (folder.startsWith(`${name}.`) && /^\d+$/.test(folder.slice(name.length + 1)))
}

/** The shards of the archive, found by leaping from one to the next. */
export async function* shardsOf(
  store: ObjectStore,
  selection: ArchiveSelection,
  onForeign: OnForeign = () => undefined,
): AsyncGenerator<FoundShard> {
  for (let after = ''; ; ) {
    const key = await firstKey(store, after)
    if (key === undefined) return
    const [folder = '', shard = '', ...rest] = key.slice(ARCHIVE_ROOT.length).split('/')
    if (rest.length === 0) {
      onForeign(key)
      after = key
    } else if (selection.stream !== undefined && !isStream(folder, selection.stream)) {
      after = behindFolder(`${ARCHIVE_ROOT}${folder}`)
    } else {
      if (selection.shard === undefined || keyPart(selection.shard) === shard)
        yield { folder, shard, prefix: `${ARCHIVE_ROOT}${folder}/${shard}/` }
      after = behindFolder(`${ARCHIVE_ROOT}${folder}/${shard}`)
    }
  }
}

async function firstKey(store: ObjectStore, after: string): Promise<string | undefined> {
  return retry(READ, async () => {
    for await (const { key } of store.list(ARCHIVE_ROOT, after)) return key
    return undefined
  })
}

/** The objects of one shard, by the hour of their arrival. */
export async function* objectsOf(
  store: ObjectStore,
  { prefix }: FoundShard,
  { from, to }: ArchiveSelection,
  onForeign: OnForeign = () => undefined,
): AsyncGenerator<FoundObject> {
  if (from !== undefined) {
    const before = await lastBefore(store, prefix, from)
    if (before !== undefined) yield before
  }
  const last = to === undefined ? undefined : hourOf(to)
  for await (const { key, bytes } of listed(store, prefix, from === undefined ? '' : prefix + hourPart(from))) {
    const name = parseArchiveKey(key)
    if (name === undefined) onForeign(key)
    else if (last !== undefined && name.hour > last) return
    else yield { ...name, bytes }
  }
}

/** A chain's objects follow each other: of those that begin before a range, only the last can reach into it. */
async function lastBefore(store: ObjectStore, prefix: string, from: number): Promise<FoundObject | undefined> {
  for (const back of LOOK_BACK_MS) {
    let last: FoundObject | undefined
    for await (const { key, bytes } of listed(store, prefix, prefix + hourPart(from - back))) {
      const name = parseArchiveKey(key)
      if (name === undefined) continue
      if (name.hour >= hourOf(from)) break
      last = { ...name, bytes }
    }
    if (last !== undefined) return last
  }
  return undefined
}

/** A list that is asked for again from where it broke off. */
async function* listed(store: ObjectStore, prefix: string, after: string): AsyncGenerator<ListedObject> {
  let at = after
  let list = store.list(prefix, at)[Symbol.asyncIterator]()
  const next = (): Promise<IteratorResult<ListedObject>> =>
    retry(READ, (attempt) => {
      // A list that failed is over and would say that it has ended.
      if (attempt > 1) list = store.list(prefix, at)[Symbol.asyncIterator]()
      return list.next()
    })
  try {
    for (let step = await next(); step.done !== true; step = await next()) {
      at = step.value.key
      yield step.value
    }
  } finally {
    await list.return?.()
  }
}

const hourOf = (at: number): string => new Date(at).toISOString().slice(0, 13)

/** The objects of all shards, merged by hour; within an hour shard by shard. */
export async function* objectsInOrder(
  store: ObjectStore,
  selection: ArchiveSelection,
  onForeign?: OnForeign,
): AsyncGenerator<FoundObject> {
  const resumed = selection.after === undefined ? undefined : parseArchiveKey(selection.after)
  if (selection.after !== undefined && resumed === undefined)
    throw new CaliError('config_invalid', `--after is "${selection.after}": the key of an archive object is accepted`)
  const heads: { readonly list: AsyncGenerator<FoundObject>; object: FoundObject }[] = []
  try {
    for await (const shard of shardsOf(store, selection, onForeign)) {
      const list = objectsOf(store, shard, selection, onForeign)
      const first = await list.next()
      if (first.done !== true) heads.push({ list, object: first.value })
    }
    for (;;) {
      const head = heads.reduce<(typeof heads)[number] | undefined>(
        (least, other) => (least === undefined || isBefore(other.object, least.object) ? other : least),
        undefined,
      )
      if (head === undefined) return
      if (resumed === undefined || isBefore(resumed, head.object)) yield head.object
      const next = await head.list.next()
      if (next.done === true) heads.splice(heads.indexOf(head), 1)
      else head.object = next.value
    }
  } finally {
    await Promise.all(heads.map(({ list }) => list.return(undefined)))
  }
}

const isBefore = (a: ArchiveName, b: ArchiveName): boolean => a.hour < b.hour || (a.hour === b.hour && a.key < b.key)

/** Loads ahead, `n` at a time, and hands on in order. */
export async function* ahead<T, R>(
  items: AsyncIterable<T>,
  n: number,
  load: (item: T) => Promise<R>,
): AsyncGenerator<[T, R]> {
  const loading: { readonly item: T; readonly result: Promise<R> }[] = []
  for await (const item of items) {
    const result = load(item)
    // A fault is told when its turn comes.
    result.catch(() => undefined)
    loading.push({ item, result })
    const [first] = loading
    if (loading.length < n || first === undefined) continue
    loading.shift()
    yield [first.item, await first.result]
  }
  for (const { item, result } of loading) yield [item, await result]
}

/** The bytes of an object, asked for again where that may help. */
export const readBytes = (store: ObjectStore, key: string): Promise<Uint8Array | undefined> =>
  retry(READ, () => store.get(key))

export const readHead = (store: ObjectStore, key: string): ReturnType<ObjectStore['head']> =>
  retry(READ, () => store.head(key))

/** An object whose records cannot be had: what is wrong with it, in words. */
export interface ObjectFault {
  readonly key: string
  readonly detail: string
}

/** The records of objects, one object at a time; those that cannot be read are told and passed over. */
export async function* recordsOf(
  store: ObjectStore,
  objects: AsyncIterable<FoundObject>,
  onFault: (fault: ObjectFault) => void,
): AsyncGenerator<[FoundObject, readonly LogRecord[]]> {
  for await (const [object, bytes] of ahead(objects, 4, ({ key }) => readBytes(store, key))) {
    if (bytes === undefined) {
      onFault({ key: object.key, detail: 'is not there any more' })
      continue
    }
    let records: readonly LogRecord[]
    try {
      records = readArchiveObject(bytes)
    } catch (error) {
      onFault({ key: object.key, detail: messageOf(error) })
      continue
    }
    yield [object, records]
  }
}

/** Events are logged before they arrive, but for clocks that are ahead. */
const CLOCK_AHEAD_MS = 10 * 60_000

/** Where records of a range of event times are looked for: those of a late arrival too. */
export const arrivalOf = (range: { readonly from?: number; readonly to?: number; readonly lateMs: number }) => ({
  ...(range.from === undefined ? {} : { from: range.from - CLOCK_AHEAD_MS }),
  ...(range.to === undefined ? {} : { to: range.to + range.lateMs }),
})
