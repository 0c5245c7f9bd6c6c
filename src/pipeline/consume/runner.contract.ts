/** What every runner must do, whoever reads the stream: run by the tests of poll, KCL and Lambda. */
import { describe, expect, it } from 'vitest'
import {
  createFakePipeline,
  createFakeState,
  type FakePipeline,
  type FakeShard,
  type FakeState,
  fakeShard,
} from '../../../test/support/fake-stream.ts'

export interface RunningWorker {
  /** Ends in order: what is done is acknowledged. */
  stop(): Promise<void>
  /** Ends as by kill -9. */
  kill(): Promise<void>
}

export interface RunnerCase {
  /** Starts a worker on the shards. */
  start(shards: readonly FakeShard[], pipeline: FakePipeline): RunningWorker
}

export function runnerContract(name: string, create: () => RunnerCase): void {
  describe(`the ${name} runner`, () => {
    const twoShards = (): FakeShard[] => [
      fakeShard('shard-a', [1, 2, 3, 4, 5, 9, 10, 11]),
      fakeShard('shard-b', [7, 8]),
    ]
    const all = (shards: readonly FakeShard[]): string[] =>
      shards.flatMap(({ id, records }) => records.map(({ sequence }) => `${id} ${sequence}`)).sort()
    const ofShard = (list: readonly string[], shard: string): number[] =>
      list.filter((entry) => entry.startsWith(`${shard} `)).map((entry) => Number(entry.slice(shard.length + 1)))
    const world = (state: FakeState = createFakeState()) => ({ state, runner: create() })

    it('hands on every record of every shard, in the order of each', async () => {
      const { state, runner } = world()
      const shards = twoShards()
      const pipeline = createFakePipeline(state)
      const worker = runner.start(shards, pipeline)
      await pipeline.applies(10)
      await worker.stop()
      expect(pipeline.applied.toSorted()).toEqual(all(shards))
      expect(ofShard(pipeline.applied, 'shard-a')).toEqual([1, 2, 3, 4, 5, 9, 10, 11])
      expect(pipeline.counted.toSorted()).toEqual(all(shards))
    })

    it('begins behind what is done when it is started again', async () => {
      const { state, runner } = world()
      const before = createFakePipeline(state)
      const first = runner.start([fakeShard('shard-a', [1, 2, 3])], before)
      await before.applies(3)
      await first.stop()
      const after = createFakePipeline(state)
      const second = runner.start([fakeShard('shard-a', [1, 2, 3, 4, 5])], after)
      await after.applies(2)
      await second.stop()
      expect(after.applied).toEqual(['shard-a 4', 'shard-a 5'])
      expect(state.stored.get('shard-a')).toBe('5')
    })

    it('reads again what was not durable when it was killed, and counts it once', async () => {
      const { state, runner } = world()
      const shards = twoShards()
      const dying = createFakePipeline(state)
      dying.freeze()
      const first = runner.start(shards, dying)
      await dying.applies(3)
      await first.kill()
      expect([dying.counted, [...state.stored]]).toEqual([[], []])
      const after = createFakePipeline(state)
      const second = runner.start(shards, after)
      await after.applies(10)
      await second.stop()
      expect(after.counted.toSorted()).toEqual(all(shards))
    })

    it('passes over no batch that the pipeline cannot take, and goes on when it can', async () => {
      const { state, runner } = world()
      const shards = [fakeShard('shard-a', [1, 2, 3, 4, 5])]
      const pipeline = createFakePipeline(state)
      pipeline.faults.push(new Error('no disk'), new Error('no disk'), new Error('no disk'))
      const worker = runner.start(shards, pipeline)
      await pipeline.applies(5)
      await worker.stop()
      expect(ofShard(pipeline.applied, 'shard-a')).toEqual([1, 2, 3, 4, 5])
    })

    it('applies again, but neither counts nor moves, what another reader has done meanwhile', async () => {
      const { state, runner } = world()
      const pipeline = createFakePipeline(state)
      const worker = runner.start([fakeShard('shard-a', [1, 2])], pipeline)
      await pipeline.applies(2)
      state.stored.set('shard-a', '2')
      await state.load('s', '1')
      state.stored.set('shard-a', '8')
      await worker.stop()
      expect(pipeline.counted).toEqual([])
      expect(state.stored.get('shard-a')).toBe('8')
    })

    it('leaves out what the state has done although its coordinator has forgotten it', async () => {
      const { state, runner } = world()
      state.stored.set('shard-a', '4')
      const pipeline = createFakePipeline(state)
      const worker = runner.start([fakeShard('shard-a', [1, 2, 3, 4, 5, 6])], pipeline)
      await pipeline.applies(2)
      await worker.stop()
      expect(pipeline.applied).toEqual(['shard-a 5', 'shard-a 6'])
    })

    it('finds a record that ends the process, keeps it unread, and gets past it', async () => {
      const { state, runner } = world()
      const shards = [fakeShard('shard-a', [1, 2, 3, 4, 5])]
      let lives = 0
      for (let passed = false; !passed; lives++) {
        const pipeline = createFakePipeline(state)
        const ended = Promise.withResolvers<'ended'>()
        let dead = false
        const checkpoints: FakePipeline['checkpoints'] = {
          ...pipeline.checkpoints,
          mark: (...mark) => (dead ? new Promise(() => undefined) : pipeline.checkpoints.mark(...mark)),
        }
        const process: FakePipeline['process'] = async (batch) => {
          if (batch.records.some(({ sequence, condemned }) => sequence === '4' && condemned !== true)) {
            // The process is gone: nothing that it had not written is written any more.
            pipeline.freeze()
            dead = true
            ended.resolve('ended')
            return new Promise(() => undefined)
          }
          const delivered = await pipeline.process(batch)
          await pipeline.flush()
          return delivered
        }
        const worker = runner.start(shards, { ...pipeline, checkpoints, process })
        const end = await Promise.race([ended.promise, pipeline.counts('shard-a 5')])
        await (end === 'ended' ? worker.kill() : worker.stop())
        passed = end !== 'ended'
      }
      expect(lives).toBeLessThanOrEqual(7)
      expect(state.stored.get('shard-a')).toBe('5')
    })
  })
}
