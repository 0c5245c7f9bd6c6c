/**
 * Record redactor: a record without what the redactor knows, field by field. What many records say alike, their service
 * and where they came from, is looked at once.
 */
import { ownText } from '../../platform/own-text.ts'
import type { ExceptionInfo, LogRecord, Resource } from '../record.ts'
import type { Redactor } from './redact/redactor.ts'

export interface RecordRedactor {
  /** The whole record; `body`: its text where that is redacted already. */
  record(record: LogRecord, body?: string): LogRecord
  text(text: string): string
  /** The service may be a value from the log; it is shown everywhere. */
  service(name: string): string
  resource(resource: Resource): Resource
}

const MAX_REMEMBERED = 2_000
/** Longer names are not remembered. */
const MAX_NAME_CHARS = 120

export function createRecordRedactor(redactor: Redactor): RecordRedactor {
  const services = new Map<string, string>()
  const resources = new WeakMap<Resource, Resource>()

  const service = (name: string): string => {
    const known = services.get(name)
    if (known !== undefined) return known
    const clean = redactor.redact(name)
    if (name.length > MAX_NAME_CHARS) return clean
    if (services.size >= MAX_REMEMBERED) services.clear()
    services.set(ownText(name), ownText(clean))
    return clean
  }

  const resource = (given: Resource): Resource => {
    let clean = resources.get(given)
    if (clean === undefined) {
      clean = redactResource(given, redactor)
      resources.set(given, clean)
    }
    return clean
  }

  return {
    text: (text) => redactor.redact(text),
    service,
    resource,
    record: (record, body = redactor.redact(record.body)) => {
      const { message, exception } = record
      return {
        id: record.id,
        at: record.at,
        observedAt: record.observedAt,
        severity: record.severity,
        service: service(record.service),
        message: message === record.body ? body : redactor.redact(message),
        body,
        exception: exception === undefined || body === record.body ? exception : redactChain(exception, redactor),
        trace: record.trace,
        resource: resource(record.resource),
        attributes: redactAttributes(record.attributes, redactor),
        position: record.position,
      }
    },
  }
}

function redactAttributes(attributes: LogRecord['attributes'], redactor: Redactor): LogRecord['attributes'] {
  const clean: Record<string, string | number | boolean> = {}
  for (const key in attributes) {
    const value = attributes[key] as string | number | boolean
    clean[redactKey(key, redactor)] = typeof value === 'string' ? redactField(key, value, redactor) : value
  }
  return clean
}

/** A key may be a value of the log too, as in a count by mail address; a short word without a digit is a name. */
const redactKey = (key: string, redactor: Redactor): string =>
  /^[A-Za-z_.-]{1,40}$/.test(key) ? key : redactor.redact(key)

/** The key is context for the redactor: `password` makes any value a secret. */
function redactField(key: string, value: string, redactor: Redactor): string {
  const prefix = `${key}=`
  const redacted = redactor.redact(prefix + value)
  return redacted.startsWith(prefix) ? redacted.slice(prefix.length) : redactor.redact(value)
}

/** A log line may name its host or version, so that a secret can stand there; most often none does, which one look tells. */
function redactResource(resource: Resource, redactor: Redactor): Resource {
  const { labels = {}, ...names } = resource
  const all = [...Object.entries(names), ...Object.entries(labels)].map(([key, value]) => `${key}=${value}`).join('\n')
  if (redactor.redact(all) === all) return resource
  const clean = (fields: Readonly<Record<string, string>>): Record<string, string> =>
    Object.fromEntries(
      Object.entries(fields).map(([key, value]) => [redactKey(key, redactor), redactField(key, value, redactor)]),
    )
  return { ...clean(names), ...(resource.labels === undefined ? {} : { labels: clean(labels) }) }
}

const redactChain = (chain: NonNullable<LogRecord['exception']>, redactor: Redactor): LogRecord['exception'] => ({
  ...redactException(chain, redactor),
  language: chain.language,
  causes: chain.causes.map((cause) => redactException(cause, redactor)),
})

const redactException = (exception: ExceptionInfo, redactor: Redactor): ExceptionInfo => ({
  type: exception.type,
  message: redactor.redact(exception.message),
  frames: exception.frames,
})
