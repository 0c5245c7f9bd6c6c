import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Dashboard, startDashboard } from '../support/dashboard.ts'

let dashboard: Dashboard
beforeAll(async () => {
  dashboard = await startDashboard()
})
afterAll(() => dashboard?.stop())

/** Each test takes an incident of its own, because it changes it. */
let taken = 0
async function openIncident(actor?: string): Promise<{ page: Page; id: string }> {
  const { incidents } = (await (await fetch(`${dashboard.url}/api/incidents`)).json()) as {
    incidents: { id: string; state: string }[]
  }
  const id = incidents.filter(({ state }) => state === 'open')[taken++]?.id
  if (id === undefined) throw new Error('too few incidents for the tests')
  return { page: await dashboard.open(`/i/${id}`, actor === undefined ? {} : { actor }), id }
}

const stateOf = async (id: string): Promise<Record<string, unknown>> =>
  ((await (await fetch(`${dashboard.url}/api/incidents/${id}`)).json()) as { incident: Record<string, unknown> })
    .incident

describe('incident page', () => {
  test('a citation marks its evidence, scrolls to it and is in the address', async () => {
    const { page } = await openIncident()
    const citation = page.locator('.hypotheses a.citation').first()
    const cited = (await citation.innerText()).trim()
    await citation.click()
    const target = page.locator(`#cite-${cited}`)
    await expect.poll(() => target.getAttribute('class')).toContain('cited')
    await page.locator(`#cite-${cited}:focus`).waitFor()
    await expect.poll(() => new URL(page.url()).search).toBe(`?at=${cited}`)

    await page.reload()
    await expect.poll(() => target.getAttribute('class')).toContain('cited')
  })

  test('evidence shows the lines around it', async () => {
    const { page } = await openIncident()
    await page.getByRole('button', { name: '± Lines around' }).first().click()
    await page.locator('.context-lines li.own').waitFor()
    expect(await page.locator('.context-lines li').count()).toBeGreaterThan(1)
  })

  test('says why the lines are one incident', async () => {
    const { page } = await openIncident()
    await page.getByText('Why this grouping?').click()
    expect(await page.locator('.grouping-parts li').count()).toBeGreaterThan(0)
  })

  test('an unknown id is explained, not a blank page', async () => {
    const page = await dashboard.open('/i/ZZZZZZ')
    await page.getByText(/There is no incident ZZZZZZ/).waitFor()
  })
})

describe('what people do', () => {
  test('the first action asks for a name once; acknowledging can be undone', async () => {
    const { page, id } = await openIncident()
    await page.getByRole('button', { name: 'Acknowledge' }).click()
    await page.getByRole('dialog', { name: 'Who is acting?' }).getByLabel('Name').fill('지훈')
    await page.getByRole('button', { name: 'Save' }).click()
    await page.getByText(`${id} acknowledged.`).waitFor()
    expect(await stateOf(id)).toMatchObject({ state: 'acknowledged', acknowledgedBy: '지훈' })

    await page.getByRole('button', { name: 'Undo' }).click()
    await expect.poll(async () => (await stateOf(id))['state']).toBe('open')
    await page.getByRole('button', { name: 'Acknowledge' }).click()
    await expect.poll(async () => (await stateOf(id))['state']).toBe('acknowledged')
  })

  test('resolving keeps the fix, and the audit log names who did it', async () => {
    const { page, id } = await openIncident('서연')
    await page.getByRole('button', { name: 'Resolve' }).click()
    const dialog = page.getByRole('dialog', { name: 'Mark as resolved' })
    await dialog.getByRole('textbox').fill('raised the pool size')
    await dialog.getByRole('button', { name: 'Resolve' }).click()
    await expect.poll(() => stateOf(id)).toMatchObject({ state: 'resolved', resolvedBy: '서연' })
    await page.getByText('raised the pool size').waitFor()
    await page.getByRole('button', { name: 'Reopen' }).waitFor()

    await page.getByRole('link', { name: 'Audit' }).click()
    const entry = page.getByRole('row').filter({ hasText: id })
    await entry.first().waitFor()
    expect(await entry.first().innerText()).toContain('서연')
  })

  test('muting holds messages back and says until when', async () => {
    const { page, id } = await openIncident('지훈')
    await page.getByRole('button', { name: 'More actions' }).click()
    await page.getByRole('menuitem', { name: '4 h' }).click()
    await page.getByText(/Messages muted until/).waitFor()
    const { mutedUntil } = await stateOf(id)
    expect(Number(mutedUntil)).toBeGreaterThan(Date.now() + 3.9 * 3_600_000)

    await page.getByRole('button', { name: 'More actions' }).click()
    await page.getByRole('menuitem', { name: 'Unmute' }).click()
    await expect.poll(async () => (await stateOf(id))['mutedUntil']).toBeUndefined()
  })

  test('feedback stands beside its hypothesis', async () => {
    const { page } = await openIncident('지훈')
    await page.getByRole('button', { name: 'Wrong' }).first().click()
    await page.getByLabel(/What was the real cause/).fill('the disk was full')
    await page.getByRole('button', { name: 'Send' }).click()
    await page.getByText('지훈: Wrong · the disk was full').waitFor()
  })

  test('e on the list acknowledges the focused row', async () => {
    const page = await dashboard.open('/', { actor: '지훈' })
    await page.locator('[data-row]').first().waitFor()
    await page.keyboard.press('j')
    while ((await page.locator('[data-row]:focus-within').innerText()).includes('Acknowledged'))
      await page.keyboard.press('j')
    const id = await page.locator('[data-row]:focus-within').getAttribute('data-row')
    if (id === null) throw new Error('no row has the focus')
    await page.keyboard.press('e')
    await expect.poll(async () => (await stateOf(id))['state']).toBe('acknowledged')
  })
})
