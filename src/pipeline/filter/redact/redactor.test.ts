import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { fake, fakeJwt } from './fake-secrets.test-data.ts'
import { createRedactor, WITHHELD } from './redactor.ts'

const key = new Uint8Array(32).fill(3)
const redactor = createRedactor({ key })

describe('placeholders', () => {
  test('have a type and four hex digits', () => {
    expect(redactor.redact('mail kim@example.com')).toMatch(/^mail \[EMAIL:[0-9a-f]{4}\]$/)
  })

  test('are the same for the same value under one key, and differ between keys', () => {
    const text = 'kim@example.com'
    expect(redactor.redact(text)).toBe(createRedactor({ key }).redact(text))
    expect(redactor.redact(text)).not.toBe(createRedactor({ key: new Uint8Array(32).fill(4) }).redact(text))
  })

  test('are never touched, wherever they stand', () => {
    const lines = [
      'password=[PASSWORD:ab12]',
      '"token":"[TOKEN:00ff]"',
      'Authorization: Bearer [TOKEN:ab12]',
      'postgres://app:[PASSWORD:ab12]@db/x',
      'Cookie: [COOKIE:ab12]',
      '이름: [NAME:ab12]님',
      '?token=[TOKEN:ab12]&a=1',
    ]
    for (const line of lines) expect(redactor.redact(line)).toBe(line)
  })

  test('do not shelter what stands beside them in a value', () => {
    expect(redactor.redact('password=[EMAIL:ab12]hunter2')).toMatch(/^password=\[EMAIL:ab12\]\[PASSWORD:[0-9a-f]{4}\]$/)
  })
})

describe('findings', () => {
  test('are in order, do not overlap and cover the value only', () => {
    const text = 'password=hunter2 mail kim@example.com and 010-1234-5678'
    const found = redactor.find(text)
    expect(found.map(({ rule, start, end }) => [rule, text.slice(start, end)])).toEqual([
      ['password', 'hunter2'],
      ['email', 'kim@example.com'],
      ['phone', '010-1234-5678'],
    ])
  })

  test('name the token rather than the key before it', () => {
    expect(redactor.find(`token=${fakeJwt()}`).map(({ rule }) => rule)).toEqual(['jwt'])
  })
})

describe('options', () => {
  test('a rule can be switched off', () => {
    const without = createRedactor({ key, disabledRules: ['email'] })
    expect(without.redact('kim@example.com')).toBe('kim@example.com')
    expect(without.rules).not.toContain('email')
  })

  test('an unknown rule is an error that names the rules there are', () => {
    expect(() => createRedactor({ key, disabledRules: ['e-mail'] })).toThrow(/no redaction rule "e-mail".*email/)
  })

  test('addresses of hosts stay unless asked for', () => {
    expect(redactor.redact('from 10.0.0.5')).toBe('from 10.0.0.5')
    expect(createRedactor({ key, enabledRules: ['ip'] }).redact('from 10.0.0.5 v1.2.3')).toMatch(
      /^from \[IP:[0-9a-f]{4}\] v1\.2\.3$/,
    )
  })

  test('own rules replace their group "value", or all of the match', () => {
    const own = createRedactor({
      key,
      extraRules: [
        { id: 'member-no', pattern: 'member (?<value>M\\d{6})' },
        { id: 'ticket', pattern: 'tk\\d{4}', flags: 'i' },
      ],
    })
    expect(own.redact('member M123456 TK1234')).toMatch(/^member \[MEMBER_NO:[0-9a-f]{4}\] \[TICKET:[0-9a-f]{4}\]$/)
    expect(own.rules).toContain('member-no')
  })

  test('an own rule that is no pattern is refused at once', () => {
    expect(() => createRedactor({ key, extraRules: [{ id: 'x', pattern: '(' }] })).toThrow(SyntaxError)
  })
})

describe('failure', () => {
  test('an inner failure withholds the text instead of passing it on', () => {
    const broken = {
      length: 5,
      charCodeAt: () => {
        throw new Error('broken')
      },
    } as unknown as string
    expect(redactor.redact(broken)).toBe(WITHHELD)
    expect(redactor.redact(WITHHELD)).toBe(WITHHELD)
  })
})

describe('laws', () => {
  const pieces = fc.constantFrom(
    'password',
    'token',
    '=',
    ':',
    ': ',
    '"',
    "'",
    '\\"',
    ' ',
    '[',
    ']',
    '[EMAIL:ab12]',
    '[PASSWORD:00ff]',
    '@',
    'kim',
    'example.com',
    '010',
    '-',
    '1234',
    '5678',
    '900101',
    '1234567',
    '://',
    'app',
    '비밀번호',
    '이름',
    '홍길동',
    '은',
    '입니다',
    '계좌',
    '０１０',
    '–',
    '?',
    '&',
    'Bearer ',
    'Authorization',
    'Cookie',
    fake(40),
    fakeJwt(),
    `ghp_${fake(36)}`,
    '\n',
    '\\n',
    '<',
    '>',
    '{',
    '}',
    '여권',
    'M12345678',
    'sk-',
    '-----BEGIN PRIVATE KEY-----',
    '4111111111111111',
  )
  const texts = fc
    .array(
      fc.oneof({ weight: 4, arbitrary: pieces }, { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 6 }) }),
      { maxLength: 24 },
    )
    .map((parts) => parts.join(''))

  test('redacting twice is redacting once, and nothing is found in redacted text', () => {
    fc.assert(
      fc.property(texts, (text) => {
        const once = redactor.redact(text)
        expect(redactor.redact(once)).toBe(once)
        expect(redactor.find(once)).toEqual([])
      }),
      { numRuns: 3000 },
    )
  })

  test('findings lie in the text, in order, apart', () => {
    fc.assert(
      fc.property(texts, (text) => {
        let behind = 0
        for (const { start, end } of redactor.find(text)) {
          expect(start).toBeGreaterThanOrEqual(behind)
          expect(end).toBeGreaterThan(start)
          behind = end
        }
        expect(behind).toBeLessThanOrEqual(text.length)
      }),
      { numRuns: 2000 },
    )
  })

  test('text without secrets comes back as it was', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom(...'abc XYZ한글\n\t.,;') }),
        (text) => redactor.redact(text) === text,
      ),
    )
  })
})
