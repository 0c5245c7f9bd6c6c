import { appendFileSync, mkdtempSync, renameSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { type FileTail, type FileTailOptions, type TailedEvent, tailFile } from './file-tail.ts'

let folder = ''
let path = ''
const open: FileTail[] = []
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'cali-tail-'))
  path = join(folder, 'app.log')
})
afterEach(async () => {
  await Promise.all(open.splice(0).map((tail) => tail.stop()))
  rmSync(folder, { recursive: true, force: true })
})

const AT = '2026-01-20 20:00:0'
const log = (...texts: string[]): string => texts.map((text, i) => `${AT}${i} ERROR [a] ${text}\n`).join('')
const follow = async (fromStart = true, more: Partial<FileTailOptions> = {}): Promise<FileTail> => {
  const tail = await tailFile({ path, positions: join(folder, 'data'), fromStart, host: 'vm-1', flushMs: 50, ...more })
  open.push(tail)
  return tail
}
const stop = async (tail: FileTail): Promise<void> => {
  open.splice(open.indexOf(tail), 1)
  await tail.stop()
}
/** Takes until `count` events have come. */
async function next(tail: FileTail, count: number): Promise<TailedEvent[]> {
  const events: TailedEvent[] = []
  await vi.waitFor(
    () => {
      events.push(...tail.take(100, false))
      expect(events).toHaveLength(count)
    },
    { timeout: 8_000, interval: 20 },
  )
  return events
}
const texts = (events: readonly TailedEvent[]): string[] =>
  events.map(({ log_content }) => log_content.replace(/^.* ERROR \[a\] /, ''))

describe('a file that is followed', () => {
  it('gives what is in it and what is added, with offsets in bytes', async () => {
    writeFileSync(path, log('하나'))
    const tail = await follow()
    expect(texts(await next(tail, 1))).toEqual(['하나'])
    appendFileSync(path, log('둘'))
    const [second] = await next(tail, 1)
    expect(second?.log_offset).toBe(Buffer.byteLength(log('하나')))
  })

  it('gives only what is added, where its beginning is not asked for', async () => {
    writeFileSync(path, log('old'))
    const tail = await follow(false)
    appendFileSync(path, log('new'))
    expect(texts(await next(tail, 1))).toEqual(['new'])
  })

  it('may be written in EUC-KR, and offsets hold', async () => {
    const line = Buffer.concat([
      Buffer.from(`${AT}0 ERROR [a] `),
      Buffer.from('c7d1b1dbc0d4b4cfb4d9', 'hex'),
      Buffer.from('\n'),
    ])
    writeFileSync(path, Buffer.concat([line, line]))
    const events = await next(await follow(), 2)
    expect(texts(events)).toEqual(['한글입니다', '한글입니다'])
    expect(events[1]?.log_offset).toBe(line.length)
  })

  it('that is renamed loses no line, not even one without an end, and the new one is read from its start', async () => {
    writeFileSync(path, log('one'))
    const tail = await follow()
    appendFileSync(path, log('two').trimEnd())
    renameSync(path, `${path}.1`)
    writeFileSync(path, log('three'))
    expect(texts(await next(tail, 3))).toEqual(['one', 'two', 'three'])
  })

  it('that is emptied is read from its start, and an equal line in it is another event', async () => {
    writeFileSync(path, log('same', 'more'))
    const tail = await follow()
    const before = await next(tail, 2)
    truncateSync(path, 0)
    appendFileSync(path, log('same'))
    const after = await next(tail, 1)
    expect(after[0]?.log_offset).toBe(0)
    expect(after[0]?.event_id).not.toBe(before[0]?.event_id)
  })

  it('may be away for a while', async () => {
    writeFileSync(path, log('one'))
    const { promise: awayForLong, resolve } = Promise.withResolvers<void>()
    const tail = await follow(true, { pollMs: 5, onAway: (looks) => looks > 50 && resolve() })
    await next(tail, 1)
    renameSync(path, `${path}.1`)
    await awayForLong
    writeFileSync(path, log('two'))
    expect(texts(await next(tail, 1))).toEqual(['two'])
  })
})

describe('a second run', () => {
  it('goes on behind what was saved', async () => {
    writeFileSync(path, log('one', 'two'))
    const tail = await follow()
    await next(tail, 2)
    tail.saved()
    await stop(tail)
    appendFileSync(path, log('three'))
    expect(texts(await next(await follow(), 1))).toEqual(['three'])
  })

  it('gives again what was not saved, with the same ids', async () => {
    writeFileSync(path, log('one'))
    const tail = await follow()
    const first = await next(tail, 1)
    await stop(tail)
    expect((await next(await follow(), 1))[0]?.event_id).toBe(first[0]?.event_id)
  })

  it('reads the rest of a file that was renamed meanwhile, then the new one', async () => {
    writeFileSync(path, log('one'))
    const tail = await follow()
    await next(tail, 1)
    tail.saved()
    await stop(tail)
    appendFileSync(path, log('two'))
    renameSync(path, `${path}.1`)
    writeFileSync(path, log('three'))
    expect(texts(await next(await follow(), 2))).toEqual(['two', 'three'])
  })

  it('does not take a place in the old file for one in the new', async () => {
    writeFileSync(path, log('one'))
    const tail = await follow()
    await next(tail, 1)
    renameSync(path, `${path}.1`)
    writeFileSync(path, log('two', 'three'))
    tail.saved()
    await stop(tail)
    expect(texts(await next(await follow(), 2))).toEqual(['two', 'three'])
  })

  it('reads a file from its start that was emptied meanwhile', async () => {
    writeFileSync(path, log('a longer first line'))
    const tail = await follow()
    await next(tail, 1)
    tail.saved()
    await stop(tail)
    writeFileSync(path, log('new'))
    expect(texts(await next(await follow(), 1))).toEqual(['new'])
  })
})
