import { describe, expect, it } from 'vitest'
import { createFakePipeline, createFakeState, fakeShard } from '../../../test/support/fake-stream.ts'
import { createShardDelivery } from './shard-delivery.ts'

describe('the delivery of a shard whose archive is slow', () => {
  const { records } = fakeShard(
    'a',
    Array.from({ length: 40 }, (_, i) => i + 1),
  )
  const open = async () => {
    const pipeline = createFakePipeline(createFakeState())
    const delivery = createShardDelivery(pipeline, await pipeline.checkpoints.takeUp('s', '1', 'a'))
    return { pipeline, delivery }
  }

  it('takes 32 batches, waits, and goes on when they have become durable', async () => {
    const { pipeline, delivery } = await open()
    const { signal } = new AbortController()
    let waiting = false
    const all = (async () => {
      for (const record of records) {
        waiting = pipeline.applied.length === 32
        expect(await delivery.deliver([record], signal)).toBe(true)
      }
    })()
    await pipeline.applies(32)
    // As long as it likes: nothing more is taken.
    for (let i = 0; i < 50; i++) await new Promise((resolve) => setImmediate(resolve))
    expect([pipeline.applied.length, waiting, delivery.ackedThrough]).toEqual([32, true, undefined])
    await pipeline.flush()
    await all
    await pipeline.flush()
    expect([await delivery.settle(), delivery.ackedThrough]).toEqual([true, '40'])
  })

  it('stops waiting when it is stopped', async () => {
    const { pipeline, delivery } = await open()
    const stop = new AbortController()
    for (const record of records.slice(0, 32)) await delivery.deliver([record], stop.signal)
    const waiting = delivery.deliver([records[32] as (typeof records)[number]], stop.signal)
    stop.abort()
    expect([await waiting, pipeline.applied.length]).toEqual([false, 32])
  })
})
