/** `password: …`, `"client_secret":"…"`, `API_KEY=…`, `비밀번호는 …`: secrets known only by the key before them. */
import { type AssignedValue, assignedValue, wholeValue } from './assigned-value.ts'
import { identifierStart, RANK, type Rule } from './rule.ts'
import { entropy, looksRandom, standsInForValue } from './secret-value.ts'

/** What may follow the keyword inside the same identifier. Lower-case letters would make another word of it (`tokenizer`). */
const IDENTIFIER_AFTER = /(?:s(?![a-z])|(?=[_.\-\dA-Z]))?(?:[\w.-]{0,40}\w)?/y
const OTHER_WORD = /^(?!s(?:[^a-z]|$))[a-z]/
/** `token_url`, `secretName`, `password_policy`: about the secret, not the secret. */
const ABOUT =
  /^s?[_.-]?(?:name|url|uri|endpoint|host|port|type|kind|length|len|size|count|num|limit|max|min|file|path|dir|ids?(?![a-z])|ref|expir|ttl|age(?![a-z])|policy|variable|var(?![a-z])|version|status|state|error|code|algorithm|alg(?![a-z])|source|manager|provider|service|store|usage|used|valid|required|enabled|field|label|prefix|arn|index|rotation|at(?![a-z])|scope|issuer|bucket|budget|per|rate|reset|class|method|mode|format|encoder|rule|mesh|pair|board|space|word|set|tab|down|up|press)/i
const ABOUT_BEFORE =
  /(?:csrf|xsrf|authenticity|public|next|page|continuation|pagination|cancel|cancellation|resume|sync|watermark|no|idempotency|max|min|num|total|prompt|completion|input|output|remaining|unexpected|stop|eos|bos)[_.\- ]?$/i
const SECRET_KEY =
  /(?:api|access|secret|private|auth|encryption|encrypt|decryption|signing|sign|signature|master|account|shared|client|licen[sc]e|service|session|app|application|admin|consumer|storage|subscription|aes|hmac|jwt|root|deploy|webhook|integration|ssh|gpg|wrapping|cipher|crypto|x-api|authorization)[_.\- ]?$/i
const PLAIN_KEY =
  /(?:public|primary|foreign|partition|sort|cache|row|bucket|idempotency|routing|message|object|dedup|lookup|hash|group|shard|registry|schema|sequence|index|composite|unique|order|map|dict|translation|i18n|event|record|lock|redis|s3|kafka|topic|metric|trace|rate|limit)[_.\- ]?$/i
/** The word before a keyword with its separator; patterns with `$` try every offset, so they get no more than that. */
const LONGEST_QUALIFIER = 16
/** Words that follow "password:" in sentences. */
const PROSE =
  /^(?:must|is|was|has|have|had|not|should|cannot|can|could|will|would|does|do|did|too|for|the|a|an|to|of|in|on|with|and|or|by|from|invalid|incorrect|wrong|bad|expired|required|mismatch|mismatched|missing|failed|failure|error|field|update|updated|change|changed|reset|hash|hashed|length|minimum|maximum|at|be|please|enter|ok|success|authentication|login|user|unknown|denied|accepted|rejected|blank|encrypted)$/i
const HANGUL = /[가-힣]/
const COMPARED = /^(?:==|!=)/

export const ASSIGNMENTS: readonly Rule[] = [
  assignment(
    'password',
    'PASSWORD',
    [
      'password',
      'passwd',
      'passphrase',
      'passcode',
      'pwd',
      'userpass',
      'user_pass',
      'db_pass',
      'dbpass',
      'smtp_pass',
      'pass',
    ],
    passwordValue,
  ),
  assignment(
    'korean-password',
    'PASSWORD',
    ['비밀번호', '비번', '패스워드', '암호', '비밀키', '인증번호'],
    koreanValue,
  ),
  assignment('secret', 'SECRET', ['secret', 'credential', 'creds'], (value, text) => randomValue(value, text, 8, 3)),
  assignment('token', 'TOKEN', ['token'], (value, text) => randomValue(value, text, 10, 3)),
  assignment('key', 'KEY', ['apikey', 'key'], keyValue),
  assignment('auth', 'TOKEN', ['auth'], (value, text, key) => key.after === '' && randomValue(value, text, 16, 3.5)),
]

