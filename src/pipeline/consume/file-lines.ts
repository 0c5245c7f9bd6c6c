/** File lines: a log file or stdin as lines, whatever its compression and encoding, in bounded memory. */
import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import type { Readable } from 'node:stream'
import { createGunzip, createZstdDecompress } from 'node:zlib'
import { CaliError, messageOf } from '../../platform/error.ts'

export interface LineChunk {
  readonly lines: readonly string[]
  /** Bytes of the file read so far, before decompression; of stdin, bytes received. */
  readonly bytesRead: number
}

export interface LineSource {
  readonly name: string
  /** Bytes in all; undefined for a pipe. */
  readonly size: number | undefined
  /** Chunks of whole lines; lines over `maxLineChars` are cut there. */
  chunks(): AsyncGenerator<LineChunk>
}

const MAX_LINE_CHARS = 1024 * 1024
const SNIFF_BYTES = 64 * 1024
/** Bytes that tell gzip and zstd from text; a pipe may bring fewer at first. */
const MAGIC_BYTES = 4

/** Opens a file; throws a CaliError that names the file and what to do. */
export async function openLines(path: string, decoderOf: (head: Uint8Array) => TextDecoderLike): Promise<LineSource> {
  let size: number
  try {
    const stats = await stat(path)
    if (stats.isDirectory())
      throw new CaliError('file_is_folder', `${path}: is a folder. Name the files in it, e.g. ${path}/*.log`)
    size = stats.size
  } catch (error) {
    if (error instanceof CaliError) throw error
    const code = (error as NodeJS.ErrnoException).code
    const why =
      code === 'ENOENT'
        ? 'there is no such file'
        : code === 'EACCES'
          ? 'may not be read by this user'
          : messageOf(error)
    throw new CaliError('file_unreadable', `${path}: ${why}`, { cause: error })
  }
  return {
    name: path,
    size,
    chunks: () => linesOf(createReadStream(path, { highWaterMark: 256 * 1024 }), path, decoderOf),
  }
}

export function stdinLines(stdin: Readable, decoderOf: (head: Uint8Array) => TextDecoderLike): LineSource {
  return { name: 'stdin', size: undefined, chunks: () => linesOf(stdin, 'stdin', decoderOf) }
}

export interface TextDecoderLike {
  decode(bytes?: Uint8Array, options?: { stream?: boolean }): string
}

async function* linesOf(
  raw: Readable,
  name: string,
  decoderOf: (head: Uint8Array) => TextDecoderLike,
): AsyncGenerator<LineChunk> {
  let bytesRead = 0
  raw.on('data', (chunk: Uint8Array) => {
    bytesRead += chunk.length
  })
  let decoder: TextDecoderLike | undefined
  let rest = ''
  try {
    for await (const bytes of await decompressed(raw)) {
      decoder ??= decoderOf((bytes as Uint8Array).subarray(0, SNIFF_BYTES))
      const text = rest + decoder.decode(bytes as Uint8Array, { stream: true })
      const lines = text.split('\n')
      rest = lines.pop() ?? ''
      if (rest.length > MAX_LINE_CHARS) {
        lines.push(rest.slice(0, MAX_LINE_CHARS))
        rest = rest.slice(MAX_LINE_CHARS)
      }
      if (lines.length > 0) yield { lines, bytesRead }
    }
  } catch (error) {
    // What was readable counts: the lines before the damage have been handed on.
    if (rest !== '') yield { lines: [rest], bytesRead }
    throw new CaliError(
      'file_damaged',
      `${name}: is damaged or cut off after ${bytesRead} bytes (${messageOf(error)}). The lines before that were read.`,
      { cause: error },
    )
  }
  rest += decoder?.decode() ?? ''
  if (rest !== '') yield { lines: [rest.endsWith('\r') ? rest.slice(0, -1) : rest], bytesRead }
}

/** Looks at the first bytes for gzip and zstd; a name tells nothing. */
async function decompressed(raw: Readable): Promise<AsyncIterable<unknown>> {
  const iterator = raw[Symbol.asyncIterator]()
  let head: Uint8Array = new Uint8Array()
  while (head.length < MAGIC_BYTES) {
    const next = await iterator.next()
    if (next.done === true) break
    head = head.length === 0 ? (next.value as Uint8Array) : Buffer.concat([head, next.value as Uint8Array])
  }
  const all = async function* (): AsyncGenerator<unknown> {
    if (head.length > 0) yield head
    for (let next = await iterator.next(); next.done !== true; next = await iterator.next()) yield next.value
  }
  const gzip = head[0] === 0x1f && head[1] === 0x8b
  const zstd = head[0] === 0x28 && head[1] === 0xb5 && head[2] === 0x2f && head[3] === 0xfd
  if (!gzip && !zstd) return all()
  const inflate = gzip ? createGunzip() : createZstdDecompress()
  const { pipeline } = await import('node:stream')
  // The error reaches the reader through the iterator; the callback only keeps it from being unhandled.
  return pipeline(all, inflate, () => undefined)
}
