import { gzipSync, zstdCompressSync } from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { droppedTotal, rejectedTotal } from '../outcome.ts'
import { type DecodedBytes, decodeBytes, kplAggregate } from './wire.test-data.ts'

const utf16le = (text: string): Buffer => Buffer.from(text, 'utf16le')
const utf16be = (text: string): Buffer => utf16le(text).swap16()
const LOG = '2026-01-20 20:00:00 ERROR [order-service] 주문 실패 1234\njava.lang.Error: x\n\tat a.B.c(B.java:1)\n'
const EUC_KR = Buffer.from([
  ...Buffer.from('2026-01-20 20:00:00 ERROR [a] '),
  0xc1,
  0xd6,
  0xb9,
  0xae,
  0x20,
  0xbd,
  0xc7,
  0xc6,
  0xd0,
])
const limits = { inflatedBytes: 4 * 1024 * 1024, lineBytes: 2 * 1024 * 1024, items: 1_000 }

function balanced(decoded: DecodedBytes): DecodedBytes {
  const { tally, records, rejections } = decoded
  expect(tally.received).toBe(tally.kept + droppedTotal(tally) + rejectedTotal(tally))
  expect([tally.kept, rejectedTotal(tally)]).toEqual([records.length, rejections.length])
  return decoded
}

/** What comes out: `record:` and its message, `reject:` and its reason. */
function outcome(bytes: Uint8Array): string[] {
  const { records, rejections } = balanced(decodeBytes([bytes], { limits }))
  return [
    ...records.map((record) => `record: ${record.message.slice(0, 40)}`),
    ...rejections.map((rejection) => `reject: ${rejection.reason}`),
  ]
}

describe('bad input', () => {
  it.each<[string, Uint8Array, string[]]>([
    ['broken JSON', Buffer.from('{"log":"x"'), ['reject: not_a_record']],
    ['a cut gzip', gzipSync(LOG).subarray(0, 40), ['reject: truncated_compression']],
    ['a damaged zstd', zstdCompressSync(LOG).subarray(0, 30), ['reject: truncated_compression']],
    ['a gzip bomb of zeros', gzipSync(Buffer.alloc(limits.inflatedBytes + 1)), ['reject: output_too_large']],
    ['a zstd bomb of zeros', zstdCompressSync(Buffer.alloc(limits.inflatedBytes + 1)), ['reject: output_too_large']],
    ['invalid UTF-8', Buffer.from([0x45, 0xff, 0xfe, 0x80, 0x52]), ['record: E\ufffd\ufffd\ufffdR']],
    ['UTF-16LE with a mark', utf16le(`\ufeff${LOG}`), ['record: 주문 실패 1234']],
    ['UTF-16BE with a mark', utf16be(`\ufeff${LOG}`), ['record: 주문 실패 1234']],
    ['UTF-16LE without a mark', utf16le(LOG), ['record: 주문 실패 1234']],
    ['UTF-16BE without a mark', utf16be(LOG), ['record: 주문 실패 1234']],
    ['EUC-KR', EUC_KR, ['record: 주문 실패']],
    ['CRLF', Buffer.from(LOG.replaceAll('\n', '\r\n')), ['record: 주문 실패 1234']],
    ['a UTF-8 mark before a header', Buffer.from(`\ufeff${LOG}`), ['record: 주문 실패 1234']],
    ['NUL inside text', Buffer.from('nul [\0] mid'), ['record: nul [\0] mid']],
    ['nothing', Buffer.alloc(0), []],
    ['blank lines', Buffer.from('\n \r\n\t\n'), []],
    ['a line of 1 MiB', Buffer.from(`${'x'.repeat(1024 * 1024)}`), [`record: ${'x'.repeat(40)}`]],
    [
      'a line over the limit',
      Buffer.from(`${'x'.repeat(limits.lineBytes + 1)}\nnext`),
      ['record: next', 'reject: line_too_large'],
    ],
    [
      'JSON nested 10,000 deep',
      Buffer.from(`{"log":"deep","a":${'['.repeat(10_000)}${']'.repeat(10_000)}}`),
      ['record: deep'],
    ],
    [
      'objects nested 10,000 deep',
      Buffer.from(`${'{"a":'.repeat(10_000)}1${'}'.repeat(10_000)}`),
      ['reject: not_a_record'],
    ],
    ['__proto__', Buffer.from('{"log":"x","__proto__":{"level":"fatal"}}'), ['record: x']],
    ['lone surrogates', Buffer.from('{"log":"a\\ud800b"}'), ['record: a\ufffdb']],
    ['a list', Buffer.from('[{"log":"a"},{"log":"b"}]'), ['record: a', 'record: b']],
    [
      'a list of other things',
      Buffer.from('[{"log":"a"},7,[],null,"x"]'),
      ['record: a', 'reject: not_a_record', 'reject: not_a_record', 'reject: not_a_record', 'reject: not_a_record'],
    ],
    ['an empty list', Buffer.from('[]'), ['reject: not_a_record']],
    ['an empty object', Buffer.from('{}'), ['reject: not_a_record']],
    ['a number', Buffer.from('42'), ['record: 42']],
    ['a JSON string', Buffer.from('"text"'), ['record: "text"']],
  ])('%s is read or rejected, and counted', (_, bytes, expected) => {
    expect(outcome(bytes)).toEqual(expected)
  })

  it('leaves the other records of the batch alone', () => {
    const { records, rejections } = balanced(
      decodeBytes([gzipSync('x').subarray(0, 12), Buffer.from('{"log":"ok"}'), Buffer.from('{')]),
    )
    expect([records.map((record) => record.body), rejections.map((rejection) => rejection.sequence)]).toEqual([
      ['ok', '{'],
      ['100'],
    ])
  })

  it('never makes an object of ours inherit from the log', () => {
    const [record] = decodeBytes([
      Buffer.from('{"log":"x","__proto__":{"level":"fatal"},"a":{"__proto__":{"b":1}}}'),
    ]).records
    expect([record?.severity.text, Object.keys(record?.attributes ?? {})]).toEqual(['INFO', []])
  })
})

