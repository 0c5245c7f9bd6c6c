import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { configSchema } from '../../src/app/config.ts'
import { lastWholeWeek } from '../../src/app/iso-week.ts'
import { type System, startSystem } from '../../src/app/system.ts'
import { createIncidentPlanner, DEFAULT_INCIDENT_POLICY } from '../../src/pipeline/group/incident-plan.ts'
import { createManualClock } from '../../src/platform/clock.ts'
import { silentLogger } from '../../src/platform/logger.ts'
import { openSharedState } from '../../src/state/state.ts'
import { findPostgres, startPostgres } from '../peers/postgres-server.ts'
import { type FakeSlack, startFakeSlack } from '../support/fake-slack.ts'
import { runCali } from '../support/program.ts'
import { eventsOf } from '../support/records.ts'
import { checkMessage, textsOf } from '../support/slack-rules.ts'
import { temporaryFolder, untilDelivered } from '../support/system.ts'
import { recordsOf } from '../support/traffic.ts'

const MINUTE = 60_000
/** Tuesday of 2026-W04. */
const START = Date.UTC(2026, 0, 20, 11)
const HOSTILE = 'order failed \u001b[31m<!channel> \u202egnp <https://evil.example|here>'

const cleanups: (() => Promise<unknown>)[] = []
let slack: FakeSlack | undefined
let system: System
let dataDir = ''

const line = (at: number, service: string, message: string): string =>
  JSON.stringify({ time: new Date(at).toISOString(), level: 'ERROR', service, message })

/** The program runs while the reports are read: its state is filled by it, by a clock that stands in January. */
beforeAll(async () => {
  const folder = await temporaryFolder()
  dataDir = folder.path
  const clock = createManualClock(START)
  system = await startSystem({
    config: configSchema.parse({ dataDir, lang: 'en', timeZone: 'Asia/Seoul', archive: { enabled: false } }),
    clock,
    logger: silentLogger,
    random: Math.random,
    publicUrl: 'http://127.0.0.1:7070',
  })
  cleanups.push(system.stop, folder.remove)
  const lines = [
    ...Array.from({ length: 40 }, (_, i) => line(START + i * 1_000, 'payment-service', 'card was declined by bank')),
    ...Array.from({ length: 3 }, (_, i) => line(START + i * 1_000, 'order-service', HOSTILE)),
    '{"level":"INFO","service":"order-service","message":"started"}',
  ]
  await system.ingest({ stream: 'http', shard: 'a', records: recordsOf(lines, 10, START) })
  await untilDelivered(system)
  const [loud] = await system.state.incidents.list({ services: ['payment-service'] })
  const patch = { state: 'acknowledged', acknowledgedBy: 'jihun' } as const
  await system.state.incidents.patch(loud?.id ?? '', patch, 'jihun', START + 12 * MINUTE)
})
afterEach(() => slack?.stop())
afterAll(async () => {
  for (const cleanup of cleanups) await cleanup()
})

const weekly = (args: readonly string[], env: Record<string, string> = {}) =>
  runCali(['report', 'weekly', '--data-dir', dataDir, ...args], {
    env: { CALI_LANG: 'en', CALI_TIME_ZONE: 'Asia/Seoul', ...env },
  })

async function withSlack(): Promise<{ slack: FakeSlack; env: Record<string, string> }> {
  slack = await startFakeSlack()
  return {
    slack,
    env: { CALI_SLACK_BOT_TOKEN: 'xoxb-test', CALI_SLACK_API_URL: slack.apiUrl, CALI_SLACK_CHANNEL: 'C0TEST00001' },
  }
}

