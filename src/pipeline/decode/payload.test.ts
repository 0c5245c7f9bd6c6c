import { gzipSync, zstdCompressSync } from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { openPayload, type PayloadItem } from './payload.ts'
import { kplAggregate } from './wire.test-data.ts'

const lines = (items: Iterable<PayloadItem>): string[] =>
  Array.from(items, (item) =>
    item.kind === 'line' ? item.text : item.kind === 'reject' ? `!${item.reason}` : JSON.stringify(item.fields),
  )
const open = (text: string): string[] => lines(openPayload(Buffer.from(text)))

describe('more than anybody reads at once', () => {
  const limits = { inflatedBytes: 1_000_000, lineBytes: 100, items: 3 }

  it('is read up to the limit; the rest is one rejection with the record as received', () => {
    const data = gzipSync('x\n'.repeat(100_000))
    const items = [...openPayload(data, limits)]
    expect(lines(items)).toEqual(['x', 'x', 'x', '!output_too_large'])
    expect(items.at(-1)).toMatchObject({ bytes: data, line: 3, detail: expect.stringContaining('more than 3 lines') })
  })

  it.each([
    ['an array over several lines', Buffer.from(`[\n${'{"a":1},\n'.repeat(99)}{"a":1}\n]`), 4],
    ['documents over several lines', Buffer.from('{\n"a":1}\n'.repeat(100)), 4],
    [
      'a stream of msgpack',
      Buffer.concat(Array(100).fill(Buffer.from([0x92, 0xce, 0, 0, 0, 1, 0x81, 0xa1, 0x61, 1]))),
      4,
    ],
  ])('is not taken apart any further: %s', (_name, data, items) => {
    const read = [...openPayload(data, { ...limits, lineBytes: 50 })]
    expect(read.length).toBe(items)
    expect(read.at(-1)).toMatchObject({ kind: 'reject', reason: 'output_too_large', bytes: data })
  })

  it('is not what ends just at the limit', () => {
    expect(lines(openPayload(Buffer.from('a\nb\nc\n'), limits))).toEqual(['a', 'b', 'c'])
  })
})

describe('plain bytes', () => {
  it('of ASCII are split and decoded as any others are', () => {
    const piece = fc.constantFrom('a', 'bc', '\n', '\r\n', '\r', '\t', ' ', '\u007f')
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
        const text = pieces.join('')
        // With a letter beyond ASCII in a line of its own, all lines take the other way.
        const other = open(`${text}\né`)
        expect(open(text)).toEqual(other.slice(0, -1))
      }),
      { numRuns: 1_000 },
    )
  })

  it('are split on newlines, with or without a carriage return', () => {
    expect(open('a\nb\r\nc')).toEqual(['a', 'b', 'c'])
  })

  it('number their lines, blank ones included', () => {
    const items = [...openPayload(Buffer.from('a\n\nb\n'))]
    expect(items.map((item) => [item.sub, item.line])).toEqual([
      [0, 0],
      [0, 2],
    ])
  })

  it('give nothing when they are empty or only newlines', () => {
    expect([open(''), open('\n\n\r\n')]).toEqual([[], []])
  })

  it('keep a carriage return that ends no line', () => {
    expect(open('a\rb')).toEqual(['a\rb'])
  })
})

describe('wrapped bytes', () => {
  const inner = '{"log":"주문"}\nsecond'

  it.each([
    ['gzip', gzipSync(inner)],
    ['zstd', zstdCompressSync(inner)],
    ['gzip in zstd', zstdCompressSync(gzipSync(inner))],
    ['two gzip members', Buffer.concat([gzipSync('{"log":"주문"}\n'), gzipSync('second')])],
  ])('are opened when they are %s', (_, bytes) => {
    expect(lines(openPayload(bytes))).toEqual(['{"log":"주문"}', 'second'])
  })

  it('are opened inside an aggregate, each with its own number', () => {
    const items = [...openPayload(kplAggregate([gzipSync('a\nb'), Buffer.from('c'), zstdCompressSync('d')]))]
    expect(lines(items)).toEqual(['a', 'b', 'c', 'd'])
    expect(items.map((item) => `${item.sub}:${item.line}`)).toEqual(['0:0', '0:1', '1:0', '2:0'])
  })

  it('are rejected when they are cut, and the other parts of the aggregate are read', () => {
    expect(lines(openPayload(kplAggregate([gzipSync(inner).subarray(0, 20), Buffer.from('c')])))).toEqual([
      '!truncated_compression',
      'c',
    ])
  })

  it('are read as text when the wrappers do not end', () => {
    let bytes: Uint8Array = Buffer.from('x')
    for (let i = 0; i < 5; i++) bytes = gzipSync(bytes)
    expect(() => [...openPayload(bytes)]).not.toThrow()
    expect(lines(openPayload(bytes)).join()).not.toBe('x')
  })
})

describe('limits', () => {
  const limits = { inflatedBytes: 1000, lineBytes: 50, items: 1_000 }

  it('stop a compressed payload that grows beyond them', () => {
    const [item] = openPayload(gzipSync(Buffer.alloc(1_000_000)), limits)
    expect(item).toMatchObject({
      kind: 'reject',
      reason: 'output_too_large',
      detail: 'inflates to more than 1000 bytes',
    })
  })

  it('admit a payload of exactly the size', () => {
    expect(lines(openPayload(gzipSync(`${'a'.repeat(40)}\n`.repeat(24)), limits))).toHaveLength(24)
  })

  it('reject a line that is longer, and only that line', () => {
    expect(lines(openPayload(Buffer.from(`ok\n${'x'.repeat(51)}\nalso`), limits))).toEqual([
      'ok',
      '!line_too_large',
      'also',
    ])
  })

  it('keep the bytes as received beside a rejection', () => {
    const bytes = gzipSync('hello').subarray(0, 12)
    const [item] = openPayload(bytes)
    expect(item?.kind === 'reject' && Buffer.from(item.bytes).equals(bytes)).toBe(true)
  })
})
