import { describe, expect, test } from 'vitest'
import { type CapacityInput, planCapacity } from './capacity-plan.ts'
import { PRICES } from './capacity-prices.ts'

const input = (facts: Partial<CapacityInput> = {}): CapacityInput => ({
  bytesPerDay: 50e9,
  lineBytes: 500,
  errors: 0.05,
  keep: 0.08,
  archive: 0.08,
  archiveDays: 90,
  indexDays: 14,
  peak: 3,
  stream: 'on-demand',
  compressed: true,
  region: 'us-east-1',
  runner: 'kcl',
  ...facts,
})
const plan = (facts: Partial<CapacityInput> = {}) => planCapacity(input(facts))
const monthly = (facts: Partial<CapacityInput>, price: string) =>
  plan(facts).costs.find((line) => line.price === price)?.monthlyUsd

describe('traffic', () => {
  test('50 GB a day in records of 500 bytes are 1,157 lines a second, of which 8% are kept', () => {
    const { lines, kept, errorLines, raw, wire } = plan()
    expect(lines.mean).toBeCloseTo(1157.4, 1)
    expect(lines.peak).toBeCloseTo(3 * 1157.4, 0)
    expect(kept.mean).toBeCloseTo(92.6, 1)
    expect(errorLines.mean).toBeCloseTo(57.9, 1)
    expect(raw.mean).toBeCloseTo(0.5787, 3)
    expect(wire.mean).toBeCloseTo(0.5787 / 3.4, 3)
  })
})

describe('stream', () => {
  test('an on-demand stream is reckoned for twice its peak, and never below the four shards it starts with', () => {
    expect(plan().stream.shards).toBe(4)
    // 10 TB: 115.7 MB/s, a third of it in gzip, three times that at the peak, twice.
    expect(plan({ bytesPerDay: 10e12 }).stream.shards).toBe(205)
  })

  test('provisioned shards carry the peak and half as much again', () => {
    expect(plan({ stream: 'provisioned' }).stream.shards).toBe(1)
    expect(plan({ stream: 'provisioned', bytesPerDay: 10e12 }).stream.shards).toBe(154)
  })

  test('without compression there are about three times as many', () => {
    expect(plan({ stream: 'provisioned', bytesPerDay: 10e12, compressed: false }).stream.shards).toBe(521)
  })
})

describe('consumers', () => {
  test('the pods of the KCL do what was measured: 78,500 lines a second on two cores at 8% kept', () => {
    expect(plan({ lineBytes: 490 }).consumer.linesPerSecond).toBeCloseTo(78_500, 0)
    expect(plan({ lineBytes: 490, compressed: false }).consumer.linesPerSecond).toBeCloseTo(34_500, 0)
  })

  test('one pod fewer than planned would not carry the peak with its headroom', () => {
    const { consumer, lines } = plan({ bytesPerDay: 10e12 })
    expect(consumer.count * consumer.linesPerSecond).toBeGreaterThanOrEqual(lines.peak * 1.5)
    expect((consumer.count - 1) * consumer.linesPerSecond).toBeLessThan(lines.peak * 1.5)
  })

  test('when one pod is lost the others may take over its shards', () => {
    for (const bytesPerDay of [1e9, 1e11, 1e12, 1e13]) {
      const { consumer, stream } = plan({ bytesPerDay })
      expect((consumer.count - 1) * (consumer.maxLeases ?? 0)).toBeGreaterThanOrEqual(stream.shards)
    }
  })

  test('keeping more, archiving the rest and longer lines all cost speed', () => {
    const usual = plan().consumer.linesPerSecond
    expect(plan({ keep: 0.3, archive: 0.3 }).consumer.linesPerSecond).toBeLessThan(usual)
    expect(plan({ archive: 1 }).consumer.linesPerSecond).toBeLessThan(usual)
    expect(plan({ lineBytes: 2_000 }).consumer.linesPerSecond).toBeLessThan(usual / 3.9)
  })

  test('one process is refused nothing, but told where it ends', () => {
    expect(plan({ runner: 'poll' }).consumer).toMatchObject({ count: 1 })
    expect(plan({ runner: 'poll' }).warnings).toEqual([])
    expect(plan({ runner: 'poll', bytesPerDay: 1e12 }).warnings).toEqual([
      expect.objectContaining({ key: 'one_process' }),
    ])
  })
})

