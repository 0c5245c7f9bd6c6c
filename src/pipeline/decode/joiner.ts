/**
 * Joiner: physical lines of one stream (one file, one container stream) to events. A line starts an event when it
 * begins with a header, or when it cannot belong to the event before it. Which lines can belong depends on what that
 * event is: a stack trace takes frames, causes and blank lines inside; an event of a stream whose events all carry
 * headers takes everything up to the next header.
 */
import { type Language, SEVERITY } from '../record.ts'
import { JUL_LEVEL } from './framework-formats.ts'
import { type Header, readHeader, stripAnsi } from './header.ts'
import { readLogfmt } from './logfmt.ts'
import type { ZoneOptions } from './timestamp.ts'
import { type Before, continueTrace, openTrace, type Trace, type TraceOpening, traceOf } from './trace-grammar.ts'

export interface JoinedEvent {
  /** Physical lines, without line ends. */
  readonly lines: readonly string[]
  readonly language?: Language
  /** Index of the first line in the stream, from 0. */
  readonly firstLine: number
}

export interface JoinerLimits {
  readonly maxLines: number
  readonly maxChars: number
}

export const DEFAULT_JOINER_LIMITS: JoinerLimits = { maxLines: 2_000, maxChars: 512 * 1024 }

export interface Joiner {
  /** Takes the next line; returns the event that it completed, if any. */
  push(line: string): JoinedEvent | undefined
  /** Ends the event that is open. */
  flush(): JoinedEvent | undefined
  pendingLines(): number
}

interface OpenEvent {
  lines: string[]
  chars: number
  firstLine: number
  /** The header of its first line; absent for a line without one. */
  readonly header: Header | undefined
  trace: Trace | undefined
  /** Its last line that is not blank, and the blank ones since. */
  text: string
  blanks: number
  /** Lines that are not blank. */
  texts: number
  /** Its last lines are log lines of another program, shown as part of this event. */
  quotes: boolean
}

