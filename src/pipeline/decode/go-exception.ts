/** Go exception: a panic with its goroutines, or an error with the stack that zap and pkg/errors print. */
import type { ExceptionChain, StackFrame } from '../record.ts'
import { frameOf, MAX_FRAMES } from './stack-frame.ts'

const CALL = /^((?:[\w.-]+\/)*[\w-]+(?:\.[\w*()[\]{}-]+)+)\(.*\)$/
const FUNCTION = /^((?:[\w.-]{1,80}\/){0,12}[\w-]{1,80}(?:\.[\w*()[\]{}-]{1,120}){1,8})$/
const PLACE = /^\s+(.{1,400}?):(\d{1,7})(?: \+0x[\da-f]+)?$/

/** `message` is the event's text without its header: what an error with a bare stack is called. */
export function readGo(body: string, message: string): ExceptionChain | undefined {
  if (/^(?:.*\s)?(?:panic: |panic serving |fatal error: )/m.test(body) && /^goroutine \d+ \[/m.test(body))
    return readPanic(body.split('\n'))
  return /\n\t\S{1,400}:\d{1,7}(?:\n|$)/.test(body) ? readErrorStack(body.split('\n'), message) : undefined
}

function readPanic(lines: readonly string[]): ExceptionChain | undefined {
  const first = lines.findIndex((line) => /(?:panic: |panic serving |fatal error: )/.test(line))
  const title = /(panic|fatal error)(?: serving \S{1,200})?: (.*)$/.exec(lines[first] ?? '')
  if (title === null) return undefined
  const frames: StackFrame[] = []
  let goroutines = 0
  for (let i = first + 1; i < lines.length && frames.length < MAX_FRAMES; i++) {
    const line = lines[i] as string
    if (/^goroutine \d+ \[/.test(line) && ++goroutines > 1) break
    const fn = CALL.exec(line)
    if (fn === null) continue
    const file = PLACE.exec(lines[i + 1] ?? '')
    frames.push(frameOf(fn[1] as string, file?.[1], file?.[2]))
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

/** pkg/errors prints the innermost error first, each with its stack; the first stack is where it began. */
function readErrorStack(lines: readonly string[], message: string): ExceptionChain | undefined {
  const frames: StackFrame[] = []
  for (let i = 0; i + 1 < lines.length && frames.length < MAX_FRAMES; i++) {
    const fn = FUNCTION.exec(lines[i] as string)
    const place = fn === null ? null : PLACE.exec(lines[i + 1] as string)
    if (fn === null || place === null) {
      if (frames.length > 0) break
      continue
    }
    frames.push(frameOf(fn[1] as string, place[1], place[2]))
    i++
  }
  return frames.length === 0 ? undefined : { type: 'error', message, frames, language: 'go', causes: [] }
}
