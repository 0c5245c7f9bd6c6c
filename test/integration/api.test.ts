import { gzipSync, zstdCompressSync } from 'node:zlib'
import { BinaryWriter } from '@bufbuild/protobuf/wire'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { SourceStatus } from '../../src/pipeline/consume/kinesis-source.ts'
import { startTestServer, type TestServer } from '../support/server.ts'

let server: TestServer
beforeAll(async () => {
  server = await startTestServer({ events: 0 })
})
afterAll(() => server.stop())

const post = (path: string, body: string | Uint8Array, headers: Record<string, string> = {}): Promise<Response> =>
  fetch(server.url + path, { method: 'POST', body: typeof body === 'string' ? body : Buffer.from(body), headers })
const get = async <T>(path: string): Promise<T> => (await fetch(server.url + path)).json() as Promise<T>
const services = async (): Promise<string[]> =>
  (await get<{ incidents: { service: string }[] }>('/api/incidents')).incidents.map((incident) => incident.service)

const error = (service: string): string =>
  JSON.stringify({ level: 'error', service, msg: `cannot reserve stock in ${service}`, time: Date.now() })

/** What Fluent Bit sends with `format msgpack`: a pair of time and record. */
function fluentEvent(service: string): Buffer {
  const text = (value: string): Buffer =>
    Buffer.concat([Buffer.from([0xd9, Buffer.byteLength(value)]), Buffer.from(value)])
  const time = Buffer.from([0xd7, 0, 0, 0, 0, 0, 0, 0, 0, 0])
  time.writeUInt32BE(Math.floor(Date.now() / 1000), 2)
  const fields = ['level', 'error', 'service', service, 'log', `cannot reserve stock in ${service}`].map(text)
  return Buffer.concat([Buffer.from([0x92]), time, Buffer.from([0x83]), ...fields])
}

