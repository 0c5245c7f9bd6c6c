import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { System } from '../../src/app/system.ts'
import { ledgerFaults } from '../../src/pipeline/outcome.ts'
import { type FakeOpenSearch, startFakeOpenSearch } from '../support/fake-opensearch.ts'
import { runCali } from '../support/program.ts'
import { startTestServer } from '../support/server.ts'
import { startTestSystem, temporaryFolder, until, untilDelivered } from '../support/system.ts'

let server: FakeOpenSearch
const cleanups: (() => Promise<unknown>)[] = []
beforeEach(async () => {
  server = await startFakeOpenSearch()
  cleanups.push(() => server.stop())
})
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup()
})

const settings = (more: Record<string, unknown> = {}) => ({
  opensearch: { url: server.url, timeout: '2s', debtAfter: '300ms' },
  archive: { flushInterval: '100ms' },
  rules: [
    { id: 'errors', action: 'keep', minSeverity: 'ERROR' },
    { id: 'rest', action: 'archive' },
  ],
  ...more,
})
async function dataFolder(): Promise<string> {
  const folder = await temporaryFolder()
  cleanups.push(folder.remove)
  return folder.path
}
async function startIn(folder: string): Promise<System> {
  const system = await startTestSystem(folder, settings())
  cleanups.push(() => system.stop())
  return system
}
let sequence = 0
const send = (system: System, service: string, count: number, level = 'error') =>
  system.ingest({
    stream: 'http',
    shard: '0',
    records: [
      {
        sequence: String(1_000 + sequence++),
        arrivedAt: Date.now(),
        data: Buffer.from(
          Array.from({ length: count }, (_, i) =>
            JSON.stringify({ level, service, msg: `order ${i} was not placed`, event_id: `${service}-${i}` }),
          ).join('\n'),
        ),
      },
    ],
  })
const indexed = (): number => [...server.indices.values()].reduce((sum, index) => sum + index.size, 0)
const balanced = async (system: System): Promise<void> => expect(ledgerFaults(await system.ledger())).toEqual([])

describe('F17: OpenSearch is away for long', () => {
  test('alerts and archive go on, also over a restart, and afterwards the index has every line once', async () => {
    const folder = await dataFolder()
    const system = await startIn(folder)
    await send(system, 'before', 20)
    expect(indexed()).toBe(20)

    server.failWith(() => 'close')
    await send(system, 'meanwhile', 30)
    await send(system, 'meanwhile', 10, 'info')
    await untilDelivered(system)
    const messages = await system.state.outbox.status(Date.now())
    expect([messages.posted, messages.pending]).toEqual([2, 0])
    expect(system.indexing.status()).toMatchObject({ state: 'owing', fault: expect.stringContaining(server.url) })
    expect(await system.state.indexDebts.status()).toMatchObject({ records: 30 })
    await balanced(system)
    await system.stop()

    const again = await startIn(folder)
    await send(again, 'after', 5)
    expect(indexed()).toBe(20)
    server.failWith(() => undefined)
    await until(async () => (await again.state.indexDebts.status()).objects === 0, 'every debt is paid')
    await until(() => again.indexing.status().state === 'ok', 'the index is back')
    await send(again, 'later', 7)
    expect(indexed()).toBe(62)
    await balanced(again)
  })

  test('a line that the index refuses is in quarantine, archive and its incident, and the books balance', async () => {
    const system = await startIn(await dataFolder())
    server.failWith(({ path }) =>
      path === '/_bulk'
        ? {
            item: (_, id) =>
              id === 'event:odd-1'
                ? {
                    status: 400,
                    error: { type: 'mapper_parsing_exception', reason: 'failed to parse password=hunter2x' },
                  }
                : undefined,
          }
        : undefined,
    )
    await send(system, 'odd', 3)
    const [entry] = await system.state.quarantine.list(10)
    expect([entry?.reason, entry?.detail]).toEqual([
      'index_refused',
      expect.stringMatching(/^mapper_parsing_exception/),
    ])
    expect(entry?.detail).not.toContain('hunter2x')
    expect(
      JSON.parse(Buffer.from((await system.archiveStore.get(entry?.objectKey ?? '')) ?? []).toString()),
    ).toMatchObject({ id: 'event:odd-1' })
    expect(indexed()).toBe(2)
    expect((await system.state.incidents.list({ services: ['odd'] }))[0]?.count).toBe(3)
    expect(system.archive.stats.objects).toBe(1)
    await balanced(system)
  })
})

