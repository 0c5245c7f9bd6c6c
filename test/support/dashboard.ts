/** The dashboard as people use it: built, served by a whole CALI, in a real browser. */
import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import type { Browser, Page } from 'playwright-core'
import { launchBrowser } from './browser.ts'
import { startTestServer, type TestServer, type TestServerOptions } from './server.ts'

interface PageOptions {
  readonly dark?: boolean
  readonly width?: number
  /** Who acts. Without a name the dashboard asks at the first action. */
  readonly actor?: string
}

export interface Dashboard {
  readonly url: string
  readonly server: TestServer
  /** A page in a browser profile of its own; the page before it is closed. */
  open(path: string, options?: PageOptions): Promise<Page>
  /** Throws when a page threw. */
  stop(): Promise<void>
}

const BUILD = fileURLToPath(new URL('../../tools/build-web.ts', import.meta.url))

export async function startDashboard(options: TestServerOptions = {}): Promise<Dashboard> {
  await buildDashboard()
  const [server, browser] = await Promise.all([startTestServer(options), launchBrowser()])
  const faults: Error[] = []
  let current: Page | undefined
  return {
    url: server.url,
    server,
    open: async (path, settings) => {
      await current?.context().close()
      const page = await openPage(browser, settings)
      current = page
      page.on('pageerror', (fault) => faults.push(fault))
      await page.goto(`${server.url}${path}`)
      return page
    },
    stop: async () => {
      await browser.close()
      await server.stop()
      if (faults.length > 0) throw new AggregateError(faults, `the dashboard threw: ${faults[0]?.message}`)
    },
  }
}

async function openPage(browser: Browser, { dark = false, width = 1280, actor }: PageOptions = {}): Promise<Page> {
  const context = await browser.newContext({
    viewport: { width, height: 860 },
    colorScheme: dark ? 'dark' : 'light',
    reducedMotion: 'reduce',
  })
  context.setDefaultTimeout(15_000)
  const page = await context.newPage()
  if (actor !== undefined) await page.addInitScript((name) => localStorage.setItem('cali.actor', name), actor)
  return page
}

/** In a process of its own: a test's NODE_ENV would make it a development build. */
async function buildDashboard(): Promise<void> {
  const { NODE_ENV: _, ...env } = process.env
  await promisify(execFile)(process.execPath, [BUILD], { env })
}
