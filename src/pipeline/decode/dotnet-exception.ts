/** .NET exception with inner ones: titles stand outermost first, behind ` ---> `; frames stand innermost first. */
import type { ExceptionChain, ExceptionInfo, StackFrame } from '../record.ts'
import { frameOf, MAX_FRAMES } from './stack-frame.ts'

const INNER = /^ {0,8}---> (?:\(Inner Exception #\d{1,4}\) )?/
const TITLE = /((?:[A-Za-z_]\w{0,80}\.){0,12}[A-Za-z_][\w`+]{0,120})(?: \(0x[\dA-F]{8}\))?: (.{0,4000})$/
const TYPE_ALONE = /^(?:Unhandled exception\. )?((?:[A-Za-z_]\w{0,80}\.){1,12}[A-Za-z_]\w{0,120}(?:Exception|Error))$/
const FRAME = /^ {1,12}at (.{1,400}?\))(?: in (.{1,400}?):line (\d{1,7}))?\s*$/
const END = /^ {0,8}--- End of inner exception stack trace ---/
const MAX_INNER = 20

interface Level {
  readonly type: string
  readonly titles: string[]
  readonly frames: StackFrame[]
}

export const hasInner = (body: string): boolean => /^ {0,8}---> /m.test(body)

export function readDotnet(lines: readonly string[]): ExceptionChain | undefined {
  const levels: Level[] = []
  /** The exception whose frames come next: the innermost, until its end is printed. */
  let depth = -1
  let titled = false
  for (const [i, line] of lines.entries()) {
    const inner = INNER.test(line)
    const frame = FRAME.exec(line)
    if (frame !== null) {
      const frames = levels[depth]?.frames
      if (frames !== undefined && frames.length < MAX_FRAMES)
        frames.push(frameOf(frame[1] as string, frame[2], frame[3]))
      titled = false
    } else if (END.test(line)) depth = Math.max(depth - 1, 0)
    else if (inner || (levels.length === 0 && INNER.test(firstInner(lines, i)))) {
      const text = line.replace(INNER, '')
      const title = TITLE.exec(text)
      const type = title?.[1] ?? TYPE_ALONE.exec(text)?.[1]
      if (type === undefined || levels.length > MAX_INNER) continue
      levels.push({ type, titles: [title?.[2] ?? ''], frames: [] })
      depth = levels.length - 1
      titled = true
    } else if (titled) levels[depth]?.titles.push(line)
  }
  const [top, ...causes] = levels.map(
    ({ type, titles, frames }): ExceptionInfo => ({ type, message: titles.join('\n').trim(), frames }),
  )
  return top === undefined ? undefined : { ...top, language: 'dotnet', causes }
}

/** The first line that opens an inner exception behind line `i`, when no frame stands between. */
function firstInner(lines: readonly string[], i: number): string {
  for (const line of lines.slice(i + 1, i + 12)) {
    if (FRAME.test(line)) return ''
    if (INNER.test(line)) return line
  }
  return ''
}
