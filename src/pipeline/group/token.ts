/**
 * Tokens: one pass over a message, without regular expressions, that tells constant words from parameters. Two messages
 * of one kind have the same tokens, and so the same signature, a 64-bit hash. This is the hot path of grouping.
 *
 * A token is a run of letters, digits and joiners (`_ - . / \ @ $ % + & ~`); anything else that is not a blank is
 * punctuation and part of the signature, the number of blanks is not. Parameters that follow each other with nothing
 * but blanks and `, : ; | - / .` between them are one, and a part of a list that repeats the part before it is left out:
 * lists, dates and addresses have no fixed length.
 */
import { isPersonName, isRoleNoun, mayBeTitled, particleStart } from './person-name.ts'
import { isMonthOrDay, KIND, type Kind, parameterStart, WORD_FLAG } from './token-kind.ts'

/** Longer messages differ in their payload, not in their kind. Characters. */
const MAX_SCANNED = 4_096
/** Tokens and punctuation marks of one signature. */
export const MAX_TOKENS = 192
/** Characters of a quoted value, and of a value with brackets, behind a key. */
const MAX_QUOTED = 512
const MAX_BRACKETED = 160

const SPACE = 0
const PUNCTUATION = 1
const LETTER = 2
const DIGIT = 3
const JOINER = 4
const CLASS_SHIFT = 12
const FLAG_BITS = 0x7ff

/** Class and flags of each ASCII character in one number: one look-up per character. */
const CHARACTER = new Uint16Array(128)
for (let c = 0; c < 128; c++) {
  const s = String.fromCharCode(c)
  const flag = (yes: boolean, bit: number): number => (yes ? bit : 0)
  const joiner = '_-./\\@$%+&~'.includes(s)
  const cls =
    c <= 32 || c === 127 ? SPACE : /[a-z]/i.test(s) ? LETTER : /\d/.test(s) ? DIGIT : joiner ? JOINER : PUNCTUATION
  CHARACTER[c] =
    (cls << CLASS_SHIFT) |
    flag(/\d/.test(s), WORD_FLAG.digit) |
    flag(/[a-z]/.test(s), WORD_FLAG.lower) |
    flag(/[A-Z]/.test(s), WORD_FLAG.upper) |
    flag(/[g-z]/i.test(s), WORD_FLAG.notHex) |
    flag(s === '.', WORD_FLAG.dot) |
    flag(s === '/' || s === '\\', WORD_FLAG.slash) |
    flag(s === '@', WORD_FLAG.at) |
    flag(s === '-', WORD_FLAG.dash) |
    flag(s === '_', WORD_FLAG.underscore) |
    flag('$%+&~'.includes(s), WORD_FLAG.symbol)
}

/** Tokens of one message. One buffer is used again and again: the hot path allocates nothing. */
export interface TokenBuffer {
  /** How many places of the arrays are in use. */
  count: number
  /** Signature: two independent 32-bit hashes. */
  lo: number
  hi: number
  readonly kind: Uint8Array
  /** Place in the message, `end` exclusive. A parameter spans all that it was folded from. */
  readonly start: Uint16Array
  readonly end: Uint16Array
  /** Hash of a word, a mark or a stem; all parameters have the same. */
  readonly hash: Int32Array
}

export const createTokenBuffer = (): TokenBuffer => ({
  count: 0,
  lo: 0,
  hi: 0,
  kind: new Uint8Array(MAX_TOKENS),
  start: new Uint16Array(MAX_TOKENS),
  end: new Uint16Array(MAX_TOKENS),
  hash: new Int32Array(MAX_TOKENS),
})

const WORD_SEED = 0x811c9dc5 | 0
const FNV = 0x01000193
export const PARAMETER_HASH = 0x2545f491
const EQUALS = 61
const COLON = 58
const QUOTE = 34

const QUOTES = new Set([0x22, 0x27, 0x60, 0xab, 0xbb, 0x2018, 0x2019, 0x201c, 0x201d, 0x300c, 0x300d, 0x300e, 0x300f])

