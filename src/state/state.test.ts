import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { NOON } from '../../test/support/records.ts'
import { createManualClock } from '../platform/clock.ts'
import { CaliError } from '../platform/error.ts'
import { migrate } from './database.ts'
import { openState } from './state.ts'

const clock = createManualClock(NOON)

describe('the state on disk', () => {
  let folder = ''
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'cali-state-'))
  })
  afterAll(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }))

  const failure = async (path: string): Promise<CaliError> => {
    const error = await openState({ path, clock }).then(
      async (state) => {
        await state.close()
        return undefined
      },
      (reason: unknown) => reason,
    )
    expect(error).toBeInstanceOf(CaliError)
    return error as CaliError
  }

  it('makes its folder, survives a restart and is migrated once', async () => {
    const path = join(folder, '깊은 폴더', 'deep', 'state.db')
    const first = await openState({ path, clock })
    await first.outbox.want('A')
    const done = await first.db.selectFrom('migrations').selectAll().execute()
    expect(done.map((row) => row.id)).toContain('0001_initial.sql')
    await first.close()
    const second = await openState({ path, clock: createManualClock(NOON + 1) })
    expect(await second.db.selectFrom('migrations').selectAll().execute()).toEqual(done)
    expect(await migrate(second.db, NOON + 2)).toEqual([])
    expect((await second.outbox.status(NOON)).pending).toBe(1)
    await second.close()
  })

  it('is written with a journal that survives a kill', async () => {
    const path = join(folder, 'wal.db')
    const state = await openState({ path, clock })
    const reader = new DatabaseSync(path, { readOnly: true })
    expect(reader.prepare('pragma journal_mode').get()).toEqual({ journal_mode: 'wal' })
    reader.close()
    await state.close()
  })

  it('says what to do when the file is damaged', async () => {
    const path = join(folder, 'damaged.db')
    await writeFile(path, 'this was a database once '.repeat(400))
    const error = await failure(path)
    expect(error.code).toBe('state_damaged')
    expect(error.message).toContain(path)
    expect(error.message).toMatch(/Move it aside/)
  })

  it('says what to do when a file is in the place of its folder', async () => {
    await writeFile(join(folder, 'file'), '')
    const error = await failure(join(folder, 'file', 'state.db'))
    expect(error.code).toBe('state_unwritable')
    expect(error.message).toMatch(/--data-dir/)
  })

  it('says what to do when a folder is in the place of its file', async () => {
    const error = await failure(folder)
    expect(error.code).toBe('state_unwritable')
    expect(error.message).toMatch(/--data-dir/)
  })

  it.skipIf(process.platform === 'win32' || process.getuid?.() === 0)(
    'says what to do when the folder may not be written',
    async () => {
      const closed = join(folder, 'closed')
      await mkdir(closed)
      await chmod(closed, 0o500)
      const error = await failure(join(closed, 'state.db'))
      expect(error.code).toBe('state_unwritable')
      expect(error.message).toMatch(/--data-dir/)
    },
  )

  it('says who must go when another process holds it', async () => {
    const path = join(folder, 'held.db')
    const holder = new DatabaseSync(path)
    holder.exec('begin exclusive')
    await expect(openState({ path, clock, lockWaitMs: 20 })).rejects.toMatchObject({
      code: 'state_locked',
      retryable: true,
      message: expect.stringMatching(/another process holds the database for more than 0.02 s.*--data-dir/),
    })
    holder.exec('rollback')
    holder.close()
    const state = await openState({ path, clock })
    await state.close()
  })
})
