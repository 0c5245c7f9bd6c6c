import { cruise, type IReporterOutput } from 'dependency-cruiser'
import { expect, test } from 'vitest'
import walls from '../../walls.config.ts'

test('the import walls hold, and the check has seen the code', async () => {
  const { output } = (await cruise(['src', 'web/src'], {
    ...walls.options,
    validate: true,
    ruleSet: { forbidden: walls.forbidden },
  })) as IReporterOutput
  if (typeof output === 'string') throw new Error('the check answers with text')
  expect(output.summary.violations.map(({ rule, from, to }) => `${rule.name}: ${from} -> ${to}`)).toEqual([])
  expect(output.summary.totalCruised).toBeGreaterThan(150)
})
