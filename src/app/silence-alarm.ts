/** Silence alarm: what has fallen silent becomes an incident like any other, and is resolved when it logs again. */
import type { Silence, SilenceWatch } from '../pipeline/group/silence.ts'
import type { UiLanguage } from '../pipeline/incident.ts'
import { type LogRecord, SEVERITY } from '../pipeline/record.ts'
import type { HeardStore } from '../state/heard-queries.ts'
import { OWN_ACTOR, type OwnAlarm } from './own-alarm.ts'

const MINUTE = 60_000
/** While it lasts the incident counts one event in this time, so that it does not turn quiet. */
const REPEAT_MS = 10 * MINUTE

const TEXTS: Readonly<Record<UiLanguage, Record<Silence['kind'], (silence: Silence, minutes: number) => string>>> = {
  ko: {
    source: ({ name, usualPerMinute }, m) =>
      `수신이 끊겼습니다: ${name}에서 ${m}분째 로그가 오지 않습니다 (평소 분당 ${usualPerMinute}건)`,
    node: ({ usualPerMinute }, m) => `노드 로그가 끊겼습니다: ${m}분째 오지 않습니다 (평소 분당 ${usualPerMinute}건)`,
    service: ({ usualPerMinute }, m) => `로그가 끊겼습니다: ${m}분째 오지 않습니다 (평소 분당 ${usualPerMinute}건)`,
  },
  en: {
    source: ({ name, usualPerMinute }, m) =>
      `Nothing arrives: no log from ${name} for ${m} minutes (usually ${usualPerMinute} lines a minute)`,
    node: ({ usualPerMinute }, m) =>
      `Node fell silent: no log for ${m} minutes (usually ${usualPerMinute} lines a minute)`,
    service: ({ usualPerMinute }, m) =>
      `Fell silent: no log for ${m} minutes (usually ${usualPerMinute} lines a minute)`,
  },
}

export interface SilenceAlarmDeps {
  readonly watch: SilenceWatch
  /** Where the workers of one stream tell each other what they heard; absent: this process hears all of it. */
  readonly heard?: HeardStore
  readonly alarm: OwnAlarm
  readonly language: UiLanguage
  readonly now: () => number
}

/** Looks once. Returns how many incidents it opened, counted or resolved. */
export function createSilenceAlarm(deps: SilenceAlarmDeps): () => Promise<number> {
  /** When each silence was counted last. */
  const counted = new Map<string, number>()

  return async () => {
    const now = deps.now()
    await deps.heard?.tell(deps.watch.heard())
    // Shards move between workers: what this one hears no more another may.
    if (deps.heard !== undefined) deps.watch.note(await deps.heard.of(deps.watch.missing(now)))
    const { silent, back } = deps.watch.check(now)
    let changed = 0
    for (const silence of silent) {
      const at = counted.get(keyOf(silence))
      if (at !== undefined && now - at < REPEAT_MS) continue
      const record = recordOf(silence, now, deps.language)
      const before = await deps.alarm.find(record)
      // A person who resolved it knows: it is not opened again before it has logged again, whichever worker raised it.
      const byPerson = before?.state === 'resolved' && before.resolvedBy !== OWN_ACTOR
      if (byPerson && before.stateChangedAt > silence.since) continue
      counted.set(keyOf(silence), now)
      changed += (await deps.alarm.raise(record)).changed
    }
    for (const silence of back) {
      counted.delete(keyOf(silence))
      const incident = await deps.alarm.find(recordOf(silence, now, deps.language))
      if (incident === undefined || incident.state === 'resolved') continue
      if (await deps.alarm.resolve(incident.id)) changed++
    }
    return changed
  }
}

const keyOf = ({ kind, name }: Silence): string => `${kind} ${name}`

function recordOf(silence: Silence, now: number, language: UiLanguage): LogRecord {
  const minutes = Math.max(1, Math.round((now - silence.since) / MINUTE))
  const message = TEXTS[language][silence.kind](silence, minutes)
  return {
    // Any number of processes that watch the same log count one silence once.
    id: `silence/${silence.kind}/${silence.name}/${Math.floor(now / REPEAT_MS)}`.slice(0, 200),
    at: now,
    observedAt: now,
    severity: SEVERITY.ERROR,
    service: silence.kind === 'source' ? 'cali' : silence.name,
    message,
    body: message,
    resource: silence.kind === 'node' ? { node: silence.name } : {},
    attributes: { silence: silence.kind },
    position: { stream: 'cali', shard: 'silence', sequence: String(now), sub: 0, line: 0 },
  }
}
