/** A browser for tests: the one named by CALI_TEST_BROWSER, else one that is installed, else one that gets installed. */
import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { promisify } from 'node:util'
import { type Browser, chromium } from 'playwright-core'

const run = promisify(execFile)
const NAMES = [
  'chromium',
  'chromium-browser',
  'google-chrome',
  'google-chrome-stable',
  'microsoft-edge',
  'msedge',
  'chrome',
]
const FIXED = [
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  '/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge',
  'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
  'C:\\Program Files (x86)\\Google\\Chrome\\Application\\chrome.exe',
  'C:\\Program Files (x86)\\Microsoft\\Edge\\Application\\msedge.exe',
  'C:\\Program Files\\Microsoft\\Edge\\Application\\msedge.exe',
]

export async function launchBrowser(): Promise<Browser> {
  const executablePath = findBrowser() ?? (await installBrowser())
  return chromium.launch({
    ...(executablePath === undefined ? {} : { executablePath }),
    // Chromium's sandbox does not start for root, as in most CI containers.
    chromiumSandbox: !isRoot(),
    args: ['--disable-gpu', '--disable-background-networking'],
  })
}

function findBrowser(): string | undefined {
  const named = process.env['CALI_TEST_BROWSER']
  if (named !== undefined && named !== '') {
    if (!existsSync(named)) throw new Error(`CALI_TEST_BROWSER is "${named}": there is no such file`)
    return named
  }
  const suffix = process.platform === 'win32' ? '.exe' : ''
  const folders = (process.env['PATH'] ?? '').split(delimiter).filter((folder) => folder !== '')
  const inPath = folders.flatMap((folder) => NAMES.map((name) => join(folder, `${name}${suffix}`)))
  return [...inPath, ...FIXED].find((path) => existsSync(path))
}

/** Undefined: Playwright's own browser, which it finds by itself. */
async function installBrowser(): Promise<string | undefined> {
  if (isRoot() && existsSync('/usr/bin/apt-get')) {
    await run('apt-get', ['update'])
    await run('apt-get', ['install', '-y', '--no-install-recommends', 'chromium', 'fonts-noto-cjk'])
    const found = findBrowser()
    if (found !== undefined) return found
  }
  const cli = join(import.meta.dirname, '../../node_modules/playwright-core/cli.js')
  await run(process.execPath, [cli, 'install', 'chromium'])
  return undefined
}

const isRoot = (): boolean => process.getuid?.() === 0
