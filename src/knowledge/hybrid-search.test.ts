import { describe, expect, it } from 'vitest'
import { createFakeEmbedder, createMemoryVectors } from '../../test/support/fake-embedder.ts'
import type { Runbook } from '../pipeline/knowledge.ts'
import { createManualClock } from '../platform/clock.ts'
import type { Logger } from '../platform/logger.ts'
import { createHybridKnowledge } from './hybrid-search.ts'
import { createKnowledgeBase } from './knowledge-base.ts'
import { contractPages, knowledgeSourceContract } from './knowledge-source.contract.ts'

const logger = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} } as unknown as Logger
/** No page is near enough to be an answer by its vector alone. */
const policy = { korean: 1, other: 0.3, close: 1 }

function open(pages: readonly Runbook[], overrides: { policy?: typeof policy } = {}) {
  const embedder = createFakeEmbedder()
  const clock = createManualClock(0)
  const source = createHybridKnowledge({
    base: createKnowledgeBase(pages),
    embedder,
    vectors: createMemoryVectors(),
    policy,
    waitMs: 50,
    clock,
    logger,
    ...overrides,
  })
  return { source, embedder, clock }
}

knowledgeSourceContract(
  'pages in memory',
  async (pages) => ({ source: createKnowledgeBase(pages), close: async () => {} }),
  { lexical: true },
)

knowledgeSourceContract(
  'pages in memory with vectors',
  async (pages) => {
    const { source, embedder, clock } = open(pages)
    await source.prepare()
    return {
      source,
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

describe('hybrid search', () => {
  const pages = contractPages()
  const question = (text: string) => ({ parts: [{ text, weight: 1 }], language: 'ko' as const, limit: 5 })

  it('answers by words while the pages have no vectors yet, and says so', async () => {
    const { source } = open(pages)
    const first = await source.search(question('No space left on device'))
    expect(first.degraded).toEqual({ part: 'vectors', reason: 'the pages have no vectors yet' })
    expect(first.hits[0]?.runbook.id).toBe('disk-full')
  })

  it('keeps nobody waiting for a model that hangs, and asks it no more until a while has passed', async () => {
    const { source, embedder, clock } = open(pages)
    await source.prepare()
    embedder.behave('hung')
    expect((await source.search(question('disk full'))).degraded?.reason).toBe('no answer within 0.05 s')
    const asked = embedder.asked.length
    embedder.behave('well')
    expect((await source.search(question('disk full'))).degraded?.part).toBe('vectors')
    expect(embedder.asked.length).toBe(asked)
    clock.advance(5_001)
    expect((await source.search(question('disk full'))).degraded).toBeUndefined()
  })

  it('embeds each text once, over restarts, and all anew for another model', async () => {
    const vectors = createMemoryVectors()
    const deps = { base: createKnowledgeBase(pages), vectors, policy, waitMs: 50, clock: createManualClock(0), logger }
    const [one, again, other] = [createFakeEmbedder(), createFakeEmbedder(), createFakeEmbedder('other', 32)]
    for (const embedder of [one, again, other]) await createHybridKnowledge({ ...deps, embedder }).prepare()
    expect(one.asked.length).toBeGreaterThan(100)
    expect(again.asked).toEqual([])
    expect(other.asked.length).toBe(one.asked.length)
  })

  it('asks the model only where its vectors count, by the script of the question', async () => {
    const { source, embedder } = open(pages, { policy: { korean: 1, other: 0, close: 1 } })
    await source.prepare()
    const before = embedder.asked.length
    await source.search(question('No space left on device'))
    expect(embedder.asked.length).toBe(before)
    await source.search(question('저장 실패: No space left on device'))
    expect(embedder.asked.length).toBe(before + 1)
  })

  it('takes a page that is near by its vector for an answer where the words abstain', async () => {
    const far = await open(pages).source.search(question('zork frobnicated quux'))
    expect(far.abstain).toBe(true)
    const { source } = open(pages, { policy: { korean: 1, other: 0.3, close: 0.01 } })
    await source.prepare()
    expect((await source.search(question('zork frobnicated quux'))).abstain).toBe(false)
  })
})
