/** A synthetic error through a real stream: it reaches the outbox, and nobody is told. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type RunningCali, runCali, startCali } from '../support/program.ts'
import { temporaryFolder, until } from '../support/system.ts'

describe('a probe', () => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>
  let program: RunningCali
  let url: string
  let kinesis: string
  beforeAll(async () => {
    folder = await temporaryFolder()
    program = startCali(['dev', '--no-demo', '--port', '0', '--data-dir', folder.path, '--lang', 'en'], {
      CALI_PROBE_INTERVAL: '1s',
      CALI_PROBE_OBJECTIVE: '20s',
    })
    const started = await program.event('started')
    url = String(started['url'])
    kinesis = String(started['kinesis'])
  })
  afterAll(async () => {
    program?.child.kill('SIGTERM')
    await program?.exit()
    await folder?.remove()
  })
  const metric = async (name: string): Promise<number> =>
    Number(new RegExp(`^${name} (\\S+)$`, 'm').exec(await (await fetch(`${url}/metrics`)).text())?.[1])

  test('arrives again and again, shows when, and is in no list and no message', async () => {
    await until(async () => (await metric('cali_probe_last_success_seconds')) > 0, 'a probe arrives')
    const first = await metric('cali_probe_last_success_seconds')
    await until(async () => (await metric('cali_probe_last_success_seconds')) > first, 'another one arrives')
    expect(await metric('cali_probe_latency_seconds')).toBeGreaterThan(0)
    expect(await (await fetch(`${url}/api/incidents`)).json()).toMatchObject({ incidents: [] })
    expect(JSON.stringify(await (await fetch(`${url}/api/slack`)).json())).not.toContain('cali-probe')
    expect(await metric('cali_ledger_balanced')).toBe(1)
  })

  test('can be sent by hand, beside the program', async () => {
    const run = await runCali(['probe', '--data-dir', folder.path, '--lang', 'ko'], {
      env: { CALI_KINESIS_ENDPOINT: kinesis },
    })
    expect(run).toMatchObject({ code: 0, stderr: '' })
    expect(run.stdout).toMatch(/✓ cali-log-stream에서 아웃박스까지 [\d,]+ ms 걸렸어요/)
  })

  test('that does not arrive ends with 1 and says where to look', async () => {
    const env = { CALI_KINESIS_ENDPOINT: kinesis, CALI_KINESIS_STREAM: 'another' }
    const unknown = await runCali(['probe', '--data-dir', folder.path], { env })
    expect(unknown.code).toBe(1)
    expect(unknown.stderr).toContain('stream "another" not found')
    const nobody = await runCali(['probe', '--data-dir', `${folder.path}/none`])
    expect(nobody.code).toBe(2)
    expect(nobody.stderr).toContain('the state of the program that is probed is not found')
  })
})
