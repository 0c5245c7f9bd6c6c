import { beforeEach, describe, expect, it } from 'vitest'
import { NOON, recordOf } from '../../../test/support/records.ts'
import { createSilenceWatch, type SilenceWatch } from './silence.ts'

const MINUTE = 60_000
const AFTER = 10 * MINUTE

describe('the silence watch', () => {
  let watch: SilenceWatch
  beforeEach(() => {
    watch = createSilenceWatch({ afterMs: AFTER })
  })
  /** `perMinute` lines in each of the minutes. */
  const log = (service: string, from: number, to: number, perMinute = 3, node = 'node-1'): void => {
    for (let minute = from; minute < to; minute++)
      for (let i = 0; i < perMinute; i++)
        watch.observe(recordOf({ service, level: 'INFO', resource: { node } }), NOON + minute * MINUTE + i * 1_000)
  }
  const names = (list: readonly { kind: string; name: string }[]): string[] =>
    list.map(({ kind, name }) => `${kind} ${name}`)
  const check = (minute: number) => {
    const { silent, back } = watch.check(NOON + minute * MINUTE)
    return { silent: names(silent), back: names(back) }
  }

  it('tells of a service that always logged and stopped, with its usual rate', () => {
    log('order', 0, 60)
    log('payment', 0, 80)
    expect(check(65)).toEqual({ silent: [], back: [] })
    expect(watch.check(NOON + 75 * MINUTE).silent).toEqual([
      { kind: 'service', name: 'order', since: NOON + 59 * MINUTE + 2_000, usualPerMinute: 3 },
    ])
  })

  it('goes on telling while it lasts, and says once that it is over', () => {
    log('order', 0, 60)
    log('payment', 0, 200)
    expect([check(75).silent, check(90).silent]).toEqual([['service order'], ['service order']])
    log('order', 91, 92)
    expect(check(92)).toEqual({ silent: [], back: ['service order'] })
    expect(check(93)).toEqual({ silent: [], back: [] })
    // It has not proved yet that it always logs again.
    expect(check(120).silent).toEqual([])
  })

  it('does not wait for one that pauses by nature, or is new', () => {
    for (let minute = 0; minute < 120; minute += 5) log('batch', minute, minute + 1)
    log('new', 100, 125)
    log('payment', 0, 150)
    expect(check(150).silent).toEqual([])
  })

  it('tells of a node whose every service has stopped', () => {
    log('order', 0, 60, 2, 'node-1')
    log('payment', 0, 80, 2, 'node-2')
    expect(check(75).silent).toEqual(['service order', 'node node-1'])
  })

  it('tells of the source alone when nothing comes from it at all', () => {
    log('order', 0, 60)
    log('payment', 0, 60)
    expect(check(75).silent).toEqual(['source test'])
  })

  it('does not take for silent what another worker hears', () => {
    log('order', 0, 60)
    log('payment', 0, 85)
    const at = (minute: number): number => NOON + minute * 60_000
    expect(watch.missing(at(75)).map(({ kind, name }) => `${kind} ${name}`)).toEqual(['service order'])
    watch.note([{ kind: 'service', name: 'order', lastAt: at(74) }])
    expect(check(75)).toEqual({ silent: [], back: [] })
    // An older word changes nothing. When it falls silent there too, the worker that heard it last says so.
    watch.note([{ kind: 'service', name: 'order', lastAt: at(61) }])
    expect(check(80)).toEqual({ silent: [], back: [] })
    expect(check(85)).toEqual({ silent: [], back: [] })
  })

  it('tells the other workers once what it heard', () => {
    log('order', 0, 3)
    const heard = watch.heard()
    expect(heard.map(({ kind, name }) => `${kind} ${name}`).sort()).toEqual([
      'node node-1',
      'service order',
      'source test',
    ])
    expect(watch.heard()).toEqual([])
    // What came from another worker need not go back.
    watch.note([{ kind: 'service', name: 'order', lastAt: NOON + 600_000 }])
    expect(watch.heard()).toEqual([])
  })

  it('waits a day and no longer', () => {
    log('order', 0, 60)
    log('payment', 0, 60 + 25 * 60)
    expect(check(60 + 23 * 60).silent).toEqual(['service order'])
    expect(check(60 + 25 * 60).silent).toEqual([])
  })

  it('tracks a bounded number of names, whatever a log calls itself', () => {
    for (let i = 0; i < 20_000; i++) watch.observe(recordOf({ service: `s${i}` }), NOON)
    const started = performance.now()
    watch.check(NOON + AFTER)
    expect(performance.now() - started).toBeLessThan(200)
  })
})
