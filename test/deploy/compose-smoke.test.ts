/**
 * The smoke program against real processes: CALI as a child process with exactly the environment of the compose file, the
 * certificate that prepare.sh makes, an AWS emulator behind one port for HTTP and HTTPS, log lines as Fluent Bit sends them.
 */
import { spawn, spawnSync } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { mkdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { gzipSync } from 'node:zlib'
import { PutRecordsCommand } from '@aws-sdk/client-kinesis'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { runSmoke, type SmokeTarget, smokeTarget } from '../../deploy/compose/smoke.ts'
import { createStream } from '../../src/app/demo.ts'
import { startLocalKinesis } from '../../src/app/local-kinesis.ts'
import { formatText } from '../../src/generate/format.ts'
import { createKinesisClient } from '../../src/pipeline/consume/kinesis-client.ts'
import { startFakeS3 } from '../support/fake-s3.ts'
import { type RunningCali, startCali } from '../support/program.ts'
import { temporaryFolder, until } from '../support/system.ts'
import { createTraffic } from '../support/traffic.ts'
import { startEmulatorFront } from './compose-emulator.ts'
import { COMPOSE, resolved, type Service } from './compose-file.ts'

const canPrepare = spawnSync('sh', ['-c', 'openssl version']).status === 0
const skipped = canPrepare ? '' : ' (skipped: no sh with openssl on PATH, which make the certificate)'
if (!canPrepare) process.stderr.write(`the compose smoke test${skipped}\n`)

const stops: (() => unknown)[] = []
afterAll(async () => {
  for (const stop of stops.splice(0).reverse()) await stop()
})

describe.skipIf(!canPrepare)(`prepare.sh${skipped}`, () => {
  it('makes a certificate for the emulator and secrets, keeps them when repeated, and takes the token of .env', async () => {
    const folder = await preparedFolder()
    const read = (name: string) => readFileSync(join(folder, name), 'utf8')
    const before = ['authority/ca.pem', 'certificate/server.pem', 'secrets/server-token', 'secrets/postgres-url'].map(
      read,
    )
    expect(before[2]).toMatch(/^[0-9a-f]{32}$/)
    expect(before[3]).toBe(`postgres://cali:${read('secrets/postgres-password')}@postgres:5432/cali`)
    if (process.platform !== 'win32') expect(statSync(join(folder, 'secrets/server-token')).mode & 0o777).toBe(0o640)

    const again = prepare(folder, {})
    expect(again).toContain('certificate: kept')
    expect(again).toContain(`http://127.0.0.1:7070/?token=${before[2]}`)
    expect(
      ['authority/ca.pem', 'certificate/server.pem', 'secrets/server-token', 'secrets/postgres-url'].map(read),
    ).toEqual(before)
    prepare(folder, { CALI_SERVER_TOKEN: 'my-own-token-of-16' })
    expect(read('secrets/server-token')).toBe('my-own-token-of-16')
  })
})

describe.skipIf(!canPrepare)(`the smoke program${skipped}`, () => {
  let cali: RunningCali
  let target: SmokeTarget
  let folder: string
  const printed: string[] = []

  beforeAll(async () => {
    folder = await preparedFolder()
    const region = 'ap-south-1'
    const kinesis = await startLocalKinesis({ environment: process.env, region, tlsPort: 0, plainPort: 0 })
    stops.push(kinesis.stop)
    const s3 = await startFakeS3()
    stops.push(s3.close)
    const front = await startEmulatorFront({
      certificate: join(folder, 'certificate'),
      kinesis: kinesis.endpoint,
      s3: s3.url,
    })
    stops.push(front.stop)
    const plain = `http://127.0.0.1:${front.port}`
    await createStream({ region, endpoint: plain }, 'cali-log-stream', 1)

    const { environment, command } = caliService(folder, front.port, s3.bucket)
    cali = startCali([...command, '--port', '0'], environment)
    stops.push(async () => {
      cali.child.kill('SIGTERM')
      await cali.exit()
    })
    const started = await cali.event('started')
    const token = readFileSync(join(folder, 'secrets/server-token'), 'utf8')
    target = {
      kinesis: { endpoint: plain, region, stream: 'cali-log-stream' },
      cali: { url: String(started['url']), token },
      timeoutMs: 40_000,
      print: (line) => printed.push(line),
    }
  })

  it('says what is missing, and waits no longer than it was told to, while nothing was sent', async () => {
    const before = performance.now()
    expect(await runSmoke({ ...target, timeoutMs: 300 })).toBe(false)
    expect(performance.now() - before).toBeLessThan(15_000)
    expect(printed.splice(0)).toEqual([
      'not ok  kinesis   not within 0.3 s: cali-log-stream (1 shard) holds no log line as Fluent Bit sends it. See: docker compose logs fluent-bit',
      'not ok  incident  not within 0.3 s: CALI answers, and has no incident yet. See: docker compose logs cali',
      'not ok  message   not within 0.3 s: no message yet (preview)',
    ])
  })

  it('finds lines, an incident and its message once logs have come through the stream', async () => {
    await sendAsFluentBit(target.kinesis, 400)
    expect(await runSmoke(target), printed.join('\n')).toBe(true)
    const [lines, incident, message] = printed.splice(0)
    expect(lines).toMatch(
      /^ok {6}kinesis {3}400 log events in \d+ records of cali-log-stream \(1 shard\), from \/logs\/shop\.log$/,
    )
    expect(incident).toMatch(
      /^ok {6}incident {2}\d+ in the list, first SEV\d \S+: .+ \(x\d+\) http:\/\/127\.0\.0\.1:\d+\/i\/\w+$/,
    )
    expect(message).toMatch(/^ok {6}message {3}.+ \(preview, http:\/\/127\.0\.0\.1:\d+\/slack\)$/)
  })

  it('CALI has archived to the bucket through HTTPS, with the authority that prepare.sh made', async () => {
    const pipeline = async () => {
      const answer = await fetch(`${target.cali.url}/api/pipeline`, {
        headers: { authorization: `Bearer ${target.cali.token}` },
      })
      return (await answer.json()) as { archive: { objects: number; location: string }; balanced: boolean }
    }
    await until(async () => (await pipeline()).archive.objects > 0, 'an object is in the bucket')
    expect(await pipeline()).toMatchObject({ balanced: true, archive: { location: expect.stringMatching(/^s3:/) } })
  })

  it('names a wrong token, and an address where nobody answers', async () => {
    expect(await runSmoke({ ...target, timeoutMs: 200, cali: { ...target.cali, token: 'wrong' } })).toBe(false)
    expect(printed.splice(0)[1]).toContain('refuses the token: "docker compose logs prepare" shows the right one')
    const nobody = { ...target.cali, url: 'http://127.0.0.1:9' }
    expect(await runSmoke({ ...target, timeoutMs: 200, cali: nobody })).toBe(false)
    expect(printed.splice(0)[1]).toMatch(/^not ok {2}incident .*(?:fetch failed|bad port)/)
  })

  it('run as a program, prints three lines and ends with 0', async () => {
    const run = await runProgram([
      '--token',
      target.cali.token,
      '--url',
      target.cali.url,
      '--kinesis',
      target.kinesis.endpoint,
    ])
    expect(run.stderr).toBe('')
    expect(run.stdout.match(/^ok /gm)).toHaveLength(3)
    expect(run.status).toBe(0)
  })
})

describe('the smoke program, called wrongly,', () => {
  const print = (): void => undefined

  it('ends with 2 and says what is accepted', async () => {
    const run = await runProgram(['--tokn', 'x'])
    expect(run.status).toBe(2)
    expect(run.stderr).toMatch(
      /^smoke: .*--tokn.* Accepted are --token, --url, --kinesis, --region, --stream, --timeout\n$/s,
    )
  })

  it.each([
    [[], 'no token: give --token, or set CALI_SERVER_TOKEN'],
    [['--token', 'x', '--timeout', 'soon'], '--timeout is "soon": seconds from 1 to 3600 are accepted'],
  ])('%j is refused', (args, words) => {
    expect(smokeTarget(args, {}, print)).toContain(words)
  })

  it('takes ports and token of .env', () => {
    const environment = { CALI_SERVER_TOKEN: 'of-the-file', CALI_PORT: '8080', AWS_EMULATOR_PORT: '14566' }
    expect(smokeTarget([], environment, print)).toMatchObject({
      kinesis: { endpoint: 'http://127.0.0.1:14566', region: 'ap-south-1', stream: 'cali-log-stream' },
      cali: { url: 'http://127.0.0.1:8080', token: 'of-the-file' },
      timeoutMs: 180_000,
    })
  })
})

/** Not by spawnSync: the emulator's front is in this process. */
async function runProgram(args: readonly string[]): Promise<{ status: unknown; stdout: string; stderr: string }> {
  const child = spawn(process.execPath, [join(COMPOSE, 'smoke.ts'), ...args], { stdio: ['ignore', 'pipe', 'pipe'] })
  const exit = once(child, 'exit')
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)])
  return { status: (await exit)[0], stdout, stderr }
}

