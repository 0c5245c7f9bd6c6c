import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import type { Command } from 'commander'
import { createApi } from '../../api/server.ts'
import { type Config, languageOf, readConfig, timeZoneOf } from '../../app/config.ts'
import { createStream, DEMO_SEED, DEMO_SHARDS, runDemo } from '../../app/demo.ts'
import { lockInstance } from '../../app/instance-lock.ts'
import { freePort, type LocalKinesis, probePort, startLocalKinesis } from '../../app/local-kinesis.ts'
import { parseDuration } from '../../app/setting.ts'
import { settingsView } from '../../app/settings-view.ts'
import { checkSharing, type SourceRequest } from '../../app/sources.ts'
import { type System, startSystem } from '../../app/system.ts'
import { productVersion } from '../../app/version.ts'
import { systemClock } from '../../platform/clock.ts'
import { processEnvironment } from '../../platform/config/environment.ts'
import type { Loaded } from '../../platform/config/load.ts'
import { CaliError } from '../../platform/error.ts'
import { createLogger } from '../../platform/logger.ts'
import { isLoopbackHost } from '../../platform/loopback.ts'
import { createDevOutput, type DevOutput, type StartFacts } from '../dev-output.ts'
import { DEV_TEXTS } from '../dev-texts.ts'
import { summarise } from '../run-summary.ts'

interface DevFlags {
  demo: boolean
  for?: string
  port?: string
  dataDir?: string
  lang?: string
  seed?: string
  runner?: string
  /** False: messages, analysis and housekeeping are left to `cali work`. */
  delivery?: boolean
}

type Mode = 'local' | 'kinesis' | 'http' | 'work'

const PORTS_TRIED = 20
/** kinesis-mock's own ports; with --port 0 any free ones are taken. */
const LOCAL_TLS_PORT = 4567
const LOCAL_PLAIN_PORT = 4568
const DRAIN_MS = 15_000
const SERVICES = 7
const RATE = 120
const NO_DELIVERY = 'leave messages, analysis and housekeeping to "cali work" on the same postgres.url'

export function registerDev(program: Command): void {
  program
    .command('dev')
    .description(
      'Run everything on this machine: local Kinesis, demo traffic, consumer, dashboard (this is "npm start")',
    )
    .option('--no-demo', 'start empty; send your own logs')
    .option('--for <duration>', 'stop after this long, e.g. 30s, and print a summary')
    .option('--port <port>', 'port of dashboard and API')
    .option('--data-dir <folder>', 'folder of state, index and archive')
    .option('--lang <language>', 'ko or en')
    .option('--seed <number>', 'seed of the demo traffic', String(DEMO_SEED))
    .action((flags: DevFlags) => runProgram(program, flags, 'local'))
}

export function registerServe(program: Command): void {
  program
    .command('serve')
    .description('Run the program for real: HTTP and OTLP sources, and the Kinesis stream with --kinesis')
    .option('--kinesis', 'read the stream of kinesis.stream in kinesis.region (or at kinesis.endpoint)')
    .option('--no-delivery', NO_DELIVERY)
    .option('--for <duration>', 'stop after this long and print a summary')
    .option('--port <port>', 'port of dashboard and API')
    .option('--data-dir <folder>', 'folder of state, index and archive')
    .option('--lang <language>', 'ko or en')
    .action((flags: Omit<DevFlags, 'demo'> & { kinesis?: boolean }) =>
      runProgram(program, { ...flags, demo: false }, flags.kinesis === true ? 'kinesis' : 'http'),
    )
}

export function registerConsume(program: Command): void {
  program
    .command('consume')
    .description('Read the stream as one worker, of any number with --runner kcl; dashboard and API as well')
    .option('--runner <runner>', 'poll: this process alone reads all shards; kcl: workers share them')
    .option('--no-delivery', NO_DELIVERY)
    .option('--for <duration>', 'stop after this long and print a summary')
    .option('--port <port>', 'port of dashboard and API')
    .option('--data-dir <folder>', 'folder of this worker')
    .option('--lang <language>', 'ko or en')
    .action((flags: Omit<DevFlags, 'demo'>) => runProgram(program, { ...flags, demo: false }, 'kinesis'))
}

