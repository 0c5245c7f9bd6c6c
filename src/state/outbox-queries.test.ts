import { beforeEach, describe, expect, it } from 'vitest'
import { NOON } from '../../test/support/records.ts'
import { stateOfFile } from '../../test/support/state.ts'
import type { Claim, Outbox } from '../pipeline/store.ts'
import { wantDelivery } from './outbox-queries.ts'

const LEASE = 120_000

describe('the outbox', () => {
  const { state, clock } = stateOfFile()
  let outbox: Outbox
  beforeEach(() => {
    outbox = state().outbox
  })
  /** Claims, and returns the hold on A. */
  const hold = async (at = NOON): Promise<Claim> => {
    const [delivery] = await outbox.claim(at, LEASE, 10)
    if (delivery === undefined) throw new Error('nothing was due')
    return delivery
  }
  const claimed = async (at: number, limit = 10): Promise<string[]> =>
    (await outbox.claim(at, LEASE, limit)).map((delivery) => delivery.incident)

  it('hands a wish to one worker, and to nobody else while its lease runs', async () => {
    await outbox.want('A')
    expect(await outbox.claim(NOON, LEASE, 10)).toEqual([
      { incident: 'A', claim: 1, attempt: 1, wanted: 1, lineAt: NOON, broadcasts: 0 },
    ])
    expect(await claimed(NOON + LEASE - 1)).toEqual([])
    expect(await outbox.claim(NOON + LEASE, LEASE, 10)).toMatchObject([{ incident: 'A', attempt: 2 }])
  })

  it('folds wishes for one incident into one delivery', async () => {
    for (let i = 0; i < 5; i++) await outbox.want('A')
    expect(await outbox.claim(NOON, LEASE, 10)).toMatchObject([{ incident: 'A', wanted: 5 }])
  })

  it('is empty for what was shown, and due again for a wish that came meanwhile', async () => {
    await outbox.want('A')
    const first = await hold()
    await outbox.want('A')
    await outbox.settle(first, 1, NOON + 500)
    expect(await claimed(NOON + 499)).toEqual([])
    const second = await hold(NOON + 500)
    expect(second).toMatchObject({ incident: 'A', wanted: 2, attempt: 1, claim: 2 })
    await outbox.settle(second, 2, NOON + 1_000)
    expect(await claimed(NOON + 10 * LEASE)).toEqual([])
  })

  it('hands out the oldest wish first, also when the clock steps back between two wishes', async () => {
    await wantDelivery(state().db, 'first', NOON, NOON)
    await wantDelivery(state().db, 'second', NOON, NOON)
    await wantDelivery(state().db, 'third', NOON - 5, NOON)
    // A newer wish does not send an old one to the end of the queue.
    await wantDelivery(state().db, 'first', NOON + 50, NOON)
    const [, second] = await outbox.claim(NOON + 100, LEASE, 2)
    expect(second?.incident).toBe('second')
    expect(await claimed(NOON + 100, 2)).toEqual(['third'])
    await outbox.settle(second as Claim, 1, 0)
    await wantDelivery(state().db, 'second', NOON, NOON)
    await outbox.releaseClaims()
    expect(await claimed(NOON + 100)).toEqual(['first', 'third', 'second'])
  })

  it('postpones after a fault, with its reason, and counts the attempts', async () => {
    await outbox.want('A')
    await outbox.postpone(await hold(), NOON + 1_000, `채널 없음 ${'x'.repeat(1_000)}`)
    expect((await outbox.status(NOON)).lastFault).toMatch(/^채널 없음 x{200,}$/)
    expect(await claimed(NOON + 999)).toEqual([])
    const again = await outbox.claim(NOON + 1_000, LEASE, 10)
    expect(again).toMatchObject([{ attempt: 2 }])
    await outbox.settle(again[0] as Claim, 1, 0)
    expect(await outbox.status(NOON)).not.toHaveProperty('lastFault')
  })

  it('waits as long as it was postponed, also where it is to look for a second message', async () => {
    await outbox.want('A')
    await outbox.sweep('A', NOON + 1_000)
    await outbox.postpone(await hold(), NOON + 60_000, 'Slack asks to wait 60 s')
    expect(await claimed(NOON + 59_999)).toEqual([])
    expect(await claimed(NOON + 60_000)).toEqual(['A'])
  })

  it('names no fault for what only waits', async () => {
    await outbox.want('A')
    await outbox.postpone(await hold(), NOON + 1_000, '')
    expect(await outbox.status(NOON)).not.toHaveProperty('lastFault')
  })

  it('gives back the claims of a process that died', async () => {
    await outbox.want('A')
    await outbox.claim(NOON, LEASE, 10)
    await outbox.releaseClaims()
    expect(await claimed(NOON)).toEqual(['A'])
  })

  it('refuses whoever holds a claim that another has taken over', async () => {
    await outbox.want('A')
    const lost = await hold()
    const held = await hold(NOON + LEASE)
    expect(await outbox.progress(held, { ts: '2' })).toBe(true)
    expect(await outbox.progress(lost, { ts: '1' })).toBe(false)
    await outbox.settle(lost, 1, 0)
    await outbox.postpone(lost, 0, 'too late')
    expect(await outbox.status(NOON)).toMatchObject({ pending: 1 })
    expect(await outbox.status(NOON)).not.toHaveProperty('lastFault')
    expect(await outbox.claim(NOON + 2 * LEASE, LEASE, 10)).toMatchObject([{ ts: '2', attempt: 3 }])
  })

  it('remembers the progress of a delivery step by step', async () => {
    await outbox.want('A')
    const claim = await hold()
    await outbox.progress(claim, { firstAttemptAt: NOON })
    await outbox.progress(claim, { channel: 'C1', ts: '1.2', postedAt: NOON + 5, shown: 'x' })
    await outbox.progress(claim, { threadTs: '1.3', threadShown: 'y' })
    expect(await outbox.progress(claim, { broadcasts: 1 })).toBe(true)
    expect(await outbox.claim(NOON + LEASE, LEASE, 10)).toMatchObject([
      {
        channel: 'C1',
        ts: '1.2',
        threadTs: '1.3',
        shown: 'x',
        threadShown: 'y',
        broadcasts: 1,
        firstAttemptAt: NOON,
        postedAt: NOON + 5,
      },
    ])
  })

  it('tells how many wait, since when, and how long lines took to their message', async () => {
    await wantDelivery(state().db, 'A', NOON, NOON - 300)
    clock.advance(50)
    await outbox.want('B')
    const [claim] = await outbox.claim(NOON, LEASE, 1)
    await outbox.progress(claim as Claim, { channel: 'C', ts: '1', postedAt: NOON + 700 })
    expect(await outbox.status(NOON + 100)).toEqual({
      pending: 2,
      oldestPendingAt: NOON,
      posted: 1,
      lineToMessageMs: [1_000],
    })
    await outbox.settle(claim as Claim, 1, 0)
    expect(await outbox.status(NOON + 100)).toMatchObject({ pending: 1, oldestPendingAt: NOON + 50 })
  })
})
