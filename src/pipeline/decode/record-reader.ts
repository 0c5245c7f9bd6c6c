/**
 * Record reader: one decoded object or one joined text event to a LogRecord. Knows the field names of shippers and
 * logging libraries; docs/en/records.md holds the same table for people.
 */
import { contentHash } from '../../platform/hash.ts'
import { type LogRecord, type Position, positionKey, type Resource, type Severity, severityOfWord } from '../record.ts'
import { crashTitle, isNodeCrash } from './crash-title.ts'
import { readException } from './exception.ts'
import { LABEL_SERVICE_KEYS, SERVICE_KEYS, TEXT_KEYS } from './field-names.ts'
import {
  asFields,
  asString,
  type Fields,
  firstSeverity,
  firstString,
  firstTime,
  flatten,
  nodeLoggerName,
  readAttributes,
  readCause,
  readTrace,
  textOf,
} from './fields.ts'
import { JUL_LEVEL } from './framework-formats.ts'
import { readHeader, stripAnsi } from './header.ts'
import { inferSeverity } from './inferred-severity.ts'
import { readLogfmt } from './logfmt.ts'
import { readStack } from './stack-field.ts'
import type { ZoneOptions } from './timestamp.ts'

export interface ReadContext {
  readonly position: Position
  /** When the source received it, Unix milliseconds. */
  readonly observedAt: number
  readonly zone: ZoneOptions
  /** Service to use where nothing names one, e.g. the file's name. */
  readonly defaultService?: string
  /** Time of an event that carries none, e.g. the line before it; else `observedAt`. */
  readonly fallbackAt?: number
  /** True for files: whatever time they name is theirs, also one ahead of this machine's clock. */
  readonly anyTime?: boolean
}

/** Text kept per event; what is cut is marked. Slack, the index and the reader need no more of one event. */
const MAX_BODY_CHARS = 256 * 1024
/** A clock this far ahead is wrong, and would hold an incident open into the future. */
const MAX_AHEAD_MS = 10 * 60_000

/** Reads a JSON object of a shipper or a logging library; undefined when nothing in it is text. */
export function readObject(fields: Fields, context: ReadContext): LogRecord | undefined {
  const text = textOf(fields)
  const inner = text?.startsWith('{') ? parseObject(text) : undefined
  const both: Fields = inner === undefined ? fields : { ...inner, ...without(fields, TEXT_KEYS) }
  const flat = flatten(both)
  const stack = readStack(both, flat)
  // JSON in which nothing is text, such as a line of an access log, is itself the text.
  const content =
    (inner === undefined ? undefined : textOf(inner)) ?? (inner === undefined || stack === undefined ? text : undefined)
  if (content === undefined && stack === undefined) return undefined
  const kubernetes = asFields(fields['kubernetes'])
  const resource = readResource(flat, kubernetes)
  const labelled = LABEL_SERVICE_KEYS.map((key) => resource.labels?.[key]).find((label) => label !== undefined)
  const named =
    firstString(flat, SERVICE_KEYS) ?? labelled ?? nodeLoggerName(flat) ?? asString(kubernetes?.['container_name'])
  const body = stack === undefined ? joinCause(content ?? '', readCause(flat)) : joinStack(content ?? '', stack)
  return build(body, context, {
    at: firstTime(both, context.zone),
    // What the application says of its own line counts before what a shipper made of it.
    severity: (inner === undefined ? undefined : firstSeverity(flatten(inner))) ?? firstSeverity(flat),
    service: named,
    resource,
    attributes: readAttributes(flat),
    trace: readTrace(flat),
    id: edgeId(fields, kubernetes, flat),
  })
}

/** Reads one joined event of plain text. */
export function readText(
  text: string,
  context: ReadContext,
  known: { service?: string; severity?: Severity } = {},
): LogRecord {
  return build(text, context, { service: known.service, severity: known.severity, resource: {}, attributes: {} })
}

interface Known {
  readonly at?: number | undefined
  readonly severity?: Severity | undefined
  readonly service?: string | undefined
  readonly resource: Resource
  readonly attributes: Readonly<Record<string, string | number | boolean>>
  readonly trace?: { traceId: string; spanId?: string } | undefined
  readonly id?: string | undefined
}

