import { describe, expect, it } from 'vitest'
import { createRedactor } from '../../pipeline/filter/redact/redactor.ts'
import { DEFAULT_RULES } from '../../pipeline/filter/rule.ts'
import { recordAt } from '../../pipeline/forward/archive.test-data.ts'
import type { LogRecord } from '../../pipeline/record.ts'
import { configSchema } from '../config.ts'
import { type Backtest, backtest } from './backtest.ts'
import type { FoundObject } from './browse.ts'
import { openRehearsal, type RehearsalSettings } from './rehearsal.ts'

const NOON = Date.parse('2026-01-20T12:00:00Z')
const config = configSchema.parse({})
const settings = (more: Partial<RehearsalSettings> = {}): RehearsalSettings => ({
  rules: DEFAULT_RULES,
  incidents: config.incidents,
  grouping: config.grouping,
  ...more,
})
const rule = (id: string, action: 'drop' | 'archive' | 'keep', pattern?: string): (typeof DEFAULT_RULES)[number] => ({
  id,
  action,
  enabled: true,
  ...(pattern === undefined ? {} : { pattern }),
})

/** Minutes after noon, so that what begins together is not folded. */
const lines = (...texts: readonly (readonly [minute: number, service: string, message: string])[]): LogRecord[] =>
  texts.map(([minute, service, message], i) =>
    recordAt(i + 1, {
      service,
      message,
      body: message,
      at: NOON + minute * 60_000,
      observedAt: NOON + minute * 60_000,
    }),
  )

async function run(
  candidate: RehearsalSettings,
  records: readonly LogRecord[],
  present = settings(),
): Promise<Backtest> {
  const deps = { redactor: createRedactor({ key: Buffer.alloc(32) }), language: 'en' as const }
  const [now, other] = [await openRehearsal(present, deps), await openRehearsal(candidate, deps)]
  async function* batches(): AsyncGenerator<readonly [FoundObject, readonly LogRecord[]]> {
    for (let i = 0; i < records.length; i += 2)
      yield [{ hour: '2026-01-20T12' } as FoundObject, records.slice(i, i + 2)]
  }
  try {
    return await backtest({ now, candidate: other }, batches(), [])
  } finally {
    await Promise.all([now.close(), other.close()])
  }
}

const DAY = lines(
  [0, 'order', 'payment 1 was declined'],
  [20, 'order', 'payment 2 was declined'],
  [40, 'stock', 'disk of warehouse is full'],
  [60, 'stock', '재고 확인 실패: 상품 7'],
  [80, 'mail', 'template welcome is missing'],
)

describe('a backtest', () => {
  it('with the settings of now says that nothing changes', async () => {
    const result = await run(settings(), DAY)
    expect(result.now).toEqual({ messages: 4, incidents: 4, regressions: 0, events: 5 })
    expect(result.candidate).toEqual(result.now)
    expect(result).toMatchObject({ records: 5, lost: [], thinner: [], joined: [], parted: [], added: [] })
  })

  it('knows incidents that are one only by what was learned of their words', async () => {
    const stores = ['alpha', 'beta', 'gamma', 'delta', 'epsilon', 'zeta', 'eta', 'theta']
    const learned = lines(...stores.map((name, i) => [i, 'store', `cannot open the store of ${name}`] as const))
    const result = await run(settings(), learned)
    expect(result.now).toEqual({ messages: 1, incidents: 1, regressions: 0, events: 8 })
    expect(result).toMatchObject({ lost: [], thinner: [], joined: [], parted: [], added: [] })
  })

  it('names what would be lost, what would be joined and what would be counted less', async () => {
    const result = await run(
      settings({
        rules: [
          rule('no-mail', 'drop', 'template welcome'),
          rule('no-second', 'archive', 'payment 2'),
          rule('rest', 'keep'),
        ],
        grouping: { ...config.grouping, fingerprints: [{ id: 'stock', services: ['stock'], fingerprint: 'stock' }] },
      }),
      DAY,
    )
    expect([result.now.messages, result.candidate.messages]).toEqual([4, 2])
    expect(result.lost).toMatchObject([{ service: 'mail', count: 1 }])
    expect(result.joined).toMatchObject([{ into: { service: 'stock', count: 2 }, from: [{ count: 1 }, { count: 1 }] }])
    expect(result.thinner).toMatchObject([{ service: 'order', count: 2, left: 1 }])
    expect(result).toMatchObject({ parted: [], added: [] })
  })

  it('names what would be parted', async () => {
    const byNumber = [{ id: 'each', pattern: 'payment (\\d+)', fingerprint: '{1}' }]
    const result = await run(settings({ grouping: { ...config.grouping, fingerprints: byNumber } }), DAY)
    expect(result.parted).toMatchObject([{ from: { service: 'order', count: 2 }, into: [{ count: 1 }, { count: 1 }] }])
    expect(result.lost).toEqual([])
  })

  it('finds what a rule had kept for the archive alone, when the candidate would tell of it', async () => {
    const archivedOnly = DAY.map((record) => (record.service === 'mail' ? { ...record, archiveOnly: true } : record))
    const present = settings({ rules: [rule('no-mail', 'archive', 'template welcome'), rule('rest', 'keep')] })
    const result = await run(settings(), archivedOnly, present)
    expect(result.added).toMatchObject([{ service: 'mail', count: 1 }])
    expect(result.lost).toEqual([])
  })
})
