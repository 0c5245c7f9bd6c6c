import { describe, expect, it } from 'vitest'
import { PATTERN_CHARS } from '../../platform/pattern.ts'
import { type LogRecord, SEVERITY, type SeverityText } from '../record.ts'
import { compileRule, type Rule, ruleSchema } from './rule.ts'

const record = (more: Partial<LogRecord> = {}): LogRecord => ({
  id: 'a',
  at: 0,
  observedAt: 0,
  severity: SEVERITY.ERROR,
  service: 'order-service',
  message: 'x',
  body: 'x',
  resource: { namespace: 'shop' },
  attributes: {},
  position: { stream: 's', shard: '', sequence: '1', sub: 0, line: 0 },
  ...more,
})
const matches = (rule: Partial<Rule>, subject: Partial<LogRecord> = {}): boolean =>
  compileRule({ id: 'r', action: 'drop', enabled: true, ...rule }).matches(record(subject))

describe('a rule', () => {
  it('without conditions matches everything', () => {
    expect(matches({})).toBe(true)
  })

  it('that is switched off matches nothing', () => {
    expect(matches({ enabled: false })).toBe(false)
  })

  it('matches from its least to its greatest severity, numbers between the names included', () => {
    const within = (text: SeverityText, step = 0) =>
      matches(
        { minSeverity: 'INFO', maxSeverity: 'WARN' },
        { severity: { text, number: SEVERITY[text].number + step } },
      )
    expect([within('DEBUG', 3), within('INFO'), within('WARN'), within('WARN', 3), within('ERROR')]).toEqual([
      false,
      true,
      true,
      true,
      false,
    ])
  })

  it.each([
    ['order-service', true],
    ['order-*', true],
    ['*-service', true],
    ['*', true],
    ['order', false],
    ['order.service', false],
    ['ORDER-service', false],
    ['[a-z-]*', false],
  ])('for the service %j matches order-service: %j', (glob, expected) => {
    expect(matches({ services: ['other', glob] })).toBe(expected)
  })

  it('for a namespace does not match what has none', () => {
    expect([
      matches({ namespaces: ['shop'] }),
      matches({ namespaces: ['shop'] }, { resource: {} }),
      matches({ namespaces: ['*'] }, { resource: {} }),
    ]).toEqual([true, false, true])
  })

  it('with a pattern looks at the whole text, Hangul included', () => {
    expect(matches({ pattern: '재고 (?:없음|부족)' }, { body: 'first\n재고 부족 sku=1' })).toBe(true)
  })

  it('with a pattern looks no further than its bound', () => {
    const body = (before: number) => ({ body: `${'x'.repeat(before)}needle` })
    expect([
      matches({ pattern: 'needle' }, body(PATTERN_CHARS - 6)),
      matches({ pattern: 'needle' }, body(PATTERN_CHARS)),
    ]).toEqual([true, false])
  })

  it.each(['(a+)+$', '^(a|a)*b$', '^(.*a){20}$'])('answers at once to %s on a line made against it', (pattern) => {
    expect(matches({ pattern }, { body: `${'a'.repeat(PATTERN_CHARS - 1)}!` })).toBe(false)
  })

  it('with many stars in a service name still answers at once', () => {
    expect(matches({ services: [`${'*a'.repeat(50)}*b`] }, { service: 'a'.repeat(5_000) })).toBe(false)
  })

  it('gives the same answer for the same record, however often it is asked', () => {
    const compiled = compileRule({ id: 'r', action: 'drop', enabled: true, pattern: 'x' })
    expect([1, 2, 3].map(() => compiled.matches(record()))).toEqual([true, true, true])
  })

  it('needs all of its conditions', () => {
    const rule: Partial<Rule> = { minSeverity: 'ERROR', services: ['order-*'], namespaces: ['shop'], pattern: 'x' }
    expect(matches(rule)).toBe(true)
    for (const other of [{ severity: SEVERITY.WARN }, { service: 'pay' }, { resource: {} }, { body: 'y' }])
      expect(matches(rule, other)).toBe(false)
  })
})

it.each([
  ['a field that is none', { id: 'a', action: 'drop', severty: 'WARN' }],
  ['an action that is none', { id: 'a', action: 'keep-all' }],
  ['a pattern over 500 characters', { id: 'a', action: 'drop', pattern: 'x'.repeat(501) }],
  ['a pattern with a class that is none', { id: 'a', action: 'drop', pattern: '\\p{Nope}' }],
])('a rule with %s is refused', (_, rule) => {
  expect(ruleSchema.safeParse(rule).success).toBe(false)
})

it.each(['(?=ERROR)', '(?<!un)expected', '(a)\\1'])(
  'a pattern like %s is refused with the way around it',
  (pattern) => {
    const fault = ruleSchema.safeParse({ id: 'a', action: 'drop', pattern }).error?.issues[0]?.message
    expect(fault).toContain('use two rules')
  },
)
