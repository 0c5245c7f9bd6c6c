/**
 * OTLP reader: an ExportLogsServiceRequest, JSON or protobuf, to flat fields that the record reader understands.
 * Format: https://github.com/open-telemetry/opentelemetry-proto/blob/main/opentelemetry/proto/logs/v1/logs.proto
 */
import { BinaryReader, type WireType } from '@bufbuild/protobuf/wire'
import type { Fields } from './fields.ts'

const MAX_ANY_DEPTH = 8
/** Begins what is said of a request that cannot be read at all. */
export const NOT_OTLP = 'not an OTLP logs request'

/** Throws an Error with a sentence for the sender when `data` is not such a request. */
export function readOtlpJson(data: Uint8Array): Fields[] {
  const request: unknown = JSON.parse(new TextDecoder().decode(data))
  const out: Fields[] = []
  for (const resourceLogs of list(request, 'resourceLogs', 'resource_logs')) {
    const resource = attributesOfJson(member(member(resourceLogs, 'resource'), 'attributes'))
    for (const scopeLogs of list(resourceLogs, 'scopeLogs', 'scope_logs')) {
      for (const log of list(scopeLogs, 'logRecords', 'log_records')) {
        const attributes = attributesOfJson(member(log, 'attributes'))
        out.push(
          fieldsOf(resource, attributes, {
            scope: member(member(scopeLogs, 'scope'), 'name'),
            time: nanosToMs(member(log, 'timeUnixNano') ?? member(log, 'observedTimeUnixNano')),
            severityNumber: Number(member(log, 'severityNumber') ?? 0),
            severityText: member(log, 'severityText'),
            body: anyOfJson(member(log, 'body'), 0),
            eventName: member(log, 'eventName'),
            traceId: member(log, 'traceId'),
            spanId: member(log, 'spanId'),
          }),
        )
      }
    }
  }
  return out
}

/** As readOtlpJson, for `application/x-protobuf`. */
export function readOtlpProtobuf(data: Uint8Array): Fields[] {
  const out: Fields[] = []
  eachField(data, (field, reader) => {
    if (field !== 1) return false
    let resource: Record<string, unknown> = {}
    const scopes: Uint8Array[] = []
    eachField(reader.bytes(), (inner, r) => {
      if (inner === 1) resource = attributesOfProto(r.bytes(), 0)
      else if (inner === 2) scopes.push(r.bytes())
      else return false
      return true
    })
    for (const scope of scopes) {
      let name: unknown
      const logs: Uint8Array[] = []
      eachField(scope, (inner, r) => {
        if (inner === 1) name = stringOfProto(r.bytes(), 1)
        else if (inner === 2) logs.push(r.bytes())
        else return false
        return true
      })
      for (const log of logs) out.push(logOfProto(log, resource, name))
    }
    return true
  })
  return out
}

function stringOfProto(data: Uint8Array, wanted: number): string | undefined {
  let found: string | undefined
  eachField(data, (field, r) => {
    if (field !== wanted) return false
    found = r.string()
    return true
  })
  return found
}

function logOfProto(data: Uint8Array, resource: Record<string, unknown>, scope: unknown): Fields {
  const log: Record<string, unknown> = { scope }
  const attributes: Record<string, unknown> = {}
  eachField(data, (field, r) => {
    if (field === 1 || field === 11) {
      const ms = Number(r.fixed64()) / 1e6
      if (ms > 0 && (field === 1 || log['time'] === undefined)) log['time'] = ms
    } else if (field === 2) log['severityNumber'] = r.int32()
    else if (field === 3) log['severityText'] = r.string()
    else if (field === 5) log['body'] = anyOfProto(r.bytes(), 0)
    else if (field === 6) Object.assign(attributes, keyValueOfProto(r.bytes(), 0))
    else if (field === 9) log['traceId'] = Buffer.from(r.bytes()).toString('hex')
    else if (field === 10) log['spanId'] = Buffer.from(r.bytes()).toString('hex')
    else if (field === 12) log['eventName'] = r.string()
    else return false
    return true
  })
  return fieldsOf(resource, attributes, log)
}

