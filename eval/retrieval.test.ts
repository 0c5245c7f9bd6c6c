import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { evaluateRetrieval } from './retrieval.ts'

const dataDir = process.env['CALI_EVAL_DATA'] ?? fileURLToPath(new URL('../../shared/data', import.meta.url))
const missing = !existsSync(join(dataDir, 'retrieval'))
if (missing) console.log(`retrieval: skipped, no corpus in ${dataDir} (set CALI_EVAL_DATA)`)

describe.skipIf(missing)('retrieval on public runbooks', () => {
  it('reaches its bars', async () => {
    const { macroHardEnglish, byType, falseAnswers } = await evaluateRetrieval(dataDir)
    expect(macroHardEnglish['nDCG@10']).toBeGreaterThanOrEqual(0.78)
    expect(byType['node-stack']?.['recall@1']).toBeGreaterThanOrEqual(0.95)
    const korean = ['ko-native', 'ko-mixed'].flatMap((type) => byType[type] ?? [])
    const found = korean.reduce((sum, row) => sum + row.n * row['success@5'], 0)
    expect(found / korean.reduce((sum, row) => sum + row.n, 0)).toBeGreaterThanOrEqual(0.8 - 1e-9)
    expect(falseAnswers).toBeLessThanOrEqual(0.25)
  })
})