describe('POST /ingest', () => {
  test.each([
    ['JSON lines', 'ndjson-service', (s: string) => `${error(s)}\n${error(s)}`],
    [
      'a JSON array over several lines',
      'array-service',
      (s: string) => JSON.stringify([JSON.parse(error(s)), JSON.parse(error(s))], null, 2),
    ],
    [
      'plain text with a stack trace',
      'text-service',
      (s: string) =>
        `2026-11-25 10:00:00.000 ERROR [${s}] java.lang.IllegalStateException: no\r\n\tat com.acme.A.b(A.java:3)\r\n2026-11-25 10:00:01.000 ERROR [${s}] again`,
    ],
    [
      'objects printed over several lines',
      'printed-service',
      (s: string) =>
        `${JSON.stringify(JSON.parse(error(s)), null, 2)}\n${JSON.stringify(JSON.parse(error(s)), null, 2)}`,
    ],
    ['msgpack', 'msgpack-service', (s: string) => Buffer.concat([fluentEvent(s), fluentEvent(s)])],
    [
      'msgpack behind gzip',
      'msgpack-gzip-service',
      (s: string) => gzipSync(Buffer.concat([fluentEvent(s), fluentEvent(s)])),
    ],
    ['gzip', 'gzip-service', (s: string) => gzipSync(`${error(s)}\n${error(s)}`)],
    ['zstd', 'zstd-service', (s: string) => zstdCompressSync(Buffer.from(`${error(s)}\n${error(s)}`))],
  ])('takes %s and answers when it is stored', async (_words, service, body) => {
    const response = await post('/ingest', body(service))
    expect(response.status).toBe(200)
    expect(await response.json()).toMatchObject({ accepted: 2, rejected: 0 })
    expect(await services()).toContain(service)
  })

  test('what Fluent Bit sends by its http output keeps its time', async () => {
    const at = Math.floor(Date.now() / 1000) - 60
    await post(
      '/ingest',
      JSON.stringify([
        {
          date: at + 0.25,
          log: 'ERROR: disk is full',
          kubernetes: { container_name: 'fluent-service', pod_name: 'fluent-1', namespace_name: 'shop' },
        },
      ]),
      { 'content-type': 'application/json' },
    )
    const found = (await get<{ incidents: { service: string; firstSeen: number }[] }>('/api/incidents')).incidents.find(
      (incident) => incident.service === 'fluent-service',
    )
    expect(found?.firstSeen).toBe(at * 1000 + 250)
  })

  test.each([
    ['broken JSON', '{"level":"error","msg":'],
    ['a cut gzip', gzipSync(error('x')).subarray(0, 30)],
    ['a zip bomb', gzipSync(Buffer.alloc(40 * 1024 * 1024))],
    ['an object without text', '{"answer":42}'],
  ])('refuses %s with the reason, and keeps its bytes', async (_words, body) => {
    const response = await post('/ingest', body)
    expect(response.status).toBe(400)
    const answer = (await response.json()) as { rejections: { reason: string; detail: string }[] }
    expect(answer.rejections[0]?.detail).not.toBe('')
    const { quarantine } = await get<{ quarantine: { reason: string; objectKey: string }[] }>('/api/pipeline')
    const kept = quarantine.find((entry) => entry.reason === answer.rejections[0]?.reason)
    expect(await server.system.archiveStore.get(kept?.objectKey ?? 'missing/key')).toBeDefined()
  })

  test.each([
    ['a value that is no event', Buffer.from([7])],
    ['a value that is cut', fluentEvent('x').subarray(0, 20)],
  ])('refuses msgpack with %s, and says what is wrong', async (_words, body) => {
    const response = await post('/ingest', body, { 'content-type': 'application/msgpack' })
    expect(response.status).toBe(400)
    const answer = (await response.json()) as { rejections: { detail: string }[] }
    expect(answer.rejections[0]?.detail).toMatch(/^broken msgpack: /)
  })

  test.each([
    ['nothing', ''],
    ['NUL bytes', 'ERROR: a\u0000b'],
    [
      'JSON nested 10,000 deep',
      `{"level":"error","service":"deep","msg":"deep","x":${'['.repeat(10_000)}${']'.repeat(10_000)}}`,
    ],
    ['__proto__', '{"level":"error","service":"proto","msg":"m","__proto__":{"polluted":true}}'],
    ['a lone surrogate', '{"level":"error","service":"surrogate","msg":"\\ud800"}'],
    ['a time far in the future', '{"level":"error","service":"future","msg":"later","time":"2999-01-01T00:00:00Z"}'],
  ])('stays up after %s', async (_words, body) => {
    expect((await post('/ingest', body)).status).toBe(200)
    expect((await fetch(`${server.url}/healthz`)).status).toBe(200)
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined()
  })

  test('the books balance after all of it', async () => {
    const { balanced, faults } = await get<{ balanced: boolean; faults: string[] }>('/api/pipeline')
    expect(faults).toEqual([])
    expect(balanced).toBe(true)
  })
})

const otlp = (service: string) => ({
  resourceLogs: [
    {
      resource: { attributes: [{ key: 'service.name', value: { stringValue: service } }] },
      scopeLogs: [
        {
          logRecords: [
            {
              timeUnixNano: String(BigInt(Date.now()) * 1_000_000n),
              severityNumber: 17,
              severityText: 'ERROR',
              body: { stringValue: 'order was not placed' },
            },
          ],
        },
      ],
    },
  ],
})