/** Words that are the unit of the number before them, and vary with it: 1 second, 30 seconds, 1.5 KB. */
const UNITS = hashesOf(
  'B KB MB GB TB KiB MiB GiB kb mb gb byte bytes ns us ms s sec secs second seconds min mins minute minutes hr hrs hour hours day days 초 분 시간 일 개 건 명 회 번 원 바이트',
)
/** Keys whose words say what went wrong; the words of other keys are parameters. */
const TELLING_KEYS = hashesOf(
  'err error errors errno code errorcode errorCode error_code err_code reason cause exception type kind event status status_text msg message op operation action method state table column queue topic signal 코드 오류코드 에러코드 오류 에러 원인 사유 예외',
)

function hashesOf(words: string): ReadonlySet<number> {
  return new Set(words.split(' ').map((word) => hashOfSlice(word, 0, word.length)))
}

const hashOfStem = (text: string, start: number, end: number): number =>
  Math.imul(hashOfSlice(text, start, end) ^ PARAMETER_HASH, FNV)

/** The hash of a token from its kind and its text alone. */
export function hashOfToken(kind: Kind, text: string): number {
  if (kind === KIND.word) return hashOfSlice(text, 0, text.length)
  if (kind === KIND.stem) return hashOfStem(text, 0, text.length)
  return kind === KIND.punctuation ? hashOfMark(text) : PARAMETER_HASH
}

function hashOfMark(text: string): number {
  const c = text.charCodeAt(0)
  if (c < 128 && (CHARACTER[c] as number) >> CLASS_SHIFT === JOINER) return hashOfSlice(text, 0, text.length)
  return QUOTES.has(c) ? QUOTE : c
}

function hashOfSlice(text: string, start: number, end: number): number {
  let h = WORD_SEED
  for (let i = start; i < end; i++) h = Math.imul(h ^ text.charCodeAt(i), FNV)
  return h
}

