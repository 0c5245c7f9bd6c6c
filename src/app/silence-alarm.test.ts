import { beforeEach, describe, expect, it } from 'vitest'
import { ownAlarmOf } from '../../test/support/own-alarm.ts'
import { NOON } from '../../test/support/records.ts'
import { stateOfFile } from '../../test/support/state.ts'
import type { Silence } from '../pipeline/group/silence.ts'
import { createSilenceAlarm } from './silence-alarm.ts'

const MINUTE = 60_000

describe('the silence alarm', () => {
  const { state, clock } = stateOfFile()
  let now: { silent: Silence[]; back: Silence[] }
  let look: () => Promise<number>
  let worker: () => () => Promise<number>
  const order: Silence = { kind: 'service', name: 'order-service', since: NOON - 10 * MINUTE, usualPerMinute: 12 }
  beforeEach(() => {
    now = { silent: [], back: [] }
    worker = () =>
      createSilenceAlarm({
        watch: {
          observe: () => undefined,
          check: () => now,
          missing: () => [],
          heard: () => [],
          note: () => undefined,
        },
        heard: state().heard,
        alarm: ownAlarmOf({ state, clock }),
        language: 'ko',
        now: clock.now,
      })
    look = worker()
  })
  const shown = async () =>
    (await state().incidents.list({})).map(({ service, title, state, count }) => [service, title, state, count])

  it('opens one incident that says what is missing, and keeps it open while it lasts', async () => {
    now.silent = [order]
    await look()
    await look()
    clock.advance(10 * MINUTE)
    await look()
    expect(await shown()).toEqual([
      ['order-service', '로그가 끊겼습니다: <num> 오지 않습니다 (평소 분당 <num>)', 'open', 2],
    ])
  })

  it('resolves it when the service logs again, and a second silence is the same incident come back', async () => {
    now.silent = [order]
    await look()
    now = { silent: [], back: [order] }
    clock.advance(MINUTE)
    await look()
    expect((await shown())[0]?.[2]).toBe('resolved')
    // One line came, and was its last: CALI noted it a moment later.
    now = { silent: [{ ...order, since: clock.now() - 1_000 }], back: [] }
    clock.advance(30 * MINUTE)
    await look()
    expect((await shown()).map((row) => [row[2], row[3]])).toEqual([['regressed', 2]])
  })

  it('leaves alone, in another worker too, what a person has resolved, and resolves what another has raised', async () => {
    now.silent = [order]
    const other = worker()
    await look()
    // The same silence in the same ten minutes: it counts once.
    await other()
    const [incident] = await state().incidents.list({})
    await state().incidents.patch(incident?.id ?? '', { state: 'resolved', resolvedBy: '지훈' }, '지훈', clock.now())
    clock.advance(20 * MINUTE)
    expect(await other()).toBe(0)
    expect((await shown()).map((row) => [row[2], row[3]])).toEqual([['resolved', 1]])
    now = { silent: [{ ...order, since: clock.now() }], back: [] }
    clock.advance(MINUTE)
    await look()
    now = { silent: [], back: [order] }
    // The worker that raised it has ended since.
    await worker()()
    expect((await shown()).map((row) => [row[2], row[3]])).toEqual([['resolved', 2]])
  })

  it('leaves alone what a person has resolved', async () => {
    now.silent = [order]
    await look()
    const [incident] = await state().incidents.list({})
    await state().incidents.patch(incident?.id ?? '', { state: 'resolved', resolvedBy: '지훈' }, '지훈', clock.now())
    clock.advance(20 * MINUTE)
    expect(await look()).toBe(0)
    expect((await shown())[0]?.[2]).toBe('resolved')
  })
})
