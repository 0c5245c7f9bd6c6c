/** Licences of what is installed with the product, from the lock file; a licence that is not listed stops the check. */
import { readFileSync } from 'node:fs'

const ACCEPTED = new Set([
  'MIT',
  'MIT-0',
  'ISC',
  'Apache-2.0',
  'BSD-2-Clause',
  'BSD-3-Clause',
  '0BSD',
  'BlueOak-1.0.0',
  'CC0-1.0',
  'CC-BY-4.0',
  'Unlicense',
  'Python-2.0',
  'MPL-2.0',
  'Artistic-2.0',
  '(Apache-2.0 AND BSD-3-Clause)',
  '(MIT OR CC0-1.0)',
  'MIT OR Apache-2.0',
  'WTFPL',
])

interface Locked {
  readonly license?: string
  readonly link?: boolean
}

const lock = JSON.parse(readFileSync(new URL('../package-lock.json', import.meta.url), 'utf8')) as {
  packages: Record<string, Locked>
}
const packages = Object.entries(lock.packages).filter(
  ([path, entry]) => path.includes('node_modules/') && entry.link !== true,
)
const refused = packages.filter(([, entry]) => !ACCEPTED.has(entry.license ?? 'none'))
for (const [path, entry] of refused) console.error(`${path}: licence ${entry.license ?? 'not stated'}`)
console.log(`${packages.length} packages, ${refused.length} with a licence that is not accepted`)
process.exitCode = refused.length === 0 ? 0 : 1