describe('POST /v1/logs', () => {
  test('takes OTLP as JSON, also gzipped', async () => {
    expect(
      await (await post('/v1/logs', JSON.stringify(otlp('otlp-json')), { 'content-type': 'application/json' })).json(),
    ).toEqual({})
    await post('/v1/logs', gzipSync(JSON.stringify(otlp('otlp-gzip'))), {
      'content-type': 'application/json',
      'content-encoding': 'gzip',
    })
    expect(await services()).toEqual(expect.arrayContaining(['otlp-json', 'otlp-gzip']))
  })

  test('takes OTLP as protobuf and answers in protobuf', async () => {
    const text = (value: string) => new BinaryWriter().tag(1, 2).string(value).finish()
    const attribute = new BinaryWriter().tag(1, 2).string('service.name').tag(2, 2).bytes(text('otlp-proto')).finish()
    const record = new BinaryWriter()
      .tag(1, 1)
      .fixed64(BigInt(Date.now()) * 1_000_000n)
      .tag(2, 0)
      .int32(17)
      .tag(5, 2)
      .bytes(text('payment was not taken'))
      .finish()
    const scope = new BinaryWriter().tag(2, 2).bytes(record).finish()
    const resource = new BinaryWriter()
      .tag(1, 2)
      .bytes(new BinaryWriter().tag(1, 2).bytes(attribute).finish())
      .tag(2, 2)
      .bytes(scope)
      .finish()
    const response = await post('/v1/logs', new BinaryWriter().tag(1, 2).bytes(resource).finish(), {
      'content-type': 'application/x-protobuf',
    })
    expect(response.status).toBe(200)
    expect(response.headers.get('content-type')).toBe('application/x-protobuf')
    expect(await services()).toContain('otlp-proto')
  })

  test('answers a partial success when records hold nothing, even when none is left', async () => {
    const request = otlp('otlp-partial')
    const logs = request.resourceLogs[0]?.scopeLogs[0]?.logRecords as object[]
    logs.push({ severityNumber: 9 })
    const send = async (body: unknown) => {
      const response = await post('/v1/logs', JSON.stringify(body), { 'content-type': 'application/json' })
      return [response.status, await response.json()]
    }
    const rejected = { partialSuccess: { rejectedLogRecords: '1', errorMessage: expect.stringContaining('no text') } }
    expect(await send(request)).toEqual([200, rejected])
    logs.shift()
    expect(await send(request)).toEqual([200, rejected])
  })

  test('refuses an encoding that it does not read, and a gzip that is none', async () => {
    const send = (encoding: string) =>
      post('/v1/logs', JSON.stringify(otlp('x')), { 'content-type': 'application/json', 'content-encoding': encoding })
    expect([(await send('br')).status, (await send('gzip')).status]).toEqual([415, 400])
  })

  test('refuses what is no OTLP with a status in the language of the request', async () => {
    const json = await post('/v1/logs', '{"hello":1}', { 'content-type': 'application/json' })
    expect(json.status).toBe(400)
    expect(((await json.json()) as { message: string }).message).toContain('resourceLogs')
    expect((await post('/v1/logs', 'x', { 'content-type': 'text/plain' })).status).toBe(415)
  })
})

describe('who may ask', () => {
  test('a page of another site may not send, whatever the content type', async () => {
    expect(
      (await post('/ingest', error('evil'), { origin: 'https://evil.example', 'content-type': 'text/plain' })).status,
    ).toBe(403)
  })

  test('another name for this address is refused (DNS rebinding)', async () => {
    const { request } = await import('node:http')
    const status = await new Promise<number | undefined>((resolve) =>
      request(`${server.url}/api/status`, { headers: { host: 'evil.example' } }, (response) =>
        resolve(response.statusCode),
      ).end(),
    )
    expect(status).toBe(403)
  })

  test('behind an address with TLS the cookie never travels without it', async () => {
    const own = await startTestServer({
      events: 0,
      config: { server: { token: 'a-long-secret-token', publicUrl: 'https://cali.example.com' } },
    })
    try {
      const opened = await fetch(`${own.url}/?token=a-long-secret-token`, { redirect: 'manual' })
      expect(opened.headers.get('set-cookie')).toMatch(/; Secure$/)
    } finally {
      await own.stop()
    }
  })

  test('with a token nothing but the health checks answers without it, and they say no more than yes or no', async () => {
    const own = await startTestServer({ events: 0, config: { server: { token: 'a-long-secret-token' } } })
    try {
      expect((await fetch(`${own.url}/api/status`)).status).toBe(401)
      expect((await fetch(`${own.url}/ingest`, { method: 'POST', body: error('x') })).status).toBe(401)
      expect((await fetch(`${own.url}/healthz`)).status).toBe(200)
      expect(await (await fetch(`${own.url}/readyz`)).json()).toEqual({ state: 'ok', sources: 'ok' })
      const opened = await fetch(`${own.url}/?token=a-long-secret-token`, { redirect: 'manual' })
      expect(opened.headers.get('set-cookie')).toMatch(/^cali_token=[^;]+; HttpOnly; SameSite=Strict; Path=\/$/)
      const detail = 'stream "cali-log-stream" at kinesis.internal'
      const status = (): readonly SourceStatus[] => [{ shard: 's-0', state: 'failing', detail }]
      const failing = { name: 's', source: { status, run: async () => undefined }, address: { region: 'r' } }
      ;(own.system.sources as (typeof failing)[]).push(failing)
      const told = await fetch(`${own.url}/readyz`)
      expect([told.status, await told.json()]).toEqual([503, { state: 'ok', sources: 'failing' }])
      const headers = { authorization: 'Bearer a-long-secret-token' }
      expect(await (await fetch(`${own.url}/readyz`, { headers })).json()).toEqual({ state: 'ok', sources: detail })
      expect(
        (await fetch(`${own.url}/api/status`, { headers: { authorization: 'Bearer a-long-secret-token' } })).status,
      ).toBe(200)
    } finally {
      await own.stop()
    }
  })
})

