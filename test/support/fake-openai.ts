/** A server that speaks as much of the OpenAI API as CALI uses, and answers as a test tells it to. */
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Proposal } from '../../src/pipeline/investigate/report-model.ts'

export type FakeAnswer =
  | { readonly kind: 'proposal'; readonly proposal: Proposal }
  /** Any text in the place of the JSON. */
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'refusal' }
  | { readonly kind: 'incomplete' }
  | {
      readonly kind: 'status'
      readonly status: number
      readonly message?: string
      readonly code?: string
      readonly headers?: Readonly<Record<string, string>>
    }
  /** Never answers. */
  | { readonly kind: 'hang' }

export interface FakeRequest {
  readonly path: string
  readonly authorization: string | undefined
  readonly body: Readonly<Record<string, unknown>>
}

export interface FakeOpenAi {
  readonly url: string
  readonly requests: readonly FakeRequest[]
  /** The answers to come; the last one repeats. */
  answer(...answers: readonly FakeAnswer[]): void
  close(): Promise<void>
}

export async function startFakeOpenAi(): Promise<FakeOpenAi> {
  const requests: FakeRequest[] = []
  let answers: FakeAnswer[] = []
  const server = createServer((request, response) => {
    void respond(request, response)
  })
  const respond = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    let text = ''
    for await (const part of request) text += part
    requests.push({ path: request.url ?? '', authorization: request.headers.authorization, body: JSON.parse(text) })
    const answer = answers.length > 1 ? answers.shift() : answers[0]
    if (answer === undefined || answer.kind === 'hang') return
    if (answer.kind === 'status') {
      response.writeHead(answer.status, { 'content-type': 'application/json', ...answer.headers })
      response.end(
        JSON.stringify({
          error: { message: answer.message ?? 'no', code: answer.code ?? null, type: 'error', param: null },
        }),
      )
      return
    }
    response.writeHead(200, { 'content-type': 'application/json' })
    response.end(
      JSON.stringify(request.url?.endsWith('/responses') === true ? responseOf(answer) : completionOf(answer)),
    )
  }
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
    requests,
    answer: (...next) => {
      answers = [...next]
    },
    close: async () => {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

type Spoken = Exclude<FakeAnswer, { kind: 'status' } | { kind: 'hang' }>
const wordsOf = (answer: Spoken): string =>
  answer.kind === 'proposal' ? JSON.stringify(answer.proposal) : answer.kind === 'text' ? answer.text : '{"summ'

function responseOf(answer: Spoken): unknown {
  const content =
    answer.kind === 'refusal'
      ? { type: 'refusal', refusal: 'I cannot help with that.' }
      : { type: 'output_text', text: wordsOf(answer), annotations: [] }
  return {
    id: 'resp_1',
    object: 'response',
    model: 'fake-model-2026',
    status: answer.kind === 'incomplete' ? 'incomplete' : 'completed',
    incomplete_details: answer.kind === 'incomplete' ? { reason: 'max_output_tokens' } : null,
    output: [{ type: 'message', id: 'msg_1', role: 'assistant', status: 'completed', content: [content] }],
    usage: { input_tokens: 1_200, output_tokens: 90, total_tokens: 1_290 },
  }
}

function completionOf(answer: Spoken): unknown {
  const message =
    answer.kind === 'refusal'
      ? { role: 'assistant', content: null, refusal: 'I cannot help with that.' }
      : { role: 'assistant', content: wordsOf(answer), refusal: null }
  return {
    id: 'chat_1',
    object: 'chat.completion',
    model: 'fake-model-2026',
    choices: [{ index: 0, message, finish_reason: answer.kind === 'incomplete' ? 'length' : 'stop' }],
    usage: { prompt_tokens: 1_200, completion_tokens: 90, total_tokens: 1_290 },
  }
}
