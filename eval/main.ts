/** npm run eval [-- triage grouping lines redaction retrieval injection]: quality on labelled data that the code was not written from. */
import { dataFolder, hasData } from './data.ts'
import { evaluateGrouping } from './grouping.ts'
import { printInjection } from './injection.ts'
import { evaluateMultiline, evaluateParameterisation } from './lines.ts'
import { printRedaction } from './redaction.ts'
import { printRetrieval } from './retrieval.ts'
import { evaluateTriage } from './triage.ts'

const dir = dataFolder()
const asked = process.argv.slice(2)
const wanted = (name: string, part: string): boolean => (asked.length === 0 || asked.includes(name)) && hasData(part)
const mean = (values: readonly number[]): string => (values.reduce((sum, n) => sum + n, 0) / values.length).toFixed(3)

if (wanted('triage', 'rca')) {
  const score = await evaluateTriage(dir)
  console.log(
    `triage        causal line shown ${score.shown}/${score.cases}; healthy logs quiet ${score.healthy - score.falseAlarms.length}/${score.healthy}${score.missed.length === 0 ? '' : `; missed: ${score.missed.join(', ')}`}`,
  )
}
if (wanted('grouping', 'grouping')) {
  for (const field of ['content', 'raw'] as const) {
    const scores = evaluateGrouping(dir, field)
    const small = scores.filter((score) => score.set.startsWith('loghub_2k'))
    console.log(
      `grouping      ${field}: mean of ${scores.length} GA ${mean(scores.map((score) => score.ga))} FGA ${mean(scores.map((score) => score.fga))}; loghub_2k GA ${mean(small.map((score) => score.ga))} FGA ${mean(small.map((score) => score.fga))}; ${scores.map((score) => `${score.set} ${score.ga.toFixed(2)}/${score.fga.toFixed(2)}`).join(', ')}`,
    )
  }
}
if (wanted('lines', 'multiline')) {
  const multiline = evaluateMultiline(dir)
  const parameters = evaluateParameterisation(dir)
  console.log(`multi-line    ${multiline.passed}/${multiline.cases} scenarios exact`)
  console.log(
    `parameters    ${parameters.passed}/${parameters.cases} cases; ${parameters.negatives.passed}/${parameters.negatives.cases} that must stay as they are`,
  )
}
if (wanted('redaction', 'redaction')) await printRedaction(dir, console.log)
if (wanted('retrieval', 'retrieval')) await printRetrieval(dir, console.log, process.env['CALI_EVAL_RANKINGS'])
if (wanted('injection', 'injection')) await printInjection(dir, console.log)
