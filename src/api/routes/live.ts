/** Live: server-sent events (https://html.spec.whatwg.org/multipage/server-sent-events.html); outside the schema. */
import type { FastifyInstance, FastifyReply } from 'fastify'
import type { System } from '../../app/system.ts'
import { parseLogQuery, recordMatches } from '../../pipeline/forward/log-index.ts'
import { logView } from '../log-view.ts'

const HEARTBEAT_MS = 15_000
/** A reader that does not keep up is let go: it comes back by itself and loads anew. */
const MAX_BUFFERED = 4 * 1024 * 1024

export function liveRoutes(app: FastifyInstance, system: System): void {
  app.get('/api/events', { schema: { hide: true } }, (_request, reply) =>
    stream(reply, system, (send) => system.live.subscribe((event) => send('live', event))),
  )

  app.get('/api/logs/tail', { schema: { hide: true } }, (request, reply) => {
    const query = parseLogQuery(String((request.query as { q?: string }).q ?? ''))
    return stream(reply, system, (send) =>
      system.live.tail((record) => recordMatches(record, query) && send('record', logView(record))),
    )
  })
}

function stream(
  reply: FastifyReply,
  system: System,
  subscribe: (send: (event: string, data: unknown) => void) => () => void,
): void {
  reply.hijack()
  const { raw } = reply
  raw.writeHead(200, {
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-store',
    connection: 'keep-alive',
    'x-accel-buffering': 'no',
  })
  raw.write('retry: 1000\n\n')
  const unsubscribe = subscribe((event, data) => {
    if (raw.writableLength > MAX_BUFFERED) raw.destroy()
    else raw.write(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`)
  })
  const heartbeat = setInterval(() => raw.write(': still here\n\n'), HEARTBEAT_MS)
  const end = (): void => {
    clearInterval(heartbeat)
    unsubscribe()
    system.stopping.removeEventListener('abort', close)
  }
  const close = (): void => void raw.end()
  system.stopping.addEventListener('abort', close)
  raw.on('close', end)
}
