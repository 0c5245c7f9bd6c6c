/** The KCL runner against the real daemon: Java with KCL 2.7.2, kinesis-local, a lease table in MiniStack, PostgreSQL. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  CreateStreamCommand,
  KinesisClient,
  MergeShardsCommand,
  PutRecordsCommand,
  SplitShardCommand,
  waitUntilStreamExists,
} from '@aws-sdk/client-kinesis'
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3'
import { NodeHttpHandler } from '@smithy/node-http-handler'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type LocalKinesis, startLocalKinesis } from '../../src/app/local-kinesis.ts'
import { readArchiveObject } from '../../src/pipeline/forward/archive-object.ts'
import { createS3ObjectStore } from '../../src/pipeline/forward/s3-object-store.ts'
import { ledgerFaults } from '../../src/pipeline/outcome.ts'
import { systemClock } from '../../src/platform/clock.ts'
import { openSharedState, type State } from '../../src/state/state.ts'
import { type FakeSlack, startFakeSlack } from '../support/fake-slack.ts'
import { until } from '../support/system.ts'
import { type AwsServer, isInstalled, startAwsServer } from './aws-server.ts'
import { type KclWorker, kclJarsFolder, missingForKcl, startKclWorker } from './kcl-worker.ts'
import { findPostgres, type PostgresServer, startPostgres } from './postgres-server.ts'

const REGION = 'ap-northeast-2'
const STREAM = 'kcl-logs'
const BUCKET = 'cali-kcl'
const missing = [
  missingForKcl(),
  isInstalled('ministack') ? undefined : 'MiniStack (node tools/peers-aws.ts)',
  findPostgres() === undefined ? 'PostgreSQL' : undefined,
].filter((what) => what !== undefined)

describe.skipIf(missing.length > 0)(
  `workers under the real KCL${missing.length > 0 ? `, missing: ${missing.join(', ')}` : ''}`,
  () => {
    let kinesis: LocalKinesis
    let aws: AwsServer
    let postgres: PostgresServer
    let slack: FakeSlack
    let folder: string
    let client: KinesisClient
    let state: State
    const workers: KclWorker[] = []
    let sent = 0

    beforeAll(async () => {
      folder = await mkdtemp(join(tmpdir(), 'cali-kcl-test-'))
      kinesis = await startLocalKinesis({ environment: process.env, region: REGION, tlsPort: 0, plainPort: 0 })
      aws = await startAwsServer('ministack')
      postgres = await startPostgres()
      slack = await startFakeSlack()
      const credentials = { accessKeyId: 'test', secretAccessKey: 'test' }
      client = new KinesisClient({
        region: REGION,
        endpoint: kinesis.endpoint,
        credentials,
        requestHandler: new NodeHttpHandler(),
      })
      await client.send(new CreateStreamCommand({ StreamName: STREAM, ShardCount: 2 }))
      await waitUntilStreamExists({ client, maxWaitTime: 30, minDelay: 1, maxDelay: 1 }, { StreamName: STREAM })
      const s3 = new S3Client({ region: REGION, endpoint: aws.endpoint, credentials, forcePathStyle: true })
      await s3.send(new CreateBucketCommand({ Bucket: BUCKET }))
      s3.destroy()
      state = await openSharedState({
        url: postgres.url,
        pool: 3,
        statementTimeoutMs: 20_000,
        connectTimeoutMs: 5_000,
        clock: systemClock,
        worker: 'test',
      })
    })
    afterAll(async () => {
      for (const worker of workers) await worker.kill('SIGKILL').catch(() => undefined)
      await state?.close()
      client?.destroy()
      await slack?.stop()
      await postgres?.stop()
      await aws?.stop()
      await kinesis?.stop()
      await rm(folder, { recursive: true, force: true })
    })

    const startWorker = (name: string): KclWorker => {
      const worker = startKclWorker({
        name,
        folder,
        settings: {
          lang: 'en',
          timeZone: 'UTC',
          kinesis: { endpoint: kinesis.endpoint, region: REGION, stream: STREAM },
          aws: { endpoint: aws.endpoint },
          s3: { bucket: BUCKET },
          postgres: { url: postgres.url, pool: 5 },
          kcl: { jars: kclJarsFolder(), failover: '3s', heap: '256m', maxLeases: 12 },
          archive: { flushInterval: '500ms' },
          slack: { botToken: 'xoxb-test', apiUrl: slack.apiUrl, channel: 'C0TEST00001', editInterval: '50ms' },
          incidents: { silenceAfter: '0s' },
        },
      })
      workers.push(worker)
      return worker
    }

    /** Puts lines of two kinds, errors and warnings; waits for the answer of the stream. */
    const put = async (n: number): Promise<void> => {
      for (let done = 0; done < n; done += 100) {
        const Records = Array.from({ length: Math.min(100, n - done) }, () => {
          const i = sent++
          const fields = {
            level: i % 2 === 0 ? 'ERROR' : 'WARN',
            service: 'order-서비스',
            message: i % 2 === 0 ? `재고 확인 실패: 주문 ${i}` : `slow call ${i}`,
          }
          return { Data: Buffer.from(JSON.stringify({ ...fields, event_id: `e-${i}` })), PartitionKey: `키-${i}` }
        })
        const answer = await client.send(new PutRecordsCommand({ StreamName: STREAM, Records }))
        expect(answer.FailedRecordCount).toBe(0)
      }
    }

    const received = async (): Promise<number> => (await state.checkpoints.ledger()).decode.received

    const allArePassed = (): Promise<void> =>
      until(async () => (await received()) >= sent, `all ${sent} records are passed`, 150_000)

    const expectEverythingOnce = async (): Promise<void> => {
      const ledger = await state.checkpoints.ledger()
      expect(ledgerFaults(ledger)).toEqual([])
      expect(ledger.decode.received).toBe(sent)
      const incidents = await state.incidents.list({})
      expect(incidents.reduce((sum, incident) => sum + incident.count, 0)).toBe(sent / 2)
      await until(
        async () => (await state.outbox.status(state.clock.now())).pending === 0,
        'all messages are delivered',
      )
      expect(slack.roots().length).toBe(incidents.length)
      const store = createS3ObjectStore({
        bucket: BUCKET,
        prefix: '',
        region: REGION,
        endpoint: aws.endpoint,
        timeoutMs: 10_000,
      })
      const archived: string[] = []
      for await (const { key } of store.list('logs/'))
        archived.push(...readArchiveObject((await store.get(key)) ?? new Uint8Array()).map((record) => record.id))
      await store.close?.()
      expect(archived).toHaveLength(sent)
      expect(new Set(archived).size).toBe(sent)
    }

    it('read everything once, go on where they stopped, and hand over in order when they are asked to end', async () => {
      await put(200)
      const first = startWorker('pod-0')
      await first.line(/lease_taken.*shardId-000000000001/)
      await allArePassed()
      await put(100)
      await allArePassed()
      await expectEverythingOnce()
      const daemon = first.daemonPid()
      expect(await first.stop()).toBe(0)
      // Nothing is left behind of it.
      expect(() => process.kill(daemon ?? 0, 0)).toThrow()
      await put(100)
      const again = startWorker('pod-0')
      await allArePassed()
      await expectEverythingOnce()
      expect(
        again.lines.filter((line) => line.includes('lease_taken')).every((line) => !line.includes('"after":"start"')),
      ).toBe(true)
    }, 300_000)

    it('start their daemon anew when it is killed, and lose nothing', async () => {
      const worker = workers.at(-1) as KclWorker
      const pid = worker.daemonPid() as number
      expect(pid).toBeGreaterThan(0)
      process.kill(pid, 'SIGKILL')
      await put(100)
      await worker.line(/kcl_ended/)
      await allArePassed()
      await expectEverythingOnce()
    }, 300_000)

    it('take over from a worker that is killed, and from one that stood still and wakes', async () => {
      const first = workers.at(-1) as KclWorker
      const second = startWorker('pod-1')
      await put(100)
      await allArePassed()
      // Frozen with all that it holds, as by a pause of its machine.
      const frozen = [first.child.pid, first.daemonPid()].filter((pid) => pid !== undefined)
      for (const pid of frozen) process.kill(pid, 'SIGSTOP')
      await put(200)
      await allArePassed()
      for (const pid of frozen) process.kill(pid, 'SIGCONT')
      await put(100)
      await allArePassed()
      await expectEverythingOnce()
      await second.kill('SIGKILL')
      await put(100)
      await allArePassed()
      await expectEverythingOnce()
    }, 400_000)

    it('follow a split and a merge of shards, parents before children', async () => {
      await client.send(
        new SplitShardCommand({
          StreamName: STREAM,
          ShardToSplit: 'shardId-000000000000',
          NewStartingHashKey: '85070591730234615865843651857942052864',
        }),
      )
      await put(200)
      await allArePassed()
      await client.send(
        new MergeShardsCommand({
          StreamName: STREAM,
          ShardToMerge: 'shardId-000000000002',
          AdjacentShardToMerge: 'shardId-000000000003',
        }),
      )
      await put(200)
      await allArePassed()
      await expectEverythingOnce()
    }, 300_000)
  },
)
