import { expect, it } from 'vitest'
import { createFakeKinesis } from '../../../test/support/fake-kinesis.ts'
import { createFakePipeline, createFakeState, fakeShard } from '../../../test/support/fake-stream.ts'
import { createKinesisSource, type KinesisSource } from './kinesis-source.ts'

const START = Date.UTC(2026, 0, 20, 12)

interface Running {
  readonly source: KinesisSource
  readonly asked: readonly Record<string, unknown>[]
  stop(): Promise<void>
}

function start(kinesis: ReturnType<typeof createFakeKinesis>, initialPosition: 'latest' | 'trim-horizon'): Running {
  const pipeline = createFakePipeline(createFakeState(), { flushEach: 1 })
  const asked: Record<string, unknown>[] = []
  const client = {
    send: (command: { constructor: { name: string }; input: Record<string, unknown> }) => {
      if (command.constructor.name === 'GetShardIteratorCommand') asked.push(command.input)
      return kinesis.client.send(command as never)
    },
  }
  const stop = new AbortController()
  const source = createKinesisSource({
    client: client as never,
    address: { region: 'ap-northeast-2' },
    stream: 's',
    pollMs: 1,
    initialPosition,
    checkpoints: pipeline.checkpoints,
    process: (batch) => pipeline.process(batch),
    clock: { now: () => START },
    logger: pipeline.logger,
    random: () => 0,
  })
  const running = source.run(stop.signal)
  return {
    source,
    asked,
    stop: async () => {
      stop.abort()
      await running
    },
  }
}

it('begins at its start in every shard when the latest is asked for, also in one that a split has made', async () => {
  const kinesis = createFakeKinesis([
    fakeShard('parent', [1, 2], { closed: true }),
    fakeShard('child', [3], { parents: ['parent'] }),
  ])
  // Five minutes without a record: the iterator has expired.
  kinesis.failNext('GetRecordsCommand', { name: 'ExpiredIteratorException' })
  const { asked, stop } = start(kinesis, 'latest')
  await expect.poll(() => asked.length).toBe(3)
  await stop()
  expect(asked.map((input) => [input['ShardId'], input['ShardIteratorType'], input['Timestamp']])).toEqual(
    ['parent', 'parent', 'child'].map((id) => [id, 'AT_TIMESTAMP', new Date(START)]),
  )
})

it('says that a shard fails which it may not read, and does not ask for it without a pause', async () => {
  const kinesis = createFakeKinesis([fakeShard('a', [1])])
  const denied = Array.from({ length: 50 }, () => ({ name: 'AccessDeniedException' }))
  kinesis.failNext('GetShardIteratorCommand', ...denied)
  const { source, asked, stop } = start(kinesis, 'trim-horizon')
  await expect.poll(() => source.status()).toMatchObject([{ shard: 'a', state: 'failing' }])
  await stop()
  expect(asked.length).toBe(1)
})
