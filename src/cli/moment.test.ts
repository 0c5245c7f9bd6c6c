import { expect, test } from 'vitest'
import { parseMoment } from './moment.ts'

const NOW = Date.parse('2026-11-26T03:00:00Z')
const at = (text: string, zone = 'Asia/Seoul'): string => new Date(parseMoment('--from', text, NOW, zone)).toISOString()

test.each([
  ['2h', '2026-11-26T01:00:00.000Z'],
  ['7d', '2026-11-19T03:00:00.000Z'],
  ['90 m', '2026-11-26T01:30:00.000Z'],
  ['2026-11-24T10:00+09:00', '2026-11-24T01:00:00.000Z'],
  ['2026-11-24T10:00:30.5Z', '2026-11-24T10:00:30.500Z'],
  ['2026-11-24', '2026-11-23T15:00:00.000Z'],
  ['2026-11-24 10:00', '2026-11-24T01:00:00.000Z'],
])('%s is a moment', (text, iso) => {
  expect(at(text)).toBe(iso)
})

test('a time without a zone is read in that of the configuration, also when its clocks change', () => {
  expect(at('2026-07-01T12:00', 'America/New_York')).toBe('2026-07-01T16:00:00.000Z')
  expect(at('2026-11-01T00:30', 'America/New_York')).toBe('2026-11-01T04:30:00.000Z')
  expect(at('2026-11-01T12:00', 'America/New_York')).toBe('2026-11-01T17:00:00.000Z')
})

test.each(['', 'yesterday', '2026-02-30', '2026-13-01', '24', '10:00', '2026-11-24T25:00', '2026-11-24T10:00 KST'])(
  '%j is refused, with what is accepted',
  (text) => {
    expect(() => at(text)).toThrow(/--from is ".*": a time such as 2026-11-24/)
  },
)
