import { afterEach, describe, expect, test } from 'vitest'
import type { System } from '../../src/app/system.ts'
import { type FakeSlack, startFakeSlack } from '../support/fake-slack.ts'
import { startTestSystem, temporaryFolder, until, untilDelivered } from '../support/system.ts'
import { createTraffic, recordsOf } from '../support/traffic.ts'

const EIGHT = [
  'db-pool-exhausted',
  'null-pointer',
  'attribute-error',
  'type-error',
  'auth-failure',
  'disk-full',
  'payment-declined-ko',
  'stock-mismatch-ko',
]
const START = Date.UTC(2026, 0, 20, 11)

const cleanups: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup()
})

async function start(config: Record<string, unknown> = {}): Promise<{ system: System; slack: FakeSlack }> {
  const folder = await temporaryFolder()
  const slack = await startFakeSlack()
  const system = await startTestSystem(folder.path, {
    archive: { enabled: false },
    ...config,
    slack: { botToken: 'xoxb-test', apiUrl: slack.apiUrl, channel: 'C0TEST00001', editInterval: '20ms' },
  })
  cleanups.push(folder.remove, slack.stop, system.stop)
  return { system, slack }
}

/** Deals the lines to shards in turn and sends each shard's share in batches of one size, the shards side by side. */
async function send(system: System, lines: readonly string[], batches: number, shards: number): Promise<void> {
  const share = Array.from({ length: shards }, (_, shard) => lines.filter((_line, i) => i % shards === shard))
  const size = Math.ceil(lines.length / batches)
  await Promise.all(
    share.map(async (own, shard) => {
      for (let i = 0; i < own.length; i += size) {
        await system.ingest({
          stream: 'test',
          shard: `shard-${shard}`,
          records: recordsOf(own.slice(i, i + size), 200, START, i + 1),
        })
      }
    }),
  )
}

describe('messages are a function of the faults, not of the batching', () => {
  const traffic = createTraffic({ seed: 8, scenarios: EIGHT, events: 20_000, startAt: START, errorShare: 0.005 })

  test('the traffic holds eight kinds of fault in about a hundred occurrences', () => {
    expect(traffic.faults.size).toBe(8)
    const errors = [...traffic.faults.values()].reduce((sum, n) => sum + n, 0)
    expect(errors).toBeGreaterThanOrEqual(60)
    expect(errors).toBeLessThanOrEqual(200)
  })

  test.each([
    [1, 1],
    [7, 1],
    [500, 1],
    [20_000, 1],
    [7, 4],
    [500, 4],
  ])('20,000 lines in %i batches from %i shard(s) give exactly eight root messages', async (batches, shards) => {
    const { system, slack } = await start()
    await send(system, traffic.lines, batches, shards)
    await untilDelivered(system)
    expect(slack.roots().map((message) => message.text)).toHaveLength(8)
    const incidents = await system.state.incidents.list({})
    expect(incidents.map((incident) => incident.count).sort()).toEqual([...traffic.faults.values()].sort())
    expect(slack.refusals).toEqual([])
  })
})

/** One Java error, `n` times: other ids, threads and line numbers each time. */
const sameError = (n: number): string[] =>
  Array.from({ length: n }, (_, i) =>
    JSON.stringify({
      '@timestamp': new Date(START + i * 20).toISOString(),
      level: 'ERROR',
      service: 'order-service',
      message: `Order ${10_000 + i} failed`,
      stack_trace: `java.lang.IllegalStateException: no stock for item ${i}\n\tat com.shop.order.StockGuard.check(StockGuard.java:${40 + (i % 7)})\n\tat com.shop.order.OrderService.place(OrderService.java:88)`,
    }),
  )

test('one new error five hundred times gives one message that says 500', async () => {
  const { system, slack } = await start()
  await send(system, sameError(500), 50, 2)
  await untilDelivered(system)
  expect(slack.roots()).toHaveLength(1)
  expect(JSON.stringify(slack.roots()[0]?.blocks)).toContain('×500')
})

test('a first error makes its message at once, whatever came before', async () => {
  const { system, slack } = await start()
  await send(system, sameError(1), 1, 1)
  await untilDelivered(system)
  expect(slack.roots()).toHaveLength(1)
})

describe.each([
  ['answers 429 on', 'rate-limited'],
  ['closes the connection before answering', 'close-before'],
  ['closes the connection after taking', 'close-after'],
  ['answers 500 on', 'http-500'],
] as const)('when Slack %s every second call', (_words, fault) => {
  test('each message is delivered once, in order', async () => {
    const { system, slack } = await start()
    slack.failWith((n) => (n % 2 === 0 ? fault : 'ok'))
    const services = ['alpha', 'beta', 'gamma', 'delta', 'epsilon', 'zeta']
    const lines = services.map((service, i) =>
      JSON.stringify({
        '@timestamp': new Date(START + i * 1_000).toISOString(),
        level: 'ERROR',
        service,
        message: `cannot write block in ${service}`,
      }),
    )
    for (const [i, line] of lines.entries())
      await system.ingest({ stream: 'test', shard: '0', records: recordsOf([line], 1, START, i + 1) })
    await untilDelivered(system)
    expect(slack.roots().map((message) => message.metadata?.event_payload.part)).toEqual(services.map(() => 'root'))
    expect(slack.roots().map((message) => services.find((service) => message.text.includes(service)))).toEqual(services)
    expect(slack.messages.filter((message) => message.threadTs !== undefined)).toHaveLength(services.length)
  })
})

test('a refused token holds messages back and says so, and nothing is lost', async () => {
  const { system, slack } = await start()
  slack.failWith(() => ({ error: 'invalid_auth' }))
  await send(system, sameError(3), 1, 1)
  await until(async () => (await system.state.outbox.status(Date.now())).lastFault !== undefined, 'the fault is told')
  expect((await system.state.outbox.status(Date.now())).lastFault).toContain('bot token is not valid')
  expect(slack.roots()).toHaveLength(0)
  slack.failWith(() => 'ok')
  await system.state.db.updateTable('outbox').set({ not_before: 0 }).execute()
  await untilDelivered(system)
  expect(slack.roots()).toHaveLength(1)
})
