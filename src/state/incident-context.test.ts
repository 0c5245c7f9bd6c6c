import { expect, it } from 'vitest'
import { eventOf, NOON } from '../../test/support/records.ts'
import { stateOfFile } from '../../test/support/state.ts'
import { loadNear } from './incident-context.ts'

const { state } = stateOfFile()

it('looks around a batch of more events than a call takes arguments', async () => {
  const events = new Array(200_000).fill(eventOf({ at: NOON }))
  expect(
    await state()
      .db.transaction()
      .execute((trx) => loadNear(trx, new Map(), events)),
  ).toEqual([])
})
