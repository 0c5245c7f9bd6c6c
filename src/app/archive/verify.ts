/** Verify: is every object of the archive what was written, where it was written, and does each chain hold together? */
import { hash } from 'node:crypto'
import {
  comparePositions,
  hourPart,
  parseArchiveKey,
  readArchiveObject,
  readFacts,
} from '../../pipeline/forward/archive-object.ts'
import { keyPart, type ObjectHead, type ObjectStore } from '../../pipeline/forward/object-store.ts'
import type { LedgerTally } from '../../pipeline/outcome.ts'
import { compareSequences, type LogRecord } from '../../pipeline/record.ts'
import { messageOf } from '../../platform/error.ts'
import { type ArchiveSelection, ahead, type FoundObject, objectsOf, readBytes, readHead, shardsOf } from './browse.ts'

export type ArchiveFaultCode =
  /** A file in the archive's place that CALI did not write. */
  | 'foreign'
  /** Listed, and not there when it was read. */
  | 'gone'
  /** Not zstd, cut off, not JSON lines, or no records. */
  | 'unreadable'
  /** Its bytes, count or range are not those that its facts name. */
  | 'changed'
  /** Its records belong under another name. */
  | 'misplaced'
  /** Its records are not in the order of their positions, or one is there twice. */
  | 'disordered'
  /** It begins before the end of the object before it. */
  | 'overlap'
  /** The object that this one was written behind is not there. */
  | 'missing'

export interface ArchiveFault {
  readonly code: ArchiveFaultCode
  readonly key: string
  readonly detail: string
}

export interface VerifiedShard {
  /** Stream and incarnation, as in the key. */
  readonly stream: string
  readonly shard: string
  readonly objects: number
  readonly records: number
  readonly bytes: number
  /** Objects without facts, of which only the contents could be checked. */
  readonly withoutFacts: number
  readonly first?: string
  readonly last?: string
}

export interface Verification {
  readonly shards: readonly VerifiedShard[]
  readonly faults: readonly ArchiveFault[]
}

export type VerifyProgress = (done: {
  readonly objects: number
  readonly records: number
  readonly faults: number
}) => void

const AHEAD = 8

export async function verifyArchive(
  store: ObjectStore,
  selection: ArchiveSelection,
  onProgress: VerifyProgress = () => undefined,
): Promise<Verification> {
  const faults: ArchiveFault[] = []
  const shards: VerifiedShard[] = []
  const done = { objects: 0, records: 0 }
  const foreign = (key: string): void => {
    faults.push({
      code: 'foreign',
      key,
      detail: 'is no archive object; readers of the whole folder may take it for one',
    })
  }
  for await (const shard of shardsOf(store, selection, foreign)) {
    const sum = { objects: 0, records: 0, bytes: 0, withoutFacts: 0 }
    let range: { first?: string; last?: string } = {}
    let previous: { key: string; last: string } | undefined
    const objects = bySequence(objectsOf(store, shard, selection, foreign))
    for await (const [object, stored] of ahead(objects, AHEAD, (found) => load(store, found))) {
      const checked = check(object, stored)
      faults.push(...checked.faults)
      sum.objects++
      sum.bytes += object.bytes
      sum.records += checked.records
      if (checked.facts === undefined) sum.withoutFacts++
      if (checked.last !== undefined && checked.ordered) {
        const link = chainFault(object, { ...checked, last: checked.last }, previous)
        if (link !== undefined) faults.push(link)
      }
      range = { first: range.first ?? object.first, last: checked.last ?? object.first }
      previous = checked.last === undefined ? undefined : { key: object.key, last: checked.last }
      onProgress({ objects: done.objects + sum.objects, records: done.records + sum.records, faults: faults.length })
    }
    done.objects += sum.objects
    done.records += sum.records
    if (sum.objects > 0) shards.push({ stream: shard.folder, shard: shard.shard, ...sum, ...range })
  }
  return { shards, faults }
}

interface Stored {
  readonly bytes: Uint8Array | undefined
  readonly head: ObjectHead | undefined
}

const load = async (store: ObjectStore, { key }: FoundObject): Promise<Stored> => {
  const [head, bytes] = await Promise.all([readHead(store, key), readBytes(store, key)])
  return { head, bytes }
}

interface Checked {
  readonly faults: readonly ArchiveFault[]
  readonly records: number
  readonly facts: ReturnType<typeof readFacts>
  /** Last sequence; undefined where it cannot be known. */
  readonly last: string | undefined
  /** Sources with a position to resume have chains; HTTP has objects. */
  readonly ordered: boolean
}

