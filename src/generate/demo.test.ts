import { describe, expect, it } from 'vitest'
import { createDemoTraffic } from './demo.ts'

const START = Date.parse('2026-01-20T11:00:00Z')

describe('demo traffic', () => {
  it.each([1, 2, 3, 99])('shows its first failure within 1.5 s of the start (seed %d)', (seed) => {
    const [first] = createDemoTraffic({ seed, startAt: START })
      .advance(START + 1500)
      .filter(({ label }) => label.fault !== null)
    expect(first?.label.fault).toBe('db-pool-exhausted/payment-service')
  })

  it('shows about eight incidents in the first minute and has calm phases', () => {
    const events = createDemoTraffic({ seed: 1, startAt: START }).advance(START + 60_000)
    const failures = events.filter(({ label }) => label.fault !== null)
    const faults = Map.groupBy(failures, ({ label }) => label.fault)
    expect(faults.size).toBeGreaterThanOrEqual(8)
    expect(faults.size).toBeLessThanOrEqual(10)
    const gaps = failures.slice(1).map(({ at }, i) => at - (failures[i]?.at ?? 0))
    expect(Math.max(...gaps)).toBeGreaterThan(3000)
    expect(events.length / 60).toBeGreaterThan(110)
    expect(events.length / 60).toBeLessThan(130)
  })

  it('brings every other kind later and keeps returning to old ones', () => {
    const traffic = createDemoTraffic({ seed: 1, startAt: START, rate: 20 })
    const seen = new Set(traffic.advance(START + 600_000).map(({ label }) => label.scenario))
    expect([...seen].filter((id) => id !== null).sort()).toEqual([...traffic.scenarios].sort())
    const later = traffic.advance(START + 900_000)
    expect(later.some(({ label }) => label.fault !== null)).toBe(true)
  })
})
