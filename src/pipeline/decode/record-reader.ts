/**
 * Record reader: one decoded object or one joined text event to a LogRecord. Knows the field names of shippers and
 * logging libraries; docs/en/records.md holds the same table for people.
 */
import { contentHash } from '../../platform/hash.ts'
import { ownText } from '../../platform/own-text.ts'
import {
  type DecodedRecord,
  type ExceptionChain,
  type LogRecord,
  type Position,
  positionKey,
  type Resource,
  type Severity,
  severityOfWord,
} from '../record.ts'
import { isPoolName, mayBeThread } from './bracket.ts'
import { type ContainerLine, criLine } from './container-line.ts'
import { crashTitle, isNodeCrash } from './crash-title.ts'
import { readException } from './exception.ts'
import { FILE_KEYS, SERVICE_KEYS, TEXT_KEYS, USED_KEYS } from './field-names.ts'
import {
  asFields,
  asString,
  type Fields,
  type Flat,
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
import { type Header, readHeader, stripAnsi } from './header.ts'
import { inferSeverity } from './inferred-severity.ts'
import { serviceOfFile } from './log-file-name.ts'
import { type Logfmt, readLogfmt } from './logfmt.ts'
import { type Origin, readOrigin } from './resource-reader.ts'
import { readStack } from './stack-field.ts'
import { parseTimestamp, type ZoneOptions } from './timestamp.ts'

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
export function readObject(fields: Fields, context: ReadContext): DecodedRecord | undefined {
  const known = new ObjectReading(fields, context)
  return known.hasText ? new ReadingRecord(known, context) : undefined
}

/** Reads one joined event of plain text. */
export function readText(
  text: string,
  context: ReadContext,
  known: { service?: string; severity?: Severity } = {},
): DecodedRecord {
  return readJsonOfSyslog(text, context) ?? new ReadingRecord({ ...NOTHING_KNOWN, body: text, ...known }, context)
}

/** What an application wrote in JSON, behind the `host process[pid]: ` that a syslog or journalctl put before it. */
function readJsonOfSyslog(text: string, context: ReadContext): DecodedRecord | undefined {
  if (!text.endsWith('}') || !text.includes(': {')) return undefined
  const { service, severity, message, at } = readHeader(text, context.zone)
  if (service === undefined || severity !== undefined || !message.startsWith('{')) return undefined
  const fields = parseObject(message)
  return fields === undefined
    ? undefined
    : readObject(fields, { ...context, defaultService: service, ...(at === undefined ? {} : { fallbackAt: at }) })
}

/** What is known of a record beside its text. */
interface Known {
  readonly body: string
  readonly at: number | undefined
  readonly severity: Severity | undefined
  readonly service: string | undefined
  /** What stands for the service where its own field names a thread. */
  readonly place: string | undefined
  /** The file that it was read from. */
  readonly file: string | undefined
  readonly resource: Resource
  readonly attributes: LogRecord['attributes']
  readonly trace: LogRecord['trace']
  readonly id: string | undefined
}

const NOTHING_KNOWN = {
  at: undefined,
  severity: undefined,
  service: undefined,
  place: undefined,
  file: undefined,
  resource: {},
  attributes: {},
  trace: undefined,
  id: undefined,
}

/** An object of a shipper, and the object of a logging library that may be its text. */
class ObjectReading implements Known {
  private readonly fields: Fields
  private readonly context: ReadContext
  private readonly framed: ContainerLine | undefined
  private readonly text: string | undefined
  private readonly inner: Fields | undefined
  /** What both say. */
  private readonly both: Fields
  private flattened: Flat | undefined
  private found: Origin | undefined

  constructor(fields: Fields, context: ReadContext) {
    this.fields = fields
    this.context = context
    const text = textOf(fields)
    // A shipper without a parser for the files of containers sends the frame of each line along.
    this.framed = text !== undefined && text.charCodeAt(10) === T ? criLine(text) : undefined
    this.text = this.framed?.text ?? text
    this.inner = this.text?.startsWith('{') ? parseObject(this.text) : undefined
    this.both = this.inner === undefined ? fields : wrapped(this.inner, fields)
    this.flattened = undefined
    this.found = undefined
  }

  get hasText(): boolean {
    return (
      (this.inner === undefined && this.text !== undefined) || (this.content ?? this.stack ?? this.bare) !== undefined
    )
  }

  /** A level says that it is a log record: what went wrong, else the JSON itself, is its text. */
  private get bare(): string | undefined {
    if (this.text !== undefined || this.stack !== undefined || firstSeverity(this.flat) === undefined) return undefined
    if (readCause(this.flat) !== undefined) return ''
    return Object.entries(this.fields).some(tellsSomething) ? JSON.stringify(this.fields) : undefined
  }

  /** JSON in which nothing is text, such as a line of an access log, is itself the text. */
  private get content(): string | undefined {
    if (this.inner === undefined) return this.text
    return textOf(this.inner) ?? (this.stack === undefined ? this.text : undefined)
  }

  private get stack(): string | undefined {
    return readStack(this.both, this.flat)
  }

  private get flat(): Flat {
    this.flattened ??= flatten(this.both)
    return this.flattened
  }

  private get kubernetes(): Fields | undefined {
    return asFields(this.fields['kubernetes'])
  }

  private get origin(): Origin {
    this.found ??= readOrigin(this.flat, this.kubernetes)
    return this.found
  }

  get body(): string {
    const { content = this.bare ?? '', stack } = this
    const cause = readCause(this.flat)
    // zap keeps what went wrong beside a stack that does not name it.
    const text =
      stack !== undefined && cause !== undefined && stack.includes(cause.slice(0, 200))
        ? content
        : joinCause(content, cause)
    return stack === undefined ? text : joinStack(text, stack)
  }

  get at(): number | undefined {
    return firstTime(this.both, this.context.zone) ?? parseTimestamp(this.framed?.time, this.context.zone)
  }

  /** What the application says of its own line counts before what a shipper made of it. */
  get severity(): Severity | undefined {
    const { level } = this.fields
    // The first of all names, and a word: nothing can count before it.
    const plain = this.inner === undefined && typeof level === 'string' ? severityOfWord(level) : undefined
    if (plain !== undefined) return plain
    return (this.inner === undefined ? undefined : firstSeverity(flatten(this.inner))) ?? firstSeverity(this.flat)
  }

  get service(): string | undefined {
    return firstString(this.flat, SERVICE_KEYS) ?? this.place
  }

  get place(): string | undefined {
    const { labelled, containerName, resource } = this.origin
    // Docker names a container with a slash before it.
    return labelled ?? nodeLoggerName(this.flat) ?? containerName ?? resource.container?.replace(/^\//, '')
  }

  get file(): string | undefined {
    return firstString(this.flat, FILE_KEYS)
  }

  get resource(): Resource {
    return this.origin.resource
  }

  get attributes(): LogRecord['attributes'] {
    return readAttributes(this.flat)
  }

  get trace(): LogRecord['trace'] {
    return readTrace(this.flat)
  }

  get id(): string | undefined {
    return edgeId(this.fields, this.kubernetes, this.flat)
  }
}

/** The object that was the text, and what the shipper says around it. */
function wrapped(inner: Fields, fields: Fields): Fields {
  const both: Record<string, unknown> = { ...inner }
  for (const key in fields) if (key !== '__proto__' && !TEXT_NAMES.has(key)) both[key] = fields[key]
  return both
}

/** Beside level, time and names. */
const tellsSomething = ([name, value]: readonly [string, unknown]): boolean =>
  !USED_KEYS.has(name) && ((typeof value === 'string' && value !== '') || asFields(value) !== undefined)

/** Between date and time. */
const T = 84

const TEXT_NAMES: ReadonlySet<string> = new Set(TEXT_KEYS)

/** The text of an event and its first line taken apart. */
interface EventText {
  readonly body: string
  readonly firstLine: string
  readonly header: Header
  readonly logfmt: Logfmt | undefined
  readonly below: { readonly message: string; readonly severity?: Severity } | undefined
}

function readEventText(raw: string, zone: ZoneOptions): EventText {
  const plain = stripAnsi(raw)
  const clean = (plain.includes('\r') ? plain.replace(/\r\n/g, '\n') : plain).trimEnd().toWellFormed()
  const body =
    clean.length > MAX_BODY_CHARS
      ? `${clean.slice(0, MAX_BODY_CHARS).toWellFormed()}… [cut, ${clean.length} characters]`
      : clean
  const newline = body.indexOf('\n')
  const firstLine = newline === -1 ? body : body.slice(0, newline)
  const header = readHeader(firstLine, zone)
  return {
    body,
    firstLine,
    header,
    logfmt: readLogfmt(firstLine),
    below: header.message === '' ? lineBelow(body, newline) : undefined,
  }
}

interface EventTime {
  readonly at: number
  /** It names a time so far ahead of its arrival that a clock must be wrong. */
  readonly future: boolean
}

class ReadingRecord implements DecodedRecord {
  readonly position: Position
  readonly observedAt: number
  private readonly known: Known
  private readonly context: ReadContext
  private read: EventText | undefined
  private time: EventTime | undefined
  private level: Severity | undefined
  /** Null: there is none. */
  private thrown: ExceptionChain | null | undefined

  constructor(known: Known, context: ReadContext) {
    this.position = context.position
    this.observedAt = context.observedAt
    this.known = known
    this.context = context
    this.read = undefined
    this.time = undefined
    this.level = undefined
    this.thrown = undefined
  }

  private get text(): EventText {
    this.read ??= readEventText(this.known.body, this.context.zone)
    return this.read
  }

  get id(): string {
    return this.known.id ?? positionKey(this.position)
  }

  get at(): number {
    this.time ??= this.readTime()
    return this.time.at
  }

  private readTime(): EventTime {
    const { observedAt, fallbackAt, anyTime, zone } = this.context
    const claimed = possibleTime(this.known.at ?? this.text.logfmt?.at(zone) ?? this.text.header.at)
    const latest = observedAt + MAX_AHEAD_MS
    const future = anyTime !== true && claimed !== undefined && claimed > latest
    return { at: claimed === undefined || future ? Math.min(fallbackAt ?? observedAt, latest) : claimed, future }
  }

  get severity(): Severity {
    this.level ??= this.known.severity ?? this.readSeverity()
    return this.level
  }

  private readSeverity(): Severity {
    const { body, logfmt, header, below } = this.text
    return (
      logfmt?.severity ??
      header.severity ??
      below?.severity ??
      inferSeverity(header.message, this.exception !== undefined || isNodeCrash(body))
    )
  }

  get service(): string {
    const { known, context } = this
    const claimed = known.service
    const given = claimed !== undefined && this.isThread(claimed) ? known.place : claimed
    const named = given ?? this.text.logfmt?.service ?? this.text.header.service
    // The file that a shipper read, before the one in which its records came.
    const file = named === undefined && known.file !== undefined ? serviceOfFile(known.file) : undefined
    return cleanName(named ?? file ?? context.defaultService ?? 'unknown')
  }

  /** Parsers of shippers take the first `[…]` of a line for the service; in the usual pattern of Log4j it is the thread. */
  private isThread(claimed: string): boolean {
    // Asked of every record, dropped ones too: the line is read only where the name may be one.
    if (!mayBeThread(claimed)) return false
    const { thread, logger } = this.text.header
    return claimed === thread && (logger !== undefined || isPoolName(claimed))
  }

  get message(): string {
    const { body, firstLine, logfmt, header, below } = this.text
    const message = logfmt?.message ?? below?.message ?? crashTitle(body, header.message, this.exception)
    return (message ?? header.message) || tellingLine(body) || firstLine
  }

  get body(): string {
    return this.text.body
  }

  get exception(): ExceptionChain | undefined {
    if (this.thrown === undefined) {
      const { body, firstLine, header } = this.text
      this.thrown = readException(body, header.message === '' ? firstLine : header.message) ?? null
    }
    return this.thrown ?? undefined
  }

  get trace(): LogRecord['trace'] {
    return this.known.trace ?? this.text.header.trace ?? traceInText(this.text.firstLine)
  }

  get origin(): Resource {
    return this.known.resource
  }

  get resource(): Resource {
    const { resource } = this.known
    if (resource.host !== undefined || this.text.header.host === undefined) return resource
    return { ...resource, host: this.text.header.host }
  }

  get attributes(): LogRecord['attributes'] {
    const { thread, logger } = this.text.header
    this.time ??= this.readTime()
    const { future } = this.time
    const known = this.known.attributes
    if (thread === undefined && logger === undefined && !future) return known
    return {
      ...known,
      ...(thread === undefined ? {} : { thread }),
      ...(logger === undefined ? {} : { logger }),
      ...(future ? { 'cali.time': 'in_the_future' } : {}),
    }
  }
}

/** Spring Boot and others print nothing beside their header, and what happened below a frame of asterisks. */
function tellingLine(body: string): string | undefined {
  const [, ...below] = body.slice(0, 4_096).split('\n')
  const described = below.findIndex((line) => line.trim() === 'Description:')
  return below
    .slice(described + 1)
    .map((line) => line.trim())
    .find((line) => /\p{L}{2}/u.test(line))
}

/** The year 9999 ends here: what lies behind it, or before 1970, no store and no reader takes. */
const LAST_TIME = Date.UTC(9999, 11, 31)

const possibleTime = (at: number | undefined): number | undefined =>
  at !== undefined && at >= 0 && at <= LAST_TIME ? Math.trunc(at) : undefined

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
  const clean = ownText(cleanedName(name))
  if (name.length <= 120) cleanNames.set(ownText(name), clean)
  return clean
}

const cleanedName = (name: string): string =>
  name
    .replace(/[\s\u0000-\u001f]+/g, ' ')
    .trim()
    .slice(0, 120) || 'unknown'

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
function edgeId(fields: Fields, kubernetes: Fields | undefined, flat: Flat): string | undefined {
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
  if (text === '') return cause
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
