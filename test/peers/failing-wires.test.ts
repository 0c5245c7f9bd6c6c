/** Adapters and their real servers with a wire between them that fails: nothing is lost, nothing is there twice, nobody waits for ever. */
import {
  CreateStreamCommand,
  type KinesisClient,
  PutRecordsCommand,
  waitUntilStreamExists,
} from '@aws-sdk/client-kinesis'
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3'
import { NodeHttpHandler } from '@smithy/node-http-handler'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { type LocalKinesis, startLocalKinesis } from '../../src/app/local-kinesis.ts'
import { createKinesisClient } from '../../src/pipeline/consume/kinesis-client.ts'
import { createKinesisSource } from '../../src/pipeline/consume/kinesis-source.ts'
import { archived, entryOf, openWriter } from '../../src/pipeline/forward/archive.test-data.ts'
import type { OwnedObjectStore } from '../../src/pipeline/forward/object-store.ts'
import { createS3ObjectStore } from '../../src/pipeline/forward/s3-object-store.ts'
import { createFingerprinter } from '../../src/pipeline/group/fingerprint.ts'
import { createIncidentPlanner, DEFAULT_INCIDENT_POLICY } from '../../src/pipeline/group/incident-plan.ts'
import { emptyLedger } from '../../src/pipeline/outcome.ts'
import { systemClock } from '../../src/platform/clock.ts'
import { CaliError } from '../../src/platform/error.ts'
import { openSharedState, type State } from '../../src/state/state.ts'
import { createFakePipeline, createFakeState } from '../support/fake-stream.ts'
import { type FaultProxy, startFaultProxy } from '../support/fault-proxy.ts'
import { eventsOf, NOON } from '../support/records.ts'
import { type AwsServer, type AwsServerName, isInstalled, startAwsServer } from './aws-server.ts'
import { findPostgres, type PostgresServer, startPostgres } from './postgres-server.ts'

/** Calls until it succeeds; every failure must be one that is worth another attempt. */
async function insisting<T>(call: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await call()
    } catch (error) {
      expect(error).toBeInstanceOf(CaliError)
      expect((error as CaliError).retryable, String(error)).toBe(true)
      if (attempt > 200) throw error
    }
  }
}

const secondsOf = async (work: Promise<unknown>): Promise<number> => {
  const started = performance.now()
  await work.catch(() => undefined)
  return (performance.now() - started) / 1_000
}

