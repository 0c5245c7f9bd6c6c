/**
 * Template: a message with its parameters masked by kind, for people to read. It names a pattern and gives an incident
 * its title; what belongs together is decided by tokens (token.ts, pattern-miner.ts). Made once per pattern.
 */

import { personTitle, withoutParticle } from './person-name.ts'
import { REASON_LEADS, TELLING_WORDS } from './telling-word.ts'
import { isHexadecimal, isRandom } from './token-kind.ts'

const MAX_TOKENS = 60
const MAX_CHARS = 2_000

const OPENERS = '([{<"\'`«“‘「『'
const CLOSERS = ')]}>"\'`»”’」』,;:.!?='
const oneOf = (words: string): string => `(?:${words.replaceAll(' ', '|')})`
const TELLING_KEYS = new RegExp(`^${oneOf(TELLING_WORDS)}$`, 'i')
/** Codes of faults are names, not parameters: ORA-12541, ERR-1001, CVE-2026. */
const CODE = /^(?:ORA|ERR|ERROR|SQL|SQLSTATE|PLS|TNS|CVE|HTTP|E|TS|CS|KB|RFC)[-_]?\d{2,6}$/
const HANGUL_NUMBER = /^[+-]?\d[\d,]{0,20}(?:\.\d+)?[가-힣]{1,8}$/
/** The masked form of a message's first line, for people: a run of equal parameters is shown as one. */
export function templateOf(message: string): string {
  const words: string[] = []
  for (const word of maskedWords(message)) {
    // A run of parameters is one parameter: lists have no fixed length.
    if (word !== words.at(-1) || !/^<\w+>$/.test(word)) words.push(word)
  }
  return mergeDates(words.join(' '))
}

/** The same with each parameter in its place. */
export const maskParameters = (message: string): string => maskedWords(message).join(' ')

