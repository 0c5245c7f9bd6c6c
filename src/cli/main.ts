import { Command, CommanderError } from 'commander'
import { productVersion } from '../app/version.ts'
import { CaliError, messageOf } from '../platform/error.ts'
import { registerConfig } from './commands/config.ts'
import { registerDev } from './commands/dev.ts'
import { registerDoctor } from './commands/doctor.ts'
import { registerGenerate } from './commands/generate.ts'
import { registerIncidents } from './commands/incidents.ts'
import { registerKb } from './commands/kb.ts'
import { registerLines } from './commands/lines.ts'
import { registerLogs } from './commands/logs.ts'
import { registerRedact } from './commands/redact.ts'
import { registerSlack } from './commands/slack.ts'
import { registerTail } from './commands/tail.ts'
import { registerTriage } from './commands/triage.ts'

/** Exit codes: 0 done, 1 could not be done, 2 wrong call. */
const program = new Command('cali')
  .description("From an error in a pod's log to one explained Slack message.")
  .version(productVersion)
  .option('--config <file>', 'configuration file (default: cali.yaml in this folder, if there)')
  .option('--verbose', 'show details of errors')
  .showHelpAfterError('(cali --help shows all commands)')
  .exitOverride()
  .configureHelp({ sortSubcommands: true })

for (const register of [
  registerDev,
  registerTriage,
  registerTail,
  registerGenerate,
  registerIncidents,
  registerLogs,
  registerKb,
  registerSlack,
  registerDoctor,
  registerConfig,
  registerRedact,
  registerLines,
])
  register(program)

// A reader that has seen enough (| head) is no error.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0)
  throw error
})

try {
  await program.parseAsync()
} catch (error) {
  if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? 0 : 2
  else {
    const verbose = program.opts<{ verbose?: boolean }>().verbose === true
    console.error(verbose && error instanceof Error ? error.stack : `cali: ${messageOf(error)}`)
    process.exitCode = error instanceof CaliError && error.code.startsWith('config_') ? 2 : 1
  }
}
