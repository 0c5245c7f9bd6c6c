import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

/** Folder of the labelled data: CALI_EVAL_DATA, else beside the checkout. Read in place, never copied. */
export const dataFolder = (): string =>
  resolve(process.env['CALI_EVAL_DATA'] ?? fileURLToPath(new URL('../../shared/data', import.meta.url)))

/** False, with one clear line, when the data is not there. */
export function hasData(part: string): boolean {
  if (existsSync(resolve(dataFolder(), part))) return true
  console.log(
    `SKIPPED ${part}: no data in ${dataFolder()}. Set CALI_EVAL_DATA; where the originals come from is told in eval/README.md`,
  )
  return false
}
