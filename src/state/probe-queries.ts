/** The last probe that was sent and the last that arrived, known to all workers of a state. Times: Unix milliseconds. */
import type { Kysely } from 'kysely'
import type { Database } from './database.ts'

export interface ProbeStatus {
  /** Time in the line of the last probe that was sent. */
  readonly sentAt?: number
  /** Time in the line of the last one that reached the outbox, and when it did. */
  readonly arrived?: { readonly sentAt: number; readonly at: number }
}

export interface ProbeStore {
  /** Notes that a probe is sent now; false where any worker has sent one within `spacingMs`. */
  begin(now: number, spacingMs: number): Promise<boolean>
  /** A probe with this time in its line has reached the outbox. */
  arrive(sentAt: number, now: number): Promise<void>
  status(): Promise<ProbeStatus>
}

const SENT = 'probe.sent'
const ARRIVED = 'probe.arrived'
/** Digits of equal number, so that texts compare as their numbers do. */
const digits = (at: number): string => String(Math.round(at)).padStart(15, '0')

export function createProbeQueries(db: Kysely<Database>): ProbeStore {
  const note = async (key: string, value: string, below: string): Promise<boolean> => {
    const result = await db
      .insertInto('settings')
      .values({ key, value })
      .onConflict((oc) => oc.column('key').doUpdateSet({ value }).where('settings.value', '<=', below))
      .executeTakeFirst()
    return (result.numInsertedOrUpdatedRows ?? 0n) > 0n
  }
  return {
    begin: (now, spacingMs) => note(SENT, digits(now), digits(now - spacingMs)),
    arrive: async (sentAt, now) => {
      const value = `${digits(sentAt)} ${digits(now)}`
      await note(ARRIVED, value, value)
    },
    status: async () => {
      const rows = await db.selectFrom('settings').selectAll().where('key', 'in', [SENT, ARRIVED]).execute()
      const value = (key: string): string | undefined => rows.find((row) => row.key === key)?.value
      const [sent, arrived] = [value(SENT), value(ARRIVED)?.split(' ')]
      return {
        ...(sent === undefined ? {} : { sentAt: Number(sent) }),
        ...(arrived === undefined ? {} : { arrived: { sentAt: Number(arrived[0]), at: Number(arrived[1]) } }),
      }
    },
  }
}
