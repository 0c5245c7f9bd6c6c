import { describe, expect, it } from 'vitest'
import { readCri, readHeader, stripAnsi } from './header.ts'

const ZONE = { offsetMinutes: 540, now: Date.parse('2026-01-25T00:00:00Z') }
const read = (line: string) => readHeader(line, ZONE)
const short = (line: string): string => {
  const { severity, service, thread, logger, message } = read(line)
  return [severity?.text ?? '-', service ?? '-', thread ?? '-', logger ?? '-', message].join(' | ')
}

describe('a header', () => {
  it.each([
    [
      '2026-01-20 20:00:00.037 ERROR [order-service] 주문 처리 실패 orderId=1',
      'ERROR | order-service | - | - | 주문 처리 실패 orderId=1',
    ],
    [
      '2026-01-20 20:00:00.123 ERROR 1 --- [nio-8080-exec-1] c.c.OrderService : spring boot default',
      'ERROR | - | nio-8080-exec-1 | c.c.OrderService | spring boot default',
    ],
    [
      '2026-01-20 20:00:00.123 [main] ERROR order-service - logback default',
      'ERROR | - | main | order-service | logback default',
    ],
    [
      '2026-01-20 20:00:00.123 ERROR [scheduler-1] com.x.Foo - a thread',
      'ERROR | - | scheduler-1 | com.x.Foo | a thread',
    ],
    ['2026-01-20 20:00:00.123 ERROR [task-2] a thread', 'ERROR | - | task-2 | - | a thread'],
    ['2026-01-20 20:00:00.123 [import] INFO com.x.Foo - a thread', 'INFO | - | import | com.x.Foo | a thread'],
    [
      '2026-01-20 20:00:00.123 ERROR [order-service] com.x.Foo - a service',
      'ERROR | order-service | - | com.x.Foo | a service',
    ],
    ['2026-01-20 20:00:00,123 - payment - WARNING - slow', 'WARN | - | - | payment | slow'],
    ['ERROR:root:python basic', 'ERROR | - | - | root | python basic'],
    ['ERROR 2026-01-20 20:00:00,123 [main] com.x.Foo - level first', 'ERROR | - | main | com.x.Foo | level first'],
    ['E0120 20:00:00.123456       1 reflector.go:138] klog', 'ERROR | - | - | reflector.go:138 | klog'],
    ['E, [2026-01-20T20:00:00.123456 #17] ERROR -- : ruby logger', 'ERROR | - | - | - | ruby logger'],
    ['[Nest] 1  - 01/20/2026, 8:00:00 PM   ERROR [ExceptionsHandler] nest', 'ERROR | - | ExceptionsHandler | - | nest'],
    ['2026-01-20 20:00:00.123 | ERROR | loguru', 'ERROR | - | - | - | loguru'],
    [
      '2026-01-20 20:00:00.123 UTC [77] ERROR:  relation "x" does not exist',
      'ERROR | - | 77 | - | relation "x" does not exist',
    ],
    ['[Tue Jan 20 20:00:00.123 2026] [core:error] apache', 'ERROR | - | - | - | apache'],
    ['Jan 20 20:00:00 node-1 kubelet[812]: ERROR oops', 'ERROR | kubelet | - | - | oops'],
  ])('is read from %s', (line, expected) => {
    expect(short(line)).toBe(expected)
  })

  it('is absent where the line is prose', () => {
    expect(short('Error rates are fine today')).toBe('- | - | - | - | Error rates are fine today')
    expect(read('the order was refused').starts).toBe(false)
  })

  it('of a lower-case word needs a colon', () => {
    expect([read('error: cannot open').severity?.text, read('error cannot open').severity]).toEqual([
      'ERROR',
      undefined,
    ])
  })

  it('does not take a time alone for the start of an event', () => {
    expect(read('2026-01-20 20:00:00').starts).toBe(false)
  })

  it('keeps a message that begins with a bracketed list', () => {
    expect(short('2026-01-20 20:00:00 ERROR failed [1, 2]')).toBe('ERROR | - | - | - | failed [1, 2]')
  })
})

describe('the prefix of a container runtime', () => {
  it('gives time, stream and text', () => {
    expect(readCri('2026-01-20T11:00:00.001000003Z stderr F \tat a.B.c(B.java:1)')).toEqual({
      time: '2026-01-20T11:00:00.001000003Z',
      stream: 'stderr',
      partial: false,
      text: '\tat a.B.c(B.java:1)',
    })
  })

  it('marks a line that goes on', () => {
    expect(readCri('2026-01-20T11:00:00Z stdout P half')?.partial).toBe(true)
  })

  it.each(['2026-01-20T11:00:00Z stdout X text', '2026-01-20T11:00:00Z both F text', 'plain'])(
    'is not seen in %j',
    (line) => {
      expect(readCri(line)).toBeUndefined()
    },
  )
})

it('terminal colours are removed, other brackets stay', () => {
  expect(stripAnsi('\u001b[31mred\u001b[0m [main] \u001b[1;32mok')).toBe('red [main] ok')
})
