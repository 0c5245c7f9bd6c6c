import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { createStream } from '../../src/app/demo.ts'
import { type LocalKinesis, startLocalKinesis } from '../../src/app/local-kinesis.ts'
import type { System } from '../../src/app/system.ts'
import { entryOf, openWriter } from '../../src/pipeline/forward/archive.test-data.ts'
import { createFolderObjectStore } from '../../src/pipeline/forward/folder-object-store.ts'
import { droppedTotal, ledgerFaults } from '../../src/pipeline/outcome.ts'
import { type FakeS3, startFakeS3 } from '../support/fake-s3.ts'
import { runCali, startCali } from '../support/program.ts'
import { feed } from '../support/server.ts'
import { startTestSystem, temporaryFolder, until, untilDelivered } from '../support/system.ts'

const REGION = 'ap-northeast-2'
const MAIN = fileURLToPath(new URL('../../bin/cali.js', import.meta.url))
const HTTP_SHARD = 'logs/v1/http/0/'

let kinesis: LocalKinesis
let system: System
let dataDir: string
const cleanups: (() => Promise<unknown>)[] = []
const lasting: (() => Promise<unknown>)[] = []

beforeAll(async () => {
  kinesis = await startLocalKinesis({ environment: process.env, region: REGION, tlsPort: 0, plainPort: 0 })
  const folder = await temporaryFolder()
  dataDir = folder.path
  system = await startTestSystem(dataDir)
  lasting.push(
    folder.remove,
    () => kinesis.stop(),
    () => system.stop(),
  )
  await feed(system, 2_000, ['all'])
  await system.ingest({
    stream: 'http',
    shard: '0',
    records: [
      {
        sequence: '9999999999999999999',
        arrivedAt: Date.now(),
        data: Buffer.from(
          '2026-01-20 20:00:00 ERROR [pay-kr] 결제 \u001b]0;owned\u0007 실패\r\n\tat a.B.c(B.java:1)\r\n',
        ),
      },
    ],
  })
  await untilDelivered(system)
})
afterAll(async () => {
  for (const cleanup of lasting.splice(0).reverse()) await cleanup()
})
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup()
})

async function folder(): Promise<string> {
  const made = await temporaryFolder()
  cleanups.push(made.remove)
  return made.path
}

const archive = (...args: string[]) => runCali(['archive', ...args, '--data-dir', dataDir])

const incidentsOf = async (of: System): Promise<unknown[]> =>
  (await of.state.incidents.list({ limit: 1_000 }))
    .map(({ id, count, severity, firstSeen, lastSeen, template }) => ({
      id,
      count,
      severity,
      firstSeen,
      lastSeen,
      template,
    }))
    .sort((a, b) => (a.id < b.id ? -1 : 1))

const pendingOf = async (of: System): Promise<number> => (await of.state.outbox.status(Date.now())).pending

