/**
 * Every module and example against the schema of the real AWS provider: init from the mirror, then `terraform test` with
 * the provider's calls mocked (it validates too), two folders at a time: a provider takes half a gigabyte.
 */
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { missingForProvider, openWorkplace, TERRAFORM_FOLDER, type Workplace } from '../deploy/terraform-program.ts'

const FOLDERS = ['modules', 'examples'].flatMap((parent) =>
  readdirSync(join(TERRAFORM_FOLDER, parent)).map((name) => `${parent}/${name}`),
)
const AT_ONCE = 2
/** A folder takes 10 to 30 s; these are for a machine that is busy with other things. */
const LIMIT_MS = 900_000

const missing = missingForProvider()

describe.skipIf(missing !== undefined)(missing === undefined ? 'terraform' : `terraform modules: ${missing}`, () => {
  const results = new Map<string, Promise<string>>()
  let workplace: Workplace

  beforeAll(() => {
    workplace = openWorkplace()
    const lanes: Promise<unknown>[] = Array.from({ length: AT_ONCE }, () => Promise.resolve())
    FOLDERS.forEach((folder, index) => {
      const result = (lanes[index % AT_ONCE] as Promise<unknown>).then(() => check(folder))
      results.set(folder, result)
      // A failure is told by its own test; the next folder of the lane goes on.
      lanes[index % AT_ONCE] = result.catch(() => undefined)
    })
  })
  afterAll(() => workplace?.remove())

  async function check(folder: string): Promise<string> {
    const tested = existsSync(join(TERRAFORM_FOLDER, folder, 'tests'))
    let said = ''
    for (const args of [['init', '-backend=false', '-input=false'], [tested ? 'test' : 'validate']]) {
      const { code, output } = await workplace.run(folder, args)
      if (code !== 0) throw new Error(`terraform ${args.join(' ')} in ${folder}:\n${output}`)
      said = output
    }
    return said
  }

  test.each(FOLDERS)('%s is valid and passes its tests', { timeout: LIMIT_MS }, async (folder) => {
    const said = await results.get(folder)
    expect(said).toMatch(/^Success! (?:[1-9]\d* passed, 0 failed\.|The configuration is valid)/m)
  })
})
