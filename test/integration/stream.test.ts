import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { createStream } from '../../src/app/demo.ts'
import { type LocalKinesis, startLocalKinesis } from '../../src/app/local-kinesis.ts'
import { createKinesisOutput } from '../../src/generate/kinesis-output.ts'
import { readArchiveObject } from '../../src/pipeline/forward/archive-object.ts'
import { createFolderObjectStore } from '../../src/pipeline/forward/folder-object-store.ts'
import { ledgerFaults } from '../../src/pipeline/outcome.ts'
import { systemClock } from '../../src/platform/clock.ts'
import { openState } from '../../src/state/state.ts'
import type { CrashPoint } from '../support/crash-consumer.ts'
import { type FakeSlack, startFakeSlack } from '../support/fake-slack.ts'
import { temporaryFolder, until } from '../support/system.ts'
import { createTraffic, type Traffic } from '../support/traffic.ts'

const REGION = 'ap-northeast-2'
const CONSUMER = fileURLToPath(new URL('../support/crash-consumer.ts', import.meta.url))
const EVENTS = 2_000

let kinesis: LocalKinesis
let traffic: Traffic
const cleanups: (() => Promise<void>)[] = []

beforeAll(async () => {
  kinesis = await startLocalKinesis({ environment: process.env, region: REGION, tlsPort: 0, plainPort: 0 })
  traffic = createTraffic({
    seed: 21,
    scenarios: ['all'],
    events: EVENTS,
    rate: 40,
    startAt: systemClock.now() - (EVENTS / 40) * 1000,
  })
  await createStream({ region: REGION, endpoint: kinesis.endpoint }, 'cali-log-stream', 3)
  const output = createKinesisOutput({
    endpoint: kinesis.endpoint,
    region: REGION,
    stream: 'cali-log-stream',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    random: Math.random,
  })
  for (let i = 0; i < traffic.events.length; i += 200) await output.write(traffic.events.slice(i, i + 200))
  output.close()
})
afterAll(async () => {
  await kinesis.stop()
})
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup()
})

function startConsumer(dataDir: string, slack: FakeSlack, point?: CrashPoint, nth = 1): ChildProcess {
  return spawn(
    process.execPath,
    [CONSUMER, dataDir, kinesis.endpoint, slack.apiUrl, ...(point === undefined ? [] : [point, String(nth)])],
    { stdio: ['pipe', 'ignore', 'inherit'] },
  )
}

/** Runs a consumer until all of the stream is passed and every message is delivered, then stops it. */
async function runToEnd(dataDir: string, slack: FakeSlack): Promise<void> {
  const child = startConsumer(dataDir, slack)
  const state = await openState({ path: join(dataDir, 'state.db'), clock: systemClock })
  try {
    await until(async () => (await state.checkpoints.ledger()).decode.received >= EVENTS, 'all records are counted')
    await until(async () => {
      const row = await state.db
        .selectFrom('outbox')
        .select((eb) => eb.fn.countAll<number>().as('n'))
        .whereRef('wanted', '>', 'done')
        .executeTakeFirstOrThrow()
      return Number(row.n) === 0
    }, 'all messages are delivered')
  } finally {
    await state.close()
    const exit = once(child, 'exit')
    child.stdin?.end()
    await exit
  }
}

async function expectEverythingOnce(dataDir: string, slack: FakeSlack): Promise<void> {
  const state = await openState({ path: join(dataDir, 'state.db'), clock: systemClock })
  try {
    const ledger = await state.checkpoints.ledger()
    expect(ledgerFaults(ledger)).toEqual([])
    expect(ledger.decode.received).toBe(EVENTS)
    expect(ledger.decode.rejected).toEqual({})
    const incidents = await state.incidents.list({})
    expect(incidents.map((incident) => incident.count).sort((a, b) => a - b)).toEqual(
      [...traffic.faults.values()].sort((a, b) => a - b),
    )
    const told = slack.roots().map((message) => message.metadata?.event_payload.incident_id ?? '')
    expect(new Set(told).size).toBe(told.length)
    // The effects of the cascade are told with their cause: a message of their own only where the cause came later.
    const folded = new Set(incidents.filter((incident) => incident.fold !== undefined).map((incident) => incident.id))
    expect(folded.size).toBe(2)
    expect(told.filter((id) => !folded.has(id)).sort()).toEqual(
      incidents
        .map((incident) => incident.id)
        .filter((id) => !folded.has(id))
        .sort(),
    )
    for (const { fold } of incidents) if (fold !== undefined) expect(told).toContain(fold.under)
    expect(slack.refusals).toEqual([])
    const archived: string[] = []
    const objects = createFolderObjectStore(join(dataDir, 'archive'))
    for await (const { key } of objects.list('logs/'))
      archived.push(...readArchiveObject((await objects.get(key)) ?? new Uint8Array()).map((record) => record.id))
    expect(archived).toHaveLength(ledger.filter.kept)
    expect(new Set(archived).size).toBe(archived.length)
  } finally {
    await state.close()
  }
}

test('labelled traffic through Kinesis gives one incident per fault and one Slack message per cause, and the books balance', async () => {
  const folder = await temporaryFolder()
  const slack = await startFakeSlack()
  cleanups.push(folder.remove, slack.stop)
  await runToEnd(folder.path, slack)
  await expectEverythingOnce(folder.path, slack)
})

describe('after kill -9', () => {
  const points: readonly [CrashPoint, string, number][] = [
    ['before-effects', 'between decoding and the first effect', 2],
    ['after-incidents', 'between the incident transaction and the archive', 2],
    ['after-archive', 'between the archive object and its checkpoint', 2],
    ['after-checkpoint', 'right behind a checkpoint', 2],
    ['after-slack-post', 'between a Slack post and its answer being saved', 3],
  ]
  test.each(points)('%s: %s, nothing is lost, repeated or told twice', async (point, _words, nth) => {
    const folder = await temporaryFolder()
    const slack = await startFakeSlack()
    cleanups.push(folder.remove, slack.stop)
    const [, signal] = (await once(startConsumer(folder.path, slack, point, nth), 'exit')) as [
      number | null,
      string | null,
    ]
    expect(signal).toBe('SIGKILL')
    await runToEnd(folder.path, slack)
    await expectEverythingOnce(folder.path, slack)
  })
})
