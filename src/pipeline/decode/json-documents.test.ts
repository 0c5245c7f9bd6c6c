import { describe, expect, it } from 'vitest'
import { splitJsonDocuments } from './json-documents.ts'
import { decodeBytes, decodeText } from './wire.test-data.ts'

const pretty = (value: unknown): string => JSON.stringify(value, null, 2)

describe('JSON over several lines', () => {
  it.each([
    ['one object', pretty({ level: 'error', msg: 'a' }), ['a']],
    ['a list', pretty([{ msg: 'a' }, { msg: 'b' }]), ['a', 'b']],
    ['objects one after the other', `${pretty({ msg: 'a' })}\n${pretty({ msg: 'b' })}\n`, ['a', 'b']],
    ['a list with a comma at the front', '[{"msg":"a"}\n,{"msg":"b"}]', ['a', 'b']],
    ['CRLF', pretty({ msg: 'a' }).replaceAll('\n', '\r\n'), ['a']],
    ['braces and quotes in text', pretty({ msg: '}{ "][' }), ['}{ "][']],
    ['Korean', pretty({ msg: '주문 실패' }), ['주문 실패']],
  ])('is read: %s', (_name, text, messages) => {
    expect(decodeText(text).records.map((record) => record.message)).toEqual(messages)
  })

  it('gives each record a position of its own', () => {
    const { records } = decodeText(`${pretty({ msg: 'a' })}\n${pretty([{ msg: 'b' }, { msg: 'c' }])}`)
    expect(new Set(records.map((record) => record.id)).size).toBe(3)
  })

  it('reads an array on one line that is longer than a line may be', () => {
    const long = JSON.stringify(Array.from({ length: 50 }, (_, i) => ({ msg: `m${i}` })))
    const { records } = decodeBytes([Buffer.from(long)], {
      limits: { lineBytes: 100, inflatedBytes: 1_000_000, items: 1_000 },
    })
    expect(records).toHaveLength(50)
  })
})

describe('what is not JSON over several lines', () => {
  it.each([
    '{"a":1}\n{"b":2}',
    '{"broken\n{"log":"ok"}',
    '{\n "a": 1',
    '{\n} x',
    '[main] ERROR x\ny',
    '{\n bad\n}',
    '',
  ])('is left to be split into lines: %j', (text) => {
    expect(splitJsonDocuments(text)).toBeUndefined()
  })
})

describe('printed JSON that is broken', () => {
  it.each([
    ['{\n  "level": "error",\n  "msg": "cut', 'does not end'],
    ['{\n  "level": "error",\n  "msg"\n}', 'is damaged'],
    ['[\n  {"msg": 1},\n', 'does not end'],
  ])('is rejected in one piece, as received: %j', (text, detail) => {
    const { records, rejections } = decodeText(text)
    expect([records.length, rejections.length]).toEqual([0, 1])
    expect(rejections[0]?.detail).toContain(detail)
    expect(Buffer.from(rejections[0]?.bytes ?? []).toString()).toBe(text)
  })

  it('is text where it stands behind text, or text behind it', () => {
    expect(decodeText('{\n  "a": 1\n}\nplain').rejections).toEqual([])
    expect(decodeText('request:\n{\n  "a": 1').rejections).toEqual([])
  })
})
