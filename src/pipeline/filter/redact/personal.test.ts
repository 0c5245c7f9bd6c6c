import { describe, expect, test } from 'vitest'
import { businessChecksum, luhn } from './personal-numbers.ts'
import { createRedactor } from './redactor.ts'

const redactor = createRedactor({ key: new Uint8Array(32).fill(1) })
const masked = (text: string) => redactor.redact(text).replace(/:[0-9a-f]{4}\]/g, ']')

/** [line, line without the values] */
function cases(title: string, rows: readonly (readonly [string, string])[]) {
  describe(title, () => {
    test.each(rows)('%s', (line, expected) => {
      expect(masked(line)).toBe(expected)
    })
  })
}

cases('resident numbers are found in every spelling', [
  ['주민등록번호 900101-1234567', '주민등록번호 [RRN]'],
  ['900101-1234567입니다', '[RRN]입니다'],
  ['주민번호는900101-2234567로 확인', '주민번호는[RRN]로 확인'],
  ['rrn=9001011234567', 'rrn=[RRN]'],
  ['{"rrn":"9001011234567"}', '{"rrn":"[RRN]"}'],
  ['9001011234567입니다', '[RRN]입니다'],
  ['born 040229-3123456 leap day', 'born [RRN] leap day'],
  ['random tail after 2020: 210315-4987654', 'random tail after 2020: [RRN]'],
  ['９００１０１－１２３４５６７', '[RRN]'],
  ['900101–1234567', '[RRN]'],
  ['900101‑1234567', '[RRN]'],
  ['900101 - 1234567', '[RRN]'],
  ['(900101-1234567)', '([RRN])'],
  ['2026-01-20 900101-1234567', '2026-01-20 [RRN]'],
  ['900101-1234567,910202-2345678', '[RRN],[RRN]'],
  ['child 180101-3123456 and bare 1801013123456', 'child [RRN] and bare [RRN]'],
])

cases('foreigner numbers have a type of their own', [
  ['외국인등록번호: 900101-5234567', '외국인등록번호: [FRN]'],
  ['850315-6123456', '[FRN]'],
  ['frn=0503157123456', 'frn=[FRN]'],
  ['050315-8123456입니다', '[FRN]입니다'],
])

cases('a date that does not exist is not a resident number', [
  ['901301-1234567', '901301-1234567'],
  ['900132-1234567', '900132-1234567'],
  ['900230-1234567', '900230-1234567'],
  ['030229-3123456', '030229-3123456'],
  ['1900101-1234567', '1900101-1234567'],
  ['900101-12345678', '900101-12345678'],
])

cases('business numbers', [
  ['사업자등록번호 124-81-00998', '사업자등록번호 [BRN]'],
  ['사업자번호: 1248100998', '사업자번호: [BRN]'],
  ['124-81-00998입니다', '[BRN]입니다'],
  ['brn=1208800767', 'brn=[BRN]'],
  ['1248100998', '[BRN]'],
  ['거래처 1248100998로 송금', '거래처 [BRN]로 송금'],
  ['partner 2208162517 rejected', 'partner [BRN] rejected'],
  ['partner 2208162518 rejected', 'partner 2208162518 rejected'],
  ['node-1 start 1077804742 1 wait', 'node-1 start 1077804742 1 wait'],
  ['사업자번호: 1248100999', '사업자번호: 1248100999'],
  ['at 1768912496', 'at 1768912496'],
])

cases('phone numbers', [
  ['010-1234-5678', '[PHONE]'],
  ['01012345678', '[PHONE]'],
  ['01012345678로 발송', '[PHONE]로 발송'],
  ['연락처:010-1234-5678입니다', '연락처:[PHONE]입니다'],
  ['010.1234.5678', '[PHONE]'],
  ['010 1234 5678', '[PHONE]'],
  ['+82 10-1234-5678', '[PHONE]'],
  ['+821012345678', '[PHONE]'],
  ['+82-10-1234-5678', '[PHONE]'],
  ['+82(0)10-1234-5678', '[PHONE]'],
  ['011-123-4567', '[PHONE]'],
  ['02-123-4567', '[PHONE]'],
  ['02-1234-5678', '[PHONE]'],
  ['(02) 1234-5678', '[PHONE]'],
  ['031-123-4567로', '[PHONE]로'],
  ['070-1234-5678', '[PHONE]'],
  ['전화번호: 0212345678', '전화번호: [PHONE]'],
  ['"phone":"0311234567"', '"phone":"[PHONE]"'],
  ['mobile=821012345678', 'mobile=[PHONE]'],
  ['０１０－１２３４－５６７８', '[PHONE]'],
  ['010–1234–5678', '[PHONE]'],
  ['2026-01-20 010-1234-5678', '2026-01-20 [PHONE]'],
  ['call +1-415-555-2671 now', 'call [PHONE] now'],
])

