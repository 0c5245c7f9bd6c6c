import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { createMemoryVectors } from '../../test/support/fake-embedder.ts'
import { createOpenAiEmbedder, inputOf, type OpenAiEmbedderOptions } from './openai-embedder.ts'
import { embedPassages } from './vector-cache.ts'

const KEY = 'sk-test-0123456789abcdefghij'
interface Asked {
  readonly model: string
  readonly input: readonly string[]
  readonly dimensions?: number
  readonly input_type?: string
  readonly encoding_format: string
}
type Answer = { status: number; headers?: Record<string, string>; code?: string } | { length: number; n?: number }

describe('embeddings by a server that speaks OpenAI', () => {
  let url = ''
  let asked: Asked[] = []
  let answers: Answer[] = []
  const server = createServer(async (request, response) => {
    request.setEncoding('utf8')
    let text = ''
    for await (const part of request) text += part
    const body = JSON.parse(text) as Asked
    asked.push(body)
    const answer = answers.length > 1 ? answers.shift() : answers[0]
    const status = answer !== undefined && 'status' in answer ? answer.status : 200
    response.writeHead(status, {
      'content-type': 'application/json',
      ...(answer !== undefined && 'status' in answer ? answer.headers : {}),
    })
    if (answer === undefined || 'status' in answer)
      return response.end(JSON.stringify({ error: { message: `key ${KEY} is bad`, code: answer?.code ?? null } }))
    const data = body.input.slice(0, answer.n ?? body.input.length).map((_, index) => ({
      object: 'embedding',
      index,
      embedding: Array.from({ length: answer.length }, (_unused, i) => (i === index % answer.length ? 2 : 0)),
    }))
    // Out of order: the index counts.
    return response.end(JSON.stringify({ object: 'list', model: body.model, data: data.reverse() }))
  })
  beforeAll(async () => {
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`
  })
  afterAll(async () => {
    server.closeAllConnections()
    server.close()
    await once(server, 'close')
  })
  beforeEach(() => {
    asked = []
    answers = [{ length: 8 }]
  })
  const embedder = (options: Partial<OpenAiEmbedderOptions> = {}) =>
    createOpenAiEmbedder({ apiKey: KEY, baseUrl: url, model: 'small', timeoutMs: 2_000, random: () => 0, ...options })

  it('come as unit vectors in the order of the texts', async () => {
    const [a, b] = await embedder().embed(['a', 'b'], 'passage')
    expect([...(a ?? [])]).toEqual([1, 0, 0, 0, 0, 0, 0, 0])
    expect([...(b ?? [])]).toEqual([0, 1, 0, 0, 0, 0, 0, 0])
    expect(asked.at(-1)).toMatchObject({ encoding_format: 'float', input: ['a', 'b'] })
    expect(asked.at(-1)).not.toHaveProperty('dimensions')
  })

  it('are asked for in batches that are bounded by texts and by bytes', async () => {
    const model = embedder()
    await model.embed(
      Array.from({ length: 150 }, (_, i) => `text ${i}`),
      'passage',
    )
    expect(asked.slice(1).map((one) => one.input.length)).toEqual([64, 64, 22])
    asked = []
    await model.embed(
      Array.from({ length: 20 }, () => '가'.repeat(20_000)),
      'passage',
    )
    for (const { input } of asked) {
      expect(input.reduce((sum, text) => sum + Buffer.byteLength(text), 0)).toBeLessThanOrEqual(128_000)
      expect(input.every((text) => Buffer.byteLength(text) <= 16_000 && text.isWellFormed())).toBe(true)
    }
    asked = []
    await model.embed(['', '\ud800'], 'passage')
    expect(asked[0]?.input).toEqual([' ', '\ufffd'])
  })

  it('tell a model of the kind e5 what is a question, in front of the text or in a field', async () => {
    expect(['intfloat/multilingual-e5-small', 'e5', 'text-embedding-3-small', 'te5t'].map(inputOf)).toEqual([
      'prefix',
      'prefix',
      'plain',
      'plain',
    ])
    await embedder({ model: 'e5-small' }).embed(['full'], 'query')
    await embedder({ model: 'e5-small' }).embed(['full'], 'passage')
    expect(asked.flatMap((one) => one.input).filter((text) => text.includes('full'))).toEqual([
      'query: full',
      'passage: full',
    ])
    asked = []
    await embedder({ input: 'input_type' }).embed(['full'], 'passage')
    expect(asked.at(-1)).toMatchObject({ input: ['full'], input_type: 'passage' })
  })

  it('are waited for as long as a busy server asks, and a question is not asked twice', async () => {
    answers = [{ length: 8 }, { status: 429, headers: { 'retry-after': '0.01' } }, { status: 503 }, { length: 8 }]
    expect(await embedder().embed(['a'], 'passage')).toHaveLength(1)
    expect(asked).toHaveLength(4)
    answers = [{ length: 8 }, { status: 429, headers: { 'retry-after': '7' } }]
    asked = []
    await expect(embedder().embed(['a'], 'query')).rejects.toMatchObject({
      code: 'embedding_http_429',
      retryable: true,
      retryAfterMs: 7_000,
    })
    expect(asked).toHaveLength(2)
  })

  it('are given up where waiting does not help, without a word of the key', async () => {
    for (const [answer, code] of [
      [{ status: 401 }, 'embedding_http_401'],
      [{ status: 429, code: 'insufficient_quota' }, 'embedding_http_429'],
    ] as const) {
      answers = [{ length: 8 }, answer]
      asked = []
      const error = await embedder()
        .embed(['a'], 'passage')
        .catch((reason: unknown) => reason)
      expect(error).toMatchObject({ code, retryable: false })
      expect(String(error)).not.toContain(KEY)
      expect(asked).toHaveLength(2)
    }
  })

  it('have the length that was asked for, or say that the server cannot', async () => {
    expect(await embedder({ dimensions: 8 }).dimension()).toBe(8)
    expect(asked[0]?.dimensions).toBe(8)
    await expect(embedder({ dimensions: 4 }).dimension()).rejects.toMatchObject({ code: 'embedding_dimension' })
  })

  it('are refused when another model answers under the name, or vectors are missing', async () => {
    answers = [{ length: 8 }, { length: 6 }]
    await expect(embedder().embed(['a'], 'passage')).rejects.toMatchObject({ code: 'embedding_dimension' })
    answers = [{ length: 8 }, { length: 8, n: 1 }]
    await expect(embedder().embed(['a', 'b'], 'passage')).rejects.toMatchObject({ code: 'embedding_garbage' })
  })

  it('are kept by text, model and length: one text is paid for once, and never mixed', async () => {
    const store = createMemoryVectors()
    expect(await embedPassages(['a', 'b', 'a'], embedder(), store)).toHaveLength(3)
    expect(asked.map((one) => one.input)).toEqual([['dimension'], ['a', 'b']])
    asked = []
    await embedPassages(['b', 'a'], embedder(), store)
    expect(asked.map((one) => one.input)).toEqual([['dimension']])
    answers = [{ length: 6 }]
    asked = []
    const other = await embedPassages(['a'], embedder(), store)
    expect(other[0]).toHaveLength(6)
    expect(asked.map((one) => one.input)).toEqual([['dimension'], ['a']])
  })
})