test('without an archive nothing can be owed: the sender waits until the index is back', async () => {
  const folder = await dataFolder()
  const system = await startTestSystem(folder, settings({ archive: { enabled: false } }))
  cleanups.push(() => system.stop())
  server.failWith(({ path }, n) => (path === '/_bulk' && n < 4 ? { status: 503, body: { error: 'no' } } : undefined))
  await send(system, 'patient', 3)
  expect([indexed(), (await system.state.indexDebts.status()).objects]).toEqual([3, 0])
})

test('page, metrics and doctor tell what is owed', async () => {
  const own = await startTestServer({ events: 0, config: settings() })
  cleanups.push(() => own.stop())
  server.failWith(() => 'close')
  await send(own.system, 'owed', 4)
  const { index } = (await (await fetch(`${own.url}/api/pipeline`)).json()) as { index: Record<string, unknown> }
  expect(index).toMatchObject({
    location: `${server.url}/cali-logs`,
    state: 'owing',
    since: expect.any(Number),
    fault: expect.stringContaining('cannot be reached'),
    refused: 0,
    debt: { objects: 1, records: 4, oldestAt: expect.any(Number) },
  })
  const metrics = await (await fetch(`${own.url}/metrics`)).text()
  expect(metrics).toContain('cali_index_up 0')
  expect(metrics).toContain('cali_index_debt_records 4')
  server.failWith(({ path }) => (path === '/_bulk' ? 'close' : undefined))
  const doctor = await runCali(['doctor', '--only', 'index', '--json'], {
    env: { CALI_OPENSEARCH_URL: server.url, CALI_DATA_DIR: own.system.config.dataDir },
  })
  expect(JSON.parse(doctor.stdout).checks).toEqual([
    {
      code: 'index',
      status: 'warn',
      detail: expect.stringMatching(/^OpenSearch 3\.9\.0 at .*4 lines of 1 archive objects are still owed/),
      hint: expect.stringContaining('pays them'),
    },
  ])
})

describe('cali setup', () => {
  const setup = (...args: string[]) => runCali(['setup', ...args], { env: { CALI_OPENSEARCH_URL: server.url } })

  test('makes what is missing, once, and says so', async () => {
    const dry = await setup('--dry-run')
    expect([dry.code, server.templates.size]).toEqual([0, 0])
    expect(dry.stdout).toMatch(
      /\+ created {6}OpenSearch index template cali-logs\n.*alias cali-logs · with cali-logs-20/,
    )
    const first = JSON.parse((await setup('--json')).stdout)
    expect(first.steps.map(({ state }: { state: string }) => state)).toEqual(['created', 'created', 'unavailable'])
    const second = await setup()
    expect([second.code, second.stdout.match(/= unchanged/g)?.length]).toEqual([0, 2])
  })

  test('ends with 1 when something cannot be made, and skips what builds on it', async () => {
    server.failWith(({ method }) =>
      method === 'PUT'
        ? { status: 403, body: { error: { type: 'security_exception', reason: 'no permissions' } } }
        : undefined,
    )
    const run = await setup('--json')
    expect(run.code).toBe(1)
    expect(JSON.parse(run.stdout).steps.map(({ state }: { state: string }) => state)).toEqual([
      'failed',
      'skipped',
      'skipped',
    ])
  })

  test('has nothing to do for what is kept on this machine', async () => {
    const run = await runCali(['setup', '--json'])
    expect([run.code, JSON.parse(run.stdout)]).toEqual([0, { version: 1, dryRun: false, steps: [] }])
  })
})

test.each([
  ['an address with a login', { CALI_OPENSEARCH_URL: 'https://u:hunter2@x.example' }, 'opensearch.url holds a login'],
  [
    'a user without a password',
    { CALI_OPENSEARCH_USERNAME: 'u' },
    'opensearch.username is set without opensearch.password',
  ],
  [
    'a login and a signature',
    { CALI_OPENSEARCH_USERNAME: 'u', CALI_OPENSEARCH_PASSWORD: 'hunter2', CALI_OPENSEARCH_SERVICE: 'es' },
    'both set',
  ],
  ['a scheme that is none', { CALI_OPENSEARCH_URL: 'ftp://x.example' }, 'http:// or https://'],
])('%s is refused with the setting', async (_words, env, text) => {
  const run = await runCali(['setup'], { env: { CALI_OPENSEARCH_URL: server.url, ...env } as Record<string, string> })
  expect([run.code, run.stderr]).toEqual([2, expect.stringContaining(text)])
  expect(run.stderr).not.toContain('hunter2')
})
