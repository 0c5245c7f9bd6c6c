import type { Command } from 'commander'
import { languageOf } from '../../app/config.ts'
import { CHECKS, type CheckStatus, runChecks } from '../../app/doctor.ts'
import type { UiLanguage } from '../../pipeline/incident.ts'
import { CaliError } from '../../platform/error.ts'
import { commandConfig } from '../command-config.ts'
import { dim, green, padEnd, plain, red, yellow } from '../terminal.ts'

const WORDS: Readonly<Record<UiLanguage, Readonly<Record<CheckStatus, string>>>> = {
  en: { pass: 'pass', warn: 'warn', fail: 'fail', skipped: 'skip' },
  ko: { pass: '통과', warn: '주의', fail: '실패', skipped: '생략' },
}

const MARKS: Readonly<Record<CheckStatus, (word: string) => string>> = {
  pass: (word) => green(`✓ ${word}`),
  warn: (word) => yellow(`! ${word}`),
  fail: (word) => red(`✗ ${word}`),
  skipped: (word) => dim(`- ${word}`),
}

export function registerDoctor(program: Command): void {
  program
    .command('doctor')
    .description('Check that everything CALI needs is there; changes nothing; exit code 1 when a check fails')
    .option('--only <checks>', `some of: ${Object.keys(CHECKS).join(', ')}`)
    .option('--json', 'machine output')
    .option('--data-dir <folder>', 'data folder')
    .action(async (flags: { only?: string; json?: boolean; dataDir?: string }) => {
      const only = flags.only?.split(',').map((name) => name.trim())
      const unknown = only?.find((name) => !(name in CHECKS))
      if (unknown !== undefined)
        throw new CaliError('config_invalid', `--only is "${unknown}": accepted are ${Object.keys(CHECKS).join(', ')}`)
      const config = commandConfig(program, { dataDir: flags.dataDir })
      const results = await runChecks(config, only)
      if (flags.json === true) console.log(JSON.stringify({ version: 1, checks: results }))
      else {
        const words = WORDS[languageOf(config)]
        for (const { code, status, detail, hint } of results) {
          console.log(`  ${MARKS[status](words[status])}  ${padEnd(code, 10)} ${plain(detail)}`)
          if (hint !== undefined) console.log(dim(`                    → ${plain(hint)}`))
        }
      }
      process.exitCode = results.some((result) => result.status === 'fail') ? 1 : 0
    })
}