const NO_ZONE: ZoneOptions = { offsetMinutes: 0, now: 0 }
const TAB = 9
const SPACE = 32
const CLOSER = /^[}\])]+[,;]?$/
/** What the rules see of a line; nothing that tells where an event begins stands behind it. */
const RULE_CHARS = 2_048
/** Text that says that more of it follows. */
const ANNOUNCES = /[:=,([{"'`]$|^$/
const WORD_FIRST = /^[\p{L}\p{N}/]/u

/** `zone` as the reader of the events has it: a header is then read once for both. */
export function createJoiner(limits: JoinerLimits = DEFAULT_JOINER_LIMITS, zone: ZoneOptions = NO_ZONE): Joiner {
  let open: OpenEvent | undefined
  let index = 0
  /** Lines that stood alone without a header, and events with one: where the former prevail, headers are no frame. */
  let strays = 0
  let headers = 0

  const take = (): JoinedEvent | undefined => {
    if (open === undefined) return undefined
    const { lines, firstLine, trace, blanks } = open
    open = undefined
    if (blanks > 0) lines.length -= blanks
    return { lines, firstLine, ...(trace === undefined ? {} : { language: trace.language }) }
  }

  const start = (
    raw: string,
    line: string,
    header: Header | undefined,
    trace: Trace | undefined,
  ): JoinedEvent | undefined => {
    const done = take()
    open = {
      lines: [raw],
      chars: raw.length,
      firstLine: index,
      header,
      trace,
      text: line,
      blanks: 0,
      texts: 1,
      quotes: false,
    }
    return done
  }

  const join = (event: OpenEvent, raw: string, line: string, trace: Trace | undefined): JoinedEvent | undefined => {
    if (event.lines.length >= limits.maxLines || event.chars + raw.length > limits.maxChars)
      return start(raw, line, event.header, trace)
    event.lines.push(raw)
    event.chars += raw.length
    event.trace = trace
    event.text = line
    event.blanks = 0
    event.texts++
    return undefined
  }

  const pushBlank = (raw: string): JoinedEvent | undefined => {
    if (open === undefined) return undefined
    if (open.trace === undefined && open.header === undefined) return take()
    open.lines.push(raw)
    open.blanks++
    return open.blanks > limits.maxLines ? take() : undefined
  }

  const pushText = (raw: string, line: string): JoinedEvent | undefined => {
    const header = headerOf(line, zone)
    const opening = openTrace(header === undefined ? line : header.message)
    const trace = opening === undefined ? undefined : traceOf(opening)
    if (open !== undefined) {
      const { text, blanks } = open
      const next = continueTrace(line, open.trace, { text, blanks } satisfies Before)
      if (next !== undefined && !(header !== undefined && isTimed(line, header))) return join(open, raw, line, next)
      if (titlesBelow(open, line)) return join(open, raw, line, open.trace)
      if (header !== undefined && quotedIn(open, header)) {
        open.quotes = true
        return join(open, raw, line, open.trace)
      }
      if (header === undefined && takesLine(open, line, opening, strays > 0 && strays >= headers))
        return join(open, raw, line, trace ?? open.trace)
    }
    if (header !== undefined) headers++
    else if (trace === undefined) strays++
    return start(raw, line, header, trace)
  }

  return {
    pendingLines: () => open?.lines.length ?? 0,
    push: (raw) => {
      const line = stripAnsi(raw.length > RULE_CHARS ? raw.slice(0, RULE_CHARS) : raw)
      const done = line.trim() === '' ? pushBlank(raw) : pushText(raw, line)
      index++
      return done
    },
    flush: take,
  }
}

const LOGFMT_START = /^(?:time|ts|t|level|lvl|severity|msg|logger)=/

/** The header that makes a line the first of an event. A level word alone makes none where a trace opens, or indented. */
function headerOf(line: string, zone: ZoneOptions): Header | undefined {
  // Most lines of a trace are indented: no header begins so, and none is looked for.
  const first = line.charCodeAt(0)
  if (first === TAB || (first === SPACE && line.charCodeAt(1) === SPACE)) return undefined
  const header = readHeader(line, zone)
  if (!header.starts) {
    // Written between lines of another logger, as tools of Kubernetes do.
    const severity = LOGFMT_START.test(line) ? readLogfmt(line)?.severity : undefined
    return severity === undefined ? undefined : { ...header, severity }
  }
  return isTimed(line, header) || openTrace(line) === undefined ? header : undefined
}

const isTimed = (line: string, header: Header): boolean => header.at !== undefined || /^[[(<"]?\d/.test(line)

/** The second line of java.util.logging's header. */
const titlesBelow = (event: OpenEvent, line: string): boolean =>
  event.texts === 1 && event.blanks === 0 && event.header?.message === '' && JUL_LEVEL.test(line)

/** A header of an earlier time, after a line that announces it (`upstream said:`), belongs to what is told. */
const quotedIn = (event: OpenEvent, header: Header): boolean =>
  header.at !== undefined &&
  event.header?.at !== undefined &&
  header.at < event.header.at &&
  (event.quotes || (event.texts > 1 && event.text.trimEnd().endsWith(':')))

/** Whether a line without a header, of no trace that is open, belongs to the event. */
function takesLine(event: OpenEvent, line: string, opening: TraceOpening | undefined, loose: boolean): boolean {
  const { header } = event
  if (header === undefined) return false
  const harmless = header.severity !== undefined && header.severity.number < SEVERITY.WARN.number
  // Without a level it is not known whether headers mark events here.
  const certain = !loose && header.severity !== undefined
  if (opening !== undefined)
    return event.trace === undefined
      ? opening.printer === 'logger' || (opening.printer === 'either' && !harmless)
      : certain && opening.printer !== 'crash' && !(harmless && opening.printer === 'either')
  if (/^\s/.test(line) || CLOSER.test(line)) return true
  if (loose || (!certain && event.trace?.phase === 'frames' && WORD_FIRST.test(line))) return false
  // A harmless line that announces nothing is whole: what follows was printed by something else.
  return !(harmless && event.texts === 1 && !ANNOUNCES.test(header.message) && WORD_FIRST.test(line))
}
