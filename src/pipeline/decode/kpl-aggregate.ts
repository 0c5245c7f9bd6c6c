import { hash } from 'node:crypto'
import { BinaryReader, WireType } from '@bufbuild/protobuf/wire'

const MAGIC = [0xf3, 0x89, 0x9a, 0xc2] as const
const MD5_BYTES = 16
const RECORDS_FIELD = 3
const DATA_FIELD = 3

/**
 * The user records inside a Kinesis Producer Library aggregate, or undefined when `data` is none (also on a wrong MD5
 * or broken protobuf: like the KCL, it is then an ordinary record). The hash-range filter of the KCL is not applied:
 * it drops data, and duplicates are removed by event id.
 * Format: https://github.com/awslabs/amazon-kinesis-producer/blob/master/aggregation-format.md
 */
export function readKplAggregate(data: Uint8Array): Uint8Array[] | undefined {
  if (data.length <= MAGIC.length + MD5_BYTES || !MAGIC.every((byte, i) => data[i] === byte)) return undefined
  const message = data.subarray(MAGIC.length, data.length - MD5_BYTES)
  const digest = Buffer.from(data.subarray(data.length - MD5_BYTES)).toString('hex')
  if (hash('md5', message, 'hex') !== digest) return undefined
  try {
    return readFields(message, RECORDS_FIELD).map((record) => {
      const [bytes] = readFields(record, DATA_FIELD)
      return bytes ?? new Uint8Array()
    })
  } catch {
    return undefined
  }
}

/** The length-delimited values of one field number, in order. */
function readFields(message: Uint8Array, wanted: number): Uint8Array[] {
  const reader = new BinaryReader(message)
  const values: Uint8Array[] = []
  while (reader.pos < reader.len) {
    const [field, wireType] = reader.tag()
    if (field === wanted && wireType === WireType.LengthDelimited) values.push(reader.bytes())
    else reader.skip(wireType)
  }
  return values
}
