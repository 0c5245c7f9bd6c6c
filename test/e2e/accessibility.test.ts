import { AxeBuilder } from '@axe-core/playwright'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Dashboard, startDashboard } from '../support/dashboard.ts'

let dashboard: Dashboard
let incident: string
beforeAll(async () => {
  dashboard = await startDashboard({ language: 'ko' })
  const list = (await (await fetch(`${dashboard.url}/api/incidents`)).json()) as { incidents: { id: string }[] }
  incident = list.incidents[0]?.id ?? ''
})
afterAll(() => dashboard?.stop())

const SCREENS = [
  '/',
  '/i/:id',
  '/logs',
  '/pipeline',
  '/patterns',
  '/knowledge',
  '/knowledge/auth-jwt-invalid',
  '/rules',
  '/slack',
  '/settings',
  '/audit',
]

async function openScreen(screen: string): Promise<Page> {
  const page = await dashboard.open(screen.replace(':id', incident))
  await page.getByRole('heading', { level: 1 }).waitFor()
  await page.locator('[aria-busy=true]').waitFor({ state: 'detached' })
  return page
}

async function seriousViolations(page: Page): Promise<string[]> {
  const { violations } = await new AxeBuilder({ page }).analyze()
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`)
}

test.each(SCREENS)('%s has no serious violation in either theme and fits a phone of 375 px', async (screen) => {
  const page = await openScreen(screen)
  expect(await seriousViolations(page), 'light').toEqual([])
  await page.emulateMedia({ colorScheme: 'dark' })
  expect(await seriousViolations(page), 'dark').toEqual([])

  await page.setViewportSize({ width: 375, height: 812 })
  const overflow = 'document.documentElement.scrollWidth - document.documentElement.clientWidth'
  await expect.poll(() => page.evaluate<number>(overflow), { message: 'scrolls sideways' }).toBe(0)
  expect(await seriousViolations(page), 'phone').toEqual([])
})

test('a phone reaches every screen by the menu', async () => {
  const page = await dashboard.open('/', { width: 375 })
  await page.getByRole('button', { name: '메뉴' }).click()
  await page.getByRole('dialog', { name: '메뉴' }).getByRole('link', { name: '파이프라인' }).click()
  await page.getByRole('heading', { level: 1, name: '파이프라인' }).waitFor()
  expect(await page.getByRole('dialog').count()).toBe(0)
})