interface Key {
  readonly word: string
  readonly before: string
  readonly after: string
}

function assignment(
  id: string,
  type: string,
  keywords: readonly string[],
  accept: (value: AssignedValue, text: string, key: Key) => boolean,
): Rule {
  return {
    id,
    type,
    rank: RANK.assignment,
    keywords,
    match(text, from, to) {
      IDENTIFIER_AFTER.lastIndex = to
      const after = IDENTIFIER_AFTER.exec(text)?.[0] ?? ''
      const start = identifierStart(text, from)
      const end = to + after.length
      const tag = text.charAt(start - 1) === '<' || text.charAt(end) === '"'
      const value = assignedValue(text, end, {
        flag: text.charAt(start) === '-',
        tag,
        particle: HANGUL.test(text.charAt(from)),
      })
      if (value === undefined || OTHER_WORD.test(after) || ABOUT.test(after)) return undefined
      const before = text.slice(start, from)
      if (ABOUT_BEFORE.test(before.slice(-LONGEST_QUALIFIER))) return undefined
      if (!accept(value, text, { word: text.slice(from, to), before, after })) return undefined
      return wholeValue(text, value)
    },
  }
}

function passwordValue(value: AssignedValue, text: string, key: Key): boolean {
  const content = text.slice(value.start, value.end)
  if (content.length < 3 || standsInForValue(content) || COMPARED.test(content)) return false
  const word = key.word.toLowerCase()
  if (word === 'pwd' && /^(?:\/|[A-Z]:\\|~)/.test(content)) return false
  // "pass" is also a verdict and a count: only as key=value, or in a name such as DB_PASS.
  if (
    word === 'pass' &&
    (/[a-z0-9]$/i.test(key.before) || value.link === 'prose' || /^\d{1,4}$/.test(content) || key.after !== '')
  )
    return false
  if (
    /^[\w$]+\.[\w$.]+$/.test(content) &&
    /^(?:self|this|os|process|config|env|request|req|user|props)\./.test(content)
  )
    return false
  const first = /^[A-Za-z']+/.exec(content)?.[0]
  const sentence = value.link === 'prose' || value.link === 'flag' || /\s/.test(content)
  return !(
    sentence &&
    first !== undefined &&
    PROSE.test(first) &&
    (first.length === content.length || /\s/.test(content.charAt(first.length)))
  )
}

/** In a sentence only what looks like one: `비밀번호는 Qwer1234 입니다`, and the digits of a code that was sent. */
const KOREAN_SENTENCE_SECRET = /^(?=[^\d]*\d)(?=[\d\W_]*[A-Za-z])\S{4,}$/

function koreanValue(value: AssignedValue, text: string, key: Key): boolean {
  const content = text.slice(value.start, value.end)
  if (value.link === 'particle')
    return KOREAN_SENTENCE_SECRET.test(content) || (key.word === '인증번호' && /^\d{4,8}$/.test(content))
  return content.length >= 3 && !standsInForValue(content) && !/^[가-힣]+(?:\s|$)/.test(content)
}

function randomValue(value: AssignedValue, text: string, minLength: number, minEntropy: number): boolean {
  // In a sentence ("token: sha1 mismatch") a value is short; what a generator wrote is not.
  return looksRandom(text.slice(value.start, value.end), {
    minLength: value.link === 'prose' ? Math.max(minLength, 10) : minLength,
    minEntropy,
  })
}

/** `api_key` and its kin are secrets. Any other `…key` (cache, partition, row) only when its value cannot be a name or a hash. */
function keyValue(value: AssignedValue, text: string, key: Key): boolean {
  if (key.word.toLowerCase() === 'apikey' || SECRET_KEY.test(key.before.slice(-LONGEST_QUALIFIER)))
    return randomValue(value, text, 10, 3)
  if (key.before === '' || PLAIN_KEY.test(key.before.slice(-LONGEST_QUALIFIER)) || !value.quoted) return false
  const content = text.slice(value.start, value.end)
  return (
    /[a-z]/.test(content) &&
    /[A-Z]/.test(content) &&
    /\d/.test(content) &&
    !/[./:]/.test(content) &&
    content.length <= 128 &&
    entropy(content) >= 4 &&
    looksRandom(content, { minLength: 24, minEntropy: 4 })
  )
}
