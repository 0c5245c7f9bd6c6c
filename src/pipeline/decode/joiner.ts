/**
 * Joiner: physical lines of one stream (one file, one container stream) to events. A line starts an event when it
 * begins with a header, or when it cannot belong to the event before it. Which lines can belong depends on what that
 * event is: a stack trace takes frames, causes and blank lines inside; an event of a stream whose events all carry
 * headers takes everything up to the next header.
 */
import type { Language } from '../record.ts'
import { readHeader, stripAnsi } from './header.ts'

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
  readonly pendingLines: number
}

const ZONE = { offsetMinutes: 0, now: 0 }
const TYPE_NAME = String.raw`(?:[A-Za-z_$][\w$]*[.:/\\]{1,2}){0,12}[A-Za-z_$][\w$]*`
const EXCEPTION_LINE = new RegExp(String.raw`^(?:Exception in thread ".{0,200}?" |Uncaught |Unhandled (?:exception|rejection)[.:]? )?(${TYPE_NAME}(?:Exception|Error|Throwable|Failure|Fault|Panic|Exit|Interrupt|Warning|Timeout))(?: \[[\w-]+\])?(?::|$)`)
const JAVA_FRAME = /^\s+(?:eval )?at\s+\S|^\s*\.{3} \d+ (?:more|common frames omitted)|^\s+- (?:locked|waiting)/
const JAVA_CAUSE = /^\s*(?:Caused by|Suppressed|Wrapped by|nested exception is|\[CIRCULAR REFERENCE)/
const PYTHON_OPEN = /^\s*(?:\+ )?(?:Exception Group )?Traceback \(most recent call last\):/
const PYTHON_INNER = /^\s+(?:File "|\||\+[-+ ]|\^|~)|^\s{2,}\S/
const PYTHON_LINK = /^(?:During handling of the above exception|The above exception was the direct cause)/
const GO_OPEN = /^(?:panic: |fatal error: |runtime: |SIG[A-Z]+: )/
const GO_INNER = /^(?:goroutine \d+ \[|\t|created by |\[signal |exit status \d|\w[\w./*()\[\]{}-]*\(.*\)(?: .*)?$|r\w\w? +0x|panic: |\s*\.\.\.additional frames elided)/
const NODE_INNER = /^\s+(?:at |\[cause\]: |\[errors\]: )|^\s{2,}[\w\[\]'"]+:? |^[}\])],?$|^node:|^Node\.js v\d|^\s+\^/
const NODE_FILE = /^(?:\/|file:\/\/|[A-Za-z]:\\).*:\d+$/
const DOTNET_INNER = /^\s+(?:at |---> |--- End of)|^--- End of|^Unhandled exception/
const RUBY_FRAME = /^\s+(?:from )?\S+:\d+:in [`']/
const RUST_INNER = /^\s+\d+: |^\s+at |^note: |^stack backtrace:/
const PHP_INNER = /^(?:Stack trace:|#\d+ |\s+thrown in |\s{2,})/
const DART_FRAME = /^#\d+\s+\S/
const CLOSER = /^[}\])]+[,;]?$/

export function createJoiner(limits: JoinerLimits = DEFAULT_JOINER_LIMITS): Joiner {
  let lines: string[] = []
  let chars = 0
  let firstLine = 0
  let index = 0
  let language: Language | undefined
  /** The open event holds a trace, so lines of that language's grammar belong to it. */
  let tracing = false
  let headered = false
  let blanks = 0
  /** Events without a header were seen where they could not continue anything: header-less lines stand alone here. */
  let looseStream = false
  let sawHeader = false

  const take = (): JoinedEvent | undefined => {
    if (lines.length === 0) return undefined
    while (lines.length > 1 && (lines[lines.length - 1] as string).trim() === '') lines.pop()
    const event = { lines, firstLine, ...(language === undefined ? {} : { language }) }
    lines = []
    chars = 0
    language = undefined
    tracing = false
    headered = false
    blanks = 0
    return event
  }

  const open = (line: string, start: { header: boolean; language?: Language; tracing?: boolean }): void => {
    lines = [line]
    chars = line.length
    firstLine = index
    headered = start.header
    language = start.language
    tracing = start.tracing ?? false
  }

  const join = (line: string, found: Language | undefined): void => {
    lines.push(line)
    chars += line.length
    if (found !== undefined) {
      tracing = true
      language = language === undefined || language === 'unknown' ? found : language
    }
    blanks = 0
  }

  return {
    get pendingLines() {
      return lines.length
    },
    push: (raw) => {
      const line = stripAnsi(raw)
      const header = readHeader(line, ZONE)
      const full = lines.length >= limits.maxLines || chars + line.length > limits.maxChars
      let done: JoinedEvent | undefined
      if (header.starts && !isContinuedHeader(line, tracing)) {
        sawHeader = true
        done = take()
        const opener = openerLanguage(header.message)
        open(raw, { header: true, ...(opener === undefined ? {} : { language: opener, tracing: true }) })
      } else if (lines.length === 0) {
        const opener = openerLanguage(line)
        if (line.trim() !== '') {
          open(raw, { header: false, ...(opener === undefined ? {} : { language: opener, tracing: true }) })
          if (opener === undefined && frameLanguage(line) === undefined && !sawHeader) looseStream = true
        }
      } else if (full) {
        done = take()
        open(raw, { header: false })
      } else if (line.trim() === '') {
        if (tracing || headered) {
          lines.push(raw)
          blanks++
        } else done = take()
      } else {
        const part = continuation(line, { language, tracing, headered, blanks, last: lines[lines.length - 1] as string, lastText: lines[lines.length - 1 - blanks] ?? '' })
        if (part.joins || (headered && !looseStream)) join(raw, part.language)
        else {
          const opener = openerLanguage(line)
          if (opener === undefined && !tracing) looseStream = looseStream || !sawHeader
          if (headered && opener !== undefined && !tracing) join(raw, opener)
          else {
            done = take()
            open(raw, { header: false, ...(opener === undefined ? {} : { language: opener, tracing: true }) })
          }
        }
      }
      index++
      return done
    },
    flush: take,
  }
}

/** A header inside a trace that the trace's own grammar claims, such as a Go goroutine line that begins with a time. */
const isContinuedHeader = (line: string, tracing: boolean): boolean => tracing && (JAVA_FRAME.test(line) || JAVA_CAUSE.test(line))

/** The language whose trace this line opens. */
function openerLanguage(text: string): Language | undefined {
  if (text.charCodeAt(0) === 123 || text.charCodeAt(0) === 34) return undefined
  if (PYTHON_OPEN.test(text)) return 'python'
  if (GO_OPEN.test(text)) return 'go'
  if (/^thread '.{0,200}' panicked at/.test(text)) return 'rust'
  if (/^PHP (?:Fatal error|Warning|Notice)|^Fatal error: Uncaught/.test(text)) return 'php'
  if (/^Unhandled exception[.:]/i.test(text)) return 'dotnet'
  const m = EXCEPTION_LINE.exec(text)
  if (m === null) return undefined
  return (m[1] as string).includes('.') || text.startsWith('Exception in thread') ? 'java' : 'unknown'
}

function frameLanguage(line: string): Language | undefined {
  if (/^\s+at .*\((?:node:|\/|file:|[A-Za-z]:\\).*:\d+:\d+\)$|^\s+at (?:node:|\/|file:|async ).*:\d+:\d+\)?$/.test(line)) return 'node'
  if (JAVA_FRAME.test(line)) return / in .*:line \d+$/.test(line) ? 'dotnet' : 'java'
  if (/^\s+File ".*", line \d+/.test(line)) return 'python'
  if (/^goroutine \d+ \[/.test(line)) return 'go'
  if (RUBY_FRAME.test(line)) return 'ruby'
  if (DART_FRAME.test(line)) return line.startsWith('#0 /') || /\.php/.test(line) ? 'php' : 'dart'
  return undefined
}

interface OpenEvent {
  readonly language: Language | undefined
  readonly tracing: boolean
  readonly headered: boolean
  readonly blanks: number
  readonly last: string
  /** The last line that is not blank. */
  readonly lastText: string
}

/** Whether `line` belongs to the open event by the grammar of traces, and the language that shows in it. */
function continuation(line: string, event: OpenEvent): { joins: boolean; language?: Language } {
  const frame = frameLanguage(line)
  if (frame !== undefined) return { joins: true, language: frame }
  // Node prints the source line and a caret before the error that it ends with.
  if (/^\s+\^+$/.test(event.lastText)) return { joins: true, language: 'node' }
  if (JAVA_CAUSE.test(line)) return { joins: true, language: 'java' }
  if (PYTHON_OPEN.test(line)) return { joins: event.headered || (event.language === 'python' && (event.blanks > 0 || PYTHON_LINK.test(event.last))), language: 'python' }
  if (!event.tracing) {
    if (/^\s/.test(line) && event.headered) return { joins: true }
    if (RUST_INNER.test(line) && event.language === 'rust') return { joins: true }
    return { joins: CLOSER.test(line) && event.headered }
  }
  switch (event.language) {
    case 'python':
      if (PYTHON_LINK.test(line) || PYTHON_INNER.test(line)) return { joins: true }
      // The line after the last indented one names the exception and ends the trace.
      return { joins: /^\s/.test(event.last) && event.blanks === 0 && !/^\s/.test(line) }
    case 'go':
      return { joins: GO_INNER.test(line) }
    case 'php':
      return { joins: PHP_INNER.test(line) }
    case 'ruby':
      return { joins: RUBY_FRAME.test(line) || /^\s/.test(line) }
    case 'rust':
      return { joins: RUST_INNER.test(line) || event.last.startsWith('thread ') }
    case 'dotnet':
      return { joins: DOTNET_INNER.test(line) }
    case 'dart':
      return { joins: DART_FRAME.test(line) || line === '<asynchronous suspension>' }
    default:
      return { joins: NODE_INNER.test(line) || NODE_FILE.test(line) || DOTNET_INNER.test(line) || (/^\s/.test(line) && event.blanks === 0) }
  }
}
