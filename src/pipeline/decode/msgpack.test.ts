import { describe, expect, it } from 'vitest'
import { createMsgpackReader, EventTime } from './msgpack.ts'

const bytes = (hex: string): Buffer => Buffer.from(hex.replaceAll(' ', ''), 'hex')
const read = (hex: string): unknown => createMsgpackReader(bytes(hex)).next()
const utf8 = (text: string): string => Buffer.from(text).toString('hex')

describe('a value', () => {
  it.each<[string, unknown]>([
    ['07', 7],
    ['ff', -1],
    ['c0', null],
    ['c2', false],
    ['c3', true],
    ['cc ff', 255],
    ['cd 01 00', 256],
    ['ce ff ff ff ff', 4_294_967_295],
    ['cf 00 00 00 00 00 00 00 09', 9],
    ['cf ff ff ff ff ff ff ff fd', '18446744073709551613'],
    ['d0 80', -128],
    ['d1 80 00', -32_768],
    ['d2 ff ff ff fe', -2],
    ['d3 ff ff ff ff ff ff ff ff', -1],
    ['ca 3f 80 00 00', 1],
    ['cb 3f f8 00 00 00 00 00 00', 1.5],
    [`a6 ${utf8('주문')}`, '주문'],
    ['d9 01 61', 'a'],
    ['da 00 01 61', 'a'],
    ['db 00 00 00 01 61', 'a'],
    ['c4 01 61', 'a'],
    ['92 01 a1 61', [1, 'a']],
    ['dc 00 01 01', [1]],
    ['dd 00 00 00 01 01', [1]],
    ['81 a1 61 01', { a: 1 }],
    ['de 00 01 a1 61 01', { a: 1 }],
    ['df 00 00 00 01 01 02', { 1: 2 }],
    ['d4 05 00', null],
    ['c7 03 01 00 00 00', null],
    ['d7 00 00 00 00 01 00 00 00 02', new EventTime(1, 2)],
  ])('is read from %s', (hex, wanted) => {
    expect(read(hex)).toEqual(wanted)
  })

  it('may have a key that is no key of ours to set', () => {
    const fields = read(`81 a9 ${utf8('__proto__')} 01`) as object
    expect([Object.getPrototypeOf(fields), Object.keys(fields)]).toEqual([null, ['__proto__']])
  })
})

describe('damaged bytes', () => {
  it.each([
    ['92 01', 'ends at byte 2, inside a value'],
    ['db ff ff ff ff 61', 'ends at byte 6, inside a value'],
    ['dd ff ff ff ff', 'ends at byte 5, inside a value'],
    ['c1', 'byte 0 begins no value'],
  ])('%s are named with their place', (hex, message) => {
    expect(() => read(hex)).toThrow(message)
  })

  it('that claim lists in lists cost no room and no stack', () => {
    expect(() => createMsgpackReader(Buffer.alloc(8 * 1024 * 1024, 0xdd)).next()).toThrow('nested deeper than 32')
    expect(() => createMsgpackReader(Buffer.alloc(1024 * 1024, 0x91)).next()).toThrow('nested deeper than 32')
  })
})

it('a stream gives its values one after the other', () => {
  const reader = createMsgpackReader(bytes('01 a1 61 c3'))
  const values: unknown[] = []
  while (!reader.done()) values.push(reader.next())
  expect(values).toEqual([1, 'a', true])
})
