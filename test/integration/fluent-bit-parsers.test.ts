/** The parsers of `deploy/fluent-bit`, applied in JavaScript to what a real Fluent Bit read, and compared with what it sent. */
import { posix } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { fluentBit } from '../../src/pipeline/decode/wire.test-data.ts'
import { joinLines, named, readParsers, readPipeline, type Section, setting, toRegExp } from '../support/fluent-bit.ts'

interface RealRecord {
  readonly log_content: string
  readonly log_file: string
  readonly log_offset: number
  readonly stream?: string
  readonly timestamp?: string
  readonly level?: string
  readonly service?: string
  readonly thread?: string
}

/** What a Fluent Bit 5.1.1 sent for the files in test/fixtures/fluentbit, in the order of each file. */
function realRecords(run: 'file_yaml' | 'k8s_yaml'): RealRecord[] {
  return ['000', '001']
    .flatMap((n) =>
      gunzipSync(fluentBit(`records/${run}.${n}.bin`))
        .toString()
        .split('\n'),
    )
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as RealRecord)
    .sort((a, b) => a.log_offset - b.log_offset)
}

describe('the multi-line rules', () => {
  const yaml = readParsers('parsers.yaml')
  const classic = readParsers('classic/parsers.conf', 'classic/multiline.conf')
  const rulesOf = (name: string) => yaml.multiline.get(name)?.rules ?? []

  it.each([
    ['cali_ml', 'log_content'],
    ['cali_ml_k8s', 'log'],
  ])('of %s say twice what opens an event, and join under %s for 2 s', (name, key) => {
    const parser = yaml.multiline.get(name)
    const [opens, continues] = parser?.rules ?? []
    const list = /^\/\^(\(\?:.*\))\/$/.exec(opens?.regex ?? '')?.[1]
    expect(list).toBeDefined()
    expect(continues?.regex).toBe(`/^(?!${list})/`)
    expect(setting(parser?.section as Section, 'key_content')).toBe(key)
    expect(setting(parser?.section as Section, 'flush_timeout')).toBe('2000')
  })

  it('of containers keep stdout and stderr apart', () => {
    expect(setting(yaml.multiline.get('cali_ml_k8s')?.section as Section, 'key_group')).toBe('stream')
  })

  it('of the classic form are the same but for the quotation mark that cannot stand in them', () => {
    const [one, other] = [yaml, classic].map((parsers) => parsers.multiline.get('cali_ml'))
    const plain = one?.rules.map((rule) => ({ ...rule, regex: rule.regex.replace('thread "|', 'thread |') }))
    expect(other).toEqual({ section: one?.section, rules: plain })
    expect(classic.headers).toEqual(yaml.headers)
  })

  it.each(['cali_ml', 'classic'])('(%s) give the 62 events that a Fluent Bit made of the 20 cases', (form) => {
    const rules = form === 'classic' ? (classic.multiline.get('cali_ml')?.rules ?? []) : rulesOf('cali_ml')
    const real = Map.groupBy(realRecords('file_yaml'), (record) => posix.basename(record.log_file))
    expect(real.size).toBe(20)
    const trimmed = (events: readonly string[]): string[] => events.map((event) => event.trimEnd())
    for (const [file, records] of real) {
      const lines = fluentBit(`edge/${file}`).toString().split('\n').slice(0, -1)
      const joined = joinLines(
        rules,
        lines.map((line) => line.replace(/\r$/, '')),
      )
      expect(trimmed(joined), file).toEqual(trimmed(records.map((record) => record.log_content)))
    }
  })

  it('of containers give the seven events that a Fluent Bit made of a CRI file', () => {
    const streams = new Map<string, string[]>()
    let partial = ''
    for (const frame of fluentBit('inputs/cri.log').toString().split('\n').slice(0, -1)) {
      const [, stream, flag, text] = /^\S+ (\S+) ([PF]) (.*)$/.exec(frame) as unknown as [
        string,
        string,
        string,
        string,
      ]
      partial += text
      if (flag === 'P') continue
      streams.set(stream, [...(streams.get(stream) ?? []), partial])
      partial = ''
    }
    const joined = [...streams.values()].flatMap((lines) => joinLines(rulesOf('cali_ml_k8s'), lines))
    expect(joined.sort()).toEqual(
      realRecords('k8s_yaml')
        .map((record) => record.log_content)
        .sort(),
    )
  })

  const BANNERS = [
    'panic: runtime error: index out of range [5] with length 3',
    'fatal error: all goroutines are asleep - deadlock!',
    'Exception in thread "main" java.lang.IllegalStateException: boom',
    'Unhandled exception. System.InvalidOperationException: boom',
    "thread 'main' panicked at src/main.rs:4:5:",
    "thread 'tokio-runtime-worker' (4711) panicked at src/main.rs:4:5:",
    'PHP Fatal error:  Uncaught Exception: boom in /app/index.php:3',
  ]
  const CONTAINERS = [
    '2026/01/20 20:00:00 http: panic serving 10.0.0.1:4711: boom',
    '2026/01/20 20:00:00 [error] 29#29: *1 connect() failed',
    'E0120 20:00:00.123456       1 reflector.go:147] failed to list',
    'time="2026-01-20T20:00:00Z" level=error msg="boom"',
    'level=error ts=2026-01-20T20:00:00Z msg=boom',
    'ERROR:app.db:connection lost',
    '20:00:00.123 [main] ERROR com.cali.Order - boom',
    'E, [2026-01-20T20:00:00.123456 #1] ERROR -- : boom',
    '[Nest] 1  - 01/20/2026, 8:00:00 PM   ERROR [OrderService] boom',
    '10.0.0.1 - - [20/Jan/2026:20:00:00 +0900] "GET / HTTP/1.1" 500 0',
    '{"level":"error","msg":"boom"}',
  ]
  const CONTINUATIONS = [
    'java.lang.IllegalStateException: boom',
    '\tat com.cali.A.b(A.java:1)',
    'Caused by: java.io.IOException: x',
    '\t... 12 more',
    'Traceback (most recent call last):',
    '  File "/app/main.py", line 3, in <module>',
    'ValueError: boom',
    'During handling of the above exception, another exception occurred:',
    'goroutine 1 [running]:',
    'main.main()',
    "TypeError: Cannot read properties of undefined (reading 'id')",
    '    at Object.<anonymous> (/app/index.js:1:7)',
    'System.InvalidOperationException: boom',
    '   at Program.Main()',
    'stack backtrace:',
    '#0 {main}',
    'SELECT * FROM orders',
    '{',
    '}',
    '',
  ]
  const HEADER = '2026-01-20 20:00:00.123 ERROR [order-service] boom'

  it.each([
    ['cali_ml', BANNERS],
    ['cali_ml_k8s', [...BANNERS, ...CONTAINERS]],
  ])('of %s begin an event where a program begins to speak', (name, lines) => {
    for (const line of lines)
      expect(joinLines(rulesOf(name), [HEADER, line, '\tat x'])).toEqual([HEADER, `${line}\n\tat x`])
  })

  it.each(['cali_ml', 'cali_ml_k8s'])('of %s leave the lines of a trace with their header', (name) => {
    expect(joinLines(rulesOf(name), [HEADER, ...CONTINUATIONS, HEADER])).toEqual([
      [HEADER, ...CONTINUATIONS].join('\n'),
      HEADER,
    ])
  })

  it.each(['cali_ml', 'cali_ml_k8s'])('of %s read 100,000 characters that nearly fit in no time', (name) => {
    const hostile = [
      '\x1b['.repeat(50_000),
      `${'\x1b[0m'.repeat(25_000)}2026`,
      `thread '${'a'.repeat(100_000)}`,
      'A'.repeat(100_000),
    ]
    const started = performance.now()
    for (const line of hostile) joinLines(rulesOf(name), [HEADER, line])
    expect(performance.now() - started).toBeLessThan(1_000)
  })
})

