import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createKnowledgeBase } from '../../src/knowledge/knowledge-base.ts'
import { rowOfIncident } from '../../src/knowledge/knowledge-rows.ts'
import { contractPages, knowledgeSourceContract } from '../../src/knowledge/knowledge-source.contract.ts'
import { createMilvus, type Milvus } from '../../src/knowledge/milvus-client.ts'
import { createMilvusIncidents } from '../../src/knowledge/milvus-incidents.ts'
import { createMilvusKnowledge, type MilvusKnowledge } from '../../src/knowledge/milvus-knowledge.ts'
import { aliasTarget, collectionOf, staleCollections } from '../../src/knowledge/milvus-schema.ts'
import { listRows, writeRows } from '../../src/knowledge/milvus-sync.ts'
import { readRunbook } from '../../src/knowledge/runbook-reader.ts'
import type { Runbook } from '../../src/pipeline/knowledge.ts'
import { createManualClock } from '../../src/platform/clock.ts'
import type { Logger } from '../../src/platform/logger.ts'
import { createFakeEmbedder, createMemoryVectors, type FakeEmbedder } from '../support/fake-embedder.ts'
import { incidentOf } from '../support/incidents.ts'
import { type MilvusServer, milvusMissing, startMilvus } from './milvus-server.ts'

const logger = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} } as unknown as Logger
const why = milvusMissing ? ' (skipped: no Milvus Lite here; node tools/peers-milvus.ts installs it)' : ''

interface Opened {
  readonly milvus: Milvus
  readonly knowledge: MilvusKnowledge
  readonly clock: ReturnType<typeof createManualClock>
}

