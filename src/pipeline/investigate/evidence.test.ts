import { describe, expect, it } from 'vitest'
import { incidentOf } from '../../../test/support/incidents.ts'
import { frameOf, NOON, type RecordFacts, recordOf } from '../../../test/support/records.ts'
import { type ContextLine, chooseEvidence } from './evidence.ts'

const lineOf = (facts: RecordFacts, count = 1): ContextLine => ({
  record: recordOf(facts),
  kind: `${facts.service ?? 'order-service'} ${facts.message ?? ''}`,
  count,
})
const own = (facts: RecordFacts = {}): ContextLine => ({
  ...lineOf({ message: 'checkout failed', ...facts }),
  kind: 'own',
})
const incident = incidentOf({ service: 'order-service', fingerprint: 'own', firstSeen: NOON, count: 14 })
const earlier = (seconds: number): number => NOON - seconds * 1_000
const shown = (evidence: ReturnType<typeof chooseEvidence>): string[] =>
  evidence.map((item) => `${item.id} ${item.role} ${item.text}`)

describe('evidence', () => {
  it("begins with the incident's own line and how often it was seen", () => {
    const [first] = chooseEvidence(incident, [own({ id: 'event-9', level: 'FATAL' })], [])
    expect(first).toEqual({
      id: 'E1',
      role: 'representative',
      text: 'checkout failed',
      count: 14,
      at: NOON,
      service: 'order-service',
      severity: 'FATAL',
      recordId: 'event-9',
    })
  })

  it('names the root cause of a stack trace, then what wraps it', () => {
    const exception = {
      type: 'org.springframework.TransactionException',
      message: 'could not begin',
      frames: [frameOf('com.shop.A.a')],
      language: 'java' as const,
      causes: [
        { type: 'java.sql.SQLTransientConnectionException', message: 'Connection is not available', frames: [] },
      ],
    }
    const body = [
      'checkout failed',
      'org.springframework.TransactionException: could not begin',
      '\tat com.shop.A.a(A.java:1)',
      'Caused by: java.sql.SQLTransientConnectionException: Connection is not available',
      '\tat x.Y.z(Y.java:2)',
    ].join('\n')
    expect(shown(chooseEvidence(incident, [own({ body, exception })], []))).toEqual([
      'E1 representative checkout failed',
      'E2 cause Caused by: java.sql.SQLTransientConnectionException: Connection is not available',
      'E3 cause org.springframework.TransactionException: could not begin',
    ])
  })

  it('shows the warnings that tell what led to it, the most telling first', () => {
    const context = [
      lineOf({ at: earlier(50), level: 'WARN', message: 'slow query 31204 ms' }, 7),
      lineOf({ at: earlier(40), level: 'WARN', message: 'memory leak suspected in cart' }),
      lineOf({ at: earlier(30), level: 'WARN', message: 'session cache is cold' }),
      lineOf({ at: earlier(20), level: 'INFO', message: 'order 17 placed' }),
    ]
    const evidence = chooseEvidence(incident, [own({ message: 'HikariPool-1 - Connection is not available' })], context)
    expect(shown(evidence).slice(0, 3)).toEqual([
      'E1 representative HikariPool-1 - Connection is not available',
      'E2 precursor slow query 31204 ms',
      // Near in time, and nothing that this error comes of.
      'E3 context memory leak suspected in cart',
    ])
    expect(evidence[1]?.count).toBe(7)
    expect(shown(evidence)).toHaveLength(3)
  })

  it('shows a change as a change', () => {
    const evidence = chooseEvidence(
      incident,
      [own()],
      [lineOf({ at: earlier(30), level: 'INFO', message: '설정이 변경되었습니다: timeout 5s' })],
    )
    expect(shown(evidence)).toContain('E2 change 설정이 변경되었습니다: timeout 5s')
  })

  it('takes nothing that came later for a change or a cause, nor the word that names its own service', () => {
    const later = NOON + 30_000
    const restarted = lineOf({ at: later, level: 'WARN', message: '설정이 변경되었습니다: timeout 5s' })
    const full = lineOf({ at: later, level: 'WARN', message: 'No space left on device' })
    const body = 'order failed in order-service'
    expect(shown(chooseEvidence(incident, [own({ message: body })], [restarted, full]))).not.toContainEqual(
      expect.stringMatching(/ (?:change|precursor|cascade) /),
    )
    // A log without times: what stands behind came later.
    const change = (sequence: string) =>
      shown(
        chooseEvidence(
          incident,
          [own({ sequence: '500' })],
          [lineOf({ at: NOON, sequence, level: 'INFO', message: '설정이 변경되었습니다: timeout 5s' })],
        ),
      )
    expect(change('499')).toContain('E2 change 설정이 변경되었습니다: timeout 5s')
    expect(change('1117')).toHaveLength(1)
    const failing = lineOf({ at: earlier(5), level: 'WARN', message: 'Connection refused by mail host' })
    expect(shown(chooseEvidence(incident, [own({ message: body })], [failing]))).toContain(
      'E2 context Connection refused by mail host',
    )
  })

  describe('of an error in another service', () => {
    const elsewhere = lineOf({ service: 'inventory-service', at: earlier(5), message: 'ERROR: deadlock detected' })

    it('is a cascade where this error can be an effect', () => {
      for (const message of [
        'call of inventory-service failed',
        'java.net.SocketTimeoutException: Read timed out',
        '재고 서비스 응답 없음',
      ]) {
        expect(shown(chooseEvidence(incident, [own({ message })], [elsewhere]))).toContain(
          'E2 cascade ERROR: deadlock detected',
        )
      }
    })

    it('is left out where nothing joins the two: many things fail at once', () => {
      expect(chooseEvidence(incident, [own()], [elsewhere])).toHaveLength(1)
    })

    it('is left out where this error has a cause of its own: it is another incident', () => {
      const evidence = chooseEvidence(
        incident,
        [own({ message: 'java.io.IOException: No space left on device' })],
        [elsewhere],
      )
      expect(evidence).toHaveLength(1)
    })

    it('is kept when one trace joins the two', () => {
      const traced = incidentOf({ ...incident, traceIds: ['t1'] })
      const line = { ...elsewhere, record: { ...elsewhere.record, trace: { traceId: 't1' } } }
      expect(
        shown(chooseEvidence(traced, [own({ message: 'java.io.IOException: No space left on device' })], [line])),
      ).toContain('E2 cascade ERROR: deadlock detected')
    })

    it('is no cascade when it came after', () => {
      const after = lineOf({ service: 'inventory-service', at: NOON + 5_000, message: 'ERROR: deadlock detected' })
      expect(chooseEvidence(incident, [own()], [after])).toHaveLength(1)
    })
  })

  it('leaves out what is too old to explain it', () => {
    expect(
      chooseEvidence(
        incident,
        [own()],
        [lineOf({ service: 'inventory-service', at: earlier(3_600), message: 'ERROR: deadlock detected' })],
      ),
    ).toHaveLength(1)
  })

  it('shows each kind once, never its own, and no more than seven lines', () => {
    const context = Array.from({ length: 50 }, (_, i) =>
      lineOf({ at: earlier(60 - i), level: 'WARN', message: `slow query number${'abcdefghij'[i % 10]}` }),
    )
    const evidence = chooseEvidence(incident, [own()], [own({ at: earlier(3) }), ...context])
    expect(evidence.length).toBeLessThanOrEqual(7)
    expect(new Set(evidence.map((item) => item.text)).size).toBe(evidence.length)
    expect(evidence.filter((item) => item.text === 'checkout failed')).toHaveLength(1)
    expect(evidence.map((item) => item.id)).toEqual(evidence.map((_, i) => `E${i + 1}`))
  })

  it('adds the latest own line when it reads otherwise', () => {
    expect(shown(chooseEvidence(incident, [own(), own({ message: 'checkout of 3 failed' })], []))).toEqual([
      'E1 representative checkout failed',
      'E2 context checkout of 3 failed',
    ])
    expect(chooseEvidence(incident, [own(), own()], [])).toHaveLength(1)
  })

  it('is cut to a bounded length that breaks no character', () => {
    const [first] = chooseEvidence(incident, [own({ message: '😀'.repeat(5_000) })], [])
    expect(first?.text.length).toBeLessThanOrEqual(400)
    expect(first?.text.isWellFormed()).toBe(true)
  })

  it('is empty when nothing is at hand', () => {
    expect(chooseEvidence(incident, [], [])).toEqual([])
  })

  it('costs little however long the lines are', () => {
    const context = Array.from({ length: 500 }, (_, i) =>
      lineOf({ at: earlier(i / 10), level: 'WARN', message: `connection to kind${i} ${'redis '.repeat(2_000)}` }),
    )
    const started = performance.now()
    chooseEvidence(incident, [own()], context)
    expect(performance.now() - started).toBeLessThan(2_000)
  })
})