function build(rawBody: string, context: ReadContext, known: Known): LogRecord {
  const plain = stripAnsi(rawBody)
  const clean = (plain.includes('\r') ? plain.replace(/\r\n/g, '\n') : plain).trimEnd().toWellFormed()
  const body =
    clean.length > MAX_BODY_CHARS
      ? `${clean.slice(0, MAX_BODY_CHARS).toWellFormed()}… [cut, ${clean.length} characters]`
      : clean
  const newline = body.indexOf('\n')
  const firstLine = newline === -1 ? body : body.slice(0, newline)
  const logfmt = readLogfmt(firstLine)
  const header = readHeader(firstLine, context.zone)
  const exception = readException(body, header.message === '' ? firstLine : header.message)
  const claimed = known.at ?? logfmt?.at(context.zone) ?? header.at
  const latest = context.observedAt + MAX_AHEAD_MS
  const future = context.anyTime !== true && claimed !== undefined && claimed > latest
  const at = claimed === undefined || future ? Math.min(context.fallbackAt ?? context.observedAt, latest) : claimed
  const below = header.message === '' ? lineBelow(body, newline) : undefined
  const severity =
    known.severity ??
    logfmt?.severity ??
    header.severity ??
    below?.severity ??
    inferSeverity(header.message, exception !== undefined || isNodeCrash(body))
  const message = logfmt?.message ?? below?.message ?? crashTitle(body, header.message, exception) ?? header.message
  const resource =
    header.host === undefined || known.resource.host !== undefined
      ? known.resource
      : { ...known.resource, host: header.host }
  const extra: Record<string, string | number | boolean> = {}
  if (header.thread !== undefined) extra['thread'] = header.thread
  if (header.logger !== undefined) extra['logger'] = header.logger
  if (future) extra['cali.time'] = 'in_the_future'
  const trace = known.trace ?? header.trace ?? traceInText(firstLine)
  return {
    id: known.id ?? positionKey(context.position),
    at,
    observedAt: context.observedAt,
    severity,
    service: cleanName(known.service ?? logfmt?.service ?? header.service ?? context.defaultService ?? 'unknown'),
    message: message === '' ? firstLine : message,
    body,
    ...(exception === undefined ? {} : { exception }),
    ...(trace === undefined ? {} : { trace }),
    resource,
    attributes: { ...known.attributes, ...extra },
    position: context.position,
  }
}

/** The message of loggers that print it below their header: .NET indents it by six, java.util.logging names the level. */
function lineBelow(body: string, newline: number): { message: string; severity?: Severity } | undefined {
  if (newline === -1) return undefined
  const line = body.slice(newline + 1, newline + 2_048).split('\n', 1)[0] ?? ''
  if (/^ {6}\S/.test(line)) return { message: line.trim() }
  const level = JUL_LEVEL.exec(line)
  const severity = severityOfWord(level?.[1] ?? '')
  return severity === undefined ? undefined : { message: line.slice(level?.[0].length), severity }
}

/** Few services write many lines. */
const cleanNames = new Map<string, string>()
const MAX_NAMES = 2_000

function cleanName(name: string): string {
  const known = cleanNames.get(name)
  if (known !== undefined) return known
  if (cleanNames.size >= MAX_NAMES) cleanNames.clear()
  const clean = cleanedName(name)
  if (name.length <= 120) cleanNames.set(name, clean)
  return clean
}

const cleanedName = (name: string): string =>
  name
    .replace(/[\s\u0000-\u001f]+/g, ' ')
    .trim()
    .slice(0, 120) || 'unknown'

