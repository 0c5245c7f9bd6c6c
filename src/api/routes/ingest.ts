/**
 * Ingest: logs over HTTP, answered only when every effect is durable. `/ingest` takes what shippers and people send
 * (JSON lines, JSON over several lines, msgpack of Fluent Bit, plain text, gzip or zstd of these); `/v1/logs` takes OTLP.
 * https://opentelemetry.io/docs/specs/otlp/#otlphttp
 */
import { gunzipSync } from 'node:zlib'
import { BinaryWriter } from '@bufbuild/protobuf/wire'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { System } from '../../app/system.ts'
import type { PayloadFormat } from '../../pipeline/batch.ts'
import { messageOf } from '../../platform/error.ts'

/** Requests that may be under way: beyond it senders are asked to come again. */
const MAX_IN_FLIGHT = 64
const MAX_INFLATED = 32 * 1024 * 1024
const RPC_INVALID_ARGUMENT = 3

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
      shard: '0',
      records: [{ sequence: nextSequence(), arrivedAt: system.clock.now(), data, format }],
    })

  const pressed = (reply: FastifyReply): boolean => {
    if (inFlight < MAX_IN_FLIGHT) return false
    reply
      .code(429)
      .header('retry-after', '1')
      .send({
        error: {
          code: 'too_many_requests',
          message: `${MAX_IN_FLIGHT} requests are being stored; send this one again in a second`,
        },
      })
    return true
  }

  app.post('/ingest', { schema: { hide: true } }, async (request, reply) => {
    const body = bodyOf(request)
    if (body.length === 0) return { accepted: 0, rejected: 0, rejections: [] }
    const msgpack = MSGPACK.test(String(request.headers['content-type'] ?? ''))
    if (pressed(reply)) return reply
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
    const json = String(request.headers['content-type'] ?? '').startsWith('application/json')
    if (!json && !String(request.headers['content-type'] ?? '').startsWith('application/x-protobuf')) {
      return reply.code(415).send({
        error: { code: 'wrong_type', message: 'Content-Type application/json or application/x-protobuf is accepted' },
      })
    }
    if (pressed(reply)) return reply
    inFlight++
    try {
      const encoding = request.headers['content-encoding']
      const body = bodyOf(request)
      const result = await take(
        encoding === 'gzip' ? gunzipSync(body, { maxOutputLength: MAX_INFLATED }) : body,
        json ? 'otlp-json' : 'otlp-protobuf',
      )
      const fault = result.rejections[0]?.detail
      if (result.accepted === 0 && result.rejected > 0) return otlpError(reply, json, 400, fault ?? 'not readable')
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
  if (json) return reply.code(status).send({ code: RPC_INVALID_ARGUMENT, message })
  return reply
    .code(status)
    .type('application/x-protobuf')
    .send(Buffer.from(new BinaryWriter().tag(1, 0).int32(RPC_INVALID_ARGUMENT).tag(2, 2).string(message).finish()))
}