describe('rules at run time', () => {
  const put = (rules: unknown[]): Promise<Response> =>
    fetch(`${server.url}/api/rules`, {
      method: 'PUT',
      body: JSON.stringify({ rules, by: 'test' }),
      headers: { 'content-type': 'application/json' },
    })

  test('a saved rule applies to the next line, and its drops are counted under its name', async () => {
    expect(
      (
        await put([
          { id: 'no-noisy', action: 'drop', services: ['noisy-*'] },
          { id: 'rest', action: 'keep' },
        ])
      ).status,
    ).toBe(200)
    await post('/ingest', error('noisy-service'))
    expect(await services()).not.toContain('noisy-service')
    const { ledger } = await get<{ ledger: { filter: { dropped: Record<string, number> } } }>('/api/pipeline')
    expect(ledger.filter.dropped['no-noisy']).toBe(1)
  })

  test('a set that is wrong is refused with the rule and what is accepted, and the old one stays', async () => {
    const response = await put([{ id: 'bad', action: 'keep', pattern: '([' }])
    expect(response.status).toBe(400)
    expect(((await response.json()) as { error: { message: string } }).error.message).toContain('rules[0].pattern')
    expect((await get<{ rules: { id: string }[] }>('/api/rules')).rules[0]?.id).toBe('no-noisy')
  })
})

test('an incident is acknowledged, muted, resolved and comes back, and the audit tells who did it', async () => {
  await post('/ingest', error('life-service'))
  const id = (await get<{ incidents: { id: string; service: string }[] }>('/api/incidents')).incidents.find(
    (incident) => incident.service === 'life-service',
  )?.id
  const act = async (path: string, body: object) =>
    (await (
      await post(`/api/incidents/${id}/${path}`, JSON.stringify({ by: '지훈', ...body }), {
        'content-type': 'application/json',
      })
    ).json()) as { state: string; mutedUntil?: number; regressions: number }
  expect((await act('acknowledge', {})).state).toBe('acknowledged')
  expect((await act('mute', { minutes: 60 })).mutedUntil).toBeGreaterThan(Date.now())
  expect((await act('resolve', { note: '인덱스를 추가했습니다' })).state).toBe('resolved')
  await post('/ingest', error('life-service'))
  const after = await get<{ incident: { state: string; count: number } }>(`/api/incidents/${id}`)
  expect(after.incident).toMatchObject({ state: 'regressed', count: 2 })
  const { entries } = await get<{ entries: { actor: string; target: string }[] }>('/api/audit')
  expect(entries.filter((entry) => entry.target === id && entry.actor === '지훈')).toHaveLength(3)
})

test('open dashboards are told of a new incident at once', async () => {
  const stop = new AbortController()
  const response = await fetch(`${server.url}/api/events`, { signal: stop.signal })
  const reader = (response.body as ReadableStream<Uint8Array>).pipeThrough(new TextDecoderStream()).getReader()
  await reader.read()
  await post('/ingest', error('live-service'))
  let text = ''
  while (!text.includes('"kind":"opened"')) text += (await reader.read()).value ?? ''
  expect(text).toContain('event: live')
  stop.abort()
})