async function preparedFolder(): Promise<string> {
  const { path, remove } = await temporaryFolder()
  stops.push(remove)
  for (const name of ['authority', 'certificate', 'secrets', 'logs', 'data']) mkdirSync(join(path, name))
  expect(prepare(path, {})).toContain('certificate: made for localstack')
  return path
}

/** Runs prepare.sh with the environment of its service, in folders instead of volumes. */
function prepare(folder: string, variables: Record<string, string>): string {
  const { environment = {} } = resolved('compose.yaml', variables).services['prepare'] as Service
  const folders = { AUTHORITY: 'authority', CERTIFICATE: 'certificate', SECRETS: 'secrets', LOGS: 'logs' }
  const run = spawnSync('sh', [join(COMPOSE, 'prepare.sh')], {
    encoding: 'utf8',
    env: {
      PATH: process.env['PATH'],
      ...Object.fromEntries(Object.entries(environment).map(([name, value]) => [name, String(value)])),
      ...Object.fromEntries(Object.entries(folders).map(([name, part]) => [name, join(folder, part)])),
    },
  })
  expect(run.stderr).toBe('')
  expect(run.status).toBe(0)
  return run.stdout
}

/** Command and environment of the service `cali`, with names and folders of this machine in place of the container's. */
function caliService(folder: string, port: number, bucket: string) {
  const service = resolved('compose.yaml', { CALI_S3_BUCKET: bucket }).services['cali'] as Service
  const here = (value: string): string =>
    value
      .replace('localstack:4566', `127.0.0.1:${port}`)
      .replace('0.0.0.0', '127.0.0.1')
      .replace(/^\/(?:authority|secrets|data)(?=\/|$)/, (part) => join(folder, part))
  const environment = Object.fromEntries(
    Object.entries(service.environment ?? {}).map(([name, value]) => [name, here(String(value))]),
  )
  return { environment, command: service.command ?? [] }
}

