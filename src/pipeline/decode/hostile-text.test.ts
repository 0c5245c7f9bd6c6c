import { expect, test } from 'vitest'
import { decodeText } from './wire.test-data.ts'

/** Where a pattern that goes back and forth takes seconds to minutes; measured at 1 to 200 ms on a shared core. */
const CHARS = 1 << 16
const PATIENCE_MS = 2000

const cases = [
  ...[
    '\n',
    ' ',
    'a.',
    '[a] ',
    'Exception',
    'xException ',
    '  at (node:',
    'level=error msg="',
    ':1:in `',
    '/a:1',
    'failed ',
    '()',
  ].map((unit) => ['', unit] as const),
  ...['Traceback (most recent call last)\n', 'panic: x\ngoroutine 1 [\n', 'x\n at a.b(c)\n', '  at a('].map(
    (head) => [head, ' '] as const,
  ),
]

test.each(cases)('a text of %j and many %j is read in time', (head, unit) => {
  const text = `${head}${unit.repeat(Math.ceil(CHARS / unit.length))}y`
  const start = performance.now()
  decodeText(JSON.stringify({ log: text }))
  decodeText(text)
  expect(performance.now() - start).toBeLessThan(PATIENCE_MS)
})
