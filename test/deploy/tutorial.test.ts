/**
 * The tutorial does what it says. Its pages have the same commands in both languages and both shells, and these commands are
 * typed here, in order, into the shell of this system: against a real emulator (MiniStack), a real `terraform apply`, and
 * stand-ins for Slack and OpenAI. What the pages show of the output is compared with what came.
 * Not here: installers, Docker, Fluent Bit (test/integration/fluent-bit.test.ts runs that file).
 */
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { isInstalled } from '../peers/aws-server.ts'
import { type MilvusServer, milvusMissing, startMilvus } from '../peers/milvus-server.ts'
import { type FakeOpenAi, startFakeOpenAi } from '../support/fake-openai.ts'
import { type FakeSlack, startFakeSlack } from '../support/fake-slack.ts'
import { missingForProvider } from './terraform-program.ts'
import { type Desk, openDesk, SHELL } from './tutorial-desk.ts'
import { type Language, pagesOf, REASONS_NOT_RUN, type Step, stepsOf } from './tutorial-pages.ts'
import { statementsOf } from './tutorial-shell.ts'

const folderOf = (language: Language): string => `docs/${language}/tutorial`
const PAGES = pagesOf(folderOf('ko'))
const stepsIn = (language: Language, page: string): Step[] => stepsOf(`${folderOf(language)}/${page}`)
const linesOf = (text: string): string[] => text.split('\n').filter((line) => line.trim() !== '')

describe('pages of the tutorial', () => {
  test('are the same in both languages: an index and five steps', () => {
    expect(pagesOf(folderOf('en'))).toEqual(PAGES)
    expect(PAGES.map((name) => name.slice(0, 2))).toEqual(['RE', '1-', '2-', '3-', '4-', '5-'])
  })

  test.each(PAGES)('%s has the same commands, files and remarks in both languages', (page) => {
    const alike = (language: Language) =>
      stepsIn(language, page).map(({ commands, remark, file, seen }) => ({
        commands,
        remark,
        file,
        seen: seen.map((one) => ({ remark: one.remark, lines: linesOf(one.text).length })),
      }))
    expect(alike('en')).toEqual(alike('ko'))
  })

  test.each(PAGES)('%s: PowerShell and bash do the same thing', (page) => {
    for (const { commands, line } of stepsIn('ko', page)) {
      if (commands === undefined) continue
      const words = (shell: 'powershell' | 'bash') => statementsOf(commands[shell], shell).map((one) => one.words)
      expect(words('powershell'), `${page}:${line}`).toEqual(words('bash'))
    }
  })

  test('leave out only what a test cannot have', () => {
    const reasons = PAGES.flatMap((page) =>
      stepsIn('ko', page).flatMap(({ remark }) => (remark.kind === 'not run' ? [remark.reason] : [])),
    )
    expect(REASONS_NOT_RUN).toEqual(expect.arrayContaining(reasons))
  })
})

describe('what the pages are read by', () => {
  test.each([
    ['npm ci && npm start', 'bash'],
    ['npm ci; npm start', 'powershell'],
    ['cat <a >b', 'bash'],
    ['echo "$HOME"', 'bash'],
    ['npx cali doctor --only kinesis,archive', 'powershell'],
    ['Get-ChildItem here', 'powershell'],
    ['echo ~', 'bash'],
  ] as const)('refuses %j in %s', (line, shell) => {
    expect(() => statementsOf(line, shell)).toThrow()
  })

  test('reads settings, joined lines and the names that differ', () => {
    const words = (text: string, shell: 'powershell' | 'bash') => statementsOf(text, shell).map((one) => one.words)
    expect(words("$env:A_B = 'x y'", 'powershell')).toEqual([['set', 'A_B', 'x y']])
    expect(words("export A_B='x y'", 'bash')).toEqual([['set', 'A_B', 'x y']])
    expect(words('docker run `\n  -v "here/a:/b" x', 'powershell')).toEqual(
      words('docker run \\\n  -v "here/a:/b" x', 'bash'),
    )
    expect(words('py -m venv e\n./e/Scripts/python -m x', 'powershell')).toEqual(
      words('python3 -m venv e\n./e/bin/python -m x', 'bash'),
    )
  })
})

