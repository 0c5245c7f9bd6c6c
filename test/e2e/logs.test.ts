import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Dashboard, startDashboard } from '../support/dashboard.ts'
import { feed } from '../support/server.ts'

let dashboard: Dashboard
beforeAll(async () => {
  dashboard = await startDashboard()
})
afterAll(() => dashboard?.stop())

const lines = (page: Page) => page.getByRole('feed', { name: 'Log lines' }).getByRole('article')

async function search(page: Page, text: string): Promise<void> {
  await page.getByRole('searchbox').fill(text)
  await page.keyboard.press('Enter')
}

describe('log search', () => {
  test('finds Korean text', async () => {
    const page = await dashboard.open('/logs')
    await lines(page).first().waitFor()
    await search(page, '결제')
    await expect.poll(() => decodeURIComponent(page.url())).toContain('q=결제')
    await expect.poll(async () => (await lines(page).allInnerTexts()).every((text) => text.includes('결제'))).toBe(true)
    expect(await lines(page).count()).toBeGreaterThan(0)
  })

  test('a level facet narrows the lines and stays in the address', async () => {
    const page = await dashboard.open('/logs')
    await page.getByRole('group', { name: 'Level' }).getByRole('checkbox', { name: /WARN/ }).check()
    await page.waitForURL('**/logs?level=WARN')
    await expect.poll(async () => (await lines(page).allInnerTexts()).every((text) => text.includes('WARN'))).toBe(true)
  })

  test('a search without a match says what to try', async () => {
    const page = await dashboard.open('/logs?q=no-such-word-anywhere')
    await page.getByText('No line matches.').waitFor()
    await page.getByText(/Widen the time range/).waitFor()
  })

  test('a line opens with its neighbours, and its address opens it again', async () => {
    const page = await dashboard.open('/logs')
    await lines(page).first().getByRole('button').click()
    const sheet = page.getByRole('dialog', { name: 'Log line' })
    await sheet.getByRole('heading', { name: 'Lines around' }).waitFor()
    await sheet.locator('.own').waitFor()
    const shown = await sheet.locator('.sheet-body').innerText()
    await page.reload()
    await sheet.locator('.sheet-body').waitFor()
    expect(await sheet.locator('.sheet-body').innerText()).toBe(shown)
    await page.keyboard.press('Escape')
    await expect.poll(() => new URL(page.url()).search).toBe('')
  })

  test('only the lines on the screen are in the document', async () => {
    const page = await dashboard.open('/logs')
    await lines(page).first().waitFor()
    const total = Number(/[\d,]+/.exec(await page.locator('.page-title').innerText())?.[0].replace(',', ''))
    expect(total).toBeGreaterThan(100)
    expect(await lines(page).count()).toBeLessThan(100)
  })
})

describe('live tail', () => {
  test('shows new lines; paused, it counts them instead', async () => {
    const page = await dashboard.open('/logs?q=level:error')
    await lines(page).first().waitFor()
    await page.getByRole('button', { name: 'Live tail' }).click()
    await page.getByText('Waiting for new lines.').waitFor()
    await feed(dashboard.server.system, 400, ['all'])
    await page
      .locator('.tail-bar')
      .getByText(/\d+ lines?/)
      .waitFor()

    await page.getByRole('button', { name: 'Pause' }).click()
    await feed(dashboard.server.system, 400, ['all'])
    await page.getByRole('button', { name: /Resume · [1-9]/ }).click()
    await page.getByRole('button', { name: 'Pause' }).waitFor()
  })
})
