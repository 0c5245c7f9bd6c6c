import { describe, expect, it } from 'vitest'
import { frameOf, type RecordFacts, recordOf } from '../../../test/support/records.ts'
import type { ExceptionChain } from '../record.ts'
import { createFingerprinter } from './fingerprint.ts'
import { fingerprintRuleSchema, fingerprintRulesSchema, inAppRuleSchema } from './grouping-rule.ts'
import { createPatternMiner } from './pattern-miner.ts'

const exception = (type: string, ...frames: string[]): ExceptionChain => ({
  type,
  message: 'no answer',
  language: 'java',
  frames: frames.map(frameOf),
  causes: [],
})

const fingerprints = (rules: readonly unknown[], inApp: readonly unknown[], ...facts: RecordFacts[]) =>
  createFingerprinter(createPatternMiner(), {
    fingerprints: rules.map((rule) => fingerprintRuleSchema.parse(rule)),
    inApp: inApp.map((rule) => inAppRuleSchema.parse(rule)),
  })(facts.map(recordOf))

describe('a fingerprint rule', () => {
  it('makes matching errors one, whatever their stack traces and services are', () => {
    const rule = { id: 'gateway', exceptions: ['*GatewayException'], fingerprint: 'the payment gateway' }
    const [a, b, other] = fingerprints(
      [rule],
      [],
      { service: 'order', exception: exception('com.shop.GatewayException', 'com.shop.A.a') },
      { service: 'cart', exception: exception('com.acme.HttpGatewayException', 'com.acme.B.b') },
      { service: 'cart', exception: exception('java.io.IOException', 'com.acme.B.b') },
    )
    expect(a?.id).toBe(b?.id)
    expect(a).toMatchObject({ basis: 'rule', explanation: ['rule gateway', 'key the payment gateway'] })
    expect(other?.basis).toBe('exception')
  })

  it('keeps apart what its text names: a service, a group of the pattern', () => {
    const rule = { id: 'tenant', pattern: 'tenant=(\\w+)', fingerprint: '{service} {1}' }
    const ids = fingerprints(
      [rule],
      [],
      { service: 'order', message: 'quota of tenant=acme is used up' },
      { service: 'order', message: 'tenant=acme may not write' },
      { service: 'order', message: 'tenant=globex may not write' },
      { service: 'cart', message: 'tenant=acme may not write' },
    ).map((fingerprint) => fingerprint.id)
    expect(ids[0]).toBe(ids[1])
    expect(new Set(ids).size).toBe(3)
  })

  it('is tried in order: the first that matches decides', () => {
    const [first] = fingerprints(
      [
        { id: 'narrow', services: ['order-*'], pattern: 'failed', fingerprint: 'narrow' },
        { id: 'wide', services: ['*'], fingerprint: 'wide' },
      ],
      [],
      { service: 'order-service', message: 'order 1 failed' },
    )
    expect(first?.explanation).toEqual(['rule narrow', 'key narrow'])
  })

  it('cannot hold a line up, however its pattern is written', () => {
    const started = performance.now()
    fingerprints([{ id: 'slow', pattern: '(a+)+$', fingerprint: 'x' }], [], { message: `${'a'.repeat(50_000)}!` })
    expect(performance.now() - started).toBeLessThan(500)
  })

  it.each([
    [{ id: 'Bad Name', fingerprint: 'x' }, 'lower-case letters'],
    [{ id: 'a', pattern: '(', fingerprint: 'x' }, 'is not a regular expression'],
    [{ id: 'a', pattern: '(?=x)', fingerprint: 'x' }, 'look-around'],
    [{ id: 'a' }, 'fingerprint'],
    [{ id: 'a', fingerprint: 'x' }, 'all errors would be one'],
    [{ id: 'a', pattern: 'x(y)', fingerprint: '{2}' }, 'the pattern has 1 group'],
    [{ id: 'a', services: ['*'], fingerprint: '{host}' }, '{service}, {exception}'],
  ])('is refused with its reason: %j', (rule, reason) => {
    const result = fingerprintRuleSchema.safeParse(rule)
    expect(JSON.stringify(result.error?.issues)).toContain(reason)
  })
})

it('two fingerprint rules with one id are refused', () => {
  const rules = ['x', 'y'].map((pattern) => ({ id: 'a', pattern, fingerprint: pattern }))
  expect(fingerprintRulesSchema.safeParse(rules).error?.issues).toMatchObject([{ path: [1, 'id'] }])
})

describe('an in-app rule', () => {
  const order = exception('E', 'com.acme.generated.Client.call', 'com.shop.Orders.place')
  const other = exception('E', 'com.acme.generated.Other.call', 'com.shop.Orders.place')

  it('takes frames out of the identity, or brings them in', () => {
    const [a, b] = fingerprints([], [], { exception: order }, { exception: other })
    expect(a?.id).not.toBe(b?.id)
    const rule = { frame: 'com.acme.generated.*', inApp: false }
    const [c, d] = fingerprints([], [rule], { exception: order }, { exception: other })
    expect(c?.id).toBe(d?.id)
    const spring = exception('E', 'org.springframework.acme.Fork.run', 'com.shop.Orders.place')
    const [e] = fingerprints([], [{ language: 'java', frame: 'org.springframework.acme.*', inApp: true }], {
      exception: spring,
    })
    expect(e?.explanation).toContain('frame org.springframework.acme.Fork.run')
  })
})

describe('minified frames', () => {
  const bundle = (names: readonly string[], message: string): ExceptionChain => ({
    type: 'TypeError',
    message,
    language: 'node',
    frames: names.map((name, i) => frameOf(`${name} (/app/dist/main.3f2a1b9c.js:${i + 1})`)),
    causes: [],
  })

  it('have other names in every build and stay one error', () => {
    const [a, b, c] = fingerprints(
      [],
      [],
      { exception: bundle(['t', 'Xe'], "Cannot read properties of undefined (reading 'tier')") },
      { exception: bundle(['n', 'q'], "Cannot read properties of undefined (reading 'tier')") },
      { exception: bundle(['n', 'q'], 'x is not a function') },
    )
    expect(a?.id).toBe(b?.id)
    expect(a?.id).not.toBe(c?.id)
  })
})
