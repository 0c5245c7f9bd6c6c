import { describe, expect, it } from 'vitest'
import type { ExceptionChain } from '../record.ts'
import { readException } from './exception.ts'

const read = (text: string): ExceptionChain => {
  const chain = readException(text)
  if (chain === undefined) throw new Error('no exception was found')
  return chain
}
const types = (chain: ExceptionChain): string[] => [chain.type, ...chain.causes.map((cause) => cause.type)]
const frames = (chain: ExceptionChain): string[] =>
  chain.frames.map((frame) => `${frame.function} ${frame.file ?? '?'}:${frame.line ?? '?'}`)

describe('a Java trace', () => {
  const chain = read(
    '2026-01-20 20:00:00 ERROR [order-service] 주문 처리 실패\njava.lang.IllegalStateException: 재고 없음\n\tat com.cali.A.b(A.java:1)\n\tat java.base/java.util.List.c(List.java:2) ~[na:na]\n\tat com.cali.A.d(Native Method)\nCaused by: java.sql.SQLException: conn timeout\n\tat com.cali.D.e(D.java:9)\n\t... 12 more\nCaused by: java.net.ConnectException\n\tat com.cali.N.f(N.java:3)',
  )

  it('gives the exception, its causes in order and the root last', () => {
    expect(types(chain)).toEqual([
      'java.lang.IllegalStateException',
      'java.sql.SQLException',
      'java.net.ConnectException',
    ])
    expect([chain.message, chain.causes[0]?.message, chain.causes[1]?.message]).toEqual([
      '재고 없음',
      'conn timeout',
      '',
    ])
  })

  it('gives frames innermost first, without module names', () => {
    expect(frames(chain)).toEqual([
      'com.cali.A.b A.java:1',
      'java.util.List.c List.java:2',
      'com.cali.A.d Native Method:?',
    ])
    expect(chain.language).toBe('java')
  })

  it('leaves out what was suppressed', () => {
    const suppressed = read(
      'java.lang.Exception: primary\n\tat a.A.b(A.java:1)\n\tSuppressed: java.io.IOException: close\n\t\tat a.R.c(R.java:4)\nCaused by: java.lang.Error: root\n\tat a.Z.z(Z.java:3)',
    )
    expect(types(suppressed)).toEqual(['java.lang.Exception', 'java.lang.Error'])
  })

  it('keeps a message of several lines', () => {
    const several = read(
      '2026-01-20 20:00:00 ERROR [a] tx failed\norg.x.DataViolationException: could not execute\n\nSQL [insert]; constraint [uk_1]\n\tat a.B.c(B.java:1)',
    )
    expect(several.message).toBe('could not execute\n\nSQL [insert]; constraint [uk_1]')
  })

  it('finds the exception in the header line', () => {
    const inline = read(
      '2026-01-20 20:00:00 ERROR [a] c.A - java.lang.IllegalStateException: no stock\n\tat a.B.c(B.java:1)',
    )
    expect([inline.type, inline.message]).toEqual(['java.lang.IllegalStateException', 'no stock'])
  })

  it('reads Hangul in class and method names', () => {
    expect(frames(read('a.B예외Exception: x\n\tat com.회사.주문.처리(주문.java:7)'))).toEqual([
      'com.회사.주문.처리 주문.java:7',
    ])
  })
})

describe('a Python trace', () => {
  it('gives the last exception as the one that was raised, frames innermost first', () => {
    const chain = read(
      'ERROR [batch] job failed\nTraceback (most recent call last):\n  File "/app/w.py", line 10, in run\n    d["a"]\n  File "/app/v.py", line 3, in get\n    ~~~^^^\nKeyError: \'a\'\n\nDuring handling of the above exception, another exception occurred:\n\nTraceback (most recent call last):\n  File "/app/m.py", line 2, in <module>\n    run()\nworker.errors.TaskError: 배치 실패\n둘째 줄',
    )
    expect(types(chain)).toEqual(['worker.errors.TaskError', 'KeyError'])
    expect(chain.message).toBe('배치 실패\n둘째 줄')
    expect(chain.causes[0]?.frames.map((frame) => frame.function)).toEqual(['get', 'run'])
  })

  it('gives an exception without a message', () => {
    const chain = read(
      'Traceback (most recent call last):\n  File "/a.py", line 1, in f\n    raise KeyboardInterrupt\nKeyboardInterrupt',
    )
    expect([chain.type, chain.message]).toEqual(['KeyboardInterrupt', ''])
  })
})

