import { describe, expect, test } from 'vitest'
import { eventsOf, type RecordFacts } from '../../test/support/records.ts'
import { checkMessage, textsOf } from '../../test/support/slack-rules.ts'
import { stateOfFile } from '../../test/support/state.ts'
import { weeklyMessage } from '../cli/report-text.ts'
import { createIncidentPlanner, DEFAULT_INCIDENT_POLICY } from '../pipeline/group/incident-plan.ts'
import type { Incident } from '../pipeline/incident.ts'
import type { Message } from '../pipeline/notify/message.ts'
import type { Notifier } from '../pipeline/notify/notifier.ts'
import { createPreviewNotifier } from '../pipeline/notify/preview-notifier.ts'
import { PROBE_SERVICE } from '../pipeline/probe.ts'
import { CaliError } from '../platform/error.ts'
import { lastWholeWeek, parseWeek, type Week } from './iso-week.ts'
import { figuresOf, readWeeklyReport } from './weekly-report.ts'
import { sendWeekly } from './weekly-send.ts'

const HOUR = 3_600_000
const MINUTE = 60_000

describe('weeks', () => {
  test('a week begins on Monday at midnight of its zone and is seven days long', () => {
    const week = parseWeek('2026-W04', 'Asia/Seoul')
    expect(week).toEqual({
      name: '2026-W04',
      from: Date.parse('2026-01-19T00:00+09:00'),
      to: Date.parse('2026-01-26T00:00+09:00'),
    })
  })

  test('the week in which the clocks change has an hour more or less', () => {
    const hours = (text: string) => {
      const { from, to } = parseWeek(text, 'Europe/Berlin')
      return (to - from) / HOUR
    }
    expect([hours('2026-W12'), hours('2026-W13'), hours('2026-W43')]).toEqual([168, 167, 169])
  })

  test('years begin and end with whole weeks', () => {
    expect(parseWeek('2026-W01', 'UTC').from).toBe(Date.parse('2025-12-29T00:00Z'))
    expect(parseWeek('2026-W53', 'UTC').from).toBe(Date.parse('2026-12-28T00:00Z'))
    expect(lastWholeWeek(Date.parse('2027-01-04T00:00Z'), 'UTC').name).toBe('2026-W53')
    expect(lastWholeWeek(Date.parse('2026-01-04T23:59Z'), 'UTC').name).toBe('2025-W52')
  })

  test('the last whole week is that of the zone: on Monday morning in Seoul it is still Sunday in UTC', () => {
    const now = Date.parse('2026-01-26T08:00+09:00')
    expect(lastWholeWeek(now, 'Asia/Seoul').name).toBe('2026-W04')
    expect(lastWholeWeek(now, 'UTC').name).toBe('2026-W03')
  })

  test.each(['2026-5', '2026-W54', '2025-W53', '2026-W00', 'last'])('%s is refused with what is accepted', (text) => {
    expect(() => parseWeek(text, 'UTC')).toThrow(`--week is "${text}": an ISO week such as 2026-W04 is accepted`)
  })
})

test('mean and median of times; of none there are none', () => {
  expect(figuresOf([])).toBeUndefined()
  expect(figuresOf([60, 10, 20])).toEqual({ count: 3, meanMs: 30, medianMs: 20 })
  expect(figuresOf([10, 40, 20, 30])).toEqual({ count: 4, meanMs: 25, medianMs: 25 })
})

