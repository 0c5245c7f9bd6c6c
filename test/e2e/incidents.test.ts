import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Dashboard, startDashboard } from '../support/dashboard.ts'

let dashboard: Dashboard
beforeAll(async () => {
  dashboard = await startDashboard()
})
afterAll(() => dashboard?.stop())

const rows = (page: Page) => page.getByRole('list', { name: 'Incident list' }).getByRole('listitem')
const addressOf = (page: Page): string => decodeURIComponent(new URL(page.url()).search)

describe('incident list', () => {
  test('shows each incident with severity, service, count, state and likely cause', async () => {
    const page = await dashboard.open('/')
    await rows(page).first().waitFor()
    const texts = await rows(page).allInnerTexts()
    expect(texts.length).toBeGreaterThan(5)
    for (const text of texts) {
      expect(text).toMatch(/SEV[1-4]/)
      expect(text).toMatch(/×\d/)
      expect(text).toContain('Open')
    }
    expect(texts.join(' ')).toContain('confidence')
  })

  test('a facet goes into the address, and the back button undoes it', async () => {
    const page = await dashboard.open('/')
    await rows(page).first().waitFor()
    const all = await rows(page).count()
    await page.getByRole('group', { name: 'Severity' }).getByRole('checkbox', { name: /SEV2/ }).check()
    await expect.poll(() => addressOf(page)).toBe('?severity=SEV2')
    await expect.poll(() => rows(page).count()).toBeLessThan(all)
    for (const text of await rows(page).allInnerTexts()) expect(text).toContain('SEV2')

    await page.goBack()
    await expect.poll(() => addressOf(page)).toBe('')
    await expect.poll(() => rows(page).count()).toBe(all)
  })

  test('an address alone restores the view', async () => {
    const page = await dashboard.open('/?state=resolved&q=nothing-has-this-word')
    await page.getByText('No incident matches.').waitFor()
    expect(await page.getByRole('checkbox', { name: /Resolved/ }).isChecked()).toBe(true)
    expect(await page.getByRole('searchbox').inputValue()).toBe('nothing-has-this-word')
  })

  test('the histogram has a table, and a row of it narrows the time range', async () => {
    const page = await dashboard.open('/')
    await page.getByRole('button', { name: 'Show as table' }).click()
    await page.getByRole('region', { name: 'Show as table' }).getByRole('rowheader').getByRole('button').first().click()
    await expect.poll(() => addressOf(page)).toMatch(/from=\d+&to=\d+/)
    await page.getByRole('button', { name: /Clear range/ }).click()
    await expect.poll(() => addressOf(page)).toBe('')
  })

  test('dragging over the histogram narrows the time range', async () => {
    const page = await dashboard.open('/')
    const plot = page.locator('.u-over')
    await plot.waitFor()
    const box = await plot.boundingBox()
    if (box === null) throw new Error('the histogram is not on the screen')
    await page.mouse.move(box.x + box.width * 0.5, box.y + 20)
    await page.mouse.down()
    await page.mouse.move(box.x + box.width - 4, box.y + 30, { steps: 5 })
    await page.mouse.up()
    await expect.poll(() => addressOf(page)).toMatch(/from=\d+&to=\d+/)
    await rows(page).first().waitFor()
  })
})

describe('keyboard', () => {
  test('j and k move, Enter opens, / searches, Escape leaves', async () => {
    const page = await dashboard.open('/')
    await rows(page).first().waitFor()
    const focusedRow = (): Promise<string | null> => page.locator('[data-row]:focus-within').getAttribute('data-row')
    await page.keyboard.press('j')
    const first = await focusedRow()
    await page.keyboard.press('j')
    const second = await focusedRow()
    expect(second).not.toBe(first)
    await page.keyboard.press('k')
    expect(await focusedRow()).toBe(first)
    await page.keyboard.press('Enter')
    await page.waitForURL(`**/i/${first}`)

    await page.goBack()
    await rows(page).first().waitFor()
    await page.keyboard.press('/')
    await page.locator('[data-search]:focus').waitFor()
    await page.keyboard.type('jjkk')
    expect(await page.getByRole('searchbox').inputValue()).toBe('jjkk')
  })

  test('? shows the shortcuts, Ctrl-K finds a screen', async () => {
    const page = await dashboard.open('/')
    await rows(page).first().waitFor()
    await page.keyboard.press('?')
    await page.getByRole('dialog', { name: 'Keyboard shortcuts' }).waitFor()
    await page.keyboard.press('Escape')
    await page.keyboard.press('Control+k')
    await page.getByRole('combobox', { name: /Screen, incident/ }).fill('pipel')
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { level: 1, name: 'Pipeline' }).waitFor()
  })
})

describe('language and theme', () => {
  test('switches to Korean and stays Korean', async () => {
    const page = await dashboard.open('/')
    await page.getByRole('combobox', { name: 'Language' }).selectOption('ko')
    await page.getByRole('heading', { level: 1, name: '인시던트' }).waitFor()
    expect(await page.locator('html').getAttribute('lang')).toBe('ko')
    await page.reload()
    await page.getByRole('heading', { level: 1, name: '인시던트' }).waitFor()
    await page.getByRole('combobox', { name: '언어' }).selectOption('en')
    await page.getByRole('heading', { level: 1, name: 'Incidents' }).waitFor()
  })

  test('follows the system, and a chosen theme wins and stays', async () => {
    const brightness = async (page: Page): Promise<number> => {
      const colour = await page.evaluate<string>('getComputedStyle(document.body).backgroundColor')
      return Number(/\d+/.exec(colour)?.[0])
    }
    const page = await dashboard.open('/', { dark: true })
    await rows(page).first().waitFor()
    expect(await brightness(page)).toBeLessThan(60)
    await page.getByRole('combobox', { name: 'Theme' }).selectOption('light')
    expect(await brightness(page)).toBeGreaterThan(200)
    await page.reload()
    await rows(page).first().waitFor()
    expect(await brightness(page)).toBeGreaterThan(200)
  })
})
