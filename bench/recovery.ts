/**
 * Three workers under the real KCL, each with leases; one is killed (kill -9, its daemon too). Seconds until what is put
 * right after is read, archived and counted everywhere, and what was lost or told twice. Needs what test/peers/kcl.test.ts needs.
 */
import { type KclCluster, missingForCluster, startKclCluster } from '../test/peers/kcl-cluster.ts'
import type { KclWorker } from '../test/peers/kcl-worker.ts'
import { type Figure, figure } from './measure.ts'

const WORKERS = 3
const SHARDS = 6
const ROUNDS = 3
const RECORDS = 600

export async function benchRecovery(): Promise<Figure[]> {
  const missing = missingForCluster()
  if (missing.length > 0) {
    console.log(`Recovery: NOT MEASURED, missing: ${missing.join(', ')}`)
    return []
  }
  const cluster = await startKclCluster({ shards: SHARDS })
  const seconds: number[] = []
  try {
    const living: KclWorker[] = []
    for (let i = 0; i < WORKERS; i++) living.push(cluster.startWorker(`worker-${i}`))
    for (let round = 0; round < ROUNDS; round++) {
      await eachHasLeases(cluster, living)
      const [victim] = living.splice(0, 1) as [KclWorker]
      const daemon = victim.daemonPid()
      if (daemon !== undefined) process.kill(daemon, 'SIGKILL')
      await victim.kill('SIGKILL')
      const started = performance.now()
      await cluster.put(RECORDS)
      await cluster.allArePassed()
      seconds.push((performance.now() - started) / 1_000)
      living.push(cluster.startWorker(`worker-${WORKERS + round}`))
    }
    return [figure('One of three workers killed, to all read', 's', seconds), ...(await faults(cluster))]
  } finally {
    await cluster.stop()
  }
}

/** Leases go over one at a time: a worker that has just come gets its share within some rounds of the balancing. */
async function eachHasLeases(cluster: KclCluster, living: readonly KclWorker[]): Promise<void> {
  for (const worker of living) await worker.line(/lease_taken/)
  await cluster.put(RECORDS)
  await cluster.allArePassed()
}

async function faults(cluster: KclCluster): Promise<Figure[]> {
  const books = await cluster.books()
  if (books.ledgerFaults.length > 0) throw new Error(books.ledgerFaults.join('\n'))
  return [
    figure('Records put', 'records', [cluster.sent]),
    figure('Lost: put, and not in the archive', 'records', [cluster.sent - books.archivedOnce]),
    figure('Twice in the archive', 'records', [books.archived - books.archivedOnce]),
    figure('Counted less or more than put', 'events', [Math.abs(books.counted - cluster.sent / 2)]),
    figure('Messages more or less than incidents', 'messages', [Math.abs(books.messages - books.incidents)]),
  ]
}
