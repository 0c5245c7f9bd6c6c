/** Kinds of setting that several areas of the configuration share. */
import { z } from 'zod'

export const duration = (fallback: string) =>
  z
    .union([z.string(), z.number()])
    .default(fallback)
    .transform((text, context) => {
      const ms = parseDuration(String(text))
      if (ms !== undefined) return ms
      context.addIssue({ code: 'custom', message: 'a duration is accepted, e.g. 500ms, 30s, 15m, 2h, 7d' })
      return z.NEVER
    })

export const port = z.number('a port number from 0 to 65535 is accepted').int().min(0).max(65_535)
export const url = z.url('an address such as https://example.com is accepted')

/** Milliseconds of `500ms`, `30s`, `15m`, `2h`, `7d`; a bare number is milliseconds. */
export function parseDuration(text: string): number | undefined {
  const m = /^(\d{1,9}(?:\.\d{1,3})?)\s*(ms|s|m|h|d)?$/.exec(text.trim())
  if (m === null) return undefined
  const unit = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 }[
    (m[2] ?? 'ms') as 'ms' | 's' | 'm' | 'h' | 'd'
  ]
  return Math.round(Number(m[1]) * unit)
}
