/** A record as a document of OpenSearch, and back. */
import { contentHash } from '../../platform/hash.ts'
import type { LogRecord } from '../record.ts'
import { foldCase, indexTerms, searchText } from './search-terms.ts'

/** OpenSearch's limit for `_id`, bytes. A longer one refuses the whole bulk. */
const MAX_ID_BYTES = 512
/** A value of the type `wildcard` may have 32,766 bytes; a character of UTF-16 takes three at most. */
const CHUNK_CHARS = 8_000
/** No question is longer (parseLogQuery), so that what it asks for stands whole in one chunk at least. */
const OVERLAP_CHARS = 1_000

export interface LogDocument {
  readonly record: LogRecord
}

/** The same record has the same id at every attempt: what is there already is not written twice. */
export const documentId = (id: string): string =>
  id !== '' && id.isWellFormed() && Buffer.byteLength(id) <= MAX_ID_BYTES ? id : `hash:${contentHash([id], 64)}`

export function documentOf(record: LogRecord): LogDocument {
  const { resource, exception, trace } = record
  const text = searchText(record)
  return {
    '@timestamp': record.at,
    observedTimestamp: record.observedAt,
    severity: record.severity,
    body: record.body,
    traceId: trace?.traceId,
    spanId: trace?.spanId,
    ...(exception === undefined ? {} : { exception: { type: exception.type, message: exception.message } }),
    resource: {
      'service.name': record.service,
      'service.version': resource.version,
      'k8s.namespace.name': resource.namespace,
      'k8s.pod.name': resource.pod,
      'k8s.container.name': resource.container,
      'k8s.node.name': resource.node,
      'host.name': resource.host,
      'container.image.name': resource.image,
      'deployment.environment.name': resource.environment,
      labels: resource.labels,
    },
    attributes: record.attributes,
    cali: { id: record.id, terms: indexTerms(text).join(' '), text: chunks(foldText(text)) },
    record,
  } as LogDocument
}

/** NUL marks the ends of a value inside the type `wildcard`. */
export const foldText = (text: string): string => foldCase(text).replaceAll('\0', '\ufffd')

function chunks(text: string): string[] {
  const out: string[] = []
  for (let start = 0; start === 0 || start < text.length; start += CHUNK_CHARS)
    // A pair of surrogates that is cut here stands whole in the chunk beside.
    out.push(text.slice(start, start + CHUNK_CHARS + OVERLAP_CHARS).toWellFormed())
  return out
}
