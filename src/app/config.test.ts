import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { languageOf, readConfig, SECRET_KEYS, zoneOffsetMinutes, zoneOffsets } from './config.ts'
import { parseDuration } from './setting.ts'

const folder = mkdtempSync(join(tmpdir(), 'cali-app-config-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
const file = join(folder, 'cali.yaml')
const read = (yaml: string, environment: Record<string, string> = {}) => {
  writeFileSync(file, yaml)
  return readConfig({ environment, file })
}
const faultOf = (yaml: string, environment: Record<string, string> = {}): string => {
  try {
    read(yaml, environment)
  } catch (error) {
    return (error as Error).message.replaceAll(`${folder}/`, '')
  }
  throw new Error('the configuration was accepted')
}

describe('a duration', () => {
  it.each([
    ['500ms', 500],
    ['30s', 30_000],
    ['15m', 900_000],
    ['2h', 7_200_000],
    ['7d', 604_800_000],
    ['1.5s', 1_500],
    ['250', 250],
    [' 5 s ', 5_000],
    ['0', 0],
  ])('%j is %i ms', (text, ms) => {
    expect(parseDuration(text)).toBe(ms)
  })

  it.each(['', 's', '-5s', '5 weeks', '5S', '1e3', '1,5s', '5s 3m', 'NaN', '99999999999'])('%j is none', (text) => {
    expect(parseDuration(text)).toBeUndefined()
  })

  it('in the file or the environment is read in milliseconds', () => {
    expect(
      read('incidents:\n  quietAfter: 45m\narchive:\n  flushInterval: 250\n', { CALI_KINESIS_POLL_INTERVAL: '2s' })
        .value,
    ).toMatchObject({
      incidents: { quietAfter: 2_700_000 },
      archive: { flushInterval: 250 },
      kinesis: { pollInterval: 2_000 },
    })
  })
})

describe('bad values', () => {
  it.each([
    [
      'incidents:\n  quietAfter: soon\n',
      'cali.yaml:2: incidents.quietAfter is "soon": a duration is accepted, e.g. 500ms, 30s, 15m, 2h, 7d',
    ],
    ['server:\n  port: 70000\n', /^cali\.yaml:2: server\.port is 70000: .*65535/],
    ['server:\n  port: web\n', 'cali.yaml:2: server.port is "web": a port number from 0 to 65535 is accepted'],
    ['lang: de\n', 'cali.yaml:1: lang is "de": ko or en is accepted'],
    ['timeZone: Asia/Soul\n', 'cali.yaml:1: timeZone is "Asia/Soul": a zone such as Asia/Seoul or UTC is accepted'],
    [
      'slack:\n  apiUrl: slack.com\n',
      'cali.yaml:2: slack.apiUrl is "slack.com": an address such as https://example.com is accepted',
    ],
    [
      'rules:\n  - id: Bad Name\n    action: drop\n',
      /^cali\.yaml:2: rules\.0\.id is "Bad Name": is a name of lower-case letters/,
    ],
    ['slak:\n  channel: x\n', 'cali.yaml:1: there is no setting slak. Did you mean slack?'],
    ['slack:\n  chanel: x\n', 'cali.yaml:2: there is no setting slack.chanel. Did you mean slack.channel?'],
  ])('%j are refused with place and reason', (yaml, expected) => {
    if (typeof expected === 'string') expect(faultOf(yaml)).toBe(expected)
    else expect(faultOf(yaml)).toMatch(expected)
  })

  it.each([...SECRET_KEYS])('of %s are never printed', (path) => {
    const variable = `CALI_${path
      .replace(/([a-z])([A-Z])/g, '$1_$2')
      .replace('.', '_')
      .toUpperCase()}`
    const [section, key] = path.split('.')
    const faults = [`${section}: hunter2\n`, `${section}:\n  ${key}: [hunter2]\n`].map((yaml) => faultOf(yaml))
    // These accept any text.
    if (!['openai.apiKey', 'openai.embeddingKey', 'opensearch.password', 'milvus.token'].includes(path))
      faults.push(faultOf('', { [variable]: 'hunter2' }))
    for (const fault of faults) {
      expect(fault).toContain(section)
      expect(fault).not.toContain('hunter2')
    }
  })
})

describe('variables of other tools', () => {
  it('are read where the own ones are not set', () => {
    const environment = {
      OPENAI_API_KEY: 'sk-1',
      AWS_DEFAULT_REGION: 'us-east-1',
      SLACK_BOT_TOKEN: 'xoxb-1',
      AWS_ENDPOINT_URL: 'http://localhost:4566',
    }
    const { value } = read('', environment)
    expect([value.openai.apiKey, value.kinesis.region, value.slack.botToken, value.kinesis.endpoint]).toEqual([
      'sk-1',
      'us-east-1',
      'xoxb-1',
      'http://localhost:4566',
    ])
    expect(read('', { ...environment, AWS_REGION: 'eu-west-1', CALI_OPENAI_API_KEY: 'sk-2' }).value).toMatchObject({
      kinesis: { region: 'eu-west-1' },
      openai: { apiKey: 'sk-2' },
    })
  })

  it('with a zone that is none are passed over', () => {
    expect(read('', { TZ: 'Asia/Seoul' }).value.timeZone).toBe('Asia/Seoul')
    expect(read('', { TZ: 'KST-9' }).value.timeZone).toBeUndefined()
  })
})

describe('the zone of log times', () => {
  it.each([
    ['Asia/Seoul', 540],
    ['UTC', 0],
    ['Asia/Kolkata', 330],
    ['America/St_Johns', -210],
  ])('%s is %i minutes east', (zone, minutes) => {
    expect(zoneOffsetMinutes(zone, Date.parse('2026-01-20T00:00:00Z'))).toBe(minutes)
  })

  it('follows summer time', () => {
    expect([
      zoneOffsetMinutes('Europe/Berlin', Date.parse('2026-01-20T00:00:00Z')),
      zoneOffsetMinutes('Europe/Berlin', Date.parse('2026-07-20T00:00:00Z')),
    ]).toEqual([60, 120])
  })

  it('follows a zone into winter while the program runs', () => {
    const offsetAt = zoneOffsets('Europe/Berlin')
    const times = ['2026-10-25T00:59:59Z', '2026-10-25T01:00:00Z', '2026-10-25T00:30:00Z']
    expect(times.map((time) => offsetAt(Date.parse(time)))).toEqual([120, 60, 120])
  })
})

it('the language is the one that is set', () => {
  expect(languageOf(read('lang: ko\n').value)).toBe('ko')
})
