/**
 * Parquet part: records as columns, zstd-compressed, for Athena, DuckDB, Spark and the like. Equal records give equal bytes.
 * The columns' names are those of the OpenTelemetry log data model in snake case; docs/en/archive.md lists them.
 */
import { zstdCompressSync } from 'node:zlib'
import { parquetMetadata } from 'hyparquet'
import { ByteWriter, ParquetWriter, schemaFromColumnData } from 'hyparquet-writer'
import type { LogRecord } from '../../pipeline/record.ts'

type ColumnType = 'STRING' | 'INT32' | 'TIMESTAMP'

interface Column {
  readonly name: string
  readonly type: ColumnType
  /** Undefined: the record has none. */
  readonly of: (record: LogRecord) => string | number | Date | undefined
}

const json = (value: object): string | undefined =>
  Object.keys(value).length === 0 ? undefined : JSON.stringify(value)

export const COLUMNS: readonly Column[] = [
  { name: 'event_id', type: 'STRING', of: ({ id }) => id },
  { name: 'time', type: 'TIMESTAMP', of: ({ at }) => new Date(at) },
  { name: 'observed_time', type: 'TIMESTAMP', of: ({ observedAt }) => new Date(observedAt) },
  { name: 'severity_number', type: 'INT32', of: ({ severity }) => severity.number },
  { name: 'severity_text', type: 'STRING', of: ({ severity }) => severity.text },
  { name: 'service', type: 'STRING', of: ({ service }) => service },
  { name: 'message', type: 'STRING', of: ({ message }) => message },
  { name: 'body', type: 'STRING', of: ({ body }) => body },
  { name: 'exception_type', type: 'STRING', of: ({ exception }) => exception?.type },
  { name: 'exception_message', type: 'STRING', of: ({ exception }) => exception?.message },
  { name: 'trace_id', type: 'STRING', of: ({ trace }) => trace?.traceId },
  { name: 'span_id', type: 'STRING', of: ({ trace }) => trace?.spanId },
  { name: 'namespace', type: 'STRING', of: ({ resource }) => resource.namespace },
  { name: 'pod', type: 'STRING', of: ({ resource }) => resource.pod },
  { name: 'container', type: 'STRING', of: ({ resource }) => resource.container },
  { name: 'node', type: 'STRING', of: ({ resource }) => resource.node },
  { name: 'version', type: 'STRING', of: ({ resource }) => resource.version },
  { name: 'labels', type: 'STRING', of: ({ resource }) => json(resource.labels ?? {}) },
  { name: 'attributes', type: 'STRING', of: ({ attributes }) => json(attributes) },
  { name: 'stream', type: 'STRING', of: ({ position }) => position.stream },
  { name: 'shard', type: 'STRING', of: ({ position }) => position.shard },
  { name: 'sequence', type: 'STRING', of: ({ position }) => position.sequence },
  { name: 'sub', type: 'INT32', of: ({ position }) => position.sub },
  { name: 'line', type: 'INT32', of: ({ position }) => position.line },
]

/** Rows, and characters of their texts, after which a group is closed: what is held in memory at a time. */
const GROUP_ROWS = 50_000
const GROUP_CHARACTERS = 32 * 1024 * 1024

const COMPRESSORS = { ZSTD: (input: Uint8Array) => zstdCompressSync(input) }

export interface ParquetPart {
  /** In any number of pieces; they come into the file in their order, by time within a group. */
  add(records: readonly LogRecord[]): void
  /** The file. Throws unless it says of itself that it has as many rows as were added. */
  finish(): Uint8Array
  readonly rows: number
}

export function createParquetPart(writer: string): ParquetPart {
  const bytes = new ByteWriter()
  const parquet = new ParquetWriter({
    writer: bytes,
    schema: schemaFromColumnData({
      columnData: COLUMNS.map(({ name, type }) => ({ name, type, data: [], nullable: true })),
    }),
    codec: 'ZSTD',
    compressors: COMPRESSORS,
    createdBy: writer,
  })
  let group: LogRecord[] = []
  let characters = 0
  let rows = 0

  const closeGroup = (): void => {
    if (group.length === 0) return
    // Neighbours in time share a group, so that a reader can pass over the others by their least and greatest.
    const sorted = group.toSorted((a, b) => a.at - b.at)
    void parquet.write({
      columnData: COLUMNS.map(({ name, of }) => ({ name, data: sorted.map((record) => of(record) ?? null) })),
      rowGroupSize: sorted.length,
    })
    group = []
    characters = 0
  }

  return {
    get rows() {
      return rows
    },
    add: (records) => {
      for (const record of records) {
        group.push(record)
        characters += record.body.length + record.message.length
        rows++
        if (group.length >= GROUP_ROWS || characters >= GROUP_CHARACTERS) closeGroup()
      }
    },
    finish: () => {
      closeGroup()
      void parquet.finish()
      const file = bytes.getBuffer()
      const written = Number(parquetMetadata(file).num_rows)
      if (written !== rows) throw new Error(`the Parquet file has ${written} rows of ${rows}`)
      return new Uint8Array(file)
    },
  }
}
