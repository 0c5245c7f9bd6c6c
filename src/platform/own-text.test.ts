import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { ownText } from './own-text.ts'

it('a text of its own is the same text', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', size: 'medium' }), (text) => {
      expect(ownText(text)).toBe(text)
    }),
  )
})

it('a text of its own does not keep the text that it was cut from', () => {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  collect()
  const before = process.memoryUsage().heapUsed
  const parts = Array.from({ length: 100 }, (_, i) =>
    ownText(
      Buffer.alloc(1_000_000, 65 + (i % 26))
        .toString('latin1')
        .slice(100, 200),
    ),
  )
  collect()
  expect(process.memoryUsage().heapUsed - before).toBeLessThan(50e6)
  expect(parts).toHaveLength(100)
})
