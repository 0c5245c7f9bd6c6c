/**
 * Compact: the archive of a day once more, as a few large Parquet files beside the chain, for queries over months. The chain
 * is the truth and stays as it is: writers go on behind it and `cali archive verify` proves it.
 */
import { hash } from 'node:crypto'
import { readArchiveObject, readFacts } from '../../pipeline/forward/archive-object.ts'
import type { ObjectStore } from '../../pipeline/forward/object-store.ts'
import type { LogRecord } from '../../pipeline/record.ts'
import { CaliError, messageOf } from '../../platform/error.ts'
import { ahead, type FoundObject, type ObjectFault, objectsInOrder, readBytes, readHead } from './browse.ts'
import { dayFolder, type PlannedPart, planParts, readPlans, writePlan } from './compact-plan.ts'
import { createParquetPart } from './parquet-part.ts'

export interface CompactionDeps {
  readonly store: ObjectStore
  readonly now: () => number
  /** Program and version. */
  readonly writer: string
  readonly onProgress?: (progress: { readonly objects: number; readonly of: number; readonly records: number }) => void
}

export interface Compaction {
  readonly date: string
  /** Folder of the parts. */
  readonly folder: string
  /** Archive objects of the day. */
  readonly objects: number
  readonly parts: number
  /** Written by this run; the others were there. */
  readonly written: readonly { readonly key: string; readonly records: number; readonly bytes: number }[]
  /** Objects that hold back their part, and why. */
  readonly faults: readonly ObjectFault[]
}

const DAY_MS = 86_400_000
/** Objects are named by the hour of their first record, and closed some seconds later. */
const SETTLE_MS = 60 * 60_000

/** `date`: day of arrival, UTC, as in the keys. Rejects while it is not over. Repeating it adds what came late, and nothing else. */
export async function compactDay(deps: CompactionDeps, date: string): Promise<Compaction> {
  const { store } = deps
  const from = Date.parse(`${date}T00:00:00Z`)
  if (deps.now() < from + DAY_MS + SETTLE_MS)
    throw new CaliError(
      'config_invalid',
      `--date ${date} is not over: objects of the day are written until ${new Date(from + DAY_MS + SETTLE_MS).toISOString().slice(0, 16)}Z. An earlier day is accepted.`,
    )
  const objects: FoundObject[] = []
  for await (const object of objectsInOrder(store, { from, to: from + DAY_MS - 1 }))
    if (object.hour.startsWith(date)) objects.push(object)
  const parts = await planDay(store, date, objects)
  const run = { objects: 0, of: 0, records: 0 }
  const written: { key: string; records: number; bytes: number }[] = []
  const faults: ObjectFault[] = []
  const missing: PlannedPart[] = []
  for (const part of parts) if ((await readHead(store, part.key)) === undefined) missing.push(part)
  run.of = missing.reduce((sum, { sources }) => sum + sources.length, 0)
  for (const part of missing) {
    const built = await buildPart(deps, part, run, faults)
    if (built === undefined) continue
    // False: another run has just written the same bytes.
    await store.putIfAbsent(part.key, built.bytes)
    written.push({ key: part.key, records: built.records, bytes: built.bytes.byteLength })
  }
  return { date, folder: dayFolder(date), objects: objects.length, parts: parts.length, written, faults }
}

/** All parts of the day, after what no plan holds yet has a plan too. */
async function planDay(store: ObjectStore, date: string, objects: readonly FoundObject[]): Promise<PlannedPart[]> {
  for (;;) {
    const plans = await readPlans(store, date)
    const parts = plans.flatMap((plan) => plan.parts)
    const planned = new Set(parts.flatMap(({ sources }) => sources.map(({ key }) => key)))
    const rest = objects.filter(({ key }) => !planned.has(key))
    if (rest.length === 0) return parts
    const n = plans.length + 1
    const plan = planParts(date, n, rest)
    if (await writePlan(store, date, n, plan)) return [...parts, ...plan.parts]
  }
}

async function buildPart(
  deps: CompactionDeps,
  { sources }: PlannedPart,
  run: { objects: number; of: number; records: number },
  faults: ObjectFault[],
): Promise<{ bytes: Uint8Array; records: number } | undefined> {
  const part = createParquetPart(deps.writer)
  let whole = true
  for await (const [{ key }, read] of ahead(each(sources), 4, ({ key }) => readSource(deps.store, key))) {
    run.objects++
    if ('fault' in read) {
      faults.push({ key, detail: read.fault })
      whole = false
    } else if (whole) {
      part.add(read.records)
      run.records += read.records.length
    }
    deps.onProgress?.(run)
  }
  return whole ? { bytes: part.finish(), records: part.rows } : undefined
}

/** The records of an object that is what was written, or what is wrong with it. */
async function readSource(
  store: ObjectStore,
  key: string,
): Promise<{ readonly records: readonly LogRecord[] } | { readonly fault: string }> {
  const [bytes, head] = await Promise.all([readBytes(store, key), readHead(store, key)])
  if (bytes === undefined) return { fault: 'is not there any more' }
  const facts = readFacts(head?.facts)
  if (facts !== undefined && hash('sha256', bytes) !== facts.sha256)
    return { fault: 'is not what was written: its checksum differs ("cali archive verify" says more)' }
  try {
    const records = readArchiveObject(bytes)
    if (facts !== undefined && records.length !== facts.records)
      return { fault: `holds ${records.length} records, ${facts.records} were written` }
    return { records }
  } catch (error) {
    return { fault: messageOf(error) }
  }
}

async function* each<T>(items: readonly T[]): AsyncGenerator<T> {
  yield* items
}
