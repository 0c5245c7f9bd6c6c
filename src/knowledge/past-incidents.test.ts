import { describe, expect, it } from 'vitest'
import { incidentOf } from '../../test/support/incidents.ts'
import { NOON } from '../../test/support/records.ts'
import type { Incident } from '../pipeline/incident.ts'
import { likeIncidents, rankTold, type Told, tellPast, type Verdict } from './past-incidents.ts'

const DAY = 86_400_000
const options = { now: NOON, halfLifeMs: 20 * DAY }
const incident = (id: string, title: string, facts: Partial<Incident> = {}): Incident =>
  incidentOf({
    id,
    title,
    template: title,
    fingerprint: id,
    firstSeen: NOON - 30 * DAY,
    lastSeen: NOON - DAY,
    ...facts,
  })
const current = incident('NOW', 'HikariPool connection not available', { firstSeen: NOON })
const verdict = (facts: Partial<Verdict> = {}): Verdict => ({
  hypothesis: 'H1',
  verdict: 'helpful',
  note: null,
  at: NOON - DAY,
  ...facts,
})

describe('past incidents', () => {
  it('are alike by their words, and not by being old', () => {
    const past = [
      incident('POOL', 'HikariPool connection not available in stock'),
      incident('DISK', 'No space left on device'),
      incident('LATER', 'HikariPool connection not available', { firstSeen: NOON + 1 }),
      incident('NOW', 'HikariPool connection not available'),
    ]
    expect(likeIncidents(current, past, options).map((one) => one.incident.id)).toEqual(['POOL'])
  })

  it('count half after the half-life, and the same error comes first however old', () => {
    const past = [
      incident('OLD', 'HikariPool connection not available', { lastSeen: NOON - 40 * DAY }),
      incident('NEW', 'HikariPool connection not available', { lastSeen: NOON }),
      incident('SAME', 'renamed by a person', { fingerprint: 'NOW', lastSeen: NOON - 400 * DAY }),
    ]
    const ranked = likeIncidents(current, past, options)
    expect(ranked.map((one) => [one.incident.id, one.same])).toEqual([
      ['SAME', true],
      ['NEW', false],
      ['OLD', false],
    ])
    expect(ranked[2]?.weight).toBeCloseTo((ranked[1]?.weight ?? 0) / 4)
    expect(ranked[0]?.similarity).toBe(1)
  })

  it('count more when people found them helpful, and less when they were wrong', () => {
    const told = (id: string, weight: number, verdicts: Verdict[]): Told => ({
      incident: incident(id, id),
      similarity: 0.9,
      same: false,
      weight,
      verdicts,
    })
    const ranked = rankTold([
      told('WRONG', 0.9, [verdict({ verdict: 'wrong' })]),
      told('SILENT', 0.5, []),
      told('HELPFUL', 0.45, [verdict()]),
      told('FOURTH', 0.1, []),
    ])
    expect(ranked.map((one) => one.incident.id)).toEqual(['HELPFUL', 'SILENT', 'WRONG'])
  })

  it("tell a person's own words about the cause before a hypothesis that was found helpful", () => {
    const past = { incident: incident('POOL', 'pool'), similarity: 0.876, same: false }
    const causeOf = (id: string): string | undefined => (id === 'H1' ? 'by the rules' : undefined)
    expect(tellPast({ ...past, verdicts: [verdict()] }, causeOf)).toEqual({
      incident: 'POOL',
      title: 'pool',
      lastSeen: NOON - DAY,
      similarity: 0.88,
      confirmed: true,
      cause: 'by the rules',
    })
    const corrected = [verdict(), verdict({ verdict: 'wrong', note: ' the index was dropped ' })]
    expect(tellPast({ ...past, verdicts: corrected }, causeOf).cause).toBe('the index was dropped')
    const fixed = [verdict({ hypothesis: 'fix', note: 'index added' })]
    expect(tellPast({ ...past, verdicts: fixed }, causeOf)).toMatchObject({ confirmed: true, fix: 'index added' })
  })

  it('are confirmed by nobody who only said no, or yes to a hypothesis that is gone', () => {
    const past = { incident: incident('POOL', 'pool'), similarity: 1, same: true }
    for (const verdicts of [[], [verdict({ verdict: 'wrong' })], [verdict({ hypothesis: 'H9' })]]) {
      const told = tellPast({ ...past, verdicts }, () => undefined)
      expect(told.sameError).toBe(true)
      expect(told).not.toHaveProperty('confirmed')
      expect(told).not.toHaveProperty('cause')
    }
  })
})
