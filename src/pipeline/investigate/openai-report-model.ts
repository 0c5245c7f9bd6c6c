/** Report model behind the OpenAI API or a server that speaks it. Nothing is stored there: `store` is false. */
import OpenAI from 'openai'
import { zodTextFormat } from 'openai/helpers/zod'
import { z } from 'zod'
import { CaliError, messageOf } from '../../platform/error.ts'
import { type ModelAnswer, type ModelRequest, proposalSchema, type ReportModel } from './report-model.ts'

export interface OpenAiOptions {
  readonly apiKey: string
  readonly baseUrl?: string
  readonly model: string
  /** Responses at OpenAI; other servers are surest on chat completions. */
  readonly api: 'responses' | 'chat'
  readonly timeoutMs: number
  /** An answer longer than this is cut off, and then none. */
  readonly maxOutputTokens?: number
}

const MAX_OUTPUT_TOKENS = 2_500

export function createOpenAiReportModel(options: OpenAiOptions): ReportModel {
  const client = new OpenAI({
    apiKey: options.apiKey,
    maxRetries: 2,
    timeout: options.timeoutMs,
    ...(options.baseUrl === undefined ? {} : { baseURL: options.baseUrl }),
  })
  const ask = options.api === 'responses' ? askResponses : askChat
  return {
    name: options.model,
    propose: async (request, signal) => {
      try {
        // The SDK's timeout holds per attempt; this one holds for all of them.
        return await ask(client, options, request, AbortSignal.any([signal, AbortSignal.timeout(options.timeoutMs)]))
      } catch (error) {
        throw explain(error, options)
      }
    },
  }
}

async function askResponses(
  client: OpenAI,
  options: OpenAiOptions,
  request: ModelRequest,
  signal: AbortSignal,
): Promise<ModelAnswer> {
  const answer = await client.responses.create(
    {
      model: options.model,
      store: false,
      instructions: request.instructions,
      input: request.material,
      max_output_tokens: options.maxOutputTokens ?? MAX_OUTPUT_TOKENS,
      text: { format: zodTextFormat(proposalSchema, 'report') },
    },
    { signal },
  )
  if (answer.status === 'incomplete')
    throw new CaliError(
      'model_incomplete',
      `the model's answer was cut off (${answer.incomplete_details?.reason ?? 'unknown'})`,
    )
  return read(answer.output_text, answer.model, answer.usage?.input_tokens, answer.usage?.output_tokens)
}

async function askChat(
  client: OpenAI,
  options: OpenAiOptions,
  request: ModelRequest,
  signal: AbortSignal,
): Promise<ModelAnswer> {
  const answer = await client.chat.completions.create(
    {
      model: options.model,
      messages: [
        { role: 'system', content: request.instructions },
        { role: 'user', content: request.material },
      ],
      max_tokens: options.maxOutputTokens ?? MAX_OUTPUT_TOKENS,
      response_format: {
        type: 'json_schema',
        json_schema: {
          name: 'report',
          strict: true,
          schema: z.toJSONSchema(proposalSchema) as Record<string, unknown>,
        },
      },
    },
    { signal },
  )
  const choice = answer.choices[0]
  if (choice?.message.refusal) throw new CaliError('model_refused', 'the model refuses to answer')
  if (choice?.finish_reason === 'length') throw new CaliError('model_incomplete', "the model's answer was cut off")
  return read(choice?.message.content ?? '', answer.model, answer.usage?.prompt_tokens, answer.usage?.completion_tokens)
}

function read(
  text: string,
  model: string,
  inputTokens: number | undefined,
  outputTokens: number | undefined,
): ModelAnswer {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (error) {
    throw new CaliError(
      'model_garbage',
      text === '' ? 'the model refuses or says nothing' : 'the model does not answer with JSON',
      { cause: error },
    )
  }
  const parsed = proposalSchema.safeParse(value)
  if (!parsed.success)
    throw new CaliError(
      'model_garbage',
      `the model's answer does not fit the schema: ${parsed.error.issues[0]?.message ?? ''}`,
    )
  return { proposal: parsed.data, model, inputTokens: inputTokens ?? 0, outputTokens: outputTokens ?? 0 }
}

function explain(error: unknown, { apiKey, timeoutMs }: OpenAiOptions): CaliError {
  if (error instanceof CaliError) return error
  // Servers quote the key that they refuse; the SDK's error is no cause, because it holds the answer.
  const said = messageOf(error).replaceAll(apiKey, '[key]').slice(0, 200)
  if (error instanceof OpenAI.APIUserAbortError || error instanceof OpenAI.APIConnectionTimeoutError) {
    return new CaliError('model_timeout', `the model's server gave no answer within ${timeoutMs / 1000} s`, {
      retryable: true,
    })
  }
  if (error instanceof OpenAI.APIError && error.status !== undefined) {
    const quota = error.code === 'insufficient_quota'
    return new CaliError(`model_http_${error.status}`, `the model's server answers ${said}`, {
      retryable: !quota && (error.status === 429 || error.status >= 500),
    })
  }
  return new CaliError('model_unreachable', `the model's server cannot be reached: ${said}`, { retryable: true })
}
