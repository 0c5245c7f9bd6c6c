/** Access: who may ask, and who may be told why something is wrong. */
import { timingSafeEqual } from 'node:crypto'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { System } from '../app/system.ts'
import { isLoopbackHost } from '../platform/loopback.ts'

const COOKIE = 'cali_token'
/** Asked by those who start and stop processes; they hold no token, and are told no more than yes or no. */
const OPEN: ReadonlySet<string> = new Set(['/healthz', '/readyz'])

type Asking = Pick<FastifyRequest, 'headers'>

/** On loopback: pages of other sites may not, by name (DNS rebinding) or by form. Elsewhere: the token. */
export function guard(system: System): (request: FastifyRequest, reply: FastifyReply) => Promise<unknown> {
  const { token, host, publicUrl } = system.config.server
  const secure = publicUrl?.startsWith('https:') === true ? '; Secure' : ''
  return async (request, reply) => {
    const name = (request.headers.host ?? '').replace(/:\d+$/, '')
    if (token === undefined && isLoopbackHost(host) && !isLoopbackHost(name)) {
      return reply
        .code(403)
        .send({ error: { code: 'wrong_host', message: `the name ${name} is not served; use http://127.0.0.1` } })
    }
    const { origin } = request.headers
    if (origin !== undefined && request.method !== 'GET' && hostOf(origin) !== request.headers.host) {
      return reply
        .code(403)
        .send({ error: { code: 'wrong_origin', message: 'requests from pages of other sites are refused' } })
    }
    if (OPEN.has(request.url) || showsToken(request, token)) return undefined
    const query = new URL(request.url, 'http://localhost').searchParams.get('token')
    if (token !== undefined && query !== null && request.method === 'GET' && sameToken(query, token)) {
      return reply
        .header('set-cookie', `${COOKIE}=${encodeURIComponent(token)}; HttpOnly; SameSite=Strict; Path=/${secure}`)
        .redirect(request.url.split('?', 1)[0] ?? '/')
    }
    return reply
      .code(401)
      .header('www-authenticate', 'Bearer')
      .send({
        error: {
          code: 'unauthorized',
          message:
            'a token is needed: Authorization: Bearer <server.token>; in a browser open /?token=<server.token> once',
        },
      })
  }
}

/** True where none is asked for. */
export function showsToken({ headers }: Asking, token: string | undefined): boolean {
  if (token === undefined) return true
  const bearer = /^Bearer (.+)$/.exec(headers.authorization ?? '')?.[1]
  const cookie = new RegExp(`(?:^|; )${COOKIE}=([^;]+)`).exec(headers.cookie ?? '')?.[1]
  return sameToken(bearer ?? (cookie === undefined ? '' : decodeURIComponent(cookie)), token)
}

const hostOf = (origin: string): string | undefined => (URL.canParse(origin) ? new URL(origin).host : undefined)

function sameToken(given: string, wanted: string): boolean {
  const a = Buffer.from(given)
  const b = Buffer.from(wanted)
  return a.length === b.length && timingSafeEqual(a, b)
}
