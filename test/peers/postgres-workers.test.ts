/** Several workers on one PostgreSQL: what they do together is what one alone would have done. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { createFingerprinter } from '../../src/pipeline/group/fingerprint.ts'
import { createIncidentPlanner, DEFAULT_INCIDENT_POLICY } from '../../src/pipeline/group/incident-plan.ts'
import { createPatternMiner } from '../../src/pipeline/group/pattern-miner.ts'
import type { GroupedEvent } from '../../src/pipeline/store.ts'
import { type Clock, systemClock } from '../../src/platform/clock.ts'
import { listShapes } from '../../src/state/record-queries.ts'
import { openSharedState, openState, type State } from '../../src/state/state.ts'
import { eventsOf, NOON, type RecordFacts } from '../support/records.ts'
import { emptyState } from '../support/state.ts'
import { findPostgres, type PostgresServer, startPostgres } from './postgres-server.ts'

const there = findPostgres() !== undefined
const WORKERS = 6
const LEASE = 120_000

describe.skipIf(!there)('several workers on one PostgreSQL (skipped where initdb is not installed)', () => {
  let server: PostgresServer
  const open: State[] = []
  const noon: Clock = { now: () => NOON }
  const openWorker = async (name: string, url = server.url, clock = noon): Promise<State> => {
    const state = await openSharedState({
      url,
      pool: 4,
      statementTimeoutMs: 20_000,
      connectTimeoutMs: 5_000,
      clock,
      worker: name,
    })
    open.push(state)
    return state
  }
  const openWorkers = (n = WORKERS): Promise<State[]> =>
    Promise.all(Array.from({ length: n }, (_, i) => openWorker(`worker-${i}`)))

  beforeAll(async () => {
    server = await startPostgres({ durable: true })
  })
  afterEach(async () => {
    const [first] = open
    if (first !== undefined) await emptyState(first)
    for (const state of open.splice(0)) await state.close()
  })
  afterAll(() => server?.stop())

  /** Messages of several kinds whose names the grouping has to find out, a cascade, and re-sent lines. */
  const traffic = (n: number): RecordFacts[] =>
    Array.from({ length: n }, (_, place): RecordFacts => {
      // A line that is sent again comes at another place of the stream.
      const i = place % 17 === 16 ? place - 9 : place
      return {
        id: `e${i}`,
        sequence: String(place),
        shard: String(i % 4),
        at: NOON + i * 20,
        service: ['order', 'payment', 'gateway'][i % 3] as string,
        message: [
          `cannot open the store of ${['alpha', 'beta', 'gamma', 'delta', 'epsilon', 'zeta'][i % 6]}`,
          `재고 확인 실패: 상품 ${i}`,
          `connection to db-${i % 5} refused`,
          `payment ${i} declined`,
        ][(i >> 2) % 4] as string,
      }
    })

  const factsOf = async (state: State) => {
    const incidents = (await state.incidents.list({ limit: 1_000 })).filter((incident) => incident.state !== 'merged')
    const buckets = await state.incidents.buckets(
      incidents.map((incident) => incident.id),
      NOON,
      NOON + 3_600_000,
    )
    return {
      incidents: incidents
        .map(
          ({ service, count, firstSeen, lastSeen }) => `${service} ×${count} ${firstSeen - NOON}..${lastSeen - NOON}`,
        )
        .sort(),
      counted: incidents.reduce((sum, incident) => sum + incident.count, 0),
      inBuckets: buckets.reduce((sum, bucket) => sum + bucket.count, 0),
    }
  }

  it('count each event once and open each incident once, whoever gets which batch, and replays change nothing', async () => {
    const facts = traffic(1_200)
    const plan = createIncidentPlanner(DEFAULT_INCIDENT_POLICY, () => NOON)
    const batches: RecordFacts[][] = []
    for (let i = 0; i < facts.length; i += 40) batches.push(facts.slice(i, i + 40))

    const alone = await openState({ path: ':memory:', clock: noon })
    const fingerprint = createFingerprinter()
    for (const batch of batches) await alone.incidents.apply(eventsOf(batch, fingerprint), plan)
    const expected = await factsOf(alone)
    await alone.close()

    const workers = await openWorkers()
    const queue = batches.map((batch, i) => ({ batch, i }))
    const learned = workers.map(() => createPatternMiner())
    // Every batch twice: once more as after a lease that moved.
    queue.push(...batches.slice(0, 20).map((batch, i) => ({ batch, i: i + 1 })))
    const run = async (state: State, at: number): Promise<void> => {
      const miner = learned[at] as ReturnType<typeof createPatternMiner>
      const own = createFingerprinter(miner)
      for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
        const events: GroupedEvent[] = eventsOf(next.batch, own)
        await state.incidents.apply(events, plan)
        for (const { service, shape, template } of await listShapes(state.db, 1_000))
          miner.restore(service, shape, template)
      }
    }
    await Promise.all(workers.map(run))
    // What was told apart while nobody knew all of it comes together with the next lines of each kind.
    const last = traffic(72).map((fact, i) => ({ ...fact, id: `last${i}`, sequence: `9${i}`, at: NOON + 30_000 + i }))
    const settle = async (state: State, print: ReturnType<typeof createFingerprinter>): Promise<void> =>
      void (await state.incidents.apply(eventsOf(last, print), plan))
    await settle(workers[0] as State, createFingerprinter(learned[0]))
    const again = await openState({ path: ':memory:', clock: noon })
    const whole = createFingerprinter()
    for (const batch of batches) await again.incidents.apply(eventsOf(batch, whole), plan)
    await settle(again, whole)
    expect(await factsOf(workers[0] as State)).toEqual(await factsOf(again))
    expect(expected.counted).toBe(1_200 - Math.floor(1_200 / 17))
    await again.close()
  })

  it('give each message to one of them, and to another only when the claim is over', async () => {
    const workers = await openWorkers()
    const ids = Array.from({ length: 60 }, (_, i) => `I${i}`)
    for (const id of ids) await (workers[0] as State).outbox.want(id)
    const taken: string[] = []
    await Promise.all(
      workers.map(async ({ outbox }) => {
        for (let due = await outbox.claim(NOON, LEASE, 5); due.length > 0; due = await outbox.claim(NOON, LEASE, 5))
          taken.push(...due.map((delivery) => delivery.incident))
      }),
    )
    expect(taken.toSorted()).toEqual(ids.toSorted())
    const over = await Promise.all(workers.map(({ outbox }) => outbox.claim(NOON + LEASE, LEASE, 60)))
    expect(
      over
        .flat()
        .map((delivery) => delivery.incident)
        .sort(),
    ).toEqual(ids.toSorted())
  })

  it('give back at a restart the claims of the same worker, and of no other', async () => {
    const [one, two] = (await openWorkers(2)) as [State, State]
    for (const id of ['A', 'B']) await one.outbox.want(id)
    await one.outbox.claim(NOON, LEASE, 1)
    await two.outbox.claim(NOON, LEASE, 1)
    await one.outbox.releaseClaims()
    expect((await two.outbox.claim(NOON, LEASE, 10)).map((delivery) => delivery.incident)).toEqual(['A'])
  })

  it('bring the tables up to date once when they all start at the same moment', async () => {
    const admin = await openWorker('admin')
    await admin.db.schema.createSchema('fresh').ifNotExists().execute()
    const url = `${server.url}?options=${encodeURIComponent('-c search_path=fresh')}`
    const states = await Promise.all(Array.from({ length: 4 }, (_, i) => openWorker(`new-${i}`, url)))
    const rows = await (states[0] as State).db.selectFrom('migrations').select('id').execute()
    expect(new Set(rows.map((row) => row.id)).size).toBe(rows.length)
    expect(rows.length).toBeGreaterThan(5)
    await admin.db.schema.dropSchema('fresh').cascade().execute()
  })

  it('take the time from the server, however wrong their own clocks are', async () => {
    const state = await openWorker('late', server.url, systemClock)
    const own = systemClock.now()
    expect(Math.abs(state.clock.now() - own)).toBeLessThan(1_000)
    const hourAhead = await openSharedState({
      url: server.url,
      pool: 2,
      statementTimeoutMs: 5_000,
      connectTimeoutMs: 5_000,
      clock: { now: () => systemClock.now() + 3_600_000 },
      worker: 'ahead',
    })
    open.push(hourAhead)
    await hourAhead.setClock?.()
    expect(Math.abs(hourAhead.clock.now() - systemClock.now())).toBeLessThan(1_000)
  })

  it('lose nothing that was acknowledged when the server is killed under them', async () => {
    const workers = await openWorkers(4)
    const plan = createIncidentPlanner(DEFAULT_INCIDENT_POLICY, () => NOON)
    const acknowledged = new Set<string>()
    let next = 0
    let killed = false
    const run = async (state: State): Promise<void> => {
      const fingerprint = createFingerprinter()
      while (next < 400) {
        const id = `k${next++}`
        const events = eventsOf([{ id, sequence: id.slice(1), message: 'disk of the archive is slow' }], fingerprint)
        for (let done = false; !done; ) {
          try {
            await state.incidents.apply(events, plan)
            acknowledged.add(id)
            done = true
          } catch (error) {
            // Killed or starting: the batch is kept and comes again.
            expect(error).toMatchObject({ retryable: true })
          }
        }
        if (acknowledged.size === 150 && !killed) {
          killed = true
          await server.kill()
          await server.start()
        }
      }
    }
    await Promise.all(workers.map(run))
    expect(killed).toBe(true)
    expect(await factsOf(workers[0] as State)).toMatchObject({ counted: 400, inBuckets: 400 })
  })
})