describe.skipIf(milvusMissing)(`Milvus Lite 3.2.2${why}`, () => {
  let server: MilvusServer
  const opened: Milvus[] = []
  beforeAll(async () => {
    server = await startMilvus()
  })
  afterAll(async () => {
    for (const milvus of opened) await milvus.close()
    await server.remove()
  })

  const open = (
    alias: string,
    own: readonly Runbook[],
    options: { embedder?: FakeEmbedder; tenant?: string; timeoutMs?: number; close?: number } = {},
  ): Opened => {
    const timeoutMs = options.timeoutMs ?? 5_000
    const milvus = createMilvus({ address: server.address, database: 'default', timeoutMs })
    opened.push(milvus)
    const clock = createManualClock(1_000)
    const knowledge = createMilvusKnowledge({
      milvus,
      alias,
      tenant: options.tenant ?? 'default',
      own,
      ...(options.embedder === undefined ? {} : { embedder: options.embedder }),
      vectors: createMemoryVectors(),
      policy: { korean: 1, other: 0.3, close: options.close ?? 1 },
      legs: ['page', 'chunk'],
      timeoutMs,
      clock,
      logger,
    })
    return { milvus, knowledge, clock }
  }

  // Half of the pages are this process's own, half another's: only Milvus holds all of them.
  const shared = async (alias: string, pages: readonly Runbook[], embedder?: () => FakeEmbedder): Promise<Opened> => {
    const ids = [...new Set(pages.map((page) => page.id))]
    const mine = new Set(ids.filter((_, i) => i % 2 === 0))
    const with_ = embedder === undefined ? {} : { embedder: embedder() }
    await open(
      alias,
      pages.filter((page) => !mine.has(page.id)),
      with_,
    ).knowledge.sync()
    const second = open(
      alias,
      pages.filter((page) => mine.has(page.id)),
      with_,
    )
    await second.knowledge.sync()
    return second
  }

  knowledgeSourceContract(
    'Milvus by words',
    async (pages) => {
      const { knowledge, milvus, clock } = await shared('words', pages)
      return {
        source: knowledge,
        fail: () => server.kill(),
        mend: async () => {
          server = await server.again()
          // The connection comes back by itself, within half a second of the server.
          await expect.poll(() => milvus.version().catch(() => ''), { timeout: 10_000 }).toMatch(/milvus/)
          clock.advance(60_000)
        },
        close: async () => {},
      }
    },
    { lexical: true },
  )

  knowledgeSourceContract(
    'Milvus with vectors',
    async (pages) => {
      const embedder = createFakeEmbedder('fake', 1_024)
      const { knowledge, clock } = await shared('vectors', pages, () => embedder)
      return {
        source: knowledge,
        fail: async () => embedder.behave('down'),
        mend: async () => {
          embedder.behave('well')
          clock.advance(60_000)
        },
        close: async () => {},
      }
    },
    { lexical: false },
  )

  const page = (id: string, text: string, language = 'en'): Runbook =>
    readRunbook(`---\nid: ${id}\nlang: ${language}\n---\n${text}`, `${id}.md`, 'team')
  const question = (text: string) => ({ parts: [{ text, weight: 1 }], language: 'en' as const, limit: 3 })

  it('writes what changed and nothing else', async () => {
    const { knowledge } = open('again', [page('zork', '# Zork\n'), page('quux', '# Quux\n')])
    expect(await knowledge.sync()).toMatchObject({ created: true, pages: ['zork', 'quux'], rows: 4, unchanged: 0 })
    expect(await knowledge.sync()).toMatchObject({ created: false, pages: [], rows: 0, unchanged: 4 })
    const changed = open('again', [page('zork', '# Zork\nThe lamp is out.\n'), page('quux', '# Quux\n')])
    expect(await changed.knowledge.sync({ dryRun: true })).toMatchObject({ pages: ['zork'], rows: 2, unchanged: 2 })
    expect(await changed.knowledge.sync()).toMatchObject({ pages: ['zork'], rows: 2, unchanged: 2 })
  })

  it('takes pieces of a page away with it, and pages of others only when told to', async () => {
    const long = `# Zork\n${Array.from({ length: 30 }, (_, i) => `## Part ${i}\n${'word '.repeat(200)}\n`).join('')}`
    const first = open('removed', [page('zork', long), page('quux', '# Quux\n')])
    await first.knowledge.sync()
    const held = async () => (await listRows(first.milvus, 'removed', 'default', ['page', 'chunk'])).length
    expect(await held()).toBeGreaterThan(20)
    const second = open('removed', [page('zork', '# Zork\n')])
    expect(await second.knowledge.sync()).toMatchObject({ foreign: ['quux'], removed: false })
    expect(await held()).toBe(4)
    expect(second.knowledge.get('quux', 'en')?.title).toBe('Quux')
    expect(await second.knowledge.sync({ remove: true })).toMatchObject({ foreign: ['quux'], removed: true })
    expect(await held()).toBe(2)
    expect(second.knowledge.get('quux', 'en')).toBeUndefined()
  })

  it('finds a page that another process added after the last round, and gives it whole', async () => {
    const reader = open('late', [page('zork', '# Zork\n')])
    await reader.knowledge.sync()
    const text = '# The grue eats the lamp\n\n## Diagnosis\n1. Look for the `grue`.\n'
    await open('late', [page('grue', text)]).knowledge.sync()
    const { hits } = await reader.knowledge.search(question('the grue eats the lamp'))
    expect(hits[0]?.runbook).toEqual(page('grue', text))
  })

  it('keeps tenants apart', async () => {
    await open('tenants', [page('secret', '# The grue of team a\n')], { tenant: 'a' }).knowledge.sync()
    const b = open('tenants', [page('zork', '# Zork\n')], { tenant: 'b' })
    await b.knowledge.sync()
    const { hits } = await b.knowledge.search(question('the grue of team a'))
    expect(hits).toEqual([])
    expect(b.knowledge.documents.map((one) => one.id)).toEqual(['zork'])
  })

  it('builds another model beside the first and then moves the alias, with the pages of others', async () => {
    const pages = contractPages().slice(0, 20)
    const others = [page('grue', '# The grue eats the lamp\n')]
    await open('switch', others, { embedder: createFakeEmbedder('one', 32) }).knowledge.sync()
    const old = open('switch', pages, { embedder: createFakeEmbedder('one', 32) })
    await old.knowledge.sync()
    const from = collectionOf('switch', { model: 'one', dimension: 32 })
    expect(await aliasTarget(old.milvus, 'switch')).toBe(from)

    const embedder = createFakeEmbedder('two', 48)
    const next = open('switch', pages, { embedder, close: 0.3 })
    let done = false
    const answers: (string | undefined)[] = []
    const building = next.knowledge.sync().finally(() => {
      done = true
    })
    while (!done) answers.push((await old.knowledge.search(question('the grue eats the lamp'))).hits[0]?.runbook.id)
    expect(await building).toMatchObject({ created: true, stale: [from] })
    expect(new Set(answers)).toEqual(new Set(['grue']))
    expect(await aliasTarget(next.milvus, 'switch')).toBe(collectionOf('switch', { model: 'two', dimension: 48 }))
    expect((await next.knowledge.search(question('the grue eats the lamp'))).hits[0]?.runbook.id).toBe('grue')

    // The process of before goes on with its own vectors and does not take the alias back.
    await old.knowledge.sync()
    expect(await aliasTarget(next.milvus, 'switch')).not.toBe(from)
    expect((await old.knowledge.search(question('the grue eats the lamp'))).degraded).toBeUndefined()
    expect(await next.knowledge.prune()).toEqual([from])
    expect(await staleCollections(next.milvus, 'switch')).toEqual([])
  })

  it('answers from the pages at hand while Milvus hangs, within its timeout, and asks it again later', async () => {
    if (process.platform === 'win32') return
    const { knowledge, clock } = open('hung', contractPages(), { timeoutMs: 1_500 })
    await knowledge.sync()
    server.pause()
    try {
      const first = await knowledge.search(question('No space left on device'))
      expect(first).toMatchObject({ degraded: { part: 'store' }, abstain: false })
      expect(first.hits[0]?.runbook.id).toBe('disk-full')
      const second = await knowledge.search(question('No space left on device'))
      expect(second.degraded?.part).toBe('store')
    } finally {
      server.resume()
    }
    const again = async () => {
      clock.advance(60_000)
      return (await knowledge.search(question('No space left on device'))).degraded
    }
    await expect.poll(again, { timeout: 60_000 }).toBeUndefined()
  })

  it('does not take a model that hangs for a Milvus that is away', async () => {
    const embedder = createFakeEmbedder('hanging', 64)
    const { knowledge } = open('hanging', contractPages().slice(0, 6), { embedder, timeoutMs: 3_000 })
    await knowledge.sync()
    embedder.behave('hung')
    const { degraded } = await knowledge.search(question('disk full'))
    expect(degraded).toEqual({ part: 'vectors', reason: 'no answer within 1.8 s' })
  })

  it('loads a collection that the server has released, as it does at each restart', async () => {
    const { knowledge, milvus } = open('released', [page('zork', '# Zork\n')])
    const { collection } = await knowledge.sync()
    await milvus.call('releasing', (client) => client.releaseCollection({ collection_name: collection }))
    const { degraded, hits } = await knowledge.search(question('zork'))
    expect(degraded).toBeUndefined()
    expect(hits[0]?.runbook.id).toBe('zork')
  })

  it('says what a server does not support, refuses or does not have', async () => {
    const { milvus } = open('faults', [])
    await expect(
      milvus.call('analysing', (client) =>
        client.runAnalyzer({
          text: ['a'],
          analyzer_params: { type: 'standard' },
          with_detail: false,
          with_hash: false,
        }),
      ),
    ).rejects.toMatchObject({ code: 'milvus_unsupported', retryable: false })
    await expect(
      milvus.call('reading', (client) => client.query({ collection_name: 'nowhere', filter: 'id in ["a"]' })),
    ).rejects.toMatchObject({ code: 'milvus_no_collection' })
    await expect(listRows(milvus, 'nowhere', 'default', ['page'])).rejects.toMatchObject({
      code: 'milvus_no_collection',
    })
  })

  it('lists more rows than one request gives', async () => {
    const { milvus, knowledge } = open('many', [])
    const { collection } = await knowledge.sync()
    const incidents = Array.from({ length: 17_000 }, (_, i) =>
      rowOfIncident({ id: `N${i}`, service: 'many', title: `t ${i}`, terms: ['many'] }, 'default', 0),
    )
    await writeRows(milvus, collection, incidents)
    const rows = await listRows(milvus, collection, 'default', ['incident'])
    expect(new Set(rows.map((row) => row.doc)).size).toBe(17_000)
  })

  it('finds past incidents by their words, and follows their new titles', async () => {
    const { milvus, clock } = open('past', [])
    const incidents = createMilvusIncidents({
      milvus,
      alias: 'past',
      tenant: 'default',
      timeoutMs: 5_000,
      clock,
      logger,
    })
    const pool = incidentOf({ id: 'POOL1', title: 'HikariPool exhausted', template: 'HikariPool exhausted' })
    const disk = incidentOf({ id: 'DISK1', title: 'No space left', template: 'No space left' })
    expect(await incidents.sync([pool, disk])).toBe(2)
    expect(await incidents.sync([pool, disk])).toBe(0)
    expect(await incidents.sync([pool, { ...disk, title: 'Disk of the archive is full' }])).toBe(1)
    expect((await incidents.candidates(incidentOf({ title: 'HikariPool empty', template: '' })))[0]).toBe('POOL1')
    expect((await incidents.candidates(incidentOf({ title: 'archive full', template: '' })))[0]).toBe('DISK1')
  })

  it('mirrors pages as they were written, of any size and script', async () => {
    const big = `# 큰 문서\n\n${'가나다라마바사 '.repeat(40_000)}\n\n\`\`\`\n${'x'.repeat(50_000)}\n\`\`\`\n`
    const written = [page('big', big, 'ko'), page('tiny', '', 'en')]
    await open('sizes', written).knowledge.sync()
    const reader = open('sizes', [])
    await reader.knowledge.sync()
    expect(reader.knowledge.get('big', 'ko')).toEqual(written[0])
    expect(reader.knowledge.get('tiny', 'en')).toEqual(written[1])
    expect(createKnowledgeBase(written).documents).toEqual(reader.knowledge.documents)
  })
})