export function registerWork(program: Command): void {
  program
    .command('work')
    .description('Send messages, analyse and clean up for processes that run with --no-delivery; reads no stream')
    .option('--for <duration>', 'stop after this long and print a summary')
    .option('--port <port>', 'port of health and metrics, dashboard and API')
    .option('--data-dir <folder>', 'folder of this worker')
    .option('--lang <language>', 'ko or en')
    .action((flags: Omit<DevFlags, 'demo'>) => runProgram(program, { ...flags, demo: false }, 'work'))
}

async function runProgram(program: Command, flags: DevFlags, mode: Mode): Promise<void> {
  const environment = processEnvironment()
  const configFile = program.opts<{ config?: string }>().config
  const request = {
    environment,
    ...(configFile === undefined ? {} : { file: configFile }),
    flags: {
      'server.port': flags.port !== undefined && /^\d+$/.test(flags.port) ? Number(flags.port) : flags.port,
      dataDir: flags.dataDir,
      lang: flags.lang,
      'consumer.runner': flags.runner,
    },
  }
  const loaded = readConfig(request)
  const config = loaded.value
  const runMs = flags.for === undefined ? undefined : parseDuration(flags.for)
  if (flags.for !== undefined && runMs === undefined)
    throw new CaliError('config_invalid', `--for is "${flags.for}": a duration is accepted, e.g. 30s or 5m`)
  if (!isLoopbackHost(config.server.host) && config.server.token === undefined) {
    throw new CaliError(
      'config_invalid',
      `server.host is "${config.server.host}", which other machines reach: set server.token (CALI_SERVER_TOKEN) to at least 16 characters`,
    )
  }
  if (mode === 'kinesis') checkSharing(config)
  if ((mode === 'work' || flags.delivery === false) && config.postgres.url === undefined)
    throw new CaliError(
      'config_invalid',
      `${mode === 'work' ? '"cali work" sends what other processes found' : 'with --no-delivery another process sends the messages'}: they share incidents by PostgreSQL, so postgres.url (CALI_POSTGRES_URL) is needed`,
    )
  const lock = lockInstance(config.dataDir)
  try {
    await run({ loaded, environment, flags, mode, runMs, lock, reread: () => readConfig(request).value.rules })
  } finally {
    lock.release()
  }
}

interface Run {
  readonly loaded: Loaded<Config>
  readonly environment: ReturnType<typeof processEnvironment>
  readonly flags: DevFlags
  readonly mode: Mode
  readonly runMs: number | undefined
  readonly lock: ReturnType<typeof lockInstance>
  readonly reread: () => Config['rules']
}