describe.skipIf(!there)('a PostgreSQL that cannot be used (skipped where initdb is not installed)', () => {
  let server: PostgresServer
  beforeAll(async () => {
    server = await startPostgres()
  })
  afterAll(() => server?.stop())
  const failure = async (url: string, more: { caFile?: string } = {}) => {
    try {
      const state = await openSharedState({
        url,
        pool: 2,
        statementTimeoutMs: 5_000,
        connectTimeoutMs: 1_000,
        clock: systemClock,
        worker: 'x',
        ...more,
      })
      await state.close()
    } catch (error) {
      return error as Error & { code: string; retryable: boolean }
    }
    throw new Error('it was opened')
  }

  it.each([
    [
      'no such database',
      (url: string) => url.replace(/cali$/, 'nope'),
      'postgres_no_database',
      /"nope".*postgres\.url/,
    ],
    [
      'no such user',
      (url: string) => url.replace('cali@', 'mallory:hunter2@'),
      'postgres_login',
      /mallory.*postgres\.url/,
    ],
    ['nothing there', () => 'postgres://cali:hunter2@127.0.0.1:9/cali', 'postgres_unreachable', /127\.0\.0\.1:9\/cali/],
    ['not an address', () => 'postgres://cali:hunter2@[::x/cali', 'config_invalid', /postgres:\/\/user:password@host/],
    ['no TLS there', (url: string) => `${url}?sslmode=require`, 'postgres_tls', /SSL.*postgres\.caFile/],
  ])('%s: says which setting it is, and never the password', async (_name, urlOf, code, text) => {
    const error = await failure(urlOf(server.url))
    expect(error.code).toBe(code)
    expect(error.message).toMatch(text)
    expect(error.message).not.toContain('hunter2')
  })

  it('names the file of a certificate authority that cannot be read', async () => {
    expect((await failure(server.url, { caFile: 'no-such.pem' })).message).toMatch(/postgres\.caFile is "no-such\.pem"/)
  })

  it('refuses a schema that a newer version wrote', async () => {
    const options = {
      url: server.url,
      pool: 2,
      statementTimeoutMs: 5_000,
      connectTimeoutMs: 1_000,
      clock: systemClock,
      worker: 'x',
    }
    const state = await openSharedState(options)
    await state.db.insertInto('migrations').values({ id: '9999_later.sql', applied_at: 1 }).execute()
    await state.close()
    expect(await failure(server.url)).toMatchObject({
      code: 'state_newer',
      message: expect.stringContaining('9999_later'),
    })
  })
})