describe.skipIf(findPostgres() === undefined)('PostgreSQL (skipped where initdb is not installed)', () => {
  const STATEMENT_MS = 1_000
  let server: PostgresServer
  let wire: FaultProxy
  const open: State[] = []
  const openState = async (worker: string, port = wire.port): Promise<State> => {
    const state = await openSharedState({
      url: `postgres://cali@127.0.0.1:${port}/cali`,
      pool: 3,
      statementTimeoutMs: STATEMENT_MS,
      connectTimeoutMs: 1_000,
      clock: { now: () => NOON },
      worker,
    })
    open.push(state)
    return state
  }
  const plan = createIncidentPlanner(DEFAULT_INCIDENT_POLICY, () => NOON)

  beforeAll(async () => {
    server = await startPostgres()
    wire = await startFaultProxy(server.port, 7)
  })
  afterEach(async () => {
    wire.set({ kind: 'none' })
    for (const state of open.splice(0)) await state.close()
  })
  afterAll(async () => {
    await wire?.stop()
    await server?.stop()
  })

  it('connections that were forgotten on the way fail within the limit of a statement and are never used again', async () => {
    const state = await openState('one')
    const fingerprint = createFingerprinter()
    const apply = (id: string): Promise<unknown> =>
      state.incidents.apply(eventsOf([{ id, sequence: id, message: `disk ${id} is full` }], fingerprint), plan)
    // Every connection of the pool is open.
    await Promise.all(['1', '2', '3'].map(apply))
    wire.set({ kind: 'black-hole' })
    const calls = ['4', '5', '6'].map(apply)
    const waited = await secondsOf(Promise.all(calls))
    for (const { reason } of (await Promise.allSettled(calls)) as PromiseRejectedResult[])
      expect(reason).toMatchObject({ retryable: true })
    // A statement's time on the client, once, not once more for the ROLLBACK that nobody hears.
    expect(waited).toBeLessThan(STATEMENT_MS / 1_000 + 7)
    wire.set({ kind: 'none' })
    expect(await secondsOf(Promise.all(['4', '5', '6', '7'].map(apply)))).toBeLessThan(3)
    const [incident] = await state.incidents.list({})
    expect(incident?.count).toBe(7)
  })

  it('three workers whose calls are cut before and after they took effect count each event once', async () => {
    const direct = await openState('direct', server.port)
    const before = (await direct.incidents.list({})).reduce((sum, { count }) => sum + count, 0)
    const workers = await Promise.all(['a', 'b', 'c'].map((name) => openState(name)))
    wire.set({ kind: 'resets', share: 0.03 })
    const hit = wire.hit
    const batches = Array.from({ length: 60 }, (_, b) =>
      Array.from({ length: 10 }, (_event, i) => ({
        id: `r${b}-${i}`,
        sequence: String(b * 10 + i + 100),
        shard: String(b % 3),
        message: `payment ${b} was declined`,
      })),
    )
    await Promise.all(
      workers.map(async (state, w) => {
        const fingerprint = createFingerprinter()
        let after: string | undefined
        for (const batch of batches.filter((_, b) => b % 3 === w)) {
          const events = eventsOf(batch, fingerprint)
          await insisting(() => state.incidents.apply(events, plan))
          const sequence = batch.at(-1)?.sequence as string
          const checkpoint = { incarnation: '1', shard: String(w), after, sequence }
          await insisting(() => state.checkpoints.save('s', checkpoint, { ...emptyLedger(), ...tally(10) }))
          after = sequence
        }
      }),
    )
    expect(wire.hit - hit).toBeGreaterThan(5)
    const after = (await direct.incidents.list({})).reduce((sum, { count }) => sum + count, 0)
    expect(after - before).toBe(600)
    expect((await direct.checkpoints.ledger()).decode.received).toBe(600)
  })

  const tally = (n: number) => {
    const ledger = emptyLedger()
    ledger.decode.received = n
    ledger.decode.kept = n
    return { decode: ledger.decode }
  }
})

const aws = (['ministack', 'moto'] as const).find(isInstalled)
describe.skipIf(aws === undefined)('S3 (skipped where node tools/peers-aws.ts has not installed a server)', () => {
  let server: AwsServer
  let wire: FaultProxy
  const opened: OwnedObjectStore[] = []
  const open = (prefix: string, endpoint = `http://127.0.0.1:${wire.port}`): OwnedObjectStore => {
    const store = createS3ObjectStore({
      bucket: 'cali-wires',
      prefix,
      region: 'us-east-1',
      endpoint,
      timeoutMs: 1_000,
    })
    opened.push(store)
    return store
  }
  beforeAll(async () => {
    server = await startAwsServer(aws as AwsServerName)
    wire = await startFaultProxy(Number(new URL(server.endpoint).port), 11)
    const client = new S3Client({
      region: 'us-east-1',
      endpoint: server.endpoint,
      forcePathStyle: true,
      requestHandler: new NodeHttpHandler(),
      credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    })
    await client.send(new CreateBucketCommand({ Bucket: 'cali-wires' }))
    client.destroy()
  })
  afterEach(() => wire.set({ kind: 'none' }))
  afterAll(async () => {
    for (const store of opened) store.close()
    await wire?.stop()
    await server?.stop()
  })

  it('a black hole ends within the time of a request, and the next one is well', async () => {
    const store = open('hole/')
    await store.putIfAbsent('a', Buffer.from('a'))
    wire.set({ kind: 'black-hole' })
    const call = store.putIfAbsent('b', Buffer.from('b'))
    expect(await secondsOf(call)).toBeLessThan(8)
    await expect(call).rejects.toMatchObject({ retryable: true })
    wire.set({ kind: 'none' })
    expect(await insisting(() => store.putIfAbsent('b', Buffer.from('b')))).toBe(true)
  })

  it('a chain that four writers continue while requests and answers are cut holds every record once', async () => {
    const writers = Array.from({ length: 4 }, () => openWriter(open('chain/')))
    wire.set({ kind: 'resets', share: 0.15 })
    await Promise.all(
      writers.map(async ({ stage }, i) => {
        for (let at = 1; at <= 60; at += i + 3) {
          void stage.append(entryOf(Array.from({ length: Math.min(i + 3, 61 - at) }, (_, j) => at + j)))
          await stage.flush()
        }
      }),
    )
    expect(wire.hit).toBeGreaterThan(10)
    wire.set({ kind: 'none' })
    expect(await archived(open('chain/', server.endpoint))).toEqual(Array.from({ length: 60 }, (_, i) => i + 1))
  })
})

