/**
 * Record reader: one decoded object or one joined text event to a LogRecord. Knows the field names of shippers and
 * logging libraries; docs/en/records.md holds the same table for people.
 */
import { ownText } from '../../platform/own-text.ts'
import {
  type DecodedRecord,
  type ExceptionChain,
  type LogRecord,
  type Position,
  positionKey,
  type Resource,
  type Severity,
} from '../record.ts'
import { isPoolName, mayBeThread } from './bracket.ts'
import { crashTitle, isNodeCrash } from './crash-title.ts'
import { type EventText, readEventText, tellingLine, traceInText } from './event-text.ts'
import { readException } from './exception.ts'
import type { Fields } from './fields.ts'
import { readHeader } from './header.ts'
import { inferSeverity } from './inferred-severity.ts'
import { serviceOfFile } from './log-file-name.ts'
import { type Known, NOTHING_KNOWN, ObjectReading, parseObject } from './object-reading.ts'
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

/** A clock this far ahead is wrong, and would hold an incident open into the future. */
const MAX_AHEAD_MS = 10 * 60_000

/** Reads a JSON object of a shipper or a logging library; undefined when nothing in it is text. */
export function readObject(fields: Fields, context: ReadContext): DecodedRecord | undefined {
  const known = new ObjectReading(fields, context.zone)
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

/** The year 9999 ends here: what lies behind it, or before 1970, no store and no reader takes. */
const LAST_TIME = Date.UTC(9999, 11, 31)

const possibleTime = (at: number | undefined): number | undefined =>
  at !== undefined && at >= 0 && at <= LAST_TIME ? Math.trunc(at) : undefined

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
