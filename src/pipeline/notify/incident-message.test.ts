import { describe, expect, it } from 'vitest'
import { incidentOf, reportOf } from '../../../test/support/incidents.ts'
import { NOON } from '../../../test/support/records.ts'
import { checkMessage, textsOf } from '../../../test/support/slack-rules.ts'
import type { Incident, Report } from '../incident.ts'
import { type MessageContext, renderEscalation, renderRoot, renderThread } from './incident-message.ts'

const EN: MessageContext = {
  language: 'en',
  timeZone: 'UTC',
  publicUrl: 'https://cali.example.com',
  interactive: true,
  analogy: true,
  mentions: [],
}
const KO: MessageContext = { ...EN, language: 'ko', timeZone: 'Asia/Seoul' }

const root = (incident: Partial<Incident>, at: MessageContext = EN, report: Partial<Report> = {}) => {
  const message = renderRoot(incidentOf(incident), reportOf(report), at)
  expect(checkMessage(message)).toEqual([])
  return { message, texts: textsOf(message.blocks) }
}

const buttonsOf = (message: { readonly blocks: readonly unknown[] }): string[] =>
  (message.blocks as readonly { type: string; elements?: readonly { action_id?: string }[] }[])
    .filter((block) => block.type === 'actions')
    .flatMap((block) => (block.elements ?? []).map((element) => element.action_id ?? ''))

describe('the root message of an open incident', () => {
  it('says what, where, since when, how bad, why and what to do first', () => {
    const { texts, message } = root({})
    expect(texts.slice(0, 4)).toEqual([
      '🔴 SEV2 · payment-service · HikariPool-<num> - Connection is not available',
      'prod · since 12:00:00 · ×14 · 3 pods · deploy 1.14.2 (11:58, 2 min before) · #7F3K2A',
      'Likely cause  No free connection is left in the database connection pool.  (confidence high · evidence E1 C1 K1)',
      'Like  All ten checkout counters are held by slow customers.',
    ])
    expect(texts[5]).toBe(
      'List the longest queries. select * from pg_stat_activityRoll back. kubectl rollout undo deployment/<name> (reversible)End the query with select pg_terminate_backend(<pid>) (destructive)',
    )
    expect(texts[6]).toBe(
      'E1 12:00:00 payment-service ×14  HikariPool-1 - Connection is not available, request timed out after 30000ms',
    )
    expect(message.text).toBe('SEV2 payment-service: HikariPool-&lt;num&gt; - Connection is not available (open, ×14)')
    expect(buttonsOf(message)).toEqual(['cali_acknowledge', 'cali_resolve', 'cali_snooze', 'cali_open', 'cali_runbook'])
  })

  it('says it in Korean, in the zone of its readers', () => {
    const { texts, message } = root({ title: 'DB 커넥션 풀 고갈', count: 1_234 }, KO, {
      summary: '느린 쿼리가 커넥션을 모두 잡고 있습니다.',
      analogy: '계산대 10곳이 모두 긴 손님에게 묶였습니다.',
      actions: [{ text: '1.14.2를 롤백합니다. `kubectl rollout undo deployment/<name>`', risk: 'reversible' }],
    })
    expect(texts.slice(0, 4)).toEqual([
      '🔴 SEV2 · payment-service · DB 커넥션 풀 고갈',
      'prod · 21:00:00부터 · 1,234건 · 파드 3개 · 배포 1.14.2 (20:58, 2분 전) · #7F3K2A',
      '추정 원인  느린 쿼리가 커넥션을 모두 잡고 있습니다.  (확신 높음 · 근거 E1 C1 K1)',
      '비유하면  계산대 10곳이 모두 긴 손님에게 묶였습니다.',
    ])
    expect(texts[4]).toBe('먼저 할 일')
    expect(texts[5]).toBe('1.14.2를 롤백합니다. kubectl rollout undo deployment/<name> (되돌릴 수 있음)')
    expect(message.text).toContain('(열림, 1,234건)')
  })

  it('says when the cause is not known', () => {
    const unknown = {
      status: 'insufficient_evidence',
      hypotheses: [],
      analogy: undefined,
      summary: 'The log does not show the cause.',
    } as unknown as Partial<Report>
    expect(root({}, EN, unknown).texts[2]).toBe('Cause not known  The log does not show the cause.')
    expect(root({}, KO, unknown).texts[2]).toMatch(/^원인 미상 {2}/)
  })

  it('leaves out what is switched off or not known', () => {
    const { texts, message } = root(
      { namespaces: [], pods: [], versions: [] },
      { language: 'en', timeZone: 'UTC', interactive: false, analogy: false, mentions: [] },
      { changes: [], actions: [], evidence: [] },
    )
    expect(texts).toEqual([
      expect.stringMatching(/^🔴/),
      'since 12:00:00 · ×14 · #7F3K2A',
      expect.stringMatching(/^Likely cause/),
    ])
    expect(buttonsOf(message)).toEqual([])
  })

  it('marks what a model wrote, a similar incident and a log that gives orders', () => {
    const { texts } = root({}, EN, {
      source: 'model',
      model: 'gpt-6-luna',
      injectionSuspected: true,
      past: [{ id: 'I1', incident: 'ABC123', title: 'Pool <full>', lastSeen: 0, similarity: 0.9, fix: 'index added' }],
    })
    expect(texts).toContain('✳ analysis by model · gpt-6-luna')
    expect(texts).toContain('Similar past incident: Pool <full> (ABC123) · fixed then by: index added')
    expect(texts).toContain('⚠ A line of this log gives instructions to its reader. It was treated as data.')
  })

  it('tells the same error of before as the same, with the cause that was confirmed', () => {
    const past = { id: 'I1', incident: 'ABC123', title: 'Pool', lastSeen: 0, similarity: 1 }
    const { texts } = root({}, EN, { past: [{ ...past, sameError: true, confirmed: true, cause: 'pool of 5' }] })
    expect(texts).toContain('The same error came before (ABC123) · confirmed cause: pool of 5')
  })

  it.each([
    ['store', EN, '⚠ The shared runbook store could not be reached: only the runbooks on this server were searched.'],
    ['vectors', KO, '⚠ 임베딩 모델이 응답하지 않아 런북을 낱말로만 찾았습니다.'],
  ] as const)('says when runbooks were searched without the %s', (degraded, at, text) => {
    expect(root({}, at, { degraded }).texts).toContain(text)
    expect(root({}, at).texts).not.toContain(text)
  })

  it('keeps a step without text out', () => {
    root({}, EN, {
      actions: [
        { text: '', risk: 'read_only' },
        { text: '  ', risk: 'reversible' },
      ],
    })
  })
})