/** What deploy/fluent-bit/files-to-kinesis.yaml makes of the generator's file: simple_aggregation, gzip, random keys. */
async function sendAsFluentBit(kinesis: SmokeTarget['kinesis'], events: number): Promise<void> {
  const traffic = createTraffic({
    seed: 7,
    scenarios: ['all'],
    events,
    rate: 40,
    startAt: Date.now() - (events / 40) * 1000,
  })
  let offset = 0
  const lines = traffic.events.map((event) => {
    const whole = formatText(event).join('\n')
    const timestamp = whole.slice(0, 23)
    const record = {
      '@timestamp': new Date(event.at).toISOString(),
      log_content: whole,
      timestamp,
      level: event.level,
      service: event.service,
      log_file: '/logs/shop.log',
      log_offset: offset,
      host: 'compose',
      event_id: `compose:/logs/shop.log:${offset}:${timestamp}`,
    }
    offset += Buffer.byteLength(whole) + 1
    return `${JSON.stringify(record)}\n`
  })
  const client = createKinesisClient(kinesis)
  try {
    for (let i = 0; i < lines.length; i += 100) {
      const Data = gzipSync(lines.slice(i, i + 100).join(''))
      const answer = await client.send(
        new PutRecordsCommand({
          StreamName: kinesis.stream,
          Records: [{ Data, PartitionKey: randomUUID().slice(0, 8) }],
        }),
      )
      expect(answer.FailedRecordCount ?? 0).toBe(0)
    }
  } finally {
    client.destroy()
  }
}
