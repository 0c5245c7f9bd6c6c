/** Housekeeping: what has to be looked at by the clock and not because something came. */
import type { StoredLogIndex } from '../pipeline/forward/log-index.ts'
import type { NotifyStage } from '../pipeline/notify/notify-stage.ts'
import type { Clock } from '../platform/clock.ts'
import { messageOf } from '../platform/error.ts'
import type { Lifecycle } from '../platform/lifecycle.ts'
import type { Logger } from '../platform/logger.ts'
import type { State } from '../state/state.ts'
import type { Config } from './config.ts'
import type { Live } from './live.ts'

const SWEEP_MS = 15_000
const SILENCE_MS = 30_000
const HEARD_DAYS = 2
const FOLLOW_MS = 5_000
const INCIDENTS_MS = 2_000
const CLOCK_MS = 60_000
const HOUSEKEEPING_MS = 3_600_000

export interface Housekeeping {
  /** Looks by the clock until the program stops; with `follow` at what other workers have learned, and for silence. */
  start(lifecycle: Pick<Lifecycle, 'own'>, duties: 'all' | 'follow'): void
  /** Looks once at everything. */
  once(): Promise<void>
}

export function createHousekeeping(parts: {
  readonly state: State
  readonly index: StoredLogIndex
  readonly config: Config
  readonly clock: Clock
  readonly logger: Logger
  readonly live: Live
  readonly notify: Pick<NotifyStage, 'wake'>
  readonly lookForSilence: () => Promise<number>
  /** What other workers of the same state have learned and decided. */
  readonly follow: readonly (() => Promise<void>)[]
  /** What they have opened and counted, for the dashboards of this process. */
  readonly followIncidents?: () => Promise<void>
}): Housekeeping {
  const { state, index, config, clock, logger, live, notify, lookForSilence, follow, followIncidents } = parts
  const guarded = (name: string, work: () => Promise<void>) => (): Promise<void> =>
    work().catch((error) => logger.error({ event: 'housekeeping_failed', part: name, reason: messageOf(error) }))
  const sweep = guarded('quiet', async () => {
    const quieted = await state.incidents.quiet(clock.now() - config.incidents.quietAfter, clock.now())
    for (const incident of quieted) live.publish({ type: 'incident', id: incident.id, kind: 'changed' })
    if (quieted.length > 0) notify.wake()
  })
  const clean = guarded('expiry', async () => {
    await state.forgetEvents(clock.now() - config.incidents.rememberEvents)
    await state.heard.forget(clock.now() - HEARD_DAYS * 86_400_000)
    await index.expire(new Date(clock.now() - config.index.retentionDays * 86_400_000).toISOString().slice(0, 10))
  })
  const listen = guarded('silence', async () => {
    if ((await lookForSilence()) > 0) notify.wake()
  })
  const catchUp = guarded('follow', async () => {
    for (const step of follow) await step()
  })
  const lookAtIncidents = guarded('incidents', async () => followIncidents?.())
  const setClock = guarded('clock', async () => state.setClock?.())
  return {
    start: (lifecycle, duties) => {
      // The first look only learns what there is: what comes from now on is told.
      if (state.shared) void lookAtIncidents()
      const every = (ms: number, work: () => Promise<void>): NodeJS.Timeout =>
        setInterval(() => void work(), ms).unref()
      const timers = [
        ...(state.shared
          ? [every(FOLLOW_MS, catchUp), every(INCIDENTS_MS, lookAtIncidents), every(CLOCK_MS, setClock)]
          : []),
        // Whoever reads knows what is silent, and tells the others what it heard.
        ...(config.incidents.silenceAfter > 0 ? [every(SILENCE_MS, listen)] : []),
        ...(duties === 'follow'
          ? []
          : [
              every(Math.min(SWEEP_MS, Math.max(250, config.incidents.quietAfter / 4)), sweep),
              every(HOUSEKEEPING_MS, clean),
            ]),
      ]
      lifecycle.own('housekeeping', () => timers.forEach(clearInterval))
    },
    once: async () => {
      for (const work of [setClock, catchUp, sweep, clean]) await work()
    },
  }
}
