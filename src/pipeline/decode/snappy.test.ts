import { describe, expect, it } from 'vitest'
import { openSnappy } from './snappy.ts'
import { decodeBytes, fluentBit } from './wire.test-data.ts'

const LIMIT = 1_000_000
const names = ['000', '001', '002']

describe('a record that Fluent Bit compressed with snappy', () => {
  it.each(names)('gives exactly what it sends uncompressed: %s', (name) => {
    const plain = fluentBit(`records/plain.${name}.bin`)
    expect(Buffer.from(openSnappy(fluentBit(`records/snappy.${name}.bin`), LIMIT) ?? [])).toEqual(plain)
  })

  it('is read like any other', () => {
    const bodies = (kind: string) =>
      decodeBytes(names.map((name) => fluentBit(`records/${kind}.${name}.bin`))).records.map((record) => record.body)
    expect(bodies('snappy')).toEqual(bodies('plain'))
  })

  it('is not opened beyond the limit', () => {
    expect(openSnappy(fluentBit('records/snappy.000.bin'), 100)).toBeUndefined()
  })
})

describe('what is no such record', () => {
  const block = fluentBit('records/snappy.000.bin')

  it.each([
    ['nothing', Buffer.alloc(0)],
    ['JSON', Buffer.from('{"log":"x"}')],
    ['text', Buffer.from('xP{ is no block')],
    ['a block that is cut', block.subarray(0, -1)],
    ['a block with a byte too many', Buffer.concat([block, Buffer.from([0])])],
    ['a copy from before the beginning', Buffer.from([9, 0, 0x7b, 1, 0x7f, 0, 0, 0, 0])],
    ['a length that its bytes cannot hold', Buffer.from([0xff, 0xff, 0xff, 0x07, 0, 0x7b])],
  ])('is left as it is: %s', (_name, bytes) => {
    expect(openSnappy(bytes, LIMIT)).toBeUndefined()
  })

  it('is left as it is, whichever byte of a block is changed to break it', () => {
    for (let i = 0; i < block.length; i++) {
      const changed = Buffer.from(block)
      changed[i] = (changed[i] as number) ^ 0xff
      expect(() => openSnappy(changed, LIMIT)).not.toThrow()
    }
  })
})
