import { describe, expect, it } from 'vitest'
import { positionKey } from '../record.ts'
import { decodeBytes, decodeText, kplAggregate } from './wire.test-data.ts'

describe('JSON lines of a source record', () => {
  it('are records, each at a position of its own', () => {
    const { records, tally } = decodeText('{"log":"a"}\n[{"log":"b"},{"log":"c"}]\n{"log":"d"}')
    expect(records.map((record) => record.body)).toEqual(['a', 'b', 'c', 'd'])
    expect(new Set(records.map((record) => positionKey(record.position))).size).toBe(4)
    expect(tally).toMatchObject({ received: 4, kept: 4 })
  })

  it('keep apart lists that stand in several parts of one aggregate', () => {
    const list = Buffer.from('[{"log":"same"},{"log":"same"},{"log":"same"}]')
    const { records } = decodeBytes([kplAggregate([list, list, list])])
    expect(new Set(records.map((record) => record.id)).size).toBe(9)
  })

  it('stand in the order of the source, text between them included', () => {
    const { records } = decodeText('{"log":"a"}\nplain one\n{"log":"b"}\nplain two')
    expect(records.map((record) => record.body)).toEqual(['a', 'plain one', 'b', 'plain two'])
  })
})

describe('text lines of a source record', () => {
  it('are joined to events and carry the number of their first line', () => {
    const { records, tally } = decodeText(
      '\n2026-01-20 20:00:00 ERROR [a] x\njava.lang.Error: y\n\tat a.B.c(B.java:1)\n\n2026-01-20 20:00:01 INFO [a] z\n',
    )
    expect(records.map((record) => [record.position.line, record.severity.text])).toEqual([
      [1, 'ERROR'],
      [5, 'INFO'],
    ])
    expect(tally.received).toBe(2)
  })

  it('may begin with a bracket', () => {
    expect(decodeText('[main] ERROR x').records.map((record) => record.body)).toEqual(['[main] ERROR x'])
  })

  it('are not joined across source records', () => {
    const { records } = decodeBytes([Buffer.from('2026-01-20 20:00:00 ERROR [a] x'), Buffer.from('detail')])
    expect(records.map((record) => record.position.sequence)).toEqual(['100', '101'])
  })
})

describe('lines of a container runtime in a source record', () => {
  const at = (second: number, rest: string) => `2026-01-20T11:00:0${second}.000Z ${rest}`

  it('are joined by stream, so that stderr cuts no trace of stdout', () => {
    const { records, tally } = decodeText(
      [
        at(1, 'stdout F java.lang.Error: y'),
        at(2, 'stderr F warning: slow'),
        at(3, 'stdout F \tat a.B.c(B.java:1)'),
      ].join('\n'),
    )
    expect(records.map((record) => [record.body, record.at])).toEqual([
      ['java.lang.Error: y\n\tat a.B.c(B.java:1)', Date.parse(at(1, '').trim())],
      ['warning: slow', Date.parse(at(2, '').trim())],
    ])
    expect(tally).toMatchObject({ received: 2, kept: 2 })
  })

  it('are put together from their parts, also when the last one is missing', () => {
    const { records } = decodeText(
      [
        at(1, 'stdout P {"level":"error",'),
        at(1, 'stderr P half'),
        at(2, 'stdout F "msg":"boom"}'),
        at(3, 'stdout P cut'),
      ].join('\n'),
    )
    expect(records.map((record) => [record.message, record.severity.text])).toEqual([
      ['boom', 'ERROR'],
      ['half', 'INFO'],
      ['cut', 'INFO'],
    ])
  })

  it('are read in the form of docker, a trace over several of them included', () => {
    const docker = (log: string) => JSON.stringify({ log, stream: 'stderr', time: '2026-01-20T11:00:01.5Z' })
    const { records } = decodeText(
      [
        docker('java.lang.Error: y\n'),
        docker('\tat a.B.c(B.java:1)\n'),
        docker('{"level":"fatal","msg":"boom"}\n'),
      ].join('\n'),
    )
    expect(records.map((record) => [record.message, record.severity.text, record.exception?.type])).toEqual([
      ['java.lang.Error: y', 'ERROR', 'java.lang.Error'],
      ['boom', 'FATAL', undefined],
    ])
  })

  it('that hold broken JSON are text, as the application printed it', () => {
    const { records, rejections } = decodeText(at(1, 'stdout F {"level":"error",'))
    expect([records[0]?.body, rejections.length]).toEqual(['{"level":"error",', 0])
  })

  it('are not seen in the record of a shipper with the same fields', () => {
    const line = (log: string) => JSON.stringify({ log, stream: 'stdout', time: '2026-01-20T11:00:01Z' })
    expect(decodeText(`${line('one')}\n${line('two')}`).records.map((record) => record.body)).toEqual(['one', 'two'])
  })
})

