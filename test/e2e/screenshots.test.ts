/** Pictures of the documentation. Written only with CALI_WRITE_SCREENSHOTS=1; without it the pages must show what is in them. */
import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { launchBrowser } from '../support/browser.ts'
import { type Dashboard, startDashboard } from '../support/dashboard.ts'
import { withPalette } from '../support/png.ts'
import { feed } from '../support/server.ts'

const WRITE = process.env['CALI_WRITE_SCREENSHOTS'] === '1'
const IMAGES = fileURLToPath(new URL('../../docs/images/', import.meta.url))
const CLI = fileURLToPath(new URL('../../bin/cali.js', import.meta.url))
const SIZE = { width: 1280, height: 800 }
const MAX_BYTES = 200_000

const run = promisify(execFile)

async function picture(page: Page, name: string, target?: string): Promise<void> {
  await page.evaluate('document.fonts.ready')
  const whole = target === undefined
  const shot = whole ? await page.screenshot({ animations: 'disabled' }) : await page.locator(target).screenshot()
  const image = withPalette(shot)
  expect(image.length, `${name}.png is small enough for a page`).toBeLessThan(MAX_BYTES)
  if (!WRITE) return
  const path = join(IMAGES, `${name}.png`)
  await writeFile(path, image)
  expect((await stat(path)).size).toBe(image.length)
}

/** The incident of a service whose title holds the words. */
async function incidentOf(url: string, words: string): Promise<string> {
  const answer = await fetch(`${url}/api/incidents?q=${encodeURIComponent(words)}`)
  const { incidents } = (await answer.json()) as { incidents: { id: string }[] }
  const id = incidents[0]?.id
  if (id === undefined) throw new Error(`the generated traffic opens no incident with "${words}"`)
  return id
}

describe.each(['en', 'ko'] as const)('dashboard in %s', (language) => {
  let dashboard: Dashboard
  const suffix = language === 'en' ? '' : '-ko'
  beforeAll(async () => {
    dashboard = await startDashboard({ language, events: 6_000, scenarios: ['all'] })
    await feed(dashboard.server.system, 1_500, ['deploy'])
  })
  afterAll(() => dashboard?.stop())

  async function open(path: string, dark = false): Promise<Page> {
    const page = await dashboard.open(path, { dark, actor: 'jihun' })
    await page.setViewportSize(SIZE)
    return page
  }

  test.each([
    ['light', ''],
    ['dark', '-dark'],
  ])('the list of incidents, %s', async (theme, ending) => {
    const page = await open('/', theme === 'dark')
    await page
      .getByText(/SQLTransientConnectionException/)
      .first()
      .waitFor()
    await picture(page, `incidents${ending}${suffix}`)
  })

  test('one incident', async () => {
    const id = await incidentOf(dashboard.url, 'HikariPool')
    expect(id, 'docs/en/getting-started.md names it').toBe('D5PAMN')
    const page = await open(`/i/${id}`)
    await page.locator('.hypotheses').first().waitFor()
    await picture(page, `incident${suffix}`)
  })

  test('a Slack message', async () => {
    const page = await open(`/slack?incident=${await incidentOf(dashboard.url, 'HikariPool')}`)
    await page
      .locator('.slack-post')
      .first()
      .getByText(/HikariPool/)
      .first()
      .waitFor()
    await picture(page, `slack${suffix}`)
  })
})

/** The real program with its demo traffic: its figures are those of a reader's own first minute. */
describe('npm start', () => {
  test.each(['en', 'ko'])('the pipeline with its ledger in %s', async (language) => {
    const folder = await mkdtemp(join(tmpdir(), 'cali-start-'))
    const child = spawn(process.execPath, [CLI, 'dev', '--port', '0', '--lang', language], {
      cwd: folder,
      env: { ...process.env, TZ: 'Asia/Seoul' },
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    const ended = once(child, 'exit')
    const browser = await launchBrowser()
    try {
      const page = await browser.newPage({ viewport: SIZE, reducedMotion: 'reduce' })
      let opened = 0
      for await (const line of createInterface({ input: child.stdout })) {
        const event = JSON.parse(line) as { event: string; url: string }
        if (event.event === 'started') await page.goto(`${event.url}/pipeline`)
        if (event.event === 'opened' && ++opened === (WRITE ? 6 : 1)) break
      }
      await page.locator('[data-stage="decode"]').waitFor()
      await picture(page, language === 'en' ? 'pipeline' : 'pipeline-ko')
    } finally {
      await browser.close()
      child.kill('SIGTERM')
      await ended
      await rm(folder, { recursive: true, force: true, maxRetries: 5 })
    }
  })
})

describe('triage on a terminal', () => {
  let browser: Browser
  let folder: string
  beforeAll(async () => {
    browser = await launchBrowser()
    folder = await mkdtemp(join(tmpdir(), 'cali-triage-'))
  })
  afterAll(async () => {
    await browser?.close()
    await rm(folder, { recursive: true, force: true })
  })

  test.each([
    ['en', 'triage'],
    ['ko', 'triage-ko'],
  ])('the answer in %s', async (language, name) => {
    const log = join(folder, `${name}.log`)
    const env = { ...process.env, FORCE_COLOR: '1', NO_COLOR: undefined, TZ: 'Asia/Seoul' }
    const cali = (...args: string[]) => run(process.execPath, [CLI, ...args], { env, cwd: folder })
    await cali('generate', '--scenario', 'cascade', '--count', '2000', '--seed', '7', '--out', log)
    const { stdout } = await cali('triage', `${name}.log`, '--lang', language)
    expect(stdout).toContain('OutOfMemoryError')
    const page = await browser.newPage({ viewport: { ...SIZE, width: 1200 } })
    await page.setContent(terminalPage(`$ npx cali triage app.log\n${stdout.trimEnd()}`))
    await picture(page, name, '#terminal')
    await page.close()
  })
})

const COLOURS: Readonly<Record<string, string>> = { 31: '#ff7b72', 32: '#7ee787', 33: '#f2cc60', 34: '#79c0ff' }

/** Text with the escapes of colour, bold and dim as a page that looks like a terminal. */
function terminalPage(text: string): string {
  let style: { colour?: string; bold?: boolean; dim?: boolean } = {}
  const body = text
    .split(/\u001b\[([\d;]*)m/)
    .map((part, i) => {
      if (i % 2 === 0) {
        const css = [
          style.colour === undefined ? '' : `color:${style.colour}`,
          style.bold === true ? 'font-weight:600;color:#fff' : '',
          style.dim === true ? 'opacity:.62' : '',
        ]
        return `<span style="${css.filter((rule) => rule !== '').join(';')}">${escapeHtml(part)}</span>`
      }
      for (const code of part.split(';')) {
        if (code === '1') style = { ...style, bold: true }
        else if (code === '2') style = { ...style, dim: true }
        else if (code === '22') style = { ...style, bold: false, dim: false }
        else if (COLOURS[code] !== undefined) style = { ...style, colour: COLOURS[code] }
        else if (code === '39') delete style.colour
        else style = {}
      }
      return ''
    })
    .join('')
  return `<!doctype html><meta charset="utf-8"><style>
    body { margin: 0; background: #0d1117 }
    #terminal { display: inline-block; padding: 18px 22px; background: #0d1117; color: #d6dde4;
      font: 13px/1.5 'Noto Sans Mono CJK KR', 'DejaVu Sans Mono', Menlo, Consolas, monospace; white-space: pre }
    </style><div id="terminal">${body}</div>`
}

const escapeHtml = (text: string): string => text.replace(/[&<>]/g, (c) => `&#${c.charCodeAt(0)};`)
