import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createKnowledgeBase } from '../../src/knowledge/knowledge-base.ts'
import { contractPages } from '../../src/knowledge/knowledge-source.contract.ts'
import { groundReport } from '../../src/pipeline/investigate/grounding.ts'
import { createOpenAiReportModel } from '../../src/pipeline/investigate/openai-report-model.ts'
import { type ModelAnswer, proposalSchema } from '../../src/pipeline/investigate/report-model.ts'
import { CaliError } from '../../src/platform/error.ts'
import { chatFolder, chatWeights, hasChat } from '../../tools/peers-models.ts'
import { evidenceOf, reportOf } from '../support/incidents.ts'
import { type ChildServer, startChildServer } from './child-server.ts'

const why = hasChat() ? '' : ' (skipped: no model here; node tools/peers-models.ts installs it)'
const never = new AbortController().signal
/** 5 tokens a second on a busy machine: what is said in these tests is short. */
const PATIENCE_MS = 150_000

describe.skipIf(!hasChat())(`a real small model behind the OpenAI API${why}`, () => {
  let server: ChildServer
  beforeAll(async () => {
    const script = fileURLToPath(new URL('./chat-server.mjs', import.meta.url))
    server = await startChildServer(process.execPath, [script, chatFolder(), chatWeights()])
  })
  afterAll(() => server.stop())
  const model = (timeoutMs = PATIENCE_MS, maxOutputTokens?: number) =>
    createOpenAiReportModel({
      apiKey: 'none',
      baseUrl: `http://127.0.0.1:${server.port}/v1`,
      model: 'smollm2-135m',
      api: 'chat',
      timeoutMs,
      ...(maxOutputTokens === undefined ? {} : { maxOutputTokens }),
    })
  const request = {
    language: 'en' as const,
    instructions: 'Answer with JSON. Be brief: one hypothesis, no actions, nothing missing.',
    material: 'E1 | ERROR | HikariPool-1 - Connection is not available\nK1 Database connection pool exhausted',
  }
  const attempt = (work: Promise<ModelAnswer>): Promise<ModelAnswer | CaliError> =>
    work.catch((error: unknown) => {
      expect(error).toBeInstanceOf(CaliError)
      return error as CaliError
    })

  it('gives a proposal of the schema or a fault with a name, and no word of it stands that the material does not hold', async () => {
    const answer = await attempt(model(PATIENCE_MS, 300).propose(request, never))
    if (answer instanceof CaliError) {
      expect(['model_incomplete', 'model_garbage']).toContain(answer.code)
      return
    }
    expect(proposalSchema.safeParse(answer.proposal).success).toBe(true)
    expect(answer.outputTokens).toBeGreaterThan(0)
    const pages = createKnowledgeBase(contractPages())
    const base = reportOf({
      evidence: [evidenceOf({ id: 'E1', text: 'HikariPool-1 - Connection is not available' })],
      knowledge: [{ id: 'K1', runbook: 'db-pool-exhausted', title: 'Pool', score: 1, exact: true }],
    })
    const report = groundReport(base, answer, (id) => pages.get(id, 'en'), 0)
    const known = new Set(['E1', 'K1'])
    for (const { support } of report?.hypotheses ?? []) for (const id of support) expect(known).toContain(id)
    const steps = [...(pages.get('db-pool-exhausted', 'en')?.diagnosis ?? [])].map((step) => step.text)
    for (const action of report?.actions ?? base.actions)
      if (action.knowledge !== undefined && report !== undefined)
        expect(steps.join()).toContain(action.text.slice(0, 20))
  })

  it('cut off in the middle of its JSON is no proposal', async () => {
    expect(await attempt(model(PATIENCE_MS, 12).propose(request, never))).toMatchObject({
      code: 'model_incomplete',
      retryable: false,
    })
  })

  it('too slow is given up in time, and answers the next one', async () => {
    expect(await attempt(model(250).propose(request, never))).toMatchObject({ code: 'model_timeout', retryable: true })
    const next = await attempt(model(PATIENCE_MS, 12).propose(request, never))
    expect(next).toMatchObject({ code: 'model_incomplete' })
  })

  it('that knows no Responses API is told by its status', async () => {
    const responses = createOpenAiReportModel({
      apiKey: 'none',
      baseUrl: `http://127.0.0.1:${server.port}/v1`,
      model: 'smollm2-135m',
      api: 'responses',
      timeoutMs: 5_000,
    })
    expect(await attempt(responses.propose(request, never))).toMatchObject({ code: 'model_http_404', retryable: false })
  })
})
