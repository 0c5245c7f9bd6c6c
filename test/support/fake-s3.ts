/** A server that speaks as much of S3 as CALI uses, strictly, and fails as a test tells it to. */
import { hash } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

export type S3Fault =
  /** An answer of S3 or of a proxy before it; `done`: the request is carried out all the same. */
  | {
      readonly kind: 'answer'
      readonly status: number
      readonly code?: string
      readonly message?: string
      readonly headers?: Readonly<Record<string, string>>
      /** In the place of S3's XML. */
      readonly body?: string
      readonly done?: boolean
    }
  /** The connection breaks; `done`: after the request was carried out. */
  | { readonly kind: 'reset'; readonly done?: boolean }
  /** The body of the answer ends too soon. */
  | { readonly kind: 'cut' }
  /** Never answers. */
  | { readonly kind: 'hang' }

export interface FakeS3Object {
  readonly bytes: Buffer
  readonly headers: Readonly<Record<string, string>>
}

export interface FakeS3Request {
  readonly method: string
  readonly path: string
  readonly query: URLSearchParams
  readonly headers: IncomingMessage['headers']
}

export interface FakeS3 {
  readonly url: string
  readonly bucket: string
  readonly objects: Map<string, FakeS3Object>
  readonly requests: readonly FakeS3Request[]
  /** Faults of the requests to come, one each; undefined lets one through. */
  fail(...faults: readonly (S3Fault | undefined)[]): void
  close(): Promise<void>
}

const KEPT_HEADER = /^(?:x-amz-meta-|x-amz-server-side-encryption)/

export async function startFakeS3(options: { readonly pageSize?: number } = {}): Promise<FakeS3> {
  const bucket = 'logs'
  const objects = new Map<string, FakeS3Object>()
  const requests: FakeS3Request[] = []
  const faults: (S3Fault | undefined)[] = []

  const respond = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const body = await bodyOf(request)
    const url = new URL(request.url ?? '/', 'http://fake')
    requests.push({
      method: request.method ?? '',
      path: decodeURIComponent(url.pathname),
      query: url.searchParams,
      headers: request.headers,
    })
    const fault = faults.shift()
    if (fault?.kind === 'hang') return
    if (fault?.kind === 'reset' && fault.done !== true) return void request.socket.destroy()
    const answer = carryOut(request, url, body, fault)
    if (fault?.kind === 'reset') return void request.socket.destroy()
    response.writeHead(answer.status, { 'content-length': String(answer.body.length), ...answer.headers })
    if (fault?.kind === 'cut') {
      response.write(answer.body.subarray(0, Math.ceil(answer.body.length / 2)), () => request.socket.destroy())
      return
    }
    response.end(request.method === 'HEAD' ? undefined : answer.body)
  }

  const carryOut = (request: IncomingMessage, url: URL, body: Buffer, fault: S3Fault | undefined): Answer => {
    const refused = fault?.kind === 'answer' ? fault : undefined
    if (refused !== undefined && refused.done !== true) return refusal(refused)
    const [, bucketName, ...rest] = decodeURIComponent(url.pathname).split('/')
    const key = rest.join('/')
    const done =
      bucketName !== bucket
        ? refusal({ status: 404, code: 'NoSuchBucket' })
        : request.method === 'PUT'
          ? put(key, request.headers, body)
          : key === ''
            ? list(url.searchParams)
            : get(key)
    return refused === undefined ? done : refusal(refused)
  }

  const put = (key: string, headers: IncomingMessage['headers'], bytes: Buffer): Answer => {
    if (headers['if-none-match'] !== '*') return refusal({ status: 403, code: 'AccessDenied' })
    const checksum = headers['x-amz-checksum-sha256']
    if (checksum !== hash('sha256', bytes, 'base64')) return refusal({ status: 400, code: 'BadDigest' })
    if (objects.has(key)) return refusal({ status: 412, code: 'PreconditionFailed' })
    const kept = Object.entries(headers).filter(([name]) => KEPT_HEADER.test(name)) as [string, string][]
    objects.set(key, { bytes, headers: Object.fromEntries(kept) })
    return { status: 200, headers: { etag: `"${hash('md5', bytes)}"` }, body: Buffer.alloc(0) }
  }

  const get = (key: string): Answer => {
    const object = objects.get(key)
    return object === undefined
      ? refusal({ status: 404, code: 'NoSuchKey' })
      : { status: 200, headers: object.headers, body: object.bytes }
  }

  const list = (query: URLSearchParams): Answer => {
    const from = query.get('continuation-token') ?? query.get('start-after') ?? ''
    const keys = [...objects.keys()].sort().filter((key) => key.startsWith(query.get('prefix') ?? '') && key > from)
    const page = keys.slice(0, Math.min(Number(query.get('max-keys') ?? 1_000), options.pageSize ?? 1_000))
    const entries = page.map(
      (key) => `<Contents><Key>${key}</Key><Size>${objects.get(key)?.bytes.length}</Size></Contents>`,
    )
    const more = keys.length > page.length
    const token = more ? `<NextContinuationToken>${page.at(-1)}</NextContinuationToken>` : ''
    const xml = `<ListBucketResult><IsTruncated>${more}</IsTruncated>${token}${entries.join('')}</ListBucketResult>`
    return { status: 200, headers: { 'content-type': 'application/xml' }, body: Buffer.from(xml) }
  }

  const server = createServer((request, response) => void respond(request, response))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    bucket,
    objects,
    requests,
    fail: (...next) => void faults.push(...next),
    close: async () => {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: Buffer
}

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const parts: Buffer[] = []
  for await (const part of request) parts.push(part as Buffer)
  return Buffer.concat(parts)
}

const refusal = (fault: Omit<Extract<S3Fault, { kind: 'answer' }>, 'kind'>): Answer => ({
  status: fault.status,
  headers: { 'content-type': 'application/xml', ...fault.headers },
  body: Buffer.from(
    fault.body ?? `<Error><Code>${fault.code ?? 'Error'}</Code><Message>${fault.message ?? 'no'}</Message></Error>`,
  ),
})
