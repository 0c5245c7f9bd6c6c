/** Identifiers of persons that need a word in front: names, accounts, passports, driving licences, bare phone numbers; and e-mail. */
import { RANK, type Rule, type Span, spanAt } from './rule.ts'

function personal(id: string, type: string, keywords: readonly string[], match: Rule['match']): Rule {
  return { id, type, rank: RANK.personal, keywords, match }
}

const DOMAIN = /@(?:[A-Za-z0-9가-힣](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.){1,8}[A-Za-z]{2,24}(?![A-Za-z0-9-])/y
const LOCAL_CHARACTER = /[A-Za-z0-9_+%.'-]/
const LONGEST_LOCAL = 64
/** `git@github.com:` and the like are addresses of repositories. */
const REPOSITORY_USER = /^(?:git|svn|hg)$/

function emailAt(text: string, from: number): Span | undefined {
  const domain = spanAt(DOMAIN, text, from)
  if (domain === undefined) return undefined
  let start = from
  while (start > 0 && from - start < LONGEST_LOCAL && LOCAL_CHARACTER.test(text.charAt(start - 1))) start--
  while (start < from && !/[A-Za-z0-9_]/.test(text.charAt(start))) start++
  return start === from || REPOSITORY_USER.test(text.slice(start, from)) ? undefined : { start, end: domain.end }
}

/** Between a key and its value: quotes, a sign or the particle of a sentence (`이름은 …`), brackets. */
const TO_VALUE = String.raw`(?:\s?\([A-Za-z가-힣 ]{1,20}\))?(?:\\?["'])?(?:(?:은|는)?\s{0,2}(?:=>|[:=])\s{0,2}|(?:은|는)\s{1,2})(?:\\?["'\[(]){0,2}`
const KOREAN_NAME = new RegExp(`${TO_VALUE}([가-힣]{2,12})(?![가-힣])`, 'y')
const LATIN_NAME = new RegExp(`${TO_VALUE}([A-Z][A-Za-z'-]{1,24}(?:[ ,]{1,2}[A-Z][A-Za-z.'-]{0,24}){0,3})`, 'y')
const FIELD_NAME =
  /(?:_|-)?(?:\\?["'])?\s{0,2}(?:=>|[:=])\s{0,2}(?:\\?["'])?([가-힣]{2,5}(?![가-힣])|[A-Z][A-Za-z'-]{1,24}(?:[ ,]{1,2}[A-Z][A-Za-z.'-]{0,24}){0,3}(?![\w]))/y
const PARTICLE = /(?:입니다|이며|이고|이라고|라고|님께서|고객님|님|씨|으로|에게|께서)$/
const NOT_A_NAME =
  /^(?:없음|공백|비어|반드시|최대|최소|한글|영문|특수|널|사용|허용|필수|오류|미입력|누락|확인|필요|중복|변경|불일치|일치|입력|정보|조회|검색|실패|성공|알수없음|미상|알 수|null|None|Null|Unknown|Error|Invalid|Missing|Required)/
/** `파일 이름: …`, `서비스 이름=…` name things. */
const NAMES_A_THING =
  /(?:파일|테이블|클래스|컬럼|칼럼|파드|서비스|호스트|컨테이너|노드|버킷|토픽|큐|스키마|인덱스|변수|함수|메서드|메소드|모듈|패키지|이미지|상품|제품|회사|기업|업체|도메인|네임스페이스|클러스터|스레드|작업|잡|빈|필드|속성|키|그룹|채널|이벤트|프로젝트|애플리케이션|앱|리소스)\s?$/

function koreanName(text: string, from: number, to: number): Span | undefined {
  if (NAMES_A_THING.test(text.slice(Math.max(0, from - 12), from))) return undefined
  const hangul = spanAt(KOREAN_NAME, text, to)
  if (hangul !== undefined) {
    const name = text.slice(hangul.start, hangul.end)
    const bare =
      name.length > 4 ? name.replace(PARTICLE, '') : name.length > 3 ? name.replace(/(?:입니다|님|씨)$/, '') : name
    return bare.length < 2 || bare.length > 6 || NOT_A_NAME.test(name)
      ? undefined
      : { start: hangul.start, end: hangul.start + bare.length }
  }
  return personName(text, spanAt(LATIN_NAME, text, to))
}

function personName(text: string, span: Span | undefined): Span | undefined {
  return span === undefined || NOT_A_NAME.test(text.slice(span.start, span.end)) ? undefined : span
}

/** `name=` names almost anything; with a Korean value of two to four syllables it names a person. */
function plainName(text: string, from: number, to: number): Span | undefined {
  if (
    /[A-Za-z0-9.-]$/.test(text.slice(Math.max(0, from - 1), from)) &&
    !/(?:user|customer|member|owner|sender|receiver|buyer|seller|patient|employee|person|real|full|first|last)[_-]?$/i.test(
      text.slice(Math.max(0, from - 10), from),
    )
  )
    return undefined
  const span = spanAt(FIELD_NAME, text, to)
  return span === undefined || !/^[가-힣]/.test(text.slice(span.start, span.end)) ? undefined : personName(text, span)
}

const PASSPORT =
  /[^\r\nA-Za-z0-9]{0,24}(?:(?:no|number|num)[.:= "']{1,4})?([MSRODmsrod](?:\d{3}[A-Za-z]\d{4}|\d{8}))(?![0-9A-Za-z])/iy
const PASSPORT_BEFORE = /(?<![0-9A-Za-z])[MSRODmsrod](?:\d{3}[A-Za-z]\d{4}|\d{8})(?=[^\r\n0-9A-Za-z]{0,16}$)/
const REGION = '(?:1[1-9]|2[0-68])'
const LICENCE = new RegExp(
  String.raw`[^\d\r\n]{0,30}((?:${REGION}-\d{2}-\d{6}-\d{2}|${REGION}\d{10}|${REGION} \d{2} \d{6} \d{2}))(?![0-9A-Za-z])`,
  'y',
)
const OLD_LICENCE =
  /[^\d\r\n]{0,24}?((?:서울|부산|경기|강원|충북|충남|전북|전남|경북|경남|제주|대구|인천|광주|대전|울산)[ -]?\d{2}-\d{6}-\d{2})(?!\d)/y
const LICENCE_BEFORE = new RegExp(String.raw`(?<![0-9A-Za-z])${REGION}-\d{2}-\d{6}-\d{2}(?=[^\r\n0-9A-Za-z]{0,16}$)`)
const ACCOUNT = /(?!\s?(?:잔액|금액|이체\s?금액))[^\d\r\n]{0,30}(\d(?:[- ]?\d){8,15})(?![0-9A-Za-z])/y
const ACCOUNT_FIELD =
  /(?:_?(?:no|num|number))?(?:\\?["'])?\s{0,2}(?:=>|[:=])\s{0,2}(?:\\?["'])?(\d(?:[- ]?\d){8,15})(?![0-9A-Za-z])/iy
const PHONE =
  /(?:_?(?:no|num|number))?(?:\s?번호)?(?:\\?["'])?(?:은|는|이|가)?\s{0,2}(?:=>|[:=])?\s{0,2}(?:\\?["'[(])?(\+?\(?\d(?:[-. ()]{0,2}\d){8,14})(?![0-9A-Za-z])/iy

function beside(text: string, from: number, to: number, ahead: readonly RegExp[], behind?: RegExp): Span | undefined {
  for (const pattern of ahead) {
    const span = spanAt(pattern, text, to)
    if (span !== undefined) return span
  }
  if (behind === undefined) return undefined
  const start = Math.max(0, from - 40)
  const match = behind.exec(text.slice(start, from))
  return match === null ? undefined : { start: start + match.index, end: start + match.index + match[0].length }
}

export const KEYED_PERSONAL: readonly Rule[] = [
  personal('email', 'EMAIL', ['@'], emailAt),
  personal(
    'kr-name',
    'NAME',
    [
      '이름',
      '성명',
      '고객명',
      '예금주',
      '수취인',
      '수신인',
      '신청인',
      '회원명',
      '환자명',
      '계약자',
      '피보험자',
      '담당자명',
      '받는사람',
      '보내는사람',
      '입금자',
      '송금인',
      '성함',
    ],
    koreanName,
  ),
  personal('name', 'NAME', ['name'], plainName),
  personal(
    'person-name',
    'NAME',
    [
      'customer_name',
      'customername',
      'full_name',
      'fullname',
      'first_name',
      'firstname',
      'last_name',
      'lastname',
      'real_name',
      'realname',
      'cardholder',
      'account_holder',
      'accountholder',
      'holder_name',
      'holdername',
      'patient_name',
      'patientname',
    ],
    (text, _from, to) => personName(text, spanAt(FIELD_NAME, text, to)),
  ),
  personal('kr-passport', 'PASSPORT', ['여권', 'passport'], (text, from, to) =>
    beside(
      text,
      from,
      to,
      [PASSPORT, /[가-힣 :=-]{0,12}([MSRODmsrod](?:\d{3}[A-Za-z]\d{4}|\d{8}))(?![0-9A-Za-z])/y],
      PASSPORT_BEFORE,
    ),
  ),
  personal('kr-driver-license', 'DRIVER_LICENSE', ['면허', 'license', 'licence'], (text, from, to) =>
    beside(text, from, to, [LICENCE, OLD_LICENCE], LICENCE_BEFORE),
  ),
  personal('account', 'ACCOUNT', ['계좌'], (text, from, to) => beside(text, from, to, [ACCOUNT])),
  personal('account-field', 'ACCOUNT', ['account', 'acct'], (text, from, to) =>
    beside(text, from, to, [ACCOUNT_FIELD]),
  ),
  personal(
    'phone-field',
    'PHONE',
    ['전화', '연락처', '휴대폰', '핸드폰', '휴대전화', '팩스', 'phone', 'mobile', 'tel'],
    (text, from, to) => beside(text, from, to, [PHONE]),
  ),
]
