/**
 * Header: what stands before the message on a text line: time, level, service, thread, logger. Frameworks put them in
 * any order, so the line is read token by token until something is no header part; what is left is the message.
 */
import { type Severity, severityOfWord } from '../record.ts'
import { readLineFormat, withoutCollector } from './line-format.ts'
import { matchTimestamp, type ZoneOptions } from './timestamp.ts'

export interface Header {
  readonly at?: number
  readonly zoned: boolean
  readonly severity?: Severity
  readonly service?: string
  readonly thread?: string
  readonly logger?: string
  readonly host?: string
  readonly message: string
  /** Whether the line begins as an event begins: with a time, or a level that is followed by a separator. */
  readonly starts: boolean
}

const ANSI = /\u001b\[[0-9;?]{0,12}[A-Za-z]/g
const CRI = /^(\d{4}-\d{2}-\d{2}T\S{9,30}) (stdout|stderr) ([FP]) /
const LEVEL_TOKEN = /^[[(<|"]?([A-Za-z]{3,13}|[TDIWEF])[\])>|"]?(:?)(?=\s|$)/
const BRACKET = /^\[((?:[^[\]\n]{1,120}|\[[^[\]\n]{0,80}\]){1,4})\]:?(?=\s|$|\[|:)/
const SPRING_PID = /^\d{1,7}\s+---\s+/
const PROCESS = /^([A-Za-z][\w./-]{0,60})(?:\([\w-]{1,40}\))?(?:\[(\d{1,7})\])?(?: \([\w.[\]-]{1,100}\))?: /
const LOGGER_DASH = /^([A-Za-z_$][\w.$/<>:-]{0,150})(?:\s+\[[^\]\n]{0,80}\])?\s+(?:-|:|\|)\s+/
const LOGGER_COLON = /^((?:[A-Za-z_$][\w$]*\.)+[\w$]+)\s*:\s+/
const PYTHON_BASIC = /^(DEBUG|INFO|WARNING|ERROR|CRITICAL):([\w.]{1,80}):/
const PYTHON_NAME_DASH = /^([\w.]{1,80}) - ([A-Z]{4,8}) - /
const KLOG_LINE = /^([IWEF])\d{4} \d{2}:\d{2}:\d{2}\.\d{6}\s+\d+ ([\w.-]+\.go:\d+)\] /
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

function parseHeader(given: string, zone: ZoneOptions): Header {
  const formatted = readLineFormat(given, zone)
  if (formatted !== undefined)
    return { ...formatted, message: formatted.message.trimEnd(), starts: formatted.message.trim() !== '' }
  const line = withoutCollector(given)
  const klog = KLOG_LINE.exec(line)
  const text = line.replace(BEFORE_TIME, '')
  let time = matchTimestamp(text, zone)
  let rest = time === undefined ? text : text.slice(time.length).replace(RUBY_PID, '')
  let severity: Severity | undefined
  let service: string | undefined
  let thread: string | undefined
  let logger: string | undefined
  let host: string | undefined
  let levelStarts = false
  if (klog !== null) {
    severity = severityOfWord({ I: 'info', W: 'warn', E: 'error', F: 'fatal' }[klog[1] as 'I' | 'W' | 'E' | 'F'])
    return header(time?.at, true, severity, service, thread, klog[2], host, line.slice(klog[0].length), true)
  }
  const basic = PYTHON_BASIC.exec(rest)
  if (basic !== null) {
    return header(
      time?.at,
      time?.zoned ?? false,
      severityOfWord(basic[1] as string),
      service,
      thread,
      basic[2],
      host,
      rest.slice(basic[0].length),
      true,
    )
  }
  rest = rest.replace(/^[\s,;-]{1,4}/, '')
  const dash = PYTHON_NAME_DASH.exec(rest)
  if (dash !== null && severityOfWord(dash[2] as string) !== undefined) {
    const name = dash[1] as string
    return header(
      time?.at,
      time?.zoned ?? false,
      severityOfWord(dash[2] as string),
      SERVICE_NAME.test(name) && name.includes('-') ? name : undefined,
      thread,
      name,
      host,
      rest.slice(dash[0].length),
      true,
    )
  }
  for (let i = 0; i < 7; i++) {
    const pipe = PIPE_LEVEL.exec(rest)
    if (pipe !== null && severity === undefined && severityOfWord(pipe[1] as string) !== undefined) {
      severity = severityOfWord(pipe[1] as string)
      rest = rest.slice(pipe[0].length)
      continue
    }
    const level = severity === undefined ? LEVEL_TOKEN.exec(rest) : null
    const word = level?.[1] as string
    if (
      level !== null &&
      (time !== undefined || word === word.toUpperCase() || level[2] === ':' || level[0] !== word) &&
      word.length > (time === undefined ? 2 : 0)
    ) {
      const found =
        word.length === 1
          ? severityOfWord({ T: 'trace', D: 'debug', I: 'info', W: 'warn', E: 'error', F: 'fatal' }[word] ?? '')
          : severityOfWord(word)
      if (found !== undefined) {
        severity = found
        levelStarts ||= i === 0
        rest = rest.slice(level[0].length).replace(/^\s+/, '')
        continue
      }
    }
    // Python and log4j patterns may print the level first.
    const late = time === undefined && severity !== undefined ? matchTimestamp(rest, zone) : undefined
    if (late !== undefined) {
      time = late
      rest = rest.slice(late.length).replace(/^\s+/, '')
      continue
    }
    const pid = severity === undefined ? null : SPRING_PID.exec(rest)
    if (pid !== null) {
      rest = rest.slice(pid[0].length)
      continue
    }
    const bracket = time !== undefined || severity !== undefined ? BRACKET.exec(rest) : null
    if (bracket !== null) {
      const inside = (bracket[1] as string).trim()
      const asLevel = severity === undefined ? severityOfWord(inside.split(':').pop() ?? '') : undefined
      if (asLevel !== undefined) severity = asLevel
      else if (
        service === undefined &&
        SERVICE_NAME.test(inside) &&
        (thread === undefined || inside.includes('-')) &&
        !/^(main|http|nio|pool|thread|exec|worker)\b/.test(inside)
      )
        service = inside
      else thread ??= inside
      rest = rest.slice(bracket[0].length).replace(/^\s+/, '')
      continue
    }
    break
  }
  if (time !== undefined || severity !== undefined) {
    const named = LOGGER_COLON.exec(rest) ?? (logger === undefined ? LOGGER_DASH.exec(rest) : null)
    if (
      named !== null &&
      !/^(https?|select|insert|update|delete)$/i.test(named[1] as string) &&
      (named[0].includes(' - ') || named[0].includes(': ') || named[0].includes(' : '))
    ) {
      const name = named[1] as string
      if (/[.$/]/.test(name) || named[0].trimEnd().endsWith('-') || named[0].includes(' : ')) {
        logger = name
        rest = rest.slice(named[0].length)
      }
    }
    if (logger === undefined && severity === undefined) {
      const parts =
        /^(\S{1,60}) ([A-Za-z][\w./-]{0,60})(?:\([\w-]{1,40}\))?(?:\[(\d{1,7})\])?(?: \([\w.[\]-]{1,100}\))?: /.exec(
          rest,
        )
      const process = parts === null ? PROCESS.exec(rest) : null
      if (parts !== null) {
        host = parts[1]
        service = parts[2]
        rest = rest.slice(parts[0].length)
      } else if (process !== null && process[2] !== undefined) {
        service = process[1]
        rest = rest.slice(process[0].length)
      }
      const inner = LEVEL_TOKEN.exec(rest)
      const innerLevel =
        inner === null || (inner[2] !== ':' && inner[0] === inner[1] && inner[1] !== inner[1]?.toUpperCase())
          ? undefined
          : severityOfWord(inner[1] as string)
      if (inner !== null && innerLevel !== undefined) {
        severity = innerLevel
        rest = rest.slice(inner[0].length)
      }
    }
  }
  const message = rest.replace(/^[\s:|-]{1,6}(?=\S)/, '')
  return header(
    time?.at,
    time?.zoned ?? false,
    severity,
    service,
    thread,
    logger,
    host,
    message,
    time !== undefined || levelStarts,
  )
}

function header(
  at: number | undefined,
  zoned: boolean,
  severity: Severity | undefined,
  service: string | undefined,
  thread: string | undefined,
  logger: string | undefined,
  host: string | undefined,
  message: string,
  starts: boolean,
): Header {
  return {
    ...(at === undefined ? {} : { at }),
    zoned,
    ...(severity === undefined ? {} : { severity }),
    ...(service === undefined ? {} : { service }),
    ...(thread === undefined ? {} : { thread }),
    ...(logger === undefined ? {} : { logger }),
    ...(host === undefined ? {} : { host }),
    message: message.trimEnd(),
    // A time alone on a line is a value of the event before, not a new event.
    starts: starts && (severity !== undefined || message.trim() !== ''),
  }
}
