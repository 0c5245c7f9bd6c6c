import { appendFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { gzipSync, zstdCompressSync } from 'node:zlib'
import { afterEach, describe, expect, test } from 'vitest'
import { runCali, startCali } from '../support/program.ts'
import { startTestServer } from '../support/server.ts'
import { temporaryFolder, until } from '../support/system.ts'

const cleanups: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup()
})
async function folder(): Promise<string> {
  const made = await temporaryFolder()
  cleanups.push(made.remove)
  return made.path
}

const LOG = `2026-01-20 20:00:00.000 INFO [order-service] started
2026-01-20 20:00:01.000 ERROR [order-service] Order ORD-20260120-000123 failed
java.lang.IllegalStateException: pool empty
\tat com.shop.order.OrderService.place(OrderService.java:88)
Caused by: java.sql.SQLTransientConnectionException: HikariPool-1 - Connection is not available, request timed out after 30000ms.
\tat com.zaxxer.hikari.pool.HikariPool.createTimeoutException(HikariPool.java:696)
2026-01-20 20:00:02.000 WARN [order-service] password=hunter2secret was rejected
`

describe('cali triage', () => {
  test.each([
    ['plain', (text: string) => Buffer.from(text)],
    ['CRLF', (text: string) => Buffer.from(text.replaceAll('\n', '\r\n'))],
    ['gzip', (text: string) => gzipSync(text)],
    ['zstd', (text: string) => zstdCompressSync(Buffer.from(text))],
    ['UTF-16', (text: string) => Buffer.from(`\ufeff${text}`, 'utf16le')],
  ])('reads a %s file and answers with the cause first', async (_words, encode) => {
    const file = join(await folder(), 'app.log')
    await writeFile(file, encode(LOG))
    const run = await runCali(['triage', '--json', '--lang', 'en', file])
    expect(run.stderr).toBe('')
    expect(run.code).toBe(0)
    const result = JSON.parse(run.stdout)
    expect(result.lines).toBe(7)
    expect(result.incidents).toHaveLength(1)
    expect(result.incidents[0]).toMatchObject({ service: 'order-service', count: 1, report: { status: 'analysed' } })
    expect(result.incidents[0].report.hypotheses[0].cause).toContain('connection pool')
    expect(result.incidents[0].evidence.map((line: { text: string }) => line.text).join()).toContain('HikariPool-1')
  })

  test('reads stdin and prints Korean for people', async () => {
    const run = await runCali(['triage', '--lang', 'ko', '--time-zone', 'Asia/Seoul'], { input: LOG })
    expect(run.stdout).toContain('인시던트 1건')
    expect(run.stdout).toContain('커넥션 풀')
    expect(run.stdout).not.toContain('hunter2secret')
  })

  test('a healthy file gives no incident and 0', async () => {
    const run = await runCali(['triage', '--lang', 'en'], { input: '2026-01-20 20:00:00.000 INFO [a] ok\n' })
    expect(run.code).toBe(0)
    expect(run.stdout).toContain('No incident in 1 line.')
  })

  test('--fail-on makes the exit code tell', async () => {
    expect((await runCali(['triage', '--fail-on', 'SEV3'], { input: LOG })).code).toBe(1)
    expect((await runCali(['triage', '--fail-on', 'SEV1'], { input: LOG })).code).toBe(0)
  })

  test('a file that is not there ends with 1, a wrong option with 2, each with what to do', async () => {
    const missing = await runCali(['triage', 'no-such.log'])
    expect(missing.code).toBe(1)
    expect(missing.stderr).toContain('no-such.log: there is no such file')
    expect((await runCali(['triage', '--fail-on', 'SEV9'])).code).toBe(2)
  })

  test('a cut gzip is read as far as it goes, and said', async () => {
    const file = join(await folder(), 'cut.log.gz')
    const lines = Array.from(
      { length: 20_000 },
      (_, i) => `2026-01-20 20:00:00.000 ERROR [a] failure ${i} ${Math.sin(i)}\n`,
    ).join('')
    const whole = gzipSync(lines)
    await writeFile(file, whole.subarray(0, whole.length - 1_000))
    const run = await runCali(['triage', '--json', file])
    expect(run.code).toBe(1)
    expect(run.stderr).toContain('is damaged or cut off')
    expect(JSON.parse(run.stdout).incidents[0].count).toBeGreaterThan(10_000)
  })

  test('control characters of a log never reach the terminal', async () => {
    const run = await runCali(['triage', '--lang', 'en'], {
      input: '2026-01-20 20:00:00.000 ERROR [a] bad \u001b]0;owned\u0007 \u202etxt.exe\n',
    })
    expect(run.stdout).not.toMatch(/[\u001b\u0007\u202e]/)
  })
})

