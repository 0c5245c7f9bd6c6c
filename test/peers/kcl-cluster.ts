/** What workers under the KCL need, on this machine: a stream, a lease table and a bucket behind a wire, PostgreSQL, Slack. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { CreateStreamCommand, KinesisClient, PutRecordsCommand, waitUntilStreamExists } from '@aws-sdk/client-kinesis'
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3'
import { NodeHttpHandler } from '@smithy/node-http-handler'
import { startLocalKinesis } from '../../src/app/local-kinesis.ts'
import { within } from '../../src/knowledge/within.ts'
import { readArchiveObject } from '../../src/pipeline/forward/archive-object.ts'
import { createS3ObjectStore } from '../../src/pipeline/forward/s3-object-store.ts'
import { ledgerFaults } from '../../src/pipeline/outcome.ts'
import { systemClock } from '../../src/platform/clock.ts'
import { openSharedState } from '../../src/state/state.ts'
import { startFakeSlack } from '../support/fake-slack.ts'
import { type FaultProxy, startFaultProxy } from '../support/fault-proxy.ts'
import { until } from '../support/system.ts'
import { isInstalled, startAwsServer } from './aws-server.ts'
import { type KclWorker, kclJarsFolder, missingForKcl, startKclWorker } from './kcl-worker.ts'
import { findPostgres, startPostgres } from './postgres-server.ts'

const REGION = 'ap-northeast-2'
const STOP_MS = 20_000
export const STREAM = 'kcl-logs'
const BUCKET = 'cali-kcl'
const CREDENTIALS = { accessKeyId: 'test', secretAccessKey: 'test' }

/** What is missing on this machine. */
export const missingForCluster = (): string[] =>
  [
    missingForKcl(),
    isInstalled('ministack') ? undefined : 'MiniStack (node tools/peers-aws.ts)',
    findPostgres() === undefined ? 'PostgreSQL' : undefined,
  ].filter((what) => what !== undefined)

/** What has become of everything that was put; each list is empty, or each figure as it must be, when all is well. */
export interface ClusterBooks {
  readonly ledgerFaults: readonly string[]
  readonly received: number
  /** Events in incidents. */
  readonly counted: number
  readonly incidents: number
  /** Messages of their own in the channel. */
  readonly messages: number
  readonly archived: number
  readonly archivedOnce: number
}

export interface KclCluster {
  readonly client: KinesisClient
  /** Between the workers and both lease table and bucket. */
  readonly wire: FaultProxy
  readonly workers: readonly KclWorker[]
  /** Records that the stream has acknowledged; every other one is an ERROR. */
  readonly sent: number
  startWorker(name: string): KclWorker
  /** Puts lines of two kinds, errors and warnings, on all shards; waits for the answer of the stream. */
  put(n: number): Promise<void>
  allArePassed(): Promise<void>
  books(): Promise<ClusterBooks>
  stop(): Promise<void>
}

export interface ClusterOptions {
  readonly shards: number
  /** Setting kcl.failover; absent: its default. */
  readonly failover?: string
}

