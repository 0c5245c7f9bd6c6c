import type { Command } from 'commander'
import { runSetup, type SetupResult } from '../../app/setup.ts'
import { commandConfig } from '../command-config.ts'
import { dim, green, padEnd, plain, red, yellow } from '../terminal.ts'

const MARKS: Readonly<Record<SetupResult['state'], string>> = {
  created: green('+ created'),
  changed: yellow('~ changed'),
  unchanged: dim('= unchanged'),
  unavailable: dim('- unavailable'),
  failed: red('✗ failed'),
  skipped: dim('- skipped'),
}

export function registerSetup(program: Command): void {
  program
    .command('setup')
    .description('Make what the configured engines need; safe to repeat; exit code 1 when something could not be made')
    .option('--dry-run', 'only say what would be made')
    .option('--json', 'machine output')
    .action(async (flags: { dryRun?: boolean; json?: boolean }) => {
      const dryRun = flags.dryRun === true
      const config = commandConfig(program)
      const print = ({ name, state, detail }: SetupResult): void =>
        console.log(
          `  ${padEnd(MARKS[state], 14)} ${plain(name)}${detail === undefined ? '' : dim(` · ${plain(detail)}`)}`,
        )
      const results = await runSetup(config, { dryRun, ...(flags.json === true ? {} : { onResult: print }) })
      if (flags.json === true) console.log(JSON.stringify({ version: 1, dryRun, steps: results }))
      else if (results.length === 0) console.log('  Nothing to set up: everything is kept on this machine (dataDir).')
      else if (dryRun) console.error(dim('  Nothing was changed (--dry-run).'))
      process.exitCode = results.some(({ state }) => state === 'failed') ? 1 : 0
    })
}
