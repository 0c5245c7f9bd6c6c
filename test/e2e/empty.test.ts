import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Dashboard, startDashboard } from '../support/dashboard.ts'
import { feed } from '../support/server.ts'

let dashboard: Dashboard
beforeAll(async () => {
  dashboard = await startDashboard({ events: 0 })
})
afterAll(() => dashboard?.stop())

test('an empty server says so on every screen; the first incident appears by itself', async () => {
  for (const [path, text] of [
    ['/logs', 'No line stored yet.'],
    ['/slack', 'No message yet.'],
    ['/patterns', 'No pattern yet.'],
    ['/audit', 'Nothing yet.'],
  ] as const) {
    const page = await dashboard.open(path)
    await page.getByText(text).waitFor()
  }
  const page = await dashboard.open('/')
  await page.getByText('No open incident.').waitFor()
  await page.getByText(/No line received yet/).waitFor()
  await feed(dashboard.server.system, 1_500, ['all'])
  await page.locator('[data-row]').first().waitFor()
  expect(
    await page
      .getByRole('status')
      .filter({ hasText: /new incident/ })
      .count(),
  ).toBe(1)
})

test('a server that stops answering is named, and trying again works', async () => {
  const page = await dashboard.open('/')
  await page.getByText('Live', { exact: true }).waitFor()
  await page.route('**/api/settings', (route) => route.abort())
  await page.getByRole('link', { name: 'Settings' }).click()
  await page.getByText(/The CALI server does not answer/).waitFor()
  await page.unroute('**/api/settings')
  await page.getByRole('button', { name: 'Try again' }).click()
  await page.getByRole('rowheader', { name: 'kinesis.stream' }).waitFor()
})

test('a lost connection looks different from a live one, not only in words', async () => {
  const page = await dashboard.open('/')
  const filling = (): Promise<unknown> =>
    page.evaluate(`getComputedStyle(document.querySelector('.live-dot')).backgroundColor`)
  await page.getByText('Live', { exact: true }).waitFor()
  const live = await filling()
  await page.route('**/api/events', (route) => route.abort())
  await page.reload()
  await page.getByText('Connection lost, reconnecting').waitFor()
  expect(await filling()).not.toBe(live)
})
