/**
 * Server clock: workers whose own clocks differ take the time from the database that they share, so that a lease of
 * one is not over early for another.
 */
import { type Kysely, sql } from 'kysely'
import type { Clock } from '../platform/clock.ts'
import type { Database } from './database.ts'

export interface ServerClock extends Clock {
  /** Measures how far the server's clock is ahead of this machine's. Call it now and then: clocks drift, and jump. */
  set(): Promise<void>
}

/** Until it is set it is the local clock. */
export function createServerClock(db: Kysely<Database>, local: Clock): ServerClock {
  let ahead = 0
  return {
    now: () => local.now() + ahead,
    set: async () => {
      const asked = local.now()
      const { rows } = await sql<{ at: number }>`
        select (extract(epoch from clock_timestamp()) * 1000)::bigint as at`.execute(db)
      const answered = local.now()
      // Half of the way there and back.
      ahead = Number(rows[0]?.at) - Math.round((asked + answered) / 2)
    },
  }
}