function check(object: FoundObject, { bytes, head }: Stored): Checked {
  const facts = readFacts(head?.facts)
  const faults: ArchiveFault[] = []
  const fault = (code: ArchiveFaultCode, detail: string): void => void faults.push({ code, key: object.key, detail })
  const unknown = (): Checked => ({
    faults,
    records: 0,
    facts,
    last: facts?.last,
    ordered: /\.\d+$/.test(object.folder),
  })
  if (bytes === undefined) {
    fault('gone', 'was listed and is not there any more')
    return unknown()
  }
  const sha256 = hash('sha256', bytes)
  if (facts !== undefined && facts.sha256 !== sha256)
    fault('changed', `its SHA-256 is ${sha256}, not ${facts.sha256}, with which it was written`)
  let records: readonly LogRecord[]
  try {
    records = readArchiveObject(bytes)
  } catch (error) {
    fault('unreadable', messageOf(error))
    return unknown()
  }
  const [first, last] = [records[0], records.at(-1)]
  if (first === undefined || last === undefined) {
    fault('unreadable', 'it holds no record')
    return unknown()
  }
  const written = `${records.length} records, sequences ${first.position.sequence} to ${last.position.sequence}`
  if (facts !== undefined) {
    const promised = `${facts.records} records, sequences ${facts.first} to ${facts.last}`
    if (promised !== written) fault('changed', `it holds ${written}; its facts say ${promised}`)
  }
  const place = placeOf(first)
  if (!isPlace(object, first)) fault('misplaced', `its first record belongs under ${place}`)
  const stray = records.find(
    ({ position }) => position.stream !== first.position.stream || position.shard !== first.position.shard,
  )
  if (stray !== undefined)
    fault('misplaced', `it also holds records of ${stray.position.stream}/${stray.position.shard}`)
  const ordered = object.folder !== keyPart(first.position.stream)
  const disorder = ordered ? outOfOrder(records) : twice(records)
  if (disorder !== undefined) fault('disordered', disorder)
  // A chain is judged by what was written, so that one changed object is one fault and not three.
  return { faults, records: records.length, facts, last: facts?.last ?? last.position.sequence, ordered }
}

const placeOf = ({ position, observedAt }: LogRecord): string =>
  `…${position.stream}/${position.shard}/${hourPart(observedAt)}${position.sequence}`

function isPlace(object: FoundObject, { position, observedAt }: LogRecord): boolean {
  const name = keyPart(position.stream)
  return (
    (object.folder === name || object.folder.startsWith(`${name}.`)) &&
    object.shard === keyPart(position.shard) &&
    object.first === position.sequence.replace(/^0+(?=\d)/, '') &&
    parseArchiveKey(object.key)?.hour === new Date(observedAt).toISOString().slice(0, 13)
  )
}

function outOfOrder(records: readonly LogRecord[]): string | undefined {
  for (const [i, record] of records.entries()) {
    const before = records[i - 1]
    if (before === undefined || comparePositions(before, record) < 0) continue
    const at = `line ${i + 1} (sequence ${record.position.sequence})`
    return comparePositions(before, record) === 0 ? `${at} is there twice` : `${at} stands behind a later record`
  }
  return undefined
}

function twice(records: readonly LogRecord[]): string | undefined {
  const seen = new Set<string>()
  for (const { position } of records) {
    const place = `${position.sequence}:${position.sub}:${position.line}`
    if (seen.has(place)) return `the record at ${place} is there twice`
    seen.add(place)
  }
  return undefined
}

function chainFault(
  { key, first }: FoundObject,
  { facts, last }: Checked & { readonly last: string },
  previous: { readonly key: string; readonly last: string } | undefined,
): ArchiveFault | undefined {
  if (previous === undefined) return undefined
  if (compareSequences(first, previous.last) <= 0)
    return {
      code: 'overlap',
      key,
      detail: `it holds ${first} to ${last}, but ${previous.key} reaches to ${previous.last}: records between are there twice`,
    }
  if (facts?.after !== undefined && compareSequences(previous.last, facts.after) < 0)
    return {
      code: 'missing',
      key,
      detail: `it was written behind an object that ended at ${facts.after}, but the one before it, ${previous.key}, ends at ${previous.last}`,
    }
  return undefined
}

/**
 * Ascending by first sequence. Times of arrival are approximate, so that at the turn of an hour an object may stand in
 * the hour after one that follows it: two hours are held at a time.
 */
async function* bySequence(objects: AsyncIterable<FoundObject>): AsyncGenerator<FoundObject> {
  let held: FoundObject[] = []
  for await (const object of objects) {
    const hours = new Set(held.map(({ hour }) => hour))
    if (hours.size === 2 && !hours.has(object.hour)) {
      const oldest = [...hours].sort()[0]
      held.sort((a, b) => compareSequences(a.first, b.first))
      const end = held.findLastIndex(({ hour }) => hour === oldest) + 1
      yield* held.slice(0, end)
      held = held.slice(end)
    }
    held.push(object)
  }
  yield* held.sort((a, b) => compareSequences(a.first, b.first))
}

/** Records that the books say are in the archive: what was kept, and what rules sent there alone. */
export const archivedByLedger = ({ filter }: LedgerTally): number =>
  filter.kept +
  Object.entries(filter.dropped).reduce((sum, [reason, n]) => sum + (reason.startsWith('archive_only:') ? n : 0), 0)
