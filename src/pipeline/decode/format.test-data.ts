/** What the tests of formats share: one event as text, read from bytes and from a file, with LF and with CRLF. */
import type { LogRecord } from '../record.ts'
import { createEventReader } from './event-reader.ts'
import { ARRIVED, decodeText, KOREA } from './wire.test-data.ts'

/** 20:00:00 in Korea, the time of nearly every line below. */
export const AT = '2026-01-20T11:00:00.123Z'
export const WHOLE = '2026-01-20T11:00:00.000Z'
export const UNTIMED = new Date(ARRIVED).toISOString()
export const TRACE = '0af7651916cd43dd8448eb211c80319c'
export const SPAN = 'b7ad6b7169203331'

/** What is asserted of a record; only what a case names. */
interface Wanted {
  readonly level?: string
  readonly at?: string
  readonly service?: string
  readonly logger?: string
  readonly thread?: string
  readonly host?: string
  readonly message?: string
  /** `Type: message` of the exception, then the types of its causes. */
  readonly exception?: readonly string[]
  readonly trace?: string
  readonly span?: string
}
export type Case = readonly [name: string, text: string, wanted: Wanted]

function seen(record: LogRecord | undefined): Wanted {
  if (record === undefined) return {}
  const { exception, attributes, resource, trace } = record
  const facts = {
    level: record.severity.text,
    at: new Date(record.at).toISOString(),
    service: record.service,
    logger: attributes['logger'],
    thread: attributes['thread'],
    host: resource.host,
    message: record.message,
    exception:
      exception === undefined
        ? undefined
        : [`${exception.type}: ${exception.message}`, ...exception.causes.map((cause) => cause.type)],
    trace: trace?.traceId,
    span: trace?.spanId,
  }
  return Object.fromEntries(Object.entries(facts).filter(([, value]) => value !== undefined)) as Wanted
}

const readFile = (text: string): LogRecord[] => {
  const reader = createEventReader({
    source: 'app.log',
    zone: { offsetMinutes: KOREA, now: ARRIVED },
    observedAt: ARRIVED,
  })
  return [...text.split('\n').flatMap((line) => reader.push(line)), ...reader.flush()]
}

/** What is read from the text: as a payload, as a payload with CRLF, and as a file. */
export const readings = (text: string): Wanted[][] =>
  [decodeText(text).records, decodeText(text.replaceAll('\n', '\r\n')).records, readFile(text)].map((records) =>
    records.map(seen),
  )

export const JAVA =
  'java.lang.IllegalStateException: 재고 부족\n\tat com.acme.A.b(A.java:1)\nCaused by: java.sql.SQLException: t\n\tat com.acme.D.e(D.java:9)'
export const NODE = 'TypeError: x is undefined\n    at charge (/app/pay.js:10:5)'
export const PYTHON = 'Traceback (most recent call last):\n  File "/app/a.py", line 3, in f\n    g()\nValueError: bad'
export const DOTNET =
  'System.InvalidOperationException: bad\n   at Acme.Orders.Place(Int32 id) in /src/Orders.cs:line 42'
export const GO = 'main.(*Order).Place\n\t/app/order/main.go:42\nruntime.main\n\t/usr/local/go/src/runtime/proc.go:250'
