/** Characters: what each one is to a token, in one look-up. */
import { WORD_FLAG } from './token-kind.ts'

export const SPACE = 0
export const PUNCTUATION = 1
export const LETTER = 2
export const DIGIT = 3
export const JOINER = 4
export const CLASS_SHIFT = 12
export const FLAG_BITS = 0x7ff

/** Class and flags of each ASCII character in one number: one look-up per character. */
export const CHARACTER = new Uint16Array(128)
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

/** Blanks, marks and arrows beyond ASCII; all other characters there are letters. */
export function classOfForeign(c: number): number {
  if (c >= 0xac00 && c < 0xd7a4) return LETTER
  if (c === 0xa0 || c === 0x3000 || c === 0xfeff) return SPACE
  if (c < 0xc0 || (c >= 0x2000 && c < 0x2c00) || (c > 0x3000 && c < 0x3040)) return PUNCTUATION
  if (c < 0xff00 || c >= 0xff66) return LETTER
  const wide = c - 0xfee0
  return (CHARACTER[wide] ?? 0) >> CLASS_SHIFT === LETTER || (wide >= 48 && wide < 58) ? LETTER : PUNCTUATION
}

export const QUOTE = 34
/** Quotation marks are one, however a program writes them. */
export const QUOTES = new Set([
  0x22, 0x27, 0x60, 0xab, 0xbb, 0x2018, 0x2019, 0x201c, 0x201d, 0x300c, 0x300d, 0x300e, 0x300f,
])
