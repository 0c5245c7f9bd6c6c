/** Moment: a time as a person types it on the command line. */
import { zoneOffsetMinutes } from '../app/config.ts'
import { parseDuration } from '../app/setting.ts'
import { CaliError } from '../platform/error.ts'

const ISO = /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2}(?::\d{2}(?:\.\d{1,3})?)?)(Z|[+-]\d{2}:?\d{2})?)?$/

/**
 * Unix milliseconds of `2026-11-24`, `2026-11-24T10:00`, with or without a zone, or of so long ago (`2h`, `7d`). What
 * names no zone is read in `zone`. Throws a CaliError that names the option and what it takes.
 */
export function parseMoment(option: string, text: string, now: number, zone: string): number {
  const ago = /\s*[a-z]+\s*$/.test(text) ? parseDuration(text) : undefined
  if (ago !== undefined) return now - ago
  const [, day, time = '00:00', offset] = ISO.exec(text.trim()) ?? []
  const at = Date.parse(`${day}T${time}${offset ?? 'Z'}`)
  // Date.parse takes the 31st of every month.
  if (day === undefined || Number.isNaN(at) || new Date(`${day}T00:00Z`).toISOString().slice(0, 10) !== day)
    throw new CaliError(
      'config_invalid',
      `${option} is "${text}": a time such as 2026-11-24, 2026-11-24T10:00 or 2026-11-24T10:00+09:00 is accepted, or how long ago, such as 2h or 7d`,
    )
  if (offset !== undefined) return at
  const guess = at - zoneOffsetMinutes(zone, at) * 60_000
  // Near a change of the clocks the offset at the guess is the one that holds.
  return at - zoneOffsetMinutes(zone, guess) * 60_000
}
