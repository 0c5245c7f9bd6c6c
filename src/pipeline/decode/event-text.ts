/** Event text: the text of an event, its first line taken apart, and what a reader takes from the lines below. */
import { type Severity, severityOfWord } from '../record.ts'
import { JUL_LEVEL } from './framework-formats.ts'
import { type Header, readHeader, stripAnsi } from './header.ts'
import { type Logfmt, readLogfmt } from './logfmt.ts'
import type { ZoneOptions } from './timestamp.ts'

/** Text kept per event; what is cut is marked. Slack, the index and the reader need no more of one event. */
const MAX_BODY_CHARS = 256 * 1024

/** The text of an event and its first line taken apart. */
export interface EventText {
  readonly body: string
  readonly firstLine: string
  readonly header: Header
  readonly logfmt: Logfmt | undefined
  readonly below: { readonly message: string; readonly severity?: Severity } | undefined
}

export function readEventText(raw: string, zone: ZoneOptions): EventText {
  const plain = stripAnsi(raw)
  const clean = (plain.includes('\r') ? plain.replace(/\r\n/g, '\n') : plain).trimEnd().toWellFormed()
  const body =
    clean.length > MAX_BODY_CHARS
      ? `${clean.slice(0, MAX_BODY_CHARS).toWellFormed()}… [cut, ${clean.length} characters]`
      : clean
  const newline = body.indexOf('\n')
  const firstLine = newline === -1 ? body : body.slice(0, newline)
  const header = readHeader(firstLine, zone)
  return {
    body,
    firstLine,
    header,
    logfmt: readLogfmt(firstLine),
    below: header.message === '' ? lineBelow(body, newline) : undefined,
  }
}

/** The message of loggers that print it below their header: .NET indents it by six, java.util.logging names the level. */
function lineBelow(body: string, newline: number): { message: string; severity?: Severity } | undefined {
  if (newline === -1) return undefined
  const line = body.slice(newline + 1, newline + 2_048).split('\n', 1)[0] ?? ''
  if (/^ {6}\S/.test(line)) return { message: line.trim() }
  const level = JUL_LEVEL.exec(line)
  const severity = severityOfWord(level?.[1] ?? '')
  return severity === undefined ? undefined : { message: line.slice(level?.[0].length), severity }
}

/** Spring Boot and others print nothing beside their header, and what happened below a frame of asterisks. */
export function tellingLine(body: string): string | undefined {
  const [, ...below] = body.slice(0, 4_096).split('\n')
  const described = below.findIndex((line) => line.trim() === 'Description:')
  return below
    .slice(described + 1)
    .map((line) => line.trim())
    .find((line) => /\p{L}{2}/u.test(line))
}

export function traceInText(line: string): { traceId: string; spanId?: string } | undefined {
  if (!line.includes('race') && !line.includes('RACE')) return undefined
  const traceId = /\btrace[_-]?id[=:]\s?"?([0-9a-f]{16,32})\b/i.exec(line)?.[1]
  if (traceId === undefined || /^0+$/.test(traceId)) return undefined
  const spanId = /\bspan[_-]?id[=:]\s?"?([0-9a-f]{16})\b/i.exec(line)?.[1]
  return spanId === undefined ? { traceId } : { traceId, spanId }
}
