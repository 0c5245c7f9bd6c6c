/**
 * Fluent events: what Fluent Bit's `http` output sends with `format msgpack`, a stream of pairs of time and record. The
 * time is a number, an EventTime, or a list of one of these and metadata. Bare maps, and lists of maps, are records too.
 * https://github.com/fluent/fluentd/wiki/Forward-Protocol-Specification-v1#entry
 */
import { asFields, type Fields } from './fields.ts'
import { createMsgpackReader, EventTime } from './msgpack.ts'

export interface FluentEvents {
  readonly events: readonly Fields[]
  /** What ended the reading early, in words. */
  readonly fault?: string
}

/** Times from here on are negative: they mark the begin and the end of a group of records, and are no records. */
const GROUP_MARK = 0x80000000
/** What may stand second in a pair: a number of any width, an EventTime, or a list that begins with one. */
const TIMES = new Set([0x92, 0xc7, 0xca, 0xcb, 0xce, 0xcf, 0xd2, 0xd3, 0xd7, 0xdd])

/** Whether the bytes begin as such a stream does; text in UTF-8 never does. */
export function looksFluent(bytes: Uint8Array): boolean {
  if (bytes[0] === 0x92) return TIMES.has(bytes[1] ?? 0)
  return bytes[0] === 0xdd && bytes[1] === 0 && bytes[2] === 0 && bytes[3] === 0 && bytes[4] === 2
}

/** Reads until the end, the first fault, or `most` events. */
export function readFluentEvents(bytes: Uint8Array, most = Number.POSITIVE_INFINITY): FluentEvents {
  const reader = createMsgpackReader(bytes)
  const events: Fields[] = []
  try {
    while (!reader.done() && events.length < most) {
      const start = reader.position()
      if (!take(reader.next(), events))
        return {
          events,
          fault: `the value at byte ${start} is no event: a map, or a pair of time and map, is expected`,
        }
    }
  } catch (error) {
    return { events, fault: (error as Error).message }
  }
  return { events }
}

function take(value: unknown, events: Fields[]): boolean {
  const fields = fieldsOf(value)
  if (fields !== undefined) {
    events.push(fields)
    return true
  }
  if (!Array.isArray(value)) return false
  const [head, record] = value
  const time = Array.isArray(head) ? head[0] : head
  const pair = value.length === 2 ? fieldsOf(record) : undefined
  if (pair !== undefined && (typeof time === 'number' || time instanceof EventTime)) {
    const seconds = typeof time === 'number' ? time : time.seconds
    // Named as the JSON formats of this output name it; a time that the record carries itself counts before it.
    if (seconds >= 0 && seconds < GROUP_MARK) events.push({ date: secondsOf(time), ...pair })
    return true
  }
  return value.length > 0 && value.every((item) => fieldsOf(item) !== undefined && take(item, events))
}

const fieldsOf = (value: unknown): Fields | undefined => (value instanceof EventTime ? undefined : asFields(value))

const secondsOf = (time: number | EventTime): number =>
  typeof time === 'number' ? time : time.seconds + Math.trunc(time.nanos / 1e6) / 1000
