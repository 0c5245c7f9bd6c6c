import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { StoredLogIndex } from '../pipeline/forward/log-index.ts'
import { systemClock } from '../platform/clock.ts'
import { silentLogger } from '../platform/logger.ts'
import type { State } from '../state/state.ts'
import { configSchema } from './config.ts'
import { createHousekeeping } from './housekeeping.ts'
import { createLive } from './live.ts'

const HOUR = 3_600_000

describe('what is looked at by the clock', () => {
  let done: string[]
  beforeEach(() => {
    vi.useFakeTimers()
    done = []
  })
  afterEach(() => {
    vi.useRealTimers()
  })

  const note =
    <T = void>(what: string, answer?: T) =>
    async (): Promise<T> => {
      done.push(what)
      return answer as T
    }
  const lookedAt = async (duties: 'all' | 'follow', shared: boolean): Promise<string[]> => {
    const state = {
      shared,
      setClock: note('clock'),
      forgetEvents: note('events'),
      heard: { forget: note('heard') },
      incidents: { quiet: note('quiet', []) },
    } as unknown as State
    const stop: (() => unknown)[] = []
    createHousekeeping({
      state,
      index: { expire: note('index') } as unknown as StoredLogIndex,
      config: configSchema.parse({}),
      clock: systemClock,
      logger: silentLogger,
      live: createLive(),
      notify: { wake: () => undefined },
      lookForSilence: note('silence', 0),
      follow: [note('patterns')],
      followIncidents: note('incidents'),
    }).start({ own: (_name, step) => void stop.push(step) }, duties)
    await vi.advanceTimersByTimeAsync(HOUR)
    for (const step of stop) step()
    const looked = [...new Set(done)].sort()
    done = []
    await vi.advanceTimersByTimeAsync(HOUR)
    expect(done).toEqual([])
    return looked
  }

  it('is everything for a process that does all, and what others do only where there are others', async () => {
    const own = ['events', 'heard', 'index', 'quiet', 'silence']
    expect(await lookedAt('all', false)).toEqual(own)
    expect(await lookedAt('all', true)).toEqual([...own, 'clock', 'incidents', 'patterns'].sort())
  })

  it('is what is learned and what falls silent for one that leaves the rest to a worker: only who reads hears it', async () => {
    expect(await lookedAt('follow', true)).toEqual(['clock', 'incidents', 'patterns', 'silence'])
  })
})
