/** Script exception: the traces of Ruby, PHP, Dart and Rust, whose frames begin with a number or a file. */
import type { ExceptionChain, ExceptionInfo, Language, StackFrame } from '../record.ts'
import { frameOf, MAX_FRAMES } from './stack-frame.ts'

const PHP_FRAME = /^#\d{1,4} (?:(\S.{0,400}?)\((\d{1,7})\)|\[internal function\]): (.{1,400}?)\(/
const PHP_TITLE =
  /(?:^|Uncaught |Next |PHP Exception |[\s('])([A-Z][\w\\]{0,200})(?:\(code: -?\d{1,10}\))?(?:: |' with message ')(.{0,4000}?)'? (?:in|at) \S{1,400}:\d{1,7}/
const DART_FRAME = /^#\d{1,4} {2,8}(.{1,300}) \((\S{1,400}?):(\d{1,7})(?::\d{1,7})?\)$/
const RUBY_FRAME = /^\s{0,8}(?:\d{1,4}: )?(?:from )?(\S{1,400}?):(\d{1,7}):in [`'](.{1,300})['`]$/
/** `NoMethodError (undefined method …):` of Rails. */
const RAILS_TITLE = /(?:^|\s)([A-Z]\w{0,80}(?:::\w{1,80}){0,6}) \((.{0,4000})\):?$/
/** `app.rb:3:in 'f': bad (ArgumentError)` of the interpreter, `bad (ArgumentError)` of its logger. */
const RUBY_TITLE = /^(?:(\S{1,400}):(\d{1,7}):in [`'](.{1,300}?)['`]: )?(.{0,4000}) \(([A-Z][\w:]{0,200})\)$/
const RUST_PANIC =
  /thread '.{0,200}' (?:\(\d{1,10}\) )?panicked at (?:'(.{0,4000})', )?(\S{1,400}):(\d{1,7}):\d{1,7}:?$/
const RUST_FRAME = /^ {1,12}\d{1,4}: (?:0x[\da-f]{1,16} - )?(.{1,400})$/
const RUST_PLACE = /^ {1,40}at (.{1,400}):(\d{1,7}):\d{1,7}$/

export function readScript(body: string): ExceptionChain | undefined {
  if (body.includes(' panicked at ')) return readRust(body.split('\n'))
  if (/^#\d{1,4} /m.test(body)) {
    const lines = body.split('\n')
    return readPhp(lines) ?? readDart(lines)
  }
  return /:in [`']/.test(body) ? readRuby(body.split('\n')) : undefined
}

/** PHP prints the previous exception first, and `Next` before the one that was thrown last. */
function readPhp(lines: readonly string[]): ExceptionChain | undefined {
  const found: { type: string; message: string; frames: StackFrame[] }[] = []
  for (const line of lines) {
    const title = PHP_TITLE.exec(line)
    if (title !== null && !line.startsWith('#'))
      found.push({ type: title[1] as string, message: title[2] as string, frames: [] })
    const frames = found.at(-1)?.frames
    const m = frames === undefined || frames.length >= MAX_FRAMES ? null : PHP_FRAME.exec(line)
    if (m !== null) frames?.push(frameOf(m[3] as string, m[1], m[2]))
  }
  const chain = found.filter(({ frames }, i) => frames.length > 0 || i === 0).reverse()
  return chain.some(({ frames }) => frames.length > 0) || lines.some((line) => /^#\d{1,4} \{main\}/.test(line))
    ? chained(chain, 'php')
    : undefined
}

function readDart(lines: readonly string[]): ExceptionChain | undefined {
  const first = lines.findIndex((line) => DART_FRAME.test(line))
  if (first < 1) return undefined
  const frames = framesOf(lines.slice(first), DART_FRAME, (m) => frameOf(m[1] as string, m[2], m[3]))
  const start = lines.findIndex((line) => line.endsWith('Unhandled exception:')) + 1
  const text = lines
    .slice(Math.min(start, first - 1), first)
    .join('\n')
    .trim()
  const title = /^([A-Z]\w{0,120}): ?(.*)$/s.exec(text)
  return { type: title?.[1] ?? 'Exception', message: title?.[2] ?? text, frames, language: 'dart', causes: [] }
}

function readRuby(tagged: readonly string[]): ExceptionChain | undefined {
  // Rails repeats the tags of its logger, such as the request's id, on every line.
  const lines = tagged.map((line) => line.replace(/^\[[\w.-]{1,64}\] ?/, ''))
  const first = lines.findIndex((line) => RUBY_FRAME.test(line))
  const frames =
    first === -1 ? [] : framesOf(lines.slice(first), RUBY_FRAME, (m) => frameOf(m[3] as string, m[1], m[2]))
  const titles = lines.slice(0, Math.max(first, 0)).filter((line) => line.trim() !== '')
  const last = titles.at(-1)
  if (last === undefined || frames.length === 0) return undefined
  const rails = RAILS_TITLE.exec(last)
  if (rails !== null) return chained([{ type: rails[1] as string, message: rails[2] as string, frames }], 'ruby')
  const title = RUBY_TITLE.exec(last)
  if (title === null) return undefined
  const top = title[3] === undefined ? [] : [frameOf(title[3], title[1], title[2])]
  return chained([{ type: title[5] as string, message: title[4] as string, frames: [...top, ...frames] }], 'ruby')
}

function readRust(lines: readonly string[]): ExceptionChain | undefined {
  const first = lines.findIndex((line) => RUST_PANIC.test(line))
  const title = RUST_PANIC.exec(lines[first] ?? '')
  if (title === null) return undefined
  const frames: StackFrame[] = []
  for (let i = first + 1; i < lines.length && frames.length < MAX_FRAMES; i++) {
    const m = RUST_FRAME.exec(lines[i] as string)
    if (m === null) continue
    const place = RUST_PLACE.exec(lines[i + 1] ?? '')
    frames.push(frameOf(m[1] as string, place?.[1], place?.[2]))
  }
  const end = lines.findIndex((line, i) => i > first && /^(?:stack backtrace:|note: )/.test(line))
  const below = lines
    .slice(first + 1, end === -1 ? first + 2 : end)
    .join('\n')
    .trim()
  // Without a backtrace the place of the panic is all that is known.
  const place = frameOf('panic', title[2], title[3])
  const message = title[1] ?? below
  return { type: 'panic', message, frames: frames.length > 0 ? frames : [place], language: 'rust', causes: [] }
}

const framesOf = (lines: readonly string[], pattern: RegExp, read: (m: RegExpExecArray) => StackFrame): StackFrame[] =>
  lines
    .flatMap((line) => {
      const m = pattern.exec(line)
      return m === null ? [] : [read(m)]
    })
    .slice(0, MAX_FRAMES)

function chained(chain: readonly ExceptionInfo[], language: Language): ExceptionChain | undefined {
  const [top, ...causes] = chain
  return top === undefined ? undefined : { ...top, language, causes }
}
