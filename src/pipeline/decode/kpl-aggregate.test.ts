import { describe, expect, it } from 'vitest'
import { readKplAggregate } from './kpl-aggregate.ts'
import { kplAggregate } from './wire.test-data.ts'

const texts = (parts: readonly Uint8Array[] | undefined): string[] | undefined =>
  parts?.map((part) => Buffer.from(part).toString())

describe('a KPL aggregate', () => {
  it('gives its user records in order', () => {
    expect(
      texts(readKplAggregate(kplAggregate([Buffer.from('첫째'), Buffer.from('second'), Buffer.from('')]))),
    ).toEqual(['첫째', 'second', ''])
  })

  it('may hold no record at all', () => {
    expect(readKplAggregate(kplAggregate([]))).toEqual([])
  })

  it('may hold records longer than one length byte can say', () => {
    expect(texts(readKplAggregate(kplAggregate([Buffer.from('x'.repeat(300))])))).toEqual(['x'.repeat(300)])
  })
})

describe('data that only looks like an aggregate', () => {
  it('is none when its MD5 does not fit', () => {
    const bytes = kplAggregate([Buffer.from('a')])
    bytes[bytes.length - 1] = (bytes.at(-1) as number) ^ 1
    expect(readKplAggregate(bytes)).toBeUndefined()
  })

  it('is none when a byte inside was changed', () => {
    const bytes = kplAggregate([Buffer.from('a')])
    bytes[8] = (bytes[8] as number) ^ 0xff
    expect(readKplAggregate(bytes)).toBeUndefined()
  })

  it.each([0, 3, 4, 19, 20])('is none when it is cut to %i bytes', (length) => {
    expect(readKplAggregate(kplAggregate([Buffer.from('abc')]).subarray(0, length))).toBeUndefined()
  })

  it('is none when it is JSON', () => {
    expect(readKplAggregate(Buffer.from('{"log":"a line that is longer than magic and digest"}'))).toBeUndefined()
  })

  it('is none when the protobuf inside ends too early, with a right MD5', async () => {
    const { hash } = await import('node:crypto')
    const body = Buffer.from([0x1a, 0x7f, 0x01])
    const bytes = Buffer.concat([
      Buffer.from([0xf3, 0x89, 0x9a, 0xc2]),
      body,
      Buffer.from(hash('md5', body, 'hex'), 'hex'),
    ])
    expect(readKplAggregate(bytes)).toBeUndefined()
  })
})