async function run({ loaded, environment, flags, mode, runMs, lock, reread }: Run): Promise<void> {
  const config = loaded.value
  const language = languageOf(config)
  const logger = createLogger(config.logLevel)
  const startedAt = systemClock.now()
  const output = createDevOutput({
    terminal: process.stdout.isTTY === true,
    language,
    timeZone: timeZoneOf(config),
    now: systemClock.now,
    print: (line) => console.log(line),
  })
  buildDashboardIfNeeded()
  const localStart =
    mode === 'local'
      ? startLocalKinesis({
          environment,
          region: config.kinesis.region,
          tlsPort: config.server.port === 0 ? 0 : LOCAL_TLS_PORT,
          plainPort: config.server.port === 0 ? 0 : LOCAL_PLAIN_PORT,
          onExit: () => undefined,
        })
      : undefined
  localStart?.catch(() => undefined)
  let system: System | undefined
  let local: LocalKinesis | undefined
  const demoEnd = new AbortController()
  const stopped = stopSignal(output)
  try {
    // Chosen before anything is built: links in messages name it.
    const port = await choosePort(config, output, language)
    system = await startSystem({
      config,
      clock: systemClock,
      logger,
      random: Math.random,
      publicUrl: `http://127.0.0.1:${port}`,
      duties: flags.delivery === false ? 'follow' : 'all',
      ...(loaded.file === undefined ? {} : { configFile: { path: loaded.file, read: reread } }),
      onIncident: announcer(output, () => system),
    })
    const before = await system.ledger()
    const known = await system.state.incidents.list({ limit: 2_000 })
    const api = await createApi({ system, startedAt, settings: settingsView(loaded) })
    system.own('api', () => api.close())
    await api.listen({ host: config.server.host, port })
    const url = `http://${config.server.host === '0.0.0.0' ? '127.0.0.1' : config.server.host}:${port}`
    lock.announce(url)
    local = await localStart
    if (local !== undefined)
      await createStream(
        { region: config.kinesis.region, endpoint: local.endpoint },
        config.kinesis.stream,
        DEMO_SHARDS,
      )
    output.start(startFacts(system, { url, local, flags, mode }))
    if (known.length > 0)
      output.note(DEV_TEXTS[language].resumed(known.length, before.decode.received.toLocaleString('en-US')), 'resumed')
    const consuming =
      mode === 'http' || mode === 'work'
        ? new Promise<void>(() => undefined)
        : consume(system, {
            environment,
            ...(mode === 'local'
              ? { runner: 'poll', endpoint: local?.endpoint }
              : { runner: config.consumer.runner, endpoint: config.kinesis.endpoint }),
          })
    const demo =
      local !== undefined && flags.demo
        ? runDemo(
            {
              endpoint: local.endpoint,
              region: config.kinesis.region,
              stream: config.kinesis.stream,
              seed: Number(flags.seed ?? DEMO_SEED),
              clock: systemClock,
              logger,
              random: Math.random,
            },
            demoEnd.signal,
          )
        : undefined
    await Promise.race([stopped.wait, consuming, ...(runMs === undefined ? [] : [delay(runMs)])])
    demoEnd.abort()
    await demo
    if (runMs !== undefined && !stopped.happened) await drain(system, stopped.wait)
    if (runMs !== undefined) {
      await system.archive.flush()
      const summary = await summarise(system, before, startedAt)
      output.summary(summary)
      process.exitCode = summary.ledgerBalanced ? 0 : 1
    }
  } finally {
    demoEnd.abort()
    await system?.stop()
    await (local ?? (await localStart?.catch(() => undefined)))?.stop()
    stopped.done()
  }
}

/** The summary counts what was sent: reads on until the stream has been still for a moment and no message waits. */
async function drain(system: System, stop: Promise<void>): Promise<void> {
  const until = systemClock.now() + DRAIN_MS
  while (systemClock.now() < until) {
    const waited = await Promise.race([delay(600).then(() => true), stop.then(() => false)])
    if (!waited) return
    await system.archive.flush()
    const still = systemClock.now() - (system.live.lastRecordAt ?? 0) > 1_500
    const { pending } = await system.state.outbox.status(systemClock.now())
    if (still && pending === 0) return
  }
}

async function consume(system: System, request: SourceRequest): Promise<void> {
  const source = system.consume(request)
  const reading = source.run(system.stopping)
  // Reading ends before what it writes to is closed.
  system.own('consumer', () => reading.catch(() => undefined))
  await reading
}

function announcer(output: DevOutput, systemOf: () => System | undefined) {
  return (incident: Parameters<DevOutput['counted']>[0], kind: 'opened' | 'regressed' | 'counted'): void => {
    if (kind === 'counted') {
      output.counted(incident, 1)
      return
    }
    const system = systemOf()
    const report =
      system === undefined
        ? Promise.resolve(undefined)
        : system.investigator.reportOf(incident, system.language).catch(() => undefined)
    void report.then((found) => output.incident(incident, kind, found?.hypotheses[0]?.cause))
  }
}

