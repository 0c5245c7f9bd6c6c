import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { LogRecord } from '../record.ts'
import type { Fields } from './fields.ts'
import { type ReadContext, readObject, readText } from './record-reader.ts'

const OBSERVED = Date.parse('2026-01-20T11:00:10Z')
const context = (more: Partial<ReadContext> = {}): ReadContext => ({
  position: { stream: 's', shard: 'h', sequence: '7', sub: 1, line: 2 },
  observedAt: OBSERVED,
  zone: { offsetMinutes: 540, now: OBSERVED },
  ...more,
})
const read = (fields: Fields): LogRecord => {
  const record = readObject(fields, context())
  if (record === undefined) throw new Error('no record')
  return record
}

describe('the text of an object', () => {
  it.each(['log_content', 'log', 'message', 'msg', 'body', '@message', '@m', 'textPayload'])(
    'is read from %s',
    (key) => {
      expect(read({ [key]: '주문 실패', level: 'error' }).body).toBe('주문 실패')
    },
  )

  it('is followed by the stack trace that stands in another field', () => {
    const record = read({ msg: 'boom', stack: 'TypeError: boom\n    at f (/a.js:1:1)' })
    expect(record.body).toBe('boom\nTypeError: boom\n    at f (/a.js:1:1)')
    expect(record.exception?.type).toBe('TypeError')
  })

  it('says what went wrong, where the stack trace beside it does not name it, as of zap', () => {
    const record = read({ level: 'error', msg: 'cannot publish', error: 'EOF', stacktrace: 'main.f\n\t/app/a.go:7' })
    expect(record.body).toBe('cannot publish: EOF\nmain.f\n\t/app/a.go:7')
  })

  it('is not doubled when it holds the stack trace already', () => {
    const stack = 'TypeError: boom\n    at f (/a.js:1:1)'
    expect(read({ msg: stack, err: { stack } }).body).toBe(stack)
  })

  it('may be the stack trace alone', () => {
    expect(read({ level: 'error', stack_trace: 'a.XException: y\n\tat a.B.c(B.java:1)' }).message).toBe(
      'a.XException: y',
    )
  })

  it('is the JSON that the application wrote, when nothing in that is text', () => {
    const record = read({ log: '{"method":"GET","status":500}' })
    expect([record.body, record.attributes['status']]).toEqual(['{"method":"GET","status":500}', 500])
  })

  it.each<[string, string, string]>([
    ['plain', 'panic: boom', 'FATAL'],
    ['with a header', '2026-01-20 20:00:01.001 ERROR 1 --- [main] c.a.A : pay declined', 'ERROR'],
    ['JSON', '{"level":"error","msg":"cannot pay"}', 'ERROR'],
  ])('is read behind the frame of a container runtime that a shipper left on it: %s', (_name, line, level) => {
    const record = read({
      log: `2026-01-20T11:00:01.001234567Z stdout F ${line}`,
      kubernetes: { container_name: 'pay' },
    })
    expect([record.severity.text, record.service, record.at]).toEqual([level, 'pay', OBSERVED - 8_999])
    expect(record.body).not.toContain('stdout')
  })

  it.each<[string, Fields, string]>([
    ['what went wrong', { level: 'error', error: 'EOF', time: '2026-01-20T11:00:05Z' }, 'EOF'],
    ['the message of tracing-subscriber', { level: 'ERROR', fields: { message: 'payment failed' } }, 'payment failed'],
    ['the message of Google Cloud', { severity: 'ERROR', jsonPayload: { message: '결제 실패' } }, '결제 실패'],
    [
      'the JSON itself',
      { severity: 'ERROR', httpRequest: { status: 500 } },
      '{"severity":"ERROR","httpRequest":{"status":500}}',
    ],
  ])('is, where a level alone says that it is a log, %s', (_name, fields, expected) => {
    const record = read(fields)
    expect([record.message, record.severity.text]).toEqual([expected, 'ERROR'])
  })

  it('is absent where nothing in the object is text', () => {
    expect(readObject({ level: 'error', at: 1, log: '' }, context())).toBeUndefined()
  })

  it('is cut, and says so, when it is longer than anyone reads', () => {
    const { body } = read({ log: '가'.repeat(300_000) })
    expect(body.endsWith('… [cut, 300000 characters]')).toBe(true)
    expect(body.length).toBeLessThan(263_000)
  })
})