describe('Kinesis (kinesis-local)', () => {
  let server: LocalKinesis
  let client: KinesisClient
  let wire: FaultProxy
  beforeAll(async () => {
    server = await startLocalKinesis({ environment: process.env, region: 'us-east-1', tlsPort: 0, plainPort: 0 })
    client = createKinesisClient({ region: 'us-east-1', endpoint: server.endpoint })
    wire = await startFaultProxy(Number(new URL(server.endpoint).port), 13)
    await client.send(new CreateStreamCommand({ StreamName: 'wires', ShardCount: 2 }))
    await waitUntilStreamExists({ client, maxWaitTime: 30, minDelay: 1, maxDelay: 1 }, { StreamName: 'wires' })
  })
  afterAll(async () => {
    client?.destroy()
    await wire?.stop()
    await server?.stop()
  })

  it('a reader whose calls are cut, held up and refused reads every record once and in order', async () => {
    const put = async (from: number): Promise<void> => {
      const Records = Array.from({ length: 50 }, (_, i) => ({
        Data: Buffer.from(`${from + i}`),
        PartitionKey: `키-${i}`,
      }))
      expect((await client.send(new PutRecordsCommand({ StreamName: 'wires', Records }))).FailedRecordCount).toBe(0)
    }
    const address = { region: 'us-east-1', endpoint: `http://127.0.0.1:${wire.port}` }
    const reader = createKinesisClient(address)
    const pipeline = createFakePipeline(createFakeState(), { flushEach: 1 })
    const stop = new AbortController()
    const source = createKinesisSource({
      client: reader,
      address,
      stream: 'wires',
      pollMs: 5,
      initialPosition: 'trim-horizon',
      checkpoints: pipeline.checkpoints,
      process: (batch) => pipeline.process(batch),
      clock: systemClock,
      logger: pipeline.logger,
      random: () => 0,
    })
    await put(0)
    const running = source.run(stop.signal)
    wire.set({ kind: 'resets', share: 0.3 })
    await pipeline.applies(50)
    await put(50)
    await pipeline.applies(100)
    wire.set({ kind: 'away' })
    await put(100)
    wire.set({ kind: 'slow', ms: 20 })
    await pipeline.applies(150)
    // The longest wait of all: until a request is given up.
    wire.set({ kind: 'black-hole' })
    await put(150)
    wire.set({ kind: 'none' })
    await pipeline.applies(200)
    stop.abort()
    await pipeline.flush()
    await running
    reader.destroy()
    expect(wire.hit).toBeGreaterThan(5)
    expect(new Set(pipeline.counted).size).toBe(200)
    expect(pipeline.counted).toHaveLength(200)
    const texts = pipeline.batches.flatMap(({ records }) => records.map(({ data }) => Buffer.from(data).toString()))
    expect(texts.map(Number).sort((a, b) => a - b)).toEqual(Array.from({ length: 200 }, (_, i) => i))
  })
})
