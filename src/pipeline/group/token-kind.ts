/**
 * Token kind: what a token with digits or joiners is. A constant word says what happened; a parameter says to whom,
 * where and how much. The rules come from how programs write values, in any language and any framework.
 */

export const KIND = {
  word: 0,
  punctuation: 1,
  /** A constant stem with a parameter behind it: node-246, attempt_1445. */
  stem: 2,
  /** From here on whole parameters. */
  id: 3,
  url: 4,
  str: 5,
} as const
export type Kind = (typeof KIND)[keyof typeof KIND]

/** What a token consists of, as bits. */
export const WORD_FLAG = {
  digit: 1,
  lower: 2,
  upper: 4,
  notHex: 8,
  dot: 16,
  slash: 32,
  at: 64,
  dash: 128,
  underscore: 256,
  symbol: 512,
  /** Letters beyond ASCII: Hangul, accents. */
  foreign: 1024,
} as const

const JOINERS =
  WORD_FLAG.dot | WORD_FLAG.slash | WORD_FLAG.at | WORD_FLAG.dash | WORD_FLAG.underscore | WORD_FLAG.symbol

const isDigit = (c: number): boolean => c >= 48 && c <= 57
const isLetter = (c: number): boolean => (c >= 97 && c <= 122) || (c >= 65 && c <= 90)

/** Error codes are names of faults, not parameters: ORA-12541, SQLSTATE-42P01, HTTP-502. */
const CODE_PREFIX = new Set([
  'ORA',
  'ERR',
  'ERROR',
  'SQL',
  'SQLSTATE',
  'PLS',
  'TNS',
  'CVE',
  'HTTP',
  'E',
  'TS',
  'CS',
  'KB',
  'RFC',
])
const EXCEPTION_END =
  'Exception Error Throwable Failure Fault Warning Timeout NotFound Refused Denied Unavailable Exceeded'.split(' ')
/** Packages of faults: requests.exceptions.ReadTimeout, sqlalchemy.exc.NoResultFound. */
const FAULT_PACKAGES = ['.exceptions.', '.exception.', '.errors.', '.error.', '.exc.']
const TOP_LEVEL = new Set([
  'com',
  'net',
  'org',
  'io',
  'kr',
  'jp',
  'cn',
  'dev',
  'app',
  'internal',
  'local',
  'svc',
  'cloud',
])

/**
 * Where the parameter of a token that does not begin with a digit begins: `start` for a token that is one as a whole, an index behind `start` for a
 * constant stem with a parameter behind it (`attempt_1445`, `node-246`, `user1234`), -1 for a constant word.
 */
export function parameterStart(text: string, start: number, end: number, flags: number): number {
  const first = text.charCodeAt(start)
  if ((flags & WORD_FLAG.slash) !== 0) return slashed(text, start, end, flags)
  if ((flags & WORD_FLAG.at) !== 0) {
    const at = text.indexOf('@', start)
    return at > start && (flags & (WORD_FLAG.dot | WORD_FLAG.digit)) !== 0 ? start : -1
  }
  if ((flags & WORD_FLAG.dot) !== 0) {
    const dots = dotsOf(text, start, end)
    if (namesFault(text, start, end)) return -1
    if (dots >= 2) {
      // jetty-6.1.26 is a name with its version; every other name with two dots is a host, a class or a property.
      const dash = isLetter(first) ? text.lastIndexOf('-', end) + 1 : 0
      return dash > start && onlyDigitsAndDots(text, dash, end) ? dash : start
    }
    if ((flags & WORD_FLAG.digit) === 0)
      return TOP_LEVEL.has(text.slice(text.lastIndexOf('.', end) + 1, end)) ? start : -1
  }
  if ((flags & WORD_FLAG.digit) === 0) return -1
  if ((first === 45 || first === 43 || first === 46) && isDigit(text.charCodeAt(start + 1))) return start
  return stemOf(text, start, end, flags)
}

function slashed(text: string, start: number, end: number, flags: number): number {
  const first = text.charCodeAt(start)
  if (end - start < 2) return -1
  if (first === 47 || first === 92 || first === 126 || first === 46) return start
  let slashes = 0
  for (let i = start; i < end; i++) {
    const c = text.charCodeAt(i)
    if (c === 47 || c === 92) slashes++
  }
  return slashes >= 2 || (flags & (WORD_FLAG.digit | WORD_FLAG.dot)) !== 0 ? start : -1
}

function dotsOf(text: string, start: number, end: number): number {
  let dots = 0
  for (let i = start; i < end; i++) if (text.charCodeAt(i) === 46) dots++
  return dots
}

function onlyDigitsAndDots(text: string, start: number, end: number): boolean {
  for (let i = start; i < end; i++) {
    const c = text.charCodeAt(i)
    if (c !== 46 && !isDigit(c)) return false
  }
  return true
}

