import { describe, expect, it } from 'vitest'
import type { LogRecord } from '../record.ts'
import { createEventReader } from './event-reader.ts'
import { fluentBit } from './wire.test-data.ts'

const OBSERVED = Date.parse('2026-01-20T12:00:00Z')
const open = () =>
  createEventReader({
    source: 'app.log',
    zone: { offsetMinutes: 540, now: OBSERVED },
    observedAt: OBSERVED,
    defaultService: 'app',
  })
const read = (lines: readonly string[]): LogRecord[] => {
  const reader = open()
  return [...lines.flatMap((line) => reader.push(line)), ...reader.flush()]
}
const bodies = (records: readonly LogRecord[]): string[] => records.map((record) => record.body)
const linesOf = (name: string): string[] => fluentBit(name).toString().replace(/\n$/, '').split('\n')
const time = (record: LogRecord | undefined): string => new Date(record?.at ?? 0).toISOString()

describe('plain text', () => {
  it('is joined, with the line number of each first line', () => {
    const records = read([
      '2026-01-20 20:00:00 ERROR [a] x',
      '\tat a.B.c(B.java:1)',
      '',
      '2026-01-20 20:00:01 INFO [a] y\r',
    ])
    expect(records.map((record) => [record.position.line, record.body.split('\n').length])).toEqual([
      [1, 2],
      [4, 1],
    ])
    expect(records[1]?.message).toBe('y')
  })

  it('without a time has that of the event before it', () => {
    const [, second] = read([
      '2026-01-20 20:00:00 INFO [a] x',
      'Exception in thread "main" java.lang.Error: y',
      '\tat a.B.c(B.java:1)',
    ])
    expect(time(second)).toBe('2026-01-20T11:00:00.000Z')
  })

  it('has the default service where it names none', () => {
    expect(read(['boom'])[0]?.service).toBe('app')
  })
})

describe('a CRI log', () => {
  const records = read(linesOf('inputs/cri.log'))

  it('joins parts of a line, frames and a line of 40 KB', () => {
    expect(Math.max(...records.map((record) => record.body.length))).toBeGreaterThan(33_000)
    expect(records.find((record) => record.exception !== undefined)?.severity.text).toBe('ERROR')
    expect(bodies(records).some((body) => / (?:stdout|stderr) [FP] /.test(body))).toBe(false)
  })

  it('keeps the lines of its two streams apart', () => {
    const at = '2026-01-20T11:00:00.000Z'
    expect(
      bodies(
        read([`${at} stdout F java.lang.Error: x`, `${at} stderr F warning: y`, `${at} stdout F \tat a.B.c(B.java:1)`]),
      ).sort(),
    ).toEqual(['java.lang.Error: x\n\tat a.B.c(B.java:1)', 'warning: y'])
  })

  it('gives an event without a header the time of its own first line, not of the next', () => {
    const [first, second] = read([
      '2026-01-20T11:00:00.500Z stderr F panic: x',
      '2026-01-20T11:07:00.000Z stderr F 2026-01-20 20:07:00 INFO [a] y',
    ])
    expect([time(first), time(second)]).toEqual(['2026-01-20T11:00:00.500Z', '2026-01-20T11:07:00.000Z'])
  })

  it('reads JSON inside, which ends the text before it', () => {
    const [text, json] = read([
      '2026-01-20T11:00:00.500Z stdout F plain',
      '2026-01-20T11:00:01Z stdout F {"level":"error","msg":"boom"}',
    ])
    expect([text?.body, time(text)]).toEqual(['plain', '2026-01-20T11:00:00.500Z'])
    expect([json?.severity.text, json?.message, time(json)]).toEqual(['ERROR', 'boom', '2026-01-20T11:00:01.000Z'])
  })

  it('hands out an unfinished part at its end', () => {
    expect(bodies(read(['2026-01-20T11:00:00Z stdout P half a li']))).toEqual(['half a li'])
  })
})

describe('a docker log', () => {
  it('joins lines that docker cut at 16 KB', () => {
    const records = read(linesOf('inputs/docker.log'))
    expect(Math.max(...records.map((record) => record.body.length))).toBeGreaterThan(33_000)
    expect(records.some((record) => record.exception !== undefined)).toBe(true)
  })

  it('reads JSON that the application wrote', () => {
    const line = JSON.stringify({
      log: '{"level":"error","msg":"boom"}\n',
      stream: 'stdout',
      time: '2026-01-20T11:00:00Z',
    })
    const [record] = read([line])
    expect([record?.severity.text, record?.message, time(record)]).toEqual([
      'ERROR',
      'boom',
      '2026-01-20T11:00:00.000Z',
    ])
  })

  it('does not mix its unfinished lines with those of another runtime', () => {
    const docker = (log: string) => JSON.stringify({ log, stream: 'stdout', time: '2026-01-20T11:00:00Z' })
    expect(bodies(read([docker('first '), '2026-01-20T11:00:00Z stdout F other', docker('half\n')])).sort()).toEqual([
      'first half',
      'other',
    ])
  })
})

describe('JSON lines', () => {
  it('are records each, and text between them stays text', () => {
    const records = read([
      '{"level":"info","msg":"one"}',
      'plain',
      '{"level":"error","msg":"two"}',
      '[{"msg":"three"},{"msg":"four"}]',
    ])
    expect(records.map((record) => record.message)).toEqual(['one', 'plain', 'two', 'three', 'four'])
  })

  it('do not lend their time to the text before them', () => {
    const [first, text, json] = read([
      '{"time":"2026-01-20T11:00:00Z","msg":"one"}',
      'plain',
      '{"time":"2026-01-20T11:30:00Z","msg":"two"}',
    ])
    expect([time(first), time(text), time(json)].map((at) => at.slice(11, 16))).toEqual(['11:00', '11:00', '11:30'])
  })

  it('that are broken are kept as text and counted', () => {
    const reader = open()
    expect(bodies([...reader.push('{"level":"error",'), ...reader.flush()])).toEqual(['{"level":"error",'])
    expect(reader.unreadable).toBe(1)
  })

  it('inside an event that announces them belong to it', () => {
    expect(
      bodies(read(['2026-01-20 20:00:00 INFO [a] request body:', '{"userId": 1}', '2026-01-20 20:00:01 INFO [a] y'])),
    ).toEqual(['2026-01-20 20:00:00 INFO [a] request body:\n{"userId": 1}', '2026-01-20 20:00:01 INFO [a] y'])
  })

  it('without any text are kept as text', () => {
    expect(bodies(read(['{"a":1}']))).toEqual(['{"a":1}'])
  })
})