describe('cali archive verify', () => {
  test('ends with 0 when every object is what was written, and the books say the same', async () => {
    const run = await archive('verify', '--json')
    const result = JSON.parse(run.stdout)
    expect([run.code, result.faults, result.records]).toEqual([0, [], result.counted])
    expect((await archive('verify')).stdout).toContain('are as they were written')
  })

  test('ends with 1 and the place of the fault when an object was cut off on the disk', async () => {
    const store = createFolderObjectStore(join(dataDir, 'archive'))
    const [object] = await Array.fromAsync(store.list(HTTP_SHARD))
    const path = join(dataDir, 'archive', ...(object?.key ?? '').split('/'))
    const whole = await readFile(path)
    cleanups.push(() => writeFile(path, whole))
    await writeFile(path, whole.subarray(0, whole.length / 2))
    const run = await archive('verify')
    expect(run.code).toBe(1)
    expect(run.stdout).toMatch(/✗ unreadable {2}logs\/v1\/http\/0\//)
    expect((await archive('query', 'level:error', '--limit', '1')).code).toBe(1)
  })

  test('ends with 1 where there is nothing to verify, and with 2 for a wrong call', async () => {
    const empty = await runCali(['archive', 'verify', '--data-dir', await folder()])
    expect([empty.code, empty.stderr]).toEqual([1, expect.stringContaining('there is no archive object')])
    const wrong = await archive('verify', '--from', 'yesterday')
    expect([wrong.code, wrong.stderr]).toEqual([2, expect.stringContaining('--from is "yesterday"')])
    expect((await archive('verify', '--from', '1h', '--to', '2h')).code).toBe(2)
  })
})

describe('cali archive query', () => {
  test('finds Korean text and prints no control character', async () => {
    const run = await archive('query', '결제', '실패', 'service:pay-kr', '-nothing')
    expect(run.code).toBe(0)
    expect(run.stdout).toContain('실패')
    expect(run.stdout).not.toMatch(/[\u001b\u0007\r]/)
    expect(run.stderr).toContain('1 found in')
  })

  test('prints one JSON per record, the oldest first, up to its limit', async () => {
    const run = await archive('query', 'level:error', '--limit', '3', '--json')
    const lines = run.stdout.trimEnd().split('\n')
    expect(lines.map((line) => JSON.parse(line).level)).toEqual(['ERROR', 'ERROR', 'ERROR'])
    expect(run.stderr).toContain('there are more: --limit')
  })

  test('refuses an option that there is not', async () => {
    expect((await archive('query', 'x', '--limt', '3')).code).toBe(2)
  })
})

test('cali archive list tells objects and their sum', async () => {
  const run = await archive('list', '--json', '--stream', 'http')
  const lines = run.stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line))
  const { total } = lines.pop()
  expect(total.objects).toBe(lines.length)
  expect(total.records).toBe(lines.reduce((sum, { records }) => sum + records, 0))
})