/** A dotted name that is the type of a fault. */
function namesFault(text: string, start: number, end: number): boolean {
  if (EXCEPTION_END.some((tail) => text.endsWith(tail, end))) return true
  const name = text.slice(start, end)
  return FAULT_PACKAGES.some((part) => name.includes(part))
}

/** What a token of letters and digits consists of. */
interface Composition {
  digits: number
  letters: number
  /** Index of the first digit, or -1. */
  firstDigit: number
  /** Index of the last joiner in front of the first digit, or -1. */
  lastJoiner: number
  /** Changes between digits and anything else. */
  turns: number
  /** Words and numbers in it; an upper case letter begins a word. */
  segments: number
}

function compositionOf(text: string, start: number, end: number): Composition {
  const found: Composition = { digits: 0, letters: 0, firstDigit: -1, lastJoiner: -1, turns: 0, segments: 0 }
  let before = 0
  for (let i = start; i < end; i++) {
    const c = text.charCodeAt(i)
    const type = isDigit(c) ? 1 : c >= 97 && c <= 122 ? 2 : c >= 65 && c <= 90 ? 3 : 4
    if (type === 1) {
      found.digits++
      if (found.firstDigit === -1) found.firstDigit = i
    } else if (type === 4) {
      if (found.firstDigit === -1 && c < 128) found.lastJoiner = i
    } else found.letters++
    if (type !== before) {
      if (type === 1 || before === 1) found.turns++
      if (type !== 4 && !(before === 3 && type === 2)) found.segments++
    }
    before = type
  }
  return found
}

/** Of a token of hexadecimal digits: digits and letters in turn, or many. A word with a number behind it is a name: abc123. */
const looksHexadecimal = ({ turns, digits }: Composition, length: number): boolean =>
  length >= 4 && (turns >= 3 || length >= 12 || (length >= 6 && digits >= 4))

/** Of a token with letters of both cases and digits: no word in it is long. */
const looksRandom = ({ letters, segments, turns }: Composition, length: number): boolean =>
  length >= 10 && turns >= 2 && letters / segments < 2.6

/** `token` consists of hexadecimal digits. */
export const isHexadecimal = (token: string): boolean => {
  const composition = compositionOf(token, 0, token.length)
  return composition.digits === 0 ? token.length >= 8 : looksHexadecimal(composition, token.length)
}

export const isRandom = (token: string): boolean =>
  /^[\w-]+$/.test(token) &&
  /[a-z]/.test(token) &&
  /[A-Z]/.test(token) &&
  looksRandom(compositionOf(token, 0, token.length), token.length)

/** A token that begins with a letter and holds digits. */
function stemOf(text: string, start: number, end: number, flags: number): number {
  const composition = compositionOf(text, start, end)
  const { digits, firstDigit, lastJoiner } = composition
  // E11000, TS2304, ORA12541: the code of a fault names it.
  if (lastJoiner === -1 && digits === end - firstDigit && digits <= 6 && CODE_PREFIX.has(text.slice(start, firstDigit)))
    return -1
  const length = end - start
  if ((flags & (WORD_FLAG.notHex | WORD_FLAG.foreign | JOINERS)) === 0 && looksHexadecimal(composition, length))
    return start
  // A UUID or another chain of hexadecimal parts.
  if (
    (flags & (WORD_FLAG.notHex | WORD_FLAG.foreign | (JOINERS & ~WORD_FLAG.dash))) === 0 &&
    length >= 16 &&
    digits >= 4
  )
    return start
  if ((flags & BOTH_CASES) === BOTH_CASES && looksRandom(composition, length)) return start
  if (lastJoiner > start) {
    if (CODE_PREFIX.has(text.slice(start, lastJoiner))) return -1
    // jk2_init has its digit in front of the joiner and is a name; node-246 is a stem with a number, blk_-16 with its sign.
    return text.charCodeAt(lastJoiner) === 45 && isJoiner(text.charCodeAt(lastJoiner - 1)) ? lastJoiner : lastJoiner + 1
  }
  return digits >= 3 ? firstDigit : -1
}

const isJoiner = (c: number): boolean => c < 128 && !isDigit(c) && !isLetter(c)
const BOTH_CASES = WORD_FLAG.upper | WORD_FLAG.lower

const pack = (text: string, at: number): number =>
  (text.charCodeAt(at) << 16) | (text.charCodeAt(at + 1) << 8) | text.charCodeAt(at + 2)
const MONTHS_AND_DAYS = new Set(
  'Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec Mon Tue Wed Thu Fri Sat Sun'.split(' ').map((name) => pack(name, 0)),
)

/** Whether three letters are a month or a day of a date: a number or another of them stands next. */
export function isMonthOrDay(text: string, start: number, end: number): boolean {
  if (!MONTHS_AND_DAYS.has(pack(text, start))) return false
  let i = end
  while (text.charCodeAt(i) === 32 || text.charCodeAt(i) === 44) i++
  return i > end && (isDigit(text.charCodeAt(i)) || MONTHS_AND_DAYS.has(pack(text, i)))
}