describe('severity', () => {
  it.each([
    [{ level: 'WARNING' }, 'WARN'],
    [{ level: 50 }, 'ERROR'],
    [{ level: '60' }, 'FATAL'],
    [{ severityNumber: 17 }, 'ERROR'],
    [{ log: { level: 'error' }, message: 'x' }, 'ERROR'],
    [{ '@l': 'Fatal' }, 'FATAL'],
    [{ level: 'strange' }, 'INFO'],
  ])('is read from %j', (fields, expected) => {
    expect(read({ msg: 'x', ...fields }).severity.text).toBe(expected)
  })

  it('is what the application wrote, not what a shipper made of its stream', () => {
    expect(read({ log: '{"level":"info","msg":"ready"}', severity: 'ERROR', stream: 'stderr' }).severity.text).toBe(
      'INFO',
    )
  })

  it.each([
    ['Traceback: x', 'ERROR'],
    ['panic: x', 'FATAL'],
    ['connection refused: failed to connect to db', 'ERROR'],
    ['finished with 0 errors', 'INFO'],
    ['warning: low disk', 'WARN'],
    ['started in 3 s', 'INFO'],
  ])('of %j is inferred from its words', (text, expected) => {
    expect(readText(text, context()).severity.text).toBe(expected)
  })
})

describe('time', () => {
  it('without a zone is read in the zone of the reader', () => {
    expect(read({ msg: 'x', timestamp: '2026-01-20 20:00:00.037' }).at).toBe(Date.parse('2026-01-20T11:00:00.037Z'))
  })

  it('is that of arrival where none is told', () => {
    expect(read({ msg: 'x', time: 'soon' }).at).toBe(OBSERVED)
  })

  it('is that of arrival, with a mark, when it lies in the future', () => {
    const record = read({ msg: 'x', '@timestamp': '2031-01-01T00:00:00Z' })
    expect([record.at, record.attributes['cali.time']]).toEqual([OBSERVED, 'in_the_future'])
  })

  it('of a clock that is minutes ahead is believed', () => {
    expect(read({ msg: 'x', '@timestamp': '2026-01-20T11:05:00Z' }).at).toBe(Date.parse('2026-01-20T11:05:00Z'))
  })

  it('of the event before is used where given, but never from the future', () => {
    expect(readText('plain', context({ fallbackAt: 1_000_000_000_000 })).at).toBe(1_000_000_000_000)
    expect(readText('plain', context({ fallbackAt: 9e15 })).at).toBeLessThan(OBSERVED + 3_600_000)
  })
})

describe('the id', () => {
  const edge = {
    log: 'x',
    log_file: '/var/log/a.log',
    log_offset: 512,
    host: 'vm-1',
    timestamp: '2026-01-20 20:00:00.037',
  }

  it('is one from the edge where there is one', () => {
    expect(read({ log: 'x', event_id: '3f1c' }).id).toBe('event:3f1c')
  })

  it('is that of node, file, offset and time, whatever the position', () => {
    const moved = readObject(
      edge,
      context({ position: { stream: 's', shard: 'other', sequence: '999', sub: 0, line: 0 } }),
    )
    expect(moved?.id).toBe(read(edge).id)
  })

  it.each([
    { host: 'vm-2' },
    { log_file: '/var/log/b.log' },
    { log_offset: 513 },
    { timestamp: '2026-01-21 20:00:00.037' },
  ])('differs where %j differs', (change) => {
    expect(read({ ...edge, ...change }).id).not.toBe(read(edge).id)
  })

  it('is the position where the edge gives none', () => {
    expect(read({ log: 'x' }).id).toBe('s/h:7:1:2')
  })
})

describe('JSON behind a syslog', () => {
  it('is read as the application wrote it', () => {
    const record = readText('Jan 20 20:00:01 ip-10-0-0-1 order[812]: {"level":"error","msg":"재고 없음"}', context())
    expect([record.severity.text, record.message, record.service, record.at]).toEqual([
      'ERROR',
      '재고 없음',
      'order',
      OBSERVED - 9_000,
    ])
  })

  it.each([
    'Jan 20 20:00:01 ip-10-0-0-1 order[812]: {broken}',
    'Jan 20 20:00:01 ip-10-0-0-1 order[812]: values: {"a":1}',
    '2026-01-20 20:00:01.001 ERROR [order] : {"a":1}',
  ])('is text where it is none, or where the line has a level of its own: %s', (line) => {
    expect(readText(line, context()).body).toBe(line)
  })
})