describe('cali archive replay', () => {
  test('into a fresh state gives the same incidents, tells nobody, and balances', async () => {
    const rebuilt = join(await folder(), 'rebuilt')
    const run = await archive('replay', '--into-state', rebuilt, '--json')
    expect(run.stderr).toBe('')
    expect([run.code, JSON.parse(run.stdout).faults]).toEqual([0, []])
    const again = await archive('replay', '--into-state', rebuilt)
    expect([again.code, again.stderr]).toEqual([1, expect.stringContaining('holds incidents already')])
    const other = await startTestSystem(rebuilt)
    cleanups.push(() => other.stop())
    expect(await incidentsOf(other)).toEqual(await incidentsOf(system))
    expect(await pendingOf(other)).toBe(0)
    expect(ledgerFaults(await other.ledger())).toEqual([])
    expect(
      (await other.index.search({ words: ['결제'], phrases: [], excluded: [], services: ['pay-kr'], levels: [] }, 5))
        .records,
    ).toHaveLength(1)
  })

  test('into a stream is read by a consumer that knows these events without counting one twice', async () => {
    const stream = 'replayed'
    await createStream({ region: REGION, endpoint: kinesis.endpoint }, stream, 2)
    const before = { incidents: await incidentsOf(system), ledger: await system.ledger() }
    const run = await runCali(['archive', 'replay', '--into', stream, '--rate', '0', '--json', '--data-dir', dataDir], {
      env: { CALI_KINESIS_ENDPOINT: kinesis.endpoint, CALI_KINESIS_REGION: REGION },
    })
    expect(run.stderr).toBe('')
    const { records, refused } = JSON.parse(run.stdout)
    expect([run.code, refused]).toEqual([0, 0])
    await system.stop()
    const consumer = await startTestSystem(dataDir, { kinesis: { stream, region: REGION } })
    system = consumer
    const stop = new AbortController()
    const reading = consumer.consume({ runner: 'poll', endpoint: kinesis.endpoint, environment: {} }).run(stop.signal)
    try {
      await until(
        async () => (await consumer.ledger()).decode.received >= before.ledger.decode.received + records,
        'all of the replay is read',
      )
    } finally {
      stop.abort()
      await reading
    }
    const after = await consumer.ledger()
    expect(await incidentsOf(consumer)).toEqual(before.incidents)
    expect(after.decode.rejected).toEqual(before.ledger.decode.rejected)
    expect(after.group.dropped['duplicate']).toBe(records + droppedTotal(before.ledger.group))
  })

  test.skipIf(process.platform === 'win32')('that is stopped says how far it came and how to go on', async () => {
    const stream = 'stopped'
    await createStream({ region: REGION, endpoint: kinesis.endpoint }, stream, 1)
    const child = spawn(
      process.execPath,
      [MAIN, 'archive', 'replay', '--into', stream, '--rate', '1', '--data-dir', dataDir],
      {
        stdio: ['ignore', 'ignore', 'pipe'],
        env: { ...process.env, CALI_KINESIS_ENDPOINT: kinesis.endpoint, CALI_KINESIS_REGION: REGION },
      },
    )
    let words = ''
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      words += text
    })
    const ended = once(child, 'close')
    const reader = await startTestSystem(await folder(), { kinesis: { stream, region: REGION } })
    cleanups.push(() => reader.stop())
    const stop = new AbortController()
    const reading = reader.consume({ runner: 'poll', endpoint: kinesis.endpoint, environment: {} }).run(stop.signal)
    await until(async () => (await reader.ledger()).decode.received > 0, 'the first records are there')
    child.kill('SIGINT')
    const [code] = await ended
    stop.abort()
    await reading
    expect(code).toBe(130)
    expect(words).toMatch(/stopped\. To go on, give the same options with: --into stopped/)
  })

  test('refuses the stream that was archived, one that is not there, and no target', async () => {
    const into = (stream: string) =>
      runCali(['archive', 'replay', '--into', stream, '--data-dir', dataDir], {
        env: { CALI_KINESIS_ENDPOINT: kinesis.endpoint, CALI_KINESIS_REGION: REGION },
      })
    expect((await into('http')).stderr).toContain('is one that was archived')
    expect((await into('no-such-stream')).stderr).toContain('stream "no-such-stream" not found')
    expect((await archive('replay')).code).toBe(2)
  })
})

describe('cali archive backtest', () => {
  const candidate = async (text: string): Promise<string> => {
    const file = join(await folder(), 'candidate.yaml')
    await writeFile(file, text)
    return file
  }

  test('with the rules of now finds the messages that were sent, and nothing to change', async () => {
    const run = await archive('backtest', '--json', '--candidate', await candidate('lang: en\n'))
    expect(run).toMatchObject({ code: 0, stderr: '' })
    const result = JSON.parse(run.stdout)
    const sent = (await system.state.incidents.list({ limit: 1_000 })).filter(({ fold }) => fold === undefined)
    expect(result.now.messages).toBe(sent.length)
    expect(result).toMatchObject({ candidate: result.now, lost: [], joined: [], parted: [], added: [] })
  })

  test('says in the language of the user what another rule would lose, and can fail for it', async () => {
    const file = await candidate(
      "rules:\n  - { id: no-pay, action: drop, pattern: '결제' }\n  - { id: rest, action: keep }\n",
    )
    const run = await runCali(['archive', 'backtest', '--fail-on-loss', '--candidate', file, '--data-dir', dataDir], {
      env: { CALI_LANG: 'ko' },
    })
    expect(run.code).toBe(1)
    expect(run.stdout).toMatch(/메시지 \d+건 -> \d+건, 잃은 인시던트 \d+건/)
    expect(run.stdout).toContain('잃음: 아무도 알림을 받지 못해요')
    expect(run.stdout).not.toContain('\u001b')
  })

  test('refuses a candidate that is missing, not there or not a configuration', async () => {
    expect(await archive('backtest')).toMatchObject({ code: 2, stderr: expect.stringContaining('--candidate <file>') })
    expect((await archive('backtest', '--candidate', 'nowhere.yaml')).stderr).toContain('nowhere.yaml')
    const wrong = await archive('backtest', '--candidate', await candidate('rulez: []\n'))
    expect(wrong).toMatchObject({ code: 2, stderr: expect.stringContaining('rulez') })
  })
})

