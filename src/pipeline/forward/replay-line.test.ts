import { describe, expect, it } from 'vitest'
import { formatFluentBit } from '../../generate/format.ts'
import { createGenerator } from '../../generate/generator.ts'
import { ARRIVED, decodeBytes, decodeText } from '../decode/wire.test-data.ts'
import type { LogRecord } from '../record.ts'
import { recordAt } from './archive.test-data.ts'
import { replayLine } from './replay-line.ts'

/** As it would stand in the archive: what the decoder gives reads itself as it is asked. */
const archivedOf = (record: LogRecord): LogRecord => ({
  id: record.id,
  at: record.at,
  observedAt: record.observedAt,
  severity: record.severity,
  service: record.service,
  message: record.message,
  body: record.body,
  resource: record.resource,
  attributes: record.attributes,
  position: record.position,
  ...(record.exception === undefined ? {} : { exception: record.exception }),
  ...(record.trace === undefined ? {} : { trace: record.trace }),
})

/** All but where and when it arrived, which a replay changes. */
const essence = (record: LogRecord): object => {
  const { position: _, observedAt: __, ...rest } = archivedOf(record)
  return rest
}

const again = (records: readonly LogRecord[]): readonly LogRecord[] =>
  decodeText(records.map((record) => `${replayLine(archivedOf(record))}\n`).join('')).records

describe('a replayed record is read as the same record again', () => {
  it('of every service and failure that the generator knows, as Fluent Bit sends it', () => {
    const generator = createGenerator({ seed: 11, scenarios: ['all'], rate: 50, startAt: ARRIVED - 40_000 })
    const lines = generator.advance(ARRIVED).map((event, i) => JSON.stringify(formatFluentBit(event, i * 100)))
    const { records } = decodeText(lines.join('\n'))
    expect(records.length).toBeGreaterThan(1_000)
    expect(again(records).map(essence)).toEqual(records.map(essence))
  })

  it.each([
    ['plain text with a header', '2026-01-20 20:00:00.123 ERROR [orders] c.acme.Order - 주문 처리 실패: 재고 없음'],
    ['a stack trace', '2026-01-20 20:00:00 ERROR [a] x\njava.lang.Error: y\n\tat a.B.c(B.java:1)\nCaused by: z.E: w'],
    ['logfmt', 'time=2026-01-20T20:00:00+09:00 level=ERROR service=orders msg="order failed" err=refused'],
    [
      'pino',
      '{"level":50,"time":1768906800123,"pid":7,"hostname":"h","name":"orders","msg":"no","err":{"message":"refused","stack":"Error: refused\\n    at f (a.js:1:2)"}}',
    ],
    [
      'zap with a cause beside the text',
      '{"level":"error","ts":1768906800.1,"msg":"cannot pay","error":"connection refused","logger":"pay"}',
    ],
    ['an access log without text', '{"log":"{\\"status\\":500,\\"path\\":\\"/a\\",\\"ok\\":false}","stream":"stdout"}'],
    [
      'an application that prints JSON',
      '{"log":"{\\"level\\":\\"warn\\",\\"msg\\":\\"slow\\",\\"took\\":31}","kubernetes":{"pod_name":"p","labels":{"app":"orders","app.kubernetes.io/version":"1.2"}}}',
    ],
    ['an event id of its own', '{"event_id":"abc","message":"x","service":"orders","env":"prod","version":"3"}'],
    ['a trace', '{"message":"x","trace_id":"0af7651916cd43dd8448eb211c80319c","span_id":"b7ad6b7169203331"}'],
    ['a time in the future', '{"message":"x","@timestamp":"2027-01-01T00:00:00Z"}'],
    ['text that looks like broken JSON', '2026-01-20T11:00:03.000Z stdout F {"level":"error",'],
  ])('%s', (_words, line) => {
    const { records } = decodeText(line)
    expect(records).toHaveLength(1)
    expect(again(records).map(essence)).toEqual(records.map(essence))
  })

  it('CRLF and control characters included', () => {
    const { records } = decodeBytes([
      Buffer.from('2026-01-20 20:00:00 ERROR [a] one\r\n\tat a.B.c(B.java:1)\r\n \u0000\u0085x'),
    ])
    expect(again(records).map(essence)).toEqual(records.map(essence))
  })
})

describe('an id that comes with a replay', () => {
  const idOf = (id: string): string | undefined =>
    decodeText(JSON.stringify({ message: 'x', cali_event_id: id })).records[0]?.id

  it.each(['event:abc', `edge:${'0a'.repeat(16)}`, 'logs/shardId-000000000000:49680:0:3'])(
    '%s is taken as it is',
    (id) => {
      expect(idOf(id)).toBe(id)
    },
  )

  it.each(['', 'abc', 'edge:xyz', 'logs/s:7', 'a b/c:1:2:3'])('%j is none of ours, and not taken', (id) => {
    expect(idOf(id)).toBe('logs/shard-0:100:0:0')
  })

  it('is no attribute of the record', () => {
    expect(again([recordAt(7, { at: ARRIVED })])[0]?.attributes).toEqual({})
  })
})
