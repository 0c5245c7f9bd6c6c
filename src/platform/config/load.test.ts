import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import type { CaliError } from '../error.ts'
import { type ConfigSource, configKeys, loadConfig, variableOf } from './load.ts'

const schema = z.strictObject({
  name: z.string().default('cali'),
  server: z
    .strictObject({
      port: z.number('a port is accepted').int().default(7070),
      token: z.string().min(16, 'at least 16 characters are needed').optional(),
      open: z.boolean().default(false),
    })
    .prefault({}),
  slack: z
    .strictObject({
      botToken: z
        .string()
        .regex(/^xoxb-/, 'a bot token begins with xoxb-')
        .optional(),
      mentions: z.array(z.string()).default([]),
    })
    .prefault({}),
})
const secrets = new Set(['server.token', 'slack.botToken'])
const SECRET = 'hunter2-hunter2-hunter2'

const folder = mkdtempSync(join(tmpdir(), 'cali-config-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
let files = 0
const file = (text: string | Buffer): string => {
  const path = join(folder, `${files++}.yaml`)
  writeFileSync(path, text)
  return path
}

const load = (source: Partial<ConfigSource> = {}) => loadConfig(schema, { environment: {}, secrets, ...source })
const faultOf = (source: Partial<ConfigSource>): string => {
  try {
    load(source)
  } catch (error) {
    return (error as CaliError).message.replaceAll(`${folder}/`, '')
  }
  throw new Error('the configuration was accepted')
}

describe('precedence', () => {
  const path = file('name: file\nserver:\n  port: 1\n')

  it('is flag, environment, file, default', () => {
    const environment = { CALI_SERVER_PORT: '2' }
    expect(load().value).toMatchObject({ name: 'cali', server: { port: 7070 } })
    expect(load({ file: path }).value).toMatchObject({ name: 'file', server: { port: 1 } })
    expect(load({ file: path, environment }).value).toMatchObject({ name: 'file', server: { port: 2 } })
    expect(load({ file: path, environment, flags: { 'server.port': 3, name: undefined } }).value).toMatchObject({
      name: 'file',
      server: { port: 3 },
    })
  })

  it('is told for each setting', () => {
    const { origins } = load({ file: path, environment: { CALI_SERVER_OPEN: 'true' }, flags: { 'server.port': 3 } })
    expect(Object.fromEntries(origins)).toEqual({
      name: 'file',
      'server.port': 'flag',
      'server.token': 'default',
      'server.open': 'environment',
      'slack.botToken': 'default',
      'slack.mentions': 'default',
    })
  })
})

describe('a variable', () => {
  it.each([
    ['slack.botToken', 'CALI_SLACK_BOT_TOKEN'],
    ['name', 'CALI_NAME'],
    ['kinesis.pollInterval', 'CALI_KINESIS_POLL_INTERVAL'],
  ])('of %s is %s', (path, variable) => {
    expect(variableOf(path)).toBe(variable)
  })

  it('is read as what its setting wants', () => {
    const { value } = load({
      environment: {
        CALI_NAME: '007',
        CALI_SERVER_PORT: '80',
        CALI_SERVER_OPEN: 'true',
        CALI_SLACK_MENTIONS: '["U1","U2"]',
      },
    })
    expect(value).toMatchObject({ name: '007', server: { port: 80, open: true }, slack: { mentions: ['U1', 'U2'] } })
  })

  it('that is empty is not set', () => {
    expect(load({ environment: { CALI_NAME: '', CALI_SERVER_TOKEN_FILE: '' } }).value).toMatchObject({ name: 'cali' })
  })

  it('may name a file with the value, whose last newline is no part of it', () => {
    expect(load({ environment: { CALI_SERVER_TOKEN_FILE: file(`${SECRET}\r\n`) } }).value.server.token).toBe(SECRET)
    // As Windows PowerShell writes it: with a byte order mark, or in UTF-16.
    expect(load({ environment: { CALI_SERVER_TOKEN_FILE: file(`\ufeff${SECRET}\r\n`) } }).value.server.token).toBe(
      SECRET,
    )
    const wide = file(Buffer.from(`\ufeff${SECRET}`, 'utf16le'))
    expect(faultOf({ environment: { CALI_SERVER_TOKEN_FILE: wide } })).toMatch(
      /^CALI_SERVER_TOKEN_FILE is .*: is not UTF-8 text .*UTF-16/,
    )
  })

  it('and its file variant cannot be set both', () => {
    expect(faultOf({ environment: { CALI_SERVER_TOKEN: SECRET, CALI_SERVER_TOKEN_FILE: '/run/x' } })).toBe(
      'CALI_SERVER_TOKEN and CALI_SERVER_TOKEN_FILE are both set: keep one of them',
    )
  })

  it('that names a missing file says so', () => {
    expect(faultOf({ environment: { CALI_SERVER_TOKEN_FILE: '/no/such' } })).toMatch(
      /^CALI_SERVER_TOKEN_FILE is "\/no\/such": cannot be read/,
    )
  })

  it('of another tool is read where the own one is not set, in the order of the list', () => {
    const aliases = { 'slack.botToken': ['FIRST', 'SECOND'] }
    const token = (environment: Record<string, string>) => load({ environment, aliases }).value.slack.botToken
    expect([
      token({ SECOND: 'xoxb-2' }),
      token({ FIRST: 'xoxb-1', SECOND: 'xoxb-2' }),
      token({ FIRST: 'xoxb-1', CALI_SLACK_BOT_TOKEN: 'xoxb-0' }),
    ]).toEqual(['xoxb-2', 'xoxb-1', 'xoxb-0'])
  })
})

describe('a fault', () => {
  it('names file, line and key, what was read and what is accepted', () => {
    expect(faultOf({ file: file('name: x\nserver:\n  port: high\n') })).toBe(
      '1.yaml:3: server.port is "high": a port is accepted'.replace('1.yaml', `${files - 1}.yaml`),
    )
  })

  it('in the environment or a flag names where it stands', () => {
    expect(faultOf({ environment: { CALI_SERVER_PORT: 'high' } })).toBe(
      'environment CALI_SERVER_PORT: server.port is "high": a port is accepted',
    )
    expect(faultOf({ environment: { CALI_SERVER_PORT: '80' }, flags: { 'server.port': 'high' } })).toBe(
      'command line: server.port is "high": a port is accepted',
    )
    expect(faultOf({ environment: { BOT: 'x' }, aliases: { 'slack.botToken': ['BOT'] } })).toMatch(
      /^environment BOT: slack\.botToken /,
    )
  })

  it.each([
    ['slack:\n  botTokn: x\n', ':2: there is no setting slack.botTokn. Did you mean slack.botToken?'],
    ['slak:\n  mentions: []\n', ':1: there is no setting slak. Did you mean slack?'],
    ['name: a\nwholly-other: 1\n', ':2: there is no setting wholly-other'],
  ])('of an unknown key offers the nearest one: %j', (text, expected) => {
    expect(faultOf({ file: file(text) })).toBe(`${files - 1}.yaml${expected}`)
  })

  it('is told for each of several keys, a line each', () => {
    expect(faultOf({ file: file('nam: a\nserver:\n  port: x\n  opn: y\n') }).split('\n')).toHaveLength(3)
  })

  it.each([
    { file: file(`server:\n  token: ${SECRET.slice(0, 7)}\n`) },
    { file: file(`slack: ${SECRET}\n`) },
    { file: file(`slack:\n  botToken: [${SECRET}]\n`) },
    { file: file(`slack:\n  botToken:\n    inner: ${SECRET}\n`) },
    { environment: { CALI_SLACK_BOT_TOKEN: SECRET } },
    { environment: { CALI_SLACK_BOT_TOKEN_FILE: file(SECRET) } },
    { flags: { 'slack.botToken': SECRET } },
  ])('never prints a secret, wherever it stands: %j', (source) => {
    expect(faultOf(source)).not.toContain('hunter2')
  })
})

describe('a file', () => {
  it('that is missing is named', () => {
    expect(faultOf({ file: '/no/such.yaml' })).toMatch(/^\/no\/such\.yaml: there is no such file/)
  })

  it.each([
    ['a: [1\n', /\.yaml:\d: is not YAML/],
    ['a: 1\na: 2\n', /\.yaml:2: is not YAML/],
    ['- a\n- b\n', /\.yaml: a map of keys is expected/],
    ['just text\n', /\.yaml: a map of keys is expected/],
  ])('%j is refused with a reason', (text, reason) => {
    expect(faultOf({ file: file(text) })).toMatch(reason)
  })

  it('with aliases without end is refused', () => {
    const bomb = [
      'a: &a [x,x,x,x,x,x,x,x,x]',
      ...Array.from(
        { length: 8 },
        (_, i) => `${'bcdefghi'[i]}: &${'bcdefghi'[i]} [${Array(9).fill(`*${'abcdefgh'[i]}`).join(',')}]`,
      ),
    ].join('\n')
    expect(faultOf({ file: file(bomb) })).toMatch(/cannot be read|there is no setting/)
  })

  it.each(['', '# nothing\n', 'server:\n', 'server:\n  token:\nname:\n', '\ufeffslack:\n'])(
    'may hold empty sections: %j',
    (text) => {
      expect(load({ file: file(text) }).value).toEqual(load().value)
    },
  )
})

it('every setting has its key, variable and whether it is secret', () => {
  expect(configKeys(schema, secrets).find((key) => key.path === 'slack.botToken')).toEqual({
    path: 'slack.botToken',
    variable: 'CALI_SLACK_BOT_TOKEN',
    secret: true,
  })
  expect(configKeys(schema, secrets)).toHaveLength(6)
})
