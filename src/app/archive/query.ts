/** Query: the records of the archive that answer a question, object after object, with the memory of a few objects. */
import { type LogQuery, recordMatches } from '../../pipeline/forward/log-index.ts'
import type { ObjectStore } from '../../pipeline/forward/object-store.ts'
import type { LogRecord } from '../../pipeline/record.ts'
import { type ArchiveSelection, arrivalOf, type ObjectFault, objectsInOrder, recordsOf } from './browse.ts'

export interface ArchiveQuery {
  /** `from` and `to` are event times. */
  readonly query: LogQuery
  readonly stream?: string
  readonly shard?: string
  /** How long after `query.to` records are looked for that came late, milliseconds. */
  readonly lateMs: number
}

export interface QueryProgress {
  readonly objects: number
  readonly records: number
  /** Hour of arrival that is looked at, UTC. */
  readonly hour: string
}

/** Matching records in the order of the archive: by the hour of their arrival, within it shard by shard. */
export async function* queryArchive(
  store: ObjectStore,
  { query, lateMs, ...place }: ArchiveQuery,
  tell: { readonly onProgress?: (progress: QueryProgress) => void; readonly onFault: (fault: ObjectFault) => void },
): AsyncGenerator<LogRecord> {
  const selection: ArchiveSelection = { ...place, ...arrivalOf({ ...query, lateMs }) }
  const looked = { objects: 0, records: 0 }
  for await (const [object, records] of recordsOf(store, objectsInOrder(store, selection), tell.onFault)) {
    looked.objects++
    looked.records += records.length
    tell.onProgress?.({ ...looked, hour: object.hour })
    for (const record of records) if (recordMatches(record, query)) yield record
  }
}
