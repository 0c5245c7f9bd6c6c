import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { droppedTotal, emptyLedger, rejectedTotal } from '../outcome.ts'
import { type DecodedRecord, type LogRecord, type RecordHead, SEVERITY, type SeverityText } from '../record.ts'
import { createFilterStage, decide } from './filter-stage.ts'
import { createRecordRedactor } from './record-redactor.ts'
import { createRedactor, type Redactor } from './redact/redactor.ts'
import { compileRule, type Rule } from './rule.ts'

const plain: Redactor = { redact: (text) => text, find: () => [], rules: [] }
const real = createRedactor({ key: new Uint8Array(32).fill(7) })

const record = (body: string, more: Partial<LogRecord> = {}): DecodedRecord => ({
  id: body,
  at: 0,
  observedAt: 0,
  severity: SEVERITY.ERROR,
  service: 'orders',
  message: body.split('\n', 1)[0] ?? '',
  body,
  resource: {},
  origin: more.resource ?? {},
  attributes: {},
  position: { stream: 's', shard: '', sequence: '1', sub: 0, line: 0 },
  ...more,
})
const rule = (id: string, action: Rule['action'], more: Partial<Rule> = {}): Rule => ({
  id,
  action,
  enabled: true,
  ...more,
})

function run(
  records: readonly DecodedRecord[],
  options: { rules?: readonly Rule[]; redactor?: Redactor; observe?: (head: RecordHead) => void } = {},
) {
  const ledger = emptyLedger()
  const stage = createFilterStage(
    { redactor: options.redactor ?? plain, ...(options.observe === undefined ? {} : { observe: options.observe }) },
    options.rules,
  )
  const { kept, archived } = stage.filter(records, ledger)
  return {
    kept: kept.map((item) => item.body),
    archived: archived.map((item) => item.body),
    records: kept,
    tally: ledger.filter,
  }
}

describe('the rules', () => {
  it('are tried in order, and the first that matches decides', () => {
    const rules = [
      rule('noise', 'drop', { pattern: 'health' }),
      rule('audit', 'archive', { pattern: 'audit' }),
      rule('rest', 'keep'),
    ]
    const { kept, archived, tally } = run([record('health audit'), record('audit'), record('boom')], { rules })
    expect([kept, archived]).toEqual([['boom'], ['audit']])
    expect(tally).toEqual({ received: 3, kept: 1, dropped: { noise: 1, 'archive_only:audit': 1 }, rejected: {} })
  })

  it('drop what is below WARN by default, counted under the rule', () => {
    const levels: SeverityText[] = ['DEBUG', 'INFO', 'WARN', 'ERROR', 'FATAL']
    const { kept, tally } = run(levels.map((level) => record(level, { severity: SEVERITY[level] })))
    expect([kept, tally.dropped]).toEqual([['WARN', 'ERROR', 'FATAL'], { 'below-warning': 2 }])
  })

  it('keep what none of them matches: a gap must not lose data', () => {
    expect(run([record('x')], { rules: [rule('other', 'drop', { services: ['pay'] })] }).kept).toEqual(['x'])
  })

  it('can be replaced for what comes next', () => {
    const ledger = emptyLedger()
    const stage = createFilterStage({ redactor: plain }, [rule('all', 'drop')])
    stage.filter([record('a')], ledger)
    stage.applyRules([rule('all-now', 'keep')])
    expect(stage.filter([record('b')], ledger).kept).toHaveLength(1)
    expect([stage.rules.map((current) => current.id), ledger.filter.dropped]).toEqual([['all-now'], { all: 1 }])
  })
})

