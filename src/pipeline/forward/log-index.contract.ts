import { describe, expect, test } from 'vitest'
import { type LogRecord, SEVERITY, type SeverityText } from '../record.ts'
import { EMPTY_QUERY, type LogIndex, type LogQuery, parseLogQuery } from './log-index.ts'

const NOON = Date.parse('2026-01-20T12:00:00Z')

export interface IndexedLine {
  readonly id: string
  readonly body: string
  readonly level?: SeverityText
  readonly service?: string
  /** Seconds after noon. */
  readonly second?: number
  readonly more?: Partial<LogRecord>
}

export const lineRecord = ({
  id,
  body,
  level = 'ERROR',
  service = 'orders',
  second = 0,
  more = {},
}: IndexedLine): LogRecord => ({
  id,
  at: NOON + second * 1_000,
  observedAt: NOON + second * 1_000,
  severity: SEVERITY[level],
  service,
  message: body.split('\n', 1)[0] ?? '',
  body,
  resource: {},
  attributes: {},
  position: { stream: 'logs', shard: 's-0', sequence: '1', sub: 0, line: 0 },
  ...more,
})

const LINES: readonly IndexedLine[] = [
  { id: 'a', body: '주문 처리 실패 orderId=17', second: 1 },
  { id: 'b', body: '결제 승인 완료', level: 'INFO', service: 'payments', second: 2 },
  {
    id: 'c',
    body: 'java.lang.NullPointerException: boom\n\tat com.cali.OrderService.place(OrderService.java:7)',
    second: 3,
    more: { trace: { traceId: 'abc12345' } },
  },
  {
    id: 'd',
    body: 'connection refused: db-1.internal:5432',
    level: 'FATAL',
    service: 'payments',
    second: 4,
    more: { resource: { pod: 'payments-7d9f', namespace: 'shop' }, attributes: { retried: true, port: 8080 } },
  },
  {
    id: 'e',
    body: "100% of quota _used_ by user's job; SELECT * FROM t WHERE a='x'",
    level: 'WARN',
    second: 5,
    more: { attributes: { path: '/api/v1/주문' } },
  },
]

