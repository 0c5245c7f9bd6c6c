/** File tail: a log file followed through rotation, as events with an id that stays the same when it is read again. */
import { mkdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import TailFile from '@logdna/tail-file'
import { createJoiner } from '../pipeline/decode/joiner.ts'
import { CaliError, messageOf } from '../platform/error.ts'
import { contentHash } from '../platform/hash.ts'

/** What is sent to `/ingest`: the shape that Fluent Bit's file input has. */
export interface TailedEvent {
  readonly log_content: string
  readonly log_file: string
  readonly log_offset: number
  readonly host: string
  readonly service?: string
  readonly event_id: string
}

export interface FileTail {
  /** Events that are complete; with `all`, also the one that still waits for its next line. */
  take(max: number, all: boolean): TailedEvent[]
  /** What was taken is stored: reading may go on behind it. */
  saved(): void
  stop(): Promise<void>
}

export interface FileTailOptions {
  readonly path: string
  /** Folder in which positions are kept. */
  readonly positions: string
  readonly fromStart: boolean
  readonly host: string
  readonly service?: string
}

/** An event that gets no further line for this long is complete. */
const FLUSH_MS = 1_000

export async function tailFile(options: FileTailOptions): Promise<FileTail> {
  const { path } = options
  const place = join(options.positions, 'tail', `${contentHash([path], 16)}.json`)
  const saved = readPosition(place)
  let size: number
  let inode: number
  try {
    const stats = statSync(path)
    size = stats.size
    inode = stats.ino
  } catch (error) {
    throw new CaliError('file_unreadable', `${path}: cannot be read (${messageOf(error)})`, { cause: error })
  }
  // The same file goes on where it stopped; another one of this name, or a shorter one, is new.
  const same = saved !== undefined && saved.inode === inode && saved.offset <= size
  const start = same ? saved.offset : options.fromStart || saved !== undefined ? 0 : size
  const joiner = createJoiner()
  const ready: TailedEvent[] = []
  const ends: number[] = []
  let offset = start
  let generation = 0
  let eventStart = start
  let lastLineAt = 0
  let takenEnd = start

  const done = (event: { lines: readonly string[] } | undefined, end: number): void => {
    if (event === undefined) return
    const text = event.lines.join('\n')
    ready.push({
      log_content: text,
      log_file: path,
      log_offset: eventStart,
      host: options.host,
      ...(options.service === undefined ? {} : { service: options.service }),
      event_id: contentHash([options.host, path, String(inode), String(generation), String(eventStart), text], 32),
    })
    ends.push(end)
    eventStart = end
  }

  const tail = new TailFile(path, { encoding: 'utf8', startPos: start, pollFileIntervalMs: 200 })
  let rest = ''
  tail
    .on('data', (chunk: string) => {
      const lines = (rest + chunk).split('\n')
      rest = lines.pop() ?? ''
      for (const line of lines) {
        const before = offset
        offset += Buffer.byteLength(line) + 1
        done(joiner.push(line.endsWith('\r') ? line.slice(0, -1) : line), before)
        lastLineAt = Date.now()
      }
    })
    .on('renamed', () => restart())
    .on('truncated', () => restart())
    .on('tail_error', (error: Error) => process.emitWarning(`${path}: ${error.message}`))

  const restart = (): void => {
    done(joiner.flush(), offset)
    rest = ''
    offset = 0
    eventStart = 0
    generation++
  }

  await tail.start()
  return {
    take: (max, all) => {
      if (all || (joiner.pendingLines > 0 && Date.now() - lastLineAt > FLUSH_MS)) done(joiner.flush(), offset)
      const events = ready.splice(0, max)
      takenEnd = ends.splice(0, events.length).at(-1) ?? takenEnd
      return events
    },
    saved: () => writePosition(place, { inode: inodeOf(path) ?? inode, offset: takenEnd, file: basename(path) }),
    stop: () => tail.quit().then(() => undefined),
  }
}

interface SavedPosition {
  readonly inode: number
  readonly offset: number
  readonly file: string
}

function readPosition(place: string): SavedPosition | undefined {
  try {
    return JSON.parse(readFileSync(place, 'utf8')) as SavedPosition
  } catch {
    return undefined
  }
}

function writePosition(place: string, position: SavedPosition): void {
  mkdirSync(join(place, '..'), { recursive: true })
  writeFileSync(`${place}.tmp`, JSON.stringify(position))
  renameSync(`${place}.tmp`, place)
}

function inodeOf(path: string): number | undefined {
  try {
    return statSync(path).ino
  } catch {
    return undefined
  }
}
