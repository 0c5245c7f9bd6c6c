/**
 * Ingest: logs over HTTP, answered only when every effect is durable. `/ingest` takes what shippers and people send
 * (JSON lines, JSON over several lines, msgpack of Fluent Bit, plain text, gzip or zstd of these); `/v1/logs` takes OTLP.
 * https://opentelemetry.io/docs/specs/otlp/#otlphttp
 */
import { gunzipSync } from 'node:zlib'
import { BinaryWriter } from '@bufbuild/protobuf/wire'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { workerOf } from '../../app/engines.ts'
import type { System } from '../../app/system.ts'
import type { PayloadFormat } from '../../pipeline/batch.ts'
import { NOT_OTLP } from '../../pipeline/decode/otlp-reader.ts'
import { messageOf } from '../../platform/error.ts'

/** Requests that may be under way: beyond it senders are asked to come again. */
const MAX_IN_FLIGHT = 64
const MAX_INFLATED = 32 * 1024 * 1024
/** Codes of google.rpc.Status. https://grpc.io/docs/guides/status-codes/ */
const RPC_CODES: Readonly<Record<number, number>> = { 400: 3, 415: 3, 429: 8, 503: 14 }

export function ingestRoutes(app: FastifyInstance, system: System): void {
  let inFlight = 0
  let counter = 0
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body))

  /** Grows, also over restarts, as long as the clock does. */
  const nextSequence = (): string => `${system.clock.now()}${String(counter++ % 1_000_000).padStart(6, '0')}`

  const take = async (data: Uint8Array, format: PayloadFormat) =>
    system.ingest({
      stream: 'http',
      // Two processes on one state count for themselves: without their names they would share positions.
      shard: system.state.shared ? workerOf(system.config) : '0',
      records: [{ sequence: nextSequence(), arrivedAt: system.clock.now(), data, format }],
    })

  app.post('/ingest', { schema: { hide: true } }, async (request, reply) => {
    const body = bodyOf(request)
    if (body.length === 0) return { accepted: 0, rejected: 0, rejections: [] }
    const msgpack = MSGPACK.test(String(request.headers['content-type'] ?? ''))
    if (inFlight >= MAX_IN_FLIGHT)
      return reply
        .code(429)
        .header('retry-after', '1')
        .send({ error: { code: 'too_many_requests', message: PRESSED } })
    inFlight++
    try {
      const result = await take(body, msgpack ? 'msgpack' : 'auto')
      // Nothing of it could be read: the sender has a fault that no repetition mends.
      return reply.code(result.accepted === 0 && result.rejected > 0 ? 400 : 200).send(result)
    } finally {
      inFlight--
    }
  })

  app.post('/v1/logs', { schema: { hide: true } }, async (request, reply) => {
    const type = String(request.headers['content-type'] ?? '')
    const json = type.startsWith('application/json')
    if (!json && !type.startsWith('application/x-protobuf'))
      return otlpError(reply, true, 415, 'Content-Type application/json or application/x-protobuf is accepted')
    const encoding = request.headers['content-encoding'] ?? 'identity'
    if (encoding !== 'gzip' && encoding !== 'identity')
      return otlpError(reply, json, 415, `Content-Encoding ${encoding} is not accepted: send gzip, or nothing`)
    if (inFlight >= MAX_IN_FLIGHT) return otlpError(reply.header('retry-after', '1'), json, 429, PRESSED)
    inFlight++
    try {
      const body = bodyOf(request)
      const result = await take(
        encoding === 'gzip' ? gunzipSync(body, { maxOutputLength: MAX_INFLATED }) : body,
        json ? 'otlp-json' : 'otlp-protobuf',
      )
      const fault = result.rejections[0]?.detail
      // Records of a sound request that hold nothing are a partial success, even when they are all it has.
      if (fault?.startsWith(NOT_OTLP)) return otlpError(reply, json, 400, fault)
      return otlpAnswer(reply, json, result.rejected, fault)
    } catch (error) {
      if (
        (error as { code?: string }).code?.startsWith('Z_') ||
        (error as { code?: string }).code === 'ERR_BUFFER_TOO_LARGE'
      )
        return otlpError(reply, json, 400, `the gzip body cannot be read: ${messageOf(error)}`)
      return otlpError(reply.header('retry-after', '5'), json, 503, messageOf(error))
    } finally {
      inFlight--
    }
  })
}

const PRESSED = `${MAX_IN_FLIGHT} requests are being stored; send this one again in a second`

const bodyOf = (request: FastifyRequest): Uint8Array =>
  request.body instanceof Uint8Array ? request.body : new Uint8Array()

/** Other names for it stand in the wild; the registered one is the first. https://www.iana.org/assignments/media-types/application/vnd.msgpack */
const MSGPACK = /^application\/(?:vnd\.msgpack|msgpack|x-msgpack)\b/

function otlpAnswer(reply: FastifyReply, json: boolean, rejected: number, fault: string | undefined): FastifyReply {
  if (json)
    return reply.send(
      rejected === 0 ? {} : { partialSuccess: { rejectedLogRecords: String(rejected), errorMessage: fault ?? '' } },
    )
  const writer = new BinaryWriter()
  if (rejected > 0) {
    const partial = new BinaryWriter()
      .tag(1, 0)
      .int64(rejected)
      .tag(2, 2)
      .string(fault ?? '')
    writer.tag(1, 2).bytes(partial.finish())
  }
  return reply.type('application/x-protobuf').send(Buffer.from(writer.finish()))
}

/** google.rpc.Status, as OTLP wants errors. */
function otlpError(reply: FastifyReply, json: boolean, status: number, message: string): FastifyReply {
  const code = RPC_CODES[status] ?? 2
  if (json) return reply.code(status).send({ code, message })
  return reply
    .code(status)
    .type('application/x-protobuf')
    .send(Buffer.from(new BinaryWriter().tag(1, 0).int32(code).tag(2, 2).string(message).finish()))
}
