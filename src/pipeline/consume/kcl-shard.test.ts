import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createFakeKclDaemon, type FakeKclDaemon } from '../../../test/support/fake-kcl-daemon.ts'
import { createFakePipeline, createFakeState } from '../../../test/support/fake-stream.ts'
import { type KclShardDeps, serveKclShard } from './kcl-shard.ts'
import type { SourceStatus } from './kinesis-source.ts'
import { SHARD_END } from './shard-checkpoint.ts'

/** A pipeline whose batches become durable when the test says so, and a store that several of them may share. */
function createHarness(stored = new Map<string, string>()) {
  const state = createFakeState()
  for (const [shard, sequence] of stored) state.stored.set(shard, sequence)
  const pipeline = createFakePipeline(state)
  const statuses: SourceStatus[] = []
  return {
    ...pipeline,
    stored: state.stored,
    statuses,
    settle: pipeline.flush,
    deps: {
      ...pipeline,
      report: (status) => void statuses.push(status),
      random: () => 0,
    } satisfies KclShardDeps as KclShardDeps,
    sequences: () => pipeline.batches.map((batch) => batch.records.map((record) => record.sequence).join(',')),
  }
}

const recordsOf = (...sequences: number[]) => sequences.map((n) => ({ sequence: String(n), data: `line ${n}` }))