/** Listens on the first free port from the wished one on; 0 takes any. */
async function choosePort(config: Config, output: DevOutput, language: 'ko' | 'en'): Promise<number> {
  const { host, port: wished } = config.server
  if (wished === 0) return freePort(0)
  for (let port = wished; port < Math.min(wished + PORTS_TRIED, 65_536); port++) {
    if ((await probePort(port, host)) === undefined) continue
    if (port !== wished) output.note(DEV_TEXTS[language].portTaken(wished, port), 'port_taken')
    return port
  }
  throw new CaliError(
    'ports_taken',
    `ports ${wished} to ${wished + PORTS_TRIED - 1} cannot be listened on at ${host}: choose another with --port, or check server.host`,
  )
}

function startFacts(
  system: System,
  at: { url: string; local: LocalKinesis | undefined; flags: DevFlags; mode: Run['mode'] },
): StartFacts {
  const texts = DEV_TEXTS[system.language]
  const { labels } = texts
  const { config } = system
  const stream =
    at.local !== undefined
      ? texts.stream(config.kinesis.stream, DEMO_SHARDS, at.local.endpoint.replace('http://', ''))
      : at.mode === 'kinesis'
        ? `${config.kinesis.stream}, ${config.kinesis.region}`
        : at.mode === 'work'
          ? texts.noStream
          : texts.httpOnly
  const runbooks = new Set(system.knowledge.documents.map((page) => page.id)).size
  const slack =
    system.notifier.mode === 'bot'
      ? texts.slackBot(config.slack.channel)
      : system.notifier.mode === 'webhook'
        ? texts.slackWebhook
        : texts.slackPreview
  return {
    version: productVersion,
    url: at.url,
    dataDir: config.dataDir,
    ...(at.local === undefined ? {} : { kinesis: at.local.endpoint }),
    rows: [
      { label: labels.stream, value: stream, hint: texts.sendOwn },
      ...(at.mode === 'local'
        ? [
            at.flags.demo
              ? {
                  label: labels.demo,
                  value: texts.demo(SERVICES, RATE, Number(at.flags.seed ?? DEMO_SEED)),
                  hint: texts.noDemoHint,
                }
              : { label: labels.demo, value: texts.demoOff },
          ]
        : []),
      {
        label: labels.archive,
        value: `${texts.storage(system.archiveStore.location)}        ${labels.search} ${system.index.location}        ${labels.state} ${system.state.location}`,
      },
      {
        label: labels.analysis,
        value: texts.rules(runbooks),
        hint: system.analyst === undefined ? texts.noKey : texts.model(system.analyst.model),
      },
      { label: labels.slack, value: slack, ...(system.notifier.mode === 'preview' ? { hint: texts.noToken } : {}) },
    ],
  }
}

/** Ctrl-C and kill stop cleanly; a second Ctrl-C ends at once. */
function stopSignal(output: DevOutput): { wait: Promise<void>; readonly happened: boolean; done(): void } {
  let happened = false
  let resolve: () => void = () => undefined
  const wait = new Promise<void>((done) => {
    resolve = done
  })
  const onSignal = (): void => {
    if (happened) process.exit(130)
    happened = true
    output.stopping()
    resolve()
  }
  const signals: NodeJS.Signals[] = ['SIGINT', 'SIGTERM', 'SIGHUP']
  for (const signal of signals) process.on(signal, onSignal)
  return {
    wait,
    get happened() {
      return happened
    },
    done: () => {
      for (const signal of signals) process.off(signal, onSignal)
    },
  }
}

/** In a checkout the dashboard is built at the first start, beside everything else, in about a second. */
function buildDashboardIfNeeded(): void {
  const web = fileURLToPath(new URL('../../../web/', import.meta.url))
  const vite = fileURLToPath(new URL('../../../tools/build-web.ts', import.meta.url))
  if (!existsSync(vite) || !existsSync(web)) return
  const child = spawn(process.execPath, [vite], { stdio: ['ignore', 'ignore', 'inherit'] })
  child.on('error', () => undefined)
  child.unref()
}