/** Splits a message into tokens and computes its signature, into `out`. */
export function tokenize(text: string, out: TokenBuffer): void {
  const { kind: kinds, start: starts, end: ends, hash: hashes } = out
  const n = Math.min(text.length, MAX_SCANNED)
  let count = 0
  /** Index behind the last parameter if the next one may join it, or -1. */
  let joinable = -1
  let spaced = false
  let i = 0
  while (i < n && count < MAX_TOKENS) {
    const c = text.charCodeAt(i)
    const cls = c < 128 ? (CHARACTER[c] as number) >> CLASS_SHIFT : classOfForeign(c)
    if (cls === SPACE) {
      spaced = true
      i++
      continue
    }
    let kind: Kind = KIND.word
    let start = i
    let end = i
    let hash = WORD_SEED
    let flags = 0
    let next = 0
    if (cls === PUNCTUATION) {
      const previous = count === 0 ? -1 : (kinds[count - 1] as number)
      if (c === COLON && previous === KIND.word && text.charCodeAt(i + 1) === 47 && text.charCodeAt(i + 2) === 47) {
        // The word before was the scheme of a URL.
        count--
        kind = KIND.url
        start = starts[count] as number
        next = end = endOfUrl(text, i + 3, n)
      } else if ((c === 60 || c === 62) && spaced && isDigitAt(text, i + 1)) {
        // Below and above belong to the number: <1 sec.
        i++
        continue
      } else if ((c === QUOTE || c === 39) && previous === KIND.punctuation && text.charCodeAt(i - 1) === EQUALS) {
        // key="a text": one parameter, if the quote is closed.
        const close = text.indexOf(c === QUOTE ? '"' : "'", i + 1)
        if (close !== -1 && close - i < MAX_QUOTED) {
          kind = KIND.str
          next = end = close + 1
          joinable = -1
        }
      }
      if (kind === KIND.word) {
        kinds[count] = KIND.punctuation
        starts[count] = i
        ends[count] = i + 1
        // Quotation marks are one, however a program writes them.
        hashes[count] = c === 39 || c === 96 || (c > 127 && QUOTES.has(c)) ? QUOTE : c
        count++
        spaced = false
        i++
        if (!(c === 44 || c === COLON || c === 59 || c === 124)) joinable = -1
        continue
      }
    } else {
      let h = WORD_SEED
      let seen = 0
      let j = i
      let k = cls
      while (k >= LETTER) {
        const d = text.charCodeAt(j)
        if (d < 128) {
          const info = CHARACTER[d] as number
          k = info >> CLASS_SHIFT
          if (k < LETTER) break
          h = Math.imul(h ^ d, FNV)
          seen |= info
        } else {
          if ((d < 0xac00 || d >= 0xd7a4) && classOfForeign(d) < LETTER) break
          k = LETTER
          h = Math.imul(h ^ d, FNV)
          seen |= WORD_FLAG.foreign | WORD_FLAG.notHex
        }
        j++
        if (k !== JOINER) {
          // Letters and digits in a row: the common case, with nothing else to keep.
          while (j < n) {
            const e = text.charCodeAt(j)
            if (e > 127) break
            const more = CHARACTER[e] as number
            if (((more >> CLASS_SHIFT) & 6) !== 2) break
            h = Math.imul(h ^ e, FNV)
            seen |= more
            j++
          }
          end = j
          hash = h
          flags = seen
        }
        if (j >= n) break
      }
      if (end === i) {
        // Joiners alone are a mark: -, ---, /.
        kinds[count] = KIND.punctuation
        starts[count] = i
        ends[count] = j
        hashes[count] = h
        count++
        spaced = false
        if (!(j - i === 1 && (c === 45 || c === 47 || c === 46))) joinable = -1
        i = j
        continue
      }
      flags &= FLAG_BITS
      next = end
      const behindEquals =
        !spaced &&
        count > 1 &&
        kinds[count - 1] === KIND.punctuation &&
        hashes[count - 1] === EQUALS &&
        kinds[count - 2] === KIND.word
      let from = -1
      if (cls === DIGIT) from = i
      else if ((flags & ~(WORD_FLAG.lower | WORD_FLAG.upper | WORD_FLAG.notHex)) !== 0) {
        from = parameterStart(text, i, end, flags)
        if (from === -1 && (flags & WORD_FLAG.foreign) !== 0) {
          if (mayBeTitled(text, i, end) && isPersonName(text.slice(i, end), '')) from = i
          else if ((flags & (WORD_FLAG.lower | WORD_FLAG.upper)) !== 0) {
            // A particle follows the sound of the word before it: Redis를, DB가.
            const particle = particleStart(text, i, end)
            if (particle !== end) {
              end = particle
              hash = hashOfSlice(text, i, end)
            }
          }
        }
      } else if (end - i === 3 && (flags & WORD_FLAG.upper) !== 0 && isMonthOrDay(text, i, end)) from = i
      if (from === -1) {
        if (behindEquals) {
          if (!TELLING_KEYS.has(hashes[count - 2] as number)) from = i
        } else if (count > 0 && isRoleNoun(hashes[count - 1] as number) && isPersonName(text.slice(i, end), 'user'))
          from = i
        else if (text.charCodeAt(end) === COLON && isDigitAt(text, end + 1) && isAddress(text, count, end, flags))
          from = i
      }
      if (from === -1) {
        if (joinable === count && count > 0 && UNITS.has(hash)) {
          ends[count - 1] = end
          spaced = false
          i = next
          continue
        }
      } else if (from > i) {
        kind = KIND.stem
        end = from
        hash = hashOfStem(text, i, from)
      } else {
        kind = KIND.id
        if (behindEquals) next = end = endOfBrackets(text, end)
      }
    }
    if (kind <= KIND.stem) {
      kinds[count] = kind
      starts[count] = start
      ends[count] = end
      hashes[count] = hash
      count++
      joinable = -1
    } else {
      if (joinable === -1) {
        kinds[count] = kind
        starts[count] = start
        hashes[count] = PARAMETER_HASH
        joinable = count + 1
      }
      count = joinable
      ends[count - 1] = end
    }
    spaced = false
    i = next
  }
  if (count >= MIN_FOLDED && mayRepeat(kinds, hashes, count)) count = foldRepeats(out, count)
  out.count = count
  let lo = LO_SEED
  let hi = HI_SEED
  for (let k = 0; k < count; k++) {
    const h = hashes[k] as number
    lo = Math.imul(lo ^ h, 0x85ebca6b)
    lo ^= lo >>> 15
    hi = Math.imul((hi << 5) ^ (hi >>> 27) ^ h, 0xc2b2ae35)
  }
  out.lo = lo
  out.hi = hi
}

const LO_SEED = 0x3c6ef372
const HI_SEED = 0x1b873593

/** The signature of tokens that are known already, as `tokenize` computes it. */
export function signatureOf(hashes: Int32Array): readonly [lo: number, hi: number] {
  let lo = LO_SEED
  let hi = HI_SEED
  for (const h of hashes) {
    lo = Math.imul(lo ^ h, 0x85ebca6b)
    lo ^= lo >>> 15
    hi = Math.imul((hi << 5) ^ (hi >>> 27) ^ h, 0xc2b2ae35)
  }
  return [lo, hi]
}

