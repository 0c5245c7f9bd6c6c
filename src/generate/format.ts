import type { GeneratedEvent } from './event.ts'
import { identityOf } from './pod-identity.ts'

const KST_OFFSET_MS = 9 * 3_600_000

/** `2026-01-20 20:00:00.123`, Korean local time. */
function localTime(at: number): string {
  const iso = new Date(at + KST_OFFSET_MS).toISOString()
  return `${iso.slice(0, 10)} ${iso.slice(11, 23)}`
}

/** The runtime stamps a line a little after the program did, to the nanosecond: `…T11:00:00.123456789Z`. */
function runtimeTime(e: GeneratedEvent): string {
  let hash = 0
  for (let i = 0; i < e.label.id.length; i++) hash = (Math.imul(hash, 31) + e.label.id.charCodeAt(i)) >>> 0
  return `${new Date(e.at).toISOString().slice(0, 23)}${String(hash % 1_000_000).padStart(6, '0')}Z`
}

const streamOf = (e: GeneratedEvent): 'stdout' | 'stderr' =>
  e.level === 'ERROR' || e.level === 'FATAL' ? 'stderr' : 'stdout'

const textOf = (e: GeneratedEvent): string =>
  `${localTime(e.at)} ${e.level} [${e.service}] [${e.thread}] ${e.logger} - ${e.text}`

/** Physical lines: a header with the message, then the stack trace. */
export const formatText = (e: GeneratedEvent): string[] => textOf(e).split('\n')

/** One JSON line as logback's and pino's encoders write it. */
export function formatJson(e: GeneratedEvent): string {
  const end = e.text.indexOf('\n')
  return JSON.stringify({
    timestamp: new Date(e.at).toISOString(),
    level: e.level,
    service: e.service,
    thread: e.thread,
    logger: e.logger,
    message: end === -1 ? e.text : e.text.slice(0, end),
    ...(end === -1 ? {} : { stack_trace: e.text.slice(end + 1) }),
    trace_id: e.traceId,
    request_id: e.requestId,
    version: e.version,
    namespace: e.namespace,
    pod: e.pod,
    container: e.container,
    node: e.node,
  })
}

/** Lines of a container runtime's file: `<time> <stream> F <line>`. */
export function formatCri(e: GeneratedEvent): string[] {
  const head = `${runtimeTime(e)} ${streamOf(e)} F `
  return formatText(e).map((line) => head + line)
}

/** The record that Fluent Bit sends from a cluster; `offset` is the event's place in its container's log file. */
export function formatFluentBit(e: GeneratedEvent, offset: number): Record<string, unknown> {
  const { podId, podIp, dockerId, imageDigest, podTemplateHash } = identityOf(e)
  return {
    time: runtimeTime(e),
    stream: streamOf(e),
    log_content: textOf(e),
    timestamp: localTime(e.at),
    level: e.level,
    service: e.service,
    log_file: `/var/log/containers/${e.pod}_${e.namespace}_${e.container}-${dockerId}.log`,
    log_offset: offset,
    '@timestamp': new Date(e.at).toISOString(),
    kubernetes: {
      pod_name: e.pod,
      namespace_name: e.namespace,
      pod_id: podId,
      labels: {
        app: e.service,
        'app.kubernetes.io/name': e.service,
        'app.kubernetes.io/version': e.version,
        'pod-template-hash': podTemplateHash,
      },
      host: e.node,
      pod_ip: podIp,
      container_name: e.container,
      docker_id: dockerId,
      container_hash: imageDigest,
      container_image: e.image,
    },
  }
}
