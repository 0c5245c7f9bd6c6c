/**
 * A server that speaks as much of OpenSearch as CALI needs to write, keeps documents by index and id, and fails as a
 * test tells it to. What it answers to faults is what OpenSearch 3.9.0 answers. The real one answers the searches.
 */
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface FakeOpenSearchRequest {
  readonly method: string
  /** Without the query. */
  readonly path: string
  readonly headers: IncomingMessage['headers']
  readonly body: string
}

interface ItemAnswer {
  readonly status: number
  readonly error?: { readonly type: string; readonly reason: string }
}

export type FakeFault =
  | { readonly status: number; readonly body?: unknown }
  /** Any bytes with status 200, as JSON. */
  | { readonly raw: string }
  /** Does what was asked, and never answers. */
  | 'done-unanswered'
  /** Never answers. */
  | 'hang'
  /** Begins an answer and never ends it. */
  | 'stall'
  /** Begins an answer and closes the connection. */
  | 'cut'
  /** Closes the connection. */
  | 'close'
  /** A bulk with a fate for some documents; undefined: stored. */
  | { readonly item: (document: Record<string, unknown>, id: string) => ItemAnswer | undefined }

export interface FakeOpenSearch {
  readonly url: string
  readonly requests: readonly FakeOpenSearchRequest[]
  /** Documents by index and id. */
  readonly indices: ReadonlyMap<string, ReadonlyMap<string, Record<string, unknown>>>
  readonly templates: Map<string, unknown>
  readonly policies: Map<string, Record<string, unknown>>
  /** How many bulk requests came. */
  bulks(): number
  /** Decides about the nth request of this kind (from 1); undefined: all is well. */
  failWith(decide: (request: FakeOpenSearchRequest, n: number) => FakeFault | undefined): void
  version(number: string, distribution?: string): void
  stop(): Promise<void>
}

export async function startFakeOpenSearch(
  options: { readonly ism?: boolean; readonly port?: number } = {},
): Promise<FakeOpenSearch> {
  const requests: FakeOpenSearchRequest[] = []
  const indices = new Map<string, Map<string, Record<string, unknown>>>()
  const templates = new Map<string, unknown>()
  const policies = new Map<string, Record<string, unknown>>()
  let decide: (request: FakeOpenSearchRequest, n: number) => FakeFault | undefined = () => undefined
  let version: Record<string, string> = { number: '3.9.0', distribution: 'opensearch' }

  const bulk = (body: string, fault: FakeFault | undefined) => {
    const lines = body.split('\n')
    const items: { create: ItemAnswer }[] = []
    for (let i = 0; i + 1 < lines.length; i += 2) {
      const { create } = JSON.parse(lines[i] as string) as { create: { _index: string; _id: string } }
      const document = JSON.parse(lines[i + 1] as string) as Record<string, unknown>
      const fate = typeof fault === 'object' && 'item' in fault ? fault.item(document, create._id) : undefined
      const index = indices.get(create._index) ?? new Map<string, Record<string, unknown>>()
      indices.set(create._index, index)
      const there = index.has(create._id)
      if (fate === undefined && !there) index.set(create._id, document)
      items.push({ create: fate ?? { status: there ? 409 : 201 } })
    }
    return { errors: items.some(({ create }) => create.status > 299), items }
  }

  const answer = ({ method, path, body }: FakeOpenSearchRequest, fault: FakeFault | undefined): [number, unknown] => {
    if (path === '/') return [200, { version, tagline: 'The OpenSearch Project: https://opensearch.org/' }]
    if (path === '/_bulk') return [200, bulk(body, fault)]
    const template = /^\/_index_template\/(.+)$/.exec(path)?.[1]
    if (template !== undefined) {
      if (method === 'PUT') templates.set(template, JSON.parse(body))
      const found = templates.get(template)
      return method === 'GET' && found === undefined
        ? [404, { error: { type: 'resource_not_found_exception', reason: 'no such template' }, status: 404 }]
        : [
            200,
            method === 'PUT'
              ? { acknowledged: true }
              : { index_templates: [{ name: template, index_template: found }] },
          ]
    }
    const policy = /^\/_plugins\/_ism\/policies\/(.+)$/.exec(path)?.[1]
    if (policy !== undefined) {
      if (options.ism !== true) return [400, { error: `no handler found for uri [${path}] and method [${method}]` }]
      if (method === 'PUT') policies.set(policy, JSON.parse(body))
      const found = policies.get(policy)
      return found === undefined
        ? [404, { error: { type: 'status_exception', reason: 'Policy not found' }, status: 404 }]
        : [200, { _id: policy, _seq_no: 7, _primary_term: 1, ...found }]
    }
    const [, names = '', action] = path.split('/')
    if (action === '_refresh') return [200, { _shards: { failed: 0 } }]
    if (action === '_count') return [200, { count: [...indices.values()].reduce((sum, index) => sum + index.size, 0) }]
    if (action === '_alias') {
      const prefix = names.replace(/\*.*$/, '')
      const found = [...indices.keys()].filter((name) => name.startsWith(prefix))
      return found.length === 0 && !names.includes('*')
        ? [404, { error: `alias [${names}] missing`, status: 404 }]
        : [200, Object.fromEntries(found.map((name) => [name, { aliases: {} }]))]
    }
    if (action === '_mapping')
      return indices.has(names)
        ? [200, { [names]: { mappings: { _meta: { cali: { mapping: 1 } } } } }]
        : [404, { error: { type: 'index_not_found_exception', reason: `no such index [${names}]` }, status: 404 }]
    if (method === 'PUT') {
      indices.set(names, new Map())
      return [200, { acknowledged: true }]
    }
    if (method === 'DELETE') return [indices.delete(names) ? 200 : 404, { acknowledged: true }]
    return [400, { error: { type: 'illegal_argument_exception', reason: `not in this stand-in: ${method} ${path}` } }]
  }

  const respond = async (message: IncomingMessage, response: ServerResponse): Promise<void> => {
    const chunks: Buffer[] = []
    for await (const chunk of message) chunks.push(chunk as Buffer)
    const request = {
      method: message.method ?? '',
      path: decodeURI((message.url ?? '').replace(/\?.*$/, '')),
      headers: message.headers,
      body: Buffer.concat(chunks).toString(),
    }
    requests.push(request)
    const fault = decide(
      request,
      requests.filter(({ path, method }) => path === request.path && method === request.method).length,
    )
    if (fault === 'hang') return
    if (fault === 'close') return void message.socket.destroy()
    const json = { 'content-type': 'application/json; charset=UTF-8' }
    if (fault === 'stall' || fault === 'cut') {
      response.writeHead(200, json)
      response.write('{"errors":', () => fault === 'cut' && message.socket.resetAndDestroy())
      return
    }
    if (typeof fault === 'object' && 'raw' in fault) {
      response.writeHead(200, json)
      response.end(fault.raw)
      return
    }
    const [status, body] =
      typeof fault === 'object' && 'status' in fault ? [fault.status, fault.body] : answer(request, fault)
    if (fault === 'done-unanswered') return
    if (body === undefined) response.writeHead(status).end()
    else response.writeHead(status, json).end(JSON.stringify(body))
  }

  const server = createServer((request, response) => {
    respond(request, response).catch(() => response.destroy())
  })
  server.listen(options.port ?? 0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    indices,
    templates,
    policies,
    bulks: () => requests.filter(({ path }) => path === '/_bulk').length,
    failWith: (next) => {
      decide = next
    },
    version: (number, distribution) => {
      version = { number, ...(distribution === undefined ? {} : { distribution }) }
    },
    stop: async () => {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}
