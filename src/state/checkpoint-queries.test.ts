import { sql } from 'kysely'
import { describe, expect, it } from 'vitest'
import { stateOfFile } from '../../test/support/state.ts'
import { emptyLedger, type LedgerTally } from '../pipeline/outcome.ts'
import { CheckpointMoved } from '../pipeline/store.ts'

const tallyOf = (received: number, kept: number, duplicates = 0): LedgerTally => ({
  ...emptyLedger(),
  group: { received, kept, dropped: duplicates === 0 ? {} : { duplicate: duplicates }, rejected: {} },
})

describe('checkpoints', () => {
  const { state } = stateOfFile()

  it('are kept per stream, life and shard; the last one holds', async () => {
    const { checkpoints } = state()
    const first = '49590338271490256608559692538361571095921575989136588898'
    const second = '49590338271490256608559692538361571095921575989136588899'
    const none = { after: undefined }
    await checkpoints.save('s', { incarnation: '1', shard: 'a', sequence: first, ...none }, emptyLedger())
    await checkpoints.save('s', { incarnation: '1', shard: 'a', sequence: second, after: first }, emptyLedger())
    await checkpoints.save('s', { incarnation: '1', shard: 'b', sequence: '7', ...none }, emptyLedger())
    await checkpoints.save('s', { incarnation: '2', shard: 'a', sequence: '1', ...none }, emptyLedger())
    await checkpoints.save('other', { incarnation: '1', shard: 'a', sequence: '2', ...none }, emptyLedger())
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
    await checkpoints.save('s', { incarnation: '1', shard: 'a', sequence: '1', after: undefined }, tallyOf(5, 4, 1))
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
    await checkpoints.save('s', { incarnation: '1', shard: 'a', sequence: '1', after: undefined }, tallyOf(1, 1))
    await sql`alter table ledger rename to ledger_away`.execute(state().db)
    await expect(
      checkpoints.save('s', { incarnation: '1', shard: 'a', sequence: '2', after: '1' }, tallyOf(1, 1)),
    ).rejects.toThrow('ledger')
    await sql`alter table ledger_away rename to ledger`.execute(state().db)
    expect(await checkpoints.load('s', '1')).toEqual(new Map([['a', '1']]))
    expect(await checkpoints.ledger()).toEqual(tallyOf(1, 1))
  })

  it('are moved only by who knows where they stand', async () => {
    const { checkpoints } = state()
    const at = { incarnation: '1', shard: 'a' }
    await checkpoints.save('s', { ...at, sequence: '5', after: undefined }, tallyOf(5, 5))
    for (const after of [undefined, '4'])
      await expect(checkpoints.save('s', { ...at, sequence: '9', after }, tallyOf(4, 4))).rejects.toThrow(
        CheckpointMoved,
      )
    expect(await checkpoints.load('s', '1')).toEqual(new Map([['a', '5']]))
    expect(await checkpoints.ledger()).toEqual(tallyOf(5, 5))
  })

  it('count once when a move is repeated because its answer was lost', async () => {
    const { checkpoints } = state()
    const at = { incarnation: '1', shard: 'a' }
    for (let i = 0; i < 2; i++) await checkpoints.save('s', { ...at, sequence: '5', after: undefined }, tallyOf(5, 5))
    for (let i = 0; i < 2; i++) await checkpoints.save('s', { ...at, sequence: '7', after: '5' }, tallyOf(2, 2))
    expect(await checkpoints.ledger()).toEqual(tallyOf(7, 7))
  })

  it('let exactly one of many readers go on', async () => {
    const { checkpoints } = state()
    const readers = await Promise.allSettled(
      Array.from({ length: 8 }, (_, i) =>
        checkpoints.save(
          's',
          { incarnation: '1', shard: 'a', sequence: String(10 + i), after: undefined },
          tallyOf(1, 1),
        ),
      ),
    )
    expect(readers.filter((reader) => reader.status === 'fulfilled')).toHaveLength(1)
    expect(await checkpoints.ledger()).toEqual(tallyOf(1, 1))
  })
})
