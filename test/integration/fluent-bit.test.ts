/**
 * The configurations of `deploy/fluent-bit` in a real Fluent Bit, where there is one on PATH: log files in, stand-ins for
 * Kinesis, CALI and the Kubernetes API around it, and CALI's own decoder behind.
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { cp, mkdir, writeFile } from 'node:fs/promises'
import { createServer as createHttpServer, type RequestListener, type Server } from 'node:http'
import { createServer as createHttpsServer } from 'node:https'
import { createRequire } from 'node:module'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, describe, expect, it } from 'vitest'
import { decodeBytes } from '../../src/pipeline/decode/wire.test-data.ts'
import type { LogRecord } from '../../src/pipeline/record.ts'
import { CONTAINER_ID, exampleEnvironment, FOLDER, PIPELINES } from '../support/fluent-bit.ts'
import { temporaryFolder, until } from '../support/system.ts'

const FIXTURES = fileURLToPath(new URL('../fixtures/fluentbit/', import.meta.url))
const REQUIRE = createRequire(import.meta.url)

const VERSION = /v(\d+\.\d+\.\d+)/.exec(spawnSync('fluent-bit', ['--version']).stdout?.toString() ?? '')?.[1]
process.stderr.write(
  VERSION === undefined
    ? 'skipped: no fluent-bit on PATH; its configurations were read, and compared with what 5.1.1 once sent, but not run\n'
    : `fluent-bit ${VERSION} (the configurations were made for 5.1.1)\n`,
)

const cleanups: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup()
})

describe.skipIf(VERSION === undefined)('a real Fluent Bit', () => {
  it.each(PIPELINES)('accepts %s', async (name) => {
    const folder = await newFolder()
    const { status, stdout, stderr } = spawnSync('fluent-bit', ['-c', FOLDER + name, '--dry-run'], {
      env: await environment(name, folder),
    })
    expect(`${stdout}${stderr}`).toContain('configuration test is successful')
    expect(status).toBe(0)
  })

  it.each(['files-to-kinesis.yaml', 'classic/files-to-kinesis.conf'])(
    '%s brings the 62 events of the 20 cases over TLS, once each though a chunk was sent twice',
    async (name) => {
      const folder = await newFolder()
      await cp(join(FIXTURES, 'edge'), join(folder, 'logs'), { recursive: true })
      const kinesis = await startKinesis({ partialFailures: 1 })
      await start(name, folder, {
        KINESIS_HOST: '127.0.0.1',
        KINESIS_PORT: kinesis.port,
        KINESIS_CA_FILE: kinesis.caFile,
      })
      await until(() => kinesis.records().size >= 62, 'all events have arrived')
      expect(kinesis.failed()).toBe(1)
      expectTheCases([...kinesis.records().values()])
    },
  )

  it('files-to-http.yaml brings them with the token, once each though CALI was away for the first request', async () => {
    const folder = await newFolder()
    await cp(join(FIXTURES, 'edge'), join(folder, 'logs'), { recursive: true })
    const cali = await startCali({ refusals: 1 })
    await start('files-to-http.yaml', folder, { CALI_PORT: cali.port, CALI_SERVER_TOKEN: 'a-token-of-the-test' })
    await until(() => cali.records().size >= 62, 'all events have arrived')
    expect(cali.refused()).toBe(1)
    expect([...cali.authorizations]).toEqual(['Bearer a-token-of-the-test'])
    expectTheCases([...cali.records().values()])
  })

  it('kubernetes-to-http.yaml brings whole events with pod, namespace and labels', async () => {
    const folder = await newFolder()
    const pod = 'order-service-7d9f8b6c5d-x2k4q'
    await cp(join(FIXTURES, 'inputs/cri.log'), join(folder, 'logs', `${pod}_shop_app-${CONTAINER_ID}.log`))
    await writeFile(join(folder, 'logs', `cali-0_cali_cali-${CONTAINER_ID}.log`), '2026-01-20T11:00:00Z stdout F own\n')
    const cali = await startCali({ refusals: 0 })
    const kubernetes = await startKubernetes(pod)
    await start('kubernetes-to-http.yaml', folder, { CALI_PORT: cali.port, KUBE_URL: kubernetes, HOSTNAME: pod })
    await until(() => cali.records().size >= 7, 'all events have arrived')
    const records = [...cali.records().values()]
    expect(records).toHaveLength(7)
    expect(Math.max(...records.map((record) => record.body.length))).toBeGreaterThan(33_000)
    expect(records.every((record) => record.id.startsWith('event:'))).toBe(true)
    const failed = records.find((record) => record.message.includes('orderId=9'))
    expect(failed).toMatchObject({
      service: 'order-service',
      severity: { text: 'ERROR' },
      body: expect.stringContaining('\n\nCaused by: java.io.IOException: x\n\t... 12 more'),
      exception: { type: 'java.lang.IllegalStateException' },
      resource: { namespace: 'shop', pod, labels: { 'app.kubernetes.io/name': 'order-service' } },
    })
  })

  it('cuts an event above 256 KiB, and brings one line of 300 KB', async () => {
    const folder = await newFolder()
    const header = '2026-01-20 20:00:00.123 ERROR [order-service]'
    const frames = '\tat com.cali.주문.처리(A.java:1)\n'.repeat(9_000)
    await writeFile(
      join(folder, 'logs', 'long.log'),
      `${header} ${'x'.repeat(300_000)}\n${header} boom\n${frames}${header} end\n`,
    )
    const cali = await startCali({ refusals: 0 })
    await start('files-to-http.yaml', folder, { CALI_PORT: cali.port })
    await until(() => cali.records().size >= 3, 'all events have arrived')
    const records = [...cali.records().values()]
    expect(records).toHaveLength(3)
    expect(records.filter((record) => record.attributes?.['truncated'] === true)).toHaveLength(2)
    expect(records.every((record) => !record.body.includes('\ufffd'))).toBe(true)
  })

  it('goes on after kill -9 where it was, without a gap in what had been read', async () => {
    const folder = await newFolder()
    const lines = Array.from({ length: 500 }, (_, i) => `2026-01-20 20:00:00.123 ERROR [order-service] n=${i}\n`)
    await writeFile(join(folder, 'logs', 'app.log'), lines.join(''))
    const cali = await startCali({ refusals: 0 })
    const first = await start('files-to-http.yaml', folder, { CALI_PORT: cali.port })
    await until(() => cali.records().size >= 500, 'the first events have arrived')
    first.kill('SIGKILL')
    await once(first, 'exit')
    await writeFile(join(folder, 'logs', 'app.log'), lines.join('').replaceAll('n=', 'later='), { flag: 'a' })
    await start('files-to-http.yaml', folder, { CALI_PORT: cali.port })
    await until(() => cali.records().size >= 1_000, 'the later events have arrived')
    expect(new Set([...cali.records().values()].map((record) => record.message)).size).toBe(1_000)
  })
})

/** The events that a person would want, for the fifteen cases of which Fluent Bit makes them; 62 events in all. */
function expectTheCases(records: readonly LogRecord[]): void {
  expect(records).toHaveLength(62)
  expect(records.every((record) => record.resource.host === 'node-of-the-test')).toBe(true)
  const wanted = JSON.parse(readFileSync(join(FIXTURES, 'edge/expected.json'), 'utf8')) as Record<string, string[]>
  const other = ['11_', '13_', '14_', '15_', '18_']
  const bodies = new Set(records.map((record) => record.body.trimEnd()))
  for (const [file, events] of Object.entries(wanted)) {
    if (other.some((prefix) => file.startsWith(prefix))) continue
    for (const event of events) expect(bodies, file).toContain(asDecoded(event))
  }
}

