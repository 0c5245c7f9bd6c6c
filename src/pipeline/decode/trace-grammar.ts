/**
 * Trace grammar: which lines open a stack trace and which continue it, language by language. The patterns follow what
 * the runtimes print; nothing here knows of headers or of time. Lines come cut to a bounded length, and every pattern
 * takes linear time or is bounded: a log is written by strangers.
 */
import type { Language } from '../record.ts'

/** Who prints a line that opens a trace, and so whether it may stand inside the event of a logger. */
export type Printer =
  /** The runtime on its way out: never part of a logger's event. */
  | 'crash'
  /** Runtime or logger: after a harmless log line it is the runtime. */
  | 'either'
  /** A logger prints it below its message, at any level. */
  | 'logger'

export interface TraceOpening {
  readonly language: Language
  readonly printer: Printer
}

export interface Trace {
  readonly language: Language
  /** Before the first frame, within frames, or behind the line that ends it. */
  readonly phase: 'title' | 'frames' | 'closed'
  /** Lines since the trace was opened, while it has no frame. */
  readonly titleLines: number
}

/** What stands before the line in question. */
export interface Before {
  /** The last line that is not blank. */
  readonly text: string
  /** Blank lines since. */
  readonly blanks: number
}

const PACKAGE = String.raw`(?:[A-Za-z_$][\w$]*[.:/\\]{1,2}){0,12}`
const TYPE_NAME = String.raw`[A-Za-z_$][\w$]*(?:Exception|Error|Throwable|Failure|Fault|Panic|Exit|Interrupt|Warning|Timeout)`
const EXCEPTION_LINE = new RegExp(
  String.raw`^(Exception in thread ".{0,200}?" |Uncaught |Unhandled (?:exception|rejection)[.:]? )?(${PACKAGE}(?:${TYPE_NAME}|Error|Exception|Throwable))(?: \[[\w-]+\])?(?::|$)`,
)
const JAVA_FRAME = /^\s+(?:eval )?at\s+\S|^\s*\.{3} \d+ (?:more|common frames omitted)|^\s+- (?:locked|waiting)/
const JAVA_CAUSE = /^\s*(?:Caused by|Suppressed|Wrapped by|nested exception is|\[CIRCULAR REFERENCE)/
const JAVA_NESTED = /nested exception is:?\s*$/
const PYTHON_OPEN = /^\s*(?:\+ )?(?:Exception Group )?Traceback \(most recent call last\):/
const PYTHON_INNER = /^\s+(?:File "|\||\+[-+ ]|\^|~)|^\s{2,}\S/
/** Closes an exception group. */
const PYTHON_RULE = /^[\s|]*\+-{10,}$/
const PYTHON_LINK = /^(?:During handling of the above exception|The above exception was the direct cause)/
const GO_CRASH = /^(?:panic: |fatal error: |runtime: |SIG[A-Z]+: |WARNING: DATA RACE$)/
const GO_INNER =
  /^(?:goroutine \d+ \[|\t|\s+\S+:\d+(?: \+0x[\da-f]+|$)|created by |\[signal |exit status \d|r\w\w? +0x|\s*\.\.\.additional frames elided)/
/** A report of Go's race detector. */
const GO_RACE = /^(?:(?:Previous )?(?:atomic )?(?:read|write) at 0x|Goroutine \d+ \(|\s{2,}\S|={10,}$)/i
const GO_CALL = /^\w[\w./*()[\]{}-]*\(/
const NODE_FILE = /^(?:\/|file:\/\/|[A-Za-z]:\\|node:).*:\d+$/
const NODE_FRAME = /^\s+at (?:async |[^(]*\()?(?:node:|\/|file:|[A-Za-z]:\\)/
const NODE_PLACE = /:\d+:\d+\)?(?: \{)?$/
const NODE_INNER = /^\s+(?:at |\[cause\]: |\[errors\]: )|^\s{2,}[\w[\]'"]+:? |^[}\])],?$|^Node\.js v\d|^\s+\^/
const DOTNET_PLACE = /:line \d+$/
const DOTNET_INNER = /^\s+at |^\s*---> |^\s+--- End of|^(?:--- End of|ClientConnectionId:|Error Number:)/
const RUBY_FRAME = /^\s+(?:\d+: )?(?:from )?(?:\S+ \([\w.]+\) )?\S+:\d+:in [`']/
/** As Rails prints it, at the margin below its title. */
const RUBY_BARE_FRAME = /^\S{1,400}:\d{1,7}:in [`'].{1,300}['`]$/
const RUBY_OPEN =
  /^ ?[A-Z][\w:]{0,80}(?:Error|Exception|Timeout|NotFound|Invalid|Denied)[\w:]{0,40} \(.*\):?$|^\S+:\d+:in [`'].{1,200}['`]: .*\([A-Z][\w:]*\)$/
const RUST_OPEN = /^thread '.{0,200}' (?:\(\d{1,10}\) )?panicked at/
/** Rust's anyhow prints it below the causes. */
const RUST_BACKTRACE = /^Stack backtrace:$/
const RUST_INNER = /^\s+\d+: |^\s+at |^note: |^stack backtrace:/
const PHP_CRASH = /^(?:PHP )?(?:Fatal|Parse|Recoverable fatal) error: |^PHP (?:Warning|Notice|Deprecated): /
const PHP_OPEN = /^exception '[^']{1,200}' with message '/
const PHP_THROWN = /Uncaught |^exception '/
const PHP_PLACE = / in \S+(?::\d+| on line \d+)$/
const PHP_INNER = /^(?:Stack trace:|\[stacktrace\]|#\d+ |\s+thrown in |Next [\w\\]+: |\s{2,})/
const HASH_FRAME = /^#\d+\s+\S/
const DART_OPEN = /^Unhandled exception:$|^══╡ EXCEPTION CAUGHT BY /
const DART_RULE = /^═{10,}$/
/** One thread of a JVM's dump. */
export const JAVA_THREAD = /^"[^"]{1,200}" (?:#\d{1,9} )?(?:\[\d{1,9}\] )?(?:daemon )?prio=\d/
const BROWSER_FRAME = /^[^\s@]{0,200}@(?:https?|file|webpack|webpack-internal):\S{1,400}:\d{1,7}:\d{1,7}$/
/** Below Node's `Cannot find module`. */
const NODE_REQUIRE = /^Require stack:$|^- (?:\/|[A-Za-z]:\\)/
const CARET = /^\s+\^+$/

/** Lines of a title that may follow what opened it, where the language marks its end by the first frame only. */
const MAX_TITLE_LINES = 12

const BLANK = 32
const HASH = 35
const LETTER_G = 103
const TYPE_END = /(?:Exception|Error|Throwable|Failure|Fault|Panic|Exit|Interrupt|Warning|Timeout)(?: \[[\w-]+\])?$/

/** Whether the text up to its first colon ends as the name of an exception does: few lines need the exact look. */
function mayNameException(text: string): boolean {
  const colon = text.indexOf(':')
  // Names with colons inside are left to the exact look.
  if (colon !== -1 && text.charCodeAt(colon + 1) === 58) return true
  const end = colon === -1 ? text.length : colon
  return TYPE_END.test(text.slice(Math.max(0, end - 40), end))
}

/** What a line opens, or undefined when it opens no trace. */
export function openTrace(text: string): TraceOpening | undefined {
  const first = text.charCodeAt(0)
  if (first === 34 && JAVA_THREAD.test(text)) return { language: 'java', printer: 'crash' }
  if (first === 123 || first === 34) return undefined
  if (text.includes('Traceback') && PYTHON_OPEN.test(text)) return { language: 'python', printer: 'either' }
  if (GO_CRASH.test(text)) return { language: 'go', printer: 'crash' }
  if (RUST_OPEN.test(text)) return { language: 'rust', printer: 'crash' }
  if (PHP_CRASH.test(text)) return { language: 'php', printer: 'crash' }
  if (PHP_OPEN.test(text)) return { language: 'php', printer: 'logger' }
  if (DART_OPEN.test(text)) return { language: 'dart', printer: 'crash' }
  if (/^Unhandled exception[.:]/i.test(text)) return { language: 'dotnet', printer: 'crash' }
  if (NODE_FILE.test(text)) return { language: 'node', printer: 'either' }
  const exception = mayNameException(text) ? EXCEPTION_LINE.exec(text) : null
  if (exception === null)
    return text.includes('(') && RUBY_OPEN.test(text) ? { language: 'ruby', printer: 'logger' } : undefined
  const [, prefix, type] = exception
  const language =
    type?.includes('.') === true || prefix?.startsWith('Exception in thread') === true ? 'java' : 'unknown'
  return { language, printer: prefix !== undefined ? 'crash' : language === 'java' ? 'logger' : 'either' }
}

export const traceOf = (opening: TraceOpening): Trace => ({ language: opening.language, phase: 'title', titleLines: 0 })

/** The language of a line that is a stack frame by itself; `inTrace` admits forms that plain text has as well. */
export function frameLanguage(line: string, inTrace: boolean): Language | undefined {
  const first = line.charCodeAt(0)
  // Frames are indented, but for a few: most lines are done with one look.
  if (first > BLANK && first !== HASH && first !== LETTER_G)
    return inTrace && BROWSER_FRAME.test(line) ? 'node' : undefined
  if (NODE_FRAME.test(line) && NODE_PLACE.test(line)) return 'node'
  if (JAVA_FRAME.test(line)) return DOTNET_PLACE.test(line) ? 'dotnet' : 'java'
  if (/^\s+File ".*", line \d+/.test(line)) return 'python'
  if (/^goroutine \d+ \[/.test(line)) return 'go'
  if (RUBY_FRAME.test(line)) return 'ruby'
  if (inTrace && BROWSER_FRAME.test(line)) return 'node'
  if (HASH_FRAME.test(line) && (inTrace || /\((?:dart|package|file):|\(\d+\): |^#\d+ \{main\}/.test(line)))
    return /\(\d+\): |^#\d+ \{main\}/.test(line) ? 'php' : 'dart'
  return undefined
}

/** The trace after `line` when the line belongs to it by the grammar, else undefined. */
export function continueTrace(line: string, trace: Trace | undefined, before: Before): Trace | undefined {
  const language = trace?.language
  const frame = frameLanguage(line, trace !== undefined)
  if (frame !== undefined)
    return {
      language: language === undefined || language === 'unknown' || replaces(frame, trace) ? frame : language,
      phase: 'frames',
      titleLines: 0,
    }
  // Node prints the source line and a caret before the error that it ends with.
  if (CARET.test(before.text) && language !== 'python' && language !== 'dart')
    return { language: 'node', phase: 'title', titleLines: 0 }
  if (JAVA_CAUSE.test(line)) return { language: language ?? 'java', phase: 'frames', titleLines: 0 }
  if (trace === undefined) return undefined
  if (language === 'unknown' && RUST_BACKTRACE.test(line)) return { language: 'rust', phase: 'frames', titleLines: 0 }
  return belongs(line, trace, before)
    ? { language: trace.language, phase: phaseAfter(line, trace), titleLines: trace.titleLines + 1 }
    : undefined
}

/** A type in a namespace is taken for Java's until the first frame shows a file as .NET does. */
const replaces = (frame: Language, trace: Trace | undefined): boolean =>
  frame === 'dotnet' && trace?.language === 'java' && trace.phase === 'title'

function belongs(line: string, trace: Trace, before: Before): boolean {
  const { blanks, text } = before
  const indented = /^\s/.test(line)
  const inTitle = trace.phase === 'title' && trace.titleLines < MAX_TITLE_LINES
  switch (trace.language) {
    case 'python':
      if (PYTHON_OPEN.test(line)) return blanks > 0 || PYTHON_LINK.test(text)
      if (PYTHON_LINK.test(line) || PYTHON_INNER.test(line)) return true
      // The line after the last indented one names the exception and ends the trace.
      return trace.phase !== 'closed' && blanks === 0 && /^\s/.test(text)
    case 'go':
      return (
        GO_INNER.test(line) ||
        GO_RACE.test(line) ||
        (GO_CALL.test(line) && line.endsWith(')')) ||
        (inTitle && line.startsWith('panic: '))
      )
    case 'php':
      return PHP_INNER.test(line) || (inTitle && PHP_THROWN.test(text) && !PHP_PLACE.test(text))
    case 'ruby':
      return (indented && !RUBY_OPEN.test(line)) || RUBY_BARE_FRAME.test(line)
    case 'rust':
      return RUST_INNER.test(line) || (RUST_OPEN.test(text) && text.endsWith(':'))
    case 'dart':
      return line === '<asynchronous suspension>' || inTitle || DART_RULE.test(line)
    case 'dotnet':
      return DOTNET_INNER.test(line)
    default:
      return (
        NODE_INNER.test(line) ||
        NODE_REQUIRE.test(line) ||
        DOTNET_INNER.test(line) ||
        JAVA_NESTED.test(text) ||
        (indented && blanks === 0)
      )
  }
}

function phaseAfter(line: string, trace: Trace): Trace['phase'] {
  if (trace.language !== 'python') return trace.phase
  if (PYTHON_RULE.test(line)) return 'closed'
  return /^\s/.test(line) || PYTHON_LINK.test(line) || PYTHON_OPEN.test(line) ? 'frames' : 'closed'
}