describe('cali archive compact', () => {
  test('refuses a day that is no day or not over, and says that there is nothing', async () => {
    expect((await archive('compact', '--date', '2026-13-01')).stderr).toContain('a day such as 2026-01-20 is accepted')
    const today = new Date().toISOString().slice(0, 10)
    expect(await archive('compact', '--date', today)).toMatchObject({
      code: 2,
      stderr: expect.stringContaining(`--date ${today} is not over`),
    })
    expect(await archive('compact', '--date', '2026-01-01')).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('has nothing of 2026-01-01'),
    })
  })

  test('writes a day once, beside an archive that stays as it is', async () => {
    const path = await folder()
    const writer = openWriter(createFolderObjectStore(join(path, 'archive')))
    void writer.stage.append(entryOf([1, 2, 3]))
    await writer.stage.flush()
    const compact = (...args: string[]) =>
      runCali(['archive', 'compact', '--date', '2026-01-20', '--data-dir', path, ...args])
    expect(JSON.parse((await compact('--json')).stdout)).toMatchObject({
      folder: 'compact/v1/dt=2026-01-20/',
      objects: 1,
      written: [{ key: 'compact/v1/dt=2026-01-20/part-00001-00001.parquet', records: 3 }],
    })
    expect((await compact()).stdout).toContain('2026-01-20 is compacted already: 1 objects in 1 file')
    expect((await runCali(['archive', 'verify', '--data-dir', path])).stdout).toContain(
      '1 objects with 3 records are as',
    )
  })
})

describe('an archive on S3', () => {
  let s3: FakeS3
  const environment = (bucket = s3.bucket): Record<string, string> => ({
    CALI_S3_BUCKET: bucket,
    CALI_S3_PREFIX: 'team-a/',
    CALI_AWS_ENDPOINT: s3.url,
  })
  beforeAll(async () => {
    s3 = await startFakeS3()
  })
  afterAll(() => s3.close())

  test('is filled by the program and read by its commands', async () => {
    const path = await folder()
    const run = await runCali(['dev', '--for', '6s', '--port', '0', '--data-dir', path], { env: environment() })
    expect(run.code).toBe(0)
    const keys = [...s3.objects.keys()]
    expect(keys.length).toBeGreaterThan(0)
    for (const key of keys) expect(key).toMatch(/^team-a\/(?:logs|quarantine)\/v1\//)
    const verified = await runCali(['archive', 'verify', '--json', '--data-dir', path], { env: environment() })
    const result = JSON.parse(verified.stdout)
    expect([verified.code, result.location, result.records]).toEqual([0, 's3://logs/team-a/', result.counted])
    expect(result.records).toBeGreaterThan(0)
  })

  test('whose bucket is not there is refused at the start, with the name of the setting', async () => {
    const run = await runCali(['serve', '--port', '0', '--data-dir', await folder()], { env: environment('another') })
    expect([run.code, run.stderr]).toEqual([1, expect.stringMatching(/no bucket "another".*Check s3\.bucket/)])
    const doctor = await runCali(['doctor', '--only', 'archive'], { env: environment('another') })
    expect([doctor.code, doctor.stdout]).toEqual([1, expect.stringContaining('no bucket "another"')])
  })

  test('that is away does not keep the program from starting', async () => {
    const path = await folder()
    const running = startCali(['serve', '--port', '0', '--for', '1s', '--data-dir', path], {
      ...environment(),
      CALI_AWS_ENDPOINT: 'http://127.0.0.1:1',
    })
    await running.event('started')
    expect(await running.exit()).toBe(0)
  })
})