describe('a shard under the KCL', () => {
  let daemon: FakeKclDaemon
  let harness: ReturnType<typeof createHarness>
  let served: Promise<void>
  const stop = new AbortController()
  const serve = (stored?: Map<string, string>): void => {
    daemon = createFakeKclDaemon()
    harness = createHarness(stored)
    served = serveKclShard(harness.deps, daemon.input, daemon.output, stop.signal)
    served.catch(() => undefined)
  }
  beforeEach(async () => {
    serve()
    await daemon.initialize('shard-1')
  })
  afterEach(async () => {
    daemon.close()
    await served.catch(() => undefined)
  })

  it('answers a batch when its effects are applied, and checkpoints it in a later call, when it is durable', async () => {
    await daemon.records(recordsOf(1, 2))
    await daemon.records(recordsOf(3))
    expect([harness.sequences(), daemon.leaseCheckpoint]).toEqual([['1,2', '3'], undefined])
    await harness.settle()
    // The empty tick of a quiet stream.
    await daemon.records([])
    expect(daemon.asked).toEqual([{ sequence: '3', during: 'processRecords' }])
    await daemon.records([])
    expect(daemon.asked).toHaveLength(1)
  })

  it('hands on the bytes, the time of arrival and the place in an aggregate', async () => {
    await daemon.records([
      { sequence: '7', data: 'a' },
      { sequence: '7', sub: 1, data: Buffer.from([0, 255, 10]) },
    ])
    expect(harness.batches[0]?.records).toEqual([
      { sequence: '7', arrivedAt: Date.UTC(2026, 0, 20, 12), data: Buffer.from('a') },
      { sequence: '7', sub: 1, arrivedAt: Date.UTC(2026, 0, 20, 12), data: Buffer.from([0, 255, 10]) },
    ])
  })

  it('stays in the call while the pipeline cannot take the batch, and says so', async () => {
    harness.faults.push(new Error('no disk'), new Error('no disk'))
    await daemon.records(recordsOf(1))
    expect(harness.sequences()).toEqual(['1'])
    expect(harness.statuses.map(({ state, detail }) => [state, detail])).toEqual([
      ['waiting', undefined],
      ['failing', 'no disk'],
      ['failing', 'no disk'],
      ['reading', undefined],
    ])
  })

  it('leaves out what is done when the daemon begins before it: its checkpoint lags, or its table was lost', async () => {
    serve(new Map([['shard-1', '5']]))
    await daemon.initialize('shard-1')
    await daemon.records(recordsOf(1, 2, 3))
    await daemon.records(recordsOf(4, 5, 6, 10))
    expect(harness.sequences()).toEqual(['6,10'])
    await harness.settle()
    await daemon.records([])
    expect(daemon.leaseCheckpoint).toBe('10')
  })

  it('makes everything durable before it ends a shard', async () => {
    await daemon.records(recordsOf(1, 2))
    await daemon.shardEnded()
    expect([daemon.leaseCheckpoint, harness.stored.get('shard-1')]).toEqual([SHARD_END, SHARD_END])
  })

  it('does not end a shard whose records are not durable: it is read again', async () => {
    await daemon.records(recordsOf(1))
    harness.stored.set('shard-1', '9')
    await expect(daemon.shardEnded()).rejects.toThrow("didn't checkpoint at end of shard")
    expect(daemon.leaseCheckpoint).toBeUndefined()
  })

  it('ends at once a shard that was read to its end before', async () => {
    serve(new Map([['shard-1', SHARD_END]]))
    await daemon.initialize('shard-1')
    await daemon.records(recordsOf(1, 2))
    await daemon.shardEnded()
    expect([harness.batches.length, daemon.leaseCheckpoint]).toEqual([0, SHARD_END])
  })

  it('is checkpointed as far as it goes before it is given up', async () => {
    await daemon.records(recordsOf(1, 2))
    await daemon.shutdownRequested()
    expect(daemon.asked).toEqual([{ sequence: '2', during: 'shutdownRequested' }])
    await daemon.leaseLost()
  })

  it('asks for no checkpoint when the lease is lost: it would be refused', async () => {
    await daemon.records(recordsOf(1))
    await harness.settle()
    await daemon.leaseLost()
    expect(daemon.asked).toEqual([])
  })

  it('acknowledges nothing any more once its lease has gone to another worker', async () => {
    await daemon.records(recordsOf(1))
    await harness.settle()
    daemon.refuse('ShutdownException')
    await daemon.records(recordsOf(2))
    await harness.settle()
    await daemon.records(recordsOf(3))
    expect(daemon.asked.map(({ sequence }) => sequence)).toEqual(['1'])
    await daemon.leaseLost()
  })

  it('neither counts nor acknowledges what another worker has moved past while this one stood still', async () => {
    await daemon.records(recordsOf(1, 2))
    // Meanwhile the other worker has read, counted and acknowledged as far as 8.
    harness.stored.set('shard-1', '8')
    await harness.settle()
    await daemon.records(recordsOf(3))
    await daemon.records([])
    expect([harness.stored.get('shard-1'), daemon.asked]).toEqual(['8', []])
    await daemon.leaseLost()
  })

  it('tries a checkpoint again when the lease table is throttled, and goes on when it stays so', async () => {
    await daemon.records(recordsOf(1))
    await harness.settle()
    daemon.refuse('ThrottlingException', 'KinesisClientLibDependencyException')
    await daemon.records(recordsOf(2))
    expect([daemon.asked.length, daemon.leaseCheckpoint]).toEqual([3, '1'])
    await harness.settle()
    daemon.refuse(...Array.from({ length: 5 }, () => 'ThrottlingException'))
    await daemon.records([])
    expect(daemon.leaseCheckpoint).toBe('1')
    await daemon.records([])
    expect(daemon.leaseCheckpoint).toBe('2')
  })

  it.each([
    ['not JSON', 'not JSON at all\n', 'a line that is not JSON'],
    ['an unknown question', '{"action":"dance"}\n', 'a message that is not known'],
    ['a record without a sequence number', '{"action":"processRecords","records":[{"data":""}]}\n', 'sequenceNumber'],
  ])('ends the conversation at %s, and names what must be checked', async (_name, line, text) => {
    daemon.input.write(line)
    await expect(served).rejects.toThrow(text)
    await expect(served).rejects.toThrow('cali kcl install')
  })

  it('reads a message of many chunks, with letters that some call the end of a line', async () => {
    const data = `주문 \u2028 실패 ${'x'.repeat(300_000)}`
    await daemon.records([{ sequence: '1', data }])
    expect(Buffer.from(harness.batches[0]?.records[0]?.data ?? []).toString('utf8')).toBe(data)
  })
})