cases('driving licences and passports need their word', [
  ['운전면허번호: 11-22-123456-78', '운전면허번호: [DRIVER_LICENSE]'],
  ['면허번호 112212345678입니다', '면허번호 [DRIVER_LICENSE]입니다'],
  ['11-22-123456-78 (운전면허)', '[DRIVER_LICENSE] (운전면허)'],
  ['driver license no: 28-01-654321-09', 'driver license no: [DRIVER_LICENSE]'],
  ['운전면허 서울-12-123456-78', '운전면허 [DRIVER_LICENSE]'],
  ['part 11-22-123456-78', 'part 11-22-123456-78'],
  ['면허번호: 99-22-123456-78', '면허번호: 99-22-123456-78'],
  ['여권번호: M123A4567', '여권번호: [PASSPORT]'],
  ['대한민국 여권 M12345678입니다', '대한민국 여권 [PASSPORT]입니다'],
  ['passport no. s12345678', 'passport no. [PASSPORT]'],
  ['passport=M123A4567', 'passport=[PASSPORT]'],
  ['M12345678 (여권)', '[PASSPORT] (여권)'],
  ['part M12345678', 'part M12345678'],
])

cases('accounts and names are known by their key', [
  ['계좌번호: 110-123-456789', '계좌번호: [ACCOUNT]'],
  ['입금계좌 신한은행 110123456789입니다', '입금계좌 신한은행 [ACCOUNT]입니다'],
  ['계좌번호는 국민은행 123456-01-123456 입니다', '계좌번호는 국민은행 [ACCOUNT] 입니다'],
  ['"accountNumber":"110123456789"', '"accountNumber":"[ACCOUNT]"'],
  ['account_no=3333-01-1234567', 'account_no=[ACCOUNT]'],
  ['이름: 홍길동', '이름: [NAME]'],
  ['이름=홍길동입니다', '이름=[NAME]입니다'],
  ['성명：홍길동', '성명：[NAME]'],
  ['"성명":"남궁민수"', '"성명":"[NAME]"'],
  ['고객명 : 김철수님', '고객명 : [NAME]님'],
  ['예금주: 이가은', '예금주: [NAME]'],
  ['이름은 홍길동입니다', '이름은 [NAME]입니다'],
  ['이름: Gildong Hong', '이름: [NAME]'],
  ['name=홍길동', 'name=[NAME]'],
  ['"userName":"홍길동"', '"userName":"[NAME]"'],
  ['customer_name="Gildong Hong"', 'customer_name="[NAME]"'],
  ['{"fullName":"Jane Doe","id":3}', '{"fullName":"[NAME]","id":3}'],
])

cases('cards must pass the Luhn check', [
  ['card 4111-1111-1111-1111', 'card [CARD]'],
  ['4111 1111 1111 1111', '[CARD]'],
  ['pan=4111111111111111', 'pan=[CARD]'],
  ['카드번호 5555555555554444입니다', '카드번호 [CARD]입니다'],
  ['3782-822463-10005', '[CARD]'],
  ['４１１１－１１１１－１１１１－１１１１', '[CARD]'],
  ['4111-1111-1111-1112', '4111-1111-1111-1112'],
  ['0000-0000-0000-0000', '0000-0000-0000-0000'],
])

cases('addresses', [
  ['mail gildong.hong+tag@example.co.kr로 발송', 'mail [EMAIL]로 발송'],
  ['"email":"a@b.io"', '"email":"[EMAIL]"'],
  ['<kim_cs@naver.com>', '<[EMAIL]>'],
  ['이메일:kim@example.com입니다', '이메일:[EMAIL]입니다'],
])

test('spellings of one number share a placeholder, other numbers do not', () => {
  const one = redactor.redact('010-1234-5678')
  expect(redactor.redact('01012345678')).toBe(one)
  expect(redactor.redact('+82 10-1234-5678')).toBe(one)
  expect(redactor.redact('０１０－１２３４－５６７８')).toBe(one)
  expect(redactor.redact('010-1234-5679')).not.toBe(one)
})

test('offsets hold in the text as it was given, full width included', () => {
  const text = '고객 ０１０－１２３４－５６７８ 확인'
  expect(redactor.find(text).map(({ start, end }) => text.slice(start, end))).toEqual(['０１０－１２３４－５６７８'])
})

test('the check digits are those of the published rules', () => {
  expect(businessChecksum('1248100998')).toBe(true)
  expect(businessChecksum('1248100997')).toBe(false)
  expect(luhn('4111111111111111')).toBe(true)
  expect(luhn('4111111111111112')).toBe(false)
})
