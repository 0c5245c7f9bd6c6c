/** Events through the real KCL daemon and its pipe into the whole pipeline in memory. Needs Java, the jars and MiniStack. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { configSchema } from '../src/app/config.ts'
import { startKclDaemon } from '../src/app/kcl-daemon.ts'
import { createKclSource } from '../src/pipeline/consume/kcl-source.ts'
import { createShardCheckpoints } from '../src/pipeline/consume/shard-checkpoint.ts'
import { systemClock } from '../src/platform/clock.ts'
import { silentLogger } from '../src/platform/logger.ts'
import { openState } from '../src/state/state.ts'
import { isInstalled, startAwsServer } from '../test/peers/aws-server.ts'
import { kclJarsFolder, missingForKcl } from '../test/peers/kcl-worker.ts'
import { memoryPipeline } from './consumer-case.ts'
import { startStreamInMemory } from './kinesis-h2c.ts'
import { type Figure, figure } from './measure.ts'
import { recordLines } from './records.ts'

const SHARDS = 4
const EVENTS = 200_000
/** Lines of about 100 kB, as Fluent Bit aggregates them. */
const PER_RECORD = 200
const ROUNDS = 3

export async function benchKclPipe(): Promise<Figure[]> {
  const missing = missingForKcl() ?? (isInstalled('ministack') ? undefined : 'MiniStack (node tools/peers-aws.ts)')
  if (missing !== undefined) {
    console.log(`KCL pipe: NOT MEASURED, missing: ${missing}`)
    return []
  }
  const lines = recordLines({ count: EVENTS, from: 1_790_000_000_000, level: 'field' }).map(({ text }) => text)
  const plain = aggregatesOf(lines, (payload) => payload.toString('base64'))
  const gzip = aggregatesOf(lines, (payload) => gzipSync(payload).toString('base64'))
  return [...(await measure('plain aggregates', plain)), ...(await measure('gzip aggregates', gzip))]
}

const aggregatesOf = (lines: readonly string[], encode: (payload: Buffer) => string): string[] =>
  Array.from({ length: Math.ceil(lines.length / PER_RECORD) }, (_, i) =>
    encode(Buffer.from(`${lines.slice(i * PER_RECORD, (i + 1) * PER_RECORD).join('\n')}\n`)),
  )

async function measure(name: string, records: readonly string[]): Promise<Figure[]> {
  const shards = Array.from({ length: SHARDS }, (_, shard) => records.filter((_record, i) => i % SHARDS === shard))
  const stream = await startStreamInMemory(shards)
  const aws = await startAwsServer('ministack')
  const rates: number[] = []
  try {
    for (let round = 0; round < ROUNDS; round++)
      rates.push(await readAll(stream.endpoint, aws.endpoint, records.length, round))
  } finally {
    await aws.stop()
    await stream.stop()
  }
  const bytes = records.reduce((sum, record) => sum + record.length, 0)
  return [
    figure(`KCL pipe, ${name}`, 'events/s', rates),
    figure(
      `KCL pipe, ${name}, base64 carried`,
      'MB/s',
      rates.map((rate) => (rate * bytes) / EVENTS / 1e6),
    ),
  ]
}

/** Events per second from the first batch to the last. */
async function readAll(kinesis: string, aws: string, records: number, round: number): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), 'cali-bench-'))
  const config = configSchema.parse({
    dataDir: folder,
    kinesis: { endpoint: kinesis, region: 'us-east-1', stream: 'bench' },
    aws: { endpoint: aws },
    kcl: { jars: kclJarsFolder(), application: `bench-${round}`, failover: '3s' },
  })
  const state = await openState({ path: ':memory:', clock: systemClock })
  let books = 0
  const pipeline = memoryPipeline((tally) => {
    books += tally.decode.received
  })
  let started = 0
  let read = 0
  const done = Promise.withResolvers<void>()
  const stop = new AbortController()
  const source = createKclSource({
    stream: 'bench',
    checkpoints: createShardCheckpoints(state.checkpoints, state.takeUps),
    process: async (batch) => {
      started ||= performance.now()
      const result = await pipeline.process(batch, { resumable: true, incarnation: '1' })
      read += batch.records.length
      if (read >= records) done.resolve()
      return result
    },
    flush: async () => undefined,
    logger: silentLogger,
    random: Math.random,
    incarnation: async () => '1',
    socket: join(folder, 's'),
    secret: 'bench',
    watchdogMs: 60_000,
    stopMs: 10_000,
    startDaemon: async (socket, secret) =>
      startKclDaemon(
        {
          config,
          worker: 'bench',
          environment: { ...process.env, JAVA_TOOL_OPTIONS: '-Daws.cborEnabled=false' },
          logger: silentLogger,
        },
        socket,
        secret,
      ),
  })
  const running = source.run(stop.signal)
  await done.promise
  const seconds = (performance.now() - started) / 1_000
  stop.abort()
  await running
  await state.close()
  rmSync(folder, { recursive: true, force: true })
  if (books !== EVENTS) throw new Error(`${books} events of ${EVENTS} are in the books: nothing was measured`)
  return EVENTS / seconds
}
