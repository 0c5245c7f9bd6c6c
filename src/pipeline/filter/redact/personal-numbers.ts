/**
 * Numbers that identify a person or a business by their own form: resident (RRN), foreigner (FRN) and business (BRN)
 * numbers, cards, phones. Look-arounds on digits and Latin letters, not `\b`: Korean particles follow directly
 * (`…입니다`), while inside hexadecimal ids a digit run means nothing. Patterns are tried on normalised text, all bounded.
 * Formats as in microsoft/presidio's kr_* recognisers.
 */
export interface NumberRule {
  readonly id: string
  readonly type: string
  /** Global. */
  readonly pattern: RegExp
  readonly accept: (text: string, start: number, end: number) => boolean
}

const RESIDENT = String.raw`\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])`
const BARE = `(?<![0-9A-Za-z_]|[0-9A-Za-z][-.])`
const BARE_END = String.raw`(?![0-9A-Za-z_]|[-.]\d)`
const GROUPED = `(?<![0-9A-Za-z]|[0-9A-Za-z][-.])`
const GROUPED_END = `(?![0-9A-Za-z]|-[0-9A-Za-z])`

export const NUMBER_RULES: readonly NumberRule[] = [
  { id: 'kr-rrn', type: 'RRN', pattern: residentNumber('[0-4 9]'), accept: acceptResident },
  { id: 'kr-frn', type: 'FRN', pattern: residentNumber('[5-8]'), accept: acceptResident },
  {
    id: 'kr-brn',
    type: 'BRN',
    pattern: new RegExp(`${GROUPED}\\d{3}-\\d{2}-\\d{5}${GROUPED_END}|${BARE}[1-9]\\d{9}${BARE_END}`, 'g'),
    accept: acceptBusiness,
  },
  {
    id: 'card',
    type: 'CARD',
    pattern: new RegExp(
      `${GROUPED}(?:\\d{4}([- ])\\d{4}\\1\\d{4}\\1\\d{1,7}|3[47]\\d{2}([- ])\\d{6}\\2\\d{5}|3[0689]\\d{2}([- ])\\d{6}\\3\\d{4})${GROUPED_END}|${BARE}[2-69]\\d{12,18}${BARE_END}`,
      'g',
    ),
    accept: acceptCard,
  },
  {
    id: 'phone',
    type: 'PHONE',
    pattern: new RegExp(
      [
        // +82 10-1234-5678, +82(0)2 1234 5678
        String.raw`(?<![0-9A-Za-z+])\+?82[-. ]?(?:\(0\)|0)?[-. ]?(?:1[016789]|2|[3-6][1-5]|70|50\d?)[-. ]?\d{3,4}[-. ]?\d{4}(?![0-9A-Za-z])`,
        String.raw`${GROUPED}\(?01[016789]\)?[-. ]{1,2}\d{3,4}[-. ]\d{4}${GROUPED_END}`,
        String.raw`${BARE}01[016789]\d{7,8}${BARE_END}`,
        String.raw`(?<![0-9A-Za-z.]|[0-9A-Za-z]-)(?:\(0(?:2|[3-6][1-5]|70|50\d?)\)[- ]?|0(?:2|[3-6][1-5]|70|50\d?)(?:-|\)[- ]?))\d{3,4}[- ]\d{4}${GROUPED_END}`,
        // Any other country, only with the plus sign and groups.
        String.raw`(?<![0-9A-Za-z+])\+(?!82)[1-9]\d{0,2}[-. ]\(?\d{1,4}\)?(?:[-. ]\d{2,4}){2,4}(?![0-9A-Za-z])`,
      ].join('|'),
      'g',
    ),
    accept: acceptPhone,
  },
]

function residentNumber(seventh: string): RegExp {
  return new RegExp(
    `${GROUPED}${RESIDENT} ?- ?${seventh.replace(' ', '')}\\d{6}(?![0-9A-Za-z])|(?<![0-9A-Za-z_]|\\d[-.])${RESIDENT} ?${seventh.replace(' ', '')}\\d{6}${BARE_END}`,
    'g',
  )
}

const CENTURY = [1800, 1900, 1900, 2000, 2000, 1900, 1900, 2000, 2000, 1800] as const

/** The date must exist. The check digit decides nothing: numbers given out since October 2020 have a random tail. */
function acceptResident(text: string, start: number, end: number): boolean {
  const digits = text.slice(start, end).replace(/\D/g, '')
  const year = (CENTURY[Number(digits[6])] ?? 1900) + Number(digits.slice(0, 2))
  const date = new Date(Date.UTC(year, Number(digits.slice(2, 4)) - 1, Number(digits.slice(4, 6))))
  if (date.getUTCDate() !== Number(digits.slice(4, 6))) return false
  return end - start > 13 || !looksLikeTime(text, start, digits, 1000)
}

