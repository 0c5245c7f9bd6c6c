import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { translate } from './glossary.ts'
import { terms } from './tokenizer.ts'

describe('terms', () => {
  it.each<[string, string[]]>([
    ['HikariPool', ['hikaripool', 'hikari', 'pool']],
    ['ERR_OUT_OF_RANGE', ['err_out_of_range', 'err', 'out', 'range']],
    ['java.sql.SQLException', ['java_sql_sqlexception', 'java', 'sql', 'sql', 'exception']],
    ['kube-proxy', ['kube_proxy', 'kube', 'proxy']],
    ['connections failed', ['connection', 'fail']],
    ['the pool is full', ['pool', 'full']],
    ['at 2026 0xdeadbeef 3f2504e04f89 10.0.0.1', ['0xdeadbeef']],
  ])('of %s are %j', (text, expected) => expect(terms(text)).toEqual(expected))

  it('of a Korean word are itself and its pairs, so that particles cost little', () => {
    expect(terms('커넥션')).toEqual(['커넥션', '커넥', '넥션'])
    expect(terms('커넥션이')).toEqual(expect.arrayContaining(['커넥', '넥션']))
    expect(terms('풀')).toEqual(['풀'])
  })

  it('leave endings out, which every Korean sentence has', () => {
    expect(terms('부족합니다')).toEqual(['부족', '족합'])
    expect(terms('없습니다')).toEqual(['없습니다'])
  })

  it('are the same for composed and decomposed Hangul', () => {
    expect(terms('커넥션 풀'.normalize('NFD'))).toEqual(terms('커넥션 풀'))
  })

  it('hold what every store can index, whatever the text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (text) =>
        terms(text).every((term) => /^[a-z0-9_가-힣]+$/.test(term)),
      ),
      { numRuns: 50 },
    )
  })

  it('cost little however the text is built', () => {
    const started = performance.now()
    for (const part of ['aB', 'A', '_', '가', 'a.', '$', '1-']) terms(part.repeat(50_000))
    expect(performance.now() - started).toBeLessThan(1_500)
  })
})

describe('the glossary', () => {
  it.each<[string, string[]]>([
    ['커넥션 풀이 고갈', ['connection', 'pool', 'exhaust']],
    ['인증서가 만료되었습니다', ['certificate', 'expir']],
    ['디스크가 가득 찼습니다', ['disk', 'full', 'full']],
    ['카프카 컨슈머', ['kafka', 'consumer']],
    ['환경 변수 누락', ['environment', 'miss']],
  ])('reads %s', (korean, english) => expect(translate(korean).terms).toEqual(expect.arrayContaining(english)))

  it('takes the longer entry first: 인증서 is not 인증', () => {
    expect(translate('인증서').terms).toEqual(['certificate'])
    expect(translate('인증').terms).toEqual(['authentication'])
  })

  it('reads one syllable only where a word begins: 널 is not in 채널', () => {
    expect(translate('채널').terms).toEqual([])
    expect(translate('널 값').terms).toContain('null')
  })

  it('says nothing to English', () => expect(translate('connection pool')).toEqual({ terms: [], synonyms: [] }))
})