describe('what is printed below its header', () => {
  it('is the message where the header has none, as when Spring Boot cannot start', () => {
    const { message, severity } = readText(
      [
        '2026-01-20 20:00:00.123 ERROR 7 --- [           main] o.s.b.d.LoggingFailureAnalysisReporter   : ',
        '',
        '***************************',
        'APPLICATION FAILED TO START',
        '***************************',
        '',
        'Description:',
        '',
        'Web server failed to start. Port 8080 was already in use.',
      ].join('\n'),
      context(),
    )
    expect([message, severity.text]).toEqual(['Web server failed to start. Port 8080 was already in use.', 'ERROR'])
  })

  it('is no error where it is a thread of a dump', () => {
    const dump =
      '"main" #1 prio=5 os_prio=0 tid=0x7f nid=0x7 waiting on condition  [0x7f]\n\tat com.shop.Main.main(Main.java:10)'
    const record = readText(dump, context())
    expect([record.severity.text, record.exception]).toEqual(['INFO', undefined])
  })
})

describe('a time that no store takes', () => {
  it.each<[string, Fields]>([
    ['nanoseconds of -1e30', { instant: { epochSecond: 1_700_000_000, nanoOfSecond: -1e30 } }],
    ['nanoseconds without end', { instant: { epochSecond: 1_700_000_000, nanoOfSecond: Number.NEGATIVE_INFINITY } }],
    ['before 1970', { timestamp: '1960-01-01T00:00:00Z' }],
    ['in the year 99999', { timestamp: 4e15 }],
  ])('is not taken: %s', (_name, fields) => {
    for (const anyTime of [true, false]) {
      const { at } = readObject({ log: 'x', ...fields }, context({ anyTime })) as LogRecord
      expect(Number.isInteger(at) && at >= 0).toBe(true)
      expect(new Date(at).toISOString()).toMatch(/^20/)
    }
  })
})

describe('names and places', () => {
  it.each([
    [{ 'service.name': 'orders' }, 'orders'],
    [{ service: { name: 'orders' } }, 'orders'],
    [{ kubernetes: { labels: { app: 'orders' }, container_name: 'app' } }, 'orders'],
    [{ kubernetes: { container_name: 'orders' } }, 'orders'],
    [{ service: '  two\nlines ' }, 'two lines'],
    [{ service: ' \n ' }, 'unknown'],
  ])('the service is read from %j', (fields, expected) => {
    expect(read({ log: 'x', ...fields }).service).toBe(expected)
  })

  const line = (thread: string) => `2026-01-20 12:00:00 ERROR [${thread}] com.shop.Payment - card declined`
  it.each<[string, Fields, string]>([
    ['a pool of Tomcat', { service: 'http-nio-8080-exec-3', log_file: '/logs/payment.log' }, 'payment'],
    ['main', { service: 'main', log_file: '/logs/payment.2026-01-20.log.1' }, 'payment'],
    ['a thread with a number', { service: 'consumer-7', log_file: 'C:\\logs\\payment.log' }, 'payment'],
    ['main, in a pod', { service: 'main', kubernetes: { labels: { app: 'payment' } }, log_file: '/x.log' }, 'payment'],
    ['main, in a container', { service: 'main', kubernetes: { container_name: 'payment' } }, 'payment'],
    ['nothing but main', { service: 'main' }, 'unknown'],
  ])('the service is not the thread that a shipper took for it: %s', (_name, fields, expected) => {
    const record = read({ log_content: line(String(fields['service'])), ...fields })
    expect([record.service, record.attributes['thread']]).toEqual([expected, fields['service']])
  })

  it.each<[string, Fields]>([
    ['cart', { container_name: '/cart' }],
    ['a', { log: { file: { path: '/var/log/a.log' } } }],
  ])('the service %s is told by a shipper rather than by the file of its records', (service, fields) => {
    const record = readObject({ message: 'ERROR out of stock', ...fields }, context({ defaultService: 'export' }))
    expect(record?.service).toBe(service)
  })

  it.each<[string, string]>([
    ['order-service', '2026-01-20 12:00:00 ERROR [order-service] cannot pay'],
    ['shard-2', '2026-01-20 12:00:00 ERROR [shard-2] cannot pay'],
    ['payment', line('main')],
  ])('the service %j of a shipper stays', (service, log_content) => {
    expect(read({ log_content, service, log_file: '/logs/other.log' }).service).toBe(service)
  })

  it('a tag is the version, unless it is latest', () => {
    const version = (image: string) => read({ log: 'x', kubernetes: { container_image: image } }).resource.version
    expect([version('reg:5000/shop/a:1.4.2'), version('shop/a:latest'), version('shop/a')]).toEqual([
      '1.4.2',
      undefined,
      undefined,
    ])
  })

  it('a trace id is read from a field or from the text', () => {
    expect(read({ log: 'x', trace_id: 'abc12345', span_id: 's1' }).trace).toEqual({ traceId: 'abc12345', spanId: 's1' })
    expect(
      readText('2026-01-20 20:00:00 ERROR [a] failed traceId=0af7651916cd43dd8448eb211c80319c', context()).trace
        ?.traceId,
    ).toBe('0af7651916cd43dd8448eb211c80319c')
  })

  it('a logfmt line gives its level, message and cause', () => {
    const record = readText(
      'ts=2026-01-20T11:00:00Z level=error service=pay msg="cannot pay" err="card \\"x\\" refused"',
      context(),
    )
    expect([record.severity.text, record.service, record.message, record.at]).toEqual([
      'ERROR',
      'pay',
      'cannot pay: card "x" refused',
      Date.parse('2026-01-20T11:00:00Z'),
    ])
  })
})

