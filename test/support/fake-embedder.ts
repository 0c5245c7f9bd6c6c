/** An embedder without a model: texts that share words are near. Meaning is not its business. */
import { type Embedder, unit } from '../../src/knowledge/embedder.ts'
import { terms } from '../../src/knowledge/tokenizer.ts'
import { CaliError } from '../../src/platform/error.ts'
import { contentHash } from '../../src/platform/hash.ts'

export interface FakeEmbedder extends Embedder {
  /** Texts that it was asked for. */
  readonly asked: string[]
  behave(how: 'well' | 'down' | 'hung'): void
}

export function createFakeEmbedder(model = 'fake', length = 4_096): FakeEmbedder {
  const asked: string[] = []
  let how: 'well' | 'down' | 'hung' = 'well'
  return {
    model,
    asked,
    behave: (next) => {
      how = next
    },
    dimension: async () => length,
    embed: async (texts, _role, signal) => {
      if (how === 'down') throw new CaliError('embedding_http_503', 'embeddings by fake: away', { retryable: true })
      if (how === 'hung')
        await new Promise((_resolve, reject) => {
          signal?.addEventListener('abort', () => reject(new CaliError('embedding_timeout', 'aborted')))
        })
      asked.push(...texts)
      return texts.map((text) => {
        const vector = new Float32Array(length)
        for (const term of terms(text)) {
          const at = Number.parseInt(contentHash([model, term], 8), 16) % length
          vector[at] = (vector[at] as number) + 1
        }
        return unit(vector)
      })
    },
  }
}

/** Vectors kept in memory, as the state keeps them. */
export function createMemoryVectors(): {
  load(model: string): Promise<ReadonlyMap<string, Float32Array>>
  save(model: string, vectors: ReadonlyMap<string, Float32Array>): Promise<void>
} {
  const models = new Map<string, Map<string, Float32Array>>()
  return {
    load: async (model) => models.get(model) ?? new Map(),
    save: async (model, vectors) => {
      models.set(model, new Map([...(models.get(model) ?? []), ...vectors]))
    },
  }
}
