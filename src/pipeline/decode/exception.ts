/** Exception: the stack trace inside an event's text, as a chain whose last cause is the root. */
import type { ExceptionChain, ExceptionInfo, Language, StackFrame } from '../record.ts'

const MAX_FRAMES = 200
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
const PYTHON_FRAME = /^[\s|+]{0,40}File "(.{1,400}?)", line (\d{1,7}), in (.{1,200})$/
const GO_FUNCTION = /^((?:[\w.-]+\/)*[\w-]+(?:\.[\w*()[\]{}-]+)+)\(.*\)$/
const GO_FILE = /^\s+(.{1,400}?):(\d{1,7})(?: \+0x[\da-f]+)?$/

/** The exception chain in the text of one event, or undefined when it holds no stack trace. */
export function readException(body: string): ExceptionChain | undefined {
  if (!body.includes('\n')) return undefined
  if (body.includes('Traceback (most recent call last)')) return readPython(body.split('\n'))
  if (/^(?:.*\s)?(?:panic: |fatal error: )/m.test(body) && /^goroutine \d+ \[/m.test(body))
    return readGo(body.split('\n'))
  if (/^[ \t]+at\s/m.test(body)) return readAtFrames(body.split('\n'))
  return undefined
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
  if (node !== null) return { frame: frame(node[1] ?? '<anonymous>', node[2], node[3]), language: 'node' }
  const dotnet = / in .{1,400}:line \d/.test(line) ? DOTNET_FRAME.exec(line) : null
  if (dotnet !== null) return { frame: frame(dotnet[1] as string, dotnet[2], dotnet[3]), language: 'dotnet' }
  const java = JAVA_FRAME.exec(line)
  if (java !== null && JAVA_PLACE.test(java[2] as string))
    return { frame: frame(java[1] as string, java[2], java[3]), language: 'java' }
  const other = DOTNET_FRAME.exec(line)
  return other === null ? undefined : { frame: frame(other[1] as string, other[2], other[3]), language: 'dotnet' }
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
  const at = line.search(/(?:[a-z][\w$]*\.){1,14}[A-Z][\w$]*(?:Exception|Error)\b|\b[A-Z]\w{2,60}(?:Exception|Error)\b/)
  return at <= 0 ? null : HEAD.exec(line.slice(at))
}

/** Python prints causes first and the exception that was raised last. */
function readPython(lines: readonly string[]): ExceptionChain | undefined {
  const found: ExceptionInfo[] = []
  for (let i = 0; i < lines.length; i++) {
    if (!(lines[i] as string).includes('Traceback (most recent call last)')) continue
    const frames: StackFrame[] = []
    let j = i + 1
    for (; j < lines.length; j++) {
      const line = (lines[j] as string).replace(/^[\s|+]{0,20}\| ?/, ' ')
      const m = PYTHON_FRAME.exec(line)
      if (m !== null) frames.push(frame(m[3] as string, m[1], m[2]))
      else if (!/^\s/.test(line) && line !== '') break
    }
    const title = /^[\s|+]{0,40}([A-Za-z_][\w.]{0,200})(?:: ?(.*))?$/.exec(lines[j] ?? '')
    const rest: string[] = []
    for (
      let k = j + 1;
      k < lines.length && lines[k] !== '' && !/^(?:Traceback|During|The above)/.test(lines[k] as string);
      k++
    )
      rest.push(lines[k] as string)
    if (title !== null && found.length <= MAX_CAUSES) {
      found.push({
        type: title[1] as string,
        message: [title[2] ?? '', ...rest].join('\n').trim(),
        frames: frames.reverse().slice(0, MAX_FRAMES),
      })
    }
    i = j - 1
  }
  const [top, ...causes] = found.reverse()
  return top === undefined ? undefined : { ...top, language: 'python', causes }
}

function readGo(lines: readonly string[]): ExceptionChain | undefined {
  const first = lines.findIndex((line) => /(?:panic: |fatal error: )/.test(line))
  const title = /(panic|fatal error): (.*)$/.exec(lines[first] ?? '')
  if (title === null) return undefined
  const frames: StackFrame[] = []
  let goroutines = 0
  for (let i = first + 1; i < lines.length && frames.length < MAX_FRAMES; i++) {
    const line = lines[i] as string
    if (/^goroutine \d+ \[/.test(line) && ++goroutines > 1) break
    const fn = GO_FUNCTION.exec(line)
    if (fn === null) continue
    const file = GO_FILE.exec(lines[i + 1] ?? '')
    frames.push(frame(fn[1] as string, file?.[1], file?.[2]))
  }
  const message = (title[2] as string).replace(/ \[recovered\]$/, '')
  const named = /^(?:runtime error|interface conversion)/.exec(message)
  return {
    type: named === null ? (title[1] as string) : `${title[1]}: ${named[0]}`,
    message,
    frames,
    language: 'go',
    causes: [],
  }
}

const frame = (fn: string, file: string | undefined, line: string | undefined): StackFrame => ({
  function: fn,
  ...(file === undefined || file === '' ? {} : { file }),
  ...(line === undefined ? {} : { line: Number(line) }),
})