export async function startKclCluster({ shards, failover }: ClusterOptions): Promise<KclCluster> {
  const folder = await mkdtemp(join(tmpdir(), 'cali-kcl-'))
  const kinesis = await startLocalKinesis({ environment: process.env, region: REGION, tlsPort: 0, plainPort: 0 })
  const aws = await startAwsServer('ministack')
  const wire = await startFaultProxy(Number(new URL(aws.endpoint).port))
  const postgres = await startPostgres()
  const slack = await startFakeSlack()
  const client = new KinesisClient({
    region: REGION,
    endpoint: kinesis.endpoint,
    credentials: CREDENTIALS,
    requestHandler: new NodeHttpHandler(),
  })
  await client.send(new CreateStreamCommand({ StreamName: STREAM, ShardCount: shards }))
  await waitUntilStreamExists({ client, maxWaitTime: 30, minDelay: 1, maxDelay: 1 }, { StreamName: STREAM })
  const s3 = new S3Client({ region: REGION, endpoint: aws.endpoint, credentials: CREDENTIALS, forcePathStyle: true })
  await s3.send(new CreateBucketCommand({ Bucket: BUCKET }))
  s3.destroy()
  const state = await openSharedState({
    url: postgres.url,
    pool: 3,
    statementTimeoutMs: 20_000,
    connectTimeoutMs: 5_000,
    clock: systemClock,
    worker: 'test',
  })
  const settings = {
    lang: 'en',
    timeZone: 'UTC',
    kinesis: { endpoint: kinesis.endpoint, region: REGION, stream: STREAM },
    aws: { endpoint: `http://127.0.0.1:${wire.port}` },
    s3: { bucket: BUCKET },
    postgres: { url: postgres.url, pool: 5 },
    kcl: { jars: kclJarsFolder(), heap: '256m', maxLeases: 12, ...(failover === undefined ? {} : { failover }) },
    archive: { flushInterval: '500ms' },
    slack: { botToken: 'xoxb-test', apiUrl: slack.apiUrl, channel: 'C0TEST00001', editInterval: '50ms' },
    incidents: { silenceAfter: '0s' },
  }
  const workers: KclWorker[] = []
  let sent = 0

  const putSome = async (n: number): Promise<void> => {
    const Records = Array.from({ length: n }, () => {
      const i = sent++
      const fields = {
        level: i % 2 === 0 ? 'ERROR' : 'WARN',
        service: 'order-서비스',
        message: i % 2 === 0 ? `재고 확인 실패: 주문 ${i}` : `slow call ${i}`,
      }
      return { Data: Buffer.from(JSON.stringify({ ...fields, event_id: `e-${i}` })), PartitionKey: `키-${i}` }
    })
    const answer = await client.send(new PutRecordsCommand({ StreamName: STREAM, Records }))
    if (answer.FailedRecordCount !== 0) throw new Error(`${answer.FailedRecordCount} records were not taken`)
  }

  return {
    client,
    wire,
    workers,
    get sent() {
      return sent
    },
    startWorker: (name) => {
      const worker = startKclWorker({ name, folder, settings })
      workers.push(worker)
      return worker
    },
    put: async (n) => {
      for (let done = 0; done < n; done += 100) await putSome(Math.min(100, n - done))
    },
    allArePassed: () =>
      until(
        async () => (await state.checkpoints.ledger()).decode.received >= sent,
        `all ${sent} records are passed`,
        150_000,
      ),
    books: async () => {
      await until(
        async () => (await state.outbox.status(state.clock.now())).pending === 0,
        'all messages are delivered',
      )
      const ledger = await state.checkpoints.ledger()
      const incidents = await state.incidents.list({})
      const archived = await archivedIds(aws.endpoint)
      return {
        ledgerFaults: ledgerFaults(ledger),
        received: ledger.decode.received,
        counted: incidents.reduce((sum, { count }) => sum + count, 0),
        incidents: incidents.length,
        messages: slack.roots().length,
        archived: archived.length,
        archivedOnce: new Set(archived).size,
      }
    },
    stop: async () => {
      const parts: [string, () => Promise<unknown>][] = [
        ...workers.map(({ child, kill }): [string, () => Promise<unknown>] => [
          `worker ${child.pid}`,
          () => kill('SIGKILL'),
        ]),
        ['state', state.close],
        ['Slack', slack.stop],
        ['PostgreSQL', postgres.stop],
        ['wire', wire.stop],
        ['MiniStack', aws.stop],
        ['Kinesis', kinesis.stop],
      ]
      client.destroy()
      // One part that hangs is told by its name, and not by the time of the whole.
      for (const [name, stop] of parts)
        await within(STOP_MS, stop).catch((error) => {
          throw new Error(`${name} does not stop`, { cause: error })
        })
      await rm(folder, { recursive: true, force: true })
    },
  }
}

async function archivedIds(endpoint: string): Promise<string[]> {
  const store = createS3ObjectStore({ bucket: BUCKET, prefix: '', region: REGION, endpoint, timeoutMs: 10_000 })
  const ids: string[] = []
  for await (const { key } of store.list('logs/'))
    ids.push(...readArchiveObject((await store.get(key)) ?? new Uint8Array()).map(({ id }) => id))
  store.close()
  return ids
}