const piece = fc.oneof(
  fc.uint8Array({ maxLength: 64 }),
  fc.string({ maxLength: 40, unit: 'binary' }).map((text) => Buffer.from(text)),
  fc.json({ maxDepth: 4 }).map((text) => Buffer.from(text)),
  fc
    .constantFrom(
      '\n',
      '{"log":',
      '[',
      '"',
      LOG,
      '\tat a.B.c(B.java:1)\n',
      'Traceback (most recent call last):\n',
      '2026-01-20T11:00:00Z stdout P ',
      '\u001b[31m',
      '99999999999999999999',
    )
    .map((text) => Buffer.from(text)),
)
const payload = fc.array(piece, { maxLength: 8 }).map((parts) => Buffer.concat(parts))
const wrapped = fc.oneof(
  payload,
  payload.map((bytes) => gzipSync(bytes)),
  payload.map((bytes) => zstdCompressSync(bytes)),
  fc.array(payload, { maxLength: 3 }).map(kplAggregate),
  fc.tuple(payload, fc.nat(60)).map(([bytes, cut]) => gzipSync(bytes).subarray(0, cut)),
)

describe('any bytes', () => {
  it('are read or rejected without a throw, and the books balance', () => {
    fc.assert(
      fc.property(fc.array(wrapped, { maxLength: 3 }), (records) => {
        const decoded = balanced(decodeBytes(records))
        for (const record of decoded.records) {
          expect(record.body.isWellFormed() && Number.isSafeInteger(record.at)).toBe(true)
          expect(record.severity.text).toMatch(/^(?:TRACE|DEBUG|INFO|WARN|ERROR|FATAL)$/)
        }
      }),
      { numRuns: 400 },
    )
  })

  it('are read or rejected as OTLP, too', () => {
    fc.assert(
      fc.property(payload, fc.constantFrom('otlp-json' as const, 'otlp-protobuf' as const), (bytes, format) => {
        balanced(decodeBytes([bytes], { format }))
      }),
      { numRuns: 300 },
    )
  })

  it('give the same records when they are read again', () => {
    fc.assert(
      fc.property(wrapped, (bytes) => {
        const ids = (): string[] => decodeBytes([bytes]).records.map((record) => record.id)
        expect(ids()).toEqual(ids())
        expect(new Set(ids()).size).toBe(ids().length)
      }),
      { numRuns: 200 },
    )
  })
})
