/** One state for all tests of a file, emptied before each: opening one costs more than most tests do. */
import { sql } from 'kysely'
import { afterAll, beforeAll, beforeEach, inject } from 'vitest'
import { type Clock, createManualClock } from '../../src/platform/clock.ts'
import { openSharedState, openState, type State } from '../../src/state/state.ts'
import { NOON } from './records.ts'

export interface StateOfFile {
  readonly clock: ReturnType<typeof createManualClock>
  /** The open state; call it inside a test. */
  readonly state: () => State
}

export async function emptyState({ db }: State): Promise<void> {
  const tables = await db.introspection.getTables()
  for (const { name } of tables) if (name !== 'migrations') await sql`delete from ${sql.table(name)}`.execute(db)
}

/** In memory; in the project "postgres" of the tests, the same on the server that it started. */
export function openTestState(clock: Clock, worker = 'test'): Promise<State> {
  const url = inject('postgresUrl')
  return url === undefined
    ? openState({ path: ':memory:', clock })
    : openSharedState({ url, pool: 8, statementTimeoutMs: 20_000, connectTimeoutMs: 5_000, clock, worker })
}

declare module 'vitest' {
  interface ProvidedContext {
    postgresUrl: string | undefined
  }
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
    state = await openTestState(clock)
  })
  beforeEach(async () => {
    clock.set(NOON)
    await emptyState(open())
  })
  afterAll(() => state?.close())
  return { clock, state: open }
}
