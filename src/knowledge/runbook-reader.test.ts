import { describe, expect, it } from 'vitest'
import { bundledRunbooks, readRunbookFolder } from './knowledge-base.ts'
import { readRunbook } from './runbook-reader.ts'

const PAGE = `---
id: pool-full
lang: ko
title: 커넥션 풀 고갈
category: resource_exhaustion
tags: [db, 풀]
analogy: "계산대가 모두 찼습니다."
sample_errors:
  - "Connection is not available"
---
# 커넥션 풀 고갈

## 진단
1. (읽기 전용) 쿼리를 봅니다. \`select 1\`
2) 다음을 봅니다.
   이어지는 줄입니다.
   \`\`\`
   kubectl get pods
   \`\`\`

## 완화
1. 재시작합니다.
2. (되돌릴 수 없음) 쿼리를 끊습니다.
3. (reversible) Roll back.

## 함께 보기
1. 다른 쪽
`

describe('a runbook', () => {
  it('is read with its steps, their commands and risks, and nothing of other sections', () => {
    const page = readRunbook(PAGE, 'x/pool.md', 'team')
    expect(page).toMatchObject({
      id: 'pool-full',
      language: 'ko',
      title: '커넥션 풀 고갈',
      category: 'resource_exhaustion',
      tags: ['db', '풀'],
      analogy: '계산대가 모두 찼습니다.',
      sampleErrors: ['Connection is not available'],
      source: 'team',
    })
    expect(page.diagnosis).toEqual([
      { text: '쿼리를 봅니다. `select 1`', risk: 'read_only' },
      { text: '다음을 봅니다. 이어지는 줄입니다. `kubectl get pods`', risk: 'read_only' },
    ])
    expect(page.mitigation).toEqual([
      { text: '재시작합니다.', risk: 'reversible' },
      { text: '쿼리를 끊습니다.', risk: 'destructive' },
      { text: 'Roll back.', risk: 'reversible' },
    ])
  })

  it('reads the same with CRLF and a byte order mark, as Windows editors write', () => {
    expect(readRunbook(`\ufeff${PAGE.replaceAll('\n', '\r\n')}`, 'x/pool.md', 'team')).toEqual(
      readRunbook(PAGE, 'x/pool.md', 'team'),
    )
  })

  it('may be plain Markdown: its heading is the title, its file the id', () => {
    expect(readRunbook('# Pool is full\n\ntext', 'C:\\books\\Pool Full.en.md', 'team')).toMatchObject({
      id: 'pool-full',
      title: 'Pool is full',
      language: 'en',
      category: 'unknown',
      diagnosis: [],
    })
    expect(readRunbook('# 풀 고갈', 'pool.ko.md', 'team')).toMatchObject({ id: 'pool', language: 'ko' })
    expect(readRunbook('no heading', 'notes.md', 'team').title).toBe('notes.md')
  })

  it.each([
    ['---\nlang: fr\n---\n# x', /x\.md: the front matter cannot be read: [\s\S]*lang/],
    ['---\ncategory: magic\n---\n# x', /category/],
    ['---\nid: "Bad Id"\n---\n# x', /id/],
    ['---\na: [1\n---\n# x', /x\.md: the front matter cannot be read/],
  ])('says what is wrong with %j', (text, message) => {
    expect(() => readRunbook(text, 'x.md', 'team')).toThrow(
      expect.objectContaining({ code: 'runbook_invalid', message: expect.stringMatching(message) }),
    )
  })
})

describe('the bundled runbooks', () => {
  const pages = readRunbookFolder(bundledRunbooks(), 'bundled')
  const ids = [...new Set(pages.map((page) => page.id))]

  it('are 54, each in both languages', () => {
    expect(ids).toHaveLength(54)
    expect(pages.map((page) => `${page.id}.${page.language}`).sort()).toEqual(
      ids.flatMap((id) => [`${id}.en`, `${id}.ko`]).sort(),
    )
  })

  it.each(pages.map((page) => [`${page.id}.${page.language}`, page] as const))(
    '%s has what a report takes from it',
    (_name, page) => {
      expect(page.category).not.toBe('unknown')
      expect(page.cause).toBeTruthy()
      expect(page.analogy).toBeTruthy()
      expect(page.sampleErrors.length).toBeGreaterThan(0)
      expect(page.diagnosis.length).toBeGreaterThanOrEqual(2)
      expect(page.mitigation.length).toBeGreaterThanOrEqual(1)
      expect(page.diagnosis.every((step) => step.risk === 'read_only')).toBe(true)
      for (const step of [...page.diagnosis, ...page.mitigation]) {
        expect(step.text.length).toBeGreaterThan(10)
        expect(step.text, 'risk marks are read, not shown').not.toMatch(
          /^\((?:destructive|reversible|read-only|되돌릴|읽기)/,
        )
      }
      if (page.language === 'ko') expect(page.title + page.cause).toMatch(/[가-힣]/)
      expect(page.markdown).not.toMatch(/^---/)
    },
  )

  it('mean the same in both languages: as many steps, of the same risks', () => {
    const risks = (id: string, language: string): string => {
      const page = pages.find((candidate) => candidate.id === id && candidate.language === language)
      return [...(page?.diagnosis ?? []), ...(page?.mitigation ?? [])].map((step) => step.risk).join(' ')
    }
    for (const id of ids) expect(risks(id, 'ko'), id).toBe(risks(id, 'en'))
  })
})
