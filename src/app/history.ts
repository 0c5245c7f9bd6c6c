/** History: deploys and past incidents, as the investigation asks for them. */
import type { MilvusIncidents } from '../knowledge/milvus-incidents.ts'
import { likeIncidents, MAX_PAST, rankTold, type Told, tellPast } from '../knowledge/past-incidents.ts'
import type { Incident, PastIncident, UiLanguage } from '../pipeline/incident.ts'
import type { HistorySource } from '../pipeline/investigate/investigate-stage.ts'
import type { Clock } from '../platform/clock.ts'
import { messageOf } from '../platform/error.ts'
import type { Logger } from '../platform/logger.ts'
import type { State } from '../state/state.ts'

export interface HistoryDeps {
  readonly state: State
  readonly clock: Clock
  readonly logger: Logger
  readonly halfLifeMs: number
  /** Finds incidents older than the newest; absent: the newest alone. */
  readonly incidents?: MilvusIncidents
}

/** The newest past incidents, which are compared one by one. */
export const NEWEST = 300
/** So many are near enough to look up what people said about them. */
const TO_LOOK_UP = 20

export function createHistory({ state, clock, logger, halfLifeMs, incidents }: HistoryDeps): HistorySource {
  const older = async (incident: Incident, known: ReadonlySet<string>): Promise<Incident[]> => {
    if (incidents === undefined) return []
    try {
      const ids = (await incidents.candidates(incident)).filter((id) => !known.has(id) && id !== incident.id)
      const found = await Promise.all(ids.map((id) => state.incidents.get(id)))
      return found.filter(
        (one) => one !== undefined && (one.state === 'resolved' || one.state === 'quiet'),
      ) as Incident[]
    } catch (error) {
      logger.debug({ event: 'past_incidents_newest_only', reason: messageOf(error) })
      return []
    }
  }

  const tell = async (told: Omit<Told, 'weight'>, language: UiLanguage): Promise<Omit<PastIncident, 'id'>> => {
    const report = await state.reports.best(told.incident.id, language)
    return tellPast(told, (id) => report?.hypotheses.find((hypothesis) => hypothesis.id === id)?.cause)
  }

  return {
    changes: (from, to) => state.changes.deploys(from, to),
    similar: async (incident, language) => {
      const newest = await state.incidents.list({ states: ['resolved', 'quiet'], limit: NEWEST })
      const past = [...newest, ...(await older(incident, new Set(newest.map((one) => one.id))))]
      const alike = likeIncidents(incident, past, { now: clock.now(), halfLifeMs }).slice(0, TO_LOOK_UP)
      const told = await Promise.all(
        alike.map(async (entry) => ({ ...entry, verdicts: await state.feedback.of(entry.incident.id) })),
      )
      const others = await Promise.all(rankTold(told).map((entry) => tell(entry, language)))
      return [...(await earlier(incident)), ...others].slice(0, MAX_PAST)
    },
  }

  /** What was said about this very incident before it came back. */
  async function earlier(incident: Incident): Promise<Omit<PastIncident, 'id'>[]> {
    if (incident.regressions === 0) return []
    const verdicts = await state.feedback.of(incident.id)
    const told = tellPast({ incident, similarity: 1, same: true, verdicts }, () => undefined)
    const last = Math.max(...verdicts.map((entry) => entry.at))
    return told.confirmed === true ? [{ ...told, lastSeen: last }] : []
  }
}
