import { gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { decodeBytes } from './wire.test-data.ts'

const SECONDS = Date.parse('2026-01-20T11:00:00Z') / 1000
const u32 = (n: number): Buffer => Buffer.from([n >>> 24, (n >>> 16) & 255, (n >>> 8) & 255, n & 255])
const str = (text: string): Buffer => {
  const bytes = Buffer.from(text)
  return Buffer.concat([Buffer.from([0xd9, bytes.length]), bytes])
}
const map = (fields: Record<string, string>): Buffer =>
  Buffer.concat([Buffer.from([0x80 | Object.keys(fields).length]), ...Object.entries(fields).flat().map(str)])
const pair = (time: Buffer, fields: Buffer): Buffer => Buffer.concat([Buffer.from([0x92]), time, fields])

const number = Buffer.concat([Buffer.from([0xce]), u32(SECONDS)])
const float = Buffer.alloc(9)
float[0] = 0xcb
float.writeDoubleBE(SECONDS + 0.25, 1)
const eventTime = Buffer.concat([Buffer.from([0xd7, 0x00]), u32(SECONDS), u32(250_000_000)])
const withMetadata = Buffer.concat([Buffer.from([0x92]), eventTime, Buffer.from([0x80])])
const wideLists = Buffer.concat([
  Buffer.from('dd00000002dd00000002', 'hex'),
  eventTime,
  Buffer.from([0x80]),
  map({ log: 'ERROR: wide' }),
])
const groupBegin = pair(
  Buffer.concat([Buffer.from([0x92, 0xd7, 0x00]), u32(0xffffffff), u32(0), Buffer.from([0x80])]),
  map({ resource: 'x' }),
)

describe('events of Fluent Bit in msgpack', () => {
  it.each([
    ['a number', pair(number, map({ log: 'ERROR: 디스크' })), 0],
    ['a number with a fraction', pair(float, map({ log: 'ERROR: 디스크' })), 250],
    ['an EventTime', pair(eventTime, map({ log: 'ERROR: 디스크' })), 250],
    ['an EventTime with metadata', pair(withMetadata, map({ log: 'ERROR: 디스크' })), 250],
  ])('have the time of %s', (_name, bytes, ms) => {
    const { records, tally } = decodeBytes([Buffer.concat([bytes, bytes])])
    expect(records.map((record) => [record.at, record.message])).toEqual([
      [SECONDS * 1000 + ms, '디스크'],
      [SECONDS * 1000 + ms, '디스크'],
    ])
    expect(new Set(records.map((record) => record.id)).size).toBe(2)
    expect(tally).toMatchObject({ received: 2, kept: 2 })
  })

  it('are seen in lists of the widest form, and behind gzip', () => {
    expect(decodeBytes([wideLists, gzipSync(wideLists)]).records.map((record) => record.message)).toEqual([
      'wide',
      'wide',
    ])
  })

  it('with a time of their own keep that', () => {
    const { records } = decodeBytes([pair(number, map({ log: 'x', time: '2026-01-20T10:00:00Z' }))])
    expect(records[0]?.at).toBe(Date.parse('2026-01-20T10:00:00Z'))
  })

  it('may be bare maps, where the sender says that it is msgpack', () => {
    const list = Buffer.concat([Buffer.from([0x92]), map({ log: 'b' }), map({ log: 'c' })])
    const { records } = decodeBytes([Buffer.concat([map({ log: 'a' }), list])], { format: 'msgpack' })
    expect(records.map((record) => record.body)).toEqual(['a', 'b', 'c'])
  })

  it('leave out the marks of a group', () => {
    expect(decodeBytes([Buffer.concat([groupBegin, pair(number, map({ log: 'x' }))])]).records).toHaveLength(1)
  })
})

describe('msgpack that is damaged', () => {
  it('keeps the events before the fault, and all of its bytes', () => {
    const bytes = Buffer.concat([pair(number, map({ log: 'a' })), pair(number, map({ log: 'b' })).subarray(0, 8)])
    const { records, rejections } = decodeBytes([bytes])
    expect(records.map((record) => record.body)).toEqual(['a'])
    expect(rejections[0]).toMatchObject({ reason: 'not_a_record', line: 1 })
    expect(rejections[0]?.detail).toMatch(/^broken msgpack: ends at byte \d+, inside a value$/)
    expect(Buffer.from(rejections[0]?.bytes ?? [])).toEqual(bytes)
  })

  it.each([
    ['a number', Buffer.from([7]), 'the value at byte 0 is no event'],
    ['text', Buffer.from('\u{1f600}'), 'no event'],
    ['a byte that begins nothing', Buffer.from([0xc1]), 'byte 0 begins no value'],
  ])('or holds %s is refused with the reason, where the sender says that it is msgpack', (_name, bytes, detail) => {
    const { records, rejections } = decodeBytes([bytes], { format: 'msgpack' })
    expect(records).toEqual([])
    expect(rejections[0]?.detail).toContain(detail)
  })

  it('from its first event on is read as text, where nobody said that it is msgpack', () => {
    expect(decodeBytes([Buffer.from([0x92, 0xcb, 0x41])]).records).toHaveLength(1)
  })
})
