import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { configSchema } from './config.ts'
import { kclProperties } from './kcl-daemon.ts'
import { checkJars, jarFaults, readJarLock } from './kcl-jars.ts'
import { checkSharing } from './sources.ts'

describe('the jars of the KCL', () => {
  let folder: string
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'cali-jars-'))
  })
  afterEach(() => rmSync(folder, { recursive: true, force: true }))
  // SHA-256 of "a" and of "b".
  const lock = readJarLock(
    [
      'ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb  a.jar',
      '3e23e8160039594a33894f6564e1b1348bbd7a0088d42c4acb73eeaed59c009d *b.jar',
      'not a line of it',
    ].join('\r\n'),
  )

  it('are whole when each is there with its checksum', () => {
    writeFileSync(join(folder, 'a.jar'), 'a')
    writeFileSync(join(folder, 'b.jar'), 'b')
    writeFileSync(join(folder, 'notes.txt'), 'x')
    expect(jarFaults(folder, lock)).toEqual([])
  })

  it('are refused when one is missing, changed, or of another version', () => {
    writeFileSync(join(folder, 'a.jar'), 'A')
    writeFileSync(join(folder, 'c.jar'), 'c')
    expect(jarFaults(folder, lock)).toEqual([
      'b.jar: missing',
      'c.jar: not of this version',
      'a.jar: not what it should be (checksum)',
    ])
    expect(jarFaults(join(folder, 'nowhere'), lock)).toEqual(['there is no such folder'])
  })

  it('say what to do when they are not there', () => {
    expect(() => checkJars(folder)).toThrow(/kcl\.jars is ".*": .*and \d+ more: missing\. Run "cali kcl install"/)
  })
})

describe('the properties of the daemon', () => {
  const properties = (settings: object): Map<string, string> =>
    new Map(
      kclProperties(configSchema.parse(settings), 'pod-0')
        .trim()
        .split('\n')
        .map((line) => line.split(' = ') as [string, string]),
    )

  it('name stream, application and worker, and read by polling', () => {
    const settings = { kinesis: { stream: 'logs' }, kcl: { application: 'team-a', failover: '3s' } }
    expect(Object.fromEntries(properties(settings))).toMatchObject({
      streamName: 'logs',
      applicationName: 'team-a',
      workerId: 'pod-0',
      failoverTimeMillis: '3000',
      retrievalMode: 'POLLING',
      initialPositionInStream: 'TRIM_HORIZON',
    })
  })

  it('ask for a throughput of its own with fan-out, and escape what Java would take for an escape', () => {
    const fanOut = properties({ kcl: { retrieval: 'fan-out', application: 'team-a' } })
    expect([fanOut.get('retrievalMode'), fanOut.get('fanoutConfig.consumerName'), fanOut.get('maxRecords')]).toEqual([
      'FANOUT',
      'team-a',
      undefined,
    ])
    expect(kclProperties(configSchema.parse({}), 'C:\\pod-주문')).toContain('workerId = C:\\\\pod-\\uc8fc\\ubb38\n')
  })
})

describe('workers of one application', () => {
  const postgres = { url: 'postgres://cali@localhost/cali' }
  it.each([
    [{ consumer: { runner: 'poll' } }, undefined],
    [{ consumer: { runner: 'kcl' } }, /set postgres\.url \(CALI_POSTGRES_URL\)/],
    [{ consumer: { runner: 'kcl' }, postgres }, /set s3\.bucket \(CALI_S3_BUCKET\), or archive\.enabled to false/],
    [{ consumer: { runner: 'kcl' }, postgres, archive: { enabled: false } }, undefined],
    [{ consumer: { runner: 'kcl' }, postgres, s3: { bucket: 'logs' } }, undefined],
  ])('%j: keep what they share where all of them reach it', (settings, refused) => {
    const check = (): void => checkSharing(configSchema.parse(settings))
    if (refused === undefined) expect(check).not.toThrow()
    else expect(check).toThrow(refused)
  })
})
