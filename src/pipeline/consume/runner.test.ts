import { expect, it } from 'vitest'
import { createEventSourceMapping } from '../../../test/support/event-source-mapping.ts'
import { createFakeKclDaemon } from '../../../test/support/fake-kcl-daemon.ts'
import { createFakeKinesis } from '../../../test/support/fake-kinesis.ts'
import {
  createFakePipeline,
  createFakeState,
  type FakePipeline,
  type FakeShard,
  fakeShard,
} from '../../../test/support/fake-stream.ts'
import { systemClock } from '../../platform/clock.ts'
import { compareSequences } from '../record.ts'
import { serveKclShard } from './kcl-shard.ts'
import { createKinesisSource } from './kinesis-source.ts'
import { processLambdaBatch, readKinesisEvent } from './lambda-batch.ts'
import { type RunnerCase, type RunningWorker, runnerContract } from './runner.contract.ts'
import { SHARD_END } from './shard-checkpoint.ts'

const startPoll = (
  shards: readonly FakeShard[],
  pipeline: FakePipeline,
  kinesis = createFakeKinesis(shards),
): RunningWorker => {
  const stop = new AbortController()
  const source = createKinesisSource({
    client: kinesis.client,
    address: { region: 'ap-northeast-2' },
    stream: 's',
    pollMs: 1,
    initialPosition: 'trim-horizon',
    checkpoints: pipeline.checkpoints,
    process: (batch) => pipeline.process(batch),
    clock: systemClock,
    logger: pipeline.logger,
    random: () => 0,
  })
  const running = source.run(stop.signal)
  const end = async (flush: boolean): Promise<void> => {
    stop.abort()
    if (flush) await pipeline.flush()
    if (flush) await running
  }
  return { stop: () => end(true), kill: () => end(false) }
}

runnerContract('poll', (): RunnerCase => ({ start: (shards, pipeline) => startPoll(shards, pipeline) }))

/** Drives the daemon's side of each shard: batches of two from the lease's checkpoint on. */
const startKcl = (leases: Map<string, string>, shards: readonly FakeShard[], pipeline: FakePipeline): RunningWorker => {
  const conversations = shards.map((shard) => {
    const daemon = createFakeKclDaemon(leases.get(shard.id))
    const served = serveKclShard(
      { ...pipeline, report: () => undefined, random: () => 0 },
      daemon.input,
      daemon.output,
      new AbortController().signal,
    ).catch(() => undefined)
    const asking = async (): Promise<void> => {
      await daemon.initialize(shard.id)
      const from = leases.get(shard.id)
      const rest = shard.records.filter(({ sequence }) => from === undefined || compareSequences(sequence, from) > 0)
      for (let i = 0; i < rest.length; i += 2)
        await daemon.records(rest.slice(i, i + 2).map(({ sequence, data }) => ({ sequence, data })))
    }
    const asked = asking()
    const noteLease = (): void => {
      if (daemon.leaseCheckpoint !== undefined) leases.set(shard.id, daemon.leaseCheckpoint)
    }
    return { daemon, served, asked, noteLease, closed: shard.closed }
  })
  return {
    stop: async () => {
      for (const { daemon, served, asked, noteLease, closed } of conversations) {
        await asked
        await (closed ? daemon.shardEnded() : daemon.shutdownRequested()).catch(() => undefined)
        noteLease()
        daemon.close()
        await served
      }
    },
    // Nobody waits for who is dead.
    kill: async () => {
      for (const { daemon, noteLease } of conversations) {
        noteLease()
        daemon.close()
      }
    },
  }
}

runnerContract('KCL', (): RunnerCase => {
  const leases = new Map<string, string>()
  return { start: (shards, pipeline) => startKcl(leases, shards, pipeline) }
})

const startLambda = (
  cursors: Map<string, string>,
  shards: readonly FakeShard[],
  pipeline: FakePipeline,
): RunningWorker => {
  let dead = false
  const invoke = async (event: unknown): Promise<unknown> => {
    const records = readKinesisEvent(event)
    if (records === undefined) throw new Error('no records')
    const deadline = new AbortController()
    // Time for what a test does between the effects and the end of the invocation.
    const flush = async (): Promise<void> => {
      await new Promise((resolve) => setImmediate(resolve))
      if (dead) deadline.abort()
      else await pipeline.flush()
    }
    const timer = setInterval(() => dead && deadline.abort(), 1)
    try {
      return await processLambdaBatch({ ...pipeline, flush }, records, deadline.signal)
    } finally {
      clearInterval(timer)
    }
  }
  const mapping = createEventSourceMapping(invoke, { batchSize: 3, cursors })
  const running = Promise.all(
    shards.map(async (shard) => {
      while (!dead && (await mapping.step(shard)));
    }),
  )
  return {
    stop: async () => void (await running),
    kill: async () => {
      dead = true
      await running
    },
  }
}

runnerContract('Lambda', (): RunnerCase => {
  const cursors = new Map<string, string>()
  return { start: (shards, pipeline) => startLambda(cursors, shards, pipeline) }
})

it('the poll runner reads parents to their end before it begins with their children', async () => {
  const state = createFakeState()
  const pipeline = createFakePipeline(state, { flushEach: 1 })
  const shards = [
    fakeShard('child', [10, 11], { parents: ['left', 'right'] }),
    fakeShard('left', [1, 2, 3], { closed: true }),
    fakeShard('right', [4, 5], { closed: true }),
  ]
  const worker = startPoll(shards, pipeline)
  await pipeline.applies(7)
  await worker.stop()
  expect(pipeline.applied.slice(-2)).toEqual(['child 10', 'child 11'])
  expect([state.stored.get('left'), state.stored.get('right')]).toEqual([SHARD_END, SHARD_END])
})

it('the poll runner goes on behind the last record when its iterator has expired, not at the newest', async () => {
  const pipeline = createFakePipeline(createFakeState())
  const shards = [fakeShard('shard-a', [1, 2, 3, 4, 5])]
  const kinesis = createFakeKinesis(shards)
  kinesis.failNext('GetRecordsCommand', { name: 'ExpiredIteratorException' })
  const worker = startPoll(shards, pipeline, kinesis)
  await pipeline.applies(2)
  kinesis.failNext('GetRecordsCommand', { name: 'ExpiredIteratorException' })
  await pipeline.applies(5)
  await worker.stop()
  expect(pipeline.applied.map((entry) => Number(entry.split(' ')[1]))).toEqual([1, 2, 3, 4, 5])
})

it('the poll runner reads slower, and loses nothing, while four of five calls are throttled', async () => {
  const pipeline = createFakePipeline(createFakeState())
  const shards = [
    fakeShard(
      'shard-a',
      Array.from({ length: 12 }, (_, i) => i + 1),
    ),
  ]
  const kinesis = createFakeKinesis(shards)
  const throttled = { name: 'ProvisionedThroughputExceededException' }
  for (let i = 0; i < 6; i++) kinesis.failNext('GetRecordsCommand', throttled, throttled, throttled, throttled)
  const worker = startPoll(shards, pipeline, kinesis)
  await pipeline.applies(12)
  await worker.stop()
  expect(pipeline.applied).toHaveLength(12)
})