describe('cali report weekly', () => {
  test('tells a week of the running program, and hostile titles steer no terminal', async () => {
    const run = await weekly(['--week', '2026-W04'])
    expect(run.stderr).toBe('')
    expect(run.code).toBe(0)
    expect(run.stdout).toContain('Week 2026-W04 · 2026-01-19 to 2026-01-25')
    expect(run.stdout).toContain('43 errors became 2 messages · in the preview only, not in Slack')
    expect(run.stdout).toContain('acknowledged after 12 min')
    expect(run.stdout).toContain('2, 1 of them never acknowledged')
    expect(run.stdout).toContain('44 received, 43 kept, 1 dropped, 0 rejected')
    expect(run.stdout).toMatch(/payment-service: card was declined by bank\s+×40/)
    expect(run.stdout).not.toMatch(/[\u001b\u202e]/)
  })

  test('in Korean, and as JSON', async () => {
    const korean = await weekly(['--week', '2026-W04'], { CALI_LANG: 'ko' })
    expect(korean.stdout).toContain('오류 43건이 메시지 2건으로 줄었어요')
    expect(korean.stdout).toContain('확인까지 12분')
    const json = JSON.parse((await weekly(['--week', '2026-W04', '--json'])).stdout)
    expect(json).toMatchObject({
      version: 1,
      timeZone: 'Asia/Seoul',
      week: { name: '2026-W04', from: Date.parse('2026-01-19T00:00+09:00') },
      events: 43,
      messages: 2,
      opened: 2,
      timeToAcknowledge: { count: 1, medianMs: 12 * MINUTE },
    })
    expect(json.loudest.map((one: { events: number }) => one.events)).toEqual([40, 3])
  })

  test('without --week it is the last whole one of the configured zone', async () => {
    const before = lastWholeWeek(Date.now(), 'Asia/Seoul').name
    const json = JSON.parse((await weekly(['--json'])).stdout)
    expect([before, lastWholeWeek(Date.now(), 'Asia/Seoul').name]).toContain(json.week.name)
    expect(json).toMatchObject({ events: 0, opened: 0 })
  })

  test('--send posts once, says so the second time, and both end with 0', async () => {
    const { slack, env } = await withSlack()
    const first = await weekly(['--week', '2026-W04', '--send'], env)
    expect(first.stderr).toBe('')
    expect(first.stdout).toContain('The report of 2026-W04 was sent to C0TEST00001.')
    const second = await weekly(['--week', '2026-W04', '--send', '--json'], env)
    expect([first.code, second.code]).toEqual([0, 0])
    expect(JSON.parse(second.stdout).sent).toMatchObject({ outcome: 'already', channel: 'C0TEST00001' })
    expect(slack.refusals).toEqual([])
    const [message, ...others] = slack.roots()
    expect(others).toEqual([])
    expect(checkMessage(message ?? { text: '', blocks: [] })).toEqual([])
    expect(textsOf(message?.blocks ?? []).join('\n')).toContain('<!channel>')
    expect(message?.text).toContain('43 errors became 2 messages')
  })

  test('an answer that was lost is found by the next run, not posted again', async () => {
    const { slack, env } = await withSlack()
    slack.failWith((n) => (n === 1 ? 'close-after' : 'ok'))
    const first = await weekly(['--week', '2026-W03', '--send'], env)
    expect(first.code).toBe(1)
    expect(first.stderr).toContain('Slack cannot be reached')
    const second = await weekly(['--week', '2026-W03', '--send'], env)
    expect(second.code).toBe(0)
    expect(second.stdout).toContain('an earlier run had sent it')
    expect(slack.roots()).toHaveLength(1)
  })

  test('a refusal of Slack ends with 1 and leaves the week free', async () => {
    const { slack, env } = await withSlack()
    slack.failWith(() => ({ error: 'not_in_channel' }))
    const run = await weekly(['--week', '2026-W02', '--send'], env)
    expect(run.code).toBe(1)
    expect(run.stderr).toContain('the bot is not in the channel')
    slack.failWith(() => 'ok')
    expect((await weekly(['--week', '2026-W02', '--send'], env)).stdout).toContain('was sent to C0TEST00001')
  })

  test('without a token --send says what is missing and ends with 1', async () => {
    const run = await weekly(['--week', '2026-W04', '--send'], { CALI_SLACK_BOT_TOKEN: '' })
    expect(run.code).toBe(1)
    expect(run.stderr).toContain('CALI_SLACK_BOT_TOKEN')
    expect(run.stdout).toBe('')
  })

  test('no week, one to come, and a folder without a state are refused by name', async () => {
    const none = await weekly(['--week', 'W04'])
    expect([none.code, none.stderr]).toEqual([
      2,
      expect.stringContaining('--week is "W04": an ISO week such as 2026-W04'),
    ])
    const later = await weekly(['--week', '2999-W01'])
    expect([later.code, later.stderr]).toEqual([2, expect.stringContaining('it has not begun yet')])
    const empty = await runCali(['report', 'weekly', '--data-dir', `${dataDir}/nothing`])
    expect([empty.code, empty.stderr]).toEqual([1, expect.stringContaining('there is no state yet')])
  })

  const server = findPostgres()
  test.skipIf(server === undefined)(
    server === undefined
      ? 'SKIPPED, PostgreSQL (initdb, postgres) is not installed: the same on PostgreSQL'
      : 'the same on PostgreSQL',
    async () => {
      const postgres = await startPostgres()
      try {
        const clock = createManualClock(START)
        const options = { url: postgres.url, pool: 2, statementTimeoutMs: 20_000, connectTimeoutMs: 5_000 }
        const state = await openSharedState({ ...options, clock, worker: 'test' })
        const plan = createIncidentPlanner(DEFAULT_INCIDENT_POLICY, () => clock.now())
        await state.incidents.apply(
          eventsOf(Array.from({ length: 9 }, () => ({ at: START, message: 'disk is full' }))),
          plan,
        )
        const [incident] = await state.incidents.list({})
        const patch = { state: 'resolved', resolvedBy: 'jihun' } as const
        await state.incidents.patch(incident?.id ?? '', patch, 'jihun', START + 30 * MINUTE)
        await state.close()
        const { slack, env } = await withSlack()
        const args = ['--week', '2026-W04', '--json', '--send']
        const first = await weekly(args, { ...env, CALI_POSTGRES_URL: postgres.url })
        expect(first.stderr).toBe('')
        expect(JSON.parse(first.stdout)).toMatchObject({
          events: 9,
          opened: 1,
          resolved: 1,
          timeToResolve: { count: 1, meanMs: 30 * MINUTE },
          sent: { outcome: 'sent' },
        })
        const second = await weekly(args, { ...env, CALI_POSTGRES_URL: postgres.url })
        expect(JSON.parse(second.stdout).sent.outcome).toBe('already')
        expect(slack.roots()).toHaveLength(1)
      } finally {
        await postgres.stop()
      }
    },
  )
})
