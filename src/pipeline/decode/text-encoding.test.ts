import { describe, expect, it } from 'vitest'
import { decodeText, detectEncoding, streamDecoder } from './text-encoding.ts'
import { fluentBit } from './wire.test-data.ts'

const bytes = (...values: number[]): Uint8Array => Uint8Array.from(values)
const utf16le = (text: string): Buffer => Buffer.from(text, 'utf16le')
const utf16be = (text: string): Buffer => utf16le(text).swap16()

describe('the encoding of a line', () => {
  it.each([
    ['ASCII', Buffer.from('2026-01-20 ERROR boom'), 'utf-8'],
    ['Korean UTF-8', Buffer.from('주문 처리 실패'), 'utf-8'],
    ['an emoji', Buffer.from('😀'), 'utf-8'],
    ['nothing', bytes(), 'utf-8'],
    ['UTF-16 with a little-endian mark', Buffer.concat([bytes(0xff, 0xfe), utf16le('주문')]), 'utf-16le'],
    ['UTF-16 with a big-endian mark', Buffer.concat([bytes(0xfe, 0xff), utf16be('주문')]), 'utf-16be'],
    ['UTF-16LE without a mark', utf16le('ERROR 주문 처리'), 'utf-16le'],
    ['UTF-16BE without a mark', utf16be('ERROR 주문 처리'), 'utf-16be'],
    ['EUC-KR', bytes(0xc1, 0xd6, 0xb9, 0xae, 0x20, 0xbd, 0xc7, 0xc6, 0xd0), 'euc-kr'],
    ['a character cut in its middle', Buffer.from('실패').subarray(0, 4), 'utf-8'],
    ['Latin-1', bytes(0x63, 0x61, 0x66, 0xe9, 0x20, 0x6f, 0x6b), 'utf-8'],
    ['a text with one NUL at its end', Buffer.from('abc\0'), 'utf-8'],
    ['a run of NULs', Buffer.alloc(64), 'utf-8'],
  ])('of %s is found', (_, data, name) => {
    expect(detectEncoding(data)).toBe(name)
  })
})

it('a sample of Korean UTF-8 is UTF-8 wherever it ends', () => {
  // Out of step, the bytes of this word are those of Hangul in EUC-KR.
  const whole = Buffer.from('주문 '.repeat(20))
  for (let end = 1; end <= whole.length; end++) expect(detectEncoding(whole.subarray(0, end))).toBe('utf-8')
})

describe('decoding a line', () => {
  it('reads EUC-KR that a shipper passed on as it was', () => {
    const text = decodeText(fluentBit('inputs/euckr.log').subarray(0, -1))
    expect(text).toContain('주문 처리 실패')
  })

  it('drops the mark of UTF-8, UTF-16LE and UTF-16BE', () => {
    const marked = [Buffer.from('\ufeff주문'), utf16le('\ufeff주문'), utf16be('\ufeff주문')]
    expect(marked.map(decodeText)).toEqual(['주문', '주문', '주문'])
  })

  it('replaces what is no character and keeps the rest', () => {
    expect(decodeText(Buffer.concat([Buffer.from('a'), bytes(0xff), Buffer.from('b')]))).toBe('a\ufffdb')
  })

  it('keeps NUL characters of a text', () => {
    expect(decodeText(Buffer.from('nul [\0] mid'))).toBe('nul [\0] mid')
  })

  it('makes no lone surrogate of a damaged UTF-16 pair', () => {
    expect(decodeText(Buffer.concat([bytes(0xff, 0xfe), bytes(0x3d, 0xd8), utf16le('x')])).isWellFormed()).toBe(true)
  })

  it('joins a character that two chunks of a stream share', () => {
    const whole = Buffer.from('실패')
    const decoder = streamDecoder('utf-8')
    expect(decoder.decode(whole.subarray(0, 4), { stream: true }) + decoder.decode(whole.subarray(4))).toBe('실패')
  })
})
