import { createHmac } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { placeholders } from './placeholder.ts'

describe('a placeholder', () => {
  it('ends in the first digits of the HMAC-SHA256 of its value, long or short, under any key', () => {
    const value = fc.oneof(
      fc.string({ unit: 'grapheme', maxLength: 40 }),
      fc.string({ minLength: 300, maxLength: 900 }),
    )
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), fc.array(value, { maxLength: 4 }), (key, values) => {
        const make = placeholders(key)()
        for (const plain of values.map((one) => one.normalize('NFKC').replace(/[^\x21-\x7e가-힣]/g, 'x'))) {
          const wanted = createHmac('sha256', key).update(plain).digest('hex').slice(0, 4)
          expect(make('TOKEN', plain)).toBe(`[TOKEN:${wanted}]`)
        }
      }),
    )
  })
})
