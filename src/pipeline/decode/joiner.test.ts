import { describe, expect, it } from 'vitest'
import { createJoiner, type JoinerLimits } from './joiner.ts'

const AT = '2026-01-20 20:00:00.000'
function join(lines: readonly string[], limits?: JoinerLimits): string[] {
  const joiner = createJoiner(limits)
  const events = [...lines.map((line) => joiner.push(line)), joiner.flush()]
  return events.flatMap((event) => (event === undefined ? [] : [event.lines.join('\n')]))
}
/** Events as line counts: what a rule is about is where an event ends. */
const sizes = (...lines: string[]): number[] => join(lines).map((event) => event.split('\n').length)

describe('events with headers', () => {
  it('take the lines without one that follow', () => {
    expect(sizes(`${AT} ERROR [a] failed`, 'reason: disk', 'SELECT *', `${AT} INFO [a] next`)).toEqual([3, 1])
  })

  it('begin at a line of logfmt with a level, which tools of Kubernetes write between lines of another form', () => {
    const failed = 'time="2026-01-20T11:00:00Z" level=error msg="cannot sync"'
    expect(sizes(`${AT} WARN [a] deprecated`, failed, failed, `${AT} INFO [a] x`)).toEqual([1, 1, 1, 1])
    expect(sizes(`${AT} ERROR [a] request was`, 'level=high msg=none', `${AT} INFO [a] x`)).toEqual([2, 1])
  })

  it('begin at a level word with a colon, when it stands at the margin', () => {
    expect(sizes(`${AT} INFO [a] x`, 'WARNING: An illegal access', `${AT} INFO [a] y`)).toEqual([1, 1, 1])
    expect(sizes(`${AT} ERROR [a] x`, '    error: inside', `${AT} INFO [a] y`)).toEqual([2, 1])
  })

  it('leave out a line of words after a harmless line that announces nothing', () => {
    expect(sizes(`${AT} INFO [a] started`, 'plain stdout print', `${AT} INFO [a] x`)).toEqual([1, 1, 1])
    expect(sizes(`${AT} INFO [a] request body:`, 'name=kim', `${AT} INFO [a] x`)).toEqual([2, 1])
  })

  it('keep log lines of an earlier time that a line before announces', () => {
    const quoted = '2026-01-20 19:59:59.000 ERROR [other] nested'
    expect(sizes(`${AT} ERROR [a] dump follows`, '> upstream said:', quoted, quoted, `${AT} INFO [a] x`)).toEqual([
      4, 1,
    ])
    expect(sizes(`${AT} ERROR [a] dump follows`, 'upstream', quoted)).toEqual([2, 1])
    expect(sizes(`${AT} ERROR [a] out of order:`, quoted)).toEqual([1, 1])
  })

  it('keep a time that stands alone on a line', () => {
    expect(sizes(`${AT} WARN [a] slow query`, 'WHERE at >', AT)).toEqual([3])
  })

  it('end at a crash of the runtime, which no logger prints', () => {
    expect(
      sizes(
        `${AT} ERROR [a] cannot bind`,
        'Exception in thread "main" java.lang.IllegalStateException: x',
        '\tat a.B.c(B.java:1)',
      ),
    ).toEqual([1, 2])
    expect(
      sizes(
        `${AT} INFO [a] start`,
        'panic: boom',
        '',
        'goroutine 1 [running]:',
        'main.main()',
        '\t/app/main.go:7 +0x25',
      ),
    ).toEqual([1, 5])
  })

  it('end before a traceback when they are harmless, and hold it when they tell of a failure', () => {
    const traceback = ['Traceback (most recent call last):', '  File "/app/w.py", line 1, in run', 'ValueError: bad']
    expect(sizes(`${AT} INFO [a] start`, ...traceback)).toEqual([1, 3])
    expect(sizes(`${AT} ERROR [a] job failed`, ...traceback)).toEqual([4])
  })

  it('hold the trace that a logger prints at any level', () => {
    expect(sizes(`${AT} DEBUG [a] retry`, 'java.net.SocketTimeoutException: x', '\tat a.B.c(B.java:1)')).toEqual([3])
  })
})

it('a traceback is an event of its own, even behind a harmless one that took frames of another thread', () => {
  const strayed = [`${AT} INFO [a] ok`, 'Caused by: java.io.IOException: y', '\tat a.B.c(B.java:1)']
  const traceback = ['Traceback (most recent call last):', '  File "/app/x.py", line 1, in f', 'ValueError: no']
  expect(join([...strayed, ...traceback])).toEqual([strayed.join('\n'), traceback.join('\n')])
})

describe('lines without headers', () => {
  it('are events of their own', () => {
    expect(sizes('one', 'two', '', 'three')).toEqual([1, 1, 1])
  })

  it('stay alone after an event with a header when the stream is full of them', () => {
    expect(sizes('one', 'two', `${AT} ERROR [a] x`, 'three')).toEqual([1, 1, 1, 1])
  })

  it('join headers again once these prevail, as after a banner', () => {
    const headers = Array.from({ length: 4 }, (_, i) => `${AT} INFO [a] line ${i}`)
    expect(sizes('  .   ____', ' / banner /', '  ====', ...headers, `${AT} ERROR [a] x`, 'detail')).toEqual([
      1, 1, 1, 1, 1, 1, 1, 2,
    ])
  })

  it('frames whose beginning was lost make one event', () => {
    expect(sizes('\tat a.B.c(B.java:1)', '\t... 3 more', `${AT} INFO [a] x`)).toEqual([2, 1])
  })

  it('two traces in a row are two events', () => {
    const trace = ['java.lang.IllegalStateException: x', '\tat a.B.c(B.java:1)']
    expect(sizes(...trace, ...trace)).toEqual([2, 2])
  })
})

describe('blank lines', () => {
  it('stay inside an event and fall off its end', () => {
    expect(join([`${AT} ERROR [a] x`, '', '\tat a.B.c(B.java:1)', '', '', `${AT} INFO [a] y`])).toEqual([
      `${AT} ERROR [a] x\n\n\tat a.B.c(B.java:1)`,
      `${AT} INFO [a] y`,
    ])
  })

  it('make no event', () => {
    expect(join(['', '   ', ''])).toEqual([])
  })
})

describe('limits', () => {
  it('cut an event that has too many lines, and its rest is one event', () => {
    expect(
      join([`${AT} ERROR [a] x`, '1', '2', '3', '4'], { maxLines: 3, maxChars: 1000 }).map(
        (event) => event.split('\n').length,
      ),
    ).toEqual([3, 2])
  })

  it('cut an event that has too many characters', () => {
    expect(join([`${AT} ERROR [a] x`, 'a'.repeat(60), 'b'.repeat(60)], { maxLines: 100, maxChars: 100 })).toHaveLength(
      2,
    )
  })

  it('hold for blank lines without end', () => {
    const joiner = createJoiner({ maxLines: 10, maxChars: 1000 })
    joiner.push(`${AT} ERROR [a] x`)
    for (let i = 0; i < 100; i++) joiner.push('')
    expect(joiner.pendingLines()).toBeLessThanOrEqual(12)
  })
})

it('an event tells the index of its first line and its language', () => {
  const joiner = createJoiner()
  joiner.push('plain')
  joiner.push('')
  joiner.push('java.lang.IllegalStateException: x')
  joiner.push('\tat a.B.c(B.java:1)')
  expect(joiner.flush()).toMatchObject({ firstLine: 2, language: 'java' })
})
