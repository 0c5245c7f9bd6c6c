import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire'
import { describe, expect, it } from 'vitest'
import { decodeBytes } from './wire.test-data.ts'

const AT = Date.parse('2026-01-20T11:00:00.123Z')
const NANOS = `${AT}000000`

interface Log {
  readonly body?: string
  readonly severityNumber?: number
  readonly severityText?: string
  readonly eventName?: string
  readonly attributes?: Readonly<Record<string, string>>
}

const keyValues = (attributes: Readonly<Record<string, string>> = {}) =>
  Object.entries(attributes).map(([key, value]) => ({ key, value: { stringValue: value } }))

const jsonRequest = (logs: readonly Log[], resource: Readonly<Record<string, string>> = {}): Buffer =>
  Buffer.from(
    JSON.stringify({
      resourceLogs: [
        {
          resource: { attributes: keyValues(resource) },
          scopeLogs: [
            {
              logRecords: logs.map(({ body, attributes, ...log }) => ({
                ...log,
                timeUnixNano: NANOS,
                traceId: '0af7651916cd43dd8448eb211c80319c',
                spanId: 'b7ad6b7169203331',
                ...(body === undefined ? {} : { body: { stringValue: body } }),
                attributes: keyValues(attributes),
              })),
            },
          ],
        },
      ],
    }),
  )

type Write = (writer: BinaryWriter) => void
const message = (write: Write): Uint8Array => {
  const writer = new BinaryWriter()
  write(writer)
  return writer.finish()
}
const inner = (writer: BinaryWriter, field: number, write: Write): BinaryWriter =>
  writer.tag(field, WireType.LengthDelimited).bytes(message(write))
const text = (writer: BinaryWriter, field: number, value: string): BinaryWriter =>
  writer.tag(field, WireType.LengthDelimited).string(value)
const writeAttributes = (
  writer: BinaryWriter,
  field: number,
  attributes: Readonly<Record<string, string>> = {},
): void => {
  for (const [key, value] of Object.entries(attributes))
    inner(writer, field, (kv) => void inner(text(kv, 1, key), 2, (any) => void text(any, 1, value)))
}

const protobufRequest = (logs: readonly Log[], resource: Readonly<Record<string, string>> = {}): Uint8Array =>
  message((request) => {
    inner(request, 1, (resourceLogs) => {
      inner(resourceLogs, 1, (r) => writeAttributes(r, 1, resource))
      inner(resourceLogs, 2, (scope) => {
        for (const log of logs) {
          inner(scope, 2, (w) => {
            w.tag(1, WireType.Bit64).fixed64(NANOS)
            if (log.severityNumber !== undefined) w.tag(2, WireType.Varint).int32(log.severityNumber)
            if (log.severityText !== undefined) text(w, 3, log.severityText)
            const { body } = log
            if (body !== undefined) inner(w, 5, (any) => void text(any, 1, body))
            writeAttributes(w, 6, log.attributes)
            w.tag(9, WireType.LengthDelimited).bytes(Buffer.from('0af7651916cd43dd8448eb211c80319c', 'hex'))
            w.tag(10, WireType.LengthDelimited).bytes(Buffer.from('b7ad6b7169203331', 'hex'))
            if (log.eventName !== undefined) text(w, 12, log.eventName)
          })
        }
      })
    })
  })

const SENDERS = [
  [
    'JSON',
    (logs: readonly Log[], resource?: Record<string, string>) =>
      decodeBytes([jsonRequest(logs, resource)], { format: 'otlp-json' }),
  ],
  [
    'protobuf',
    (logs: readonly Log[], resource?: Record<string, string>) =>
      decodeBytes([protobufRequest(logs, resource)], { format: 'otlp-protobuf' }),
  ],
] as const

