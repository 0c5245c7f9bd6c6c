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
    '실패 ',
    '::a',
    '#0 a(1): ',
    '\n#0 ',
    "a (B)\na:1:in '",
    '\n ---> a.b: ',
    '\n\ta:1',
    'a.b\n\ta:1\n',
    '^\n',
  ].map((unit) => ['', unit] as const),
  ...['Traceback (most recent call last)\n', 'panic: x\ngoroutine 1 [\n', 'x\n at a.b(c)\n', '  at a('].map(
    (head) => [head, ' '] as const,
  ),
  ...[
    ['[2026-01-20 20:00:00] ERROR ', ' (a.a'],
    ['[2026-01-20 20:00:00] ERROR ', '['],
    ['[2026-01-20 20:00:00][ERROR][', 'a'],
    ['2026-01-20 20:00:00 ERROR [', 'a,'],
    ['2026-01-20 20:00:00 ERROR ', 'a::'],
    ['2026-01-20 20:00:00 [77] ', 'a@'],
    ['2026-01-20 20:00:00\tERROR\t', 'a\t{'],
    ['<11>1 2026-01-20T20:00:00Z a b c d ', '[a'],
    ['<11>1 ', 'a '],
    ['E0120 20:00:00.123456 1 a.go:1] "', '\\"a" err="'],
    ['Jan 20, 2026 8:00:00 PM ', 'a.'],
    ["thread '", "' panicked at "],
    ['x\n#0 a', ' Uncaught A: '],
    ['Traceback (most recent call last):\n', '  | '],
    ['Unhandled exception. A.B: x\n ---> ', 'a.'],
    ['level=error msg=x ', 'trace_id=0'],
  ].map(([head = '', unit = '']) => [head, unit] as const),
]

test.each(cases)('a text of %j and many %j is read in time', (head, unit) => {
  const text = `${head}${unit.repeat(Math.ceil(CHARS / unit.length))}y`
  const start = performance.now()
  decodeText(JSON.stringify({ log: text }))
  decodeText(text)
  expect(performance.now() - start).toBeLessThan(PATIENCE_MS)
})
