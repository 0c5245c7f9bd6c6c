/** Bracket: what the text inside `[…]` of a header is: a level, a service, a logger, a trace or a thread. */
import { type Severity, severityOfWord } from '../record.ts'

export interface BracketMeaning {
  readonly severity?: Severity
  readonly service?: string
  readonly logger?: string
  readonly thread?: string
  readonly trace?: { readonly traceId: string; readonly spanId?: string }
}

const SERVICE_NAME = /^[a-z][a-z0-9]*(?:[-_][a-z0-9]+)*$/
const THREAD_NUMBER = /[-_]\d{1,6}$|^t\d{1,6}$/
const POOL_NAME = /^(?:main|http|nio|pool|thread|exec|worker)\b/
/** A name in the place of a thread that says of itself that it is a service. */
const CALLED_SERVICE = /(?:service|svc|api|server|gateway|app|backend)$/
/** A package and a name: `app.orders`, `o.a.k.Consumer`. */
const LOGGER_NAME = /^[a-z_$][\w$]*(?:\.[A-Za-z_$][\w$]*){1,12}$/
/** `orders.py:42` says where in the source; it is no logger. */
const SOURCE_PLACE = /^[\w./-]{1,120}:\d{1,7}$|\.(?:py|go|js|ts|rb|java|kt)$/
/** Spring Cloud Sleuth: `[order-service,0af7…,b7ad…]`, an older one with `,true` behind it. */
const SLEUTH = /^([\w.-]{0,120}),([0-9a-f]{16,32})?,([0-9a-f]{16})?(?:,(?:true|false)?)?$/
/** Micrometer Tracing: `[0af7…-b7ad…]`. */
const TRACE_AND_SPAN = /^([0-9a-f]{32}|[0-9a-f]{16})-([0-9a-f]{16})$/
/** OpenTelemetry for Python: `[trace_id=… span_id=… resource.service.name=…]`. */
const OTEL_PAIRS = /^trace_id=([0-9a-f]{1,32}) span_id=([0-9a-f]{1,16})(?: resource\.service\.name=(\S{0,120}))?/

const MAX_INSIDE = 480

/** True for names that thread pools give, and services hardly ever. */
export const isPoolName = (name: string): boolean => POOL_NAME.test(name)

/** Whether a name can be a thread's: of a pool, with a number behind it, or with what names of services have not. */
export const mayBeThread = (name: string): boolean => /\d$|[A-Z #.]/.test(name) || isPoolName(name)

/** Splits off the bracket at the start of `text`, which may hold others; undefined when there is none, or a word follows. */
export function openBracket(text: string): { readonly inside: string; readonly rest: string } | undefined {
  if (text.charCodeAt(0) !== 91) return undefined
  let depth = 0
  for (let i = 0; i < Math.min(text.length, MAX_INSIDE); i++) {
    const c = text.charCodeAt(i)
    if (c === 91 && ++depth > 2) return undefined
    if (c !== 93 || --depth > 0) continue
    const rest = text.slice(i + 1)
    if (i === 1 || !/^:?(?:[\s[:]|$)/.test(rest)) return undefined
    return { inside: text.slice(1, i), rest: rest.replace(/^:(?=[\s[:]|$)/, '') }
  }
  return undefined
}

/** What the header tells beside a bracket, which decides between meanings. */
export interface BracketPlace {
  readonly severity: boolean
  readonly service: boolean
  readonly thread: boolean
  /** A logger with a package stands behind it: Logback and Log4j print the thread there. */
  readonly beforeLogger: boolean
}

export function readBracket(text: string, known: BracketPlace): BracketMeaning {
  const inside = text.trim()
  const level = known.severity ? undefined : severityOfWord(inside.split(':').pop() ?? '')
  if (level !== undefined) return { severity: level }
  const sleuth = inside.includes(',') ? SLEUTH.exec(inside) : null
  if (sleuth !== null) return { ...nameOf(sleuth[1]), ...traceOf(sleuth[2], sleuth[3]) }
  const pair = inside.length > 32 ? TRACE_AND_SPAN.exec(inside) : null
  if (pair !== null) return traceOf(pair[1], pair[2])
  const otel = OTEL_PAIRS.exec(inside)
  if (otel !== null) return { ...nameOf(otel[3]), ...traceOf(otel[1], otel[2]) }
  if (
    SERVICE_NAME.test(inside) &&
    !known.service &&
    (!known.thread || inside.includes('-')) &&
    (!known.beforeLogger || known.thread || CALLED_SERVICE.test(inside)) &&
    !POOL_NAME.test(inside) &&
    !THREAD_NUMBER.test(inside)
  )
    return { service: inside }
  // Neither a logger nor a place in the source is without a dot or a colon.
  if (!/[.:]/.test(inside)) return { thread: inside }
  if (SOURCE_PLACE.test(inside)) return {}
  return LOGGER_NAME.test(inside) ? { logger: inside } : { thread: inside }
}

const nameOf = (service: string | undefined): BracketMeaning =>
  service === undefined || service === '' ? {} : { service }

/** Zeros stand for no trace. */
const traceOf = (traceId: string | undefined, spanId: string | undefined): BracketMeaning =>
  traceId === undefined || /^0+$/.test(traceId)
    ? {}
    : { trace: spanId === undefined ? { traceId } : { traceId, spanId } }
