import { expect, test } from 'vitest'
import { decodeText } from './wire.test-data.ts'

/** Where a pattern that goes back and forth takes minutes; measured at 1 to 400 ms on a shared core. */
const CHARS = 1 << 18
const PATIENCE_MS = 3000

const heads = ['', ' at ', 'Traceback (most recent call last)\n', 'panic: x\ngoroutine 1 [\n', 'x\n at a.b(c)\n']
const units = ['\n', ' ', 'a.', '[a] ', 'Exception', 'xException ', '  at (node:', '\n at ', '\n|', 'level=error msg="', ':1:in `', '/a:1', 'failed ', '()']

test.each(units.flatMap((unit) => heads.map((head) => [head, unit])))('a text of %j and many %j is read in time', (head, unit) => {
  const text = `${head}${unit.repeat(Math.ceil(CHARS / unit.length))}y`
  const start = performance.now()
  decodeText(JSON.stringify({ log: text }))
  decodeText(text)
  expect(performance.now() - start).toBeLessThan(PATIENCE_MS)
})
