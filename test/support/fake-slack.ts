/**
 * A strict stand-in for Slack: the Web API methods that CALI uses, over HTTP. It refuses what Slack refuses, keeps
 * every state of every message, and can be told to fail. Not a mock of our code: the real SDK talks to it.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { checkBlocks } from './slack-rules.ts'

export interface SlackMessage {
  readonly channel: string
  readonly ts: string
  readonly threadTs?: string
  readonly broadcast: boolean
  text: string
  blocks: readonly Record<string, unknown>[]
  readonly metadata?: {
    readonly event_type: string
    readonly event_payload: { readonly incident_id: string; readonly part: string }
  }
  /** Every text that people could see, oldest first. */
  readonly states: { readonly text: string; readonly blocks: readonly Record<string, unknown>[] }[]
}

/** What happens to a call: answered; refused with 429; the connection closed before or after it took effect; HTTP 500; an API error. */
export type Fault = 'ok' | 'rate-limited' | 'close-before' | 'close-after' | 'http-500' | { readonly error: string }

export interface FakeSlack {
  readonly apiUrl: string
  readonly messages: readonly SlackMessage[]
  readonly calls: readonly { readonly method: string; readonly fault: Fault }[]
  /** Requests that real Slack would have refused, with the reason. */
  readonly refusals: readonly string[]
  /** Decides about the nth call (from 1) of all. */
  failWith(decide: (n: number, method: string) => Fault): void
  roots(): readonly SlackMessage[]
  stop(): Promise<void>
}

export async function startFakeSlack(
  options: { readonly channel?: string; readonly history?: boolean } = {},
): Promise<FakeSlack> {
  const messages: SlackMessage[] = []
  const calls: { method: string; fault: Fault }[] = []
  const refusals: string[] = []
  const channel = options.channel ?? 'C0TEST00001'
  let decide: (n: number, method: string) => Fault = () => 'ok'
  let clock = 1_700_000_000

  const refuse = (reason: string, detail: string): Record<string, unknown> => {
    refusals.push(`${reason}: ${detail}`)
    return { ok: false, error: reason }
  }

  const checkContent = (body: Record<string, string>): Record<string, unknown> | undefined => {
    const blocks: unknown = body['blocks'] === undefined ? [] : JSON.parse(body['blocks'])
    const faults = checkBlocks(blocks as Record<string, unknown>[])
    if (faults.length > 0) return refuse('invalid_blocks', faults.join('; '))
    if ((body['text'] ?? '') === '') return refuse('no_text', 'text is the notification')
    if ((body['text'] as string).length > 40_000) return refuse('msg_too_long', String(body['text']?.length))
    return undefined
  }

  const methods: Record<string, (body: Record<string, string>) => Record<string, unknown>> = {
    'auth.test': () => ({ ok: true, team: 'Test', user: 'cali', bot_id: 'B1' }),
    'chat.postMessage': (body) => {
      if (body['channel'] !== channel && body['channel'] !== 'alerts')
        return refuse('channel_not_found', String(body['channel']))
      const fault = checkContent(body)
      if (fault !== undefined) return fault
      const blocks = JSON.parse(body['blocks'] ?? '[]')
      const ts = `${++clock}.000100`
      messages.push({
        channel,
        ts,
        broadcast: body['reply_broadcast'] === 'true',
        text: body['text'] ?? '',
        blocks,
        states: [{ text: body['text'] ?? '', blocks }],
        ...(body['thread_ts'] === undefined ? {} : { threadTs: body['thread_ts'] }),
        ...(body['metadata'] === undefined ? {} : { metadata: JSON.parse(body['metadata']) }),
      })
      return { ok: true, channel, ts, message: { text: body['text'] } }
    },
    'chat.update': (body) => {
      const found = messages.find((message) => message.ts === body['ts'] && message.channel === body['channel'])
      if (found === undefined) return refuse('message_not_found', String(body['ts']))
      const fault = checkContent(body)
      if (fault !== undefined) return fault
      found.text = body['text'] ?? ''
      found.blocks = JSON.parse(body['blocks'] ?? '[]')
      found.states.push({ text: found.text, blocks: found.blocks })
      return { ok: true, channel, ts: found.ts, text: found.text }
    },
    'chat.delete': (body) => {
      const i = messages.findIndex((message) => message.ts === body['ts'] && message.channel === body['channel'])
      if (i < 0) return { ok: false, error: 'message_not_found' }
      messages.splice(i, 1)
      return { ok: true, channel, ts: body['ts'] }
    },
    'conversations.history': (body) =>
      options.history === false
        ? { ok: false, error: 'missing_scope' }
        : body['channel'] !== channel
          ? { ok: false, error: 'channel_not_found' }
          : {
              ok: true,
              messages: messages
                .filter(
                  (message) =>
                    message.threadTs === undefined && Number(message.ts) >= Number(body['oldest'] ?? 0) - 1e9,
                )
                .map(asHistory),
              has_more: false,
            },
    'conversations.replies': (body) => ({
      ok: true,
      messages: messages
        .filter((message) => message.threadTs === body['ts'] || message.ts === body['ts'])
        .map(asHistory),
      has_more: false,
    }),
  }

  const server = createServer((request, response) => void handle(request, response))
  const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const body = await readForm(request)
    const method = (request.url ?? '').replace(/^\/api\//, '').split('?', 1)[0] ?? ''
    const fault = decide(calls.length + 1, method)
    calls.push({ method, fault })
    if (fault === 'close-before') return void request.socket.destroy()
    if (fault === 'rate-limited')
      return void response
        .writeHead(429, { 'retry-after': '0', 'content-type': 'application/json' })
        .end('{"ok":false,"error":"ratelimited"}')
    if (fault === 'http-500') return void response.writeHead(500).end('internal error')
    const answer =
      typeof fault === 'object'
        ? { ok: false, error: fault.error }
        : (methods[method]?.(body) ?? { ok: false, error: 'unknown_method' })
    if (fault === 'close-after') return void request.socket.destroy()
    response
      .writeHead(200, {
        'content-type': 'application/json',
        'x-oauth-scopes': options.history === false ? 'chat:write' : 'chat:write,channels:history',
      })
      .end(JSON.stringify(answer))
  }
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  return {
    apiUrl: `http://127.0.0.1:${port}/api/`,
    messages,
    calls,
    refusals,
    failWith: (next) => {
      decide = next
    },
    roots: () => messages.filter((message) => message.threadTs === undefined),
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

const asHistory = (message: SlackMessage) => ({
  type: 'message',
  ts: message.ts,
  text: message.text,
  metadata: message.metadata,
  thread_ts: message.threadTs,
})

async function readForm(request: IncomingMessage): Promise<Record<string, string>> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  const text = Buffer.concat(chunks).toString('utf8')
  if (String(request.headers['content-type'] ?? '').includes('json')) {
    return Object.fromEntries(
      Object.entries(JSON.parse(text) as Record<string, unknown>).map(([key, value]) => [
        key,
        typeof value === 'string' ? value : JSON.stringify(value),
      ]),
    )
  }
  return Object.fromEntries(new URLSearchParams(text))
}
