/**
 * Template: a message with its parameters masked, so that two messages of one kind read the same. One pass over
 * whitespace-separated tokens; deterministic and without memory, so order of arrival, batching and shards cannot
 * change the result.
 */

import { personTitle, withoutParticle } from './person-name.ts'

const MAX_TOKENS = 60
const MAX_CHARS = 2_000

const OPENERS = '([{<"\'`«“‘「『'
const CLOSERS = ')]}>"\'`»”’」』,;:.!?'
/** Keys whose value says what went wrong; the values of other keys are parameters. */
const TELLING_KEYS =
  /^(?:err|error|errors|errno|code|errorcode|error_code|err_code|reason|cause|exception|type|kind|event|status_text|msg|message|op|operation|action|method|state|table|column|queue|topic|signal|코드|오류코드|에러코드|오류|에러|원인|사유|예외)$/i
const HANGUL_NUMBER = /^[+-]?\d[\d,]{0,20}(?:\.\d+)?[가-힣]{1,8}$/
/** The masked form of a message's first line. */
export function templateOf(message: string): string {
  const text = message.length > MAX_CHARS ? message.slice(0, MAX_CHARS) : message
  // A bracket behind a word begins a token of its own: `자전거(SKU-1)` is a name and an id.
  const tokens = text
    .replace(/(?<=[가-힣\w])(?=[([{<][\w가-힣-]*\d)/g, ' ')
    .split(/\s+/)
    .filter((token) => token !== '')
  const out: string[] = []
  for (let i = 0; i < tokens.length && i < MAX_TOKENS; i++) {
    const masked = maskToken(tokens[i] as string, tokens[i - 1])
    // A run of parameters is one parameter: lists have no fixed length.
    if (masked === out.at(-1) && /^<\w+>$/.test(masked)) continue
    out.push(masked)
  }
  if (tokens.length > MAX_TOKENS) out.push('<*>')
  return mergeDates(out.join(' '))
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
  // [2001:db8::1]:443 begins with a bracket that is part of the address.
  return (masked === '<ip>' && lead.endsWith('[') && !tail.includes(']') ? lead.slice(0, -1) : lead) + masked + tail
}

function maskCore(core: string, before: string | undefined, quoted: boolean): string {
  if (/^\[[A-Z_]{2,20}:[0-9a-f]{4}$/.test(core) || /^[A-Z_]{2,20}:[0-9a-f]{4}$/.test(core))
    return `${core.slice(0, core.lastIndexOf(':'))}`
  const whole = classify(core)
  if (whole !== undefined) return whole
  const pair = /^([A-Za-z_가-힣][\w.가-힣-]{0,60})([=:])(.{1,1500})$/.exec(core)
  if (pair !== null && (pair[2] === '=' || !core.includes('://'))) {
    const [, key, separator, value] = pair as unknown as [string, string, string, string]
    if (separator === '=') return `${key}=${TELLING_KEYS.test(key) ? maskToken(value, undefined) : valueMask(value)}`
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
  return /^\W{0,2}(?:true|false|null|none|nil)\W{0,2}$/i.test(value) || masked.startsWith('<') ? masked : '<*>'
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
  if (/^\d{4}[-/.]\d{2}[-/.]\d{2}(?:[T_ ]\d{2}:\d{2}(?::\d{2}(?:[.,]\d+)?)?(?:Z|[+-]\d{2}:?\d{2})?)?$/.test(core))
    return '<date>'
  if (/^\d{1,2}:\d{2}(?::\d{2}(?:[.,]\d+)?)?(?:Z|[AP]M)?$/.test(core)) return '<time>'
  if (/^(?:\/)?\d{1,3}(?:\.\d{1,3}){3}(?:[:/]\d{1,5})?$/.test(core)) return '<ip>'
  if (
    core.includes(':') &&
    /^\[?[0-9a-f:]{2,45}\]?(?::\d{1,5}|\/\d{1,3})?$/i.test(core) &&
    (core.match(/:/g) ?? []).length >= 2
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
  if (/^[0-9a-f]{8,128}$/i.test(core) && /[a-f]/i.test(core)) return '<hex>'
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
  const particle = /[가-힣]+$/.exec(core)?.[0] ?? ''
  const body = particle === '' ? core : core.slice(0, -particle.length)
  const tail = withoutParticle(particle)
  if (/^[a-z][a-z0-9]*(?:-[a-z0-9]+)*-[a-z0-9]{6,10}-[a-z0-9]{5}$/.test(body)) return `<pod>${tail}`
  // Codes of faults are names, not parameters: ORA-12541, ERR-1001, CVE-2026-1.
  if (/^(?:ORA|ERR|ERROR|SQL|SQLSTATE|PLS|TNS|CVE|HTTP|E|TS|CS|KB|RFC)[-_]?\d{2,6}$/.test(body)) return core
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
    .replace(/(?<=[A-Za-z_-])\d{2,}(?![A-Za-z>])/g, '<num>')
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
