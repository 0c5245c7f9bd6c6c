import type { z } from 'zod'
import type { LogRecord } from '../pipeline/record.ts'
import type { logRecordSchema } from './schema.ts'

export type LogView = z.output<typeof logRecordSchema>

/** A record as the API shows it. */
export function logView(record: LogRecord): LogView {
  const { namespace, pod, node, version } = record.resource
  return {
    id: record.id,
    at: record.at,
    observedAt: record.observedAt,
    level: record.severity.text,
    service: record.service,
    message: record.message,
    body: record.body,
    ...(record.trace === undefined ? {} : { traceId: record.trace.traceId }),
    ...(namespace === undefined ? {} : { namespace }),
    ...(pod === undefined ? {} : { pod }),
    ...(node === undefined ? {} : { node }),
    ...(version === undefined ? {} : { version }),
    attributes: { ...record.attributes },
  }
}