function maskedWords(message: string): string[] {
  const text = maskPhrases(message.length > MAX_CHARS ? message.slice(0, MAX_CHARS) : message)
  // A bracket behind a word begins a token of its own: `자전거(SKU-1)` is a name and an id.
  const tokens = text
    .replace(/(?<=[가-힣\w])(?=[([{<][\w가-힣-]*\d)/g, ' ')
    .split(/\s+/)
    .filter((token) => token !== '')
  const words = tokens.slice(0, MAX_TOKENS).map((token, i) => maskToken(token, tokens[i - 1]))
  return tokens.length > MAX_TOKENS ? [...words, '<*>'] : words
}

const MONTH = '(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]{0,6}'
const DAY = '(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]{0,6}'
const CLOCK = '(?:[01]?\\d|2[0-3]):[0-5]\\d(?::[0-5]\\d(?:[.,]\\d{1,9})?)?(?: ?[AaPp][Mm])?'
const ZONE = '(?:Z(?:\\d{2}:\\d{2})?|(?:GMT|UTC)?[+-]\\d{2}:?\\d{2}|[A-Z]{3,4})'
const VALID_DATE = '(?:0[1-9]|1[0-2])SEP(?:0[1-9]|[12]\\d|3[01])'
const bounded = (pattern: string): RegExp => new RegExp(`(?<![\\w.:-])${pattern}(?![\\w:]|[.-]\\w)`, 'g')
/** Parameters that are written with blanks, and those whose parts would be parameters of their own. */
const PHRASES: readonly (readonly [RegExp, string])[] = [
  // key="a text": one value. Quotes that are not closed are left as they are.
  [
    new RegExp(
      `(?<=[\\w가-힣]=)(?<!(?<![\\w가-힣])${oneOf(TELLING_WORDS)}=)(?:"[^"\\n]{0,500}"|'[^'\\n]{0,500}')`,
      'gi',
    ),
    '<str>',
  ],
  // A name of several words in quotes behind a noun: 상품 '파란 머그컵'.
  [
    new RegExp(
      `(?=["'])(?<=[\\w가-힣] )(?<!(?<![\\w가-힣])${oneOf(`${TELLING_WORDS} ${REASON_LEADS}`)} )(["'])(?=[^"'\\s]+ )[^"'\\n]{1,80}[^"'\\s]\\1(?![A-Za-z])`,
      'gi',
    ),
    '$1<str>$1',
  ],
  // W3C and AWS trace headers, OpenStack transaction ids.
  [bounded('[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}'), '<traceparent>'],
  [bounded('1-[0-9a-f]{8}-[0-9a-f]{24}'), '<traceparent>'],
  [bounded('tx[0-9a-f]{16,32}-[0-9a-f]{10}(?:-[\\w.-]{1,40})?'), '<id>'],
  // Mon Jan 02 2006 14:04:05 GMT-0800 (Pacific Standard Time) · Mon, 02 Jan 06 15:04 MST · Jan 18, 2019
  [
    bounded(
      `(?:${DAY},? )?(?:${MONTH} +\\d{1,2}(?:,? \\d{4})?|\\d{1,2} ${MONTH} \\d{2,4})(?:,? ${CLOCK})?(?: ?${ZONE})?(?: \\([A-Za-z ]{3,40}\\))?(?: \\d{4})?`,
    ),
    '<date>',
  ],
  [
    bounded(
      `\\d{4}(?:${['-', '/', '\\.'].map((sep) => `${sep}${VALID_DATE.replace('SEP', sep)}`).join('|')})(?:[T_ ]${CLOCK})?(?: ?${ZONE})?`,
    ),
    '<date>',
  ],
  [bounded(`(?:19|20)\\d{2}${VALID_DATE.replace('SEP', '')}[T ]?\\d{6}Z?`), '<date>'],
  [bounded(`${CLOCK}Z?`), '<time>'],
  [bounded('[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}'), '<uuid>'],
  [/\[(?=[0-9a-f]{0,4}:)[0-9a-f:.]{3,45}\](?=:\d)/gi, '[<ip>]'],
]
/** Hexadecimal parts in a chain, each of them a parameter. */
const HEX_CHAIN = bounded('(?=[0-9a-f-]{0,64}\\d)[0-9a-f]{4,32}(?:-[0-9a-f]{4,32}){2,8}')

function maskPhrases(text: string): string {
  let masked = text
  for (const [pattern, label] of PHRASES) masked = masked.replace(pattern, label)
  return masked.replace(HEX_CHAIN, (chain) => chain.replace(/[^-]+/g, '<hex>'))
}

const mergeDates = (text: string): string =>
  text.replace(/<date> <time>(?: <num>)?/g, '<date>').replace(/<(\w+)>(?:[,;/|] ?<\1>)+/g, '<$1>')

function maskToken(token: string, before: string | undefined): string {
  let start = 0
  let end = token.length
  while (start < end && OPENERS.includes(token[start] as string)) start++
  while (end > start && CLOSERS.includes(token[end - 1] as string)) end--
  if (start === end) return token
  const lead = token.slice(0, start)
  const tail = token.slice(end)
  const masked = maskCore(
    token.slice(start, end),
    before,
    lead.endsWith('"') || lead.endsWith("'") || lead.endsWith('`'),
  )
  // The padding of base 64 goes with it.
  return lead + masked + (masked === '<id>' ? tail.replace(/^=+/, '') : tail)
}

function maskCore(core: string, before: string | undefined, quoted: boolean): string {
  if (/^\[[A-Z_]{2,20}:[0-9a-f]{4}$/.test(core) || /^[A-Z_]{2,20}:[0-9a-f]{4}$/.test(core))
    return `${core.slice(0, core.lastIndexOf(':'))}`
  if (/^<\w+>$/.test(core)) return core
  const whole = classify(core)
  if (whole !== undefined) return whole
  const pair = /^([A-Za-z_가-힣][\w.가-힣-]{0,60})([=:])(.{1,1500})$/.exec(core)
  if (pair !== null && (pair[2] === '=' || !core.includes('://'))) {
    const [, key, separator, value] = pair as unknown as [string, string, string, string]
    if (separator === '=') {
      // A quote that is not closed belongs to a longer text.
      if (/^["']/.test(value)) return core
      return `${key}=${TELLING_KEYS.test(key) ? maskToken(value, undefined) : valueMask(value)}`
    }
    const masked = maskToken(value, undefined)
    if (masked !== value) return `${key}:${masked}`
  }
  const name = maskName(core, before)
  if (name !== undefined) return name
  const embedded = maskInside(core)
  if (embedded !== core) return embedded
  if (quoted && /[^\x20-\x7e]/.test(core)) return '<str>'
  return /[가-힣]$/.test(core) ? stripParticle(core) : core
}

const valueMask = (value: string): string => {
  const masked = maskToken(value, undefined)
  if (/^(?:true|false)$/i.test(value)) return '<bool>'
  return masked.startsWith('<') ? masked : '<*>'
}

/** Typed parameter that a whole token is. */
function classify(core: string): string | undefined {
  const first = core.charCodeAt(0)
  const digitInside = /\d/.test(core)
  if (!digitInside) {
    if (core.includes('@') && /^[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63})+$/.test(core)) return '<email>'
    if (core.includes('/') || core.includes('\\')) return classifySlashed(core)
    if (
      core.includes('.') &&
      /^(?:[a-z0-9-]{1,63}\.){1,8}(?:com|net|org|io|kr|co|dev|internal|local|svc|cluster|cloud)$/i.test(core)
    )
      return '<host>'
    return undefined
  }
  if (/^[+-]?\d[\d,]*(?:\.\d+)?$/.test(core)) return '<num>'
  if (/^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i.test(core)) return '<uuid>'
  const address = /^\/?\d{1,3}(?:\.\d{1,3}){3}(\/\d{1,3})?(:\d{1,5})?$/.exec(core)
  if (address !== null) return address[2] === undefined ? '<ip>' : '<ip>:<num>'
  if (
    /^[0-9a-f]{0,4}(?::[0-9a-f]{0,4}){2,7}(?:\/\d{1,3})?$/i.test(core) &&
    (core.includes('::') || core.split(':').length > 5)
  )
    return '<ip>'
  if (
    /^[+-]?\d[\d,]*(?:\.\d+)?(?:ns|us|µs|ms|s|sec|secs|seconds?|m|min|mins|minutes?|h|hrs?|hours?|d|days?)$/i.test(core)
  )
    return '<duration>'
  if (/^(?:\d+h)?(?:\d+m)?\d+(?:\.\d+)?m?s$/.test(core)) return '<duration>'
  if (
    /^[+-]?\d[\d,]*(?:\.\d+)?(?:b|kb|mb|gb|tb|kib|mib|gib|bytes?|k|%|px|rps|qps|kg|g|mg|l|ml|cm|mm|km|inch)$/i.test(
      core,
    )
  )
    return '<size>'
  if (/^0x[0-9a-f]+$/i.test(core)) return '<hex>'
  if (CODE.test(core)) return undefined
  if (/^[0-9a-f]{4,128}$/i.test(core) && isHexadecimal(core)) return '<hex>'
  if (isRandom(core)) return '<id>'
  if (core.includes('@') && /^[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63})+$/.test(core)) return '<email>'
  if (core.includes('/') || core.includes('\\')) return classifySlashed(core)
  const unit = first >= 48 && first <= 57 ? HANGUL_NUMBER.exec(core) : null
  // A Korean unit or particle behind a number varies with it: 3박스, 12개를, 5초 are one parameter.
  if (unit !== null) return '<num>'
  // Words with digits and dashes are ids: ORD-20260120-000123, order-service-7d9f8b6c5d-x2k4q, tx_91bd.
  if (/^v?\d+(?:\.\d+){1,3}(?:[-+][\w.]+)?$/.test(core)) return '<version>'
  return undefined
}

function classifySlashed(core: string): string | undefined {
  if (/^[a-z][a-z0-9+.-]{1,20}:\/\//i.test(core)) return '<url>'
  if (/^(?:[A-Za-z]:)?[\\/][^\s]*[\\/.]/.test(core) && core.length > 3) return '<path>'
  return undefined
}

/** Parameters glued into a word: `worker-12`, `order#991`, `ORD-20260120-000123을`. */
function maskInside(core: string): string {
  if (!/\d/.test(core)) return core
  // Names of encodings and hashes: utf-8, ISO-8859-1, sha-256.
  if (/^(?:utf|ucs|iso|sha|md|cp)-?\d[\d-]*$/i.test(core)) return core
  const particle = /[가-힣]+$/.exec(core)?.[0] ?? ''
  const body = particle === '' ? core : core.slice(0, -particle.length)
  const tail = withoutParticle(particle)
  if (/^[a-z][a-z0-9]*(?:-[a-z0-9]+)*-[a-z0-9]{6,10}-[a-z0-9]{5}$/.test(body)) return `<pod>${tail}`
  if (CODE.test(body)) return core
  if (/^[A-Z]{2,5}[-_]\d{1,2}$/.test(body)) return `<id>${tail}`
  if (/^[A-Za-z]{1,10}[-_#][\w-]*\d[\w-]*$/.test(body) && /\d{3}/.test(body))
    return `${/^[A-Za-z]+/.exec(body)?.[0]}-<id>${tail}`
  const masked = body
    .replace(/\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b/gi, '<uuid>')
    .replace(/@[0-9a-f]{4,16}\b/g, '@<hex>')
    .replace(/(^|[^A-Za-z0-9_<])[+-]?\d[\d,.]*(?![A-Za-z0-9_>])/g, '$1<num>')
    .replace(
      /([-_#:/=])(?=[0-9a-z]*\d)(?=[0-9a-z]*[a-z])(?:[0-9a-z]{6,64}|(?=[0-9a-z]*\d[a-z]*\d)[0-9a-z]{4,5})\b/g,
      '$1<id>',
    )
    .replace(/(?<=[_-])\d{2,}(?![A-Za-z>])|(?<=[A-Za-z])\d{4,}(?![A-Za-z>])/g, '<num>')
  return `${masked}${tail}`
}

function maskName(core: string, before: string | undefined): string | undefined {
  const title = personTitle(core, before ?? '')
  return title === undefined ? undefined : `<name>${title}`
}

const stripParticle = (word: string): string => {
  const bare = withoutParticle(word)
  return bare.length >= 2 && !/^[가-힣]*$/.test(bare) ? bare : word
}
