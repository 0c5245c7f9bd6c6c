/** npm run bench [-- consumer grouping triage cold-start kcl recovery soak]: prints figures; judges nothing. */
import { cpus, totalmem } from 'node:os'
import { benchColdStart } from './cold-start.ts'
import { benchConsumer } from './consumer.ts'
import { benchGrouping } from './grouping.ts'
import { benchKclPipe } from './kcl-pipe.ts'
import { print } from './measure.ts'
import { benchRecovery } from './recovery.ts'
import { benchSoak } from './soak.ts'
import { benchTriage } from './triage.ts'

const BENCHES = {
  consumer: benchConsumer,
  grouping: benchGrouping,
  'cold-start': benchColdStart,
  triage: benchTriage,
  kcl: benchKclPipe,
  recovery: benchRecovery,
  soak: benchSoak,
}
const asked = process.argv.slice(2)
console.log(
  `Node ${process.version}, ${process.platform} ${process.arch}, ${cpus().length} cores, ${(totalmem() / 2 ** 30).toFixed(0)} GiB`,
)
for (const [name, bench] of Object.entries(BENCHES))
  if (asked.length === 0 || asked.includes(name)) print(await bench())
