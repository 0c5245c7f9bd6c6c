/**
 * Archive chain: the objects of a shard, each under the sequence of its first record, each beginning behind the end of
 * the one before. An object is written once, by whoever comes first; everybody else adopts its end and goes on behind
 * it. So no record is there twice and none is missing, whoever crashed, was slow or was replaced, and no list is kept.
 */
import { CaliError } from '../../platform/error.ts'
import { compareSequences, type LogRecord } from '../record.ts'
import {
  type ArchiveName,
  type ArchivePlace,
  archiveKey,
  encodeArchiveObject,
  hourPart,
  parseArchiveKey,
  readArchiveObject,
  readFacts,
  shardPrefix,
  writeFacts,
} from './archive-object.ts'
import type { ObjectStore } from './object-store.ts'

/** How far back an object may begin that still holds a record: one that was filled while catching up spans long. */
const LOOK_BACK_MS = 24 * 3_600_000

/** A shard's chain as one writer knows it. */
export interface Chain {
  readonly place: ArchivePlace
  /** Whether records come in order of their positions and again after a crash; false for sources such as HTTP. */
  readonly ordered: boolean
  /** Last sequence that is archived; undefined before the writer has looked. */
  end?: string
}

export interface HeldRecords {
  readonly key: string
  /** Those of the call that the object holds. */
  readonly records: readonly LogRecord[]
}

export interface Written {
  /** Objects and bytes that were made. */
  readonly objects: number
  readonly bytes: number
  /** Which objects hold the records now, made or found. */
  readonly held: readonly HeldRecords[]
  /** Records that were in the archive before: `holdersOf` tells where. */
  readonly behind: readonly LogRecord[]
}

/** Writes the records behind the end of the chain; tells what it made. The same call again is safe. */
export async function writeChain(
  store: ObjectStore,
  chain: Chain,
  records: readonly LogRecord[],
  writer: string,
): Promise<Written> {
  const [first] = records
  if (first === undefined) return { objects: 0, bytes: 0, held: [], behind: [] }
  if (!chain.ordered) return writeApart(store, chain.place, records, writer)
  chain.end ??= await findEnd(store, chain.place, first)
  let rest = behind(records, chain.end)
  const before = records.slice(0, records.length - rest.length)
  const held: HeldRecords[] = []
  while (rest[0] !== undefined) {
    const key = archiveKey(chain.place, rest[0])
    const { bytes, facts } = encodeArchiveObject(rest, { writer, ...(chain.end === '' ? {} : { after: chain.end }) })
    if (await store.putIfAbsent(key, bytes, writeFacts(facts))) {
      chain.end = facts.last
      return { objects: 1, bytes: bytes.length, held: [...held, { key, records: rest }], behind: before }
    }
    const there = await rangeOf(store, key)
    if (there.first !== facts.first)
      throw new CaliError(
        'archive_foreign_object',
        `${store.location}: ${key} begins with sequence ${there.first}, not with its own name. Move it out of the archive; nothing acknowledged is lost meanwhile.`,
        { retryable: true },
      )
    chain.end = there.last
    const left = behind(rest, there.last)
    held.push({ key, records: rest.slice(0, rest.length - left.length) })
    rest = left
  }
  return { objects: 0, bytes: 0, held, behind: before }
}

/** The objects that hold records which were archived before, with those of them that each holds. */
export async function holdersOf(
  store: ObjectStore,
  place: ArchivePlace,
  records: readonly LogRecord[],
): Promise<readonly HeldRecords[]> {
  const [first] = records
  if (first === undefined) return []
  const prefix = shardPrefix(place)
  const names: ArchiveName[] = []
  for await (const { key } of store.list(prefix, prefix + hourPart(first.observedAt - LOOK_BACK_MS))) {
    const name = parseArchiveKey(key)
    if (name !== undefined) names.push(name)
  }
  names.sort((a, b) => compareSequences(a.first, b.first))
  return names.flatMap(({ key, first: from }, i) => {
    const next = names[i + 1]?.first
    const inside = records.filter(
      ({ position: { sequence } }) =>
        compareSequences(sequence, from) >= 0 && (next === undefined || compareSequences(sequence, next) < 0),
    )
    return inside.length === 0 ? [] : [{ key, records: inside }]
  })
}

const behind = (records: readonly LogRecord[], end: string): readonly LogRecord[] =>
  end === '' ? records : records.filter((record) => compareSequences(record.position.sequence, end) > 0)

/**
 * End of what is archived of a shard, empty when nothing is. A source without its checkpoint reads again what is in the
 * archive, from anywhere inside an object on: without this look the objects would overlap.
 */
async function findEnd(store: ObjectStore, place: ArchivePlace, first: LogRecord): Promise<string> {
  const prefix = shardPrefix(place)
  let last: { key: string; first: string } | undefined
  for await (const { key } of store.list(prefix, prefix + hourPart(first.observedAt - LOOK_BACK_MS))) {
    const name = parseArchiveKey(key)
    // Times of arrival do not strictly grow, so that the last name is not always the last object.
    if (name !== undefined && (last === undefined || compareSequences(name.first, last.first) > 0)) last = name
  }
  return last === undefined ? '' : (await rangeOf(store, last.key)).last
}

/** First and last sequence of an object, by its facts or, where it has none, by its records. */
async function rangeOf(store: ObjectStore, key: string): Promise<{ first: string; last: string }> {
  const facts = readFacts((await store.head(key))?.facts)
  if (facts !== undefined) return facts
  const bytes = await store.get(key)
  if (bytes === undefined)
    throw new CaliError('archive_object_gone', `${store.location}: ${key} was there and is not any more`, {
      retryable: true,
    })
  let records: LogRecord[]
  try {
    records = readArchiveObject(bytes)
  } catch (error) {
    throw new CaliError(
      'archive_object_unreadable',
      `${store.location}: ${key} cannot be read (${(error as Error).message}). Move it out of the archive; nothing acknowledged is lost meanwhile.`,
      { cause: error, retryable: true },
    )
  }
  return { first: records[0]?.position.sequence ?? '', last: records.at(-1)?.position.sequence ?? '' }
}

/**
 * Records of a source that cannot resume: no chain, only objects. A taken name is this write, whose answer was lost, or
 * another writer's object that happens to begin with the same number: then both are kept.
 */
async function writeApart(
  store: ObjectStore,
  place: ArchivePlace,
  records: readonly LogRecord[],
  writer: string,
): Promise<Written> {
  const { bytes, facts } = encodeArchiveObject(records, { writer })
  const made = (key: string): Written => ({ objects: 1, bytes: bytes.length, held: [{ key, records }], behind: [] })
  const key = archiveKey(place, records[0] as LogRecord)
  if (await store.putIfAbsent(key, bytes, writeFacts(facts))) return made(key)
  if (readFacts((await store.head(key))?.facts)?.sha256 === facts.sha256) return made(key)
  const other = archiveKey(place, records[0] as LogRecord, `-${facts.sha256.slice(0, 8)}`)
  await store.putIfAbsent(other, bytes, writeFacts(facts))
  return made(other)
}
