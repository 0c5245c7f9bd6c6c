/** Embedder behind the OpenAI API or a server that speaks it. */
import OpenAI from 'openai'
import { CaliError, messageOf } from '../platform/error.ts'
import { type Embedder, unit } from './embedder.ts'

const BATCH = 64
const MAX_CHARS = 16_000

export function createOpenAiEmbedder(options: {
  readonly apiKey: string
  readonly baseUrl?: string
  readonly model: string
  readonly timeoutMs: number
}): Embedder {
  const client = new OpenAI({
    apiKey: options.apiKey,
    maxRetries: 1,
    timeout: options.timeoutMs,
    ...(options.baseUrl === undefined ? {} : { baseURL: options.baseUrl }),
  })
  return {
    model: options.model,
    embed: async (texts, signal) => {
      const vectors: Float32Array[] = []
      try {
        for (let i = 0; i < texts.length; i += BATCH) {
          const input = texts.slice(i, i + BATCH).map((text) => text.slice(0, MAX_CHARS) || ' ')
          // Compatible servers do not all know base64, which the SDK asks for by default.
          const answer = await client.embeddings.create(
            { model: options.model, input, encoding_format: 'float' },
            signal === undefined ? {} : { signal },
          )
          if (answer.data.length !== input.length)
            throw new Error(`${answer.data.length} vectors for ${input.length} texts`)
          for (const item of [...answer.data].sort((a, b) => a.index - b.index)) vectors.push(unit(item.embedding))
        }
      } catch (error) {
        throw new CaliError('embedding_failed', `embeddings by ${options.model}: ${messageOf(error).slice(0, 200)}`, {
          cause: error,
          retryable: true,
        })
      }
      return vectors
    },
  }
}