function readResource(flat: Fields, kubernetes: Fields | undefined): Resource {
  const labels = asFields(kubernetes?.['labels'])
  const image = asString(kubernetes?.['container_image']) ?? asString(flat['container.image'])
  const tag = image === undefined ? undefined : /:([\w][\w.-]{0,127})$/.exec(image)?.[1]
  const version =
    asString(labels?.['app.kubernetes.io/version']) ??
    firstString(flat, ['version', 'service.version', 'app_version', 'release']) ??
    (tag === 'latest' ? undefined : tag)
  const text: Record<string, string | undefined> = {
    namespace: asString(kubernetes?.['namespace_name']) ?? firstString(flat, ['namespace', 'k8s.namespace.name']),
    pod: asString(kubernetes?.['pod_name']) ?? firstString(flat, ['pod', 'pod_name', 'k8s.pod.name']),
    container:
      asString(kubernetes?.['container_name']) ??
      firstString(flat, ['container', 'container_name', 'k8s.container.name']),
    node: asString(kubernetes?.['host']) ?? firstString(flat, ['node', 'k8s.node.name']),
    host: firstString(flat, ['host', 'hostname', 'host.name']),
    environment: firstString(flat, ['env', 'environment', 'deployment.environment.name', 'deployment.environment']),
    version,
    image,
  }
  const resource: Record<string, string | Record<string, string>> = {}
  for (const [key, value] of Object.entries(text))
    if (value !== undefined && value !== '') resource[key] = value.slice(0, 253)
  const labelTexts = Object.entries(labels ?? {}).flatMap(([key, value]) =>
    typeof value === 'string' ? [[key, value.slice(0, 253)] as const] : [],
  )
  if (labelTexts.length > 0) resource['labels'] = Object.fromEntries(labelTexts.slice(0, 40))
  return resource
}

function traceInText(line: string): { traceId: string; spanId?: string } | undefined {
  if (!line.includes('race') && !line.includes('RACE')) return undefined
  const traceId = /\btrace[_-]?id[=:]\s?"?([0-9a-f]{16,32})\b/i.exec(line)?.[1]
  if (traceId === undefined || /^0+$/.test(traceId)) return undefined
  const spanId = /\bspan[_-]?id[=:]\s?"?([0-9a-f]{16})\b/i.exec(line)?.[1]
  return spanId === undefined ? { traceId } : { traceId, spanId }
}

/** An id of CALI's own making comes back with a replay of the archive: given by the edge, or a position. */
const OWN_ID = /^(?:event:.{1,200}|edge:[0-9a-f]{32}|[^\s/]{1,128}\/[^\s/]{1,128}:\d{1,60}:\d{1,9}:\d{1,9})$/s

/** An id that the edge gave, the same when Fluent Bit sends the chunk again: node, file and offset. */
function edgeId(fields: Fields, kubernetes: Fields | undefined, flat: Fields): string | undefined {
  const own = asString(fields['cali_event_id'])
  if (own !== undefined && OWN_ID.test(own)) return own
  const given = asString(fields['event_id'])
  if (given !== undefined) return `event:${given.slice(0, 200)}`
  const file = asString(fields['log_file'])
  const offset = fields['log_offset']
  if (file === undefined || (typeof offset !== 'number' && typeof offset !== 'string')) return undefined
  const node = asString(kubernetes?.['host']) ?? asString(fields['host']) ?? asString(fields['node']) ?? ''
  // The time keeps a file that was rotated and starts at offset 0 again apart.
  const time = firstString(flat, ['timestamp', '@timestamp', 'time']) ?? ''
  return `edge:${contentHash([node, file, String(offset), time], 32)}`
}

/** A text and what went wrong, as a person would say it: `cannot pay: connection refused`. */
function joinCause(text: string, cause: string | undefined): string {
  if (cause === undefined || text.includes('\n') || text.includes(cause)) return text
  return cause.includes('\n') ? `${text}\n${cause}` : `${text}: ${cause}`
}

function joinStack(text: string, stack: string): string {
  if (!stack.includes('\n') || text.includes(stack.slice(0, 200))) return text === '' ? stack : text
  return text === '' || stack.startsWith(text) ? stack : `${text}\n${stack}`
}

function parseObject(text: string): Fields | undefined {
  try {
    return asFields(JSON.parse(text))
  } catch {
    return undefined
  }
}

const without = (fields: Fields, keys: readonly string[]): Fields =>
  Object.fromEntries(Object.entries(fields).filter(([key]) => !keys.includes(key)))
