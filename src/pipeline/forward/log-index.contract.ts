import { describe, expect, test } from 'vitest'
import { type LogRecord, SEVERITY, type SeverityText } from '../record.ts'
import { EMPTY_QUERY, type LogIndex, type LogQuery, parseLogQuery } from './log-index.ts'
import { createMemoryLogIndex } from './memory-log-index.ts'

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

/** Words at their edges: one syllable, last syllables, parts of names, punctuation, case beyond ASCII, cuts of long text. */
const EDGE_LINES: readonly IndexedLine[] = [
  { id: 'a', body: '결제서비스가 재시작되었습니다', second: 1 },
  { id: 'b', body: 'HikariPool-1 - Connection is not available, request timed out after 30000ms.', second: 2 },
  { id: 'c', body: 'readHTTPResponse failed: order_item_id=42 at /srv/app/main.go:17', second: 3 },
  { id: 'd', body: `${'filler '.repeat(1_400)}needle in a long line`, second: 4 },
  { id: 'e', body: 'ÉCHEC de la requête\nStraße; İstanbul', second: 5 },
  { id: 'f', body: 'a\\b "quoted" *star* what? 50% ~tilde~ [x] {y} <z> & | ^ $1', second: 6 },
  { id: 'g', body: '결 제 와 결제창 😀 끝', second: 7 },
  { id: 'h', body: 'nul\0in the middle', second: 8, more: { attributes: { 'a.b': 'dotted', '': 'empty name' } } },
  { id: 'i', body: 'TypeError: x is not a function', service: 'web-front', level: 'DEBUG', second: 9 },
]

/** Words and joints of which random lines and questions are made: few, so that they meet. */
const WORDS = [
  'order',
  'Order',
  'orderId',
  'HTTPServer',
  'time_out',
  '42',
  '주문',
  '주문서',
  '결',
  '제결제',
  '실패',
  'x',
  'É',
]
const JOINTS = [' ', ' ', ' ', '=', '-', '.', '\n', '', '_', '/', '"', '%', '*', '\\']

/** Numbers in [0, 1) that are the same in every run (mulberry32). */
export function seededRandom(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296
  }
}

