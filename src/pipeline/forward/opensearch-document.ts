/** A record as a document of OpenSearch, and back. */
import { contentHash } from '../../platform/hash.ts'
import type { LogRecord } from '../record.ts'
import { GRAM_CHARS } from './opensearch-template.ts'
import { foldCase, indexTerms, searchText } from './search-terms.ts'

/** OpenSearch's limit for `_id`, bytes. A longer one refuses the whole bulk. */
const MAX_ID_BYTES = 512
export interface LogDocument {
  readonly body: string
  readonly attributes: LogRecord['attributes']
  /** What else the record holds; the two above, which are most of it, are not stored twice. */
  readonly record: Omit<LogRecord, 'body' | 'attributes'>
}

/** The record, whole. */
export const recordOf = ({ record, body, attributes }: LogDocument): LogRecord => ({ ...record, body, attributes })

/** The same record has the same id at every attempt: what is there already is not written twice. */
export const documentId = (id: string): string =>
  id !== '' && id.isWellFormed() && Buffer.byteLength(id) <= MAX_ID_BYTES ? id : `hash:${contentHash([id], 64)}`

export function documentOf(record: LogRecord): LogDocument {
  const { body, attributes, ...rest } = record
  const { resource, exception, trace } = rest
  const text = searchText(record)
  return {
    '@timestamp': record.at,
    observedTimestamp: record.observedAt,
    severity: record.severity,
    body,
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
    attributes,
    cali: { id: record.id, terms: indexTerms(text).join(' '), text: foldText(text) + END },
    record: rest,
  } as LogDocument
}

/** Behind the text, so that a gram begins with each of its characters, the last ones too. */
const END = '\uffff'.repeat(GRAM_CHARS - 1)

/** A text as it is searched. */
export const foldText = (text: string): string => foldCase(text).replaceAll('\uffff', '\ufffd').toWellFormed()