/** Blanks, marks and arrows beyond ASCII; all other characters there are letters. */
function classOfForeign(c: number): number {
  if (c >= 0xac00 && c < 0xd7a4) return LETTER
  if (c === 0xa0 || c === 0x3000 || c === 0xfeff) return SPACE
  if (c < 0xc0 || (c >= 0x2000 && c < 0x2c00) || (c > 0x3000 && c < 0x3040)) return PUNCTUATION
  if (c < 0xff00 || c >= 0xff66) return LETTER
  const wide = c - 0xfee0
  return (CHARACTER[wide] ?? 0) >> CLASS_SHIFT === LETTER || (wide >= 48 && wide < 58) ? LETTER : PUNCTUATION
}

const MIN_FOLDED = 16
const LONGEST_PERIOD = 6

/** Whether two parameters stand a short period apart behind equal tokens: few messages need the exact look. */
function mayRepeat(kind: Uint8Array, hash: Int32Array, count: number): boolean {
  for (let i = 3; i < count; i++) {
    if ((kind[i] as number) <= KIND.punctuation) continue
    const own = hash[i]
    const before = hash[i - 1]
    for (let period = 2; period <= LONGEST_PERIOD && period < i; period++)
      if (hash[i - period] === own && hash[i - period - 1] === before) return true
  }
  return false
}

/** Leaves out each part, with a parameter in it, that repeats the part before it. Returns how many tokens are left. */
function foldRepeats({ kind, start, end, hash }: TokenBuffer, count: number): number {
  let kept = 0
  for (let i = 0; i < count; ) {
    const period = repeatedAt(kind, hash, i, kept, count)
    if (period > 0) {
      i += period
      continue
    }
    if (kept !== i) {
      kind[kept] = kind[i] as number
      start[kept] = start[i] as number
      end[kept] = end[i] as number
      hash[kept] = hash[i] as number
    }
    kept++
    i++
  }
  return kept
}

function repeatedAt(kind: Uint8Array, hash: Int32Array, at: number, kept: number, count: number): number {
  for (let period = 1; period <= LONGEST_PERIOD && period <= kept && at + period <= count; period++) {
    // Most tokens differ from the one a period before: one comparison each.
    if (hash[at] !== hash[kept - period]) continue
    let parameter = false
    let k = 0
    while (k < period && hash[at + k] === hash[kept - period + k]) {
      parameter ||= (kind[at + k] as number) > KIND.punctuation
      k++
    }
    if (k === period && parameter) return period
  }
  return 0
}

function isDigitAt(text: string, at: number): boolean {
  const c = text.charCodeAt(at)
  return c >= 48 && c <= 57
}

/** Whether the token before the colon at `colon` is the name of a host: behind the colon stands a port. */
function isAddress(text: string, count: number, colon: number, flags: number): boolean {
  if ((flags & WORD_FLAG.upper) !== 0) return false
  let i = colon + 1
  while (isDigitAt(text, i)) i++
  const digits = i - colon - 1
  if (digits < 2 || digits > 5) return false
  // A message may begin with the address that it is about; elsewhere a host has a dot or a dash.
  return (flags & (WORD_FLAG.dot | WORD_FLAG.dash)) !== 0 || (count === 0 && text.charCodeAt(i) === 32)
}

function endOfUrl(text: string, from: number, n: number): number {
  let i = from
  for (; i < n; i++) {
    const c = text.charCodeAt(i)
    if (c <= 32 || c === QUOTE || c === 39 || c === 60 || c === 62 || c === 41 || c === 93 || c === 125 || c === 96)
      break
  }
  while (i > from && '.,;:!?'.includes(text[i - 1] as string)) i--
  return i
}

/** Behind a key a value with brackets is one: ws=WorkSource{10111}. */
function endOfBrackets(text: string, end: number): number {
  const open = text.charCodeAt(end)
  if (open !== 123 && open !== 40 && open !== 91) return end
  const close = text.indexOf(open === 123 ? '}' : open === 40 ? ')' : ']', end)
  return close !== -1 && close - end < MAX_BRACKETED ? close + 1 : end
}
