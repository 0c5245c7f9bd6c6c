/** Downstream: what a service could not reach. Two services that fail on one address, or one on the other, fail for one reason. */
import type { LogRecord } from '../record.ts'

const MAX_CHARS = 2_000
const UNREACHABLE =
  /ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENOTFOUND|EHOSTUNREACH|EAI_AGAIN|connection (?:to \S{1,80} )?(?:was )?(?:refused|reset|timed out|closed|aborted)|(?:could not|cannot|can't|failed to|unable to) (?:open |establish )?(?:a )?(?:connect|connection|reach)|no route to host|unknown ?host|timed? ?out|연결(?:을|이|에)? ?(?:할 수 없|실패|거부|끊|시간)|접속(?:을|이|에)? ?(?:할 수 없|실패|불가)/i
/** host:port, with the host as an address, a qualified name or a name in a cluster. */
const ADDRESS =
  /(?<![\w.:-])((?:\d{1,3}\.){3}\d{1,3}|[a-z][a-z0-9-]{1,62}(?:\.[a-z0-9-]{1,63}){0,6}):(\d{2,5})(?![\w:.]\w)/i

/** An address that is another thing in every pod (loopback), or one thing for every service (DNS), tells nothing. */
const everywhere = (host: string, port: string): boolean =>
  port === '53' || /^(?:localhost|127\.\d|0\.0\.0\.0)/i.test(host)

/** `host:port`, lower case; undefined for an error that is about something else. */
export function downstreamOf({ message, exception }: LogRecord): string | undefined {
  const root = exception?.causes.at(-1) ?? exception
  for (const text of [root === undefined ? '' : `${root.type}: ${root.message}`, message]) {
    const part = text.slice(0, MAX_CHARS)
    if (!UNREACHABLE.test(part)) continue
    const found = ADDRESS.exec(part)
    if (found !== null && Number(found[2]) <= 65_535 && !everywhere(found[1] as string, found[2] as string))
      return `${found[1]}:${found[2]}`.toLowerCase()
  }
  return undefined
}

/** Words of a call that failed on the other side. */
const FAILED_CALL =
  /gave up|bad gateway|gateway time-?out|service unavailable|\b50[234]\b|upstream|circuit ?breaker|호출.{0,20}(?:실패|시간)|응답.{0,10}(?:없|지연|시간)/i
const CLIENT = /\b([A-Z][a-z0-9]{2,30})(?:Service)?(?:Client|Api|Gateway|Proxy|Stub)\b/g
const NAMED_SERVICE = /(?<![\w.-])([a-z][a-z0-9]{1,30}(?:-[a-z0-9]{1,30}){0,3})-(?:service|svc|api)\b/g
const URL_HOST = /https?:\/\/([a-z][a-z0-9-]{1,62})(?=[:/.?\s]|$)/g
/** Clients are called so by what they speak, not by whom they call. */
const NO_SERVICE = new Set(
  'web http https rest api grpc feign async sync base abstract default mock test socket tcp tls jdbc sql graph native reactive'.split(
    ' ',
  ),
)
const MAX_BODY = 4_096
const MAX_CALLEES = 5

/** A service's name without what services are called anyway: order-service is order. */
export const stemOfService = (service: string): string =>
  service
    .toLowerCase()
    .replace(/[-_.]?(?:service|svc|api|server|app)$/, '')
    .replace(/[-_.]/g, '')

/** Stems of the services whose call failed, as the error names them: InventoryClient, inventory-service, its URL. */
export function calleesOf({ body, service }: Pick<LogRecord, 'body' | 'service'>): readonly string[] {
  const text = body.slice(0, MAX_BODY)
  if (!UNREACHABLE.test(text) && !FAILED_CALL.test(text)) return []
  const own = stemOfService(service)
  const found = new Set<string>()
  for (const pattern of [CLIENT, NAMED_SERVICE, URL_HOST]) {
    for (const match of text.matchAll(pattern)) {
      const stem = stemOfService(match[1] as string)
      if (stem !== own && stem !== '' && !NO_SERVICE.has(stem)) found.add(stem)
      if (found.size >= MAX_CALLEES) break
    }
  }
  return [...found]
}