test('cali tail follows a file through rotation, and a second run sends nothing twice', async () => {
  const server = await startTestServer({ events: 0 })
  cleanups.push(server.stop)
  const dataDir = await folder()
  const file = join(dataDir, 'app.log')
  await writeFile(file, '')
  const line = (n: number): string =>
    `2026-01-20 20:00:${String(n).padStart(2, '0')}.000 ERROR [tail-service] cannot write block ${n}\n`
  const count = async (): Promise<number> =>
    (await server.system.state.incidents.list({ services: ['tail-service'] }))[0]?.count ?? 0
  const args = ['tail', file, '--url', server.url, '--data-dir', dataDir]

  const first = startCali(args)
  await until(() => first.child.exitCode === null, 'it runs')
  await until(
    async () => {
      if ((await count()) === 0) await appendFile(file, line(1))
      return (await count()) > 0
    },
    'the first line arrives',
    20_000,
  )
  const before = await count()
  await rename(file, `${file}.1`)
  await writeFile(file, line(20) + line(21))
  await until(async () => (await count()) >= before + 2, 'lines behind the rotation arrive', 20_000)
  first.child.kill('SIGTERM')
  expect(await first.exit()).toBe(0)

  const sent = await count()
  await appendFile(file, line(40))
  const second = startCali(args)
  await until(async () => (await count()) > sent, 'what was added meanwhile arrives', 20_000)
  second.child.kill('SIGTERM')
  await second.exit()
  expect(await count()).toBe(sent + 1)
})

describe('the running program from the command line', () => {
  test('incidents are listed, shown, acknowledged and resolved; logs are searched', async () => {
    const server = await startTestServer({ events: 800, scenarios: ['db-pool-exhausted', 'payment-declined-ko'] })
    cleanups.push(server.stop)
    const at = ['--url', server.url]
    const list = JSON.parse((await runCali(['incidents', 'list', '--json', ...at])).stdout) as {
      id: string
      service: string
    }[]
    expect(list.length).toBeGreaterThan(0)
    const id = list[0]?.id ?? ''
    expect((await runCali(['incidents', 'show', id, ...at])).stdout).toContain(id)
    expect((await runCali(['incidents', 'ack', id, '--by', 'jihun', ...at])).stdout).toContain('acknowledged')
    expect((await runCali(['incidents', 'resolve', id, '--by', 'jihun', ...at])).stdout).toContain('resolved')
    expect((await runCali(['logs', 'search', '결제', '승인', ...at])).stdout).toContain('결제 승인 실패')
    const unknown = await runCali(['incidents', 'show', 'NOPE', ...at])
    expect(unknown.code).toBe(1)
    expect(unknown.stderr).toContain('there is no incident NOPE')
  })

  test('without a running program the way to one is told', async () => {
    const run = await runCali(['incidents', 'list', '--data-dir', await folder()])
    expect(run.code).toBe(1)
    expect(run.stderr).toContain('npm start')
  })
})

test('cali doctor passes on a fresh folder and tells what is skipped', async () => {
  const run = await runCali(['doctor', '--json', '--data-dir', await folder()], {
    env: { AWS_ACCESS_KEY_ID: '', AWS_PROFILE: '', AWS_EC2_METADATA_DISABLED: 'true' },
  })
  const { checks } = JSON.parse(run.stdout) as { checks: { code: string; status: string }[] }
  expect(run.code).toBe(0)
  expect(checks.find((check) => check.code === 'state')?.status).toBe('pass')
  expect(checks.find((check) => check.code === 'slack')?.status).toBe('skipped')
})

test('cali doctor and cali config check speak Korean where that is the language', async () => {
  const env = { CALI_LANG: 'ko', AWS_ACCESS_KEY_ID: '', AWS_PROFILE: '', AWS_EC2_METADATA_DISABLED: 'true' }
  const own = await folder()
  const doctor = await runCali(['doctor', '--only', 'state,slack,knowledge', '--data-dir', own], { env })
  expect(doctor.stdout.split('\n').map((line) => line.trim())).toEqual([
    '✓ 통과  state      SQLite, 인시던트 0건',
    '- 생략  slack      토큰 없음: 메시지는 /slack 화면에 나옵니다',
    '✓ 통과  knowledge  이 프로세스 안에서 단어로 검색',
    '',
  ])
  const file = join(own, 'cali.yaml')
  await writeFile(file, 'lang: ko\n')
  expect((await runCali(['--config', file, 'config', 'check'])).stdout).toContain(`✓ ${file}: 문제없습니다`)
})

test('cali config refuses what it does not know, with file, line and a guess', async () => {
  const file = join(await folder(), 'cali.yaml')
  await writeFile(file, 'slack:\n  chanel: ops\n')
  const run = await runCali(['--config', file, 'config', 'check'])
  expect(run.code).toBe(2)
  expect(run.stderr).toContain(`${file}:2: there is no setting slack.chanel. Did you mean slack.channel?`)
})

describe('what is not accepted', () => {
  test('an unknown state is told with the known ones, before any request', async () => {
    const run = await runCali(['incidents', 'list', '--state', 'open,bogus'])
    expect(run.code).toBe(2)
    expect(run.stderr).toContain('--state is "bogus": accepted are open, acknowledged')
  })

  test('grouping rules are told with their place in the file', async () => {
    const file = join(await folder(), 'cali.yaml')
    const rules = ['- id: a', '  pattern: x(y)', '  fingerprint: "{2}"', '- id: a', '  fingerprint: z']
    await writeFile(file, `grouping:\n  fingerprints:\n${rules.map((line) => `    ${line}\n`).join('')}`)
    const run = await runCali(['--config', file, 'group', '--dry-run'], { input: LOG })
    expect(run.code).toBe(2)
    expect(run.stderr).toMatch(/cali\.yaml:5: .*the pattern has 1 group/)
    expect(run.stderr).toMatch(/cali\.yaml:6: .*a rule before it has this id/)
  })
})
