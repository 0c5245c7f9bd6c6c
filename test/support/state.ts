/** One state in memory for all tests of a file, emptied before each: opening one costs more than most tests do. */
import { sql } from 'kysely'
import { afterAll, beforeAll, beforeEach } from 'vitest'
import { createManualClock } from '../../src/platform/clock.ts'
import { openState, type State } from '../../src/state/state.ts'
import { NOON } from './records.ts'

export interface StateOfFile {
  readonly clock: ReturnType<typeof createManualClock>
  /** The open state; call it inside a test. */
  readonly state: () => State
}

export async function emptyState({ db }: State): Promise<void> {
  const tables = await sql<{
    name: string
  }>`select name from sqlite_master where type = 'table' and name not like 'sqlite%' and name <> 'migrations'`.execute(
    db,
  )
  for (const { name } of tables.rows) await sql`delete from ${sql.table(name)}`.execute(db)
}

/** Called at the top of a file or a describe block. */
export function stateOfFile(): StateOfFile {
  const clock = createManualClock(NOON)
  let state: State | undefined
  const open = (): State => {
    if (state === undefined) throw new Error('the state is open inside tests only')
    return state
  }
  beforeAll(async () => {
    state = await openState({ path: ':memory:', clock })
  })
  beforeEach(async () => {
    clock.set(NOON)
    await emptyState(open())
  })
  afterAll(() => state?.close())
  return { clock, state: open }
}