describe('the report of a state', () => {
  const file = stateOfFile()
  const WEEK = parseWeek('2026-W04', 'UTC')
  const TUESDAY = WEEK.from + 36 * HOUR

  /** Errors that arrive at their own time. */
  async function errors(at: number, facts: readonly RecordFacts[]): Promise<Incident> {
    file.clock.set(at)
    const plan = createIncidentPlanner(DEFAULT_INCIDENT_POLICY, () => file.clock.now())
    const { changes } = await file.state().incidents.apply(eventsOf(facts.map((one) => ({ at, ...one }))), plan)
    return changes[0]?.incident as Incident
  }
  const times = (n: number, facts: RecordFacts): RecordFacts[] => Array.from({ length: n }, () => facts)
  const read = (week: Week = WEEK, now = WEEK.to + HOUR) => readWeeklyReport(file.state().db, week, now)
  const posted = (incident: string, at: number, channel = 'C1') =>
    file
      .state()
      .db.insertInto('notifications')
      .values({
        incident_id: incident,
        channel,
        ts: '1',
        thread_ts: null,
        shown: null,
        thread_shown: null,
        broadcasts: 0,
        first_attempt_at: at,
        posted_at: at,
      })
      .execute()

  test('an empty state is a quiet week', async () => {
    expect(await read()).toMatchObject({
      events: 0,
      messages: 0,
      opened: 0,
      resolved: 0,
      loudest: [],
      services: [],
      causes: [],
      open: { count: 0, neverAcknowledged: 0, worst: [] },
      silences: 0,
      storms: { count: 0, incidents: 0 },
    })
    expect(await read()).not.toHaveProperty('timeToAcknowledge')
  })

  test('events and messages of the week are counted, and nothing of the weeks around it', async () => {
    const before = await errors(WEEK.from - 1, times(5, { service: 'order-service', message: 'stock is empty' }))
    await errors(WEEK.from, times(3, { service: 'order-service', message: 'stock is empty' }))
    const loud = await errors(TUESDAY, times(20, { service: 'payment-service', message: 'card was declined by bank' }))
    await errors(WEEK.to, times(7, { service: 'payment-service', message: 'card was declined by bank' }))
    await posted(before.id, WEEK.from - 1)
    await posted(loud.id, TUESDAY + 1_000)
    const report = await read()
    expect(report).toMatchObject({ events: 23, messages: 1, previewed: 0, opened: 1 })
    expect(report.loudest.map((one) => [one.service, one.events])).toEqual([
      ['payment-service', 20],
      ['order-service', 3],
    ])
    expect(report.services).toEqual([{ service: 'payment-service', opened: 1, events: 20 }])
    expect(report.open).toMatchObject({ count: 2, neverAcknowledged: 2 })
  })

  test('the five loudest come first, and messages that only the preview showed are told apart', async () => {
    const kinds = [
      'disk is full',
      'queue overflows',
      'token expired',
      'cache refused',
      'schema differs',
      'mail bounced',
    ]
    for (const [i, message] of kinds.entries()) {
      const incident = await errors(TUESDAY + i * 5 * MINUTE, times(i + 1, { service: `service-${i}`, message }))
      await posted(incident.id, TUESDAY + i * 5 * MINUTE, 'preview')
    }
    const report = await read()
    expect(report.loudest.map((one) => one.events)).toEqual([6, 5, 4, 3, 2])
    expect(report).toMatchObject({ opened: 6, messages: 6, previewed: 6 })
  })

  test('times count to the first acknowledgement and resolution, as the audit has them', async () => {
    const [a, b, c] = [
      await errors(TUESDAY, [{ service: 'a-service', message: 'disk is full' }]),
      await errors(TUESDAY + HOUR, [{ service: 'b-service', message: 'token expired' }]),
      await errors(WEEK.from - HOUR, [{ service: 'c-service', message: 'queue overflows' }]),
    ]
    const { incidents } = file.state()
    const acknowledge = (id: string, at: number) =>
      incidents.patch(id, { state: 'acknowledged', acknowledgedBy: 'jihun' }, 'jihun', at)
    const resolve = (id: string, at: number) =>
      incidents.patch(id, { state: 'resolved', resolvedBy: 'jihun' }, 'jihun', at)
    await acknowledge(a.id, TUESDAY + 10 * MINUTE)
    await acknowledge(a.id, TUESDAY + 50 * MINUTE)
    await acknowledge(b.id, TUESDAY + HOUR + 30 * MINUTE)
    await resolve(a.id, TUESDAY + 90 * MINUTE)
    // Resolved before the week, and again in it: resolved, but its first time is not of this week.
    await resolve(c.id, WEEK.from - 30 * MINUTE)
    await resolve(c.id, WEEK.from + HOUR)
    const report = await read()
    expect(report.timeToAcknowledge).toEqual({ count: 2, meanMs: 20 * MINUTE, medianMs: 20 * MINUTE })
    expect(report.timeToResolve).toEqual({ count: 1, meanMs: 90 * MINUTE, medianMs: 90 * MINUTE })
    expect(report.resolved).toBe(2)
    expect(report.open).toMatchObject({ count: 1, neverAcknowledged: 0 })
  })

  test('what fell quiet in the week and what came back in it are told', async () => {
    await errors(WEEK.from - HOUR, [{ service: 'a-service', message: 'disk is full' }])
    await file.state().incidents.quiet(WEEK.from, WEEK.from + MINUTE)
    expect(await read()).toMatchObject({ quiet: 1, cameBack: 0 })
    await errors(TUESDAY, [{ service: 'a-service', message: 'disk is full' }])
    expect(await read()).toMatchObject({ quiet: 0, cameBack: 1, events: 1, opened: 0 })
  })

  test('an incident that was merged is counted where it went', async () => {
    const a = await errors(TUESDAY, times(3, { service: 'a-service', message: 'disk is full' }))
    const b = await errors(TUESDAY + HOUR, times(4, { service: 'b-service', message: 'token expired' }))
    await file.state().grouping.merge(a.id, [b.id], 'jihun', TUESDAY + 2 * HOUR)
    const report = await read()
    expect(report).toMatchObject({ events: 7, opened: 1 })
    expect(report.loudest).toEqual([expect.objectContaining({ id: a.id, events: 7 })])
  })

  test('causes are those of the best report of each incident that speaks for itself', async () => {
    const [a, b] = [
      await errors(TUESDAY, [{ service: 'a-service', message: 'disk is full' }]),
      await errors(TUESDAY + HOUR, [{ service: 'b-service', message: 'token expired' }]),
    ]
    const save = (incident_id: string, source: string, language: string, category?: string) =>
      file
        .state()
        .db.insertInto('reports')
        .values({
          incident_id,
          source,
          language,
          written_at: TUESDAY,
          report: JSON.stringify({ hypotheses: category === undefined ? [] : [{ category }] }),
        })
        .execute()
    await save(a.id, 'rules', 'ko', 'unknown')
    await save(a.id, 'model', 'ko', 'resource_exhaustion')
    await save(a.id, 'rules', 'en', 'unknown')
    await save(b.id, 'rules', 'ko', 'resource_exhaustion')
    expect((await read()).causes).toEqual([{ cause: 'resource_exhaustion', incidents: 2 }])
  })

  test('a silence is counted as one and not as errors, and a sender cannot pass for it', async () => {
    const record = { service: 'a-service', message: 'Fell silent: no log for 10 minutes' }
    const real = eventsOf([{ at: TUESDAY, id: 'silence/service/a-service/1', ...record }])
    const faked = eventsOf([{ at: TUESDAY, id: 'silence/service/b-service/1', service: 'b-service', message: 'boom' }])
    const own = real.map((event) => ({
      ...event,
      record: { ...event.record, position: { ...event.record.position, stream: 'cali', shard: 'silence' } },
    }))
    file.clock.set(TUESDAY)
    const plan = createIncidentPlanner(DEFAULT_INCIDENT_POLICY, () => file.clock.now())
    for (const events of [own, faked]) await file.state().incidents.apply(events, plan)
    expect(await read()).toMatchObject({ silences: 1, events: 1, opened: 1 })
  })

  test('the synthetic error of a probe is no part of it', async () => {
    const probe = await errors(TUESDAY, times(3, { service: PROBE_SERVICE, message: 'synthetic error' }))
    await file.state().incidents.patch(probe.id, { state: 'resolved', resolvedBy: 'j' }, 'j', TUESDAY + MINUTE)
    expect(await read()).toMatchObject({ events: 0, opened: 0, resolved: 0, loudest: [], open: { count: 0 } })
  })

  test('quarantine, feedback, model and storms are of the week, the books of all time', async () => {
    const { db } = file.state()
    const first = await errors(TUESDAY, [{ service: 'a-service', message: 'disk is full' }])
    const other = await errors(TUESDAY + HOUR, [{ service: 'b-service', message: 'token expired' }])
    await db
      .updateTable('incidents')
      .set({ folded_under: first.id, fold_reason: 'storm' })
      .where('id', '=', other.id)
      .execute()
    const entry = { detail: '', position: '', preview: '', object_key: 'k', bytes: 1, reason: 'not_a_record' }
    await db
      .insertInto('quarantine')
      .values([
        { ...entry, id: 'x1', at: TUESDAY },
        { ...entry, id: 'x2', at: WEEK.to },
      ])
      .execute()
    await db
      .insertInto('model_usage')
      .values([
        { at: TUESDAY, model: 'm', input_tokens: 1_000, output_tokens: 200, outcome: 'used' },
        { at: WEEK.from - 1, model: 'm', input_tokens: 9, output_tokens: 9, outcome: 'used' },
      ])
      .execute()
    await file.state().feedback.add({ incident: first.id, hypothesis: 'H1', verdict: 'wrong', actor: 'j', at: TUESDAY })
    await db
      .insertInto('ledger')
      .values([
        { stage: 'decode', outcome: 'received', reason: '', count: 100 },
        { stage: 'decode', outcome: 'kept', reason: '', count: 98 },
        { stage: 'decode', outcome: 'rejected', reason: 'not_a_record', count: 2 },
        { stage: 'filter', outcome: 'received', reason: '', count: 98 },
        { stage: 'filter', outcome: 'kept', reason: '', count: 8 },
        { stage: 'filter', outcome: 'dropped', reason: 'default', count: 90 },
      ])
      .execute()
    expect(await read()).toMatchObject({
      folded: 1,
      storms: { count: 1, incidents: 1 },
      quarantined: { not_a_record: 1 },
      model: { calls: 1, inputTokens: 1_000, outputTokens: 200 },
      feedback: { helpful: 0, wrong: 1 },
      ledger: { received: 100, kept: 8, dropped: 90, rejected: 2 },
    })
  })

  test.each(['en', 'ko'] as const)(
    'the message in %s holds nothing that Slack would read, whatever titles say',
    async (language) => {
      const hostile = '<!channel> <https://evil.example|click> *bold* @here & \u202egnp.exe \u001b[31m'
      for (let i = 0; i < 6; i++)
        await errors(TUESDAY + i * 5 * MINUTE, [
          { service: `<!here> service-${i}`, message: `${hostile} ${'abcdef'[i]} ${'x'.repeat(3_000)}` },
        ])
      const message = weeklyMessage(await read(), { language, timeZone: 'UTC' })
      expect(checkMessage(message)).toEqual([])
      expect(textsOf(message.blocks).join('\n')).toContain('<!channel>')
    },
  )

  describe('sending', () => {
    const message: Message = { text: 'report', blocks: [] }
    const post = (notifier: Notifier, now = WEEK.to, run = 'a') =>
      sendWeekly(file.state().db, { notifier, message, week: WEEK, run, now })
    const failing = (error: () => Error, effect: boolean) => {
      const inner = createPreviewNotifier(() => WEEK.to)
      let calls = 0
      return {
        ...inner,
        post: async (...args: Parameters<Notifier['post']>) => {
          calls++
          if (calls > 1) return inner.post(...args)
          if (effect) await inner.post(...args)
          throw error()
        },
      }
    }
    const unreachable = () => new CaliError('slack_unreachable', 'Slack cannot be reached', { retryable: true })

    test('a week is sent once, however often it is asked for; another week is another', async () => {
      const notifier = createPreviewNotifier(() => WEEK.to)
      expect(await post(notifier)).toMatchObject({ outcome: 'sent', channel: 'preview', at: WEEK.to })
      expect(await post(notifier, WEEK.to + HOUR)).toMatchObject({ outcome: 'already', at: WEEK.to })
      const next = { notifier, message, week: parseWeek('2026-W05', 'UTC'), run: 'b', now: WEEK.to + HOUR }
      expect(await sendWeekly(file.state().db, next)).toMatchObject({ outcome: 'sent' })
      expect(notifier.messages).toHaveLength(2)
    })

    test('of two that run at once one sends, and the other says so', async () => {
      const inner = createPreviewNotifier(() => WEEK.to)
      const begun = Promise.withResolvers<void>()
      const answer = Promise.withResolvers<void>()
      const slow: Notifier = {
        ...inner,
        post: async (...args) => {
          begun.resolve()
          await answer.promise
          return inner.post(...args)
        },
      }
      const first = post(slow, WEEK.to, 'a')
      await begun.promise
      await expect(post(inner, WEEK.to, 'b')).rejects.toThrow('another run is sending the report of 2026-W04')
      answer.resolve()
      expect(await first).toMatchObject({ outcome: 'sent' })
      expect(inner.messages).toHaveLength(1)
    })

    test('after a refusal the week is free again', async () => {
      const notifier = failing(() => new CaliError('slack_channel_not_found', 'no such channel'), false)
      await expect(post(notifier)).rejects.toThrow('no such channel')
      expect(await post(notifier)).toMatchObject({ outcome: 'sent' })
      expect(notifier.messages).toHaveLength(1)
    })

    test.each([
      [true, 'found'],
      [false, 'sent'],
    ])('when the answer was lost the next run looks first (it had an effect: %s)', async (effect, outcome) => {
      const notifier = failing(unreachable, effect)
      await expect(post(notifier)).rejects.toThrow('cannot be reached')
      expect(await post(notifier, WEEK.to + MINUTE)).toMatchObject({ outcome })
      expect(notifier.messages).toHaveLength(1)
      expect(await post(notifier, WEEK.to + HOUR)).toMatchObject({ outcome: 'already' })
    })

    test('a run that ended in the middle holds the week for three minutes, then the next one looks and takes it', async () => {
      const notifier = createPreviewNotifier(() => WEEK.to)
      const mark = { state: 'sending', at: WEEK.to, since: WEEK.to, channel: '', run: 'dead' }
      const key = 'report.weekly.2026-W04'
      await file
        .state()
        .db.insertInto('settings')
        .values({ key, value: JSON.stringify(mark) })
        .execute()
      await expect(post(notifier, WEEK.to + 2 * MINUTE)).rejects.toThrow(
        'another run is sending the report of 2026-W04',
      )
      await notifier.post(message, { incident: 'weekly-2026-W04', part: 'weekly' })
      expect(await post(notifier, WEEK.to + 4 * MINUTE)).toMatchObject({ outcome: 'found' })
      expect(notifier.messages).toHaveLength(1)
    })

    test('a rate limit is waited for', async () => {
      const wait = () =>
        new CaliError('slack_rate_limited', 'Slack asks to wait 0 s', { retryable: true, retryAfterMs: 0 })
      const notifier = failing(wait, false)
      expect(await post(notifier)).toMatchObject({ outcome: 'sent' })
      expect(notifier.messages).toHaveLength(1)
    })
  })
})
