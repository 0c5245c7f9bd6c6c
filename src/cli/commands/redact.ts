/** `cali redact`: the redactor as a filter, for files that leave the house and for trying out rules. */
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { createReadStream } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { StringDecoder } from 'node:string_decoder'
import type { Command } from 'commander'
import { createRedactor, type Redactor } from '../../pipeline/filter/redact/redactor.ts'

interface Line {
  readonly text: string
  /** `\n`, `\r\n`, or nothing behind the last line. */
  readonly end: string
}

export interface RedactedLine extends Line {
  /** Offsets in the line as it was read, in UTF-16 units; `line` counts from 1. */
  readonly findings: readonly {
    readonly line: number
    readonly rule: string
    readonly start: number
    readonly end: number
  }[]
}

export function registerRedact(program: Command): void {
  program
    .command('redact')
    .description('replace secrets and personal data in a text by typed placeholders')
    .argument('[file]', 'file to read; standard input without it')
    .option('--json', 'one JSON per line: {line, text, findings: [{line, rule, start, end}]}')
    .option(
      '--key-file <file>',
      'key of the placeholders, to get those of a running system (default: a new key each time)',
    )
    .action(async (file: string | undefined, options: { json?: boolean; keyFile?: string }, command: Command) => {
      try {
        const key = options.keyFile === undefined ? randomBytes(32) : await readFile(options.keyFile)
        const input = file === undefined ? process.stdin : createReadStream(file)
        const output = batched(process.stdout)
        let number = 0
        for await (const { text, end, findings } of redactLines(createRedactor({ key }), splitLines(input))) {
          number++
          await output.write(
            options.json === true ? `${JSON.stringify({ line: number, text, findings })}\n` : text + end,
          )
        }
        await output.flush()
      } catch (error) {
        const { code, path, message } = error as NodeJS.ErrnoException
        if (path === undefined) throw error
        command.error(`cannot read ${path}: ${code === 'ENOENT' ? 'there is no such file' : message}`, { exitCode: 2 })
      }
    })
}

const BATCH_CHARACTERS = 1 << 16

/** Joins the lines that are there already into one write; a line that comes alone goes out at once. */
function batched(stream: NodeJS.WritableStream): { write(text: string): Promise<void>; flush(): Promise<void> } {
  let waiting = ''
  let scheduled = false
  async function flush(): Promise<void> {
    const text = waiting
    waiting = ''
    if (text.length > 0 && !stream.write(text)) await once(stream, 'drain')
  }
  return {
    flush,
    async write(text) {
      waiting += text
      if (waiting.length >= BATCH_CHARACTERS) return flush()
      if (scheduled) return
      scheduled = true
      setImmediate(() => {
        scheduled = false
        if (waiting.length > 0) stream.write(waiting)
        waiting = ''
      })
    },
  }
}

/** Lines with their own line ends. */
export async function* splitLines(chunks: AsyncIterable<Buffer | string>): AsyncGenerator<Line> {
  const decoder = new StringDecoder('utf8')
  let rest = ''
  for await (const chunk of chunks) {
    rest += typeof chunk === 'string' ? chunk : decoder.write(chunk)
    let from = 0
    for (let at = rest.indexOf('\n'); at >= 0; at = rest.indexOf('\n', from)) {
      yield lineOf(rest.slice(from, at + 1))
      from = at + 1
    }
    rest = rest.slice(from)
  }
  rest += decoder.end()
  if (rest.length > 0) yield lineOf(rest)
}

function lineOf(physical: string): Line {
  const end = /\r?\n$/.exec(physical)?.[0] ?? ''
  return { text: physical.slice(0, physical.length - end.length), end }
}

const KEY_BEGIN = /-----BEGIN[ A-Z0-9_-]{0,64}PRIVATE KEY/
const KEY_END = /-----END[ A-Z0-9_-]{0,64}-----/
/** A private key longer than this is none. */
const LONGEST_KEY_LINES = 400

/** One line out for each line in: a key block over many lines is looked at as a whole, then each of its lines is replaced. */
export async function* redactLines(redactor: Redactor, lines: AsyncIterable<Line>): AsyncGenerator<RedactedLine> {
  let number = 1
  let block: Line[] = []
  for await (const line of lines) {
    const opens = block.length === 0 && KEY_BEGIN.test(line.text) && !KEY_END.test(line.text)
    if (opens || block.length > 0) block.push(line)
    if (block.length === 0) yield redactLine(redactor, line, number++)
    else if (!opens && (KEY_END.test(line.text) || block.length >= LONGEST_KEY_LINES)) {
      yield* redactBlock(redactor, block, number)
      number += block.length
      block = []
    }
  }
  yield* redactBlock(redactor, block, number)
}

function redactLine(redactor: Redactor, line: Line, number: number): RedactedLine {
  const text = redactor.redact(line.text)
  const findings = text === line.text ? [] : redactor.find(line.text).map((finding) => ({ line: number, ...finding }))
  return { text, end: line.end, findings }
}

function* redactBlock(redactor: Redactor, block: readonly Line[], firstNumber: number): Generator<RedactedLine> {
  const whole = block.map(({ text, end }) => text + end).join('')
  const key = redactor.find(whole).find(({ rule }) => rule === 'private-key')
  const placeholder = key === undefined ? '' : redactor.redact(whole.slice(key.start, key.end))
  let offset = 0
  for (const [at, line] of block.entries()) {
    const start = Math.max(0, (key?.start ?? whole.length) - offset)
    const end = Math.min(line.text.length, (key?.end ?? 0) - offset)
    offset += line.text.length + line.end.length
    if (start >= end) {
      yield redactLine(redactor, line, firstNumber + at)
      continue
    }
    const text = redactor.redact(line.text.slice(0, start)) + placeholder + redactor.redact(line.text.slice(end))
    yield { text, end: line.end, findings: [{ line: firstNumber + at, rule: 'private-key', start, end }] }
  }
}
