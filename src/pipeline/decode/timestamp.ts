/** Timestamps at the front of a log line, as the common frameworks print them. */

export interface TimestampMatch {
  /** Unix milliseconds; undefined for a time without a date. */
  readonly at: number | undefined
  /** Characters it took, from the start of the text. */
  readonly length: number
  readonly zoned: boolean
}

const MONTHS: Readonly<Record<string, number>> = {
  jan: 0,
  feb: 1,
  mar: 2,
  apr: 3,
  may: 4,
  jun: 5,
  jul: 6,
  aug: 7,
  sep: 8,
  oct: 9,
  nov: 10,
  dec: 11,
}

// 2026-01-20 20:00:00.123, 2026-01-20T11:00:00.123456789Z, 2026/01/20 20:00:00, [2026-01-20 20:00:00,123], +09:00
const ISO =
  /^[[(<"]?(\d{4})[-/.](\d{2})[-/.](\d{2})[T _](\d{2}):(\d{2}):(\d{2})(?:[.,:](\d{1,9}))?\s?(Z|UTC|GMT|KST|[+-]\d{2}:?\d{2})?[\])>"]?(?=$|[\s\][|,:;-])/
// 17/06/09 20:10:40 (Spark)
const SHORT_YEAR = /^(\d{2})\/(\d{2})\/(\d{2}) (\d{2}):(\d{2}):(\d{2})(?:[.,](\d{1,6}))?(?=\s)/
// Jan 20 20:00:00 (syslog)
const SYSLOG = /^([A-Z][a-z]{2}) +(\d{1,2}) (\d{2}):(\d{2}):(\d{2})(?:\.(\d{1,9}))?(?=\s)/
// [Tue Jan 20 20:00:00.123456 2026] (Apache error log)
const APACHE =
  /^\[?(?:Sun|Mon|Tue|Wed|Thu|Fri|Sat) ([A-Z][a-z]{2}) +(\d{1,2}) (\d{2}):(\d{2}):(\d{2})(?:\.(\d{1,6}))?(?: (Z|UTC|GMT|KST))? (\d{4})\]?/
// Jul 09, 2015 3:23:29 PM (java.util.logging)
const JUL = /^([A-Z][a-z]{2}) (\d{1,2}), (\d{4}),? (\d{1,2}):(\d{2}):(\d{2}) ?([AP]M)/
// 01/20/2026, 8:00:00 PM (NestJS)
const US = /^(\d{2})\/(\d{2})\/(\d{4}), (\d{1,2}):(\d{2}):(\d{2}) ([AP]M)/
// [20/Jan/2026:20:00:00 +0900]
const CLF = /^\[?(\d{1,2})\/([A-Z][a-z]{2})\/(\d{4})[: ](\d{2}):(\d{2}):(\d{2})(?:\.(\d{1,6}))?(?: ([+-]\d{4}))?\]?/
// E0120 20:00:00.123456 (klog): the letter is read by the header
const KLOG = /^[IWEF](\d{2})(\d{2}) (\d{2}):(\d{2}):(\d{2})\.(\d{6})(?=\s)/
// 1월 20, 2026 8:00:00 오후 (java.util.logging in a Korean locale)
const KOREAN_JUL = /^(\d{1,2})월 (\d{1,2}), (\d{4}) (\d{1,2}):(\d{2}):(\d{2}) (오전|오후)/
const CLOCK_ONLY = /^\[?(?:(\d{2}):(\d{2}):(\d{2})(?:[.,](\d{1,9}))?|\d{1,2}:\d{2}[AP]M)\]?(?=\s)/
// 20-Jan-2026 20:00:00.123 (Tomcat), [20-Jan-2026 20:00:00 Asia/Seoul] (PHP), 20 Jan 2026 20:00:00.123 (Redis)
const DAY_FIRST =
  /^\[?(\d{1,2})[- ]([A-Z][a-z]{2})[- ](\d{4}) (\d{2}):(\d{2}):(\d{2})(?:\.(\d{1,6}))?(?: (UTC|GMT|KST|Asia\/Seoul)| [A-Z][a-z]+\/[A-Za-z_]{1,30})?\]?(?=\s)/
// 2026. 1. 20. 오후 8:00:00 (a Korean locale, as NestJS prints it)
const KOREAN = /^(\d{4})\. (\d{1,2})\. (\d{1,2})\. (오전|오후) (\d{1,2}):(\d{2}):(\d{2})/
const EPOCH = /^\[?(1[0-9]{9})(?:\.(\d{1,9})|(\d{3}))?\]?(?=\s)/

export interface ZoneOptions {
  /** Minutes east of UTC for times that name no zone. Korea: 540. */
  readonly offsetMinutes: number
  /** Supplies the year where a format has none. Unix milliseconds. */
  readonly now: number
}

/** The timestamp at the start of `text`, or undefined when there is none. */
export function matchTimestamp(text: string, zone: ZoneOptions): TimestampMatch | undefined {
  const first = text.charCodeAt(0)
  const digit = first >= 48 && first <= 57
  const opened = first === 91 || first === 40 || first === 60 || first === 34
  if (digit || opened) {
    const utc = digit ? matchIsoUtc(text) : undefined
    if (utc !== undefined) return utc
    const m = ISO.exec(text)
    if (m !== null)
      return found(
        m,
        { y: m[1], mo: Number(m[2]) - 1, d: m[3], h: m[4], mi: m[5], s: m[6], fraction: m[7], zone: m[8] },
        zone,
      )
    const clf = CLF.exec(text)
    if (clf !== null)
      return found(
        clf,
        { y: clf[3], mo: month(clf[2]), d: clf[1], h: clf[4], mi: clf[5], s: clf[6], fraction: clf[7], zone: clf[8] },
        zone,
      )
    const spark = SHORT_YEAR.exec(text)
    if (spark !== null)
      return found(
        spark,
        {
          y: `20${spark[1]}`,
          mo: Number(spark[2]) - 1,
          d: spark[3],
          h: spark[4],
          mi: spark[5],
          s: spark[6],
          fraction: spark[7],
        },
        zone,
      )
    const us = US.exec(text)
    if (us !== null)
      return found(
        us,
        { y: us[3], mo: Number(us[1]) - 1, d: us[2], h: hourOf(us[4], us[7]), mi: us[5], s: us[6] },
        zone,
      )
    const day = DAY_FIRST.exec(text)
    if (day !== null)
      return found(
        day,
        { y: day[3], mo: month(day[2]), d: day[1], h: day[4], mi: day[5], s: day[6], fraction: day[7], zone: day[8] },
        zone,
      )
    const korean = KOREAN.exec(text)
    if (korean !== null)
      return found(
        korean,
        {
          y: korean[1],
          mo: Number(korean[2]) - 1,
          d: korean[3],
          h: hourOf(korean[5], korean[4] === '오후' ? 'PM' : 'AM'),
          mi: korean[6],
          s: korean[7],
        },
        zone,
      )
    const jul = KOREAN_JUL.exec(text)
    if (jul !== null)
      return found(
        jul,
        {
          y: jul[3],
          mo: Number(jul[1]) - 1,
          d: jul[2],
          h: hourOf(jul[4], jul[7] === '오후' ? 'PM' : 'AM'),
          mi: jul[5],
          s: jul[6],
        },
        zone,
      )
    const clock = CLOCK_ONLY.exec(text)
    if (clock !== null) return { at: undefined, length: clock[0].length, zoned: false }
    const epoch = EPOCH.exec(text)
    if (epoch !== null)
      return { at: Number(epoch[1]) * 1000 + fractionMs(epoch[2] ?? epoch[3]), length: epoch[0].length, zoned: true }
  }
  if (opened || (first >= 65 && first <= 90)) {
    const apache = APACHE.exec(text)
    if (apache !== null)
      return found(
        apache,
        {
          y: apache[8],
          mo: month(apache[1]),
          d: apache[2],
          h: apache[3],
          mi: apache[4],
          s: apache[5],
          fraction: apache[6],
          zone: apache[7],
        },
        zone,
      )
    const jul = JUL.exec(text)
    if (jul !== null)
      return found(
        jul,
        { y: jul[3], mo: month(jul[1]), d: jul[2], h: hourOf(jul[4], jul[7]), mi: jul[5], s: jul[6] },
        zone,
      )
    const syslog = SYSLOG.exec(text)
    if (syslog !== null)
      return found(
        syslog,
        { mo: month(syslog[1]), d: syslog[2], h: syslog[3], mi: syslog[4], s: syslog[5], fraction: syslog[6] },
        zone,
      )
    const klog = KLOG.exec(text)
    if (klog !== null)
      return found(
        klog,
        { mo: Number(klog[1]) - 1, d: klog[2], h: klog[3], mi: klog[4], s: klog[5], fraction: klog[6] },
        zone,
      )
  }
  return undefined
}

const DIGIT_0 = 48
const DOT = 46
const LETTER_Z = 90
/** What {@link ISO} accepts behind a time, but for what closes a bracket: that is a part of its match. */
const ENDS_TIME = /^[\s[|,:;-]/

/** `2026-01-20T11:00:00.123Z`, which most machines write, digit by digit; undefined leaves the text to the patterns. */
function matchIsoUtc(text: string): TimestampMatch | undefined {
  if (text[4] !== '-' || text[7] !== '-' || text[10] !== 'T' || text[13] !== ':' || text[16] !== ':') return undefined
  const month = digitsAt(text, 5, 2)
  const day = digitsAt(text, 8, 2)
  const hour = digitsAt(text, 11, 2)
  const minute = digitsAt(text, 14, 2)
  const second = digitsAt(text, 17, 2)
  // NaN, where something is no digit, is in no range.
  if (!(month >= 1 && month <= 12 && day >= 1 && day <= 31 && hour <= 23 && minute <= 59 && second <= 59))
    return undefined
  let end = 19
  let ms = 0
  if (text.charCodeAt(end) === DOT) {
    end++
    for (let scale = 100; end < 29 && isDigit(text.charCodeAt(end)); scale = Math.trunc(scale / 10), end++)
      ms += (text.charCodeAt(end) - DIGIT_0) * scale
    if (end === 20) return undefined
  }
  const year = digitsAt(text, 0, 4)
  if (text.charCodeAt(end) !== LETTER_Z || Number.isNaN(year)) return undefined
  end++
  if (end < text.length && !ENDS_TIME.test(text.charAt(end))) return undefined
  return { at: Date.UTC(year, month - 1, day, hour, minute, second) + ms, length: end, zoned: true }
}

const isDigit = (code: number): boolean => code >= DIGIT_0 && code < DIGIT_0 + 10

/** NaN where one of them is no digit. */
function digitsAt(text: string, at: number, count: number): number {
  let n = 0
  for (let i = at; i < at + count; i++) {
    const code = text.charCodeAt(i)
    n = isDigit(code) ? n * 10 + code - DIGIT_0 : Number.NaN
  }
  return n
}

/** Reads a timestamp that stands alone, as in a JSON field: any form above, epoch seconds or milliseconds. */
export function parseTimestamp(value: unknown, zone: ZoneOptions): number | undefined {
  if (typeof value === 'number') return epochMs(value)
  if (typeof value !== 'string') return undefined
  if (/^\d{10,19}(\.\d+)?$/.test(value)) return epochMs(Number(value))
  const match = matchTimestamp(value, zone)
  if (match?.at !== undefined) return match.at
  const parsed = Date.parse(value)
  return Number.isNaN(parsed) ? undefined : parsed
}

/** Seconds, milliseconds, microseconds or nanoseconds since 1970, told apart by size. */
function epochMs(n: number): number | undefined {
  if (!Number.isFinite(n) || n < 1e8) return undefined
  if (n < 1e11) return Math.round(n * 1000)
  if (n < 1e14) return Math.round(n)
  if (n < 1e17) return Math.round(n / 1e3)
  return n < 1e20 ? Math.round(n / 1e6) : undefined
}

interface Parts {
  readonly y?: string | undefined
  readonly mo: number | undefined
  readonly d: string | undefined
  readonly h: string | undefined
  readonly mi: string | undefined
  readonly s: string | undefined
  readonly fraction?: string | undefined
  readonly zone?: string | undefined
}

function found(match: ArrayLike<string>, p: Parts, zone: ZoneOptions): TimestampMatch | undefined {
  if (p.mo === undefined || p.mo > 11 || Number(p.d) > 31 || Number(p.h) > 24) return undefined
  const offset = zoneMinutes(p.zone) ?? zone.offsetMinutes
  const year = p.y === undefined ? guessYear(p.mo, zone.now) : Number(p.y)
  const at =
    Date.UTC(year, p.mo, Number(p.d), Number(p.h), Number(p.mi), Number(p.s)) + fractionMs(p.fraction) - offset * 60_000
  return { at, length: (match[0] as string).length, zoned: p.zone !== undefined }
}

/** The time of named columns `year month day h mi s fraction`; a year may have two digits or be missing. */
export function timeOf(columns: Readonly<Record<string, string | undefined>>, zone: ZoneOptions): number | undefined {
  const { year, month: m, day, h, mi, s, fraction } = columns
  const parts = { y: year?.length === 2 ? `20${year}` : year, mo: Number(m) - 1, d: day, h, mi, s, fraction }
  return found([''], parts, zone)?.at
}

const month = (name: string | undefined): number | undefined => MONTHS[(name ?? '').toLowerCase()]
const hourOf = (hour: string | undefined, half: string | undefined): string =>
  String((Number(hour) % 12) + (half === 'PM' ? 12 : 0))
const fractionMs = (digits: string | undefined): number =>
  digits === undefined ? 0 : Math.trunc(Number(`0.${digits}`) * 1000)

function zoneMinutes(zone: string | undefined): number | undefined {
  if (zone === undefined) return undefined
  if (zone === 'KST' || zone === 'Asia/Seoul') return 540
  if (!/^[+-]/.test(zone)) return 0
  const minutes = Number(zone.slice(1, 3)) * 60 + Number(zone.slice(-2))
  return zone.startsWith('-') ? -minutes : minutes
}

/** A month ahead of the present one belongs to last year. */
function guessYear(monthIndex: number, now: number): number {
  const date = new Date(now)
  return monthIndex > date.getUTCMonth() + 1 ? date.getUTCFullYear() - 1 : date.getUTCFullYear()
}
