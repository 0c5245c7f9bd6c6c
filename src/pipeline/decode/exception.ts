/** Exception: the stack trace inside an event's text, as a chain whose last cause is the root. */
import type { ExceptionChain, ExceptionInfo, Language, StackFrame } from '../record.ts'
import { hasInner, readDotnet } from './dotnet-exception.ts'
import { readGo } from './go-exception.ts'
import { readPython } from './python-exception.ts'
import { readScript } from './script-exception.ts'
import { frameOf, MAX_FRAMES } from './stack-frame.ts'
import { JAVA_THREAD } from './trace-grammar.ts'

const MAX_CAUSES = 20
const TYPE = String.raw`[A-Za-z_$][\w$]*(?:(?:\.|::|\\)[A-Za-z_$][\w$]*){0,14}`
const JAVA_FRAME =
  /^\s+at\s+(?:[\w.@-]{1,80}\/{1,2})?([\w.$<>\u00a0-\uffff/-]{1,400})\(([^():\n]{0,200})(?::(-?\d{1,7}))?\)/
const NODE_FRAME =
  /^\s+at\s+(?:async\s+)?(?:(.{1,300}?)\s+\()?((?:file:\/\/|node:|[A-Za-z]:[\\/]|\/|\.|webpack|<anonymous>|native)[^()\n]{0,400}?)(?::(\d{1,7}))?(?::\d{1,7})?\)?(?: \{)?$/
/** What Java prints in the brackets of a frame; .NET prints parameters there. */
const JAVA_PLACE = /^(?:[^\s,]+|Native Method|Unknown Source)$/
const DOTNET_FRAME = /^\s+at (.{1,400}?\))(?: in (.{1,400}?):line (\d{1,7}))?\s*$/
const HEAD = new RegExp(
  String.raw`^\s*(?:Caused by: |Suppressed: |\[cause\]: |Exception in thread "[^"\n]{0,200}" |Uncaught |Unhandled exception[.:] )?(${TYPE})(?: \[[\w-]{1,60}\])?(?:: ?(.*))?$`,
)
const ERROR_TYPE =
  /(?:Exception|Error|Throwable|Failure|Fault|Panic|Exit|Interrupt|Timeout|Refused|Unavailable|NotFound|Denied|NoBrokersAvailable)\w{0,20}$/

/**
 * The exception chain in the text of one event, or undefined when it holds no stack trace. `message`: that text without
 * its header, where it is known.
 */
export function readException(body: string, message = body.split('\n', 1)[0] ?? ''): ExceptionChain | undefined {
  if (!body.includes('\n')) return undefined
  // A thread of a dump stands somewhere; nothing was thrown.
  if (message.startsWith('"') && JAVA_THREAD.test(message)) return undefined
  if (body.includes('Traceback (most recent call last)')) return readPython(body.split('\n'))
  if (hasInner(body)) return readDotnet(body.split('\n'))
  if (/^[ \t]+at\s/m.test(body) && !body.includes(' panicked at ')) return readAtFrames(body.split('\n'))
  return readGo(body, message) ?? readScript(message + body.slice(body.indexOf('\n')))
}

/** Java, Kotlin, Scala, Node and .NET: title lines followed by "at" frames; causes follow what they caused. */
function readAtFrames(lines: readonly string[]): ExceptionChain | undefined {
  const found: ExceptionInfo[] = []
  let frames: StackFrame[] = []
  let titleLines: string[] = []
  let language: Language = 'unknown'
  let suppressed = false
  const close = (): void => {
    if (frames.length > 0 && !suppressed && found.length <= MAX_CAUSES) {
      const title = readTitle(titleLines)
      if (title !== undefined) found.push({ ...title, frames })
    }
    frames = []
    titleLines = []
  }
  for (const line of lines) {
    const frame = readAtFrame(line)
    if (frame !== undefined) {
      if (language === 'unknown') language = frame.language
      if (frames.length < MAX_FRAMES) frames.push(frame.frame)
    } else if (/^\s*\.{3} \d+ /.test(line)) {
      // Frames shared with the enclosing trace.
    } else {
      if (frames.length > 0) {
        close()
        suppressed = /^\s*Suppressed:/.test(line)
      }
      titleLines.push(line)
    }
  }
  close()
  const [top, ...causes] = found
  return top === undefined ? undefined : { ...top, language, causes }
}

function readAtFrame(line: string): { frame: StackFrame; language: Language } | undefined {
  const node = NODE_FRAME.exec(line)
  if (node !== null) return { frame: frameOf(node[1] ?? '<anonymous>', node[2], node[3]), language: 'node' }
  const dotnet = / in .{1,400}:line \d/.test(line) ? DOTNET_FRAME.exec(line) : null
  if (dotnet !== null) return { frame: frameOf(dotnet[1] as string, dotnet[2], dotnet[3]), language: 'dotnet' }
  const java = JAVA_FRAME.exec(line)
  if (java !== null && JAVA_PLACE.test(java[2] as string))
    return { frame: frameOf(java[1] as string, java[2], java[3]), language: 'java' }
  const other = DOTNET_FRAME.exec(line)
  return other === null ? undefined : { frame: frameOf(other[1] as string, other[2], other[3]), language: 'dotnet' }
}

/** The exception's name among the lines before its frames: the last line that reads as one, with its continuation. */
function readTitle(lines: readonly string[]): { type: string; message: string } | undefined {
  for (let i = lines.length - 1; i >= 0; i--) {
    const line = lines[i] as string
    const m = HEAD.exec(line) ?? headInside(line)
    if (m !== null && (ERROR_TYPE.test(m[1] as string) || /^\s*(?:Caused by|\[cause\]): /.test(line))) {
      return { type: m[1] as string, message: [m[2] ?? '', ...lines.slice(i + 1)].join('\n').trim() }
    }
  }
  const last = lines.at(-1)
  return last === undefined ? undefined : { type: 'Error', message: last.trim() }
}

/** An exception named at the end of a header line: `… ERROR [svc] logger - java.lang.IllegalStateException: no`. */
function headInside(line: string): RegExpExecArray | null {
  const at = line.search(
    /\b(?:[A-Za-z][\w$]*\.){1,14}[A-Z][\w$]*(?:Exception|Error)\b|\b[A-Z]\w{2,60}(?:Exception|Error)\b/,
  )
  return at <= 0 ? null : HEAD.exec(line.slice(at))
}
