import { describe, expect, it } from 'vitest'
import { readKplAggregate } from './kpl-aggregate.ts'
import { type DecodedBytes, decodeBytes, fluentBit } from './wire.test-data.ts'

/** The records of one Fluent Bit run, as GetRecords returned them. */
const decodeRun = (name: string, count: number): DecodedBytes =>
  decodeBytes(Array.from({ length: count }, (_, i) => fluentBit(`records/${name}.${String(i).padStart(3, '0')}.bin`)))
const bodies = (decoded: DecodedBytes): string[] => decoded.records.map((record) => record.body)

const PLAIN = [
  '2026-01-20 20:00:00.123 ERROR [order-service] 주문 처리 실패 orderId=1\njava.lang.IllegalStateException: boom\n\tat com.cali.A.b(A.java:1)\nCaused by: java.sql.SQLException: conn timeout "q" \\ back\n\t... 12 more',
  '2026-01-20 20:00:00.456 INFO [user-service] login ok 안녕하세요 😀',
  '2026-01-20 20:00:01.000 WARN [payment-service] retry 1',
]

describe('records of Fluent Bit', () => {
  it.each([
    ['plain', 3],
    ['gzip', 3],
    ['zstd', 3],
    ['agg', 2],
    ['agg_gzip', 2],
    ['time_key', 3],
  ])('written with %s hold the same three events', (name, count) => {
    const decoded = decodeRun(name, count)
    expect(bodies(decoded)).toEqual(PLAIN)
    expect(decoded.tally).toMatchObject({ received: 3, kept: 3, rejected: {} })
  })

  it('give time, level, service and exception', () => {
    const [first] = decodeRun('plain', 3).records
    expect(first).toMatchObject({
      at: Date.parse('2026-01-20T11:00:00.123Z'),
      severity: { text: 'ERROR' },
      service: 'order-service',
      message: '주문 처리 실패 orderId=1',
      exception: { type: 'java.lang.IllegalStateException', message: 'boom' },
    })
  })

  it('are no KPL aggregates, though Fluent Bit calls it aggregation', () => {
    expect(readKplAggregate(fluentBit('records/agg.000.bin'))).toBeUndefined()
  })

  it('keep raw UTF-8 and control characters', () => {
    expect(bodies(decodeRun('no_escape', 1))).toEqual(['한글 😀 tab\t ctl\u0001 slash/ <>&'])
  })

  it('are readable Korean when the agent converted EUC-KR', () => {
    expect(decodeRun('euckr_uhc', 2).records.map((record) => record.message)).toEqual(['주문 처리 실패', '완료'])
  })

  it.each(['bad_bytes_escape', 'bad_bytes_no_escape'])(
    'with broken bytes (%s) are ten records without a lone surrogate',
    (name) => {
      const decoded = decodeRun(name, 10)
      expect([decoded.records.length, decoded.rejections.length]).toEqual([10, 0])
      expect(decoded.records.every((record) => record.body.isWellFormed() && record.service === 'order-service')).toBe(
        true,
      )
      expect(bodies(decoded).at(7)).toContain('ctl red \u0007 bel')
    },
  )
})

describe('the file configuration', () => {
  const decoded = decodeRun('file_yaml', 2)

  it('gives 62 events, none rejected', () => {
    expect([decoded.records.length, decoded.rejections.length, decoded.tally.kept]).toEqual([62, 0, 62])
  })

  it('gives each event an id of its own, the same when the chunk is sent again', () => {
    const ids = decoded.records.map((record) => record.id)
    expect(new Set(ids).size).toBe(62)
    expect(decodeRun('file_yaml', 2).records.map((record) => record.id)).toEqual(ids)
    const again = decodeBytes([fluentBit('records/file_yaml.001.bin')]).records.map((record) => record.id)
    expect(ids.slice(42)).toEqual(again)
  })

  it('gives the host and the events that the joiner at the edge made', () => {
    const wanted = JSON.parse(fluentBit('edge/expected.json').toString()) as Record<string, string[]>
    const [, failed] = wanted['01_java_simple'] ?? []
    expect(decoded.records.find((record) => record.body === failed)).toMatchObject({
      resource: { host: 'app-vm-1' },
      severity: { text: 'ERROR' },
      exception: { causes: [{ type: 'java.sql.SQLException' }] },
    })
  })
})

describe('the Kubernetes configuration', () => {
  const decoded = decodeRun('k8s_yaml', 2)

  it('gives seven events, one of them of 40 KB', () => {
    expect(decoded.records).toHaveLength(7)
    expect(Math.max(...decoded.records.map((record) => record.body.length))).toBeGreaterThan(33_000)
  })

  it('gives pod, node, image and version', () => {
    const failed = decoded.records.find((record) => record.exception !== undefined)
    expect(failed).toMatchObject({
      service: 'order-service',
      resource: {
        namespace: 'shop',
        pod: 'order-service-7d9f8b6c5d-x2k4q',
        container: 'app',
        node: 'ip-10-0-1-23.ap-northeast-2.compute.internal',
        version: '1.4.2',
        image: 'docker.io/cali/order-service:1.4.2',
      },
    })
    expect(failed?.resource.labels?.['app.kubernetes.io/name']).toBe('order-service')
  })

  it('reads the JSON that the application wrote, at the time of the container runtime, which has a zone', () => {
    expect(decoded.records.find((record) => record.message === 'json app log')).toMatchObject({
      severity: { text: 'INFO' },
      at: Date.parse('2026-01-20T11:00:00.015Z'),
    })
  })
})
