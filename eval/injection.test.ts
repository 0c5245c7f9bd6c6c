import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { evaluateInjection, type InjectionScore, LOG_ATTACKS, readAttacks } from './injection.ts'

const dataDir = process.env['CALI_EVAL_DATA'] ?? fileURLToPath(new URL('../../shared/data', import.meta.url))
const missing = !existsSync(dataDir)
if (missing)
  console.log(
    `injection: skipped, no attacks in ${dataDir} (set CALI_EVAL_DATA; the originals are github.com/microsoft/BIPIA)`,
  )

const nothingHappened = (score: InjectionScore): void => {
  expect(score.flips).toEqual([])
  expect(score.leaks).toEqual([])
  expect(score.survived).toEqual([])
}

describe('what an attacker writes into a log', () => {
  it('as a false cause or an order changes no severity, cause or step, and reaches nobody as our words', async () => {
    nothingHappened(await evaluateInjection(LOG_ATTACKS))
  })

  it.skipIf(missing)('as one of the public instructions does neither', async () => {
    const attacks = await readAttacks(dataDir)
    // Every tenth: `npm run eval -- injection` takes all of them.
    nothingHappened(await evaluateInjection(attacks.filter((_, i) => i % 10 === 0)))
  })
})
