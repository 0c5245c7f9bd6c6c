/**
 * Prober: sends a probe in each interval and looks whether it has reached the outbox within the objective. One that has
 * not becomes an incident, which needs neither stream nor consumer; it is over when a probe arrives again.
 */
import { setTimeout as delay } from 'node:timers/promises'
import type { UiLanguage } from '../pipeline/incident.ts'
import { probeLine } from '../pipeline/probe.ts'
import { type LogRecord, SEVERITY } from '../pipeline/record.ts'
import type { Clock } from '../platform/clock.ts'
import { messageOf } from '../platform/error.ts'
import type { Logger } from '../platform/logger.ts'
import type { ProbeStore } from '../state/probe-queries.ts'
import type { Config } from './config.ts'
import { putProbe } from './kinesis-probe-target.ts'
import type { Operations } from './operations.ts'
import type { OwnAlarm } from './own-alarm.ts'

export interface ProberDeps {
  readonly probes: ProbeStore
  /** False: this process is not on the way that is to be proved; others send. */
  readonly sends: () => boolean
  /** Puts the line where the lines of services go. */
  readonly send: (line: string) => Promise<void>
  /** Where that is, for people. */
  readonly place: () => string
  readonly alarm: OwnAlarm
  readonly intervalMs: number
  readonly objectiveMs: number
  readonly language: UiLanguage
  readonly clock: Clock
  readonly logger: Logger
  readonly wait?: (ms: number, signal: AbortSignal) => Promise<void>
}

const LOOK_MS = 250
/** While it lasts the incident counts one event in this time, however many workers look. */
const REPEAT_MS = 10 * 60_000

const TEXTS: Readonly<
  Record<UiLanguage, { title: (place: string, seconds: number, why: string) => string; meaning: string }>
> = {
  ko: {
    title: (place, seconds, why) =>
      `자체 점검 실패: ${place}에 넣은 점검용 오류가 ${because(why, `${seconds}초 안에 오지 않았습니다`)}`,
    meaning: '이 길로 오는 진짜 오류도 늦거나 오지 않을 수 있습니다. 컨슈머와 지연(lag), /readyz를 확인하세요.',
  },
  en: {
    title: (place, seconds, why) =>
      `Own check failed: the test error put into ${place} ${because(why, `did not arrive within ${seconds} s`)}`,
    meaning: 'Real errors on this way may be late or missing. Look at the consumer, its lag, and /readyz.',
  },
}
const because = (why: string, otherwise: string): string => (why === '' ? otherwise : `→ ${why}`)

export interface Prober {
  /** Sends and waits once; `skipped` where another worker has just done so. */
  once(signal: AbortSignal): Promise<'arrived' | 'missed' | 'skipped'>
  /** Until `signal` aborts. */
  run(signal: AbortSignal): Promise<void>
}

export function createProber(deps: ProberDeps): Prober {
  const { probes, clock, logger } = deps
  const wait = deps.wait ?? ((ms, signal) => delay(ms, undefined, { signal }).then(undefined, () => undefined))
  let open: string | undefined

  const missedRecord = (fault: string): LogRecord => {
    const { title, meaning } = TEXTS[deps.language]
    return recordOf(title(deps.place(), Math.round(deps.objectiveMs / 1_000), fault), meaning, clock.now())
  }

  const arrives = async (sentAt: number, signal: AbortSignal): Promise<boolean> => {
    const deadline = clock.now() + deps.objectiveMs
    for (;;) {
      if (((await probes.status()).arrived?.sentAt ?? 0) >= sentAt) return true
      if (signal.aborted || clock.now() >= deadline) return false
      await wait(LOOK_MS, signal)
    }
  }

  const once: Prober['once'] = async (signal) => {
    if (!deps.sends()) return 'skipped'
    const sentAt = clock.now()
    // A little less than the interval, so that a timer that is early by a moment does not skip its turn.
    if (!(await probes.begin(sentAt, deps.intervalMs * 0.9))) return 'skipped'
    const fault = await deps.send(probeLine(sentAt)).then(() => '', messageOf)
    if (fault === '' && (await arrives(sentAt, signal))) {
      // Whichever worker missed one: the next test error may be another's turn.
      const missed = await deps.alarm.find(missedRecord(''))
      if (missed !== undefined && missed.state !== 'resolved') await deps.alarm.resolve(missed.id)
      // One that could not be sent says why, and is an incident of its own.
      if (open !== undefined && open !== missed?.id) await deps.alarm.resolve(open)
      open = undefined
      return 'arrived'
    }
    if (signal.aborted) return 'skipped'
    const record = missedRecord(fault)
    logger.error({ event: 'probe_missed', reason: record.message })
    open = (await deps.alarm.raise(record)).incident ?? open
    return 'missed'
  }

  return {
    once,
    run: async (signal) => {
      while (!signal.aborted) {
        await once(signal).catch((error) => logger.error({ event: 'probe_failed', reason: messageOf(error) }))
        await wait(deps.intervalMs, signal)
      }
    },
  }
}

/**
 * Into the stream that this process reads, as a producer would. A process that is alone and reads none has only its own
 * door; one of several leaves it to those who read: its own door proves nothing about their stream.
 */
export function probeWay(
  { kinesis }: Config,
  operations: Pick<Operations, 'sources' | 'ingest'>,
  { clock, shared }: { readonly clock: Clock; readonly shared: boolean },
): Pick<ProberDeps, 'sends' | 'send' | 'place'> {
  return {
    sends: () => operations.sources.length > 0 || !shared,
    place: () => (operations.sources.length > 0 ? kinesis.stream : 'HTTP'),
    send: async (line) => {
      const [source] = operations.sources
      if (source !== undefined) return putProbe(source.address, kinesis.stream, line)
      const arrivedAt = clock.now()
      await operations.ingest({
        stream: 'http',
        shard: 'probe',
        records: [{ sequence: `${arrivedAt}000000`, arrivedAt, data: Buffer.from(line) }],
      })
    },
  }
}

const recordOf = (message: string, meaning: string, now: number): LogRecord => ({
  id: `probe/missed/${Math.floor(now / REPEAT_MS)}`,
  at: now,
  observedAt: now,
  severity: SEVERITY.ERROR,
  service: 'cali',
  message,
  body: `${message}\n${meaning}`,
  resource: {},
  attributes: {},
  position: { stream: 'cali', shard: 'probe', sequence: String(now), sub: 0, line: 0 },
})