describe('the state of an incident in its root message', () => {
  it.each<[string, Partial<Incident>, string, string]>([
    ['acknowledged', { state: 'acknowledged', acknowledgedBy: '지훈' }, '👀', 'acknowledged · 지훈'],
    [
      'resolved',
      { state: 'resolved', resolvedBy: '지훈', stateChangedAt: NOON + 12 * 60_000 },
      '✅',
      'resolved · 12 min · 지훈',
    ],
    ['resolved at once', { state: 'resolved' }, '✅', 'resolved · 1 min'],
    ['regressed', { state: 'regressed', regressions: 2 }, '🔴', 'came back 2 times'],
    ['quiet', { state: 'quiet' }, '💤', 'quiet'],
  ])('%s in English', (_name, facts, mark, line) => {
    const { texts } = root(facts)
    expect(texts[0]?.startsWith(`${mark} SEV2`)).toBe(true)
    expect(texts[1]?.startsWith(`${line} · prod`)).toBe(true)
  })

  it.each<[Partial<Incident>, string]>([
    [{ state: 'acknowledged', acknowledgedBy: '지훈' }, '확인됨 · 지훈 님'],
    [{ state: 'resolved', resolvedBy: '지훈', stateChangedAt: NOON + 12 * 60_000 }, '해결됨 · 12분 · 지훈 님'],
    [{ state: 'regressed', regressions: 1 }, '재발 1회'],
    [{ state: 'quiet' }, '조용해짐'],
  ])('%o in Korean', (facts, line) => {
    expect(root(facts, KO).texts[1]?.startsWith(`${line} · prod`)).toBe(true)
  })

  it('offers what can still be done: nothing to acknowledge twice, nothing but links when resolved', () => {
    expect(buttonsOf(root({ state: 'acknowledged' }).message)).toEqual([
      'cali_resolve',
      'cali_snooze',
      'cali_open',
      'cali_runbook',
    ])
    const { message, texts } = root({ state: 'resolved' })
    expect(buttonsOf(message)).toEqual(['cali_open', 'cali_runbook'])
    expect(texts).not.toContain('First steps')
  })
})

describe('mentions', () => {
  const at: MessageContext = { ...EN, mentions: ['S0123456', 'U0123456', 'here'] }
  const mentions = (incident: Partial<Incident>) =>
    root(incident, at)
      .message.blocks.filter((block) => block.type === 'section')
      .map((block) => textsOf([block])[0])

  it('are those of the configuration, in one line, for severe incidents only', () => {
    expect(mentions({ severity: 'SEV1' })).toEqual(['<!subteam^S0123456> <@U0123456> <!here>'])
    expect(mentions({ severity: 'SEV2' })).toHaveLength(1)
    expect(mentions({ severity: 'SEV3' })).toEqual([])
    expect(mentions({ state: 'resolved' })).toEqual([])
  })

  it('never come from text', () => {
    const { message } = root({ title: '<!channel> <@U1> @here', service: '<!here>' }, EN, {
      summary: '<!channel>',
      evidence: [],
    })
    expect(message.blocks.some((block) => block.type === 'section')).toBe(false)
    expect(message.text).not.toContain('<!')
  })
})

describe('the thread', () => {
  it('holds all evidence, every hypothesis, deploys, runbooks and what is missing', () => {
    const message = renderThread(incidentOf(), reportOf({ missing: ['No deploys are known.'] }), EN)
    expect(checkMessage(message)).toEqual([])
    expect(textsOf(message.blocks)).toEqual([
      'Evidence',
      'E1 12:00:00 payment-service ×14  HikariPool-1 - Connection is not available, request timed out after 30000ms',
      'H1  No free connection is left in the database connection pool.  (confidence high · evidence E1 C1 K1)',
      'Changes: C1 payment-service 1.14.1 → 1.14.2 11:58:00',
      'Runbooks: K1 Database connection pool exhausted',
      'What could not be checked: No deploys are known.',
    ])
  })
})

describe('the reply for a regression', () => {
  it.each<[MessageContext, string]>([
    [EN, 'Came back: payment-service: HikariPool'],
    [KO, '재발했습니다: payment-service: HikariPool'],
  ])('says what came back', (at, text) => {
    const message = renderEscalation(incidentOf({ state: 'regressed', regressions: 1 }), 'regressed', at)
    expect(checkMessage(message)).toEqual([])
    expect(textsOf(message.blocks)[0]).toContain(text)
  })
})
