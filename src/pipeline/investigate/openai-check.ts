import OpenAI from 'openai'
import { messageOf } from '../../platform/error.ts'

/** Undefined when the server knows the model, else what it says. */
export async function checkOpenAi(options: {
  readonly apiKey: string
  readonly baseUrl?: string
  readonly model: string
}): Promise<string | undefined> {
  const client = new OpenAI({
    apiKey: options.apiKey,
    maxRetries: 0,
    timeout: 10_000,
    ...(options.baseUrl === undefined ? {} : { baseURL: options.baseUrl }),
  })
  try {
    await client.models.retrieve(options.model)
    return undefined
  } catch (error) {
    return `model ${options.model}: ${messageOf(error).slice(0, 200)}`
  }
}
