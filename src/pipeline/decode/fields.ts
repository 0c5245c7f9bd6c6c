/** Fields: an object of a shipper or a logging library, and what its fields say, whatever their names are. */
import { type Severity, severityOfNumber, severityOfWord } from '../record.ts'
import {
  CAUSE_KEYS,
  LEVEL_KEYS,
  LOGGER_KEYS,
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

/** Nested objects as dotted keys, to a bounded depth; `__proto__` and its kin never become properties of ours. */
export function flatten(
  fields: Fields,
  prefix = '',
  depth = 0,
  into: Record<string, unknown> = Object.create(null),
): Record<string, unknown> {
  for (const key of Object.keys(fields)) {
    if (key === '__proto__' || key === 'constructor' || key === 'prototype') continue
    const value = fields[key]
    const name = prefix === '' ? key : `${prefix}.${key}`
    const nested = asFields(value)
    if (nested === undefined) into[name] = value
    else if (depth < MAX_DEPTH) flatten(nested, name, depth + 1, into)
  }
  return into
}

export function textOf(fields: Fields): string | undefined {
  for (const key of TEXT_KEYS) {
    const value = fields[key]
    if (typeof value === 'string' && value !== '') return rendered(value, key, fields)
    if (typeof value === 'number' || typeof value === 'boolean') return String(value)
  }
  return undefined
}

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

export function firstSeverity(flat: Fields): Severity | undefined {
  for (const key of LEVEL_KEYS) {
    const value = flat[key]
    if (typeof value === 'string') {
      const severity =
        severityOfWord(value.trim()) ?? (/^\d{2}$/.test(value) ? severityOfNumber(Number(value), 'pino') : undefined)
      if (severity !== undefined) return severity
    }
    if (typeof value === 'number') {
      // GELF counts as syslog does, from 0 for an emergency to 7.
      const severity = severityOfNumber(value, flat['short_message'] === undefined ? 'pino' : 'syslog')
      if (severity !== undefined) return severity
    }
  }
  const otel = flat['severity_number'] ?? flat['severityNumber'] ?? flat['SeverityNumber']
  if (typeof otel === 'number') return severityOfNumber(otel, 'otel')
  // journald
  const priority = flat['PRIORITY']
  if (typeof priority === 'string' || typeof priority === 'number') return severityOfNumber(Number(priority), 'syslog')
  // MongoDB: one letter, told by its neighbours.
  const letter = flat['s']
  if (typeof letter === 'string' && flat['c'] !== undefined && flat['ctx'] !== undefined)
    return severityOfWord({ F: 'fatal', E: 'error', W: 'warn', I: 'info', D: 'debug' }[letter.slice(0, 1)] ?? '')
  // Serilog's compact form leaves the level out where it is Information.
  return flat['@t'] !== undefined && flat['@l'] === undefined ? severityOfWord('information') : undefined
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
  const nanos = typeof nanoOfSecond === 'number' ? nanoOfSecond : 0
  return seconds === undefined ? undefined : seconds + Math.trunc(nanos / 1e6)
}

export function readTrace(flat: Fields): { traceId: string; spanId?: string } | undefined {
  // Google writes projects/PROJECT/traces/ID.
  const traceId = firstString(flat, TRACE_ID_KEYS)?.split('/').at(-1)
  const spanId = firstString(flat, SPAN_ID_KEYS)
  // All zeros is what libraries write where there is no trace.
  if (traceId === undefined || !/^[\w-]{8,64}$/.test(traceId) || /^[0-]+$/.test(traceId)) return undefined
  return spanId === undefined ? { traceId } : { traceId, spanId }
}

/** What went wrong, where a field beside the text says it: zap's `error`, pino's `err.message`. */
export function readCause(flat: Fields): string | undefined {
  for (const [key, typeKey] of CAUSE_KEYS) {
    const message = flat[key]
    if (typeof message !== 'string' || message.length < 3) continue
    const type = typeKey === '' ? undefined : flat[typeKey]
    return (typeof type === 'string' ? `${type}: ${message}` : message).slice(0, MAX_CAUSE_CHARS)
  }
  return undefined
}

/** The service that pino and bunyan print as `name`, beside host and process. */
export function nodeLoggerName(flat: Fields): string | undefined {
  return typeof flat['level'] === 'number' && flat['pid'] !== undefined && flat['hostname'] !== undefined
    ? asString(flat['name'])
    : undefined
}

/** The other fields, and under one name each the logger and the thread. */
export function readAttributes(flat: Fields): Record<string, string | number | boolean> {
  const attributes: Record<string, string | number | boolean> = {}
  // The standard library of Python names the logger `name`, beside `levelname`.
  const logger =
    firstString(flat, LOGGER_KEYS) ?? (flat['levelname'] === undefined ? undefined : asString(flat['name']))
  const thread = firstString(flat, THREAD_KEYS)
  if (logger !== undefined) attributes['logger'] = logger.slice(0, MAX_ATTRIBUTE_CHARS).toWellFormed()
  if (thread !== undefined) attributes['thread'] = thread.slice(0, MAX_ATTRIBUTE_CHARS).toWellFormed()
  let count = Object.keys(attributes).length
  for (const [key, value] of Object.entries(flat)) {
    if (USED_KEYS.has(key) || key.startsWith('kubernetes.') || key === '__proto__' || count >= MAX_ATTRIBUTES) continue
    if (typeof value === 'string') attributes[key.slice(0, 120)] = value.slice(0, MAX_ATTRIBUTE_CHARS).toWellFormed()
    else if (typeof value === 'number' || typeof value === 'boolean') attributes[key.slice(0, 120)] = value
    else continue
    count++
  }
  return attributes
}

/** Long lists are tried only where the object has one of their names: most objects have few fields, and none of these. */
const LONG_LIST = 6
const sets = new WeakMap<readonly string[], ReadonlySet<string>>()

export function firstString(flat: Fields, keys: readonly string[]): string | undefined {
  if (keys.length > LONG_LIST && !hasAny(flat, keys)) return undefined
  for (const key of keys) {
    const value = flat[key]
    if (typeof value === 'string' && value !== '') return value
  }
  return undefined
}

function hasAny(flat: Fields, keys: readonly string[]): boolean {
  let set = sets.get(keys)
  if (set === undefined) {
    set = new Set(keys)
    sets.set(keys, set)
  }
  for (const key in flat) if (set.has(key)) return true
  return false
}

export const asString = (value: unknown): string | undefined =>
  typeof value === 'string' && value !== '' ? value : undefined
export const asFields = (value: unknown): Fields | undefined =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : undefined
