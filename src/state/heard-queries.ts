/** What any worker heard last, in SQL: a service whose shards another worker reads is not silent. */
import type { Kysely } from 'kysely'
import { chunks, transact } from './concurrency.ts'
import type { Database } from './database.ts'

/** Arrival of the last line of a service, node or source, Unix milliseconds. */
export interface HeardEntry<Kind extends string = string> {
  readonly kind: Kind
  readonly name: string
  readonly lastAt: number
}

export interface HeardStore {
  /** Notes what this worker heard; an older time than the one noted changes nothing. */
  tell(heard: readonly HeardEntry[]): Promise<void>
  /** What any worker heard of these. */
  of<Kind extends string>(
    asked: readonly { readonly kind: Kind; readonly name: string }[],
  ): Promise<readonly HeardEntry<Kind>[]>
  forget(before: number): Promise<void>
}

export function createHeardQueries(db: Kysely<Database>): HeardStore {
  return {
    tell: async (heard) => {
      const rows = heard
        .map(({ kind, name, lastAt }) => ({ kind, name, last_at: lastAt }))
        .sort((a, b) => (`${a.kind} ${a.name}` < `${b.kind} ${b.name}` ? -1 : 1))
      for (const part of chunks(rows))
        await transact(db, (trx) =>
          trx
            .insertInto('heard')
            .values(part)
            .onConflict((oc) =>
              oc
                .columns(['kind', 'name'])
                .doUpdateSet((eb) => ({ last_at: eb.ref('excluded.last_at') }))
                .whereRef('heard.last_at', '<', 'excluded.last_at'),
            )
            .execute(),
        )
    },
    of: async (asked) => {
      const found: HeardEntry<(typeof asked)[number]['kind']>[] = []
      for (const part of chunks([...asked])) {
        const kinds = new Map(part.map((entry) => [`${entry.kind} ${entry.name}`, entry.kind]))
        const rows = await db
          .selectFrom('heard')
          .selectAll()
          .where(
            'name',
            'in',
            part.map((entry) => entry.name),
          )
          .execute()
        for (const row of rows) {
          const kind = kinds.get(`${row.kind} ${row.name}`)
          if (kind !== undefined) found.push({ kind, name: row.name, lastAt: Number(row.last_at) })
        }
      }
      return found
    },
    forget: async (before) => {
      await db.deleteFrom('heard').where('last_at', '<', before).execute()
    },
  }
}
