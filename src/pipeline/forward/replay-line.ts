/**
 * Replay line: a record as a shipper would send it, so that decoding gives the same record again, under the same id: a
 * consumer that has counted the event recognises it. Only place and time of arrival are new.
 */
import type { LogRecord } from '../record.ts'

/** One line of JSON, without its end. Names of fields: docs/en/records.md. */
export function replayLine(record: LogRecord): string {
  const { id, at, severity, service, body, trace, resource, attributes } = record
  const { namespace, pod, container, node, host, image, labels } = resource
  const kubernetes = Object.entries({
    namespace_name: namespace,
    pod_name: pod,
    container_name: container,
    host: node,
    container_image: image,
    labels,
  }).filter(([, value]) => value !== undefined)
  return JSON.stringify({
    // Environment and version stand among the attributes or the labels from which they were read.
    ...attributes,
    ...(kubernetes.length === 0 ? {} : { kubernetes: Object.fromEntries(kubernetes) }),
    ...(host === undefined ? {} : { host }),
    ...(trace === undefined ? {} : { trace_id: trace.traceId }),
    ...(trace?.spanId === undefined ? {} : { span_id: trace.spanId }),
    cali_event_id: id,
    '@timestamp': new Date(at).toISOString(),
    level: severity.text,
    service,
    log_content: body,
  })
}
