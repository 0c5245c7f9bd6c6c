import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { lineRecord, logIndexContract } from './log-index.contract.ts'
import { EMPTY_QUERY, histogramStep, parseLogQuery, type StoredLogIndex } from './log-index.ts'
import { createMemoryLogIndex } from './memory-log-index.ts'
import { openSqliteLogIndex } from './sqlite-log-index.ts'

const root = mkdtempSync(join(tmpdir(), 'cali-index-'))
const open: StoredLogIndex[] = []
let next = 0
const newFolder = (): string => join(root, String(next++))
const openIn = (folder: string): StoredLogIndex => {
  const index = openSqliteLogIndex(folder)
  open.push(index)
  return index
}
afterAll(async () => {
  await Promise.all(open.map((index) => index.close()))
  rmSync(root, { recursive: true, force: true })
})

logIndexContract('memory', async () => createMemoryLogIndex())
logIndexContract('SQLite', async () => openIn(newFolder()))

describe('the SQLite index', () => {
  const day = (date: string, id: string) =>
    lineRecord({
      id,
      body: `line of ${date}`,
      more: { at: Date.parse(`${date}T05:00:00Z`), observedAt: Date.parse(`${date}T05:00:00Z`) },
    })

  it('keeps what it was given over a restart', async () => {
    const folder = newFolder()
    const first = openIn(folder)
    await first.write([day('2026-01-20', 'a')])
    await first.close()
    expect((await openIn(folder).search(EMPTY_QUERY, 10)).records.map((record) => record.id)).toEqual(['a'])
  })

  it('searches and counts over several days, and forgets the expired ones', async () => {
    const folder = newFolder()
    const index = openIn(folder)
    await index.write([day('2026-01-18', 'a'), day('2026-01-19', 'b'), day('2026-01-20', 'c')])
    expect((await index.search(parseLogQuery('line'), 2)).records.map((record) => record.id)).toEqual(['c', 'b'])
    await index.expire('2026-01-19')
    expect((await index.summary(EMPTY_QUERY)).total).toBe(2)
    expect(readdirSync(folder).some((name) => name.startsWith('2026-01-18'))).toBe(false)
  })

  it('tells every caller when it has been closed', async () => {
    const index = openIn(newFolder())
    await index.close()
    await index.close()
    await expect(index.search(EMPTY_QUERY, 1)).rejects.toThrow('ended')
  })
})

describe('a question', () => {
  it('is taken apart into words, phrases, exclusions and fields', () => {
    expect(
      parseLogQuery(
        'timeout "처리 실패" -retry -"no problem" service:orders,payments level:error,WARN trace:abc pod:p-1 namespace:"my shop"',
      ),
    ).toEqual({
      words: ['timeout'],
      phrases: ['처리 실패'],
      excluded: ['retry', 'no problem'],
      services: ['orders', 'payments'],
      levels: ['ERROR', 'WARN'],
      trace: 'abc',
      pod: 'p-1',
      namespace: 'my shop',
    })
  })

  it('takes what is no known field for a word', () => {
    expect(parseLogQuery('host:a https://x/y orderId=17').words).toEqual(['host:a', 'https://x/y', 'orderId=17'])
  })

  it('has no more than 1,000 characters', () => {
    expect(parseLogQuery(`${'a '.repeat(600)}`).words).toHaveLength(500)
  })
})

describe('the step of a histogram', () => {
  it.each([
    [0, 1, 1_000],
    [0, 72_000, 1_000],
    [0, 73_000, 5_000],
    [0, 3_600_000, 60_000],
    [0, 14 * 86_400_000, 10_800_000 * 4],
    [0, 3_650 * 86_400_000, 7 * 86_400_000],
  ])('from %i to %i is one that people can read: %i', (from, to, step) => {
    expect(histogramStep(from, to)).toBe(step)
  })
})
