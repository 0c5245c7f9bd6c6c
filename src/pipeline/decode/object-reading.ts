/** Object reading: what an object of a shipper says of a record, and the object of a logging library that may be its text. */
import { contentHash } from '../../platform/hash.ts'
import { type LogRecord, type Resource, type Severity, severityOfWord } from '../record.ts'
import { type ContainerLine, criLine } from './container-line.ts'
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
import { type Origin, readOrigin } from './resource-reader.ts'
import { readStack } from './stack-field.ts'
import { parseTimestamp, type ZoneOptions } from './timestamp.ts'

/** What is known of a record beside its text. */
export interface Known {
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

export const NOTHING_KNOWN = {
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
export class ObjectReading implements Known {
  private readonly fields: Fields
  private readonly zone: ZoneOptions
  private readonly framed: ContainerLine | undefined
  private readonly text: string | undefined
  private readonly inner: Fields | undefined
  /** What both say. */
  private readonly both: Fields
  private flattened: Flat | undefined
  private found: Origin | undefined

  constructor(fields: Fields, zone: ZoneOptions) {
    this.fields = fields
    this.zone = zone
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
    return firstTime(this.both, this.zone) ?? parseTimestamp(this.framed?.time, this.zone)
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

export function parseObject(text: string): Fields | undefined {
  try {
    return asFields(JSON.parse(text))
  } catch {
    return undefined
  }
}
