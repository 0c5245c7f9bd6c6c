/**
 * The world that outlives workers: a stream with a ledger of acknowledged puts, leases, a state, an archive, a log index
 * and Slack. Everything of it is real code but the stream and what lies behind the wires.
 */

import type { LogIndex } from '../../src/pipeline/forward/log-index.ts'
import { createMemoryLogIndex } from '../../src/pipeline/forward/memory-log-index.ts'
import { createMemoryObjectStore } from '../../src/pipeline/forward/memory-object-store.ts'
import type { ObjectStore } from '../../src/pipeline/forward/object-store.ts'
import { createPreviewNotifier } from '../../src/pipeline/notify/preview-notifier.ts'
import { createManualClock } from '../../src/platform/clock.ts'
import { openState, type State } from '../../src/state/state.ts'
import { NOON } from '../support/records.ts'

export interface StreamRecord {
  readonly sequence: string
  readonly data: Uint8Array
  readonly arrivedAt: number
}

export interface StreamShard {
  readonly id: string
  readonly parents: readonly string[]
  readonly records: StreamRecord[]
  closed: boolean
}

/** What the producer was told is in the stream. */
export interface PutEvent {
  readonly id: string
  /** Which error it is; undefined: one that opens nothing. */
  readonly fault: string | undefined
  /** False: it cannot be read. */
  readonly readable: boolean
}

export interface World {
  readonly clock: ReturnType<typeof createManualClock>
  readonly shards: StreamShard[]
  readonly puts: PutEvent[]
  /** Records put, producers' repeats included. */
  readonly recordCount: number
  /** Checkpoint per shard, as the lease table holds it, and who has the lease. */
  readonly leases: Map<string, { owner: string | undefined; checkpoint: string | undefined; generation: number }>
  readonly state: State
  readonly objects: ObjectStore
  readonly index: LogIndex
  readonly slack: ReturnType<typeof createPreviewNotifier>
  put(shard: StreamShard, event: PutEvent, line: string | Uint8Array): void
  split(shard: StreamShard): void
  merge(a: StreamShard, b: StreamShard): void
  close(): Promise<void>
}

export async function createWorld(shardCount: number): Promise<World> {
  const clock = createManualClock(NOON)
  const shards: StreamShard[] = []
  const puts: PutEvent[] = []
  const leases: World['leases'] = new Map()
  let sequence = 0
  let records = 0
  const add = (parents: readonly string[]): void => {
    const id = `shard-${String(shards.length).padStart(3, '0')}`
    shards.push({ id, parents, records: [], closed: false })
    leases.set(id, { owner: undefined, checkpoint: undefined, generation: 0 })
  }
  for (let i = 0; i < shardCount; i++) add([])
  const state = await openState({ path: ':memory:', clock })
  return {
    clock,
    shards,
    puts,
    leases,
    get recordCount() {
      return records
    },
    state,
    objects: createMemoryObjectStore(),
    index: createMemoryLogIndex(),
    slack: createPreviewNotifier(clock.now),
    put: (shard, event, line) => {
      shard.records.push({
        sequence: String(++sequence),
        data: typeof line === 'string' ? Buffer.from(line) : line,
        arrivedAt: clock.now(),
      })
      records++
      if (!puts.some(({ id }) => id === event.id)) puts.push(event)
    },
    split: (shard) => {
      shard.closed = true
      add([shard.id])
      add([shard.id])
    },
    merge: (a, b) => {
      a.closed = true
      b.closed = true
      add([a.id, b.id])
    },
    close: () => state.close(),
  }
}
