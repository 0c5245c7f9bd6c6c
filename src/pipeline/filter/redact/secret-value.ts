/** Is a value a secret at all? Entropy, and the words people write where a secret would stand. */

/** Shannon entropy in bits a character; 0 for one repeated character, log2(length) when all differ. */
export function entropy(value: string): number {
  const length = Math.min(value.length, SAMPLE)
  COUNTS.fill(0)
  for (let at = 0; at < length; at++) {
    const code = value.charCodeAt(at) & 0x7f
    COUNTS[code] = (COUNTS[code] as number) + 1
  }
  let sum = 0
  for (let code = 0; code < COUNTS.length; code++) {
    const count = COUNTS[code] as number
    if (count > 0) sum -= (count / length) * Math.log2(count / length)
  }
  return sum
}

/** What a value is shows in its beginning; a megabyte behind one key must not cost a megabyte of looking. */
const SAMPLE = 128
const COUNTS = new Uint16Array(0x80)

const MASK = /[xX*•]{5,}|\.{3,}$|…/
const VARIABLE = /^(?:\$[\w{(]|%[A-Za-z_(]|\{\{?|<|@\w|#\{|\*+$|-+$|\.+$)/
const STAND_IN =
  /your[_-]|[_-]here\b|_here$|change[_-]?me|replace[_-]?me|placeholder|redacted|(?:^|[_-])example(?:$|[_-])|EXAMPLE(?:KEY)?$|(?:^|[_-])(?:dummy|sample|todo)(?:$|[_-])|put_?your|withheld/i
const LITERAL =
  /^(?:true|false|null|nil|none|undefined|yes|no|on|off|n\/?a|nan|empty|unset|hidden|masked|filtered|protected|secret|password|passwd|token|string|object)$/i

/** `${TOKEN}`, `<password>`, `xxxxxx`, `YOUR_TOKEN_HERE`, `null`: written where a value would stand. */
export function standsInForValue(whole: string): boolean {
  const value = whole.slice(0, 4 * SAMPLE)
  return value.length === 0 || LITERAL.test(value) || VARIABLE.test(value) || MASK.test(value) || STAND_IN.test(value)
}

const HAS_DIGIT = /\d/
const HAS_LETTER = /[A-Za-z]/
const LOWER = /[a-z]/
const UPPER = /[A-Z]/
const URL_OR_PATH = /^(?:[a-z][a-z0-9+.-]{1,20}:\/\/|\.{0,2}\/|~\/|[A-Za-z]:\\|arn:)/i
const FILE_NAME =
  /\.(?:cer|crt|pem|p12|pfx|jks|key|keytab|json|ya?ml|xml|txt|properties|java|kt|py|js|ts|go|rb|cs|conf|cfg|ini|log|env|png|html?)$/i
/** Words and small numbers joined by separators: `prod-db-credentials-v2`, `default/tls-cert`, `jjwt-jackson-0.11.2`. */
const NAME = /^[a-z0-9]{1,14}(?:[-_./:][a-z0-9]{1,14}){1,12}$/
const CONSTANT = /^[A-Z0-9]{1,14}(?:[-_][A-Z0-9]{1,14}){1,12}$/
const UUID = /^[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}$/
const MEMBER = /^[A-Za-z_$][\w$]*(?:\.[A-Za-z_$][\w$]*)+$/
/** What `toString` writes: `Token@1a2b3c`, `AppWindowToken{9f4ef63 …`. */
const OBJECT = /^[A-Za-z_$][\w.$]{0,80}[@{(]/

export interface RandomnessBar {
  readonly minLength: number
  readonly minEntropy: number
}

/** A value that only a generator writes: long, uneven, with digits, and not a name, a file, an address or a version. */
export function looksRandom(whole: string, bar: RandomnessBar): boolean {
  const value = whole.slice(0, SAMPLE)
  if (value.length < bar.minLength) return false
  const digit = HAS_DIGIT.test(value)
  if (
    !digit &&
    !(value.length >= 24 && LOWER.test(value) && UPPER.test(value) && !MEMBER.test(value) && entropy(value) >= 4)
  )
    return false
  if (standsInForValue(value)) return false
  if (UUID.test(value)) return entropy(value) >= 2.5
  if (!HAS_LETTER.test(value) && value.length < 20) return false
  if (
    URL_OR_PATH.test(value) ||
    FILE_NAME.test(value) ||
    NAME.test(value) ||
    CONSTANT.test(value) ||
    OBJECT.test(value)
  )
    return false
  if (value.length < 24 && MEMBER.test(value)) return false
  return entropy(value) >= bar.minEntropy
}