const noEmulator = isInstalled('ministack') ? undefined : 'MiniStack is not installed: node tools/peers-aws.ts'
const noTerraform = missingForProvider()
const noMilvus = milvusMissing ? 'Milvus Lite is not installed: node tools/peers-milvus.ts' : undefined

describe.skipIf(noEmulator !== undefined)(
  noEmulator === undefined ? `the commands, in ${SHELL}` : `the commands of the tutorial: ${noEmulator}`,
  () => {
    let desk: Desk
    let slack: FakeSlack
    let openAi: FakeOpenAi
    let models: Models
    let milvus: MilvusServer | undefined

    beforeAll(async () => {
      ;[slack, openAi] = await Promise.all([startFakeSlack({ channel: 'C0123456789' }), startFakeOpenAi()])
      openAi.answer({
        kind: 'proposal',
        proposal: { summary: 'All connections are in use.', hypotheses: [], actions: [], missing: [] },
      })
      if (noMilvus === undefined) milvus = await startMilvus()
      models = await listModelsBefore(openAi.url)
      desk = await openDesk({ slack: slack.apiUrl, openAi: models.url, milvus: milvus?.address })
    }, STEP_MS)
    afterAll(async () => {
      await desk?.close()
      await Promise.all([slack?.stop(), models?.close(), openAi?.close(), milvus?.remove()])
    })

    for (const page of PAGES) {
      const korean = stepsIn('ko', page)
      for (const [i, step] of stepsIn('en', page).entries()) {
        const missing = missingOf(step)
        const title = `${page}:${step.line} ${titleOf(step)}${missing === undefined ? '' : ` (${missing})`}`
        test.skipIf(missing !== undefined)(title, () => desk.take(step, korean[i]?.seen ?? []), STEP_MS)
        if (noTerraform !== undefined && /local apply$/.test(step.commands?.bash ?? ''))
          test('stream and bucket, made without Terraform', () => desk.makeStreamAndBucket())
      }
      if (page.startsWith('2-')) test('a client that trusts the certificate comes through the door', () => desk.knock())
      if (page.startsWith('4-'))
        test('Slack has a message of the new incident, and refused nothing', async () => {
          await expect
            .poll(
              () =>
                slack
                  .roots()
                  .map(({ text }) => text)
                  .join('\n'),
              WAIT,
            )
            .toMatch(/deadlock/i)
          expect(slack.refusals).toEqual([])
        })
      if (page.startsWith('5-'))
        test('the model was asked about the new incident, without a secret in what it saw', async () => {
          await expect.poll(() => openAi.requests.length, WAIT).toBeGreaterThan(0)
          expect(openAi.requests.every(({ authorization }) => authorization === 'Bearer sk-your-key')).toBe(true)
          expect(JSON.stringify(openAi.requests)).not.toContain('xoxb-your-token')
        })
    }
  },
)

/** On a busy machine; alone on one the longest, terraform apply, takes 25 s. */
const STEP_MS = 180_000
const WAIT = { timeout: 30_000, interval: 200 }

interface Models {
  readonly url: string
  close(): Promise<void>
}

/** The stand-in answers questions; `doctor` asks whether the model is there, which is answered here. */
async function listModelsBefore(answers: string): Promise<Models> {
  const server = createServer(async (request, response) => {
    if (request.method === 'GET') {
      const id = request.url?.split('/').at(-1)
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ id, object: 'model' }))
      return
    }
    const { authorization = '' } = request.headers
    const path = request.url?.replace(/^\/v1/, '') ?? ''
    const answer = await fetch(answers + path, {
      method: 'POST',
      headers: { authorization },
      body: await text(request),
    })
    response.writeHead(answer.status, { 'content-type': 'application/json' }).end(await answer.text())
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
    close: async () => {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

function titleOf({ remark, file, commands }: Step): string {
  if (file !== undefined && remark.kind === 'file') return `writes ${remark.path}`
  const [first = '', ...more] = linesOf(commands?.bash ?? '')
  return `${first.slice(0, 100)}${more.length > 0 ? ' …' : ''}`
}

function missingOf({ remark, commands }: Step): string | undefined {
  if (remark.kind === 'not run') return `not run: ${remark.reason}`
  if (commands?.bash.startsWith('terraform ') === true) return noTerraform
  if (commands?.bash.includes('CALI_MILVUS_ADDRESS') === true) return noMilvus
  return undefined
}
