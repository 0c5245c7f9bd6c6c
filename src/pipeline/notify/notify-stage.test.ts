import { beforeEach, describe, expect, it } from 'vitest'
import { reportOf } from '../../../test/support/incidents.ts'
import { eventOf, NOON, type RecordFacts } from '../../../test/support/records.ts'
import { textsOf } from '../../../test/support/slack-rules.ts'
import { stateOfFile } from '../../../test/support/state.ts'
import { CaliError } from '../../platform/error.ts'
import { silentLogger } from '../../platform/logger.ts'
import { createIncidentPlanner, DEFAULT_INCIDENT_POLICY } from '../group/incident-plan.ts'
import type { Notifier } from './notifier.ts'
import { createNotifyStage, type NotifyDeps } from './notify-stage.ts'
import { createPreviewNotifier } from './preview-notifier.ts'

const EDIT_MS = 1_000
const LEASE = 120_000
const SWEEP_AFTER = 120_000
const QUIET = DEFAULT_INCIDENT_POLICY.quietAfterMs

describe('the notify stage', () => {
  const file = stateOfFile()
  const { clock } = file
  const running = new AbortController().signal
  let preview: ReturnType<typeof createPreviewNotifier>
  let told: { event: string; reason: string }[]
  beforeEach(() => {
    preview = createPreviewNotifier(clock.now)
    told = []
  })

  const apply = async (...facts: RecordFacts[]): Promise<string[]> => {
    const plan = createIncidentPlanner(DEFAULT_INCIDENT_POLICY, clock.now)
    return (await file.state().incidents.apply(facts.map(eventOf), plan)).changes.map((change) => change.incident.id)
  }
  const depsOf = (notifier: Notifier): NotifyDeps => ({
    outbox: file.state().outbox,
    incidents: file.state().incidents,
    notifier,
    reportOf: async () => reportOf(),
    context: { language: 'en', timeZone: 'UTC', interactive: false, analogy: true, mentions: [] },
    clock,
    logger: {
      ...silentLogger,
      debug: () => undefined,
      info: () => undefined,
      warn: () => undefined,
      error: (entry: unknown) => void told.push(entry as { event: string; reason: string }),
    },
    editIntervalMs: EDIT_MS,
    random: () => 0,
  })
  const stageOf = (notifier: Notifier) => createNotifyStage(depsOf(notifier))
  const deliver = (notifier: Notifier = preview): Promise<number> => stageOf(notifier).deliverDue(running)
  const parts = (): string[] => preview.messages.map((message) => message.key.part)
  /** A notifier that fails where `fault` gives an error; `after` fails when the work is done. */
  const failing = (
    fault: (call: string, n: number) => Error | undefined,
    after = false,
  ): Notifier & { calls: string[] } => {
    const calls: string[] = []
    const wrap = async <T>(name: string, work: () => Promise<T>): Promise<T> => {
      calls.push(name)
      const error = fault(name, calls.filter((call) => call === name).length)
      if (error !== undefined && !after) throw error
      const result = await work()
      if (error !== undefined) throw error
      return result
    }
    return {
      ...preview,
      calls,
      post: (message, key, thread) =>
        wrap(`post ${key.incident} ${key.part}`, () => preview.post(message, key, thread)),
      update: (message, at) => wrap('update', () => preview.update(message, at)),
    }
  }
  /** The answer is lost: the call may have had its effect. */
  const lost = (): CaliError => new CaliError('slack_unreachable', 'no answer', { retryable: true, retryAfterMs: 1 })
  const retryable = (): CaliError => new CaliError('slack_rate_limited', 'wait', { retryable: true, retryAfterMs: 1 })

  const chain: RecordFacts[] = [
    { service: 'payment', message: 'pool exhausted', at: NOON, traceId: 't1' },
    { service: 'order', message: 'payment call failed', at: NOON + 900, traceId: 't1' },
  ]

  it('tells of a folded incident in the message of its cause alone', async () => {
    const [cause] = await apply(...chain)
    await deliver()
    expect(preview.messages.map(({ key }) => [key.incident, key.part])).toEqual([
      [cause, 'root'],
      [cause, 'thread'],
    ])
    expect(textsOf(preview.messages[0]?.message.blocks ?? []).join('\n')).toContain(
      'SEV3 order: payment call failed (×1, same request)',
    )
  })

  it('a spike is told once in the channel, with both rates', async () => {
    const [id] = await apply({ message: 'cache is slow', at: NOON })
    await deliver()
    await file
      .state()
      .db.updateTable('incidents')
      .set({
        spikes: 1,
        spiked_at: NOON + 60_000,
        severity_reasons: JSON.stringify([{ key: 'spike', params: { perMinute: 400, usual: 12 } }]),
      })
      .execute()
    await file.state().outbox.want(id as string)
    clock.advance(EDIT_MS)
    await deliver()
    await file.state().outbox.want(id as string)
    clock.advance(EDIT_MS)
    await deliver()
    const told = preview.messages.filter((message) => message.broadcast)
    expect(told).toHaveLength(1)
    expect(textsOf(told[0]?.message.blocks ?? []).join('\n')).toMatch(
      /Far more often than usual: order-service: cache is slow[\s\S]*up to 400 a minute, usually 12 at this hour/,
    )
  })

  it('turns a message that is out already into a pointer when its cause comes late', async () => {
    const [effect] = await apply(chain[1] as RecordFacts)
    await deliver()
    const [cause] = await apply(chain[0] as RecordFacts)
    clock.advance(EDIT_MS)
    await deliver()
    const roots = preview.messages.filter(({ key }) => key.part === 'root')
    expect(roots.map(({ key }) => key.incident)).toEqual([effect, cause])
    expect(textsOf(roots[0]?.message.blocks ?? []).join('\n')).toContain(`told with incident ${cause}: same request`)
  })

  it('posts one root with its thread per incident', async () => {
    const ids = await apply({ message: 'a failed', at: NOON }, { message: '결제 실패', at: NOON + 1 })
    expect(await deliver()).toBe(2)
    expect(
      preview.messages.map(({ key, under, broadcast }) => [key.incident, key.part, under !== undefined, broadcast]),
    ).toEqual(
      ids.flatMap((id) => [
        [id, 'root', false, false],
        [id, 'thread', true, false],
      ]),
    )
    expect(await deliver()).toBe(0)
  })

  it('folds what happens within the edit interval into one edit of the same message', async () => {
    await apply({ at: NOON })
    await deliver()
    for (let i = 1; i <= 50; i++) await apply({ at: NOON + i })
    clock.advance(EDIT_MS - 1)
    expect(await deliver()).toBe(0)
    clock.advance(1)
    expect(await deliver()).toBe(1)
    expect(parts()).toEqual(['root', 'thread'])
    expect(preview.messages[0]).toMatchObject({ edits: 1 })
    expect(textsOf(preview.messages[0]?.message.blocks ?? [])[1]).toContain('×51')
  })

  it('edits nothing that reads the same', async () => {
    const [id] = await apply({})
    await deliver()
    await file.state().outbox.want(id ?? '')
    clock.advance(EDIT_MS)
    expect(await deliver()).toBe(1)
    expect(preview.messages.map((message) => message.edits)).toEqual([0, 0])
  })

  it('a mute holds messages back, never counts, and its end delivers', async () => {
    const [id] = await apply({ at: NOON })
    await file.state().incidents.patch(id ?? '', { mutedUntil: NOON + 60_000 }, 'x', NOON)
    await deliver()
    await apply({ at: NOON + 1 })
    clock.set(NOON + 59_999)
    await deliver()
    expect(parts()).toEqual([])
    clock.set(NOON + 60_000)
    await deliver()
    expect(parts()).toEqual(['root', 'thread'])
    expect(textsOf(preview.messages[0]?.message.blocks ?? [])[1]).toContain('×2')
  })

  it('a mute that a person ends early delivers at once', async () => {
    const [id] = await apply({})
    await file.state().incidents.patch(id ?? '', { mutedUntil: NOON + 3_600_000 }, 'x', NOON)
    await deliver()
    await file.state().incidents.patch(id ?? '', { mutedUntil: null }, 'x', NOON)
    await deliver()
    expect(parts()).toEqual(['root', 'thread'])
  })

  it('shows a state that a person set', async () => {
    const [id] = await apply({})
    await deliver()
    clock.advance(12 * 60_000)
    await file.state().incidents.patch(id ?? '', { state: 'resolved', resolvedBy: '지훈' }, '지훈', clock.now())
    await deliver()
    expect(
      textsOf(preview.messages[0]?.message.blocks ?? [])
        .slice(0, 2)
        .join('\n'),
    ).toMatch(/^✅.*\nresolved · 12 min · 지훈/)
  })

  it('says a regression in the channel once, and once more for the next', async () => {
    await apply({ at: NOON })
    await deliver()
    for (const n of [1, 2]) {
      clock.advance(2 * QUIET)
      await apply({ at: clock.now() })
      await deliver()
      clock.advance(EDIT_MS)
      await apply({ at: clock.now() })
      await deliver()
      expect(preview.messages.filter((message) => message.broadcast).map((message) => message.key.part)).toEqual(
        ['regression-1', 'regression-2'].slice(0, n),
      )
    }
    expect(parts().filter((part) => part === 'root')).toHaveLength(1)
  })

  it('says no regression that is over before its first message goes out', async () => {
    await apply({ at: NOON }, { at: NOON + 2 * QUIET })
    await deliver()
    expect(parts()).toEqual(['root', 'thread'])
  })

  it('tries a fault that may pass again in place, so that the order of messages holds', async () => {
    const ids = await apply({ message: 'a failed', at: NOON }, { message: 'b failed', at: NOON + 1 })
    const notifier = failing((call, n) => (call.endsWith('root') && n <= 2 ? retryable() : undefined))
    expect(await deliver(notifier)).toBe(2)
    expect(notifier.calls).toEqual(
      ids.flatMap((id) => [...Array.from({ length: 3 }, () => `post ${id} root`), `post ${id} thread`]),
    )
    expect(parts()).toEqual(['root', 'thread', 'root', 'thread'])
    expect(told).toEqual([])
  })

  it('every second call may fail: nothing is lost and nothing said twice', async () => {
    await apply(...Array.from({ length: 10 }, (_, i) => ({ message: `kind${'abcdefghij'[i]} failed`, at: NOON + i })))
    let n = 0
    const notifier = failing(() => (n++ % 2 === 0 ? lost() : undefined), true)
    expect(await deliver(notifier)).toBe(10)
    const keys = preview.messages.map(({ key }) => `${key.incident} ${key.part}`)
    expect(keys).toHaveLength(20)
    expect(new Set(keys).size).toBe(20)
  })

  it('postpones after a fault that a person must mend, goes on with the others, and says so', async () => {
    const [id] = await apply({ message: 'a failed', at: NOON }, { message: 'b failed', at: NOON + 1 })
    const refused = new CaliError('slack_channel_not_found', 'there is no such channel')
    await deliver(failing((call) => (call === `post ${id} root` ? refused : undefined)))
    expect(parts()).toEqual(['root', 'thread'])
    expect(told).toMatchObject([{ event: 'delivery_failed', incident: id, reason: 'there is no such channel' }])
    expect((await file.state().outbox.status(clock.now() + 60_000)).lastFault).toBe('there is no such channel')
    clock.advance(60_000)
    await deliver()
    expect(parts()).toEqual(['root', 'thread', 'root', 'thread'])
  })

  it('gives up in place after some attempts and lets the row wait', async () => {
    await apply({})
    const notifier = failing(() => retryable())
    await deliver(notifier)
    expect(notifier.calls).toHaveLength(6)
    clock.advance(1)
    await deliver()
    expect(parts()).toEqual(['root', 'thread'])
  })

  it('waits outside the claim when it is asked to wait for long', async () => {
    await apply({ message: 'a failed', at: NOON }, { message: 'b failed', at: NOON + 1 })
    const notifier = failing(
      () => new CaliError('slack_rate_limited', 'wait', { retryable: true, retryAfterMs: 600_000 }),
    )
    await deliver(notifier)
    expect(notifier.calls).toHaveLength(2)
    clock.advance(599_999)
    expect(await deliver()).toBe(0)
    clock.advance(1)
    expect(await deliver()).toBe(2)
  })

  it.each(['root', 'thread', 'regression-1'])(
    'finds its %s again when the answer to the post was lost',
    async (part) => {
      await apply({ at: NOON })
      if (part === 'regression-1') {
        await deliver()
        clock.advance(2 * QUIET)
        await apply({ at: clock.now() })
      }
      await deliver(failing((call, n) => (call.endsWith(part) && n === 1 ? lost() : undefined), true))
      expect(parts().filter((posted) => posted === part)).toHaveLength(1)
      expect(await deliver()).toBe(0)
    },
  )

  it('a process that died between post and save finds its message, edits it and goes on', async () => {
    await apply({ at: NOON })
    // Dead: nothing it does after the post reaches the database.
    const posted = Promise.withResolvers<void>()
    const never = new Promise<never>(() => undefined)
    const killed: Notifier = {
      ...preview,
      post: async (...args) => {
        await preview.post(...args)
        posted.resolve()
        return never
      },
    }
    void stageOf(killed).deliverDue(running)
    await posted.promise
    await file.state().outbox.releaseClaims()
    await apply({ at: NOON + 1 })
    await deliver()
    expect(parts()).toEqual(['root', 'thread'])
    expect(textsOf(preview.messages[0]?.message.blocks ?? [])[1]).toContain('×2')
  })

  it('of two senders that both post, one of them frozen over the end of its claim, one message is left', async () => {
    await apply({ at: NOON })
    const frozen = Promise.withResolvers<void>()
    const reached = Promise.withResolvers<void>()
    const slow = stageOf({
      ...preview,
      post: async (...message) => {
        reached.resolve()
        await frozen.promise
        return preview.post(...message)
      },
    })
    const first = slow.deliverDue(running)
    await reached.promise
    clock.advance(LEASE)
    await deliver()
    expect(parts()).toEqual(['root', 'thread'])
    const [kept] = preview.messages
    frozen.resolve()
    await first
    expect(parts()).toEqual(['root', 'thread', 'root'])
    // Not before a post that was under way has surely ended.
    expect(await deliver()).toBe(0)
    clock.advance(SWEEP_AFTER)
    expect(await deliver()).toBe(1)
    expect(parts()).toEqual(['root', 'thread'])
    expect(preview.messages[0]?.address).toEqual(kept?.address)
    expect(await deliver()).toBe(0)
  })

  it('keeps the earliest of two messages, whichever it had noted', async () => {
    await apply({ at: NOON })
    await deliver()
    const [noted] = preview.messages
    const incident = noted?.key.incident ?? ''
    // Another sender was faster, and nobody has noted it.
    const earlier = { channel: 'preview', ts: '1.000001' }
    const others = [earlier, noted?.address as typeof earlier]
    const removed: string[] = []
    await file.state().outbox.sweep(incident, clock.now())
    clock.advance(EDIT_MS)
    await deliver({
      ...preview,
      find: async () => others,
      remove: async (at) => void removed.push(at.ts),
    })
    expect(removed).toEqual([noted?.address.ts])
    clock.advance(EDIT_MS)
    await apply({ at: NOON + 1 })
    const edited: string[] = []
    await deliver({ ...preview, update: async (_message, at) => void edited.push(at.ts) })
    expect(edited).toContain(earlier.ts)
  })

  it('looks for no earlier message when Slack only asked to wait: such a call had no effect', async () => {
    await apply({})
    let looked = 0
    const notifier = failing((call, n) => (call.endsWith('root') && n === 1 ? retryable() : undefined))
    await deliver({
      ...notifier,
      find: async () => {
        looked++
        return []
      },
    })
    expect(parts()).toEqual(['root', 'thread'])
    expect(looked).toBe(0)
  })

  it('gives back what it has not begun when it is stopped', async () => {
    await apply({ message: 'a failed' }, { message: 'b failed' })
    const stop = new AbortController()
    const stage = stageOf({
      ...preview,
      post: (...args) => {
        stop.abort()
        return preview.post(...args)
      },
    })
    expect(await stage.deliverDue(stop.signal)).toBe(1)
    expect(await deliver()).toBe(1)
    expect(parts()).toEqual(['root', 'thread', 'root', 'thread'])
  })

  it('settles a wish for an incident that is gone', async () => {
    await file.state().outbox.want('GONE')
    expect(await deliver()).toBe(1)
    expect(await deliver()).toBe(0)
    expect(parts()).toEqual([])
  })

  it('posts roots only where messages have no threads, and nothing twice', async () => {
    await apply({ at: NOON })
    await deliver({ ...preview, edits: false, update: async () => undefined })
    await apply({ at: NOON + 1 })
    clock.advance(EDIT_MS)
    await deliver({ ...preview, edits: false, update: async () => undefined })
    expect(parts()).toEqual(['root'])
  })

  it('runs until it is stopped, and delivers as soon as it is woken', async () => {
    const stop = new AbortController()
    const posted = Promise.withResolvers<void>()
    const stage = stageOf({
      ...preview,
      post: async (message, key, thread) => {
        if (key.part === 'thread') posted.resolve()
        return preview.post(message, key, thread)
      },
    })
    const run = stage.run(stop.signal)
    await apply({})
    stage.wake()
    await posted.promise
    stop.abort()
    await run
    expect(parts()).toEqual(['root', 'thread'])
  })
})