/** What every log index must do. `create` gives an empty one. */
export function logIndexContract(name: string, create: () => Promise<LogIndex>): void {
  const filled = async (lines: readonly IndexedLine[] = LINES): Promise<LogIndex> => {
    const index = await create()
    await index.write(lines.map(lineRecord))
    return index
  }
  let shared: Promise<LogIndex> | undefined
  const find = async (query: LogQuery): Promise<string> => {
    shared ??= filled()
    return (await (await shared).search(query, 100)).records.map((record) => record.id).join('')
  }

  describe(`log index contract: ${name}`, () => {
    test('records come back newest first, as they were written', async () => {
      const index = await filled()
      const { records, next } = await index.search(EMPTY_QUERY, 100)
      expect(records).toEqual(LINES.map(lineRecord).reverse())
      expect(next).toBeUndefined()
    })

    test('an id that is there already is left as it is', async () => {
      const index = await filled([{ id: 'a', body: 'first' }])
      await index.write(
        [
          { id: 'a', body: 'second' },
          { id: 'b', body: 'third' },
        ].map(lineRecord),
      )
      expect((await index.search(EMPTY_QUERY, 10)).records.map((record) => record.body).sort()).toEqual([
        'first',
        'third',
      ])
    })

    test('nothing to write is no fault', async () => {
      const index = await create()
      await index.write([])
      expect((await index.search(EMPTY_QUERY, 10)).records).toEqual([])
    })

    test.each([
      ['주문', 'ea'],
      ['실패', 'a'],
      ['승인', 'b'],
      ['처리 실패', 'a'],
      ['refused', 'd'],
      ['REFUSED', 'd'],
      ['NullPointerException', 'c'],
      ['nullpointer', 'c'],
      ['orderservice', 'c'],
      ['order', 'eca'],
      ['position', ''],
      ['-position -severity -attributes', 'edcba'],
      ['/api/v1/주문', 'e'],
      ['true', 'd'],
      ['-true -8080', 'ecba'],
      ['5432', 'd'],
      ['db-1.internal', 'd'],
      ['"connection refused"', 'd'],
      ['"refused connection"', ''],
      ['"처리 실패"', 'a'],
      ['실패 -orderId', ''],
      ['-주문 -refused', 'cb'],
      ['-"처리 실패"', 'edcb'],
      ['100%', 'e'],
      ['_used_', 'e'],
      ["user's", 'e'],
      ["a='x'", 'e'],
      ['*', 'e'],
      ['쇼핑', ''],
      ['', 'edcba'],
      ['service:payments', 'db'],
      ['level:error', 'ca'],
      ['level:error,fatal', 'dca'],
      ['service:orders level:warn', 'e'],
      ['trace:abc12345', 'c'],
      ['pod:payments-7d9f', 'd'],
      ['namespace:shop refused', 'd'],
      ['namespace:other', ''],
    ])('the question %j finds "%s"', async (text, ids) => {
      expect(await find(parseLogQuery(text))).toBe(ids)
    })

    test.each([
      '"',
      '""',
      "'; drop table logs; --",
      'NEAR(a b)',
      'a OR b',
      'a*',
      '(',
      '^',
      'level:',
      'service:""',
      '\0',
      '\\',
      '한',
    ])('the question %j is answered without a fault', async (text) => {
      await expect(find(parseLogQuery(text))).resolves.toEqual(expect.any(String))
    })

    test('a time range holds both of its ends', async () => {
      expect(await find({ ...EMPTY_QUERY, from: NOON + 2_000, to: NOON + 4_000 })).toBe('dcb')
    })

    test('pages follow each other without a gap over equal times', async () => {
      const ids = ['k1', 'k2', 'k3', 'k4', 'k5', 'k6', 'k7']
      const index = await filled(ids.map((id, i) => ({ id, body: 'same', second: i < 5 ? 1 : 2 })))
      const seen: string[] = []
      let before: string | undefined
      do {
        const page = await index.search(EMPTY_QUERY, 2, before)
        expect(page.records.length).toBeLessThanOrEqual(2)
        seen.push(...page.records.map((record) => record.id))
        before = page.next
      } while (before !== undefined && seen.length < 20)
      expect(seen).toEqual(['k7', 'k6', 'k5', 'k4', 'k3', 'k2', 'k1'])
    })

    test('pages hold what came while they were read only where it is older', async () => {
      const index = await filled(LINES)
      const first = await index.search(EMPTY_QUERY, 2)
      await index.write(
        [
          { id: 'new', body: 'x', second: 9 },
          { id: 'late', body: 'x', second: 0 },
        ].map(lineRecord),
      )
      const rest = await index.search(EMPTY_QUERY, 10, first.next)
      expect(rest.records.map((record) => record.id)).toEqual(['c', 'b', 'a', 'late'])
    })

    test('the figures are those of all matches', async () => {
      const summary = await (await filled()).summary(parseLogQuery('-승인'))
      expect(summary).toMatchObject({
        total: 4,
        levels: { ERROR: 2, FATAL: 1, WARN: 1 },
        services: { orders: 3, payments: 1 },
        from: NOON + 1_000,
        to: NOON + 5_000,
        stepMs: 1_000,
      })
      expect(summary.histogram).toEqual([
        { at: NOON + 1_000, counts: { ERROR: 1 } },
        { at: NOON + 3_000, counts: { ERROR: 1 } },
        { at: NOON + 4_000, counts: { FATAL: 1 } },
        { at: NOON + 5_000, counts: { WARN: 1 } },
      ])
    })

    test('the figures of a range are told for that range', async () => {
      const summary = await (await filled()).summary({ ...EMPTY_QUERY, from: NOON, to: NOON + 3_600_000 })
      expect([summary.total, summary.from, summary.to, summary.stepMs]).toEqual([5, NOON, NOON + 3_600_000, 60_000])
      expect(summary.histogram).toEqual([{ at: NOON, counts: { ERROR: 2, INFO: 1, FATAL: 1, WARN: 1 } }])
    })

    test('the figures of nothing are zero', async () => {
      const summary = await (await create()).summary(EMPTY_QUERY)
      expect([summary.total, summary.levels, summary.histogram]).toEqual([0, {}, []])
    })
  })
}
