import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type FakeAnswer, type FakeOpenAi, startFakeOpenAi } from '../../../test/support/fake-openai.ts'
import { CaliError } from '../../platform/error.ts'
import { createOpenAiReportModel } from './openai-report-model.ts'
import type { Proposal } from './report-model.ts'

const KEY = 'sk-test-0123456789abcdefghij'
const proposal: Proposal = {
  summary: '요약',
  hypotheses: [{ cause: '원인', category: 'unknown', support: ['E1'] }],
  actions: [{ knowledge: 'K1', step: 1 }],
  missing: [],
}
const request = { language: 'ko' as const, instructions: 'instructions', material: 'material' }
const never = new AbortController().signal

describe.each(['responses', 'chat'] as const)('a model behind the %s API', (api) => {
  let server: FakeOpenAi
  let seen = 0
  beforeAll(async () => {
    server = await startFakeOpenAi()
  })
  beforeEach(() => {
    seen = server.requests.length
  })
  afterAll(() => server.close())

  const propose = (answers: readonly FakeAnswer[], timeoutMs = 5_000, signal = never) => {
    server.answer(...answers)
    return createOpenAiReportModel({ apiKey: KEY, baseUrl: server.url, model: 'gpt-6-luna', api, timeoutMs }).propose(
      request,
      signal,
    )
  }
  const failure = async (
    answers: readonly FakeAnswer[],
    timeoutMs?: number,
    signal?: AbortSignal,
  ): Promise<CaliError> => {
    const error = await propose(answers, timeoutMs, signal).then(
      () => undefined,
      (reason: unknown) => reason,
    )
    expect(error).toBeInstanceOf(CaliError)
    expect((error as CaliError).message).not.toContain(KEY)
    expect(JSON.stringify((error as CaliError).cause ?? '')).not.toContain(KEY)
    return error as CaliError
  }

  it('gives its proposal with the model and the tokens it used', async () => {
    expect(await propose([{ kind: 'proposal', proposal }])).toEqual({
      proposal,
      model: 'fake-model-2026',
      inputTokens: 1_200,
      outputTokens: 90,
    })
  })

  it('is asked with a strict schema, the instructions apart from the material, and stores nothing', async () => {
    await propose([{ kind: 'proposal', proposal }])
    const sent = server.requests.at(-1)
    expect(sent?.authorization).toBe(`Bearer ${KEY}`)
    expect(JSON.stringify(sent?.body)).not.toContain(KEY)
    if (api === 'responses') {
      expect(sent?.body).toMatchObject({
        model: 'gpt-6-luna',
        store: false,
        instructions: 'instructions',
        input: 'material',
        text: { format: { type: 'json_schema', strict: true } },
      })
    } else {
      expect(sent?.body).toMatchObject({
        model: 'gpt-6-luna',
        messages: [
          { role: 'system', content: 'instructions' },
          { role: 'user', content: 'material' },
        ],
        response_format: { type: 'json_schema', json_schema: { strict: true } },
      })
      expect(sent?.body['store'] ?? false).toBe(false)
    }
  })

  it.each<[string, FakeAnswer, string]>([
    ['refuses', { kind: 'refusal' }, api === 'chat' ? 'model_refused' : 'model_garbage'],
    ['is cut off', { kind: 'incomplete' }, 'model_incomplete'],
    ['answers with prose', { kind: 'text', text: 'Sure! The cause is' }, 'model_garbage'],
    ['answers with nothing', { kind: 'text', text: '' }, 'model_garbage'],
    ['leaves out a field', { kind: 'text', text: '{"summary":"x","hypotheses":[],"actions":[]}' }, 'model_garbage'],
    ['adds a field', { kind: 'text', text: JSON.stringify({ ...proposal, severity: 'SEV4' }) }, 'model_garbage'],
    [
      'invents a category',
      {
        kind: 'text',
        text: JSON.stringify({ ...proposal, hypotheses: [{ cause: 'x', category: 'magic', support: [] }] }),
      },
      'model_garbage',
    ],
  ])('fails when it %s', async (_name, answer, code) => {
    expect((await failure([answer])).code).toBe(code)
    expect(server.requests.length - seen).toBe(1)
  })

  it('waits as long as the server asks and tries again', async () => {
    await propose([
      { kind: 'status', status: 429, headers: { 'retry-after-ms': '1' } },
      { kind: 'status', status: 500, headers: { 'retry-after-ms': '1' } },
      { kind: 'proposal', proposal },
    ])
    expect(server.requests.length - seen).toBe(3)
  })

  it.each<[number, string | undefined, boolean]>([
    [429, undefined, true],
    [429, 'insufficient_quota', false],
    [500, undefined, true],
    [401, undefined, false],
    [404, undefined, false],
  ])('names HTTP %d (%s); worth another try: %s', async (status, code, retryable) => {
    const error = await failure([
      {
        kind: 'status',
        status,
        message: `Incorrect API key provided: ${KEY}`,
        headers: { 'retry-after-ms': '1' },
        ...(code === undefined ? {} : { code }),
      },
    ])
    expect(error).toMatchObject({ code: `model_http_${status}`, retryable })
    expect(error.message).toMatch(new RegExp(`^the model's server answers ${status}`))
  })

  it('gives up within its time when the server hangs', async () => {
    const started = performance.now()
    expect(await failure([{ kind: 'hang' }], 50)).toMatchObject({
      code: 'model_timeout',
      message: "the model's server gave no answer within 0.05 s",
      retryable: true,
    })
    expect(performance.now() - started).toBeLessThan(2_000)
  })

  it('stops when it is told to', async () => {
    const stop = new AbortController()
    const asked = failure([{ kind: 'hang' }], 60_000, stop.signal)
    await expect.poll(() => server.requests.length).toBeGreaterThan(seen)
    stop.abort()
    await asked
  })

  it('says so when nothing listens', async () => {
    const gone = await startFakeOpenAi()
    await gone.close()
    const model = createOpenAiReportModel({ apiKey: KEY, baseUrl: gone.url, model: 'm', api, timeoutMs: 300 })
    await expect(model.propose(request, never)).rejects.toMatchObject({
      code: expect.stringMatching(/^model_(?:unreachable|timeout)$/),
      retryable: true,
    })
  })
})
