/** The two ways a token is recognised: by a form of its own, or by its vendor's name before it. */
import { RANK, type Rule, spanAt, startsPart, startsWord } from './rule.ts'
import { entropy, standsInForValue } from './secret-value.ts'

interface TokenForm {
  /** Bits a character; below it the text is an example or a word. */
  readonly minEntropy?: number
  /** Characters of the token in front of its keyword (`…….atlasv1.…`). */
  readonly before?: number
  /** Most tokens have digits; without the demand, identifiers with the same prefix would match. */
  readonly digit?: boolean
}

const DIGIT = /\d/
const REST_OF_WORD = /[A-Za-z0-9_]{1,65536}/y

/**
 * A token with a form of its own, such as `ghp_…`. The pattern is sticky and starts at the keyword (or `before` it);
 * what follows directly and is of the same word belongs to the token: a token cut short would leak its tail.
 */
export function token(
  id: string,
  type: string,
  keywords: readonly string[],
  pattern: RegExp,
  form: TokenForm = {},
): Rule {
  const { minEntropy = 3, before = 0, digit = false } = form
  return {
    id,
    type,
    rank: RANK.token,
    keywords,
    match(text, from) {
      const at = from - before
      if (at < 0 || !startsWord(text, at)) return undefined
      const span = spanAt(pattern, text, at)
      if (span === undefined) return undefined
      const value = text.slice(span.start, span.end)
      if (entropy(value) < minEntropy || standsInForValue(value) || (digit && !DIGIT.test(value))) return undefined
      return { start: span.start, end: spanAt(REST_OF_WORD, text, span.end)?.end ?? span.end }
    },
  }
}

const CONNECTOR = String.raw`[\w.\- ]{0,24}(?:\\?["'\]\x60]){0,2}[ \t]{0,4}(?:=>|:{1,2}=|={1,3}|\|\||[:>,(?]=?)[ \t]{0,4}(?:\\?["'\x60]){0,2}`

/** A token that is only known by the name before it: `okta_api_token = "00…"`. `value` is the source of a pattern. */
export function keyed(id: string, type: string, names: readonly string[], value: string, form: TokenForm = {}): Rule {
  const { minEntropy = 3, digit = true } = form
  const pattern = new RegExp(`${CONNECTOR}(${value})(?![A-Za-z0-9_-])`, 'y')
  return {
    id,
    type,
    rank: RANK.token,
    keywords: names,
    match(text, from, to) {
      if (!startsPart(text, from)) return undefined
      const span = spanAt(pattern, text, to)
      if (span === undefined) return undefined
      const found = text.slice(span.start, span.end)
      return entropy(found) < minEntropy || standsInForValue(found) || (digit && !DIGIT.test(found)) ? undefined : span
    },
  }
}
