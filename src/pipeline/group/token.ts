/**
 * Tokens: one pass over a message, without regular expressions, that tells constant words from parameters. Two messages
 * of one kind have the same tokens, and so the same signature, a 64-bit hash. This is the hot path of grouping.
 *
 * A token is a run of letters, digits and joiners (`_ - . / \ @ $ % + & ~`); anything else that is not a blank is
 * punctuation and part of the signature, the number of blanks is not. Parameters that follow each other with nothing
 * but blanks and `, : ; | - / .` between them are one, and a part of a list that repeats the part before it is left out:
 * lists, dates and addresses have no fixed length.
 */
import {
  CHARACTER,
  CLASS_SHIFT,
  classOfForeign,
  DIGIT,
  FLAG_BITS,
  JOINER,
  LETTER,
  PUNCTUATION,
  QUOTE,
  QUOTES,
  SPACE,
} from './character.ts'
import { isPersonName, isRoleNoun, mayBeTitled, particleStart } from './person-name.ts'
import { foldRepeats, MIN_FOLDED, mayRepeat } from './repeats.ts'
import {
  COLON,
  endOfBrackets,
  endOfColons,
  endOfQuotedName,
  endOfUrl,
  isAddress,
  isDigitAt,
  NOT_HEX,
  startOfTail,
} from './span.ts'
import {
  FNV,
  hashOfSlice,
  hashOfStem,
  namesThing,
  PARAMETER_HASH,
  signatureOf,
  TELLING_KEYS,
  UNITS,
  WORD_SEED,
} from './token-hash.ts'
import { isMonthOrDay, KIND, type Kind, parameterStart, WORD_FLAG } from './token-kind.ts'

/** Longer messages differ in their payload, not in their kind: their head counts, and what follows the payload. Characters. */
const MAX_SCANNED = 4_096
const HEAD_TOKENS = 192
const TAIL_TOKENS = 32
/** Tokens and punctuation marks of one signature. */
export const MAX_TOKENS = HEAD_TOKENS + TAIL_TOKENS
/** Characters of a quoted value behind a key. */
const MAX_QUOTED = 512

/** Tokens of one message. One buffer is used again and again: the hot path allocates nothing. */
export interface TokenBuffer {
  /** How many places of the arrays are in use. */
  count: number
  /** Signature: two independent 32-bit hashes. */
  lo: number
  hi: number
  readonly kind: Uint8Array
  /** Place in the message, `end` exclusive. A parameter spans all that it was folded from. */
  readonly start: Uint32Array
  readonly end: Uint32Array
  /** Hash of a word, a mark or a stem; all parameters have the same. */
  readonly hash: Int32Array
}

export const createTokenBuffer = (): TokenBuffer => ({
  count: 0,
  lo: 0,
  hi: 0,
  kind: new Uint8Array(MAX_TOKENS),
  start: new Uint32Array(MAX_TOKENS),
  end: new Uint32Array(MAX_TOKENS),
  hash: new Int32Array(MAX_TOKENS),
})

const EQUALS = 61

const OPEN_BRACKET = 91
const CLOSE_BRACKET = 93
const PLACEHOLDER_DIGITS = 4
const LONGEST_PLACEHOLDER_TYPE = 32

/** The digits of what redaction put in the place of a value, `[EMAIL:ab12]`: letters among them are no word. */
function endsPlaceholder(text: string, start: number, end: number, flags: number): boolean {
  if (end - start !== PLACEHOLDER_DIGITS || (flags & NOT_HEX) !== 0) return false
  if (text.charCodeAt(end) !== CLOSE_BRACKET || text.charCodeAt(start - 1) !== COLON) return false
  for (let i = start - 2; i >= Math.max(start - 2 - LONGEST_PLACEHOLDER_TYPE, 0); i--) {
    const c = text.charCodeAt(i)
    if (c === OPEN_BRACKET) return i < start - 2
    // Capitals, digits and underscores name its type.
    if (!((c >= 65 && c <= 90) || (c >= 48 && c <= 57) || c === 95)) return false
  }
  return false
}

/** Splits a message into tokens and computes its signature, into `out`. */
export function tokenize(text: string, out: TokenBuffer): void {
  const { kind: kinds, start: starts, end: ends, hash: hashes } = out
  let n = Math.min(text.length, MAX_SCANNED)
  let limit = HEAD_TOKENS
  let count = 0
  /** Index behind the last parameter if the next one may join it, or -1. */
  let joinable = -1
  let spaced = false
  let i = 0
  for (;;) {
    if (i >= n || count >= limit) {
      if (i >= text.length || limit === MAX_TOKENS) break
      limit = MAX_TOKENS
      i = startOfTail(text, i)
      n = text.length
      joinable = -1
      continue
    }
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
      } else if (
        (c === QUOTE || c === 39) &&
        previous === KIND.punctuation &&
        text.charCodeAt(i - 1) === EQUALS &&
        !(count > 1 && TELLING_KEYS.has(hashes[count - 2] as number))
      ) {
        // key="a text": one parameter, if the quote is closed. The text of a reason says what happened.
        const close = text.indexOf(c === QUOTE ? '"' : "'", i + 1)
        if (close !== -1 && close - i < MAX_QUOTED) {
          kind = KIND.str
          next = end = close + 1
          joinable = -1
        }
      }
      if (kind === KIND.word) {
        const close = spaced && previous === KIND.word && count + 3 < limit ? endOfQuotedName(text, i) : -1
        if (close !== -1 && namesThing(hashes[count - 1] as number)) {
          for (let part = 0; part < 3; part++) {
            kinds[count] = part === 1 ? KIND.str : KIND.punctuation
            starts[count] = part === 0 ? i : part === 1 ? i + 1 : close
            ends[count] = part === 0 ? i + 1 : part === 1 ? close : close + 1
            hashes[count] = part === 1 ? PARAMETER_HASH : QUOTE
            count++
          }
          joinable = -1
          spaced = false
          i = close + 1
          continue
        }
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
      if (text.charCodeAt(end) === COLON && end - i <= 4 && (flags & NOT_HEX) === 0) {
        const colons = endOfColons(text, i, n)
        if (colons !== -1) {
          from = i
          next = end = colons
        }
      }
      if (from !== -1) {
        // An address with colons: IPv6, MAC.
      } else if (cls === DIGIT || endsPlaceholder(text, i, end, flags)) from = i
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
        } else if (
          count > 0 &&
          isRoleNoun(hashes[count - 1] as number) &&
          isPersonName(text.slice(i, end), text.slice(starts[count - 1], ends[count - 1]))
        )
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
  signatureOf(hashes, count, out)
}