/** What every log index must do. `create` gives an empty one. */
export function logIndexContract(name: string, create: () => Promise<LogIndex>): void {
  const filled = async (lines: readonly IndexedLine[] = LINES): Promise<LogIndex> => {
    const index = await create()
    await index.write(lines.map(lineRecord))
    return index
  }
  const finder = (lines: readonly IndexedLine[]): ((query: LogQuery) => Promise<string>) => {
    let shared: Promise<LogIndex> | undefined
    return async (query) => {
      shared ??= filled(lines)
      return (await (await shared).search(query, 100)).records.map((record) => record.id).join('')
    }
  }
  const find = finder(LINES)
  const findEdge = finder(EDGE_LINES)

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

    test.each([
      ['결', 'ga'],
      ['제', 'ga'],
      ['스', 'a'],
      ['다', 'a'],
      ['끝', 'g'],
      ['결제', 'ga'],
      ['결제서비스', 'a'],
      ['서비스가', 'a'],
      ['재시작되었', 'a'],
      ['결제창', 'g'],
      ['결제장', ''],
      ['"결 제"', 'g'],
      ['-결제', 'ihfedcb'],
      ['-제', 'ihfedcb'],
      ['hikari', 'b'],
      ['pool', 'b'],
      ['"not available, request"', 'b'],
      ['30000', 'b'],
      ['ikari', ''],
      ['-ikari', 'ihgfedca'],
      ['response', 'c'],
      ['HTTPResponse', 'c'],
      ['order_item_id', 'c'],
      ['item', 'c'],
      ['item_id=42', 'c'],
      ['main.go:17', 'c'],
      ['/srv/app', 'c'],
      ['"needle in"', 'd'],
      ['long line', 'd'],
      ['"filler filler needle"', 'd'],
      ['requête', 'e'],
      ['échec', ''],
      ['ÉCHEC', 'e'],
      ['straße', 'e'],
      ['"quoted"', 'f'],
      ['*star*', 'f'],
      ['what?', 'f'],
      ['st?r', ''],
      ['st*r', ''],
      ['a\\b', 'f'],
      ['\\', 'f'],
      ['[x]', 'f'],
      ['$1', 'f'],
      ['~tilde~', 'f'],
      ['😀', 'g'],
      ['dotted', 'h'],
      ['"empty name"', 'h'],
      ['middle', 'h'],
      ['"not a function"', 'i'],
      ['not -available', 'i'],
      ['front', 'i'],
      ['level:debug,info', 'i'],
      ['service:web-front,orders type', 'i'],
      ['service:web', ''],
    ])('at the edges of words the question %j finds "%s"', async (text, ids) => {
      expect(await findEdge(parseLogQuery(text))).toBe(ids)
    })

    test('a question of many words is answered', async () => {
      expect(await findEdge(parseLogQuery('needle '.repeat(140)))).toBe('d')
      expect(await findEdge(parseLogQuery(Array.from({ length: 250 }, (_, i) => `w${i}`).join(' ')))).toBe('')
      expect(await findEdge(parseLogQuery(`${'가나다라마'.repeat(39)} `.repeat(5)))).toBe('')
    })

    test('times beyond any calendar are a range like others', async () => {
      expect(await find({ ...EMPTY_QUERY, from: -1e300, to: 1e300 })).toBe('edcba')
      expect(await find({ ...EMPTY_QUERY, from: NOON + 1_999.5, to: NOON + 3_000.5 })).toBe('cb')
      expect(await find({ ...EMPTY_QUERY, from: NOON + 3_000, to: NOON })).toBe('')
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

    test('what was written comes back to the last character', async () => {
      const record = lineRecord({
        id: 'whole',
        body: `한글 "quotes" \\ \u2028 😀\n\tat ${'x'.repeat(40_000)}`,
        more: {
          resource: { pod: 'p', labels: { 'app.kubernetes.io/name': 'x', __proto__x: 'y' } },
          attributes: { big: 1e21, small: 5e-324, whole: 9_007_199_254_740_991, yes: true, 'odd key ': '' },
          trace: { traceId: 't', spanId: 's' },
          exception: {
            type: 'E',
            message: 'm',
            language: 'java',
            frames: [{ function: 'f', line: 1 }],
            causes: [{ type: 'C', message: 'm', frames: [] }],
          },
        },
      })
      const index = await create()
      expect(await index.write([record])).toEqual([])
      expect((await index.search(EMPTY_QUERY, 1)).records).toEqual([record])
    })

    test('more than 10,000 matches are counted exactly, and read to the end page by page', async () => {
      const count = 10_050
      const index = await filled(
        Array.from({ length: count }, (_, i) => ({
          id: `line-${String(i).padStart(5, '0')}`,
          body: `order ${i} failed`,
          level: i % 3 === 0 ? ('WARN' as const) : ('ERROR' as const),
          second: i % 7_200,
        })),
      )
      const query = parseLogQuery('order failed')
      const summary = await index.summary(query)
      expect(summary).toMatchObject({
        total: count,
        levels: { WARN: 3_350, ERROR: 6_700 },
        services: { orders: count },
      })
      expect(summary.stepMs).toBe(300_000)
      expect(summary.histogram).toHaveLength(24)
      const seen = new Set<string>()
      let before: string | undefined
      do {
        const page = await index.search(query, 2_000, before)
        for (const record of page.records) seen.add(record.id)
        before = page.next
      } while (before !== undefined)
      expect(seen.size).toBe(count)
    })

    test('random lines and questions have the answers that the index in memory gives', async () => {
      const random = seededRandom(20_260_120)
      const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)] as T
      const text = (words: number): string =>
        Array.from({ length: words }, (_, i) => (i === 0 ? '' : pick(JOINTS)) + pick(WORDS)).join('')
      const lines = Array.from({ length: 150 }, (_, i) => ({
        id: `r${i}`,
        body: text(1 + Math.floor(random() * 6)),
        level: pick(['WARN', 'ERROR', 'INFO'] as const),
        service: pick(['orders', 'payments', '주문-서비스']),
        second: Math.floor(random() * 40),
        more: { attributes: { key: text(1) } },
      }))
      const index = await filled(lines)
      const memory = createMemoryLogIndex()
      await memory.write(lines.map(lineRecord))
      for (let n = 0; n < 120; n++) {
        const word = (): string => {
          const part = text(1 + Math.floor(random() * 2)).replaceAll('"', '')
          return `${random() < 0.25 ? '-' : ''}${/\s/.test(part) || random() < 0.2 ? `"${part}"` : part}`
        }
        const question = Array.from({ length: 1 + Math.floor(random() * 2) }, word).join(' ')
        const query = {
          ...parseLogQuery(question),
          ...(random() < 0.2 ? { from: NOON + 10_000, to: NOON + 30_000 } : {}),
        }
        const [found, expected] = await Promise.all([index.search(query, 200), memory.search(query, 200)])
        expect([question, found.records.map((record) => record.id)]).toEqual([
          question,
          expected.records.map((record) => record.id),
        ])
        if (n % 10 === 0)
          expect([question, await index.summary(query)]).toEqual([question, await memory.summary(query)])
      }
    })
  })
}