describe('the header parsers', () => {
  const { headers } = readParsers('parsers.yaml')
  const order = named(readPipeline('files-to-kinesis.yaml').filters, 'parser').get('parser') ?? []
  const read = (event: string): Record<string, string | undefined> | undefined => {
    for (const name of order) {
      const match = toRegExp(setting(headers.get(name) as Section, 'regex') ?? '').exec(event)
      if (match !== null) return match.groups
    }
    return undefined
  }

  it.each(['file_yaml', 'k8s_yaml'] as const)('read from the events of %s what a Fluent Bit read', (run) => {
    for (const { log_content, timestamp, level, service, thread } of realRecords(run)) {
      expect({ ...read(log_content) }, log_content).toEqual(
        timestamp === undefined ? {} : JSON.parse(JSON.stringify({ timestamp, level, service, thread })),
      )
    }
  })

  it('read the header of the manual', () => {
    expect({ ...read('2026-01-20 20:00:00.123 ERROR [order-service] 주문 처리 실패\n\tat x') }).toEqual({
      timestamp: '2026-01-20 20:00:00.123',
      level: 'ERROR',
      service: 'order-service',
    })
  })

  it('read every time without a zone in the same zone, and take none from a time that has one', () => {
    const offsets = [...headers.values()].map((parser) => [
      setting(parser, 'time_format')?.endsWith('%z'),
      setting(parser, 'time_offset'),
    ])
    expect(offsets.filter(([zoned]) => zoned === true)).toEqual([[true, undefined]])
    expect(new Set(offsets.filter(([zoned]) => zoned === false).map(([, offset]) => offset)).size).toBe(1)
  })
})
