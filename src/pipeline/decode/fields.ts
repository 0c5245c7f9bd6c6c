/** Fields: an object of a shipper or a logging library, and what its fields say, whatever their names are. */
import { type Severity, severityOfNumber, severityOfWord } from '../record.ts'
import {
  bitOf,
  CAUSE_BIT,
  CAUSE_KEYS,
  LEVEL_BIT,
  LEVEL_KEYS,
  LOGGER_KEYS,
  listsOf,
  SPAN_ID_KEYS,
  TEXT_KEYS,
  THREAD_KEYS,
  TIME_KEYS,
  TRACE_ID_KEYS,
  USED_KEYS,
} from './field-names.ts'
import { parseTimestamp, type ZoneOptions } from './timestamp.ts'

export type Fields = Readonly<Record<string, unknown>>

const MAX_ATTRIBUTES = 64
const MAX_ATTRIBUTE_CHARS = 2_048
const MAX_DEPTH = 4
const MAX_CAUSE_CHARS = 2_048

/**
 * Nested objects as dotted keys, and which of the lists of names it holds a name of. A class, because V8 would in time
 * allocate a literal that lives as long as its batch in old space, and with it would stay what it refers to.
 */
export class Flat {
  readonly fields: Fields
  /** Bits of `listsOf`: most lists need not be tried. */
  readonly lists: number
  constructor(fields: Fields, lists: number) {
    this.fields = fields
    this.lists = lists
  }
}

/**
 * Nested objects to a bounded depth; `__proto__` and its kin never become properties of ours. An object without nested
 * ones is taken as it is. What Kubernetes says has names of its own and is left out.
 */
export function flatten(fields: Fields): Flat {
  let lists = 0
  for (const key in fields) {
    const value = fields[key]
    if (key !== 'kubernetes' && (RESERVED.has(key) || asFields(value) !== undefined)) {
      const flat = flattenInto(Object.create(null), fields, '', 0)
      lists = 0
      for (const name in flat) lists |= listsOf(name)
      return new Flat(flat, lists)
    }
    lists |= listsOf(key)
  }
  return new Flat(fields, lists)
}

const RESERVED: ReadonlySet<string> = new Set(['__proto__', 'constructor', 'prototype'])

function flattenInto(into: Record<string, unknown>, fields: Fields, prefix: string, depth: number): Fields {
  for (const key in fields) {
    if (RESERVED.has(key)) continue
    const value = fields[key]
    const name = prefix === '' ? key : `${prefix}.${key}`
    const nested = asFields(value)
    if (nested === undefined) into[name] = value
    else if (name !== 'kubernetes' && depth < MAX_DEPTH) flattenInto(into, nested, name, depth + 1)
  }
  return into
}

export function textOf(fields: Fields): string | undefined {
  for (const key of TEXT_KEYS) {
    const value = fields[key]
    if (typeof value === 'string' && value !== '') return rendered(value, key, fields)
    if (typeof value === 'number' || typeof value === 'boolean') return String(value)
  }
  for (const key of TEXT_HOLDERS) {
    const held = asFields(fields[key])
    const text = held === undefined ? undefined : asString(held['message'])
    if (text !== undefined) return text
  }
  return undefined
}

/** Objects whose `message` is the text: Rust's tracing, Google Cloud. */
const TEXT_HOLDERS = ['fields', 'jsonPayload']

/** A pattern with what its library keeps beside it put in: `{OrderId}` of Serilog, `{}` of Logback. */
function rendered(text: string, key: string, fields: Fields): string {
  const args = fields['arguments']
  if (key === 'message' && Array.isArray(args) && text.includes('{}')) {
    let next = 0
    return text.replaceAll('{}', () => (next < args.length ? String(args[next++]) : '{}'))
  }
  if (key !== '@mt' && key !== 'MessageTemplate') return text
  const values = asFields(fields['Properties']) ?? fields
  return text.replace(/\{[@$]?(\w{1,60})(?:[,:][^{}]{0,40})?\}/g, (whole, name: string) => {
    const value = Object.hasOwn(values, name) ? values[name] : undefined
    return value === undefined ? whole : typeof value === 'string' ? value : JSON.stringify(value)
  })
}

export function firstSeverity({ fields, lists }: Flat): Severity | undefined {
  if ((lists & LEVEL_BIT) !== 0) {
    const severity = namedSeverity(fields)
    if (severity !== undefined) return severity
  }
  const otel = fields['severity_number'] ?? fields['severityNumber'] ?? fields['SeverityNumber']
  if (typeof otel === 'number') return severityOfNumber(otel, 'otel')
  // journald
  const priority = fields['PRIORITY']
  if (typeof priority === 'string' || typeof priority === 'number') return severityOfNumber(Number(priority), 'syslog')
  // MongoDB: one letter, told by its neighbours.
  const letter = fields['s']
  if (typeof letter === 'string' && fields['c'] !== undefined && fields['ctx'] !== undefined)
    return severityOfWord({ F: 'fatal', E: 'error', W: 'warn', I: 'info', D: 'debug' }[letter.slice(0, 1)] ?? '')
  // Serilog's compact form leaves the level out where it is Information.
  return fields['@t'] !== undefined && fields['@l'] === undefined ? severityOfWord('information') : undefined
}