function fieldsOf(
  resource: Record<string, unknown>,
  attributes: Record<string, unknown>,
  log: Record<string, unknown>,
): Fields {
  const type = attributes['exception.type']
  const stack = attributes['exception.stacktrace']
  const text = log['body'] ?? attributes['exception.message'] ?? type ?? log['eventName'] ?? ''
  return {
    ...resource,
    // The appenders of Java, Python and .NET put the logger here.
    ...(typeof log['scope'] === 'string' && log['scope'] !== '' ? { logger: log['scope'] } : {}),
    ...attributes,
    message: typeof text === 'string' ? text : JSON.stringify(text),
    ...(typeof stack === 'string' ? { 'exception.stacktrace': stack } : {}),
    ...(log['time'] === undefined ? {} : { time: log['time'] }),
    ...(typeof log['severityText'] === 'string' && log['severityText'] !== '' ? { severity: log['severityText'] } : {}),
    ...(log['severityNumber'] ? { severityNumber: log['severityNumber'] } : {}),
    ...(typeof log['traceId'] === 'string' && log['traceId'] !== '' ? { trace_id: log['traceId'] } : {}),
    ...(typeof log['spanId'] === 'string' && log['spanId'] !== '' ? { span_id: log['spanId'] } : {}),
  }
}

function eachField(data: Uint8Array, visit: (field: number, reader: BinaryReader) => boolean): void {
  const reader = new BinaryReader(data)
  while (reader.pos < reader.len) {
    const [field, wireType] = reader.tag()
    const before = reader.pos
    if (!visit(field, reader)) {
      reader.pos = before
      reader.skip(wireType as WireType, field)
    }
  }
}

/** The attributes of a Resource or a KeyValueList: both hold them under field 1. */
function attributesOfProto(data: Uint8Array, depth: number): Record<string, unknown> {
  const attributes: Record<string, unknown> = {}
  eachField(data, (field, r) => {
    if (field !== 1) return false
    Object.assign(attributes, keyValueOfProto(r.bytes(), depth))
    return true
  })
  return attributes
}

function keyValueOfProto(data: Uint8Array, depth: number): Record<string, unknown> {
  let key = ''
  let value: unknown
  eachField(data, (field, r) => {
    if (field === 1) key = r.string()
    else if (field === 2) value = anyOfProto(r.bytes(), depth)
    else return false
    return true
  })
  return key === '' || key === '__proto__' ? {} : { [key]: value }
}

function anyOfProto(data: Uint8Array, depth: number): unknown {
  let value: unknown
  if (depth > MAX_ANY_DEPTH) return undefined
  eachField(data, (field, r) => {
    if (field === 1) value = r.string()
    else if (field === 2) value = r.bool()
    else if (field === 3) value = Number(r.int64())
    else if (field === 4) value = r.double()
    else if (field === 5) {
      const items: unknown[] = []
      eachField(r.bytes(), (inner, ir) => inner === 1 && items.push(anyOfProto(ir.bytes(), depth + 1)) > 0)
      value = items
    } else if (field === 6) value = attributesOfProto(r.bytes(), depth + 1)
    else if (field === 7) value = Buffer.from(r.bytes()).toString('base64')
    else return false
    return true
  })
  return value
}

function attributesOfJson(value: unknown, depth = 0): Record<string, unknown> {
  const attributes: Record<string, unknown> = {}
  for (const item of Array.isArray(value) ? value : []) {
    const key = member(item, 'key')
    if (typeof key === 'string' && key !== '__proto__') attributes[key] = anyOfJson(member(item, 'value'), depth)
  }
  return attributes
}

function anyOfJson(value: unknown, depth: number): unknown {
  if (depth > MAX_ANY_DEPTH) return undefined
  const scalar = member(value, 'stringValue') ?? member(value, 'boolValue') ?? member(value, 'doubleValue')
  if (scalar !== undefined) return scalar
  const int = member(value, 'intValue')
  if (int !== undefined) return Number(int)
  const array = member(member(value, 'arrayValue'), 'values')
  if (Array.isArray(array)) return array.map((item) => anyOfJson(item, depth + 1))
  const map = member(member(value, 'kvlistValue'), 'values')
  return map === undefined ? undefined : attributesOfJson(map, depth + 1)
}

const nanosToMs = (value: unknown): number | undefined => {
  const ms = Number(value) / 1e6
  return Number.isFinite(ms) && ms > 0 ? ms : undefined
}

function member(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[key] : undefined
}

function list(value: unknown, ...keys: string[]): unknown[] {
  const found = keys.map((key) => member(value, key)).find((item) => item !== undefined)
  if (found === undefined) {
    if (keys[0] === 'resourceLogs')
      throw new Error('no resourceLogs in the body: an OTLP ExportLogsServiceRequest is expected')
    return []
  }
  if (!Array.isArray(found)) throw new Error(`${keys[0]} is not a list`)
  return found
}
