/** ISO weeks in a time zone. */
import { CaliError } from '../platform/error.ts'
import { zoneOffsetMinutes } from './config.ts'

export interface Week {
  /** ISO 8601: 2026-W04. */
  readonly name: string
  /** Monday 00:00 and the next one in the zone, Unix milliseconds. */
  readonly from: number
  readonly to: number
}

const DAY = 86_400_000

/** The week of `2026-W04` in a zone. Throws a CaliError that says what is accepted. */
export function parseWeek(text: string, zone: string): Week {
  const [, year, number] = /^(\d{4})-?W(\d{2})$/i.exec(text.trim()) ?? []
  const weeks = year === undefined ? 0 : Number(isoWeek(Date.UTC(Number(year), 11, 28)).slice(-2))
  if (year === undefined || Number(number) < 1 || Number(number) > weeks)
    throw new CaliError(
      'config_invalid',
      `--week is "${text}": an ISO week such as 2026-W04 is accepted${year === undefined ? '' : `; ${year} has the weeks 01 to ${weeks}`}`,
    )
  const fourth = Date.UTC(Number(year), 0, 4)
  return weekFrom(mondayOf(fourth) + (Number(number) - 1) * 7 * DAY, zone)
}

/** The week before the one in which `now` lies. */
export function lastWholeWeek(now: number, zone: string): Week {
  const today = Date.parse(`${new Intl.DateTimeFormat('sv-SE', { timeZone: zone }).format(now)}T00:00Z`)
  return weekFrom(mondayOf(today) - 7 * DAY, zone)
}

/** `monday` is a day, as the midnight of it in UTC. */
const weekFrom = (monday: number, zone: string): Week => ({
  name: isoWeek(monday),
  from: midnight(monday, zone),
  to: midnight(monday + 7 * DAY, zone),
})

const mondayOf = (day: number): number => day - ((new Date(day).getUTCDay() + 6) % 7) * DAY

function isoWeek(day: number): string {
  const thursday = mondayOf(day) + 3 * DAY
  const year = new Date(thursday).getUTCFullYear()
  const first = mondayOf(Date.UTC(year, 0, 4))
  return `${year}-W${String(Math.round((mondayOf(day) - first) / (7 * DAY)) + 1).padStart(2, '0')}`
}

function midnight(day: number, zone: string): number {
  const guess = day - zoneOffsetMinutes(zone, day) * 60_000
  // Near a change of the clocks the offset at the guess is the one that holds.
  return day - zoneOffsetMinutes(zone, guess) * 60_000
}
