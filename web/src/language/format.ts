/** Times, durations and numbers in the reader's language and the server's time zone. */
import type { UiLanguage } from '../api/nouns'

export interface Format {
  /** 20:00:03, with the date when it is not today's. */
  clock(at: number): string
  /** 2026-11-24 20:00:03.412 KST: exact, for hover and detail. */
  exact(at: number): string
  /** 20:00:03.412 */
  millis(at: number): string
  /** 3 minutes ago */
  ago(at: number, now?: number): string
  /** 12 min 30 s */
  duration(ms: number): string
  number(n: number): string
  /** 12.3k: for places with no room. */
  short(n: number): string
  percent(share: number): string
  bytes(n: number): string
  timeZone: string
}

const LOCALES: Record<UiLanguage, string> = { ko: 'ko-KR', en: 'en-GB' }
const UNITS: readonly [Intl.RelativeTimeFormatUnit, number][] = [
  ['day', 86_400_000],
  ['hour', 3_600_000],
  ['minute', 60_000],
  ['second', 1_000],
]

export function createFormat(language: UiLanguage, timeZone: string): Format {
  const locale = LOCALES[language]
  const of = (options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat =>
    new Intl.DateTimeFormat(locale, { timeZone, hourCycle: 'h23', ...options })
  const time = of({ hour: '2-digit', minute: '2-digit', second: '2-digit' })
  const millis = of({ hour: '2-digit', minute: '2-digit', second: '2-digit', fractionalSecondDigits: 3 })
  const zone = of({ timeZoneName: 'short' })
  // sv-SE writes dates as 2026-11-24, which reads the same in both languages.
  const day = new Intl.DateTimeFormat('sv-SE', { timeZone, year: 'numeric', month: '2-digit', day: '2-digit' })
  const dayMonth = of({ month: 'short', day: 'numeric' })
  const relative = new Intl.RelativeTimeFormat(locale, {
    numeric: 'always',
    style: language === 'ko' ? 'long' : 'short',
  })
  const integer = new Intl.NumberFormat(locale)
  const compact = new Intl.NumberFormat('en', { notation: 'compact', maximumFractionDigits: 1 })
  const percent = new Intl.NumberFormat(locale, { style: 'percent', maximumFractionDigits: 1 })
  const unit = (value: number, name: string): string =>
    new Intl.NumberFormat(locale, {
      style: 'unit',
      unit: name,
      unitDisplay: 'narrow',
      maximumFractionDigits: 1,
    }).format(value)

  return {
    timeZone,
    clock: (at) =>
      day.format(at) === day.format(Date.now()) ? time.format(at) : `${dayMonth.format(at)} ${time.format(at)}`,
    exact: (at) => {
      const name = zone.formatToParts(at).find((part) => part.type === 'timeZoneName')?.value ?? timeZone
      return `${day.format(at)} ${millis.format(at)} ${name}`
    },
    millis: (at) => millis.format(at),
    ago: (at, now = Date.now()) => {
      const elapsed = Math.max(0, now - at)
      const [name, size] = UNITS.find(([, length]) => elapsed >= length) ?? (['second', 1_000] as const)
      return relative.format(-Math.floor(elapsed / size), name)
    },
    duration: (ms) => {
      if (ms < 1_000) return unit(Math.round(ms), 'millisecond')
      if (ms < 60_000) return unit(ms / 1_000, 'second')
      const minutes = Math.floor(ms / 60_000)
      if (minutes < 60) return unit(minutes, 'minute')
      if (minutes < 1_440) return `${unit(Math.floor(minutes / 60), 'hour')} ${unit(minutes % 60, 'minute')}`
      return unit(Math.floor(minutes / 1_440), 'day')
    },
    number: (n) => integer.format(n),
    short: (n) => (n < 10_000 ? integer.format(n) : compact.format(n)),
    percent: (share) => percent.format(share),
    bytes: (n) => {
      const names = ['byte', 'kilobyte', 'megabyte', 'gigabyte', 'terabyte']
      let value = n
      let index = 0
      while (value >= 1_000 && index < names.length - 1) {
        value /= 1_000
        index++
      }
      return unit(value, names[index] ?? 'byte')
    },
  }
}
