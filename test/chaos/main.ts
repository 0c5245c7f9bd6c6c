/** `npm run test:chaos -- --seeds 100 [--from 1]`: many seeds, one after the other; ends with 1 at the first that fails. */
import { parseArgs } from 'node:util'
import { run } from './run.ts'

const { values } = parseArgs({
  options: { seeds: { type: 'string', default: '100' }, from: { type: 'string', default: '1' } },
})
const [from, seeds] = [Number(values.from), Number(values.seeds)]
if (!Number.isInteger(from) || !Number.isInteger(seeds) || seeds < 1) {
  console.error(`--seeds is "${values.seeds}", --from is "${values.from}": whole numbers are accepted`)
  process.exit(2)
}
const started = performance.now()
let failed = 0
for (let seed = from; seed < from + seeds; seed++) {
  const { faults, history } = await run({ seed }).catch((error: Error) => ({ faults: [error.message], history: [] }))
  if (faults.length === 0) continue
  failed++
  console.log(`seed ${seed}:\n  ${faults.join('\n  ')}\n${history.map((line) => `    ${line}`).join('\n')}`)
}
console.log(
  `${seeds - failed} of ${seeds} seeds without a fault, ${((performance.now() - started) / 1_000).toFixed(0)} s`,
)
// Workers that were killed never end.
process.exit(failed === 0 ? 0 : 1)
