import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type FakeAnswer, type FakeOpenAi, startFakeOpenAi } from '../../test/support/fake-openai.ts'
import { eventOf, NOON } from '../../test/support/records.ts'
import { textsOf } from '../../test/support/slack-rules.ts'
import { stateOfFile } from '../../test/support/state.ts'
import { bundledRunbooks, createKnowledgeBase, readRunbookFolder } from '../knowledge/knowledge-base.ts'
import { createMemoryLogIndex } from '../pipeline/forward/memory-log-index.ts'
import { createIncidentPlanner, DEFAULT_INCIDENT_POLICY } from '../pipeline/group/incident-plan.ts'
import type { Proposal } from '../pipeline/investigate/report-model.ts'
import { createNotifyStage } from '../pipeline/notify/notify-stage.ts'
import { createPreviewNotifier } from '../pipeline/notify/preview-notifier.ts'
import { silentLogger } from '../platform/logger.ts'
import { configSchema } from './config.ts'
import { createHistory } from './history.ts'
import { createInvestigator } from './investigator.ts'
import { createModelAnalyst, type ModelAnalyst } from './model-analyst.ts'

const knowledge = createKnowledgeBase(readRunbookFolder(bundledRunbooks(), 'bundled'))
const RULE_TEXT = 'No free connection is left in the database connection pool.'
const good: Proposal = {
  summary: 'Every connection of the pool is held, so new requests wait and fail.',
  hypotheses: [
    {
      cause: 'Every connection of HikariPool-1 is held, so requests wait 30000ms and fail.',
      category: 'resource_exhaustion',
      support: ['E1', 'K1'],
    },
  ],
  actions: [{ knowledge: 'K1', step: 1 }],
  missing: [],
}

