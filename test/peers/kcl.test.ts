/** The KCL runner against the real daemon: Java with KCL 2.7.2, kinesis-local, a lease table in MiniStack, PostgreSQL. */
import { MergeShardsCommand, SplitShardCommand } from '@aws-sdk/client-kinesis'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { until } from '../support/system.ts'
import { type KclCluster, missingForCluster, STREAM, startKclCluster } from './kcl-cluster.ts'
import type { KclWorker } from './kcl-worker.ts'

const missing = missingForCluster()

describe.skipIf(missing.length > 0)(
  `workers under the real KCL${missing.length > 0 ? `, missing: ${missing.join(', ')}` : ''}`,
  () => {
    let cluster: KclCluster
    beforeAll(async () => {
      cluster = await startKclCluster({ shards: 2, failover: '3s' })
    })
    afterAll(() => cluster?.stop())

    const living = (): KclWorker =>
      cluster.workers.findLast(({ child }) => child.exitCode === null && child.signalCode === null) as KclWorker
    const expectEverythingOnce = async (): Promise<void> => {
      const { sent } = cluster
      const books = await cluster.books()
      expect(books).toEqual({
        ledgerFaults: [],
        received: sent,
        counted: sent / 2,
        incidents: books.incidents,
        messages: books.incidents,
        archived: sent,
        archivedOnce: sent,
      })
    }

    it('read everything once, go on where they stopped, and hand over in order when they are asked to end', async () => {
      await cluster.put(200)
      const first = cluster.startWorker('pod-0')
      await first.line(/lease_taken.*shardId-000000000001/)
      await cluster.allArePassed()
      await cluster.put(100)
      await cluster.allArePassed()
      await expectEverythingOnce()
      const daemon = first.daemonPid()
      expect(await first.stop()).toBe(0)
      // Nothing is left behind of it.
      expect(() => process.kill(daemon ?? 0, 0)).toThrow()
      await cluster.put(100)
      const again = cluster.startWorker('pod-0')
      await cluster.allArePassed()
      await expectEverythingOnce()
      expect(
        again.lines.filter((line) => line.includes('lease_taken')).every((line) => !line.includes('"after":"start"')),
      ).toBe(true)
    }, 300_000)

    it('start their daemon anew when it is killed, and lose nothing', async () => {
      const worker = living()
      const pid = worker.daemonPid() as number
      expect(pid).toBeGreaterThan(0)
      process.kill(pid, 'SIGKILL')
      await cluster.put(100)
      await worker.line(/kcl_ended/)
      await cluster.allArePassed()
      await expectEverythingOnce()
    }, 300_000)

    it('take over from a worker that is killed, and from one that stood still and wakes', async () => {
      const first = living()
      const second = cluster.startWorker('pod-1')
      await cluster.put(100)
      await cluster.allArePassed()
      // Frozen with all that it holds, as by a pause of its machine.
      const frozen = [first.child.pid, first.daemonPid()].filter((pid) => pid !== undefined)
      for (const pid of frozen) process.kill(pid, 'SIGSTOP')
      await cluster.put(200)
      await cluster.allArePassed()
      for (const pid of frozen) process.kill(pid, 'SIGCONT')
      await cluster.put(100)
      await cluster.allArePassed()
      await expectEverythingOnce()
      await second.kill('SIGKILL')
      await cluster.put(100)
      await cluster.allArePassed()
      await expectEverythingOnce()
    }, 400_000)

    it('follow a split and a merge of shards, parents before children', async () => {
      await cluster.client.send(
        new SplitShardCommand({
          StreamName: STREAM,
          ShardToSplit: 'shardId-000000000000',
          NewStartingHashKey: '85070591730234615865843651857942052864',
        }),
      )
      await cluster.put(200)
      await cluster.allArePassed()
      await cluster.client.send(
        new MergeShardsCommand({
          StreamName: STREAM,
          ShardToMerge: 'shardId-000000000002',
          AdjacentShardToMerge: 'shardId-000000000003',
        }),
      )
      await cluster.put(200)
      await cluster.allArePassed()
      await expectEverythingOnce()
    }, 300_000)

    it.each(['away', 'black-hole'] as const)(
      'lose nothing while lease table and bucket are gone for longer than a lease (F13, %s)',
      async (kind) => {
        const worker = living()
        const before = worker.lines.length
        cluster.wire.set({ kind })
        await cluster.put(200)
        const says = (what: RegExp): Promise<void> =>
          until(() => worker.lines.slice(before).some((line) => what.test(line)), `${worker.child.pid} says ${what}`)
        await says(/archive_failed/)
        // The daemon has given up what it could not renew: in its own words where nobody answers it.
        await says(/lease_lost|indicating shutdown was called/)
        cluster.wire.set({ kind: 'none' })
        await cluster.put(100)
        await cluster.allArePassed()
        await expectEverythingOnce()
      },
      400_000,
    )
  },
)