const BUSINESS_WEIGHTS = [1, 3, 7, 1, 3, 7, 1, 3] as const
const BUSINESS_LABEL = /사업자|brn|business|biz|corp|company|vat|tax|등록/i

/** Grouped: as it stands. Bare, it must pass its check digit and not be another field's value: Unix seconds have 10 digits too. */
function acceptBusiness(text: string, start: number, end: number): boolean {
  if (end - start > 10) return true
  const digits = text.slice(start, end)
  if (!businessChecksum(digits)) return false
  if (BUSINESS_LABEL.test(text.slice(Math.max(0, start - 30), start))) return true
  if (LABEL.test(text.slice(Math.max(0, start - 48), start)) || UNIT.test(text.slice(end, end + 12))) return false
  if (looksLikeTime(text, start, digits, 1)) return false
  // A time of years ago is believed to be a number only where people write: alone, or in Korean text.
  const alone = text.trim().length === digits.length
  return digits > LATEST_SECONDS || alone || /[가-힣]/.test(text.slice(Math.max(0, start - 20), end + 20))
}

export function businessChecksum(digits: string): boolean {
  const ninth = Number(digits[8]) * 5
  const sum = BUSINESS_WEIGHTS.reduce(
    (total, weight, at) => total + weight * Number(digits[at]),
    ninth + Math.floor(ninth / 10),
  )
  return (10 - (sum % 10)) % 10 === Number(digits[9])
}

const LABEL = /[\w\]]["']?\s?[=:#]\s?["'[(]?$/
const UNIT = /^\s?(?:ms|us|ns|s\b|sec|bytes?|[kmg]i?b\b|rows?|records?|messages?|events?|%)/i
const TIME_LABEL =
  /(?:time(?:stamp)?|date|epoch|millis|ts|at|now|expir\w*|until|since|start|end|deadline|created|updated|modified|iat|exp|nbf|시각|시간)(?:_?ms|_?millis)?["']?\s{0,2}[=:]?\s{0,2}["']?$/i
const EARLIEST = Date.UTC(2015, 0) / 1000
const LATEST = Date.UTC(2035, 0) / 1000
const LATEST_SECONDS = String(LATEST)

/**
 * Unix seconds or milliseconds. A resident number written without its dash can be one of a child born in 2017 or 2018:
 * then only a name of a time in front says otherwise.
 */
function looksLikeTime(text: string, start: number, digits: string, perSecond: number): boolean {
  const seconds = Number(digits) / perSecond
  if (seconds < EARLIEST || seconds > LATEST) return false
  return (
    perSecond === 1 || /[1256]/.test(digits.charAt(6)) || TIME_LABEL.test(text.slice(Math.max(0, start - 40), start))
  )
}

const CARD_LABEL = /카드|card|pan\b|cc_?(?:no|num)/i
/** Visa, Mastercard, Amex, Diners, JCB, UnionPay and Discover, and the Korean domestic 9. */
const CARD_ISSUER =
  /^(?:4\d{15}|4\d{12}|5[1-5]\d{14}|2[2-7]\d{14}|3[47]\d{13}|3(?:0[0-5]|[689]\d)\d{11}|35\d{14}|6[0-9]\d{14}|9\d{15})$/

function acceptCard(text: string, start: number, end: number): boolean {
  const digits = text.slice(start, end).replace(/\D/g, '')
  if (digits.length < 13 || digits.length > 19 || !luhn(digits) || /^(\d)\1+$/.test(digits)) return false
  if (end - start > digits.length) return true
  return CARD_ISSUER.test(digits) || CARD_LABEL.test(text.slice(Math.max(0, start - 30), start))
}

export function luhn(digits: string): boolean {
  let sum = 0
  for (let at = 0; at < digits.length; at++) {
    const digit = Number(digits[digits.length - 1 - at])
    sum += at % 2 === 0 ? digit : digit > 4 ? digit * 2 - 9 : digit * 2
  }
  return sum % 10 === 0
}

function acceptPhone(text: string, start: number, end: number): boolean {
  const found = text.slice(start, end)
  const digits = found.replace(/\D/g, '')
  if (digits.length < 9 || digits.length > 15) return false
  // "82" without plus or separators is any number.
  return !(found.startsWith('82') && !/^82[-. (]/.test(found))
}
