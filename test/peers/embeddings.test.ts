import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { dataFolder } from '../../eval/data.ts'
import { evaluateRetrieval } from '../../eval/retrieval.ts'
import { dot } from '../../src/knowledge/embedder.ts'
import { createHybridKnowledge } from '../../src/knowledge/hybrid-search.ts'
import { createKnowledgeBase } from '../../src/knowledge/knowledge-base.ts'
import { knowledgeSourceContract } from '../../src/knowledge/knowledge-source.contract.ts'
import { createOpenAiEmbedder } from '../../src/knowledge/openai-embedder.ts'
import { systemClock } from '../../src/platform/clock.ts'
import { silentLogger } from '../../src/platform/logger.ts'
import { EMBEDDINGS_PACKAGES, EMBEDDINGS_VENV } from '../../tools/peers-models.ts'
import { hasPackages, venvPython } from '../../tools/python-venv.ts'
import { createMemoryVectors } from '../support/fake-embedder.ts'
import { type ChildServer, startChildServer } from './child-server.ts'

const missing = !hasPackages(EMBEDDINGS_VENV, EMBEDDINGS_PACKAGES)
const why = missing ? ' (skipped: no model here; node tools/peers-models.ts installs it)' : ''
/** Figures for the guide: docs/en/knowledge.md. */
const say = (line: string): boolean => process.stdout.write(`${line}\n`)
const noData = !existsSync(join(dataFolder(), 'retrieval'))

describe.skipIf(missing)(`a real multilingual embedding model${why}`, () => {
  let server: ChildServer
  beforeAll(async () => {
    const script = fileURLToPath(new URL('./embeddings_server.py', import.meta.url))
    server = await startChildServer(venvPython(EMBEDDINGS_VENV), [script])
  })
  afterAll(() => server.stop())
  const embedder = (dimensions?: number) =>
    createOpenAiEmbedder({
      apiKey: 'none',
      baseUrl: `http://127.0.0.1:${server.port}/v1`,
      model: 'use-m3',
      timeoutMs: 60_000,
      ...(dimensions === undefined ? {} : { dimensions }),
    })
  const hybrid = async (base: ReturnType<typeof createKnowledgeBase>) => {
    const source = createHybridKnowledge({
      base,
      embedder: embedder(),
      vectors: createMemoryVectors(),
      policy: { korean: 1, other: 0.15, close: 1 },
      waitMs: 10_000,
      clock: systemClock,
      logger: silentLogger,
    })
    await source.prepare()
    return source
  }

  it('puts a Korean question near the English sentence of the same meaning', async () => {
    const [korean, same, other] = await embedder().embed(
      [
        '메모리가 부족해서 프로세스가 죽었습니다',
        'the process was killed, out of memory',
        'the certificate has expired',
      ],
      'passage',
    )
    expect(korean).toHaveLength(512)
    const near = dot(korean as Float32Array, same as Float32Array)
    expect(near).toBeGreaterThan(dot(korean as Float32Array, other as Float32Array) + 0.15)
  })

  it('that cannot cut its vectors is found out', async () => {
    await expect(embedder(128).dimension()).rejects.toMatchObject({ code: 'embedding_dimension' })
  })

  knowledgeSourceContract(
    'pages with vectors of a real model',
    async (pages) => ({ source: await hybrid(createKnowledgeBase(pages)), close: async () => {} }),
    { lexical: false },
  )

  it.skipIf(noData)(
    `lifts Korean questions on public runbooks, and lowers no others${noData ? ' (skipped: no corpus, set CALI_EVAL_DATA)' : ''}`,
    async () => {
      const words = await evaluateRetrieval(dataFolder())
      const both = await evaluateRetrieval(dataFolder(), hybrid)
      const row = (of: typeof words, type: string): string =>
        ['recall@1', 'success@5', 'nDCG@10'].map((key) => (of.byType[type]?.[key as 'MRR'] ?? 0).toFixed(3)).join(' / ')
      for (const type of ['ko-native', 'ko-mixed', 'ko-to-ko'])
        say(`${type} (n ${words.byType[type]?.n}): words ${row(words, type)}, with vectors ${row(both, type)}`)
      say(
        `macro hard English nDCG@10: words ${words.macroHardEnglish['nDCG@10'].toFixed(3)}, with vectors ${both.macroHardEnglish['nDCG@10'].toFixed(3)}`,
      )
      expect(both.byType['ko-native']?.['success@5']).toBeGreaterThanOrEqual(0.8)
      expect(both.byType['ko-mixed']?.['nDCG@10']).toBeGreaterThan(words.byType['ko-mixed']?.['nDCG@10'] ?? 1)
      expect(both.byType['node-stack']?.['recall@1']).toBeGreaterThanOrEqual(0.95)
      expect(both.macroHardEnglish['nDCG@10']).toBeGreaterThanOrEqual(words.macroHardEnglish['nDCG@10'] - 0.005)
    },
    400_000,
  )
})
