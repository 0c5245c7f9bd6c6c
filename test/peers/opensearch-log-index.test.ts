import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { lineRecord, logIndexContract } from '../../src/pipeline/forward/log-index.contract.ts'
import { EMPTY_QUERY, parseLogQuery } from '../../src/pipeline/forward/log-index.ts'
import type { OpenSearchAddress } from '../../src/pipeline/forward/opensearch-client.ts'
import { type OpenSearchLogIndex, openOpenSearchLogIndex } from '../../src/pipeline/forward/opensearch-log-index.ts'
import type { OpenSearchLayout } from '../../src/pipeline/forward/opensearch-template.ts'
import type { LogRecord } from '../../src/pipeline/record.ts'
import { createManualClock } from '../../src/platform/clock.ts'
import { type CaliError, messageOf } from '../../src/platform/error.ts'
import { startFaultProxy } from '../support/fault-proxy.ts'
import { startTestSystem, temporaryFolder, until, untilDelivered } from '../support/system.ts'
import { missingForOpenSearch, type OpenSearchServer, startOpenSearch } from './opensearch-server.ts'

const NOON = Date.parse('2026-01-20T12:00:00Z')
const DAY_MS = 86_400_000
const missing = missingForOpenSearch()

describe.skipIf(missing !== undefined)(
  `a real OpenSearch${missing === undefined ? '' : ` (skipped: ${missing})`}`,
  () => {
    const clock = createManualClock(NOON)
    const open: OpenSearchLogIndex[] = []
    let server: OpenSearchServer
    beforeAll(async () => {
      server = await startOpenSearch()
    })
    afterAll(async () => {
      await Promise.all(open.map((index) => index.close()))
      await server?.stop()
    })

    const newName = (): string => `t-${randomUUID().slice(0, 8)}`
    function newIndex(
      layout: Partial<OpenSearchLayout> = {},
      address: Partial<OpenSearchAddress> = {},
    ): OpenSearchLogIndex & { readonly name: string } {
      const name = layout.index ?? newName()
      const index = openOpenSearchLogIndex({
        address: { url: server.url, timeoutMs: 30_000, ...address },
        layout: {
          index: name,
          shards: 1,
          replicas: 0,
          korean: 'none',
          retentionDays: 14,
          serverless: false,
          ...layout,
        },
        clock,
        random: Math.random,
      })
      open.push(index)
      return { ...index, name }
    }
    const lines = (count: number, more: Partial<LogRecord> = {}): LogRecord[] =>
      Array.from({ length: count }, (_, i) => lineRecord({ id: `line-${i}`, body: `order ${i} failed`, more }))
    const total = async (index: OpenSearchLogIndex): Promise<number> => (await index.summary(EMPTY_QUERY)).total
    const ask = async <T>(method: string, path: string, body?: unknown, url = server.url): Promise<T> => {
      const response = await fetch(`${url}${path}`, {
        method,
        headers: { 'content-type': 'application/json' },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      })
      return (await response.json()) as T
    }
    const faultOf = (work: Promise<unknown>): Promise<string> =>
      work.then(
        () => 'no fault',
        (error: unknown) => `${(error as { code?: string }).code}: ${messageOf(error)}`,
      )

    logIndexContract('OpenSearch', async () => newIndex())

    describe('what is set up', () => {
      test.each(['none', 'cjk', 'nori'] as const)('is accepted with korean: %s, once', async (korean) => {
        const index = newIndex({ korean })
        const run = async (): Promise<string[]> => {
          const states: string[] = []
          for (const step of index.setup) states.push((await step.run(false)).state)
          return states
        }
        expect(await run()).toEqual(['created', 'created', 'unavailable'])
        expect(await run()).toEqual(['unchanged', 'unchanged', 'unavailable'])
        expect(Object.keys(await ask('GET', `/${index.name}/_alias`))).toEqual([`${index.name}-2026.01.20`])
        expect(await index.check()).toMatch(/^OpenSearch 3\.\d+\.\d+ at http.* 0 lines$/)
      })

      test.each([
        ['nori', '초과', 1],
        ['nori', '결제', 1],
        ['cjk', '초과', 1],
        ['cjk', '제 결', 0],
      ] as const)('lets Dashboards find Korean with %s: %s', async (korean, words, found) => {
        const index = newIndex({ korean })
        await index.write([lineRecord({ id: 'a', body: '결제서비스에서 시간이 초과되었습니다' })])
        expect((await index.search(parseLogQuery('초과'), 1)).records).toHaveLength(1)
        const { hits } = await ask<{ hits: { total: { value: number } } }>('POST', `/${index.name}/_search`, {
          query: { match: { 'body.korean': { query: words, operator: 'and' } } },
        })
        expect(hits.total.value).toBe(found)
      })

      test('is put right when it is gone, before the next day is made', async () => {
        const index = newIndex()
        await index.write(lines(1))
        await ask('DELETE', `/_index_template/${index.name}`)
        await index.write(lines(1, { observedAt: NOON + DAY_MS }))
        expect((await index.search(parseLogQuery('order'), 10)).records).toHaveLength(2)
      })

      test('is refused next to an index that CALI did not make, and nothing is written to it', async () => {
        const index = newIndex()
        await ask('PUT', `/${index.name}-2026.01.20`)
        expect(await faultOf(index.write(lines(1)))).toMatch(/^index_foreign_index/)
        expect(await ask('GET', `/${index.name}-2026.01.20/_count`)).toMatchObject({ count: 0 })
      })
    })

    describe('writing', () => {
      test('F18: a document that cannot be indexed comes back with the reason, its neighbours are stored', async () => {
        const index = newIndex()
        const bad = lineRecord({ id: 'bad', body: 'x', more: { attributes: { huge: 'v'.repeat(40_000) } } })
        const refused = await index.write([...lines(2), bad])
        expect(refused.map(({ record }) => record.id)).toEqual(['bad'])
        expect(refused[0]?.reason).toMatch(/^(illegal_argument|mapper_parsing)_exception: /)
        expect(await total(index)).toBe(2)
      })

      test('F17, F19: a server behind a wire that fails gets each line once, whatever was answered', async () => {
        const wire = await startFaultProxy(Number(new URL(server.url).port), 5)
        const layout = { index: newName() }
        const direct = newIndex(layout)
        await direct.write(lines(1))
        const index = newIndex(layout, { url: `http://127.0.0.1:${wire.port}`, timeoutMs: 2_000 })
        const insist = async (records: readonly LogRecord[]): Promise<void> => {
          for (let attempt = 1; ; attempt++) {
            const fault = await index.write(records).then(
              () => undefined,
              (error: unknown) => error as CaliError,
            )
            if (fault === undefined) return
            expect(fault).toMatchObject({ retryable: true })
            expect(attempt).toBeLessThan(100)
          }
        }
        wire.set({ kind: 'resets', share: 0.4 })
        for (let i = 0; i < 200; i += 20) await insist(lines(i + 20).slice(i))
        wire.set({ kind: 'black-hole' })
        const started = performance.now()
        await expect(index.write(lines(210).slice(200))).rejects.toMatchObject({ retryable: true })
        expect(performance.now() - started).toBeLessThan(4_000)
        wire.set({ kind: 'none' })
        await insist(lines(210).slice(190))
        expect(wire.hit).toBeGreaterThan(5)
        expect(await total(direct)).toBe(210)
        await wire.stop()
      })

      test('F20: a replay on another day finds its records where they are', async () => {
        const index = newIndex()
        const records = [
          ...lines(3),
          ...lines(2, { observedAt: NOON - DAY_MS }).map((r) => ({ ...r, id: `y-${r.id}` })),
        ]
        await index.write(records)
        clock.set(NOON + DAY_MS)
        await index.write(records)
        clock.set(NOON)
        expect(await total(index)).toBe(5)
        await index.expire('2026-01-20')
        expect(await total(index)).toBe(3)
        expect(Object.keys(await ask('GET', `/${index.name}-*/_alias`))).toEqual([`${index.name}-2026.01.20`])
      })

      test('a block of the index holds the records until it is lifted, and says how', async () => {
        const index = newIndex()
        await index.write(lines(1))
        const block = (on: boolean) =>
          ask('PUT', `/${index.name}-2026.01.20/_settings`, { 'index.blocks.read_only_allow_delete': on ? true : null })
        await block(true)
        expect(await faultOf(index.write(lines(2)))).toMatch(/^opensearch_blocked: .*index\.blocks/)
        await block(false)
        expect(await index.write(lines(2))).toEqual([])
        expect(await total(index)).toBe(2)
      })

      test('the limit of shards holds the records of a new day, and says what to raise', async () => {
        const limit = (shards: number | null) =>
          ask('PUT', '/_cluster/settings', { persistent: { 'cluster.max_shards_per_node': shards } })
        const index = newIndex()
        await limit(1)
        try {
          expect(await faultOf(index.write(lines(1)))).toMatch(
            /^opensearch_shard_limit: .*cluster\.max_shards_per_node/,
          )
        } finally {
          await limit(null)
        }
        expect(await index.write(lines(1))).toEqual([])
      })

      test.skipIf(process.platform === 'win32')(
        'F19: a server that stands still and does it later leaves one copy of each',
        async () => {
          const index = newIndex({}, { timeoutMs: 700 })
          await index.write([])
          await index.write(lines(1))
          server.freeze()
          expect(await faultOf(index.write(lines(50)))).toMatch(/^opensearch_timeout/)
          expect(await faultOf(index.write(lines(50)))).toMatch(/^opensearch_timeout/)
          server.thaw()
          const patient = newIndex({ index: index.name })
          await patient.write(lines(50))
          expect(await total(patient)).toBe(50)
        },
      )
    })

    describe('a small node', () => {
      let small: OpenSearchServer
      beforeAll(async () => {
        small = await startOpenSearch({
          settings: [
            'http.max_content_length=1mb',
            'thread_pool.write.size=1',
            'thread_pool.write.queue_size=1',
            'action.auto_create_index=false',
          ],
        })
      })
      afterAll(() => small?.stop())

      test('that is too busy for many writers at once takes all of it in the end', async () => {
        const index = newIndex({}, { url: small.url })
        const part = (n: number): LogRecord[] =>
          Array.from({ length: 100 }, (_, i) => lineRecord({ id: `p${n}-${i}`, body: `part ${n} line ${i}` }))
        await index.write(part(0))
        const writers = Array.from({ length: 12 }, async (_, n) => {
          for (;;) {
            const fault = await faultOf(index.write(part(n)))
            if (fault === 'no fault') return
            expect(fault).toMatch(/^opensearch_busy/)
          }
        })
        await Promise.all(writers)
        expect(await total(index)).toBe(1_200)
      })

      test('that takes small requests only is given small ones; what is too large alone comes back', async () => {
        const index = newIndex({}, { url: small.url })
        const large = (id: string, chars: number): LogRecord =>
          lineRecord({ id, body: `x ${'y z '.repeat(chars / 4)}` })
        const refused = await index.write([
          ...Array.from({ length: 30 }, (_, i) => large(`big-${i}`, 40_000)),
          large('whale', 700_000),
        ])
        expect(refused.map(({ record }) => record.id)).toEqual(['whale'])
        expect(refused[0]?.reason).toContain('413')
        expect(await total(index)).toBe(30)
      })
    })

    describe('a node that is killed', () => {
      test('has every acknowledged line afterwards, and CALI owes it what came meanwhile and pays it', async () => {
        const home = await temporaryFolder()
        const folder = await temporaryFolder()
        let node = await startOpenSearch({ home: home.path })
        const system = await startTestSystem(folder.path, {
          opensearch: { url: node.url, replicas: 0, timeout: '5s', debtAfter: '1s' },
          archive: { flushInterval: '100ms' },
        })
        try {
          let sent = 0
          const send = async (count: number): Promise<void> => {
            const data = Array.from({ length: count }, () =>
              JSON.stringify({ level: 'error', service: 'kill', msg: `order ${sent} failed`, event_id: `k-${sent++}` }),
            ).join('\n')
            await system.ingest({
              stream: 'http',
              shard: '0',
              records: [{ sequence: String(1_000_000 + sent), arrivedAt: Date.now(), data: Buffer.from(data) }],
            })
          }
          for (let i = 0; i < 10; i++) await send(200)
          await node.kill()
          for (let i = 0; i < 10; i++) await send(200)
          await untilDelivered(system)
          expect((await system.state.incidents.list({ services: ['kill'] }))[0]?.count).toBe(4_000)
          expect(system.indexing.status().state).toBe('owing')
          expect((await system.state.indexDebts.status()).records).toBe(2_000)
          node = await startOpenSearch({ home: home.path, port: node.port })
          await until(async () => (await system.state.indexDebts.status()).objects === 0, 'every debt is paid')
          expect((await system.index.summary(EMPTY_QUERY)).total).toBe(4_000)
        } finally {
          await system.stop()
          await node.stop()
          await folder.remove()
          await home.remove()
        }
      })
    })
  },
)
