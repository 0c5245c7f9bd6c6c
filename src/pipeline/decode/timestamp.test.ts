import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { matchTimestamp, parseTimestamp } from './timestamp.ts'

const NOW = Date.parse('2026-01-25T00:00:00Z')
const KOREA = { offsetMinutes: 540, now: NOW }
const iso = (text: string): string | undefined => {
  const at = matchTimestamp(text, KOREA)?.at
  return at === undefined ? undefined : new Date(at).toISOString()
}

describe('a time at the start of a line', () => {
  it.each([
    ['2026-01-20 20:00:00.123 ERROR x', '2026-01-20T11:00:00.123Z'],
    ['2026-01-20 20:00:00,123 ERROR x', '2026-01-20T11:00:00.123Z'],
    ['2026-01-20 20:00:00 x', '2026-01-20T11:00:00.000Z'],
    ['2026-01-20T20:00:00.123456789 x', '2026-01-20T11:00:00.123Z'],
    ['2026/01/20 20:00:00 x', '2026-01-20T11:00:00.000Z'],
    ['[2026-01-20 20:00:00.123] x', '2026-01-20T11:00:00.123Z'],
    ['[2026-01-20 20:00:00,123: INFO] x', '2026-01-20T11:00:00.123Z'],
    ['26/01/20 20:00:00 x', '2026-01-20T11:00:00.000Z'],
    ['01/20/2026, 8:00:00 PM x', '2026-01-20T11:00:00.000Z'],
    ['Jan 20 20:00:00 host app: x', '2026-01-20T11:00:00.000Z'],
    ['Jan 20, 2026 8:00:00 PM com.x.Y z', '2026-01-20T11:00:00.000Z'],
    ['[Tue Jan 20 20:00:00.123456 2026] [core:error] x', '2026-01-20T11:00:00.123Z'],
    ['E0120 20:00:00.123456       1 main.go:1] x', '2026-01-20T11:00:00.123Z'],
  ])('%s is read in the zone of the reader', (line, expected) => {
    expect(iso(line)).toBe(expected)
  })

  it.each([
    ['2026-01-20T20:00:00.123Z x', '2026-01-20T20:00:00.123Z'],
    ['2026-01-20T20:00:00+09:00 x', '2026-01-20T11:00:00.000Z'],
    ['2026-01-20T20:00:00-0530 x', '2026-01-21T01:30:00.000Z'],
    ['2026-01-20 20:00:00 UTC x', '2026-01-20T20:00:00.000Z'],
    ['2026-01-20 20:00:00 KST x', '2026-01-20T11:00:00.000Z'],
    ['[20/Jan/2026:20:00:00 -0100] "GET /"', '2026-01-20T21:00:00.000Z'],
    ['1768906800.5 x', '2026-01-20T11:00:00.500Z'],
    ['1768906800123 x', '2026-01-20T11:00:00.123Z'],
  ])('%s is read in its own zone', (line, expected) => {
    expect([iso(line), matchTimestamp(line, KOREA)?.zoned]).toEqual([expected, true])
  })

  it('tells how much of the line it took', () => {
    expect(matchTimestamp('2026-01-20 20:00:00.123 ERROR', KOREA)?.length).toBe('2026-01-20 20:00:00.123'.length)
  })

  it('without a date is a time of which nothing more is known', () => {
    expect(matchTimestamp('20:00:00.123 [main] x', KOREA)).toEqual({ at: undefined, length: 12, zoned: false })
  })

  it('without a year belongs to the last one when its month has not come', () => {
    expect(iso('Dec 31 23:00:00 host app: x')).toBe('2025-12-31T14:00:00.000Z')
  })

  it.each([
    '2026-13-01 00:00:00 x',
    '2026-01-32 00:00:00 x',
    '2026-01-20 25:00:00 x',
    '10.0.0.1 x',
    'ERROR x',
    '',
    '2026-01-20',
    '123 x',
  ])('%j is none', (line) => {
    expect(matchTimestamp(line, KOREA)).toBeUndefined()
  })
})

describe('a time in a field', () => {
  it.each([
    [1768906800, '2026-01-20T11:00:00.000Z'],
    [1768906800.25, '2026-01-20T11:00:00.250Z'],
    [1768906800123, '2026-01-20T11:00:00.123Z'],
    [1768906800123456, '2026-01-20T11:00:00.123Z'],
    [1768906800123456000, '2026-01-20T11:00:00.123Z'],
    ['1768906800', '2026-01-20T11:00:00.000Z'],
    ['1768906800123', '2026-01-20T11:00:00.123Z'],
    ['2026-01-20 20:00:00.037', '2026-01-20T11:00:00.037Z'],
    ['2026-01-20T11:00:00.037Z', '2026-01-20T11:00:00.037Z'],
    ['Tue, 20 Jan 2026 11:00:00 GMT', '2026-01-20T11:00:00.000Z'],
  ])('%j is read whatever its unit', (value, expected) => {
    const at = parseTimestamp(value, KOREA)
    expect(at === undefined ? undefined : new Date(at).toISOString()).toBe(expected)
  })

  it.each([0, -1, 12, Number.NaN, Number.POSITIVE_INFINITY, '', 'soon', null, undefined, true, {}, []])(
    '%j is none',
    (value) => {
      expect(parseTimestamp(value, KOREA)).toBeUndefined()
    },
  )

  it('is never a time that a Date cannot hold', () => {
    for (const value of [1e300, Number.MAX_VALUE, '9999999999999999999', '8640000000000001']) {
      const at = parseTimestamp(value, KOREA)
      expect(at === undefined || !Number.isNaN(new Date(at).getTime())).toBe(true)
    }
  })
})

describe('a time in UTC, which is read digit by digit', () => {
  const two = (least: number, most: number) =>
    fc.integer({ min: least, max: most }).map((n) => String(n).padStart(2, '0'))
  const time = fc
    .tuple(two(0, 13), two(0, 32), two(0, 25), two(0, 61), two(0, 61))
    .map(([month, day, hour, minute, second]) => `2026-${month}-${day}T${hour}:${minute}:${second}`)
  const fraction = fc.constantFrom('', '.', '.1', '.12', '.123', '.999999', '.123456789', '.1234567890')
  const rest = fc.constantFrom('', ' x', ']', '|', 'x', ',', '9', 'Z')

  it('is what the pattern for times with a zone makes of the same time', () => {
    fc.assert(
      fc.property(time, fraction, rest, (at, part, behind) => {
        const [utc, zoned] = ['Z', 'UTC'].map((zone) => matchTimestamp(`${at}${part}${zone}${behind}`, KOREA))
        expect(utc?.at).toBe(zoned?.at)
        expect(utc?.zoned).toBe(zoned?.zoned)
        if (zoned !== undefined) expect(utc?.length).toBe(zoned.length - 'UTC'.length + 'Z'.length)
      }),
      { numRuns: 5_000 },
    )
  })
})
