import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { contentHash, crockford } from './hash.ts'

describe('a content hash', () => {
  it('is the same on every machine and in every version', () => {
    expect(contentHash(['a', 'b'], 12)).toBe('8fb20ef63ced')
  })

  it('tells where one part ends and the next begins', () => {
    expect(contentHash(['ab', 'c'])).not.toBe(contentHash(['a', 'bc']))
    expect(contentHash([])).not.toBe(contentHash(['']))
  })

  it('has as many digits as asked for', () => {
    expect([contentHash(['x']).length, contentHash(['x'], 32).length]).toEqual([16, 32])
  })
})

it('a readable id has no letters that are taken for one another', () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      expect(crockford(contentHash([text]), 6)).toMatch(/^[0-9A-HJKMNP-TV-Z]{6}$/)
    }),
  )
})
