import { describe, expect, it } from 'vitest'
import { templateOf } from './template.ts'

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
    ['회원 조회에 실패했습니다', '회원 조회에 실패했습니다'],
    ['사용자 권한이 없습니다', '사용자 권한이 없습니다'],
    ['PG 응답코드=5001 메시지=한도초과', 'PG 응답코드=<num> 메시지=한도초과'],
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
