import { describe, expect, it } from 'vitest'
import type { UiLanguage } from '../pipeline/incident.ts'
import { bundledRunbooks, createKnowledgeBase, readRunbookFolder } from './knowledge-base.ts'
import { createLexicalIndex, weighTerms } from './lexical-index.ts'
import { readRunbook } from './runbook-reader.ts'

const pages = readRunbookFolder(bundledRunbooks(), 'bundled')
const base = createKnowledgeBase(pages)
const ask = (text: string, language: UiLanguage = 'en', of = base) =>
  of.search({ parts: [{ text, weight: 1 }], language, limit: 5 })
const ids = async (text: string, language?: UiLanguage): Promise<string[]> =>
  (await ask(text, language)).hits.map((hit) => hit.runbook.id)

describe('the knowledge base', () => {
  it('finds the page of each sample error in the first three, and nearly always first', async () => {
    const samples = pages.flatMap((page) => page.sampleErrors.map((text) => ({ page, text })))
    const ranks = await Promise.all(
      samples.map(async ({ page, text }) => (await ids(text, page.language)).indexOf(page.id)),
    )
    const missed = samples.filter((_, i) => (ranks[i] ?? -1) < 0 || (ranks[i] ?? -1) > 2)
    expect(samples.length).toBeGreaterThan(600)
    expect(missed.map(({ page, text }) => `${page.id}: ${text}`)).toEqual([])
    expect(ranks.filter((rank) => rank === 0).length / ranks.length).toBeGreaterThan(0.98)
  })

  it('abstains from none of them', async () => {
    const answers = await Promise.all(
      pages.flatMap((page) => page.sampleErrors.map((text) => ask(text, page.language))),
    )
    expect(answers.filter((answer) => answer.abstain)).toEqual([])
  })

  it.each([
    ['DB 커넥션 풀이 꽉 찼습니다', 'db-pool-exhausted'],
    ['디스크 용량이 부족해서 쓰기가 안 됩니다', 'disk-full'],
    ['카프카 컨슈머 랙이 계속 늘어납니다', 'kafka-consumer-lag'],
    ['인증서가 만료되어 접속이 안 됩니다', 'tls-certificate'],
    ['메모리가 부족해서 파드가 강제 종료됐어요', 'k8s-oomkilled'],
    ['레디스 응답이 느립니다', 'redis-timeout'],
    ['이미지를 받아오지 못해 파드가 뜨지 않습니다', 'k8s-image-pull'],
    ['도메인 이름을 찾지 못합니다', 'dns-failure'],
    ['널 포인터 예외가 발생합니다', 'null-pointer'],
    ['스레드 풀이 가득 찼습니다', 'thread-pool-exhausted'],
  ])('answers the Korean question %s', async (question, id) => {
    const answer = await ask(question, 'ko')
    expect(answer.abstain).toBe(false)
    expect(answer.hits[0]?.runbook).toMatchObject({ id, language: 'ko' })
  })

  it.each([
    '오늘 점심 메뉴는 김치찌개입니다',
    '제주도 여행 일정을 추천해 주세요',
    '휴가 신청서는 어디에 제출하나요',
    'the weather in Seoul is sunny today',
    'happy birthday to our dear colleague',
    'order 17 was shipped to the customer yesterday',
    '',
    '12345',
  ])('abstains from %j', async (text) => {
    expect((await ask(text)).abstain).toBe(true)
  })

  it('gives each page once, in the language that is asked for, the best first', async () => {
    const { hits } = await ask('HikariPool-1 - Connection is not available', 'ko')
    expect(new Set(hits.map((hit) => hit.runbook.id)).size).toBe(hits.length)
    expect(hits.every((hit) => hit.runbook.language === 'ko')).toBe(true)
    expect(hits.map((hit) => hit.score)).toEqual([...hits.map((hit) => hit.score)].sort((a, b) => b - a))
    expect(hits.every((hit) => hit.score > 0 && hit.score <= 1)).toBe(true)
  })

  it("prefers the team's own page, and falls back to the other language", async () => {
    const own = readRunbook('---\nid: disk-full\nlang: ko\n---\n# 우리 팀의 디스크 절차\n', 'own.md', 'team')
    const only = readRunbook('---\nid: zork\nlang: en\n---\n# The zork is gone\n', 'zork.md', 'team')
    const team = createKnowledgeBase([...pages, own, only])
    expect(team.get('disk-full', 'ko')?.source).toBe('team')
    expect(team.get('disk-full', 'en')?.source).toBe('bundled')
    expect(team.get('zork', 'ko')?.language).toBe('en')
    expect(team.get('nothing', 'ko')).toBeUndefined()
    expect((await ask('zork is gone', 'ko', team)).hits[0]?.runbook.id).toBe('zork')
  })

  it('takes more from the more telling part of a question', async () => {
    const weighted = async (disk: number, pool: number) =>
      (
        await base.search({
          parts: [
            { text: 'No space left on device', weight: disk },
            { text: 'HikariPool Connection is not available', weight: pool },
          ],
          language: 'en',
          limit: 1,
        })
      ).hits[0]?.runbook.id
    expect(await weighted(1, 0.1)).toBe('disk-full')
    expect(await weighted(0.1, 1)).toBe('db-pool-exhausted')
  })

  it('is empty without pages, and takes any question', async () => {
    expect(await ask('pool', 'en', createKnowledgeBase([]))).toEqual({ hits: [], abstain: true })
    for (const text of ['\ud800', "'; drop table", '*'.repeat(100_000), '(((', '\u0000'])
      await expect(ask(text)).resolves.toBeDefined()
  })
})

describe('the lexical index', () => {
  const index = createLexicalIndex([
    { id: 'b', terms: ['pool', 'full', 'pool'] },
    { id: 'a', terms: ['pool', 'full', 'pool'] },
    { id: 'c', terms: ['disk', 'full'] },
  ])

  it('breaks ties by id, so that a ranking is the same everywhere', () => {
    expect(index.search(new Map([['pool', 1]]), 10).map((hit) => hit.id)).toEqual(['a', 'b'])
  })

  it('counts a rare word for more than a common one', () => {
    expect(
      index.search(
        new Map([
          ['full', 1],
          ['disk', 1],
        ]),
        1,
      )[0]?.id,
    ).toBe('c')
  })

  it('says how much of the question a page holds', () => {
    const share = (terms: string[]): number => index.search(weighTerms([{ terms, weight: 1 }]), 1)[0]?.normalised ?? 0
    expect(share(['disk'])).toBeGreaterThan(share(['disk', 'unheard']))
    expect(index.search(weighTerms([{ terms: ['unheard'], weight: 1 }]), 5)).toEqual([])
  })

  it('counts a repeat at most twice', () => {
    expect(weighTerms([{ terms: ['a', 'a', 'a', 'b'], weight: 0.5 }])).toEqual(
      new Map([
        ['a', 1],
        ['b', 0.5],
      ]),
    )
  })
})
