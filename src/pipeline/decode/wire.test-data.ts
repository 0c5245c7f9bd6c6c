/** What the tests of decoding share: bytes as sources send them, and one call from bytes to records and books. */
import { hash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire'
import type { PayloadFormat, Rejection } from '../batch.ts'
import { emptyLedger, type StageTally } from '../outcome.ts'
import type { LogRecord } from '../record.ts'
import { createDecodeStage } from './decode-stage.ts'
import { DEFAULT_PAYLOAD_LIMITS, type PayloadLimits } from './payload.ts'

const FIXTURES = new URL('../../../test/fixtures/fluentbit/', import.meta.url)

/** Real bytes of Fluent Bit 5.1.1 and the log files behind them, e.g. `records/agg.000.bin`. */
export const fluentBit = (name: string): Buffer => readFileSync(new URL(name, FIXTURES))

export const ARRIVED = Date.parse('2026-01-20T11:00:10Z')
export const KOREA = 540

export interface DecodedBytes {
  readonly records: readonly LogRecord[]
  readonly rejections: readonly Rejection[]
  readonly tally: StageTally
}

/** Decodes source records as one batch in Korean time. */
export function decodeBytes(
  data: readonly Uint8Array[],
  options: { format?: PayloadFormat; limits?: PayloadLimits } = {},
): DecodedBytes {
  const ledger = emptyLedger()
  const decode = createDecodeStage({ zoneOffsetMinutes: KOREA, limits: options.limits ?? DEFAULT_PAYLOAD_LIMITS })
  const records = data.map((bytes, i) => ({
    sequence: String(100 + i),
    arrivedAt: ARRIVED,
    data: bytes,
    ...(options.format === undefined ? {} : { format: options.format }),
  }))
  return { ...decode({ stream: 'logs', shard: 'shard-0', records }, ledger), tally: ledger.decode }
}

export const decodeText = (text: string): DecodedBytes => decodeBytes([Buffer.from(text)])

/** A KPL aggregate as the producer library writes it: magic, protobuf with a partition key table, MD5. */
export function kplAggregate(parts: readonly Uint8Array[]): Buffer {
  const message = new BinaryWriter().tag(1, WireType.LengthDelimited).string('key')
  for (const part of parts) {
    const record = new BinaryWriter()
      .tag(1, WireType.Varint)
      .uint64(0)
      .tag(3, WireType.LengthDelimited)
      .bytes(part)
      .finish()
    message.tag(3, WireType.LengthDelimited).bytes(record)
  }
  const body = message.finish()
  return Buffer.concat([Buffer.from([0xf3, 0x89, 0x9a, 0xc2]), body, Buffer.from(hash('md5', body, 'hex'), 'hex')])
}
