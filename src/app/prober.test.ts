import { beforeEach, describe, expect, it } from 'vitest'
import { ownAlarmOf } from '../../test/support/own-alarm.ts'
import { stateOfFile } from '../../test/support/state.ts'
import type { KinesisSource } from '../pipeline/consume/kinesis-source.ts'
import { silentLogger } from '../platform/logger.ts'
import { configSchema } from './config.ts'
import type { Operations } from './operations.ts'
import { createProber, type Prober, probeWay } from './prober.ts'

describe('the prober', () => {
  const { state, clock } = stateOfFile()
  const signal = new AbortController().signal
  let way: (line: string) => Promise<void>
  let prober: Prober
  beforeEach(() => {
    way = arrives
    prober = open()
  })
  const open = (): Prober =>
    createProber({
      probes: state().probes,
      sends: () => true,
      send: (line) => way(line),
      place: () => 'cali-log-stream',
      alarm: ownAlarmOf({ state, clock }),
      intervalMs: 300_000,
      objectiveMs: 60_000,
      language: 'en',
      clock,
      logger: silentLogger,
      wait: async (ms) => clock.advance(ms),
    })
  const arrives = async (line: string): Promise<void> => {
    clock.advance(700)
    await state().probes.arrive(Date.parse(JSON.parse(line).time), clock.now())
  }
  const shown = async (): Promise<unknown[]> =>
    (await state().incidents.list({})).map(({ service, title, state: is, count }) => [service, title, is, count])

  it('says nothing while probes arrive', async () => {
    expect(await prober.once(signal)).toBe('arrived')
    expect(await shown()).toEqual([])
  })

  it('opens an incident when one does not arrive within the objective, and resolves it when one does again', async () => {
    way = async () => undefined
    expect(await prober.once(signal)).toBe('missed')
    expect(await shown()).toEqual([
      ['cali', 'Own check failed: the test error put into cali-log-stream did not arrive within <num> s', 'open', 1],
    ])
    clock.advance(300_000)
    way = arrives
    expect(await prober.once(signal)).toBe('arrived')
    expect(await shown()).toMatchObject([['cali', expect.any(String), 'resolved', 1]])
  })

  it('says why, when the line cannot even be sent', async () => {
    way = () => Promise.reject(new Error('stream "cali-log-stream" not found'))
    expect(await prober.once(signal)).toBe('missed')
    expect(JSON.stringify(await shown())).toContain('not found')
  })

  it('leaves the turn to another worker of the same state that has just sent one', async () => {
    expect(await prober.once(signal)).toBe('arrived')
    expect(await open().once(signal)).toBe('skipped')
    clock.advance(300_000)
    expect(await open().once(signal)).toBe('arrived')
  })

  it('is left to those who read the stream, where several processes share a state', () => {
    const config = configSchema.parse({})
    const source = { name: 's', source: {} as KinesisSource, address: { region: 'r' } }
    const sends = (sources: Operations['sources'], shared: boolean): boolean =>
      probeWay(config, { sources, ingest: () => Promise.reject(new Error('not asked for')) }, { clock, shared }).sends()
    expect([sends([source], true), sends([source], false), sends([], false), sends([], true)]).toEqual([
      true,
      true,
      true,
      false,
    ])
  })
})