describe.each(SENDERS)('an OTLP request in %s', (_, send) => {
  it('gives records with the facts of their resource', () => {
    const { records } = send(
      [
        { body: '주문 실패', severityNumber: 17, attributes: { 'order.id': 'A-1' } },
        { body: 'ok', severityText: 'Information' },
      ],
      {
        'service.name': 'orders',
        'k8s.pod.name': 'orders-7d9f',
        'k8s.namespace.name': 'shop',
        'service.version': '1.4.2',
      },
    )
    expect(records.map((record) => [record.message, record.severity.text, record.at])).toEqual([
      ['주문 실패', 'ERROR', AT],
      ['ok', 'INFO', AT],
    ])
    expect(records[0]).toMatchObject({
      service: 'orders',
      resource: { pod: 'orders-7d9f', namespace: 'shop', version: '1.4.2' },
      trace: { traceId: '0af7651916cd43dd8448eb211c80319c', spanId: 'b7ad6b7169203331' },
      attributes: { 'order.id': 'A-1' },
    })
  })

  it('gives the exception that the attributes hold', () => {
    const stack = 'java.lang.IllegalStateException: boom\n\tat a.B.c(B.java:1)'
    const [record] = send([
      {
        body: 'failed',
        attributes: {
          'exception.type': 'java.lang.IllegalStateException',
          'exception.message': 'boom',
          'exception.stacktrace': stack,
        },
      },
    ]).records
    expect([record?.body, record?.exception?.type]).toEqual([`failed\n${stack}`, 'java.lang.IllegalStateException'])
  })

  it('names a log without a body by its exception or its event', () => {
    const { records } = send([{ attributes: { 'exception.type': 'KeyError' } }, { eventName: 'checkout.failed' }])
    expect(records.map((record) => record.message)).toEqual(['KeyError', 'checkout.failed'])
  })

  it('rejects and counts a log that says nothing', () => {
    const { tally } = send([{ severityNumber: 17 }, { body: 'ok' }])
    expect(tally).toMatchObject({ received: 2, kept: 1, rejected: { not_a_record: 1 } })
  })

  it('gives every log a position of its own', () => {
    expect(new Set(send([{ body: 'x' }, { body: 'x' }]).records.map((record) => record.id)).size).toBe(2)
  })
})

describe('what is no OTLP request', () => {
  it.each(['{}', '[]', '7', '{"resourceLogs":{}}', 'no JSON', '{"resourceLogs":[{"scopeLogs":"x"}]}'])(
    '%s is rejected whole',
    (body) => {
      const { tally, rejections } = decodeBytes([Buffer.from(body)], { format: 'otlp-json' })
      expect(tally).toMatchObject({ received: 1, rejected: { not_a_record: 1 } })
      expect(rejections[0]?.detail).toMatch(/^not an OTLP logs request: /)
    },
  )

  it('is rejected whole when its protobuf is cut', () => {
    const bytes = protobufRequest([{ body: 'a body of some length' }])
    expect(decodeBytes([bytes.subarray(0, bytes.length - 5)], { format: 'otlp-protobuf' }).tally.rejected).toEqual({
      not_a_record: 1,
    })
  })
})

describe('values inside values', () => {
  const deep = (levels: number) => {
    let value: unknown = { stringValue: 'end' }
    for (let i = 0; i < levels; i++) value = { kvlistValue: { values: [{ key: 'k', value }] } }
    return value
  }
  const withBody = (body: unknown) =>
    Buffer.from(
      JSON.stringify({
        resourceLogs: [{ scopeLogs: [{ logRecords: [{ body: { stringValue: 'first' } }, { body }] }] }],
      }),
    )

  it('are text of JSON when they are maps and lists', () => {
    const body = {
      kvlistValue: {
        values: [{ key: 'list', value: { arrayValue: { values: [{ intValue: '7' }, { boolValue: true }] } } }],
      },
    }
    expect(decodeBytes([withBody(body)], { format: 'otlp-json' }).records.at(-1)?.body).toBe('{"list":[7,true]}')
  })

  it('are read to a bounded depth, so that one record cannot take the others with it', () => {
    expect(decodeBytes([withBody(deep(3_000))], { format: 'otlp-json' }).records[0]?.body).toBe('first')
  })

  it('never set the prototype of ours', () => {
    const body = {
      kvlistValue: {
        values: [
          { key: '__proto__', value: { stringValue: 'x' } },
          { key: 'msg', value: { stringValue: 'y' } },
        ],
      },
    }
    expect(decodeBytes([withBody(body)], { format: 'otlp-json' }).records.at(-1)?.message).toBe('y')
  })
})