function namedSeverity(fields: Fields): Severity | undefined {
  for (const key of LEVEL_KEYS) {
    const value = fields[key]
    if (typeof value === 'string') {
      const severity =
        severityOfWord(value.trim()) ?? (/^\d{2}$/.test(value) ? severityOfNumber(Number(value), 'pino') : undefined)
      if (severity !== undefined) return severity
    }
    if (typeof value === 'number') {
      // GELF counts as syslog does, from 0 for an emergency to 7.
      const severity = severityOfNumber(value, fields['short_message'] === undefined ? 'pino' : 'syslog')
      if (severity !== undefined) return severity
    }
  }
  return undefined
}

export function firstTime(fields: Fields, zone: ZoneOptions): number | undefined {
  for (const key of TIME_KEYS) {
    const at = parseTimestamp(fields[key], zone) ?? timeOfParts(asFields(fields[key]), zone)
    if (at !== undefined) return at
  }
  return undefined
}

/** Log4j's `instant`, MongoDB's `$date`. */
function timeOfParts(parts: Fields | undefined, zone: ZoneOptions): number | undefined {
  if (parts === undefined) return undefined
  const { epochSecond, nanoOfSecond, $date } = parts
  if (typeof epochSecond !== 'number') return parseTimestamp($date, zone)
  const seconds = parseTimestamp(epochSecond, zone)
  const nanos = typeof nanoOfSecond === 'number' && nanoOfSecond >= 0 && nanoOfSecond < 1e9 ? nanoOfSecond : 0
  return seconds === undefined ? undefined : seconds + Math.trunc(nanos / 1e6)
}

export function readTrace(flat: Flat): { traceId: string; spanId?: string } | undefined {
  // Google writes projects/PROJECT/traces/ID.
  const traceId = firstString(flat, TRACE_ID_KEYS)?.split('/').at(-1)
  const spanId = firstString(flat, SPAN_ID_KEYS)
  // All zeros is what libraries write where there is no trace.
  if (traceId === undefined || !/^[\w-]{8,64}$/.test(traceId) || /^[0-]+$/.test(traceId)) return undefined
  return spanId === undefined ? { traceId } : { traceId, spanId }
}

/** What went wrong, where a field beside the text says it: zap's `error`, pino's `err.message`. */
export function readCause({ fields, lists }: Flat): string | undefined {
  if ((lists & CAUSE_BIT) === 0) return undefined
  for (const [key, typeKey] of CAUSE_KEYS) {
    const message = fields[key]
    if (typeof message !== 'string' || message.length < 3) continue
    const type = typeKey === '' ? undefined : fields[typeKey]
    return (typeof type === 'string' ? `${type}: ${message}` : message).slice(0, MAX_CAUSE_CHARS)
  }
  return undefined
}

/** The service that pino and bunyan print as `name`, beside host and process. */
export function nodeLoggerName({ fields }: Flat): string | undefined {
  return typeof fields['level'] === 'number' && fields['pid'] !== undefined && fields['hostname'] !== undefined
    ? asString(fields['name'])
    : undefined
}

/** The other fields, and under one name each the logger and the thread. */
export function readAttributes(flat: Flat): Record<string, string | number | boolean> {
  const attributes: Record<string, string | number | boolean> = {}
  // The standard library of Python names the logger `name`, beside `levelname`.
  const logger =
    firstString(flat, LOGGER_KEYS) ??
    (flat.fields['levelname'] === undefined ? undefined : asString(flat.fields['name']))
  const thread = firstString(flat, THREAD_KEYS)
  if (logger !== undefined) attributes['logger'] = logger.slice(0, MAX_ATTRIBUTE_CHARS).toWellFormed()
  if (thread !== undefined) attributes['thread'] = thread.slice(0, MAX_ATTRIBUTE_CHARS).toWellFormed()
  let count = Object.keys(attributes).length
  for (const key in flat.fields) {
    const value = flat.fields[key]
    if (USED_KEYS.has(key) || key.startsWith('kubernetes.') || key === '__proto__' || count >= MAX_ATTRIBUTES) continue
    if (typeof value === 'string') attributes[key.slice(0, 120)] = value.slice(0, MAX_ATTRIBUTE_CHARS).toWellFormed()
    else if (typeof value === 'number' || typeof value === 'boolean') attributes[key.slice(0, 120)] = value
    else continue
    count++
  }
  return attributes
}

/** The first of the names under which a text stands. */
export function firstString({ fields, lists }: Flat, keys: readonly string[]): string | undefined {
  const bit = bitOf(keys)
  if (bit !== 0 && (lists & bit) === 0) return undefined
  for (const key of keys) {
    const value = fields[key]
    if (typeof value === 'string' && value !== '') return value
  }
  return undefined
}

export const asString = (value: unknown): string | undefined =>
  typeof value === 'string' && value !== '' ? value : undefined
export const asFields = (value: unknown): Fields | undefined =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : undefined
