import { Command, CommanderError } from 'commander'
import { productVersion } from '../app/version.ts'
import { CaliError, messageOf } from '../platform/error.ts'

/** Exit codes: 0 done, 1 could not be done, 2 wrong call. */
const program = new Command('cali')
  .description("From an error in a pod's log to one explained Slack message.")
  .version(productVersion)
  .option('--config <file>', 'configuration file (default: cali.yaml in this folder, if there)')
  .option('--verbose', 'show details of errors')
  .showHelpAfterError('(cali --help shows all commands)')
  .exitOverride()
  .configureHelp({ sortSubcommands: true })

/** Each command's module is loaded when it is asked for: `cali triage` needs no web server and no cloud SDK. */
const COMMANDS: Readonly<Record<string, () => Promise<(program: Command) => void>>> = {
  dev: async () => (await import('./commands/dev.ts')).registerDev,
  serve: async () => (await import('./commands/dev.ts')).registerServe,
  consume: async () => (await import('./commands/dev.ts')).registerConsume,
  work: async () => (await import('./commands/dev.ts')).registerWork,
  stream: async () => (await import('./commands/stream.ts')).registerStream,
  kcl: async () => (await import('./commands/kcl.ts')).registerKcl,
  triage: async () => (await import('./commands/triage.ts')).registerTriage,
  tail: async () => (await import('./commands/tail.ts')).registerTail,
  generate: async () => (await import('./commands/generate.ts')).registerGenerate,
  incidents: async () => (await import('./commands/incidents.ts')).registerIncidents,
  logs: async () => (await import('./commands/logs.ts')).registerLogs,
  archive: async () => (await import('./commands/archive.ts')).registerArchive,
  kb: async () => (await import('./commands/kb.ts')).registerKb,
  slack: async () => (await import('./commands/slack.ts')).registerSlack,
  plan: async () => (await import('./commands/plan.ts')).registerPlan,
  report: async () => (await import('./commands/report.ts')).registerReport,
  probe: async () => (await import('./commands/probe.ts')).registerProbe,
  setup: async () => (await import('./commands/setup.ts')).registerSetup,
  doctor: async () => (await import('./commands/doctor.ts')).registerDoctor,
  config: async () => (await import('./commands/config.ts')).registerConfig,
  redact: async () => (await import('./commands/redact.ts')).registerRedact,
  join: async () => (await import('./commands/lines.ts')).registerJoin,
  group: async () => (await import('./commands/lines.ts')).registerGroup,
  template: async () => (await import('./commands/lines.ts')).registerTemplate,
}
const asked = process.argv.slice(2).find((word) => word in COMMANDS)
for (const [name, load] of Object.entries(COMMANDS)) if (asked === undefined || asked === name) (await load())(program)

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
