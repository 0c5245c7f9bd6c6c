import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { gzipSync, zstdCompressSync } from 'node:zlib'
import { afterAll, describe, expect, it } from 'vitest'
import { type LineSource, openLines, stdinLines } from './file-lines.ts'

const folder = mkdtempSync(join(tmpdir(), 'cali-lines-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
let files = 0
const file = (bytes: Uint8Array | string): string => {
  const path = join(folder, `${files++}.log`)
  writeFileSync(path, bytes)
  return path
}

const utf8 = () => new TextDecoder()
const utf16 = () => new TextDecoder('utf-16le')

/** All lines, and the fault that ended them. */
async function drain(source: LineSource): Promise<{ lines: string[]; bytesRead: number; fault: string | undefined }> {
  const lines: string[] = []
  let bytesRead = 0
  try {
    for await (const chunk of source.chunks()) {
      lines.push(...chunk.lines)
      bytesRead = chunk.bytesRead
    }
  } catch (error) {
    return { lines, bytesRead, fault: (error as Error).message }
  }
  return { lines, bytesRead, fault: undefined }
}
const read = async (bytes: Uint8Array | string, decoderOf = utf8) => drain(await openLines(file(bytes), decoderOf))

const MANY = Array.from(
  { length: 50_000 },
  (_, i) => `2026-01-20 20:00:00 ERROR [order-service] 주문 ${i} 실패 ${(i * 7_919) % 10_007}`,
)
const TEXT = `${MANY.join('\n')}\n`

describe('a file', () => {
  it.each([
    ['plain', Buffer.from(TEXT)],
    ['gzip', gzipSync(TEXT)],
    ['zstd', zstdCompressSync(TEXT)],
    ['several gzip members', Buffer.concat([gzipSync(TEXT.slice(0, 1_000)), gzipSync(TEXT.slice(1_000))])],
  ])('that is %s gives its lines, whatever its name', async (_, bytes) => {
    const { lines, fault } = await read(bytes)
    expect(fault).toBeUndefined()
    expect(lines.length).toBe(MANY.length)
    expect(lines.findIndex((line, i) => line !== MANY[i])).toBe(-1)
  })

  it('tells its size and how much of it was read', async () => {
    const bytes = gzipSync(TEXT)
    const source = await openLines(file(bytes), utf8)
    expect([source.size, (await drain(source)).bytesRead]).toEqual([bytes.length, bytes.length])
  })

  it('keeps a last line without an end, without its carriage return', async () => {
    expect((await read('a\nb\r')).lines).toEqual(['a', 'b'])
  })

  it('that is empty has no line', async () => {
    expect(await read('')).toEqual({ lines: [], bytesRead: 0, fault: undefined })
  })

  it('in UTF-16 is decoded over the bounds of chunks', async () => {
    const { lines } = await read(Buffer.from(`\ufeff${TEXT}`, 'utf16le'), utf16)
    expect([lines.length, lines[0], lines.at(-1)]).toEqual([MANY.length, MANY[0], MANY.at(-1)])
  })

  it('shows its first bytes, decompressed, to whoever picks the decoder', async () => {
    const heads: string[] = []
    await drain(
      await openLines(file(gzipSync(TEXT)), (head) => {
        heads.push(Buffer.from(head).toString().slice(0, 10))
        return utf8()
      }),
    )
    expect(heads).toEqual(['2026-01-20'])
  })

  it('with a line of 5 MB gives it in pieces of bounded size, and loses nothing', async () => {
    const { lines } = await read(`first\n${'x'.repeat(5_000_000)}\nlast`)
    expect([lines[0], lines.at(-1), lines.join('').length]).toEqual(['first', 'last', 5_000_009])
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(1024 * 1024 + 256 * 1024)
  })
})

describe('a damaged file', () => {
  it.each([
    ['gzip', gzipSync(TEXT)],
    ['zstd', zstdCompressSync(TEXT)],
  ])('gives the lines before the damage of %s, and says where it ends', async (_, bytes) => {
    const { lines, fault } = await read(bytes.subarray(0, Math.floor(bytes.length / 2)))
    expect(lines.length).toBeGreaterThan(MANY.length / 10)
    expect(lines.slice(0, -1).findIndex((line, i) => line !== MANY[i])).toBe(-1)
    expect(fault).toMatch(/\.log: is damaged or cut off after \d+ bytes .*The lines before that were read\.$/)
  })

  it('with broken bytes inside says so', async () => {
    const bytes = gzipSync(TEXT)
    bytes.fill(0xff, Math.floor(bytes.length / 2), Math.floor(bytes.length / 2) + 200)
    expect((await read(bytes)).fault).toContain('is damaged')
  })
})

describe('what cannot be opened', () => {
  it('is named when it is missing', async () => {
    await expect(openLines(join(folder, 'none.log'), utf8)).rejects.toThrow(/none\.log: there is no such file$/)
  })

  it('is named when it is a folder, with what to write instead', async () => {
    await expect(openLines(folder, utf8)).rejects.toThrow(
      `${folder}: is a folder. Name the files in it, e.g. ${folder}/*.log`,
    )
  })
})

describe('standard input', () => {
  const pipe = (...chunks: (Uint8Array | string)[]) =>
    drain(stdinLines(Readable.from(chunks.map((chunk) => Buffer.from(chunk))), utf8))

  it('is read as it comes, characters cut by chunks included', async () => {
    const bytes = Buffer.from('주문 실패\n둘째')
    expect((await pipe(bytes.subarray(0, 2), bytes.subarray(2, 9), bytes.subarray(9))).lines).toEqual([
      '주문 실패',
      '둘째',
    ])
  })

  it('may be compressed, even when its first bytes come one by one', async () => {
    const bytes = gzipSync('a\nb\n')
    expect((await pipe(...[0, 1, 2, 3].map((i) => bytes.subarray(i, i + 1)), bytes.subarray(4))).lines).toEqual([
      'a',
      'b',
    ])
  })

  it('has no size', () => {
    expect(stdinLines(Readable.from([]), utf8).size).toBeUndefined()
  })
})
