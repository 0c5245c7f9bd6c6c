import { sql } from 'kysely'
import { describe, expect, it } from 'vitest'
import { stateOfFile } from '../../test/support/state.ts'
import { emptyLedger, type LedgerTally } from '../pipeline/outcome.ts'

const tallyOf = (received: number, kept: number, duplicates = 0): LedgerTally => ({
  ...emptyLedger(),
  group: { received, kept, dropped: duplicates === 0 ? {} : { duplicate: duplicates }, rejected: {} },
})

describe('checkpoints', () => {
  const { state } = stateOfFile()

  it('are kept per stream, life and shard; the last one holds', async () => {
    const { checkpoints } = state()
    await checkpoints.save(
      's',
      { incarnation: '1', shard: 'a', sequence: '49590338271490256608559692538361571095921575989136588898' },
      emptyLedger(),
    )
    await checkpoints.save(
      's',
      { incarnation: '1', shard: 'a', sequence: '49590338271490256608559692538361571095921575989136588899' },
      emptyLedger(),
    )
    await checkpoints.save('s', { incarnation: '1', shard: 'b', sequence: '7' }, emptyLedger())
    await checkpoints.save('s', { incarnation: '2', shard: 'a', sequence: '1' }, emptyLedger())
    await checkpoints.save('other', { incarnation: '1', shard: 'a', sequence: '2' }, emptyLedger())
    expect(await checkpoints.load('s', '1')).toEqual(
      new Map([
        ['a', '49590338271490256608559692538361571095921575989136588899'],
        ['b', '7'],
      ]),
    )
    expect(await checkpoints.load('s', '3')).toEqual(new Map())
  })

  it('add the counts of exactly what they pass to the ledger', async () => {
    const { checkpoints } = state()
    expect(await checkpoints.ledger()).toEqual(emptyLedger())
    await checkpoints.save('s', { incarnation: '1', shard: 'a', sequence: '1' }, tallyOf(5, 4, 1))
    await checkpoints.save('http', undefined, tallyOf(2, 1, 1))
    await checkpoints.save('s', undefined, {
      ...emptyLedger(),
      decode: { received: 3, kept: 1, dropped: { empty: 1 }, rejected: { line_too_large: 1 } },
    })
    expect(await checkpoints.ledger()).toEqual({
      decode: { received: 3, kept: 1, dropped: { empty: 1 }, rejected: { line_too_large: 1 } },
      filter: { received: 0, kept: 0, dropped: {}, rejected: {} },
      group: { received: 7, kept: 5, dropped: { duplicate: 2 }, rejected: {} },
    })
    expect(await checkpoints.load('http', '')).toEqual(new Map())
  })

  it('do not move when their counts cannot be written: both or neither', async () => {
    const { checkpoints } = state()
    await checkpoints.save('s', { incarnation: '1', shard: 'a', sequence: '1' }, tallyOf(1, 1))
    await sql`create trigger refuse before insert on ledger begin select raise(abort, 'no room'); end`.execute(
      state().db,
    )
    await expect(checkpoints.save('s', { incarnation: '1', shard: 'a', sequence: '2' }, tallyOf(1, 1))).rejects.toThrow(
      'no room',
    )
    await sql`drop trigger refuse`.execute(state().db)
    expect(await checkpoints.load('s', '1')).toEqual(new Map([['a', '1']]))
    expect(await checkpoints.ledger()).toEqual(tallyOf(1, 1))
  })
})
