import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { InMemorySpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace'
import { expect, it } from 'vitest'
import { CaliError } from '../platform/error.ts'
import { createOpenTelemetryTracer } from './opentelemetry-tracer.ts'

const options = { url: 'http://127.0.0.1:9/v1/traces', sample: 1, version: '1.2.3', instance: 'worker-0' }

it('parts are children of their span, and a fault is noted by its code and passed on', async () => {
  const exporter = new InMemorySpanExporter()
  const tracer = createOpenTelemetryTracer({ ...options, processor: new SimpleSpanProcessor({ exporter }) })
  await tracer.span('cali.batch', { 'cali.shard': 's-0' }, async (span) => {
    span.note({ 'cali.kept': 2 })
    expect(span.step('cali.decode', () => 7)).toBe(7)
    const fault = new CaliError('index_away', 'password=hunter2secret stands in what the server said')
    await expect(span.part('cali.index', () => Promise.reject(fault))).rejects.toBe(fault)
  })
  const spans = exporter.getFinishedSpans()
  const root = spans.find(({ name }) => name === 'cali.batch')
  expect(spans.map(({ name }) => name).sort()).toEqual(['cali.batch', 'cali.decode', 'cali.index'])
  expect(root?.attributes).toEqual({ 'cali.shard': 's-0', 'cali.kept': 2 })
  for (const span of spans.filter(({ name }) => name !== 'cali.batch'))
    expect(span.parentSpanContext?.spanId).toBe(root?.spanContext().spanId)
  expect(JSON.stringify(spans.map(({ status, events }) => [status, events]))).not.toContain('hunter2')
  expect(spans.find(({ name }) => name === 'cali.index')?.status).toEqual({ code: 2, message: 'index_away' })
  expect(root?.resource.attributes).toMatchObject({ 'service.name': 'cali', 'service.instance.id': 'worker-0' })
})

it('sends what waits when it is closed', async () => {
  const heard: { path: string | undefined; type: string | undefined; body: Buffer }[] = []
  const server = createServer(async (request: IncomingMessage, response) => {
    const pieces: Buffer[] = []
    for await (const piece of request) pieces.push(piece as Buffer)
    heard.push({ path: request.url, type: request.headers['content-type'], body: Buffer.concat(pieces) })
    response.end()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1/traces`
  const tracer = createOpenTelemetryTracer({ ...options, url })
  await tracer.span('cali.deliver', { 'cali.incident': '7F3K' }, async () => undefined)
  await tracer.close()
  server.close()
  expect(heard).toMatchObject([{ path: '/v1/traces', type: 'application/x-protobuf' }])
  expect(heard[0]?.body.toString('latin1')).toContain('cali.deliver')
})

it('a collector that is not there holds nothing up', async () => {
  const tracer = createOpenTelemetryTracer(options)
  expect(await tracer.span('cali.batch', {}, async () => 'done')).toBe('done')
  const started = performance.now()
  await tracer.close()
  expect(performance.now() - started).toBeLessThan(4_000)
})

it('with a share of 0 nothing is sampled', async () => {
  const exporter = new InMemorySpanExporter()
  const processor = new SimpleSpanProcessor({ exporter })
  const tracer = createOpenTelemetryTracer({ ...options, sample: 0, processor })
  await tracer.span('cali.batch', {}, async () => undefined)
  expect(exporter.getFinishedSpans()).toEqual([])
})
