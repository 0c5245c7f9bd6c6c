import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createPatternMiner, type PatternMiner } from './pattern-miner.ts'

/** Messages to the messages they share a class with: the partition, whatever the ids. */
function partition(miner: PatternMiner, messages: readonly string[]): string[][] {
  const classes = new Map<string, Set<string>>()
  for (const message of messages) {
    const [first] = miner.kin(miner.learn('s', message)) as [string]
    classes.set(first, (classes.get(first) ?? new Set()).add(message))
  }
  return [...classes.values()]
    .map((set) => [...set].sort())
    .sort((a, b) => ((a[0] as string) < (b[0] as string) ? -1 : 1))
}

const learnAll = (messages: readonly string[], miner = createPatternMiner()): PatternMiner => {
  for (const message of messages) miner.learn('s', message)
  return miner
}

const idOf = (message: string, scope = 's'): string => createPatternMiner().learn(scope, message).id
const together = (...messages: string[]): boolean => partition(learnAll(messages), messages).length === 1

/** More words than a signature holds. */
const manyWords = Array.from({ length: 300 }, (_, i) => `col${String.fromCharCode(97 + (i % 26), 97 + i / 26)}`).join(
  ', ',
)

describe('a pattern', () => {
  it('is one for all values that redaction took out, also where the digits in their place look like a word', () => {
    const message = (digits: string): string =>
      `refused login of [EMAIL:${digits}]: password=[DB_PASSWORD:${digits}] is wrong`
    for (const digits of ['12ab', 'ab12', 'a123', 'beef', 'dead'])
      expect(idOf(message(digits))).toBe(idOf(message('1234')))
    // What only looks like it keeps its words.
    for (const other of ['[EMAIL:face book]', '[email:beef]', 'EMAIL:beef]', '[:beef]'])
      expect(idOf(`refused login of ${other}`)).not.toBe(idOf(`refused login of ${other.replace(/beef|face/, 'dead')}`))
  })

  it('has one id for all values of its parameters, in every process and after every restart', () => {
    fc.assert(
      fc.property(fc.nat(), fc.ipV4(), fc.uuid(), fc.webUrl(), fc.emailAddress(), (n, ip, uuid, url, mail) => {
        const message = (a: unknown, b: string, c: string, d: string, e: string): string =>
          `order ${a} from ${b} failed after ${a}ms id=${c} see ${d} mail (${e})`
        // A URL ends where prose goes on: marks at its end are not part of it.
        fc.pre(/[\w/]$/.test(url) && /^[\w.+-]+@[\w.-]+$/.test(mail) && !/['"<>()[\]{}]/.test(url))
        expect(idOf(message(n, ip, uuid, url, mail))).toBe(
          idOf(
            message(1, '10.0.0.1', '3f2504e0-4f89-11d3-9a0c-0305e82c3301', 'https://a.example/x', 'kim@example.com'),
          ),
        )
      }),
    )
  })

  it.each([
    ['Verification succeeded for blk_-4980916519894289629', 'Verification succeeded for blk_7503483334202473044'],
    ['peer fe80::1ff:fe23:4567:890a gone', 'peer 2001:db8::1 gone'],
    ['link of 00:1a:2b:3c:4d:5e up', 'link of aa:bb:cc:dd:ee:ff up'],
    ['took 1 second', 'took 30 seconds'],
    ['sent 900 bytes', 'sent 1.5 KB'],
    ['ids [1, 2, 3] lost', 'ids [7] lost'],
    ['at 12:31:05.123 done', 'at 2026-01-20T12:31:05Z done'],
    ['open "x.txt" failed', "open 'x.txt' failed"],
    ['GET http://a.example/x?y=1 failed', 'GET https://b.example/z failed'],
    ['lifetime <1 sec', 'lifetime 00:02'],
  ])('is one for %s and %s', (a, b) => expect(idOf(a)).toBe(idOf(b)))

  it('has an id of its own per service', () => {
    expect(idOf('order 1 failed', 'order')).not.toBe(idOf('order 1 failed', 'payment'))
  })

  it('is 16 hex digits that no release may change by accident', () => {
    expect(idOf('order 17 failed for user kim')).toBe('538615ea9c734eb5')
  })
})

describe('a slot becomes a parameter', () => {
  const users = ['root', 'admin', 'guest', 'oracle', 'test', 'git', 'ftp']
  const failed = users.map((user) => `Failed password for ${user} from 10.0.0.1 port 22 ssh2`)

  it('when more words take turns in it than a sentence has meanings', () => {
    expect(partition(learnAll(failed.slice(0, 4)), failed.slice(0, 4))).toHaveLength(4)
    expect(partition(learnAll(failed), failed)).toHaveLength(1)
  })

  it('and then takes a new word at once, under the id that came first', () => {
    const miner = learnAll(failed)
    const first = miner.learn('s', failed[0] as string)
    const next = miner.learn('s', 'Failed password for never-seen from 10.0.0.2 port 22 ssh2')
    expect(miner.kin(next)[0]).toBe(first.id)
    expect(miner.reasons(next)[0]).toMatchObject({ rule: 'slot', words: expect.arrayContaining(['root', 'admin']) })
  })

  it('sooner where its words look like names of things', () => {
    const lines = ['OrderService', 'PaymentService', 'UserService'].map((name) => `cannot load bean ${name} in context`)
    expect(together(...lines)).toBe(true)
  })

  it('at once where another message has a number there', () => {
    expect(together('Rejected invalid user admin from 10.0.0.1', 'Rejected invalid user 0101 from 10.0.0.1')).toBe(true)
    expect(together('주문 1234 처리 실패', '주문 검증 처리 실패')).toBe(false)
  })

  it.each([
    [['Link ok', 'Link error', 'Link in reset']],
    [['service started', 'service paused', 'service stopped']],
    [['connection refused by peer now', 'connection reset by peer now']],
    [['task 1 moved from NEW to RUNNING', 'task 1 moved from RUNNING to FAILED', 'task 1 moved from NEW to FAILED']],
    [['overlap:true', 'overlap:false']],
    [
      ['NullPointerException', 'SocketTimeoutException', 'OutOfMemoryError'].map(
        (type) => `Failed to process order 1: ${type}`,
      ),
    ],
    [
      ['fraudulent', 'expired_card', 'incorrect_cvc', 'stolen_card'].map(
        (why) => `Payment for order 1 declined: ${why}`,
      ),
    ],
    [['한도초과', '잔액부족', '분실카드', '통신장애'].map((why) => `결제 요청 실패: ${why}`)],
    [['timeout', 'shutdown', 'conflict', 'deadlock'].map((why) => `canceling statement of a session due to ${why}`)],
    [['full', 'corrupt', 'missing'].map((what) => `subsystem: storage, problem: ${what}, action: none`)],
    [['disk full', 'schema mismatch', 'quota'].map((why) => `sync failed tenant=globex err="${why}" attempt=2`)],
    [['requests.exceptions.ReadTimeout', 'sqlalchemy.exc.NoResultFound', 'kafka.errors.NoBrokersAvailable']],
    [['connection reset by peer', 'no route to host'].map((why) => `upstream call failed with "${why}" at gateway`)],
    [['user Cache failed', 'user Store failed', 'user Database failed']],
    [
      ['Duplicate entry for key PRIMARY', 'Deadlock found when trying to get lock'].map(
        (why) => `SQL [INSERT INTO orders (${'name, note, '.repeat(30)}${manyWords}) VALUES (?)]; ${why}`,
      ),
    ],
    [
      ['declined', 'expired', 'stolen', 'blocked', 'unknown', 'empty'].map(
        (why) => `card payment refused with reason ${why} at gateway`,
      ),
    ],
    [
      ['RUNNING', 'FAILED', 'QUEUED', 'LOST', 'PAUSED', 'DEAD'].map(
        (state) => `worker went from state ${state} on its own today`,
      ),
    ],
    [['error=timeout retry=1', 'error=refused retry=1']],
    [['ORA-12541: no listener', 'ORA-12170: no listener']],
    [['주문 서버 실패', '결제 서버 실패']],
    [['java.net.ConnectException: 거부', 'java.net.SocketTimeoutException: 거부']],
  ])('never for two words that are two meanings: %j', (messages) => {
    expect(partition(learnAll(messages), messages)).toHaveLength(messages.length)
  })
})

describe('messages that differ in names alone are one', () => {
  const payment = (product: string): string =>
    `결제 승인 실패: 카드사 응답 없음 (주문번호 ORD-20260120-000123, 상품 ${product}, 금액 12,000원) 재시도 안 함`

  it('Korean names of any number of words, from the second message on', () => {
    expect(together(payment('무선 키보드'), payment('유기농 사과'), payment('접이식 캠핑 의자'))).toBe(true)
  })

  it('a Korean name and a code at once', () => {
    const stock = (product: string, store: string): string =>
      `재고 수량 불일치: ${product} (SKU-4413) 장부 12, 실사 9, 담당자 김영희 확인 필요 (창고 ${store})`
    expect(
      together(stock('여성 트렌치코트', 'ICN-3'), stock('무선 이어폰', 'PUS-1'), stock('등산 배낭', 'GWJ-2')),
    ).toBe(true)
  })

  it('names of any number of words in quotes', () => {
    expect(together("상품 '파란 머그컵' 저장 실패", "상품 '빨간 작은 컵' 저장 실패")).toBe(true)
    expect(
      together(
        'Failed to index product "Blue Mug": title too long',
        'Failed to index product "Large Red Organic Tea": title too long',
      ),
    ).toBe(true)
  })

  it('two identifiers at once', () => {
    expect(
      together(
        'Task order-import failed on worker alpha_pool after retry',
        'Task user-export failed on worker beta_pool after retry',
      ),
    ).toBe(true)
  })

  it('but not two types or two states at once', () => {
    expect(
      together(
        'Got error with correlation id 7 on topic-partition orders-9 retrying NOT_LEADER_OR_FOLLOWER',
        'Got error with correlation id 7 on topic-partition payments-9 retrying UNKNOWN_TOPIC_OR_PARTITION',
      ),
    ).toBe(false)
  })

  it('but not messages that differ in a clause, or in what stands at their end', () => {
    const rest = '문제가 생겨 주문을 저장하지 못했습니다'
    expect(
      together(
        `고객 주문 처리 중에 재고 서버가 응답하지 않아 ${rest} 확인이 필요합니다`,
        `고객 주문 처리 중에 데이터베이스 디스크가 가득 차서 ${rest} 확인이 필요합니다`,
      ),
    ).toBe(false)
    const head = '주문 서비스에서 결제 요청을 처리하는 동안 외부 게이트웨이와 통신하지 못했습니다 원인은'
    expect(together(`${head} 네트워크 이상`, `${head} 인증서 문제`)).toBe(false)
  })

  it('but not messages that differ in what happened', () => {
    const rest = '처리 중 외부 결제 서버 응답'
    expect(together(`주문 1 ${rest} 시간 초과 발생`, `주문 1 ${rest} 형식 오류 발생`)).toBe(false)
  })
})

describe('Korean text', () => {
  it.each([
    ['상품 3개를 주문', '상품 12개가 주문'],
    ['재고 3박스 부족', '재고 12박스가 부족'],
    ['12,000원 결제 실패', '9,900원을 결제 실패'],
    ['주문 ORD-20260120-000123을 처리하지 못했습니다', '주문 ORD-20260121-99999를 처리하지 못했습니다'],
    ['파드 payment-service-7d9f8b6c5d-x2k4q에서 오류', '파드 payment-service-6c5d7d9f8b-abcde에서 오류'],
    ['김철수님의 주문 실패', '박영희님의 주문 실패'],
    ['사용자 홍길동이 로그인 실패', '사용자 김영희가 로그인 실패'],
    ['고객 남궁민수 결제 실패', '고객 박영희 결제 실패'],
    ['Redis를 찾을 수 없음', 'Redis가 찾을 수 없음'],
    ['주문（123） 실패', '주문（45） 실패'],
  ])('%s reads like %s', (a, b) => expect(idOf(a)).toBe(idOf(b)))

  it('a noun behind a role is no name', () => {
    expect(idOf('사용자 인증 실패')).not.toBe(idOf('사용자 정보 실패'))
  })
})

describe('what is learned', () => {
  const word = fc.constantFrom(
    'alpha',
    'beta',
    'Gamma',
    'delta_1',
    'NEW',
    'true',
    'OrderService',
    'node-17',
    '42',
    '주문',
    '결제',
  )
  const message = fc.array(word, { minLength: 1, maxLength: 7 }).map((words) => `job ${words.join(' ')} ended at host`)

  it('does not depend on the order of arrival', () => {
    fc.assert(
      fc.property(fc.array(message, { minLength: 2, maxLength: 60 }), fc.infiniteStream(fc.nat()), (messages, keys) => {
        const shuffled = messages
          .map((text) => ({ text, key: keys.next().value as number }))
          .sort((a, b) => a.key - b.key)
          .map(({ text }) => text)
        expect(partition(learnAll(shuffled), messages)).toEqual(partition(learnAll(messages), messages))
      }),
      { numRuns: 300 },
    )
  })

  it('is the same when it is learned from shapes, as after a restart, in any order', () => {
    fc.assert(
      fc.property(fc.array(message, { minLength: 2, maxLength: 60 }), (messages) => {
        const before = createPatternMiner()
        const shapes = messages.map((text) => before.learn('s', text).shape)
        const after = createPatternMiner()
        for (const shape of shapes.toReversed()) expect(after.restore('s', shape, '')).toBe(true)
        expect(after.size).toBe(before.size)
        expect(partition(after, messages)).toEqual(partition(before, messages))
        for (const text of messages) expect(after.learn('s', text).id).toBe(before.learn('s', text).id)
      }),
      { numRuns: 200 },
    )
  })

  it.each(['', '{}', '[1]', '["?x"]', '[null]', `[${'"=a",'.repeat(400)}"=a"]`])(
    'is not learned from what is no shape: %s',
    (shape) => {
      const miner = createPatternMiner()
      expect(miner.restore('s', shape, '')).toBe(false)
      expect(miner.size).toBe(0)
    },
  )

  it('is bounded: ten thousand new kinds a second do not grow it, and ids come back', () => {
    const miner = createPatternMiner({ maxPatterns: 256 })
    const before = miner.learn('s', 'order 1 failed at gate').id
    for (let i = 0; i < 5_000; i++)
      miner.learn(
        's',
        `w${'abcdefghij'[i % 10]}x${'klmnop'[i % 6]} ${'z'.repeat(i % 97)} q${'rstuv'.at(i % 5)} ${'y'.repeat(i % 89)}`,
      )
    expect(miner.size).toBeLessThanOrEqual(2 * 256)
    expect(miner.learn('s', 'order 2 failed at gate').id).toBe(before)
  })

  it.each([
    ['nothing', ''],
    ['blanks', ' \t\u3000 '],
    ['one token of a megabyte', 'x'.repeat(1_000_000)],
    ['digits', '1'.repeat(100_000)],
    ['brackets', '[{('.repeat(50_000)],
    ['an open quote', `a="${'b '.repeat(50_000)}`],
    ['half a character', '\ud83d broken \udc00'],
    ['control characters', '\u0000\u001b[31m\u0007'],
  ])('costs little and throws nothing for %s', (_name, text) => {
    const miner = createPatternMiner()
    const started = performance.now()
    expect(miner.learn('s', text).id).toMatch(/^[0-9a-f]{16}$/)
    expect(performance.now() - started).toBeLessThan(200)
  })
})