describe('storage', () => {
  test('only what is kept is indexed: twice for the replica, a day more than is kept, a quarter of the disk free', () => {
    const { search } = plan()
    // 4 GB a day are kept; 4.9 KB in the index for a line of 930 bytes.
    expect(search).toMatchObject({ engine: 'opensearch' })
    if (search.engine !== 'opensearch') return
    expect(search.primaryGBPerDay).toBeCloseTo(4 * (4_900 / 930), 1)
    expect(search.storageGB).toBeCloseTo((search.primaryGBPerDay * 2 * 15) / 0.76, -1)
    expect(search.nodes).toBeGreaterThanOrEqual(2)
  })

  test('a day is cut into shards of at most 30 GB', () => {
    const { search } = plan({ bytesPerDay: 1e12 })
    if (search.engine !== 'opensearch') throw new Error('opensearch was expected')
    expect(search.shardsPerDay).toBe(Math.ceil(search.primaryGBPerDay / 30))
  })

  test('the archive has an object for each shard and flush, for each 4 MiB where that is more, for each line where few come', () => {
    expect(plan().archive.objectsPerDay).toBe(4 * 17_280)
    expect(plan({ bytesPerDay: 10e12, archive: 1 }).archive.objectsPerDay).toBe(Math.ceil((10e12 * 2.1) / 4_194_304))
    expect(plan({ bytesPerDay: 1e7, keep: 0.05, archive: 0.05 }).archive.objectsPerDay).toBe(1_000)
  })

  test('an archive of everything grows by the days it is kept', () => {
    const { archive } = plan({ archive: 1, archiveDays: 30 })
    expect(archive.gbPerDay).toBeCloseTo(50 / 3.4, 3)
    expect(archive.storageGB).toBeCloseTo((50 / 3.4) * 30, 2)
  })

  test('PostgreSQL remembers three days of kept events, and grows with them', () => {
    expect(plan().postgres).toMatchObject({ name: 'db.t4g.medium', storageGB: 20 })
    const large = plan({ bytesPerDay: 1e12 })
    expect(large.postgres?.storageGB).toBe(Math.ceil((160e6 * 3 * 380 * 1.5) / 1e9))
    expect(large.postgres?.connections).toBe(large.consumer.count * 10)
  })

  test('with one process everything is on its disk', () => {
    const local = plan({ runner: 'poll' })
    expect(local.postgres).toBeUndefined()
    expect(local.search.engine).toBe('sqlite')
    expect(local.archive.place).toBe('folder')
    expect(local.costs.map((line) => line.price)).toContain('disk')
  })
})

describe('costs', () => {
  test('the sum is that of its lines, each of which is price times quantity with date and source', () => {
    for (const runner of ['kcl', 'lambda', 'poll'] as const)
      for (const stream of ['on-demand', 'provisioned'] as const) {
        const { costs, monthlyUsd } = plan({ runner, stream })
        expect(monthlyUsd).toBeCloseTo(
          costs.reduce((sum, line) => sum + line.usd * line.quantity, 0),
          6,
        )
        for (const line of costs) {
          expect(line.source).toMatch(/^https:\/\//)
          expect(line.asOf).toMatch(/^\d{4}-\d{2}-\d{2}$/)
          expect(['secondary', 'unverified']).toContain(line.status)
        }
      }
  })

  test('what goes in is paid by the compressed gigabyte, shards by the hour', () => {
    expect(monthly({}, 'onDemandIn')).toBeCloseTo((50 / 3.4) * (730 / 24) * 0.08, 2)
    expect(monthly({ stream: 'provisioned', bytesPerDay: 10e12 }, 'shard')).toBeCloseTo(154 * 730 * 0.015, 2)
  })

  test('no region but us-east-1 has a price of its own: the plan of another one warns and keeps the figures', () => {
    const seoul = plan({ region: 'ap-northeast-2' })
    expect(seoul.warnings).toEqual([{ key: 'other_region', region: 'ap-northeast-2' }])
    expect(seoul.monthlyUsd).toBe(plan().monthlyUsd)
  })

  test('every price that is not verified says so', () => {
    for (const [name, price] of Object.entries(PRICES))
      if (price.source.startsWith('https://aws.amazon.com/')) expect([name, price.status]).toEqual([name, 'unverified'])
  })
})

describe('limits', () => {
  test('what goes beyond quotas and measurements is said', () => {
    const keys = (facts: Partial<CapacityInput>) => plan(facts).warnings.map((warning) => warning.key)
    expect(keys({ bytesPerDay: 10e12, compressed: false })).toContain('stream_quota')
    expect(keys({ bytesPerDay: 10e12, compressed: false, stream: 'provisioned', peak: 6 })).toContain('shard_quota')
    expect(keys({ bytesPerDay: 10e12 })).toEqual(expect.arrayContaining(['database', 'search_nodes']))
    expect(keys({ runner: 'lambda' })).toContain('lambda_objects')
    expect(keys({})).toEqual([])
  })
})