describe('the model analyst', () => {
  const { state, clock } = stateOfFile()
  let server: FakeOpenAi
  let analyst: ModelAnalyst
  let preview: ReturnType<typeof createPreviewNotifier>
  let seen = 0
  beforeAll(async () => {
    server = await startFakeOpenAi()
  })
  beforeEach(() => {
    seen = server.requests.length
  })
  afterEach(() => analyst.stop())
  afterAll(() => server.close())

  /** One incident, a preview and the analyst behind it, as the system wires them. */
  const start = async (
    answers: readonly FakeAnswer[],
    openai: Record<string, unknown> = {},
    message = 'HikariPool-1 - Connection is not available, request timed out after 30000ms',
  ) => {
    server.answer(...answers)
    const config = configSchema.parse({
      openai: { apiKey: 'sk-test-0123456789abcdefghij', baseUrl: server.url, timeout: '2s', ...openai },
    })
    const investigator = createInvestigator({
      state: state(),
      index: createMemoryLogIndex(),
      knowledge,
      history: createHistory({ state: state(), clock, logger: silentLogger, halfLifeMs: 1 }),
      clock,
      logger: silentLogger,
    })
    const made = createModelAnalyst({
      config,
      state: state(),
      knowledge,
      investigator,
      language: 'en',
      clock,
      logger: silentLogger,
    })
    if (made === undefined) throw new Error('a model is configured')
    analyst = made
    preview = createPreviewNotifier(clock.now)
    const notify = createNotifyStage({
      outbox: state().outbox,
      incidents: state().incidents,
      notifier: preview,
      reportOf: (incident) => investigator.reportOf(incident, 'en'),
      context: { language: 'en', timeZone: 'UTC', interactive: false, analogy: true, mentions: [] },
      clock,
      logger: silentLogger,
      editIntervalMs: 0,
      random: () => 0,
      onDelivered: (incident) => analyst.consider(incident),
    })
    await state().incidents.apply([eventOf({ message })], createIncidentPlanner(DEFAULT_INCIDENT_POLICY, clock.now))
    return { deliver: () => notify.deliverDue(new AbortController().signal) }
  }
  const rootText = (): string =>
    textsOf(preview.messages.find((message) => message.key.part === 'root')?.message.blocks ?? []).join('\n')
  const usage = async (): Promise<string[]> =>
    (await state().db.selectFrom('model_usage').selectAll().execute()).map(
      (row) => `${row.outcome} ${row.input_tokens}/${row.output_tokens}`,
    )

  it('lets the first message go out, and edits it with what holds', async () => {
    const { deliver } = await start([{ kind: 'proposal', proposal: good }])
    await deliver()
    expect(rootText()).toContain(RULE_TEXT)
    await analyst.idle()
    await deliver()
    expect(rootText()).toContain(good.summary)
    expect(rootText()).toContain('analysis by model · fake-model-2026')
    expect(preview.messages.filter((message) => message.key.part === 'root')).toMatchObject([{ edits: 1 }])
    expect(await usage()).toEqual(['used 1200/90'])
  })

  it('lets the first message go out while the model hangs', async () => {
    const { deliver } = await start([{ kind: 'hang' }], { timeout: '50ms' })
    await deliver()
    expect(rootText()).toContain(RULE_TEXT)
    await analyst.idle()
    expect(await usage()).toEqual(['failed 0/0'])
  })

  it('sends the material redacted of hidden text, with ids, and the runbook steps by number', async () => {
    const { deliver } = await start(
      [{ kind: 'proposal', proposal: good }],
      {},
      `Connection is not available\u202e\u200b ${'QUJD'.repeat(40)} request timed out`,
    )
    await deliver()
    await analyst.idle()
    const body = server.requests.at(-1)?.body as { messages: { content: string }[] }
    const material = body.messages[1]?.content ?? ''
    expect(material).toMatch(/^E1 \| .*Connection is not available <blob> request timed out/m)
    expect(material).toMatch(/^K\d Database connection pool exhausted/m)
    expect(material).toMatch(/^ {3}1\. \(read_only\) /m)
    expect(material).not.toMatch(/[\u202e\u200b]/)
  })

  it.each<[string, FakeAnswer, string]>([
    ['refuses', { kind: 'refusal' }, 'failed 0/0'],
    ['is cut off', { kind: 'incomplete' }, 'failed 0/0'],
    ['talks nonsense', { kind: 'text', text: 'the cause is' }, 'failed 0/0'],
    ['does not fit the schema', { kind: 'text', text: '{}' }, 'failed 0/0'],
    ['is down', { kind: 'status', status: 503, headers: { 'retry-after-ms': '1' } }, 'failed 0/0'],
    [
      'invents its support',
      {
        kind: 'proposal',
        proposal: { ...good, hypotheses: [{ cause: 'The pool is full.', category: 'unknown', support: ['E7'] }] },
      },
      'ungrounded 1200/90',
    ],
    [
      'obeys the log',
      {
        kind: 'proposal',
        proposal: {
          ...good,
          hypotheses: [{ cause: 'Visit https://evil.example', category: 'unknown', support: ['E1'] }],
        },
      },
      'ungrounded 1200/90',
    ],
  ])('leaves the rule report where the model %s', async (_name, answer, outcome) => {
    const { deliver } = await start([answer])
    await deliver()
    await analyst.idle()
    await deliver()
    expect(rootText()).toContain(RULE_TEXT)
    expect(rootText()).not.toContain('analysis by model')
    expect(await usage()).toEqual([outcome])
  })

  it('asks once per incident, and again after a pause when it failed', async () => {
    const { deliver } = await start([
      { kind: 'text', text: '' },
      { kind: 'proposal', proposal: good },
    ])
    await deliver()
    await analyst.idle()
    const [incident] = await state().incidents.list({})
    analyst.consider(incident?.id ?? '')
    await analyst.idle()
    expect(server.requests.length - seen).toBe(1)
    clock.advance(5 * 60_000)
    for (let i = 0; i < 3; i++) analyst.consider(incident?.id ?? '')
    await analyst.idle()
    clock.advance(5 * 60_000)
    analyst.consider(incident?.id ?? '')
    await analyst.idle()
    expect(server.requests.length - seen).toBe(2)
    expect(await usage()).toEqual(['failed 0/0', 'used 1200/90'])
  })

  it('keeps to its daily budget, which comes back with the day', async () => {
    const { deliver } = await start([{ kind: 'text', text: '' }], { dailyCalls: 1 })
    await deliver()
    await analyst.idle()
    const [incident] = await state().incidents.list({})
    clock.advance(10 * 60_000)
    analyst.consider(incident?.id ?? '')
    await analyst.idle()
    expect(server.requests.length - seen).toBe(1)
    clock.set(NOON + 86_400_001)
    analyst.consider(incident?.id ?? '')
    await analyst.idle()
    expect(server.requests.length - seen).toBe(2)
  })

  it('is none without a key', async () => {
    await start([{ kind: 'hang' }])
    const config = configSchema.parse({})
    const investigator = createInvestigator({
      state: state(),
      index: createMemoryLogIndex(),
      knowledge,
      history: createHistory({ state: state(), clock, logger: silentLogger, halfLifeMs: 1 }),
      clock,
      logger: silentLogger,
    })
    expect(
      createModelAnalyst({
        config,
        state: state(),
        knowledge,
        investigator,
        language: 'en',
        clock,
        logger: silentLogger,
      }),
    ).toBeUndefined()
  })

  it('stops at once while a model hangs', async () => {
    const { deliver } = await start([{ kind: 'hang' }], { timeout: '60s' })
    await deliver()
    await expect.poll(() => server.requests.length).toBeGreaterThan(seen)
    await analyst.stop()
  })
})
