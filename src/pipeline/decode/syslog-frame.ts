/**
 * Syslog frame: what a syslog sender puts before the text. RFC 5424 in full; of RFC 3164 the priority alone, because
 * the rest is what the header reader knows. https://www.rfc-editor.org/rfc/rfc5424#section-6
 */
import { type Severity, severityOfNumber } from '../record.ts'
import { matchTimestamp, type ZoneOptions } from './timestamp.ts'

export interface SyslogFrame {
  /** What the sender's priority says. */
  readonly severity: Severity | undefined
  readonly at?: number
  readonly zoned?: boolean
  readonly host?: string
  readonly service?: string
  /** The text behind the frame. */
  readonly rest: string
}

const PRIORITY = /^<(\d{1,3})>(?=[A-Z][a-z]{2} +\d|\d{4}-\d{2}-\d{2}[T ])/
const RFC_5424 =
  /^<(\d{1,3})>1 (\S{1,40}) (\S{1,255}) (\S{1,48}) \S{1,128} \S{1,32} (?:-|(?:\[(?:[^\]\\]|\\.){0,2000}\]){1,20})(?: (?:\ufeff|BOM)?|$)/

export function readSyslogFrame(line: string, zone: ZoneOptions): SyslogFrame | undefined {
  if (line.charCodeAt(0) !== 60) return undefined
  const m = RFC_5424.exec(line)
  if (m !== null) {
    const time = matchTimestamp(`${m[2]} `, zone)
    return {
      severity: severityOfPriority(m[1]),
      ...(time?.at === undefined ? {} : { at: time.at, zoned: time.zoned }),
      ...named('host', m[3]),
      ...named('service', m[4]),
      rest: line.slice(m[0].length),
    }
  }
  const old = PRIORITY.exec(line)
  return old === null ? undefined : { severity: severityOfPriority(old[1]), rest: line.slice(old[0].length) }
}

const severityOfPriority = (priority: string | undefined): Severity | undefined =>
  severityOfNumber(Number(priority) % 8, 'syslog')

/** A dash stands for nothing. */
const named = (key: string, value: string | undefined): object => (value === '-' ? {} : { [key]: value })
