/** One worker: the whole program but its stream, on wires, and for each of its leases a conversation as the KCL holds it. */
import { configSchema } from '../../src/app/config.ts'
import type { LambdaSource } from '../../src/app/operations.ts'
import { type System, startSystem } from '../../src/app/system.ts'
import { serveKclShard } from '../../src/pipeline/consume/kcl-shard.ts'
import { compareSequences } from '../../src/pipeline/record.ts'
import { silentLogger } from '../../src/platform/logger.ts'
import { createFakeKclDaemon } from '../support/fake-kcl-daemon.ts'
import type { Mutation } from './mutation.ts'
import type { Chance } from './random.ts'
import { createWire, type Wire } from './wire.ts'
import type { StreamShard, World } from './world.ts'

export interface Worker {
  readonly name: string
  readonly wire: Wire
  readonly system: System
  /** Has conversations that it must hold on with. */
  readonly busy: boolean
  /** Takes the lease of a shard; the worker reads from its checkpoint on until the lease is taken away. */
  take(shard: StreamShard): void
  /** Ends in order: every shard is checkpointed as far as it goes. */
  drain(): Promise<void>
}

const SHARD_END = 'SHARD_END'

export async function startWorker(world: World, name: string, chance: Chance, mutation?: Mutation): Promise<Worker> {
  const wire = createWire(chance)
  const { through } = wire
  const { state } = world
  const system = await startSystem({
    config: configSchema.parse({
      dataDir: '.',
      lang: 'en',
      timeZone: 'UTC',
      archive: { flushInterval: '5ms', maxBytes: 65_536 },
      opensearch: { debtAfter: '2m' },
      incidents: { silenceAfter: '0s' },
      slack: { editInterval: '0ms' },
    }),
    clock: world.clock,
    logger: silentLogger,
    random: chance.next,
    publicUrl: 'http://127.0.0.1:7070',
    duties: 'none',
    adapters: {
      state: {
        ...state,
        incidents: through('state', mutation?.incidents?.(state.incidents) ?? state.incidents),
        outbox: through('state', state.outbox),
        checkpoints: through('state', state.checkpoints),
        takeUps: through('state', state.takeUps),
        indexDebts: through('state', state.indexDebts),
        quarantine: through('state', state.quarantine),
        reports: through('state', state.reports),
        close: async () => undefined,
      },
      archiveStore: through('archive', world.objects),
      index: {
        ...(mutation?.index?.(through('index', world.index)) ?? through('index', world.index)),
        location: 'memory',
        elsewhere: true,
        prepare: async () => undefined,
        check: async () => 'memory',
        expire: async () => undefined,
        close: async () => undefined,
      },
      notifier: through('slack', world.slack),
    },
  })
  const source = mutation?.source?.(system.lambdaSource('1')) ?? system.lambdaSource('1')
  const conversations = new Set<string>()
  const stop = new AbortController()

  return {
    name,
    wire,
    system,
    get busy() {
      return conversations.size > 0
    },
    take: (shard) => {
      const lease = world.leases.get(shard.id)
      if (lease === undefined || lease.checkpoint === SHARD_END) return
      lease.owner = name
      lease.generation++
      const key = `${shard.id} ${lease.generation}`
      conversations.add(key)
      void converse(world, { name, wire, source, chance, stop: stop.signal }, shard, lease.generation)
        .catch(() => undefined)
        .finally(() => {
          conversations.delete(key)
          // A conversation that ended by itself gives the lease to whoever takes it next.
          if (lease.owner === name && lease.generation === Number(key.split(' ')[1])) lease.owner = undefined
        })
    },
    drain: async () => {
      stop.abort()
      while (wire.alive && conversations.size > 0) await turn()
    },
  }
}

const turn = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 1))

interface Reader {
  readonly name: string
  readonly wire: Wire
  readonly source: LambdaSource
  readonly chance: Chance
  readonly stop: AbortSignal
}

/** The daemon's side of one lease. */
async function converse(world: World, reader: Reader, shard: StreamShard, generation: number): Promise<void> {
  const lease = world.leases.get(shard.id)
  if (lease === undefined) return
  const holds = (): boolean => lease.owner === reader.name && lease.generation === generation
  const daemon = createFakeKclDaemon(lease.checkpoint, (sequence) => {
    if (!holds()) return 'ShutdownException'
    lease.checkpoint = sequence
    return undefined
  })
  const served = serveKclShard(
    {
      ...reader.source,
      report: () => undefined,
      random: reader.chance.next,
      retryPolicy: { baseMs: 1, capMs: 5, attempts: Number.POSITIVE_INFINITY },
    },
    daemon.input,
    daemon.output,
    reader.stop,
  )
  served.catch(() => daemon.abandon())
  let position = lease.checkpoint
  await daemon.initialize(shard.id)
  while (holds() && !reader.stop.aborted) {
    const behind = shard.records.filter(
      ({ sequence }) => position === undefined || compareSequences(sequence, position) > 0,
    )
    const batch = behind.slice(0, 1 + reader.chance.below(12))
    await daemon.records(batch.map(({ sequence, data }) => ({ sequence, data })))
    position = batch.at(-1)?.sequence ?? position
    if (batch.length === 0 && shard.closed && holds()) {
      await daemon.shardEnded()
      break
    }
    if (batch.length === 0) await turn()
  }
  if (!holds()) await daemon.leaseLost()
  else if (reader.stop.aborted) await daemon.shutdownRequested()
  daemon.close()
  await served
}