describe('a Node trace', () => {
  it('gives anonymous and asynchronous frames with files', () => {
    const chain = read(
      'TypeError: Cannot read properties of undefined\n    at Ctl.create (/app/dist/order.js:10:15)\n    at async file:///app/main.mjs:4:1\n    at process.processTicksAndRejections (node:internal/process/task_queues:95:5)',
    )
    expect([chain.language, chain.type]).toEqual(['node', 'TypeError'])
    expect(frames(chain)).toEqual([
      'Ctl.create /app/dist/order.js:10',
      '<anonymous> file:///app/main.mjs:4',
      'process.processTicksAndRejections node:internal/process/task_queues:95',
    ])
  })

  it('gives the cause that inspection prints', () => {
    expect(
      types(
        read(
          'Error: outer\n    at f (/a.js:1:1) {\n  [cause]: Error: connect ECONNREFUSED 127.0.0.1:3306\n      at g (node:net:1606:16) {\n    errno: -111\n  }\n}',
        ),
      ),
    ).toEqual(['Error', 'Error'])
  })
})

describe('other languages', () => {
  it('a Go panic gives the goroutine that panicked', () => {
    const chain = read(
      'panic: runtime error: invalid memory address\n[signal SIGSEGV]\n\ngoroutine 1 [running]:\nmain.(*Server).handle(0xc0, {0x0, 0x0})\n\t/app/main.go:12 +0x1d\nmain.main()\n\t/app/main.go:7 +0x25\n\ngoroutine 18 [select]:\nnet/http.Serve(0xc0)\n\t/usr/lib/go/server.go:3',
    )
    expect([chain.language, chain.type, chain.message]).toEqual([
      'go',
      'panic: runtime error',
      'runtime error: invalid memory address',
    ])
    expect(frames(chain)).toEqual(['main.(*Server).handle /app/main.go:12', 'main.main /app/main.go:7'])
  })

  it('a .NET trace gives types and places', () => {
    const chain = read(
      'Unhandled exception. System.InvalidOperationException: no rows\n   at Shop.Orders.Place(Int32 id) in /src/Orders.cs:line 42\n   at Shop.Main()',
    )
    expect([chain.language, chain.type, chain.message]).toEqual([
      'dotnet',
      'System.InvalidOperationException',
      'no rows',
    ])
    expect(frames(chain)).toEqual(['Shop.Orders.Place(Int32 id) /src/Orders.cs:42', 'Shop.Main() ?:?'])
  })
})

it('a .NET trace without debug symbols is not taken for Java', () => {
  const chain = read(
    'System.InvalidOperationException: no rows\n   at Shop.Orders.Place(Int32 id, String note)\n   at Shop.Main()',
  )
  expect([chain.language, ...frames(chain)]).toEqual([
    'dotnet',
    'Shop.Orders.Place(Int32 id, String note) ?:?',
    'Shop.Main() ?:?',
  ])
})

describe('no exception', () => {
  it.each([
    'java.lang.IllegalStateException: one line',
    'a\nb\nc',
    '2026-01-20 20:00:00 INFO meeting\n  at noon',
    'panic: alone\nno goroutine',
    'Traceback (most recent call last):\n  File "/a.py", line 1, in f\n',
  ])('is found in %j', (text) => {
    expect(readException(text)).toBeUndefined()
  })
})

describe('a trace without end', () => {
  it('is read to a bound of frames and causes', () => {
    const deep = Array.from({ length: 5_000 }, (_, i) => `\tat a.B.m${i}(B.java:${i})`).join('\n')
    const chain = read(
      `java.lang.StackOverflowError\n${deep}\n${'Caused by: a.XException: y\n\tat a.B.c(B.java:1)\n'.repeat(500)}`,
    )
    expect(chain.frames.length).toBe(200)
    expect(chain.causes.length).toBeLessThanOrEqual(20)
  })
})
