/** Downstream: the address that a service could not reach. Two services that fail on one address fail for one reason. */
import type { LogRecord } from '../record.ts'

const MAX_CHARS = 2_000
const UNREACHABLE =
  /ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENOTFOUND|EHOSTUNREACH|EAI_AGAIN|connection (?:to \S{1,80} )?(?:was )?(?:refused|reset|timed out|closed|aborted)|(?:could not|cannot|can't|failed to|unable to) (?:open |establish )?(?:a )?(?:connect|connection|reach)|no route to host|unknown ?host|timed? ?out|연결(?:을|이|에)? ?(?:할 수 없|실패|거부|끊|시간)|접속(?:을|이|에)? ?(?:할 수 없|실패|불가)/i
/** host:port, with the host as an address, a qualified name or a name in a cluster. */
const ADDRESS =
  /(?<![\w.:-])((?:\d{1,3}\.){3}\d{1,3}|[a-z][a-z0-9-]{1,62}(?:\.[a-z0-9-]{1,63}){0,6}):(\d{2,5})(?![\w:.]\w)/i

/** `host:port`, lower case; undefined for an error that is about something else. */
export function downstreamOf({ message, exception }: LogRecord): string | undefined {
  const root = exception?.causes.at(-1) ?? exception
  for (const text of [root === undefined ? '' : `${root.type}: ${root.message}`, message]) {
    const part = text.slice(0, MAX_CHARS)
    if (!UNREACHABLE.test(part)) continue
    const found = ADDRESS.exec(part)
    if (found !== null && Number(found[2]) <= 65_535) return `${found[1]}:${found[2]}`.toLowerCase()
  }
  return undefined
}
