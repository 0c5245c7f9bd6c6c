import { describe, expect, it } from 'vitest'
import { isVariant, templateOf } from './template.ts'

describe('Korean numbers with their unit and particle are one parameter', () => {
  it.each([
    ['상품 3개를 주문', '상품 12개가 주문'],
    ['5초 후 재시도', '30초를 후 재시도'],
    ['재고 3박스 부족', '재고 12박스가 부족'],
    ['12,000원 결제 실패', '9,900원을 결제 실패'],
    ['주문 ORD-20260120-000123을 처리하지 못했습니다', '주문 ORD-20260121-99999를 처리하지 못했습니다'],
    ['파드 payment-service-7d9f8b6c5d-x2k4q에서 오류', '파드 payment-service-6c5d7d9f8b-abcde에서 오류'],
    ['주문번호:12345 실패', '주문번호:99 실패'],
  ])('%s reads like %s', (a, b) => expect(templateOf(a)).toBe(templateOf(b)))

  it('shows the parameter by its kind', () => {
    expect(templateOf('재고 12개가 부족')).toBe('재고 <num> 부족')
  })
})

describe('Korean names', () => {
  it.each([
    ['김철수님의 주문 실패', '<name>님 주문 실패'],
    ['박영희님 로그인 실패', '<name>님 로그인 실패'],
    ['고객 박영희 결제 실패', '고객 <name> 결제 실패'],
    ['고객 남궁민수 결제 실패', '고객 <name> 결제 실패'],
    ['사용자 홍길동이 로그인 실패', '사용자 <name> 로그인 실패'],
    ['customer Kim not found', 'customer <name> not found'],
  ])('%s => %s', (message, template) => expect(templateOf(message)).toBe(template))

  it.each([
    '사용자 인증 실패',
    '사용자 정보 없음',
    '사용자 조회 실패',
    '고객 이메일 발송 실패',
    '고객님 주문 실패',
    'user Login failed',
    'caused by Exception in handler',
  ])('%s holds no name', (message) => expect(templateOf(message)).toBe(message))

  it('two faults of a user stay two kinds', () => {
    expect(templateOf('사용자 인증 실패')).not.toBe(templateOf('사용자 정보 실패'))
    expect(templateOf('user Login failed')).not.toBe(templateOf('user Session failed'))
  })
})

describe('variants', () => {
  const payment = (product: string): string =>
    templateOf(
      `결제 승인 실패: 카드사 응답 없음 (주문번호 ORD-20260120-000123, 상품 ${product}, 금액 12,000원) 재시도 안 함`,
    )

  it('are messages that differ in a name inside a long common text', () => {
    expect(isVariant(payment('무선 키보드'), payment('유기농 사과'))).toBe(true)
    expect(isVariant(payment('무선 키보드'), payment('무선 키보드'))).toBe(true)
  })

  it('are not messages that differ in what happened', () => {
    const a = '주문 <num> 처리 중 외부 결제 서버 응답 시간 초과 발생'
    const b = '주문 <num> 처리 중 외부 결제 서버 응답 형식 오류 발생'
    expect(isVariant(a, b)).toBe(false)
  })

  it('are not short messages, where a word is the meaning', () => {
    expect(isVariant('주문 서버 실패', '결제 서버 실패')).toBe(false)
    expect(isVariant('재고 사과 조회 중단', '재고 포도 조회 중단')).toBe(false)
  })

  it('are not messages that differ in an English word', () => {
    const text = (word: string): string => `a b c d e f g h ${word} i`
    expect(isVariant(text('timeout'), text('refused'))).toBe(false)
  })

  it('do not depend on which of the two came first', () => {
    expect(isVariant(payment('유기농 사과'), payment('무선 키보드'))).toBe(
      isVariant(payment('무선 키보드'), payment('유기농 사과')),
    )
  })
})
