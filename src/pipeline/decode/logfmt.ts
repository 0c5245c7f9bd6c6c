import { type Severity, severityOfWord } from '../record.ts'
import { parseTimestamp, type ZoneOptions } from './timestamp.ts'

export interface Logfmt {
  readonly message?: string
  readonly severity?: Severity
  readonly service?: string
  at(zone: ZoneOptions): number | undefined
}

/** `level=error ts=… msg="…"`: only where both a level and a message key are present. */
export function readLogfmt(line: string): Logfmt | undefined {
  if (!line.includes('=')) return undefined
  if (!/(?:^|\s)(?:level|lvl|severity)=/.test(line) || !/(?:^|\s)(?:msg|message|err|error)=/.test(line))
    return undefined
  const pairs = new Map<string, string>()
  for (const m of line.matchAll(/(?:^|\s)([\w.@-]{1,60})=("(?:[^"\\]|\\.){0,20000}"|\S{0,20000})/g)) {
    const value = m[2] as string
    pairs.set(m[1] as string, value.startsWith('"') ? value.slice(1, -1).replace(/\\(.)/g, '$1') : value)
  }
  const severity = severityOfWord(pairs.get('level') ?? pairs.get('lvl') ?? pairs.get('severity') ?? '')
  const text = pairs.get('msg') ?? pairs.get('message')
  const cause = pairs.get('err') ?? pairs.get('error')
  const message = text === undefined ? cause : cause === undefined ? text : `${text}: ${cause}`
  const service = pairs.get('service') ?? pairs.get('app')
  return {
    ...(message === undefined ? {} : { message }),
    ...(severity === undefined ? {} : { severity }),
    ...(service === undefined ? {} : { service }),
    at: (zone) => parseTimestamp(pairs.get('ts') ?? pairs.get('time') ?? pairs.get('t'), zone),
  }
}