/** CALI's decoder takes colours and carriage returns away. */
const asDecoded = (event: string): string =>
  event
    .replaceAll('\r\n', '\n')
    .replaceAll(/\x1b\[[0-9;]*m/g, '')
    .trimEnd()

async function newFolder(): Promise<string> {
  const { path, remove } = await temporaryFolder()
  cleanups.push(remove)
  for (const name of ['conf', 'state', 'logs']) await mkdir(join(path, name))
  for (const name of ['parsers.yaml', 'cali.lua']) await cp(FOLDER + name, join(path, 'conf', name))
  for (const name of ['parsers.conf', 'multiline.conf']) await cp(`${FOLDER}classic/${name}`, join(path, 'conf', name))
  // A newline at the end of the token is refused by the API.
  await writeFile(join(path, 'token'), 'token-of-the-test')
  await writeFile(join(path, 'namespace'), 'shop')
  return path
}

async function environment(name: string, folder: string): Promise<Record<string, string>> {
  const logs = join(folder, 'logs')
  const example = exampleEnvironment()
  return {
    ...example,
    PATH: process.env['PATH'] ?? '',
    EDGE_CONF: join(folder, 'conf'),
    EDGE_STATE: join(folder, 'state'),
    EDGE_LOGS: logs,
    EDGE_NODE: 'node-of-the-test',
    EDGE_HTTP_PORT: String(await freePort()),
    CONTAINER_LOGS: logs,
    KUBE_TAG_PREFIX: `kube.${logs.slice(1).replaceAll('/', '.')}.`,
    KUBE_TOKEN_FILE: join(folder, 'token'),
    KUBE_NAMESPACE_FILE: join(folder, 'namespace'),
    CALI_HOST: '127.0.0.1',
    ...(name.includes('kinesis') ? { KINESIS_CA_FILE: await caFile(folder) } : {}),
  }
}

async function start(name: string, folder: string, variables: Record<string, string>): Promise<ChildProcess> {
  const child = spawn('fluent-bit', ['-c', FOLDER + name], {
    env: { ...(await environment(name, folder)), ...variables },
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  let log = ''
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    log = (log + text).slice(-4_000)
  })
  child.once('exit', (code) => {
    if (code !== 0 && code !== null) process.stderr.write(`fluent-bit ended with ${code}:\n${log}\n`)
  })
  cleanups.push(async () => {
    if (child.exitCode !== null || child.signalCode !== null) return
    const exit = once(child, 'exit')
    child.kill('SIGKILL')
    await exit
  })
  return child
}

/** Events by their id, decoded as they come in. */
function collector(): { add(data: readonly Uint8Array[]): void; records(): ReadonlyMap<string, LogRecord> } {
  const records = new Map<string, LogRecord>()
  return {
    add(data) {
      const decoded = decodeBytes(data)
      if (decoded.rejections.length > 0) throw new Error(`CALI could not read ${decoded.rejections.length} records`)
      for (const record of decoded.records) records.set(record.id, record)
    },
    records: () => records,
  }
}

const CERTIFICATE = (REQUIRE('kinesis-local/server.json') as { server: { key: string; cert: string } }).server

async function caFile(folder: string): Promise<string> {
  const path = join(folder, 'ca.pem')
  await writeFile(path, CERTIFICATE.cert)
  return path
}

/** PutRecords over TLS. Of the first requests one record each is refused, which makes Fluent Bit send all of them again. */
async function startKinesis({ partialFailures }: { partialFailures: number }) {
  const received = collector()
  let failed = 0
  const folder = await newFolder()
  const server = createHttpsServer(CERTIFICATE, async (request, response) => {
    const { Records } = JSON.parse((await bodyOf(request)).toString()) as { Records: { Data: string }[] }
    received.add(Records.map(({ Data }) => Buffer.from(Data, 'base64')))
    const refuse = failed < partialFailures
    if (refuse) failed++
    response.writeHead(200, { 'content-type': 'application/x-amz-json-1.1' }).end(
      JSON.stringify({
        FailedRecordCount: refuse ? 1 : 0,
        Records: Records.map((_, i) =>
          refuse && i === 0
            ? { ErrorCode: 'ProvisionedThroughputExceededException', ErrorMessage: 'Rate exceeded' }
            : { SequenceNumber: String(i), ShardId: 'shardId-000000000000' },
        ),
      }),
    )
  })
  return { port: await listen(server), caFile: await caFile(folder), records: received.records, failed: () => failed }
}

/** POST /ingest. The first requests are answered with 503. */
async function startCali({ refusals }: { refusals: number }) {
  const received = collector()
  const authorizations = new Set<string | undefined>()
  let refused = 0
  const server = createHttpServer(async (request, response) => {
    const body = await bodyOf(request)
    authorizations.add(request.headers.authorization)
    const refuse = refused < refusals
    if (refuse) refused++
    else if (request.url === '/ingest') received.add([body])
    response.writeHead(refuse ? 503 : 200, { 'content-type': 'application/json' }).end('{}')
  })
  return { port: await listen(server), records: received.records, authorizations, refused: () => refused }
}

/** The two routes that the kubernetes filter asks. */
async function startKubernetes(name: string): Promise<string> {
  const pod = {
    kind: 'Pod',
    apiVersion: 'v1',
    metadata: { name, namespace: 'shop', uid: 'u-1', labels: { 'app.kubernetes.io/name': 'order-service' } },
    spec: { nodeName: 'node-of-the-test', containers: [{ name: 'app', image: 'cali/order-service:1.4.2' }] },
    status: {
      podIP: '10.0.1.77',
      containerStatuses: [
        { name: 'app', image: 'cali/order-service:1.4.2', containerID: `containerd://${CONTAINER_ID}` },
      ],
    },
  }
  const listener: RequestListener = (request, response) => {
    const answer =
      request.url === `/api/v1/namespaces/shop/pods/${name}`
        ? pod
        : request.url === '/api/v1/namespaces/shop'
          ? { kind: 'Namespace', apiVersion: 'v1', metadata: { name: 'shop' } }
          : undefined
    response.writeHead(answer === undefined ? 404 : 200, { 'content-type': 'application/json' })
    response.end(JSON.stringify(answer ?? {}))
  }
  return `http://127.0.0.1:${await listen(createHttpServer(listener))}`
}

async function bodyOf(request: AsyncIterable<Buffer>): Promise<Buffer> {
  const parts: Buffer[] = []
  for await (const part of request) parts.push(part)
  return Buffer.concat(parts)
}

async function listen(
  server: Pick<Server, 'listen' | 'address' | 'close' | 'closeAllConnections' | 'once'>,
): Promise<string> {
  server.listen(0, '127.0.0.1')
  await once(server as Server, 'listening')
  cleanups.push(async () => {
    server.closeAllConnections()
    server.close()
  })
  return String((server.address() as AddressInfo).port)
}

async function freePort(): Promise<number> {
  const server = createHttpServer()
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}
