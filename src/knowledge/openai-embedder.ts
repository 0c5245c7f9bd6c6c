/** Embedder behind the OpenAI API or a server that speaks it. */

import OpenAI from 'openai'
import { type BatchLimit, batchesOf } from '../platform/batches.ts'
import { CaliError, messageOf } from '../platform/error.ts'
import { retry } from '../platform/retry.ts'
import { type Embedder, type TextRole, unit } from './embedder.ts'

/** OpenAI takes 2,048 texts and 300,000 tokens; servers on one machine far less in a reasonable time. */
const BATCH: BatchLimit = { items: 64, bytes: 128_000 }
/** 8,191 tokens are the limit of OpenAI's models; a byte pair of Hangul or code is about a token. */
const MAX_BYTES = 16_000
const PATIENCE = { baseMs: 500, capMs: 20_000, attempts: 6 }

/**
 * How a model is told which text is a question. e5 models are trained with the words `query: ` and `passage: ` in front
 * (https://huggingface.co/intfloat/multilingual-e5-small); some servers put them there when `input_type` says so.
 */
export type EmbeddingInput = 'plain' | 'prefix' | 'input_type'

export interface OpenAiEmbedderOptions {
  readonly apiKey: string
  readonly baseUrl?: string
  readonly model: string
  /** Shorter vectors, where the model can cut them. */
  readonly dimensions?: number
  /** Default: by the model's name. */
  readonly input?: EmbeddingInput
  readonly timeoutMs: number
  readonly random?: () => number
}

export const inputOf = (model: string): EmbeddingInput =>
  /(?:^|[^a-z0-9])e5(?:[^a-z0-9]|$)/i.test(model) ? 'prefix' : 'plain'

export function createOpenAiEmbedder(options: OpenAiEmbedderOptions): Embedder {
  const input = options.input ?? inputOf(options.model)
  const client = new OpenAI({
    apiKey: options.apiKey,
    maxRetries: 0,
    timeout: options.timeoutMs,
    ...(options.baseUrl === undefined ? {} : { baseURL: options.baseUrl }),
  })
  let dimension: Promise<number> | undefined

  const ask = async (texts: readonly string[], role: TextRole, signal?: AbortSignal): Promise<Float32Array[]> => {
    try {
      const answer = await client.embeddings.create(
        {
          model: options.model,
          input: texts.map((text) => (input === 'prefix' ? `${role}: ${text}` : text)),
          // Compatible servers do not all know base64, which the SDK asks for by default.
          encoding_format: 'float',
          ...(options.dimensions === undefined ? {} : { dimensions: options.dimensions }),
          ...(input === 'input_type' ? { input_type: role } : {}),
        },
        signal === undefined ? {} : { signal },
      )
      if (answer.data.length !== texts.length)
        throw new CaliError(
          'embedding_garbage',
          `${options.model} gives ${answer.data.length} vectors for ${texts.length} texts`,
        )
      return [...answer.data].sort((a, b) => a.index - b.index).map((item) => unit(item.embedding))
    } catch (error) {
      throw explain(error, options)
    }
  }

  const dimensionOf = async (): Promise<number> => {
    const [vector] = await ask(['dimension'], 'query')
    const length = vector?.length ?? 0
    if (length === 0) throw new CaliError('embedding_garbage', `${options.model} gives empty vectors`)
    if (options.dimensions !== undefined && length !== options.dimensions)
      throw new CaliError(
        'embedding_dimension',
        `${options.model} gives ${length} numbers, not ${options.dimensions}: it cannot cut its vectors; remove openai.embeddingDimensions`,
      )
    return length
  }

  const known = (): Promise<number> => {
    dimension ??= dimensionOf().catch((error) => {
      dimension = undefined
      throw error
    })
    return dimension
  }

  return {
    model: `${options.model}${input === 'plain' ? '' : `+${input}`}`,
    dimension: known,
    embed: async (texts, role, signal) => {
      const expected = await known()
      const vectors: Float32Array[] = []
      for (const batch of batchesOf(texts.map(cut), BATCH, Buffer.byteLength)) {
        const policy = role === 'query' ? { ...PATIENCE, attempts: 1 } : PATIENCE
        const made = await retry(policy, () => ask(batch, role, signal), {
          ...(signal === undefined ? {} : { signal }),
          ...(options.random === undefined ? {} : { random: options.random }),
        })
        if (made.some((vector) => vector.length !== expected))
          throw new CaliError(
            'embedding_dimension',
            `${options.model} gives vectors of another length than before (${expected}): another model answers under its name; restart to embed anew`,
          )
        vectors.push(...made)
      }
      return vectors
    },
  }
}

/** The beginning of a long text; never nothing, which servers refuse. */
function cut(text: string): string {
  const whole = text.toWellFormed()
  if (whole.trim() === '') return ' '
  if (Buffer.byteLength(whole) <= MAX_BYTES) return whole
  return new TextDecoder().decode(Buffer.from(whole).subarray(0, MAX_BYTES)).replace(/\ufffd$/, '')
}

function explain(error: unknown, { model, apiKey, timeoutMs }: OpenAiEmbedderOptions): CaliError {
  if (error instanceof CaliError) return error
  // Servers quote the key that they refuse; the SDK's error is no cause, because it holds the answer.
  const said = messageOf(error).replaceAll(apiKey, '[key]').slice(0, 200)
  if (error instanceof OpenAI.APIUserAbortError || error instanceof OpenAI.APIConnectionTimeoutError)
    return new CaliError('embedding_timeout', `embeddings by ${model}: no answer within ${timeoutMs / 1000} s`, {
      retryable: !(error instanceof OpenAI.APIUserAbortError),
    })
  if (error instanceof OpenAI.APIError && error.status !== undefined) {
    const seconds = Number(error.headers?.get('retry-after'))
    return new CaliError(`embedding_http_${error.status}`, `embeddings by ${model}: the server answers ${said}`, {
      retryable: error.code !== 'insufficient_quota' && (error.status === 429 || error.status >= 500),
      ...(Number.isFinite(seconds) && seconds > 0 ? { retryAfterMs: Math.min(seconds, 120) * 1_000 } : {}),
    })
  }
  return new CaliError('embedding_failed', `embeddings by ${model}: ${said}`, { retryable: true })
}
