import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Dashboard, startDashboard } from '../support/dashboard.ts'

let dashboard: Dashboard
beforeAll(async () => {
  dashboard = await startDashboard()
})
afterAll(() => dashboard?.stop())

interface Row {
  readonly id: string
  readonly state: string
  readonly count: number
  readonly fold?: { readonly under: string }
}
const incidents = async (): Promise<readonly Row[]> =>
  ((await (await fetch(`${dashboard.url}/api/incidents`)).json()) as { incidents: Row[] }).incidents
const incident = async (id: string): Promise<Row> =>
  ((await (await fetch(`${dashboard.url}/api/incidents/${id}`)).json()) as { incident: Row }).incident

test('a person merges an incident into another, sees where it went, and splits it off again', async () => {
  const [into, from] = (await incidents()).filter(({ state, fold }) => state === 'open' && fold === undefined)
  if (into === undefined || from === undefined) throw new Error('too few incidents for the test')

  const page = await dashboard.open(`/i/${from.id}`, { actor: '지훈' })
  await page.getByRole('button', { name: 'More actions' }).click()
  await page.getByRole('menuitem', { name: /Merge into another incident/ }).click()
  const dialog = page.getByRole('dialog', { name: 'Merge into another incident' })
  await dialog.getByLabel('Incident that stays').fill(into.id.toLowerCase())
  await dialog.getByRole('button', { name: 'Merge into another incident' }).click()
  await page.getByText(`${from.id} is part of ${into.id} now.`).waitFor()
  await expect.poll(async () => (await incident(into.id)).count).toBe(into.count + from.count)

  await page.getByRole('link', { name: `part of ${into.id}` }).click()
  await page.getByText('Why this grouping?').click()
  await page.getByText('2 kinds of error are this incident').waitFor()
  await page.getByRole('button', { name: 'Split off' }).click()
  await page.getByText(`Split off from ${into.id}.`).waitFor()
  await expect.poll(async () => (await incident(from.id)).state).toBe('open')
  expect(await incident(into.id)).toMatchObject({ count: into.count })
  await page.getByText('2 kinds of error are this incident').waitFor({ state: 'detached' })
})

test('a merge into nothing is refused in words', async () => {
  const [from] = (await incidents()).filter(({ state }) => state === 'open')
  const page = await dashboard.open(`/i/${from?.id}`, { actor: '지훈' })
  await page.getByRole('button', { name: 'More actions' }).click()
  await page.getByRole('menuitem', { name: /Merge into another incident/ }).click()
  const dialog = page.getByRole('dialog', { name: 'Merge into another incident' })
  await dialog.getByLabel('Incident that stays').fill('ZZZZZZ')
  await dialog.getByRole('button', { name: 'Merge into another incident' }).click()
  await page.getByText(/there is no incident ZZZZZZ/).waitFor()
})
