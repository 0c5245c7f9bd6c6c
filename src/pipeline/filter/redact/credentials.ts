/** Credentials known by where they stand: URLs, HTTP headers, cookies, query strings, command lines, key blocks. */
import { identifierStart, RANK, type Rule, type Span, spanAt, startsWord } from './rule.ts'
import { entropy, looksRandom, standsInForValue } from './secret-value.ts'

const SECRET_BAR = { minLength: 8, minEntropy: 2.5 }

function credential(id: string, type: string, keywords: readonly string[], match: Rule['match']): Rule {
  return { id, type, rank: RANK.credential, keywords, match }
}

/** Keeps a span unless its text only stands in for a value, or is too short to be one. */
function real(text: string, span: Span | undefined, minLength = 1): Span | undefined {
  if (span === undefined || span.end - span.start < minLength) return undefined
  return standsInForValue(text.slice(span.start, span.end)) ? undefined : span
}

const KEY_BLOCK_BEGIN = /-----BEGIN[ A-Z0-9_-]{0,64}PRIVATE KEY(?: BLOCK)?-----/y
const KEY_BLOCK_REST = /[^-]{0,65536}(?:-(?!----)[^-]{0,4096}){0,64}-----END[ A-Z0-9_-]{0,64}-----/y
/** A block cut short: what still looks like its lines. */
const KEY_BLOCK_OPEN = /(?:[A-Za-z0-9+/=]{16,}|\\[rn]|[\s"'+,]){0,4096}[A-Za-z0-9+/=]{0,65536}/y

const USER_INFO = /:\/\/[^\s:@/?#"'<>[\]]{0,128}:([^\s/?#"'<>]{1,256})(?=@[\w[%.-])/y
const ORACLE_LOGIN = /thin:[^/\s"']{1,64}\/([^@\s"']{1,128})(?=@)/y
const HEADER = String.raw`(?:\\?["'])?\]?[ \t]{0,4}(?:=>|[:=])[ \t]{0,4}(?:\\?["'\[]){0,2}`
const AUTHORIZATION = new RegExp(
  `${HEADER}(?:(?:bearer|basic|token|bot|apikey|api-key|negotiate|ntlm|ssws|kakaoak|genie ?key|oauth)[ :=]{1,3})([^\\s"',;\\\\<>]{4,8192})`,
  'iy',
)
const AUTHORIZATION_FIELDS = new RegExp(
  `${HEADER}(?:digest|aws4-hmac-sha256|hawk|oauth)\\s{1,3}([^"\\r\\n]{8,4096}(?:"[^"\\r\\n]{0,1024}"[^"\\r\\n]{0,1024}){0,16})`,
  'iy',
)
const AUTHORIZATION_BARE = new RegExp(`${HEADER}([^\\s"',;\\\\<>]{8,8192})`, 'y')
const BEARER = /bearer[ :=]{1,3}([\w~+/.=-]{12,8192})/iy
const COOKIE = new RegExp(`${HEADER}([^\\s"';=]{1,64}=[^"\\r\\n]{1,8192})`, 'y')
const SET_COOKIE = new RegExp(`set-cookie2?${HEADER}[^\\s"';=]{1,64}=([^\\s"';,\\\\]{1,4096})`, 'iy')
const SESSION = /(?:\\?["'])?[ \t]{0,2}(?:=|:)[ \t]{0,2}(?:\\?["'])?(?!0x)([\w%.:+/~!-]{8,4096})/y
const QUERY = /([^\s&#"'<>\\,;]{4,8192})/y
const CURL_USER = /(?:-u|--user|--proxy-user)[ =]{0,2}["']?[^\s:"']{1,64}:([^\s"']{1,256})/y

export const CREDENTIALS: readonly Rule[] = [
  {
    id: 'private-key',
    type: 'PRIVATE_KEY',
    rank: RANK.token,
    keywords: ['-----begin'],
    match(text, from) {
      const begin = spanAt(KEY_BLOCK_BEGIN, text, from)
      if (begin === undefined) return undefined
      const rest = spanAt(KEY_BLOCK_REST, text, begin.end) ?? spanAt(KEY_BLOCK_OPEN, text, begin.end)
      return rest === undefined || rest.end - begin.end < 16 ? undefined : { start: from, end: rest.end }
    },
  },
  {
    id: 'jwt',
    type: 'JWT',
    rank: RANK.token,
    keywords: ['eyj'],
    match(text, from) {
      return startsWord(text, from)
        ? real(text, spanAt(/eyJ[\w-]{8,8192}\.[\w/+-]{8,16384}(?:\.[\w/+-]{0,16384}={0,2}){0,3}/y, text, from))
        : undefined
    },
  },
  {
    id: 'jwt-base64',
    type: 'JWT',
    rank: RANK.token,
    keywords: ['zxlk'],
    match: (text, from) =>
      startsWord(text, from) ? spanAt(/ZXlK[A-Za-z0-9+/]{60,16384}={0,2}/y, text, from) : undefined,
  },
  credential('url-password', 'PASSWORD', ['://'], (text, from) => real(text, spanAt(USER_INFO, text, from))),
  credential('oracle-password', 'PASSWORD', ['thin:'], (text, from) => real(text, spanAt(ORACLE_LOGIN, text, from))),
  credential('authorization-header', 'TOKEN', ['authorization'], (text, _from, to) => {
    const span = real(text, spanAt(AUTHORIZATION, text, to)) ?? real(text, spanAt(AUTHORIZATION_FIELDS, text, to))
    if (span !== undefined) return span
    const bare = spanAt(AUTHORIZATION_BARE, text, to)
    return bare !== undefined && looksRandom(text.slice(bare.start, bare.end), { minLength: 12, minEntropy: 3 })
      ? bare
      : undefined
  }),
  credential('bearer-token', 'TOKEN', ['bearer'], (text, from) => {
    if (!startsWord(text, from)) return undefined
    const span = spanAt(BEARER, text, from)
    return span !== undefined && looksRandom(text.slice(span.start, span.end), { minLength: 12, minEntropy: 2.5 })
      ? span
      : undefined
  }),
  credential('cookie', 'COOKIE', ['cookie'], (text, from, to) =>
    /set-$/i.test(text.slice(Math.max(0, from - 4), from))
      ? real(text, spanAt(SET_COOKIE, text, from - 4), 4)
      : real(text, spanAt(COOKIE, text, to), 6),
  ),
  credential(
    'session-id',
    'SESSION',
    ['jsessionid', 'phpsessid', 'sessionid', 'session_id', 'session-id', 'connect.sid', 'sessid', 'asp.net_sessionid'],
    (text, _from, to) => {
      const span = spanAt(SESSION, text, to)
      return span !== undefined && looksRandom(text.slice(span.start, span.end), { minLength: 16, minEntropy: 3 })
        ? span
        : undefined
    },
  ),
  credential(
    'query-token',
    'TOKEN',
    [
      'token=',
      'key=',
      'sig=',
      'signature=',
      'secret=',
      'credential=',
      'password=',
      'passwd=',
      'pwd=',
      'jwt=',
      'auth=',
      'code=',
      'otp=',
      'sid=',
      'session=',
    ],
    (text, from, to) => {
      const name = identifierStart(text, from)
      if (!/(?:[?&]|&amp;)$/.test(text.slice(Math.max(0, name - 5), name))) return undefined
      const span = real(text, spanAt(QUERY, text, to))
      if (span === undefined) return undefined
      const value = text.slice(span.start, span.end)
      // `code` and `key` also name ordinary parameters: only what a generator writes counts there.
      if (/^(?:code|key)=$/i.test(text.slice(from, to)))
        return looksRandom(value, { minLength: 16, minEntropy: 3 }) ? span : undefined
      return /^[A-Z_]{4,40}$/.test(value) || (value.length < 6 && entropy(value) < 1.5) ? undefined : span
    },
  ),
  credential('curl-user', 'PASSWORD', [' -u', ' --user', ' --proxy-user'], (text, from) =>
    /curl|wget|http/i.test(text.slice(Math.max(0, from - 400), from))
      ? real(text, spanAt(CURL_USER, text, from + 1))
      : undefined,
  ),
  credential('sas-signature', 'TOKEN', ['sharedaccesssignature'], (text, _from, to) => {
    const span = spanAt(/\s{0,2}[=:]?\s{0,2}(s[rigevp]{1,2}=[^\s"']{20,1024})/y, text, to)
    return span !== undefined && looksRandom(text.slice(span.start, span.end), SECRET_BAR) ? span : undefined
  }),
]
