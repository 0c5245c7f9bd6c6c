import { expect, test } from 'vitest'
import { createRedactor } from '../../pipeline/filter/redact/redactor.ts'
import { type RedactedLine, redactLines, splitLines } from './redact.ts'

const redactor = createRedactor({ key: new Uint8Array(32) })

async function* chunked(text: string, size: number): AsyncGenerator<Buffer> {
  const bytes = Buffer.from(text)
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
}

async function redacted(text: string, size = 7): Promise<RedactedLine[]> {
  const lines: RedactedLine[] = []
  for await (const line of redactLines(redactor, splitLines(chunked(text, size)))) lines.push(line)
  return lines
}

const joined = (lines: readonly { text: string; end: string }[]) => lines.map(({ text, end }) => text + end).join('')

test('line ends stay as they were, also the missing one at the end', async () => {
  const text = 'one\r\ntwo\n\r\n한글 three'
  for (const size of [1, 2, 5, 100]) expect(joined(await redacted(text, size))).toBe(text)
})

test('findings carry the line and the offsets in it', async () => {
  const lines = await redacted('first\r\nmail kim@example.com\n')
  expect(lines[1]?.findings).toEqual([{ line: 2, rule: 'email', start: 5, end: 20 }])
  expect(lines[1]?.text).toMatch(/^mail \[EMAIL:[0-9a-f]{4}\]$/)
})

test('a key block over many lines is replaced line by line, so that line numbers hold', async () => {
  const block = [
    `-----BEGIN ${'PRIVATE'} KEY-----`,
    'MIIEvQIBADANBgkqhkiG9w0BAQEFAASC',
    'BKcwggSjAgEAAoIBAQC7VJTUt9Us8cKj',
    `-----END ${'PRIVATE'} KEY-----`,
  ]
  const lines = await redacted(['before', ...block, 'after kim@example.com', ''].join('\r\n'))
  expect(lines.map(({ text }) => text.replace(/:[0-9a-f]{4}\]/, ']'))).toEqual([
    'before',
    '[PRIVATE_KEY]',
    '[PRIVATE_KEY]',
    '[PRIVATE_KEY]',
    '[PRIVATE_KEY]',
    'after [EMAIL]',
  ])
  expect(lines[2]?.findings).toEqual([{ line: 3, rule: 'private-key', start: 0, end: 32 }])
  expect(lines[5]?.findings[0]?.line).toBe(6)
})

test('a key block that never ends is redacted to where it was cut', async () => {
  const lines = await redacted(
    `-----BEGIN ${'PRIVATE'} KEY-----\nMIIEvQIBADANBgkqhkiG9w0BAQEFAASC\nBKcwggSjAgEAAoIBAQC7VJTUt9Us8cKj`,
  )
  expect(joined(lines)).not.toContain('MIIE')
  expect(joined(lines)).not.toContain('BKcw')
})
