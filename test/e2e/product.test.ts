import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Dashboard, startDashboard } from '../support/dashboard.ts'

let dashboard: Dashboard
beforeAll(async () => {
  dashboard = await startDashboard()
})
afterAll(() => dashboard?.stop())

describe('pipeline', () => {
  test('the ledger balances, row by row', async () => {
    const page = await dashboard.open('/pipeline')
    await page.getByText('The ledger balances. No line is lost.').waitFor()
    for (const stage of ['decode', 'filter', 'group']) {
      const cells = await page.locator(`[data-stage="${stage}"] td.n`).allInnerTexts()
      const [received, kept, dropped, rejected] = cells.map((cell) => Number(cell.replaceAll(',', '')))
      expect(received, stage).toBeGreaterThan(0)
      expect((kept ?? 0) + (dropped ?? 0) + (rejected ?? 0), stage).toBe(received)
    }
    await page.getByRole('row', { name: /Rules .* balances/ }).waitFor()
  })

  test('the picture leads to what is behind its numbers', async () => {
    const page = await dashboard.open('/pipeline')
    await page.getByRole('link', { name: /Search index/ }).click()
    await page.getByRole('heading', { level: 1, name: 'Logs' }).waitFor()
  })
})

describe('rules', () => {
  test('are previewed on past lines before they can be saved', async () => {
    const page = await dashboard.open('/rules', { actor: '지훈' })
    const save = page.getByRole('button', { name: 'Save rules' })
    await page.getByRole('button', { name: 'Add rule' }).click()
    await page.getByLabel('Name', { exact: true }).fill('drop-warnings')
    await page.getByLabel('At most').selectOption('WARN')
    expect(await save.isDisabled()).toBe(true)

    await page.getByRole('button', { name: 'Preview', exact: true }).click()
    await page.getByText(/tried on [\d,]+ lines/).waitFor()
    await page
      .getByText(/Drop drop-warnings/)
      .first()
      .waitFor()
    await save.click()
    await page.getByText('Rules saved.').waitFor()
    await page.getByText('Saved rules are in use.').waitFor()

    const { rules, source } = (await (await fetch(`${dashboard.url}/api/rules`)).json()) as {
      rules: { id: string }[]
      source: string
    }
    expect(rules[0]).toMatchObject({ id: 'drop-warnings', action: 'drop', maxSeverity: 'WARN' })
    expect(source).toBe('saved')
  })

  test('a wrong name or pattern is refused while typing', async () => {
    const page = await dashboard.open('/rules')
    await page.getByRole('button', { name: 'Add rule' }).click()
    await page.getByLabel('Name', { exact: true }).fill('Not a name')
    await page.getByLabel('Regular expression').fill('(')
    await page.getByText(/lower-case letters, digits and dashes/).waitFor()
    await page.getByText('Not a regular expression.').waitFor()
    expect(await page.getByRole('button', { name: 'Preview', exact: true }).isDisabled()).toBe(true)
  })
})

describe('Slack preview', () => {
  test('draws the very blocks as text, never as markup', async () => {
    const page = await dashboard.open('/slack')
    const message = page.locator('.slack-post').first()
    await message
      .getByText(/SEV[1-4]/)
      .first()
      .waitFor()
    await page.getByText('CALI_SLACK_BOT_TOKEN is not set', { exact: false }).waitFor()
    expect(
      await page
        .locator('.slack-canvas')
        .getByText(/Cannot draw this block/)
        .count(),
    ).toBe(0)
    expect(await page.locator('.slack-canvas script').count()).toBe(0)
  })
})

describe('runbooks', () => {
  test('are found by an error text and readable', async () => {
    const page = await dashboard.open('/knowledge')
    await page.getByRole('searchbox').fill('JWT signature does not match')
    await page.getByRole('region', { name: 'Runbooks found' }).getByRole('link').first().click()
    await page.waitForURL('**/knowledge/auth-jwt-invalid')
    await page.getByRole('heading', { level: 2 }).first().waitFor()
  })
})

describe('patterns', () => {
  test('lead to their incident', async () => {
    const page = await dashboard.open('/patterns')
    await page
      .getByRole('link', { name: /^Incident [0-9A-Z]+$/ })
      .first()
      .click()
    await page.waitForURL('**/i/*')
    await page.getByRole('button', { name: 'Resolve' }).waitFor()
  })
})