describe('attributes', () => {
  it('are the other fields, nested ones with dots', () => {
    expect(
      read({ msg: 'x', user: { id: 7, admin: false }, order: 'A-1', skipped: null, list: [1] }).attributes,
    ).toEqual({ 'user.id': 7, 'user.admin': false, order: 'A-1' })
  })

  it('are bounded in number and size', () => {
    const many = Object.fromEntries(Array.from({ length: 500 }, (_, i) => [`k${i}`, 'v'.repeat(10_000)]))
    const { attributes } = read({ msg: 'x', ...many })
    expect(Object.keys(attributes).length).toBeLessThanOrEqual(64)
    expect(Object.values(attributes).every((value) => String(value).length <= 2_048)).toBe(true)
  })

  it('never become properties of every object', () => {
    const fields = JSON.parse(
      '{"msg":"x","__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}}}',
    ) as Fields
    const record = read(fields)
    expect(Object.getPrototypeOf(record.attributes)).toBe(Object.prototype)
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined()
  })

  it('hold no lone surrogate', () => {
    const record = read({ msg: 'a\ud800b', note: 'c\udfffd' })
    expect([record.body.isWellFormed(), String(record.attributes['note']).isWellFormed()]).toEqual([true, true])
  })
})

describe('a record that is read as it is asked', () => {
  const names = [
    'id',
    'at',
    'observedAt',
    'severity',
    'service',
    'message',
    'body',
    'exception',
    'trace',
    'resource',
    'attributes',
    'position',
  ] as const
  const text = fc.constantFrom(
    'boom',
    '2026-01-20T20:00:00Z ERROR [pay] cannot pay',
    'level=warn ts=2026-01-20T11:00:00Z msg="slow" service=pay',
    'a.XException: y\n\tat a.B.c(B.java:1)',
    '<11>Jan 20 20:00:00 node-1 orders[812]: order failed',
    '{"level":"error","msg":"inner","err":{"message":"refused"},"trace_id":"0af7651916cd43dd8448eb211c80319c"}',
  )
  const fields = fc.record(
    {
      log: text,
      level: fc.constantFrom('INFO', 'error', 50),
      time: fc.constantFrom('2026-01-20T11:00:00.5Z', '2036-01-20T11:00:00Z'),
      service: fc.constantFrom('pay', ''),
      host: fc.constant('h-1'),
      log_file: fc.constant('/var/log/a.log'),
      log_offset: fc.nat(),
      kubernetes: fc.constant({ pod_name: 'pay-1', labels: { app: 'pay' } }),
    },
    { requiredKeys: ['log'] },
  )

  it('says the same in whatever order, and however often, it is asked', () => {
    fc.assert(
      fc.property(fields, fc.array(fc.constantFrom(...names)), (given, asked) => {
        const [one, other] = [read(given), read(given)]
        for (const name of asked) void one[name]
        for (const name of names) expect(one[name]).toEqual(other[name])
      }),
    )
  })

  it('has an id of host, file, offset and time, whatever else it holds', () => {
    const place = { log: 'x', log_file: '/var/log/a.log', log_offset: 7 }
    const ids = [{}, { time: 't' }, { time: 'u' }, { time: 't', service: 'pay' }].map(
      (more) => read({ ...place, ...more }).id,
    )
    expect(new Set(ids).size).toBe(3)
    expect(ids[3]).toBe(ids[1])
  })
})
