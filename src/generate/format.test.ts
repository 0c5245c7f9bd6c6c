import { describe, expect, it } from 'vitest'
import { createAnswerKey } from './answer-key.ts'
import type { GeneratedEvent } from './event.ts'
import { formatCri, formatFluentBit, formatJson, formatText } from './format.ts'
import { createGenerator } from './generator.ts'

const START = Date.parse('2026-01-20T11:00:00Z')
const events = createGenerator({ seed: 5, scenarios: ['all'], rate: 50, startAt: START }).advance(START + 90_000)

const event: GeneratedEvent = {
  at: Date.parse('2026-01-20T16:59:59.007Z'),
  service: 'order-service',
  level: 'ERROR',
  logger: 'com.shop.order.OrderService',
  thread: 'http-nio-8080-exec-3',
  text: '주문 실패\njava.lang.IllegalStateException: boom\n\tat com.shop.order.A.b(A.java:1)',
  pod: 'order-service-7d9f8b6c5d-x2k4q',
  node: 'ip-10-0-1-23.ap-northeast-2.compute.internal',
  container: 'app',
  namespace: 'shop',
  version: '2.31.4',
  image: 'registry.example/shop/order-service:2.31.4',
  requestId: 'req-1',
  traceId: '0'.repeat(32),
  label: { id: 'a-1', scenario: 'null-pointer', fault: 'null-pointer/order-service', cause: true },
}

describe('formats', () => {
  it('text has a header in Korean local time, then the trace', () => {
    expect(formatText(event)).toEqual([
      '2026-01-21 01:59:59.007 ERROR [order-service] [http-nio-8080-exec-3] com.shop.order.OrderService - 주문 실패',
      'java.lang.IllegalStateException: boom',
      '\tat com.shop.order.A.b(A.java:1)',
    ])
  })

  it('CRI has a nanosecond time, a stream and a tag before every physical line', () => {
    const lines = formatCri(event)
    expect(lines).toHaveLength(3)
    for (const line of lines) expect(line).toMatch(/^2026-01-20T16:59:59\.007\d{6}Z stderr F /)
    expect(lines.map((line) => line.slice(line.indexOf(' F ') + 3))).toEqual(formatText(event))
  })

  it('JSON splits the message from the stack trace and has none where none was', () => {
    expect(JSON.parse(formatJson(event))).toMatchObject({
      timestamp: '2026-01-20T16:59:59.007Z',
      level: 'ERROR',
      message: '주문 실패',
      stack_trace: 'java.lang.IllegalStateException: boom\n\tat com.shop.order.A.b(A.java:1)',
      trace_id: '0'.repeat(32),
      pod: event.pod,
    })
    expect(JSON.parse(formatJson({ ...event, text: 'done' }))).not.toHaveProperty('stack_trace')
  })

  it('Fluent Bit has the keys of the real agent and the text as content', () => {
    const { kubernetes, ...record } = formatFluentBit(event, 512)
    const { labels, ...rest } = kubernetes as Record<string, unknown>
    const hex = (digits: number): unknown => expect.stringMatching(new RegExp(`(^|-|:)[0-9a-f]{${digits}}$`))
    expect(record).toEqual({
      '@timestamp': '2026-01-20T16:59:59.007Z',
      level: 'ERROR',
      log_content: formatText(event).join('\n'),
      log_file: expect.stringMatching(
        /^\/var\/log\/containers\/order-service-7d9f8b6c5d-x2k4q_shop_app-[0-9a-f]{64}\.log$/,
      ),
      log_offset: 512,
      service: 'order-service',
      stream: 'stderr',
      time: expect.stringMatching(/^2026-01-20T16:59:59\.007\d{6}Z$/),
      timestamp: '2026-01-21 01:59:59.007',
    })
    expect(rest).toEqual({
      container_hash: hex(64),
      container_image: event.image,
      container_name: 'app',
      docker_id: hex(64),
      host: event.node,
      namespace_name: 'shop',
      pod_id: hex(12),
      pod_ip: expect.stringMatching(/^10\.0\.\d\.\d+$/),
      pod_name: event.pod,
    })
    expect(labels).toEqual({
      app: 'order-service',
      'app.kubernetes.io/name': 'order-service',
      'app.kubernetes.io/version': '2.31.4',
      'pod-template-hash': '7d9f8b6c5d',
    })
  })
})

describe('the answer key', () => {
  it.each([
    ['text', formatText],
    ['CRI', formatCri],
    ['JSON', (e: GeneratedEvent) => [formatJson(e)]],
  ] as const)('names the first physical line of each event in %s', (_, format) => {
    const key = createAnswerKey()
    const output: string[] = []
    const entries = events.map((e) => {
      const lines = format(e)
      output.push(...lines)
      return JSON.parse(key.entry(e, lines.length)) as { line: number; id: string; fault: string | null }
    })
    for (const [i, entry] of entries.entries()) {
      const e = events[i] as GeneratedEvent
      expect(output[entry.line - 1]).toBe(format(e)[0])
      expect([entry.id, entry.fault]).toEqual([e.label.id, e.label.fault])
    }
  })
})
