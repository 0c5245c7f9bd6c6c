import { describe, expect, it } from 'vitest'
import { withoutFreeText } from './free-text.ts'

describe('what strangers write into a message', () => {
  it.each([
    ['order 17 failed, comment=No space left on device', 'order 17 failed, '],
    ['payment failed. customer note: ERROR: deadlock detected', 'payment failed. '],
    ['결제 승인 실패 (주문 메모: 데이터 유실)', '결제 승인 실패 (주문 '],
    ['JWT signature does not match for user "x509: certificate has expired"', 'JWT signature does not match for user '],
    ["no hit for keyword='disk full' in 3 ms", 'no hit for keyword= in 3 ms'],
    ['failed, note: x\nsecond line\n\tat com.shop.A.a', 'failed, \n\tat com.shop.A.a'],
    ['failed, note: x\nCaused by: java.io.IOException', 'failed, \nCaused by: java.io.IOException'],
  ])('%j is taken out', (text, rest) => expect(withoutFreeText(text)).toBe(rest))

  it.each([
    'HikariPool-1 - Connection is not available, request timed out after 30000ms',
    'user 17: connection refused',
    'ERROR: relation "coupons" does not exist',
    '{"error":"connect ECONNREFUSED 10.0.0.1:80","user":17}',
    'name resolution failed: getaddrinfo ENOTFOUND db',
    '고객 박영희 결제 실패: 카드사 응답 없음',
    'denoted: value',
  ])('%j stays', (text) => expect(withoutFreeText(text)).toBe(text))

  it('costs little however it is built', () => {
    const started = performance.now()
    for (const part of ['note', 'note ', 'user "', 'a_', 'comment=', '메모', 'name:  '])
      withoutFreeText(part.repeat(20_000))
    expect(performance.now() - started).toBeLessThan(1_000)
  })
})
