/** File tail: a log file followed through rotation, as events with an id that stays the same when it is read again. */
import { createReadStream, mkdirSync, readdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import TailFile from '@logdna/tail-file'
import { createJoiner } from '../pipeline/decode/joiner.ts'
import { decodeText } from '../pipeline/decode/text-encoding.ts'
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
  /** The file is not there, at the nth look in a row; it is waited for. */
  readonly onAway?: (looks: number) => void
  /** After how long without a further line an event is complete; for tests. */
  readonly flushMs?: number
  /** How often the file is looked at; for tests. */
  readonly pollMs?: number
}

const POLL_MS = 200
/** An event that gets no further line for this long is complete. */
const FLUSH_MS = 1_000
/** A line that does not end is cut here. */
const MAX_LINE_BYTES = 1024 * 1024
const NEWLINE = 10

/** One life of the file: what it is until it is replaced or emptied. */
interface Life {
  readonly inode: number
  /** How often a file of this inode was emptied. */
  readonly generation: number
}

export async function tailFile(options: FileTailOptions): Promise<FileTail> {
  const { path } = options
  const place = join(options.positions, 'tail', `${contentHash([path], 16)}.json`)
  const saved = readPosition(place)
  const { size, ino } = statsOf(path)
  // The same file goes on where it stopped; another one of this name, or a shorter one, is new.
  const same = saved !== undefined && saved.inode === ino && saved.offset <= size
  const emptied = saved !== undefined && saved.inode === ino && !same
  const start = same ? saved.offset : options.fromStart || saved !== undefined ? 0 : size
  const first: Life = {
    inode: ino,
    generation: (saved?.inode === ino ? (saved.generation ?? 0) : 0) + (emptied ? 1 : 0),
  }
  const collector = createCollector(options)

  // Renamed while nobody looked: what was added to the old file before is still there.
  const before = saved === undefined || saved.inode === ino ? undefined : renamedFile(path, saved.inode)
  if (saved !== undefined && before !== undefined) {
    collector.begin({ inode: saved.inode, generation: saved.generation ?? 0 }, saved.offset)
    for await (const chunk of createReadStream(before, { start: saved.offset })) collector.push(chunk as Buffer)
    collector.end()
  }
  collector.begin(first, start)
  const tail = new TailFile(path, {
    startPos: start,
    pollFileIntervalMs: options.pollMs ?? POLL_MS,
    pollFailureRetryMs: options.pollMs ?? POLL_MS,
    // A file that is renamed may be made anew only with the next line that is logged.
    maxPollFailures: Number.MAX_SAFE_INTEGER,
  })
  const warn = (error: Error): void => process.emitWarning(`${path}: ${error.message}`)
  let life = first
  const restart = (next: Life): void => {
    collector.end()
    life = next
    collector.begin(life, 0)
  }
  tail
    .on('data', (chunk: Buffer) => collector.push(chunk))
    .on('renamed', () => restart({ inode: inodeOf(path) ?? 0, generation: 0 }))
    .on('truncated', () => restart({ ...life, generation: life.generation + 1 }))
    .on('retry', ({ attempts }: { attempts: number }) => options.onAway?.(attempts))
    .on('tail_error', warn)
    .on('error', warn)

  await tail.start()
  return {
    take: collector.take,
    saved: () => {
      const taken = collector.taken()
      if (taken !== undefined) writePosition(place, { ...taken, file: basename(path) })
    },
    stop: () => tail.quit().then(() => undefined),
  }
}

interface Collector {
  /** A file, or a new life of it, is read from `offset` on. */
  begin(life: Life, offset: number): void
  push(chunk: Buffer): void
  /** Nothing follows in this life: a last line without an end is one. */
  end(): void
  take(max: number, all: boolean): TailedEvent[]
  /** Behind what was taken last. */
  taken(): (Life & { readonly offset: number }) | undefined
}

/** Bytes to lines to events, each with the place behind it. Lines are cut as bytes, so that offsets hold in any encoding. */
function createCollector({ path, host, service, flushMs = FLUSH_MS }: FileTailOptions): Collector {
  const joiner = createJoiner()
  const ready: { readonly event: TailedEvent; readonly end: Life & { readonly offset: number } }[] = []
  let life: Life = { inode: 0, generation: 0 }
  let rest: Buffer = Buffer.alloc(0)
  let offset = 0
  let eventStart = 0
  let lastLineAt = 0
  let taken: (Life & { readonly offset: number }) | undefined

  const done = (event: { lines: readonly string[] } | undefined, end: number): void => {
    if (event === undefined) return
    const text = event.lines.join('\n')
    ready.push({
      event: {
        log_content: text,
        log_file: path,
        log_offset: eventStart,
        host,
        ...(service === undefined ? {} : { service }),
        event_id: contentHash([host, path, String(life.inode), String(life.generation), String(eventStart), text], 32),
      },
      end: { ...life, offset: end },
    })
    eventStart = end
  }
  const line = (bytes: Buffer, length: number): void => {
    const before = offset
    offset += length
    done(joiner.push(decodeText(bytes.at(-1) === 13 ? bytes.subarray(0, -1) : bytes)), before)
    lastLineAt = Date.now()
  }

  return {
    begin: (next, from) => {
      life = next
      offset = from
      eventStart = from
    },
    push: (chunk) => {
      const bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk])
      let from = 0
      for (let at = bytes.indexOf(NEWLINE); at !== -1; at = bytes.indexOf(NEWLINE, from)) {
        line(bytes.subarray(from, at), at + 1 - from)
        from = at + 1
      }
      for (; bytes.length - from > MAX_LINE_BYTES; from += MAX_LINE_BYTES)
        line(bytes.subarray(from, from + MAX_LINE_BYTES), MAX_LINE_BYTES)
      rest = bytes.subarray(from)
    },
    end: () => {
      if (rest.length > 0) line(rest, rest.length)
      rest = Buffer.alloc(0)
      done(joiner.flush(), offset)
    },
    take: (max, all) => {
      if (all || (joiner.pendingLines() > 0 && Date.now() - lastLineAt > flushMs)) done(joiner.flush(), offset)
      const out = ready.splice(0, max)
      taken = out.at(-1)?.end ?? taken
      return out.map(({ event }) => event)
    },
    taken: () => taken,
  }
}

interface SavedPosition {
  readonly inode: number
  readonly generation?: number
  readonly offset: number
  readonly file: string
}

function statsOf(path: string): { size: number; ino: number } {
  try {
    return statSync(path)
  } catch (error) {
    throw new CaliError('file_unreadable', `${path}: cannot be read (${messageOf(error)})`, { cause: error })
  }
}

/** The file of this inode beside `path`, whatever its name is now. */
function renamedFile(path: string, inode: number): string | undefined {
  const folder = dirname(path)
  return readdirSync(folder)
    .filter((name) => !/\.(?:gz|zst|bz2|xz)$/.test(name))
    .map((name) => join(folder, name))
    .find((name) => inodeOf(name) === inode)
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