describe('the envelope of CloudWatch Logs', () => {
  const envelope = (more: object) =>
    JSON.stringify({
      messageType: 'DATA_MESSAGE',
      logGroup: '/aws/lambda/orders',
      logStream: 's',
      logEvents: [],
      ...more,
    })

  it('gives one record per event, with its id, time and group', () => {
    const logEvents = [
      { id: '1', timestamp: Date.parse('2026-01-20T11:00:00Z'), message: 'ERROR a' },
      { id: '2', timestamp: Date.parse('2026-01-20T11:00:01Z'), message: '{"level":"fatal","msg":"b"}' },
    ]
    const { records } = decodeText(envelope({ logEvents }))
    expect(records.map((record) => [record.id, record.service, record.severity.text, record.message])).toEqual([
      ['event:1', 'orders', 'ERROR', 'a'],
      ['event:2', 'orders', 'FATAL', 'b'],
    ])
    expect(records[1]).toMatchObject({
      at: Date.parse('2026-01-20T11:00:01Z'),
      attributes: { 'aws.log.group': '/aws/lambda/orders' },
    })
  })

  it.each([{ messageType: 'CONTROL_MESSAGE', logEvents: [{ id: '1', message: 'probe' }] }, { logEvents: [] }])(
    'that only probes the receiver is dropped and counted: %j',
    (more) => {
      expect(decodeText(envelope(more)).tally).toMatchObject({
        received: 1,
        kept: 0,
        dropped: { cloudwatch_control_message: 1 },
      })
    },
  )

  it('without a list of events is rejected, with its bytes', () => {
    const { rejections, tally } = decodeText(envelope({ logEvents: 'none' }))
    expect(tally).toMatchObject({ received: 1, rejected: { not_a_record: 1 } })
    expect(Buffer.from(rejections[0]?.bytes ?? []).toString()).toBe(envelope({ logEvents: 'none' }))
  })

  it('with events that are none gives rejections, each with what came', () => {
    const { rejections, tally } = decodeText(envelope({ logEvents: [null, 7, { id: '1' }] }))
    expect(tally).toMatchObject({ received: 3, rejected: { not_a_record: 3 } })
    expect(rejections.map(({ bytes }) => Buffer.from(bytes).toString())).toEqual(['null', '7', '{"id":"1"}'])
  })
})

describe('a rejection', () => {
  it('carries address, reason and bytes', () => {
    const { rejections } = decodeText('{"log":"a"}\n{"log":')
    expect(rejections).toHaveLength(1)
    expect(rejections[0]).toMatchObject({
      reason: 'not_a_record',
      stream: 'logs',
      shard: 'shard-0',
      sequence: '100',
      sub: 0,
      line: 1,
    })
    expect(Buffer.from(rejections[0]?.bytes ?? []).toString()).toBe('{"log":')
  })

  it('says what is wrong without a word of the text, which may hold a secret', () => {
    const details = ['{"password":hunter2}', '{"password":"hunter2" "x"}', '{"password":"hunter2', '{"a":[hunter2'].map(
      (text) => decodeText(text).rejections[0]?.detail ?? '',
    )
    for (const detail of details) {
      expect(detail).toMatch(/^broken JSON: /)
      expect(detail).not.toContain('hunter')
    }
  })

  it('of an element holds that element, and not the list around it', () => {
    const { rejections } = decodeText('[{"log":"a"},{"n":1},{"n":2}]')
    expect(rejections.map(({ bytes, line }) => [Buffer.from(bytes).toString(), line])).toEqual([
      ['{"n":1}', 1],
      ['{"n":2}', 2],
    ])
  })

  it('is one for all that a list on one line holds beyond what is read', () => {
    const list = JSON.stringify(Array.from({ length: 9 }, (_, i) => ({ log: `line ${i}` })))
    const { records, rejections, tally } = decodeBytes([Buffer.from(list)], {
      limits: { inflatedBytes: 1_000, lineBytes: 1_000, items: 3 },
    })
    expect(records.map(({ body }) => body)).toEqual(['line 0', 'line 1', 'line 2'])
    expect(rejections.map(({ reason, bytes }) => [reason, Buffer.from(bytes).toString()])).toEqual([
      ['output_too_large', list],
    ])
    expect(tally).toMatchObject({ received: 4, kept: 3 })
  })

  it('does not stop what stands behind it', () => {
    expect(decodeText('{"broken\n{"log":"ok"}').records.map((record) => record.body)).toEqual(['ok'])
  })
})
