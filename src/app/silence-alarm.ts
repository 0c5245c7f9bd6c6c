/** Silence alarm: what has fallen silent becomes an incident like any other, and is resolved when it logs again. */
import type { Silence, SilenceWatch } from '../pipeline/group/silence.ts'
import type { Fingerprint, UiLanguage } from '../pipeline/incident.ts'
import { type LogRecord, SEVERITY } from '../pipeline/record.ts'
import type {
  IncidentChange,
  IncidentPlanner,
  IncidentReader,
  IncidentStore,
  IncidentWriter,
} from '../pipeline/store.ts'
import type { HeardStore } from '../state/heard-queries.ts'

const MINUTE = 60_000
/** While it lasts the incident counts one event in this time, so that it does not turn quiet. */
const REPEAT_MS = 10 * MINUTE
const ACTOR = 'CALI'

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
  readonly incidents: IncidentStore & IncidentReader & IncidentWriter
  readonly plan: IncidentPlanner
  readonly fingerprint: (records: readonly LogRecord[]) => readonly Fingerprint[]
  readonly language: UiLanguage
  readonly now: () => number
  readonly onChanges: (changes: readonly IncidentChange[]) => void
}

/** Looks once. Returns how many incidents it opened, counted or resolved. */
export function createSilenceAlarm(deps: SilenceAlarmDeps): () => Promise<number> {
  /** Incident per silence, and when it was counted last. */
  const known = new Map<string, { incident: string; at: number }>()

  return async () => {
    const now = deps.now()
    await deps.heard?.tell(deps.watch.heard())
    // Shards move between workers: what this one hears no more another may.
    if (deps.heard !== undefined) deps.watch.note(await deps.heard.of(deps.watch.missing(now)))
    const { silent, back } = deps.watch.check(now)
    let changed = 0
    for (const silence of silent) {
      const before = known.get(keyOf(silence))
      if (before !== undefined && now - before.at < REPEAT_MS) continue
      // A person who resolved it knows: it is not opened again before it has logged again.
      if (before !== undefined && (await deps.incidents.get(before.incident))?.state === 'resolved') continue
      const record = recordOf(silence, now, deps.language)
      const [fingerprint] = deps.fingerprint([record])
      const { changes } = await deps.incidents.apply([{ record, fingerprint: fingerprint as Fingerprint }], deps.plan)
      const incident = changes[0]?.incident.id
      if (incident !== undefined) known.set(keyOf(silence), { incident, at: now })
      deps.onChanges(changes)
      changed += changes.length
    }
    for (const silence of back) {
      const entry = known.get(keyOf(silence))
      known.delete(keyOf(silence))
      if (entry === undefined) continue
      const incident = await deps.incidents.patch(entry.incident, { state: 'resolved', resolvedBy: ACTOR }, ACTOR, now)
      if (incident === undefined) continue
      deps.onChanges([])
      changed++
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