describe('redaction', () => {
  it('comes before the rules, which see redacted text only', () => {
    const rules = [rule('secrets', 'drop', { pattern: 'kim@example\\.com' }), rule('rest', 'keep')]
    const { kept } = run([record('mail to kim@example.com')], { rules, redactor: real })
    expect(kept[0]).toMatch(/^mail to \[EMAIL:\w+\]$/)
  })

  it('reaches text, message, attributes and their names, resource, service and exception', () => {
    const mail = 'kim@example.com'
    const body = `failed for ${mail}\njava.lang.Error: ${mail}\n\tat a.B.c(B.java:1)`
    const frames = [{ function: 'a.B.c' }]
    const [clean] = run(
      [
        record(body, {
          service: mail,
          attributes: { user: mail, password: 'hunter2', port: 8080, [`count.${mail}`]: 3 },
          resource: {
            pod: 'orders-5f4f7bdc56-x2x7q',
            host: 'postgres://app:hunter2@db/orders',
            labels: { tier: 'web', owner: mail },
          },
          exception: {
            type: 'java.lang.Error',
            message: mail,
            frames,
            language: 'java',
            causes: [{ type: 'a.C', message: mail, frames }],
          },
        }),
      ],
      { redactor: real },
    ).records
    expect(JSON.stringify({ ...clean, id: '' })).not.toMatch(/kim@|hunter2/)
    expect(clean).toMatchObject({
      attributes: { port: 8080 },
      resource: { pod: 'orders-5f4f7bdc56-x2x7q', labels: { tier: 'web' } },
      exception: { language: 'java', frames, causes: [{ type: 'a.C' }] },
    })
  })

  it('that fails rejects the record, and the others go on', () => {
    const broken: Redactor = {
      ...plain,
      redact: (text) => {
        if (text.includes('poison')) throw new Error('broken')
        return text
      },
    }
    const seen: string[] = []
    const { kept, tally } = run([record('a'), record('poison'), record('b'), record('c', { service: 'poison' })], {
      redactor: broken,
      observe: ({ service }) => seen.push(service),
    })
    expect([kept, tally.rejected]).toEqual([['a', 'b'], { redaction_failed: 2 }])
    expect(seen).not.toContain('poison')
  })

  it('is done before anybody observes a record, dropped ones included', () => {
    const seen: RecordHead[] = []
    const labels = { owner: 'kim@example.com' }
    run([record('x', { severity: SEVERITY.INFO, service: 'kim@example.com', resource: { node: 'n-1', labels } })], {
      redactor: real,
      observe: (head) => seen.push(head),
    })
    expect(seen).toMatchObject([
      {
        service: expect.stringMatching(/^\[EMAIL:/),
        resource: { node: 'n-1', labels: { owner: expect.stringMatching(/^\[EMAIL:/) } },
      },
    ])
  })

  it('leaves out the text of what a rule drops by its level, and does it before a rule that looks at the text', () => {
    const asked: string[] = []
    const spy: Redactor = {
      ...real,
      redact: (text) => {
        asked.push(text)
        return real.redact(text)
      },
    }
    const info = [record('mail to kim@example.com', { severity: SEVERITY.INFO })]
    run(info, { redactor: spy })
    expect(asked).not.toContain('mail to kim@example.com')
    const rules = [rule('mail', 'drop', { pattern: 'kim@' }), rule('rest', 'archive')]
    expect(run(info, { redactor: spy, rules }).archived).toEqual([expect.stringMatching(/^mail to \[EMAIL:/)])
  })
})

it('the books balance whatever the rules are', () => {
  const anyRule = fc.record({
    action: fc.constantFrom('keep' as const, 'archive' as const, 'drop' as const),
    enabled: fc.boolean(),
    pattern: fc.constantFrom('a', 'b', 'c'),
  })
  fc.assert(
    fc.property(
      fc.array(anyRule, { maxLength: 4 }),
      fc.array(fc.constantFrom('a', 'b', 'ab', 'poison'), { maxLength: 20 }),
      (rules, bodies) => {
        const redactor: Redactor = {
          ...plain,
          redact: (text) => {
            if (text === 'poison') throw new Error('broken')
            return text
          },
        }
        const { kept, archived, tally } = run(
          bodies.map((body) => record(body)),
          { rules: rules.map((more, i) => ({ id: `r${i}`, ...more })), redactor },
        )
        expect(tally.received).toBe(bodies.length)
        expect(tally.kept + droppedTotal(tally) + rejectedTotal(tally)).toBe(bodies.length)
        const archivedOnly = Object.entries(tally.dropped).reduce(
          (sum, [reason, n]) => sum + (reason.startsWith('archive_only:') ? n : 0),
          0,
        )
        expect([kept.length, archived.length]).toEqual([tally.kept, archivedOnly])
      },
    ),
  )
})

it('what is kept and archived is what comes of redacting each record whole and asking the rules then', () => {
  const anyRule = fc.record(
    {
      action: fc.constantFrom('keep' as const, 'archive' as const, 'drop' as const),
      minSeverity: fc.constantFrom<SeverityText>('INFO', 'WARN', 'ERROR'),
      services: fc.constant<string[]>(['pay*', '[EMAIL*']),
      namespaces: fc.constant<string[]>(['shop']),
      pattern: fc.constantFrom('EMAIL', 'kim@', 'boom'),
    },
    { requiredKeys: ['action'] },
  )
  const anyRecord = fc
    .record({
      body: fc.constantFrom('boom', 'mail to kim@example.com', 'password=hunter22 boom'),
      service: fc.constantFrom('pay', 'kim@example.com'),
      severity: fc.constantFrom(SEVERITY.DEBUG, SEVERITY.INFO, SEVERITY.WARN, SEVERITY.ERROR),
      resource: fc.constantFrom({}, { namespace: 'shop' }, { namespace: 'kim@example.com' }),
      attributes: fc.constantFrom({}, { user: 'kim@example.com' }),
    })
    .map(({ body, ...more }) => record(body, more))
  const redact = createRecordRedactor(real)
  fc.assert(
    fc.property(fc.array(anyRule, { maxLength: 4 }), fc.array(anyRecord, { maxLength: 8 }), (partial, records) => {
      const rules = partial.map((more, i): Rule => ({ id: `r${i}`, enabled: true, ...more }))
      const compiled = rules.map(compileRule)
      const whole = records.map((one) => redact.record(one))
      const wanted = (action: Rule['action']) => whole.filter((one) => decide(one, compiled).action === action)
      const { kept, archived } = createFilterStage({ redactor: real }, rules).filter(records, emptyLedger())
      expect(kept).toEqual(wanted('keep'))
      expect(archived).toEqual(wanted('archive').map((one) => ({ ...one, archiveOnly: true })))
    }),
  )
})
