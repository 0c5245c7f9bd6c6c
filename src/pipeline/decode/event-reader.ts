/**
 * Event reader: the lines of a file or pipe to LogRecords. Knows container framing (CRI, docker json-file), JSON lines
 * and plain text; keeps streams that share a file apart, and gives an event without a time that of the one before.
 */
import type { DecodedRecord } from '../record.ts'
import { criLine, dockerLine } from './container-line.ts'
import type { Fields } from './fields.ts'
import { createJoiner, DEFAULT_JOINER_LIMITS, type JoinedEvent, type Joiner } from './joiner.ts'
import { readObject, readText } from './record-reader.ts'
import { parseTimestamp, type ZoneOptions } from './timestamp.ts'

export interface EventReaderOptions {
  /** Names the source in positions: the file's path, or "stdin". */
  readonly source: string
  readonly zone: ZoneOptions
  /** When the reading takes place, Unix milliseconds. */
  readonly observedAt: number
  readonly defaultService?: string
}

export interface EventReader {
  /** Takes the next physical line, without its line end; returns the events that it completed. */
  push(line: string): readonly DecodedRecord[]
  flush(): readonly DecodedRecord[]
  /** Lines that could not be read as what they claim to be (broken JSON); they are kept as text. */
  readonly unreadable: number
}

interface Lane {
  readonly joiner: Joiner
  /** Index of the joiner's first pending line, and what is known of each line from there. */
  firstLine: number
  pending: { readonly line: number; readonly at: number | undefined }[]
  partial: string
}

const JSON_OBJECT = /^\s*\{\s*"/

export function createEventReader(options: EventReaderOptions): EventReader {
  const lanes = new Map<string, Lane>()
  let lineNumber = 0
  let lastAt: number | undefined
  let unreadable = 0

  const lane = (key: string): Lane => {
    let found = lanes.get(key)
    if (found === undefined) {
      found = { joiner: createJoiner(DEFAULT_JOINER_LIMITS, options.zone), firstLine: 0, pending: [], partial: '' }
      lanes.set(key, found)
    }
    return found
  }

  const context = (line: number) => ({
    position: { stream: options.source, shard: '', sequence: String(line), sub: 0, line },
    observedAt: options.observedAt,
    anyTime: true,
    zone: options.zone,
    ...(options.defaultService === undefined ? {} : { defaultService: options.defaultService }),
    ...(lastAt === undefined ? {} : { fallbackAt: lastAt }),
  })

  const seen = (record: DecodedRecord): DecodedRecord => {
    lastAt = record.at
    return record
  }

  const finish = (from: Lane, event: JoinedEvent | undefined): DecodedRecord[] => {
    if (event === undefined) return []
    const before = event.firstLine - from.firstLine
    const first = from.pending[before]
    const gone = before + event.lines.length
    from.pending.splice(0, gone)
    from.firstLine += gone
    if (first?.at !== undefined) lastAt = first.at
    return [seen(readText(event.lines.join('\n'), context(first?.line ?? lineNumber)))]
  }

  const pushText = (to: Lane, text: string, at?: number): DecodedRecord[] => {
    to.pending.push({ line: lineNumber, at })
    return finish(to, to.joiner.push(text))
  }

  /** A line that a container wrote, at the time that its runtime noted. */
  const pushContainerLine = (to: Lane, text: string, time: unknown): DecodedRecord[] => {
    const at = parseTimestamp(time, options.zone)
    return (JSON_OBJECT.test(text) ? endWithJson(to, text, at) : undefined) ?? pushText(to, text, at)
  }

  /** Reads a line of JSON, which ends the text before it; undefined, and nothing is changed, when it is no record. */
  const endWithJson = (to: Lane, text: string, at?: number): DecodedRecord[] | undefined => {
    const before = lastAt
    lastAt = at ?? lastAt
    const records = pushJson(text)
    const after = lastAt
    // The text was earlier: it must not take its time from this line.
    lastAt = before
    if (records === undefined) return undefined
    const ended = finish(to, to.joiner.flush())
    lastAt = after
    return [...ended, ...records]
  }

  const pushJson = (text: string): DecodedRecord[] | undefined => {
    let value: unknown
    try {
      value = JSON.parse(text)
    } catch {
      unreadable++
      return undefined
    }
    const objects = Array.isArray(value) ? value : [value]
    const records: DecodedRecord[] = []
    for (const object of objects) {
      if (typeof object !== 'object' || object === null) return undefined
      const docker = dockerLine(object as Fields)
      if (docker !== undefined) {
        const to = lane(`docker ${docker.stream}`)
        const whole = to.partial + docker.text
        to.partial = docker.ends ? '' : whole
        if (docker.ends) records.push(...pushContainerLine(to, whole, docker.time))
        continue
      }
      const record = readObject(object as Fields, context(lineNumber))
      if (record === undefined) return undefined
      records.push(seen(record))
    }
    return records
  }

  return {
    get unreadable() {
      return unreadable
    },
    push: (raw) => {
      lineNumber++
      const ended = raw.endsWith('\r') ? raw.slice(0, -1) : raw
      // A trace that was printed as the text of a JSON string keeps its escapes.
      const line = ended.startsWith('\\t') ? `\t${ended.slice(2)}` : ended
      const cri = criLine(line)
      if (cri !== undefined) {
        const to = lane(`cri ${cri.stream}`)
        const whole = to.partial + cri.text
        to.partial = cri.ends ? '' : whole
        if (!cri.ends) return []
        return pushContainerLine(to, whole, cri.time)
      }
      if (/^\s*(?:\{\s*"|\[\s*\{)/.test(line)) {
        const text = lane('')
        // Pretty-printed JSON inside a text event is not a record of its own.
        const alone = text.joiner.pendingLines() === 0 || /\}\s*\]?\s*$/.test(line)
        const records = alone ? endWithJson(text, line) : undefined
        if (records !== undefined) return records
      }
      return pushText(lane(''), line)
    },
    flush: () =>
      [...lanes.values()].flatMap((from) => {
        if (from.partial !== '') {
          const records = pushText(from, from.partial)
          from.partial = ''
          return [...records, ...finish(from, from.joiner.flush())]
        }
        return finish(from, from.joiner.flush())
      }),
  }
}
