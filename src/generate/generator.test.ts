import { describe, expect, it } from 'vitest'
import type { GeneratedEvent } from './event.ts'
import { createGenerator, SCENARIOS } from './generator.ts'

const START = Date.parse('2026-01-20T11:00:00Z')
const MINUTE = 60_000

const run = (scenarios: readonly string[], minutes: number, rate = 50, seed = 7): GeneratedEvent[] =>
  createGenerator({ seed, scenarios, rate, startAt: START }).advance(START + minutes * MINUTE)

const failures = (events: readonly GeneratedEvent[]) => events.filter(({ label }) => label.fault !== null)

/** Exception types, and the in-app frames by function: what a grouping should see. */
function skeleton({ text }: GeneratedEvent): string {
  const types = text.match(/^(?:Caused by: |\s*\[cause\]: )?[\w.$]*(?:Exception|Error|Timeout|error)(?=:|$)/gm) ?? []
  const frames = text.match(/at com\.shop\.[\w.$]+(?=\()|\S*\/app\/(?!node_modules)[^:"]+|, in \w+/gm) ?? []
  return [...types, ...frames].join('\n').replace(/\$\$SpringCGLIB\$\$\d|lambda\$(\w+)\$\d/g, '$1')
}

describe('the generator', () => {
  it('gives the same stream whatever the sizes of the calls', () => {
    const options = { seed: 42, scenarios: ['all'], rate: 80, startAt: START }
    const whole = createGenerator(options).advance(START + MINUTE)
    const pieces = createGenerator(options)
    const cut: GeneratedEvent[] = []
    for (let at = START; at < START + MINUTE; at += 1 + (at % 977)) cut.push(...pieces.advance(at))
    cut.push(...pieces.advance(START + MINUTE))
    expect(cut).toEqual(whole)
  })

  it('gives another stream for another seed', () => {
    expect(run(['all'], 0.2, 50, 1)).not.toEqual(run(['all'], 0.2, 50, 2))
  })

  it('keeps time order and stays inside the asked span', () => {
    const events = run(['all'], 2)
    for (let i = 1; i < events.length; i++) expect(events[i]?.at).toBeGreaterThanOrEqual(events[i - 1]?.at ?? 0)
    expect(events[0]?.at).toBeGreaterThanOrEqual(START)
    expect(events.at(-1)?.at).toBeLessThan(START + 2 * MINUTE)
  })

  it('gives every event an id of its own', () => {
    const events = run(['all'], 2)
    expect(new Set(events.map(({ label }) => label.id)).size).toBe(events.length)
  })

  it.each([20, 50, 400])('holds a rate of %d events a second, with surges', (rate) => {
    const events = run(['all'], 5, rate)
    expect(events.length / 300 / rate).toBeGreaterThan(0.93)
    expect(events.length / 300 / rate).toBeLessThan(1.07)
    const seconds = new Map<number, number>()
    for (const { at } of events) seconds.set(Math.floor(at / 1000), (seconds.get(Math.floor(at / 1000)) ?? 0) + 1)
    expect(Math.max(...seconds.values())).toBeGreaterThan(rate * 1.5)
  })

  it('pays the error share that was asked for', () => {
    const options = { seed: 3, scenarios: ['all'], rate: 100, startAt: START, errorShare: 0.1 }
    const events = createGenerator(options).advance(START + 5 * MINUTE)
    const share = events.filter(({ level }) => level === 'ERROR').length / events.length
    expect(share).toBeGreaterThan(0.08)
    expect(share).toBeLessThan(0.12)
  })

  it('writes no ERROR in healthy traffic, in Korean and in English', () => {
    const events = run(['healthy'], 10)
    expect(events.filter(({ level }) => level === 'ERROR' || level === 'FATAL')).toEqual([])
    expect(events.every(({ label }) => label.scenario === null)).toBe(true)
    expect(events.some(({ text }) => /[가-힣]/.test(text))).toBe(true)
    expect(new Set(events.map(({ service }) => service)).size).toBe(7)
  })

  it('labels every ERROR line with its fault and nothing else', () => {
    for (const { level, service, label } of run(['all'], 5)) {
      expect(label.fault).toBe(level === 'ERROR' ? `${label.scenario}/${service}` : null)
    }
  })

  it('gives no two faults with a trace the same exceptions and in-app frames', () => {
    const traced = failures(run(['all'], 4)).filter(({ text }) => text.includes('\n'))
    const faults = new Map(traced.map((event) => [event.label.fault, skeleton(event)]))
    expect(faults.size).toBe(15)
    expect(new Set(faults.values()).size).toBe(faults.size)
    for (const text of faults.values()) expect(text.split('\n').length).toBeGreaterThan(2)
  })

  it('plays every scenario of "all" in every round', () => {
    const seen = new Set(run(['all'], 4).map(({ label }) => label.scenario))
    expect([...seen].filter((id) => id !== null).sort()).toEqual(SCENARIOS.map(({ id }) => id).sort())
  })

  it('names the accepted words when a scenario is unknown', () => {
    expect(() => run(['no-such'], 1)).toThrow(/accepted: all, healthy, db-pool-exhausted/)
  })

  it('keeps up at fifty thousand events a second', () => {
    const generator = createGenerator({ seed: 1, scenarios: ['all'], rate: 50_000, startAt: START })
    expect(generator.advance(START + 1000).length).toBeGreaterThan(40_000)
  })
})

describe.each(SCENARIOS.map(({ id }) => id))('scenario %s', (id) => {
  const events = run([id], 3)
  const faults = Map.groupBy(failures(events), ({ label }) => label.fault)

  it('repeats one fault in a service, three in a cascade', () => {
    expect(faults.size).toBe(id === 'cascade' ? 3 : 1)
    for (const occurrences of faults.values()) expect(occurrences.length).toBeGreaterThan(5)
  })

  it('prints a trace of 15 to 30 lines, or one line of Korean', () => {
    for (const { text } of failures(events)) {
      const lines = text.split('\n').length
      if (id.endsWith('-ko')) expect([lines, /[가-힣]/.test(text)]).toEqual([1, true])
      else expect(lines >= 15 && lines <= 30, `${lines} lines`).toBe(true)
    }
  })

  it('varies the parameters but neither exception types nor in-app frames', () => {
    for (const occurrences of faults.values()) {
      expect(new Set(occurrences.map(({ text }) => text)).size).toBe(occurrences.length)
      expect(new Set(occurrences.map(skeleton)).size).toBe(1)
    }
  })

  it('marks a cause at or before its first failure', () => {
    const cause = events.findIndex(({ label }) => label.cause)
    expect(cause).toBeGreaterThan(-1)
    expect(cause).toBeLessThanOrEqual(events.findIndex(({ label }) => label.fault !== null))
  })

  it('leaves no token of a template unfilled', () => {
    for (const { text, thread, logger } of events)
      expect(`${text}${thread}${logger}`).not.toMatch(/<<\w|:~\d|undefined,/)
  })
})

describe('stories', () => {
  it('start the pool failure only in the new version, after slow queries', () => {
    const events = run(['db-pool-exhausted'], 1).filter(({ service }) => service === 'payment-service')
    expect(new Set(failures(events).map(({ version }) => version))).toEqual(new Set(['1.14.2']))
    expect(events[0]?.version).toBe('1.14.1')
    const first = events.findIndex(({ label }) => label.fault !== null)
    expect(events.slice(0, first).filter(({ level, label }) => level === 'WARN' && label.cause).length).toBe(3)
  })

  it('change the version before the error of a deploy, in new pods', () => {
    const events = run(['deploy'], 1).filter(({ service }) => service === 'user-service')
    const pods = Map.groupBy(events, ({ version }) => version)
    expect([...pods.keys()]).toEqual(['3.7.0', '3.8.0'])
    const before = new Set(pods.get('3.7.0')?.map(({ pod }) => pod))
    expect(pods.get('3.8.0')?.some(({ pod }) => before.has(pod))).toBe(false)
    expect(failures(events).every(({ version }) => version === '3.8.0')).toBe(true)
  })

  it('let a cascade pass through three services on one trace id within seconds, cause first', () => {
    const traces = Map.groupBy(failures(run(['cascade'], 2)), ({ traceId }) => traceId)
    const whole = [...traces.values()].filter((events) => events.length === 3)
    expect(whole.length).toBeGreaterThan(10)
    for (const events of whole) {
      expect(events.map(({ service }) => service)).toEqual(['inventory-service', 'order-service', 'payment-service'])
      expect((events[2]?.at ?? 0) - (events[0]?.at ?? 0)).toBeLessThan(5000)
      expect(events.map(({ label }) => label.cause)).toEqual([true, false, false])
      const orders = events.slice(1).map(({ text }) => /ORD-\d{8}-\d{6}/.exec(text)?.[0])
      expect(orders[0]).toBe(orders[1])
    }
  })

  it('keep a full disk on one pod', () => {
    expect(new Set(failures(run(['disk-full'], 3)).map(({ pod }) => pod)).size).toBe(1)
  })
})
