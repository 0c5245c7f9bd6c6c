/**
 * Header: what stands before the message on a text line: time, level, service, thread, logger. Frameworks put them in
 * any order, so the line is read token by token until something is no header part; what is left is the message.
 */
import { type Severity, severityOfWord } from '../record.ts'
import { openBracket, readBracket } from './bracket.ts'
import { readLineFormat, withoutCollector } from './line-format.ts'
import { readSyslogFrame, type SyslogFrame } from './syslog-frame.ts'
import { matchTimestamp, type ZoneOptions } from './timestamp.ts'

export interface Header {
  readonly at?: number
  readonly zoned: boolean
  readonly severity?: Severity
  readonly service?: string
  readonly thread?: string
  readonly logger?: string
  readonly host?: string
  readonly trace?: { readonly traceId: string; readonly spanId?: string }
  readonly message: string
  /** Whether the line begins as an event begins: with a time, or a level that is followed by a separator. */
  readonly starts: boolean
}

const ANSI = /\u001b\[[0-9;?]{0,12}[A-Za-z]/g
const CRI = /^(\d{4}-\d{2}-\d{2}T\S{9,30}) (stdout|stderr) ([FP]) /
const LEVEL_TOKEN = /^[[(<|"]?( ?[A-Za-z]{3,13} {1,8}(?=\])|[A-Za-z]{3,13}|[TDIWEF])[\])>|"]?(:?)(?=\s|$|\[)/
const SPRING_PID = /^\d{1,7}\s+---\s+/
const PROCESS = /^([A-Za-z][\w./-]{0,60})(?:\([\w-]{1,40}\))?(?:\[(\d{1,7})\])?(?: \([\w.[\]-]{1,100}\))?: /
const HOST_PROCESS =
  /^(\S{1,60}) ([A-Za-z][\w./-]{0,60})(?:\([\w-]{1,40}\))?(?:\[(\d{1,7})\])?(?: \([\w.[\]-]{1,100}\))?: /
/** Daemons that a syslog writes without a process number. */
const NUMBERLESS = /^(?:kernel|systemd|rsyslogd|dockerd|containerd|kubelet)$/
const LOGGER_DASH =
  /^([A-Za-z_$][\w.$/<>:-]{0,150})(?:\s+(?:\[[^\]\n]{0,80}\]|\([\w.$-]{1,120}:\d{1,7}\)))?\s+(?:--?|:|\|)\s+/
const LOGGER_COLON = /^((?:[A-Za-z_$][\w$]*\.)+[\w$]+)\s*:\s+/
/** Where Rust's tracing prints the module. */
const RUST_TARGET = /^((?:[a-z_]\w{0,60}::){1,10}\w{1,60}): /
/** Where Go's log package prints file and line. */
const SOURCE_PLACE = /^([\w./-]{1,120}\.(?:go|py|rb|js|ts|rs):\d{1,7}): /
const PYTHON_BASIC = /^(DEBUG|INFO|WARNING|ERROR|CRITICAL):([\w.]{1,80}):/
const PYTHON_NAME_DASH = /^([\w.]{1,80}) - ([A-Z]{4,8}) - /
const KLOG_LINE = /^([IWEF])\d{4} \d{2}:\d{2}:\d{2}\.\d{6}\s+\d+ ([\w.-]+\.go:\d+)\] /
/** klog's structured form: a quoted message, then pairs. */
const KLOG_PAIRS = /^"((?:[^"\\]|\\.){1,2000})"(?: \S|$)/
const KLOG_ERR = / err="((?:[^"\\]|\\.){1,2000})"/
const PIPE_LEVEL = /^\s*\|\s*([A-Za-z]{4,8})\s*\|\s*/
/** What loggers put before the time: NestJS `[Nest] 1  - `, Ruby `E, `. */
const BEFORE_TIME = /^(?:\[Nest\] \d{1,7}\s+- |[DIWEFA], (?=\[\d{4}-))/
const RUBY_PID = /^ #\d{1,7}\]/
const SERVICE_NAME = /^[a-z][a-z0-9]*(?:[-_][a-z0-9]+)*$/

/** Removes terminal colours, which would hide a header or split a group. */
export const stripAnsi = (text: string): string => (text.includes('\u001b') ? text.replace(ANSI, '') : text)

/** Splits off the prefix of a container runtime line (CRI); `partial` means the next line continues this one. */
export function readCri(
  line: string,
): { time: string; stream: 'stdout' | 'stderr'; partial: boolean; text: string } | undefined {
  const m = CRI.exec(line)
  if (m === null) return undefined
  return {
    time: m[1] as string,
    stream: m[2] as 'stdout' | 'stderr',
    partial: m[3] === 'P',
    text: line.slice(m[0].length),
  }
}

interface Remembered {
  readonly line: string
  readonly offsetMinutes: number
  readonly now: number
  readonly header: Header
}

/** The last headers read: the joiner and the record reader ask for the same line shortly after each other. */
const recent: (Remembered | undefined)[] = [undefined, undefined, undefined, undefined]
let next = 0

/** Reads the header of the first line of an event. */
export function readHeader(line: string, zone: ZoneOptions): Header {
  for (const entry of recent) {
    if (entry?.line === line && entry.offsetMinutes === zone.offsetMinutes && entry.now === zone.now)
      return entry.header
  }
  const header = parseHeader(line, zone)
  recent[next] = { line, offsetMinutes: zone.offsetMinutes, now: zone.now, header }
  next = (next + 1) % recent.length
  return header
}

/** A level or none, a logger with its package, and the mark before the message. */
const DOTTED_LOGGER = /^(?:[A-Z]{4,7} +)?[a-z_$][\w$]*(?:\.[\w$]+)+ +[-:] /

/** What has been read so far. */
interface Draft {
  at?: number | undefined
  zoned: boolean
  severity?: Severity | undefined
  service?: string | undefined
  thread?: string | undefined
  logger?: string | undefined
  host?: string | undefined
  trace?: Header['trace'] | undefined
  starts: boolean
}

function parseHeader(given: string, zone: ZoneOptions): Header {
  const frame = readSyslogFrame(given, zone)
  if (frame === undefined) return parseLine(given, zone)
  return framed(frame, parseLine(frame.rest, zone))
}

/** The level that the text names counts before the priority of the frame, which is often that of the transport. */
function framed(frame: SyslogFrame, inner: Header): Header {
  const { rest, severity, ...named } = frame
  const level = inner.severity ?? severity
  return { ...named, ...inner, ...(level === undefined ? {} : { severity: level }), starts: true }
}

function parseLine(given: string, zone: ZoneOptions): Header {
  const formatted = readLineFormat(given, zone)
  if (formatted !== undefined)
    return {
      ...formatted,
      message: formatted.message.trimEnd(),
      starts: formatted.message.trim() !== '' || formatted.logger !== undefined,
    }
  const line = withoutCollector(given)
  const klog = KLOG_LINE.exec(line)
  const text = line.replace(BEFORE_TIME, '')
  const time = matchTimestamp(text, zone)
  const draft: Draft = { at: time?.at, zoned: time?.zoned ?? false, starts: time !== undefined }
  if (klog !== null) {
    draft.severity = severityOfWord({ I: 'info', W: 'warn', E: 'error', F: 'fatal' }[klog[1] as 'I' | 'W' | 'E' | 'F'])
    draft.logger = klog[2]
    return finish({ ...draft, starts: true }, klogMessage(line.slice(klog[0].length)))
  }
  const rest = time === undefined ? text : text.slice(time.length).replace(RUBY_PID, '')
  const basic = PYTHON_BASIC.exec(rest)
  if (basic !== null) {
    draft.severity = severityOfWord(basic[1] as string)
    draft.logger = basic[2]
    return finish({ ...draft, starts: true }, rest.slice(basic[0].length))
  }
  const begun = rest.replace(/^[\s,;-]{1,4}/, '')
  const dash = PYTHON_NAME_DASH.exec(begun)
  const dashed = dash === null ? undefined : severityOfWord(dash[2] as string)
  if (dash !== null && dashed !== undefined) {
    const name = dash[1] as string
    draft.severity = dashed
    draft.logger = name
    if (SERVICE_NAME.test(name) && name.includes('-')) draft.service = name
    return finish({ ...draft, starts: true }, begun.slice(dash[0].length))
  }
  const timed = { found: time !== undefined }
  let left = readTokens(begun, draft, timed, zone)
  if (timed.found || draft.severity !== undefined) left = readNames(left, draft, /^[A-Z<]/.test(text))
  return finish(draft, left.replace(/^[\s:|-]{1,6}(?=\S)/, ''))
}

/** Levels, times, process numbers and brackets, in whatever order they stand; returns what is left. */
function readTokens(begun: string, draft: Draft, timed: { found: boolean }, zone: ZoneOptions): string {
  let rest = begun
  for (let i = 0; i < 7; i++) {
    const pipe = PIPE_LEVEL.exec(rest)
    const piped = pipe === null || draft.severity !== undefined ? undefined : severityOfWord(pipe[1] as string)
    if (pipe !== null && piped !== undefined) {
      draft.severity = piped
      rest = rest.slice(pipe[0].length)
      continue
    }
    const level = draft.severity === undefined ? LEVEL_TOKEN.exec(rest) : null
    const found = level === null ? undefined : levelOf(level, timed.found)
    if (level !== null && found !== undefined) {
      draft.severity = found
      draft.starts ||= i === 0
      rest = rest.slice(level[0].length).replace(/^\s+/, '')
      continue
    }
    // Python and log4j patterns may print the level first.
    const late = !timed.found && draft.severity !== undefined ? matchTimestamp(rest, zone) : undefined
    if (late !== undefined) {
      timed.found = true
      draft.at = late.at
      draft.zoned = late.zoned
      draft.starts = true
      rest = rest.slice(late.length).replace(/^\s+/, '')
      continue
    }
    const pid = draft.severity === undefined ? null : SPRING_PID.exec(rest)
    if (pid !== null) {
      rest = rest.slice(pid[0].length)
      continue
    }
    const bracket = timed.found || draft.severity !== undefined ? openBracket(rest) : undefined
    if (bracket === undefined) break
    rest = bracket.rest.replace(/^\s+/, '')
    take(draft, bracket.inside, DOTTED_LOGGER.test(rest))
  }
  return rest
}

function levelOf(level: RegExpExecArray, timed: boolean): Severity | undefined {
  const word = (level[1] as string).trim()
  const marked = word === word.toUpperCase() || level[2] === ':' || level[0] !== word
  if ((!timed && (!marked || word.length < 3)) || word.length === 0) return undefined
  return word.length === 1
    ? severityOfWord({ T: 'trace', D: 'debug', I: 'info', W: 'warn', E: 'error', F: 'fatal' }[word] ?? '')
    : severityOfWord(word)
}

function take(draft: Draft, inside: string, beforeLogger: boolean): void {
  const { severity, service, thread, logger, trace } = readBracket(inside, {
    severity: draft.severity !== undefined,
    service: draft.service !== undefined,
    thread: draft.thread !== undefined,
    beforeLogger,
  })
  draft.severity ??= severity
  draft.service ??= service
  draft.logger ??= logger
  draft.thread ??= thread
  draft.trace ??= trace
}

/** Logger, place in the source, host and process, which stand last; returns the message. */
function readNames(text: string, draft: Draft, syslog: boolean): string {
  let rest = text
  // Both end at the first colon with a blank behind it, which tells cheaply that they are not there.
  const head = rest.slice(0, Math.max(rest.indexOf(': '), 0))
  const place = /:\d{1,7}$/.test(head) ? SOURCE_PLACE.exec(rest) : null
  const named =
    place ?? (head.includes('::') ? RUST_TARGET.exec(rest) : null) ?? LOGGER_COLON.exec(rest) ?? LOGGER_DASH.exec(rest)
  if (named !== null && !/^(https?|select|insert|update|delete)$/i.test(named[1] as string)) {
    const name = named[1] as string
    const end = named[0].trimEnd()
    if (/[.$/]/.test(name) || name.includes('::') || end.endsWith('-') || named[0].includes(' : ')) {
      if (place === null || draft.logger === undefined) draft.logger = name
      rest = rest.slice(named[0].length)
    }
  }
  if (draft.logger !== undefined || draft.severity !== undefined) return rest
  rest = readProcess(rest, draft, syslog)
  const inner = LEVEL_TOKEN.exec(rest)
  const word = inner?.[1]?.trim()
  if (inner === null || word === undefined) return rest
  if (inner[2] !== ':' && inner[0] === word && word !== word.toUpperCase()) return rest
  const level = severityOfWord(word)
  if (level === undefined) return rest
  draft.severity = level
  return rest.slice(inner[0].length)
}

/** `host process[pid]: `. Only in a syslog may the number be missing: elsewhere two words and a colon are a message. */
function readProcess(rest: string, draft: Draft, syslog: boolean): string {
  const both = HOST_PROCESS.exec(rest)
  if (both !== null && (syslog || both[3] !== undefined || NUMBERLESS.test(both[2] as string))) {
    draft.host = both[1]
    draft.service = both[2]
    return rest.slice(both[0].length)
  }
  const process = PROCESS.exec(rest)
  if (both !== null || process?.[2] === undefined) return rest
  draft.service = process[1]
  return rest.slice(process[0].length)
}

function klogMessage(text: string): string {
  const pairs = KLOG_PAIRS.exec(text)
  if (pairs === null) return text
  const unescaped = (value: string): string => value.replace(/\\(.)/g, '$1')
  const cause = KLOG_ERR.exec(text)?.[1]
  return unescaped(cause === undefined ? (pairs[1] as string) : `${pairs[1]}: ${cause}`)
}

function finish(draft: Draft, message: string): Header {
  const { at, zoned, severity, service, thread, logger, host, trace, starts } = draft
  const text = message.trimEnd()
  // Built by assignment, one shape for all: this is done for every line.
  const header: { -readonly [K in keyof Header]: Header[K] } = {
    zoned,
    message: text,
    // A time alone on a line is a value of the event before, not a new event.
    starts: starts && (severity !== undefined || text.trim() !== ''),
  }
  if (at !== undefined) header.at = at
  if (severity !== undefined) header.severity = severity
  if (service !== undefined) header.service = service
  if (thread !== undefined) header.thread = thread
  if (logger !== undefined) header.logger = logger
  if (host !== undefined) header.host = host
  if (trace !== undefined) header.trace = trace
  return header
}
