import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import {
  LABEL_SERVICE_KEYS,
  LEVEL_KEYS,
  LOGGER_KEYS,
  SERVICE_KEYS,
  SPAN_ID_KEYS,
  STACK_KEYS,
  TEXT_KEYS,
  THREAD_KEYS,
  TIME_KEYS,
  TRACE_ID_KEYS,
} from './field-names.ts'
import { ARRIVED, decodeText } from './wire.test-data.ts'

const page = (language: 'en' | 'ko'): string =>
  readFileSync(new URL(`../../../docs/${language}/records.md`, import.meta.url), 'utf8').replaceAll('\r\n', '\n')

/** Rows of the table whose second column is a line in code. */
const rows = (text: string): string[][] =>
  text
    .split('\n')
    .filter((line) => /^\| [^|]+ \| `[^|]+` \| (?:ERROR|FATAL|WARN|INFO) \|/.test(line))
    .map((line) => line.split(' | ').map((cell) => cell.replace(/^\| | \|$/g, '')))
const code = (cell: string | undefined): string | undefined =>
  cell === undefined || cell === '-' ? undefined : /^`(.*)`$/.exec(cell)?.[1]

const KEYS = {
  text: TEXT_KEYS,
  level: LEVEL_KEYS,
  time: TIME_KEYS,
  service: SERVICE_KEYS,
  label: LABEL_SERVICE_KEYS,
  logger: LOGGER_KEYS,
  thread: THREAD_KEYS,
  stack: STACK_KEYS,
  trace: TRACE_ID_KEYS,
  span: SPAN_ID_KEYS,
}

describe.each(['en', 'ko'] as const)('the page on records (%s)', (language) => {
  const text = page(language)

  it.each(Object.entries(KEYS))('names every field that is read: %s', (_name, keys) => {
    expect(keys.filter((key) => !text.includes(`\`${key}\``))).toEqual([])
  })

  it.each(rows(text))('says what becomes of a line of %s', (_name, line, level, service, logger, message) => {
    const { records } = decodeText((code(line) ?? '').replaceAll('⏎', '\n'))
    expect(records).toHaveLength(1)
    const record = records[0]
    expect({
      level: record?.severity.text,
      service: record?.service === 'unknown' ? undefined : record?.service,
      logger: record?.attributes['logger'],
      message: record?.message,
    }).toEqual({ level, service: code(service), logger: code(logger), message: code(message) })
    expect([Math.floor(Date.parse('2026-01-20T11:00:00Z') / 1000), Math.floor(ARRIVED / 1000)]).toContain(
      Math.floor((record?.at ?? 0) / 1000),
    )
  })
})

it('the page on records shows the same lines in both languages', () => {
  const lines = (language: 'en' | 'ko') => rows(page(language)).map((row) => row.slice(1))
  expect(lines('ko')).toEqual(lines('en'))
  expect(lines('en').length).toBeGreaterThan(30)
})
