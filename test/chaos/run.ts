/** A run: a seed decides what is put, what fails and when; then everything is well again, and the checker looks. */
import { check } from './checker.ts'
import { MUTATIONS, type Mutation } from './mutation.ts'
import { type Chance, createChance } from './random.ts'
import { startWorker, type Worker } from './worker.ts'
import { createWorld, type PutEvent, type StreamShard, type World } from './world.ts'

export interface RunOptions {
  readonly seed: number
  readonly steps?: number
  /** Name of a mutation. */
  readonly mutation?: string
}

export interface RunResult {
  readonly faults: readonly string[]
  /** What the nemesis did, in order. */
  readonly history: readonly string[]
}

const WORKERS = 3
const FAULTS = [
  'disk of order is full',
  'payment was declined',
  'token has expired',
  '재고 확인 실패',
  'connection refused',
]

export async function run({ seed, steps = 60, mutation }: RunOptions): Promise<RunResult> {
  const chance = createChance(seed)
  const chosen = mutation === undefined ? undefined : MUTATIONS[mutation]
  const world = await createWorld(2 + chance.below(2))
  const history: string[] = []
  const workers: Worker[] = []
  let born = 0
  const start = async (): Promise<void> =>
    void workers.push(await startWorker(world, `worker-${born++}`, chance, chosen))
  for (let i = 0; i < WORKERS; i++) await start()

  const living = (): Worker[] => workers.filter(({ wire }) => wire.alive)
  for (let step = 0; step < steps; step++) {
    for (let i = chance.below(8); i > 0; i--) putSome(world, chance)
    await nemesis(world, living(), chance, history, start)
    giveOut(world, living(), chance)
    void chance
      .pick(living())
      .system.deliver(AbortSignal.timeout(20))
      .catch(() => undefined)
    world.clock.advance(chance.below(4_000))
    await turns(1 + chance.below(3))
  }
  await settle(world, workers, chance, chosen)
  const faults = await check(world)
  await world.close()
  return { faults, history }
}

let nth = 0

/** One event, or one again as Fluent Bit sends a whole chunk again: the same event at another place. */
function putSome(world: World, chance: Chance): void {
  const open = world.shards.filter((shard) => !shard.closed)
  const shard = chance.pick(open)
  const again = chance.happens(0.1) ? chance.pick(world.puts.length > 0 ? world.puts : [undefined]) : undefined
  if (again?.readable === true) {
    world.put(shard, again, lineOf(again, world.clock.now()))
    return
  }
  const id = `e${nth++}`
  if (chance.happens(0.04)) {
    // A gzip that was cut: it is kept as it is, and nothing waits for it.
    world.put(
      shard,
      { id, fault: undefined, readable: false },
      Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3, 1, nth & 255]),
    )
    return
  }
  const event: PutEvent = { id, fault: chance.happens(0.7) ? chance.pick(FAULTS) : undefined, readable: true }
  world.put(shard, event, lineOf(event, world.clock.now()))
}

const lineOf = ({ id, fault }: PutEvent, at: number): string =>
  `${JSON.stringify({ event_id: id, level: fault === undefined ? 'WARN' : 'ERROR', service: `service-${fault?.length ?? 0}`, message: fault ?? 'slow call', time: new Date(at).toISOString() })}\n`

async function nemesis(
  world: World,
  living: readonly Worker[],
  chance: Chance,
  history: string[],
  start: () => Promise<void>,
): Promise<void> {
  const worker = chance.pick(living)
  const did = (what: string): void => void history.push(`${world.clock.now()} ${what}`)
  const kind = chance.below(16)
  if (kind === 0 && living.length > 1) {
    did(`kill ${worker.name}`)
    worker.wire.kill()
    release(world, worker)
    await start()
  } else if (kind === 1) {
    did(`freeze ${worker.name}`)
    worker.wire.freeze()
  } else if (kind <= 3) {
    for (const { wire } of living) wire.thaw()
    did('thaw all')
  } else if (kind <= 5) {
    // A lease goes over although its owner has not died: it is slow, or frozen.
    const shard = chance.pick(world.shards)
    const lease = world.leases.get(shard.id)
    if (lease !== undefined && lease.checkpoint !== 'SHARD_END') {
      did(`take ${shard.id} from ${lease.owner}`)
      lease.owner = undefined
    }
  } else if (kind <= 9) {
    const name = chance.pick(['archive', 'state', 'index', 'slack'])
    const share = chance.pick([0, 0, 0.2, 0.5, 1])
    did(`${name} fails ${share}`)
    for (const { wire } of living) wire.faults.set(name, share)
  } else if (kind === 10 && world.shards.length < 9) {
    const shard = chance.pick(world.shards.filter(({ closed }) => !closed))
    did(`split ${shard.id}`)
    world.split(shard)
  } else if (kind === 11) {
    const [a, b] = world.shards.filter(({ closed }) => !closed)
    if (a === undefined || b === undefined || world.shards.length > 9) return
    did(`merge ${a.id} ${b.id}`)
    world.merge(a, b)
  } else if (kind === 12) {
    did('130 s pass')
    world.clock.advance(130_000)
  }
}

function release(world: World, worker: Worker): void {
  for (const lease of world.leases.values()) if (lease.owner === worker.name) lease.owner = undefined
}

/** Every shard whose parents are read to their end has an owner. */
function giveOut(world: World, living: readonly Worker[], chance: Chance): void {
  for (const shard of world.shards) {
    const lease = world.leases.get(shard.id)
    if (lease === undefined || lease.owner !== undefined || lease.checkpoint === 'SHARD_END') continue
    if (isDue(world, shard)) chance.pick(living).take(shard)
  }
}

const isDue = (world: World, { parents }: StreamShard): boolean =>
  parents.every((parent) => world.leases.get(parent)?.checkpoint === 'SHARD_END')

/** Nothing fails any more: everything must come to its end. */
async function settle(
  world: World,
  workers: readonly Worker[],
  chance: Chance,
  mutation: Mutation | undefined,
): Promise<void> {
  for (const { wire } of workers) {
    wire.thaw()
    wire.faults.clear()
  }
  const living = workers.filter(({ wire }) => wire.alive)
  for (const shard of world.shards) shard.closed = true
  const deadline = performance.now() + 30_000
  const ended = (): boolean => [...world.leases.values()].every(({ checkpoint }) => checkpoint === 'SHARD_END')
  while (!ended() && performance.now() < deadline) {
    giveOut(world, living, chance)
    await turns(2)
  }
  if (!ended() && mutation === undefined) {
    const open = [...world.leases].filter(([, { checkpoint }]) => checkpoint !== 'SHARD_END')
    throw new Error(`shards that nobody gets to the end of: ${JSON.stringify(open)}`)
  }
  for (const { system } of living) await system.tick(AbortSignal.timeout(5_000))
  // Claims of the dead run out, and posts that were under way have surely ended.
  for (let i = 0; i < 3; i++) {
    world.clock.advance(130_000)
    for (const { system } of living) {
      await system.tick(AbortSignal.timeout(5_000))
      await system.deliver(AbortSignal.timeout(5_000))
    }
  }
  for (const worker of living) await worker.drain()
}

const turns = async (n: number): Promise<void> => {
  for (let i = 0; i < n; i++) await new Promise((resolve) => setTimeout(resolve, 1))
}
