import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { runCali } from '../support/program.ts'

const plan = (args: readonly string[], lang = 'en') =>
  runCali(['plan', ...args], { env: { CALI_LANG: lang, AWS_REGION: 'us-east-1' } })

describe('cali plan', () => {
  test.each(['en', 'ko'])('the table of docs/%s/capacity.md is what the command makes', async (language) => {
    const page = readFileSync(new URL(`../../docs/${language}/capacity.md`, import.meta.url), 'utf8').replaceAll(
      '\r\n',
      '\n',
    )
    const command = /`npx cali (plan --per-day \S+ --region us-east-1)`/.exec(page)?.[1]
    expect(command).toBe('plan --per-day 1GB,10GB,100GB,1TB,10TB --region us-east-1')
    const run = await plan((command ?? '').split(' ').slice(1), language)
    expect(run.code).toBe(0)
    const rows = run.stdout.trimEnd().split('\n')
    expect(rows).toHaveLength(7)
    expect(page).toContain(`\n${run.stdout.trimEnd()}\n`)
  })

  test('a plan says sizes, settings, costs with date and source, and what is not in it', async () => {
    const run = await plan(['--per-day', '50GB'])
    expect(run.stderr).toBe('')
    expect(run.code).toBe(0)
    expect(run.stdout).toContain('1,157 a second, at the peak 3,472')
    expect(run.stdout).toContain('kcl.maxLeases: 4')
    expect(run.stdout).toContain('opensearch.shards: 1')
    expect(run.stdout).toMatch(/\[1\] 2026-11-24, from an article, not from AWS: https:\/\/www\.trek10\.com/)
    expect(run.stdout).toContain('not verified')
    expect(run.stdout).toContain('Not in the table')
    expect(run.stdout).not.toContain('Prices in us-east-1')
  })

  test('Korean is Korean, and another region is told that its prices are not known', async () => {
    const run = await plan(['--per-day', '50GB', '--region', 'ap-northeast-2'], 'ko')
    expect(run.stdout).toContain('하루 50 GB')
    expect(run.stdout).toContain('ap-northeast-2의 단가는 이 값과 다르고')
    expect(run.stdout).toContain('us-east-1 정가')
  })

  test('without --region it is that of the stream', async () => {
    const run = await plan(['--per-day', '50GB', '--json'])
    expect(JSON.parse(run.stdout).input.region).toBe('us-east-1')
  })

  test('as JSON it holds the input, the sizes and every price', async () => {
    const run = await plan(['--per-day', '1.5TiB', '--stream', 'provisioned', '--runner', 'lambda', '--json'])
    const result = JSON.parse(run.stdout)
    expect(result).toMatchObject({ version: 1, input: { bytesPerDay: 1.5 * 2 ** 40 }, priceRegion: 'us-east-1' })
    expect(result.consumer).toMatchObject({ runner: 'lambda', memoryMiB: 1_769 })
    for (const line of result.costs)
      expect(Object.keys(line)).toEqual(
        expect.arrayContaining(['usd', 'unit', 'quantity', 'monthlyUsd', 'status', 'asOf', 'source']),
      )
  })

  test.each([
    [['--per-day', '11TB'], '--per-day is "11TB": a volume from 10MB to 10TB'],
    [['--per-day', '1GB', '--keep', '0.08'], '--keep is "0.08": a share from 0% to 100%'],
    [['--per-day', '1GB', '--errors', '9%'], '--errors is "9%": at most the share of --keep (8%)'],
    [['--per-day', '1GB', '--archive', '3%'], '--archive is "3%": at least the share of --keep (8%)'],
    [['--per-day', '1GB', '--peak', '0.5'], '--peak is "0.5": a factor from 1 to 100'],
    [['--per-day', '1GB', '--index-days', '0'], '--index-days is "0": a whole number from 1 to 3650'],
    [['--per-day', '1GB', '--region', 'Seoul'], '--region is "Seoul": a region such as ap-northeast-2'],
    [['--per-day', '1GB', '--runner', 'spark'], 'kcl, lambda, poll'],
    [[], '--per-day'],
  ])('%j is refused with what is accepted', async (args, words) => {
    const run = await plan(args)
    expect(run.code).toBe(2)
    expect(run.stderr).toContain(words)
    expect(run.stdout).toBe('')
  })
})
