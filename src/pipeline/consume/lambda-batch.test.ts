import { describe, expect, it } from 'vitest'
import { createEventSourceMapping } from '../../../test/support/event-source-mapping.ts'
import { createFakePipeline, createFakeState, fakeShard } from '../../../test/support/fake-stream.ts'
import { processLambdaBatch, readKinesisEvent } from './lambda-batch.ts'

describe('a batch of a Lambda function', () => {
  const shard = fakeShard('shardId-000000000001', [11, 12, 13, 14])
  const plentyOfTime = (): AbortSignal => new AbortController().signal
  const mappingOf = (
    invoke: (event: NonNullable<ReturnType<typeof readKinesisEvent>>) => Promise<unknown>,
    bisect = false,
  ) =>
    createEventSourceMapping(
      (event) => {
        const records = readKinesisEvent(event)
        if (records === undefined) throw new Error('not of a stream')
        return invoke(records)
      },
      { batchSize: 4, bisect },
    )

  it('is answered when all of it is durable, with times of arrival and bytes as they were', async () => {
    const pipeline = createFakePipeline(createFakeState())
    const mapping = mappingOf((event) => processLambdaBatch(pipeline, event, plentyOfTime()))
    while (await mapping.step(shard));
    expect(mapping.invocations).toEqual(['11,12,13,14'])
    expect(pipeline.batches[0]).toMatchObject({ stream: 's', shard: shard.id, records: shard.records })
    expect(pipeline.counted).toHaveLength(4)
  })

  it('names its first record when the time is over, and comes again until it is durable', async () => {
    const pipeline = createFakePipeline(createFakeState())
    let invocations = 0
    const mapping = mappingOf(async (event) => {
      const late = ++invocations < 3
      const deadline = new AbortController()
      // The sink is away: it takes longer than the function may.
      const flush = late
        ? async () => {
            deadline.abort()
            await new Promise(() => undefined)
          }
        : pipeline.flush
      return processLambdaBatch({ ...pipeline, flush }, event, deadline.signal)
    })
    while (await mapping.step(shard));
    expect(mapping.invocations).toEqual(['11,12,13,14', '11,12,13,14', '11,12,13,14'])
    expect(pipeline.counted.slice(0, 4)).toHaveLength(4)
    expect(new Set(pipeline.counted).size).toBe(4)
  })

  it('answers in time although a call never returns', async () => {
    const pipeline = createFakePipeline(createFakeState())
    const hung = { ...pipeline, process: () => new Promise<never>(() => undefined) }
    const event = readKinesisEvent({
      Records: [
        {
          eventSource: 'aws:kinesis',
          eventID: 'shardId-000000000001:11',
          kinesis: { data: '', sequenceNumber: '11', approximateArrivalTimestamp: 1 },
        },
      ],
    })
    const deadline = new AbortController()
    const answer = processLambdaBatch(hung, event as NonNullable<typeof event>, deadline.signal)
    deadline.abort()
    expect(await answer).toEqual({ batchItemFailures: [{ itemIdentifier: '11' }] })
  })

  it('is counted once when an invocation ended without its answer being heard', async () => {
    const pipeline = createFakePipeline(createFakeState())
    let invocations = 0
    const mapping = mappingOf(async (event) => {
      const response = await processLambdaBatch(pipeline, event, plentyOfTime())
      if (++invocations === 1) throw new Error('the runtime was ended')
      return response
    }, true)
    while (await mapping.step(shard));
    // Bisected, but all of it was done the first time.
    expect(mapping.invocations).toEqual(['11,12,13,14', '11,12', '13,14'])
    expect(pipeline.counted).toHaveLength(4)
  })

  it('names, of each shard, the first record that is not done', async () => {
    const state = createFakeState()
    const pipeline = createFakePipeline(state)
    const record = (id: string, sequence: string) => ({
      eventSource: 'aws:kinesis',
      eventID: `${id}:${sequence}`,
      kinesis: { data: '', sequenceNumber: sequence, approximateArrivalTimestamp: 1_768_910_400.123 },
    })
    const event = readKinesisEvent({ Records: [record('a', '2'), record('a', '1'), record('b', '7')] })
    const process: typeof pipeline.process = (batch) =>
      batch.shard === 'b' ? pipeline.process(batch) : Promise.reject(new Error('away'))
    const deadline = AbortSignal.timeout(30)
    expect(await processLambdaBatch({ ...pipeline, process }, event as NonNullable<typeof event>, deadline)).toEqual({
      batchItemFailures: [{ itemIdentifier: '1' }, { itemIdentifier: '7' }],
    })
  })

  it('is refused, with what must be changed, when it is of another source', () => {
    expect(readKinesisEvent({ source: 'aws.events' })).toBeUndefined()
    expect(() => readKinesisEvent({ Records: [{ eventSource: 'aws:sqs', body: '{}' }] })).toThrow(
      'Its event source must be the stream',
    )
  })
})
