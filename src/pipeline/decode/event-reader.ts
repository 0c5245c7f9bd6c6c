/**
 * Event reader: the lines of a file or pipe to LogRecords. Knows container framing (CRI, docker json-file), JSON lines
 * and plain text; keeps streams that share a file apart, and gives an event without a time that of the one before.
 */
import type { LogRecord } from '../record.ts'
import { readCri } from './header.ts'
import { createJoiner, type JoinedEvent, type Joiner } from './joiner.ts'
import { type Fields, readObject, readText } from './record-reader.ts'
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
  push(line: string): readonly LogRecord[]
  flush(): readonly LogRecord[]
  /** Lines that could not be read as what they claim to be (broken JSON); they are kept as text. */
  readonly unreadable: number
}

interface Lane {
  readonly joiner: Joiner
  /** Line number of each line of the joiner, from its first pending one. */
  firstLine: number
  lineNumbers: number[]
  partial: string
  time: number | undefined
}

export function createEventReader(options: EventReaderOptions): EventReader {
  const lanes = new Map<string, Lane>()
  let lineNumber = 0
  let lastAt: number | undefined
  let unreadable = 0

  const lane = (key: string): Lane => {
    let found = lanes.get(key)
    if (found === undefined) lanes.set(key, (found = { joiner: createJoiner(), firstLine: 0, lineNumbers: [], partial: '', time: undefined }))
    return found
  }

  const context = (line: number) => ({
    position: { stream: options.source, shard: '', sequence: String(line), sub: 0, line },
    observedAt: options.observedAt,
    zone: options.zone,
    ...(options.defaultService === undefined ? {} : { defaultService: options.defaultService }),
    ...(lastAt === undefined ? {} : { fallbackAt: lastAt }),
  })

  const seen = (record: LogRecord): LogRecord => {
    lastAt = record.at
    return record
  }

  const finish = (from: Lane, event: JoinedEvent | undefined): LogRecord[] => {
    if (event === undefined) return []
    const line = from.lineNumbers[event.firstLine - from.firstLine] ?? lineNumber
    const gone = event.firstLine - from.firstLine + event.lines.length
    from.lineNumbers.splice(0, gone)
    from.firstLine += gone
    const text = event.lines.join('\n')
    if (from.time !== undefined) lastAt = from.time
    return [seen(readText(text, context(line)))]
  }

  const pushText = (to: Lane, text: string): LogRecord[] => {
    to.lineNumbers.push(lineNumber)
    const records = finish(to, to.joiner.push(text))
    return records
  }

  const pushJson = (text: string): LogRecord[] | undefined => {
    let value: unknown
    try {
      value = JSON.parse(text)
    } catch {
      unreadable++
      return undefined
    }
    const objects = Array.isArray(value) ? value : [value]
    const records: LogRecord[] = []
    for (const object of objects) {
      if (typeof object !== 'object' || object === null) return undefined
      const docker = dockerLine(object as Fields)
      if (docker !== undefined) {
        const to = lane(docker.stream)
        const whole = to.partial + docker.text
        to.partial = docker.ends ? '' : whole
        if (docker.ends) {
          to.time = parseTimestamp(docker.time, options.zone)
          records.push(...pushText(to, whole))
        }
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
      const cri = readCri(line)
      if (cri !== undefined) {
        const to = lane(cri.stream)
        const whole = to.partial + cri.text
        to.partial = cri.partial ? whole : ''
        if (cri.partial) return []
        to.time = parseTimestamp(cri.time, options.zone)
        if (/^\s*\{\s*"/.test(whole)) {
          const inner = pushJson(whole)
          if (inner !== undefined) return [...finish(to, to.joiner.flush()), ...inner]
        }
        return pushText(to, whole)
      }
      if (/^\s*(?:\{\s*"|\[\s*\{)/.test(line)) {
        const text = lane('')
        // Pretty-printed JSON inside a text event is not a record of its own.
        const alone = text.joiner.pendingLines === 0 || /\}\s*\]?\s*$/.test(line)
        const records = alone ? pushJson(line) : undefined
        if (records !== undefined) return [...finish(text, text.joiner.flush()), ...records]
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

/** One line of docker's json-file driver; a line cut at 16 KiB does not end in a newline. */
function dockerLine(fields: Fields): { text: string; stream: string; time: unknown; ends: boolean } | undefined {
  const { log, stream, time } = fields
  if (typeof log !== 'string' || (stream !== 'stdout' && stream !== 'stderr') || typeof time !== 'string' || Object.keys(fields).length > 4) return undefined
  return { text: log.replace(/\r?\n$/, ''), stream, time, ends: log.endsWith('\n') }
}
