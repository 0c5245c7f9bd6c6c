/**
 * Incident follower: dashboards of this process hear of incidents that other workers of the same state have opened, counted
 * or changed. It looks, and is not told: a notification of the database needs a connection of its own, which poolers take away.
 */
import type { Kysely } from 'kysely'
import { PROBE_SERVICE } from '../pipeline/probe.ts'
import type { Clock } from '../platform/clock.ts'
import type { Database } from '../state/database.ts'
import type { Live } from './live.ts'

/** Transactions that began before the last look may have ended behind it, and events are older than their counting. */
const OVERLAP_MS = 60_000
const MOST = 200

export function createIncidentFollower({
  db,
  live,
  clock,
}: {
  readonly db: Kysely<Database>
  readonly live: Live
  readonly clock: Clock
}): () => Promise<void> {
  /** What each incident looked like at the last look; undefined before the first, which only learns what there is. */
  let known: Map<string, string> | undefined
  let since = clock.now()
  /** Opened by this process: its dashboards have been told. */
  const own = new Set<string>()
  live.subscribe((event) => {
    if (event.type === 'incident' && event.kind === 'opened') own.add(event.id)
  })
  return async () => {
    const now = clock.now()
    const from = since - OVERLAP_MS
    const rows = await db
      .selectFrom('incidents')
      .select(['id', 'opened_at', 'count', 'state'])
      .where('service', '!=', PROBE_SERVICE)
      .where((eb) =>
        eb.or([eb('opened_at', '>=', from), eb('state_changed_at', '>=', from), eb('last_seen', '>=', from)]),
      )
      .orderBy('last_seen', 'desc')
      .limit(MOST)
      .execute()
    const looks = new Map<string, string>()
    for (const { id, opened_at: openedAt, count, state } of rows) {
      const look = `${state} ${count}`
      const before = known?.get(id)
      looks.set(id, look)
      if (known === undefined || before === look) continue
      const opened = before === undefined && Number(openedAt) >= from && !own.has(id)
      live.publish({
        type: 'incident',
        id,
        kind: opened ? 'opened' : before?.startsWith(`${state} `) === false ? 'changed' : 'counted',
      })
    }
    known = looks
    own.clear()
    since = now
  }
}
