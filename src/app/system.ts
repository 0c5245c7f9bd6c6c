/** System: configuration in, wired and stoppable program out. The only place that picks adapters. */
import { randomBytes } from 'node:crypto'
import type { KnowledgeBase } from '../knowledge/knowledge-base.ts'
import { createShardCheckpoints } from '../pipeline/consume/shard-checkpoint.ts'
import { createDecodeStage } from '../pipeline/decode/decode-stage.ts'
import { createFilterStage, type FilterStage } from '../pipeline/filter/filter-stage.ts'
import { createRedactor, type Redactor } from '../pipeline/filter/redact/redactor.ts'
import { type ArchiveStage, createArchiveStage } from '../pipeline/forward/archive-stage.ts'
import type { IndexStage } from '../pipeline/forward/index-stage.ts'
import type { StoredLogIndex } from '../pipeline/forward/log-index.ts'
import type { ObjectStore } from '../pipeline/forward/object-store.ts'
import type { Incident, UiLanguage } from '../pipeline/incident.ts'
import type { MessageContext } from '../pipeline/notify/incident-message.ts'
import type { Notifier } from '../pipeline/notify/notifier.ts'
import { createNotifyStage, type NotifyStage } from '../pipeline/notify/notify-stage.ts'
import { listenToSlack } from '../pipeline/notify/slack-socket-listener.ts'
import { createPipeline } from '../pipeline/pipeline.ts'
import type { Clock } from '../platform/clock.ts'
import { CaliError, messageOf } from '../platform/error.ts'
import { createLifecycle, type Lifecycle } from '../platform/lifecycle.ts'
import type { Logger } from '../platform/logger.ts'
import { noTracer, type Tracer } from '../platform/tracer.ts'
import { settingOnce } from '../state/record-queries.ts'
import type { State } from '../state/state.ts'
import { type Config, languageOf, timeZoneOf, zoneOffsets } from './config.ts'
import { createDeployWatch } from './deploy-watch.ts'
import { archiveStoreOf, openIndexOf, openStateOf, workerOf } from './engines.ts'
import { createGrouping } from './grouping.ts'
import { createHistory } from './history.ts'
import { createHousekeeping } from './housekeeping.ts'
import { createIncidentFollower } from './incident-follower.ts'
import { createDebtPayer, indexStageOf, prepareIndex } from './indexing.ts'
import { createInvestigator, type Investigator } from './investigator.ts'
import { openKnowledge } from './knowledge.ts'
import { createLive, type Live } from './live.ts'
import { createModelAnalyst, type ModelAnalyst } from './model-analyst.ts'
import { pickNotifier } from './notifiers.ts'
import { createOpenTelemetryTracer } from './opentelemetry-tracer.ts'
import { createOperations, type Operations } from './operations.ts'
import { createProber, probeWay } from './prober.ts'
import { createQuarantine } from './quarantine.ts'
import { openRuleBook, type RuleBook } from './rules.ts'
import { slackActions } from './slack-actions.ts'
import { productVersion } from './version.ts'

export interface SystemOptions {
  readonly config: Config
  readonly configFile?: { readonly path: string; readonly read: () => Config['rules'] }
  readonly clock: Clock
  readonly logger: Logger
  readonly random: () => number
  /** Address of the dashboard, for links. */
  readonly publicUrl: string
  /** Adapters to use instead of those that the configuration picks: tests put faults between the parts. */
  readonly adapters?: {
    readonly state?: State
    readonly index?: StoredLogIndex
    readonly archiveStore?: ObjectStore
    readonly notifier?: Notifier
  }
  /** Told of every opening and regression. */
  readonly onIncident?: (incident: Incident, kind: 'opened' | 'regressed' | 'counted') => void
  /** Default: all. */
  readonly duties?: Duties
}

/**
 * What a process does by itself, beside what its sources bring. `all`: messages, analysis, debts, and looking by the
 * clock. `follow`: only what every worker of a shared state must: learn what the others learned, and hear what falls silent;
 * the rest is left to those who do all. `none`: nothing, a Lambda function stands still between invocations.
 */
export type Duties = 'all' | 'follow' | 'none'

export interface System extends Lifecycle, Operations {
  readonly config: Config
  readonly language: UiLanguage
  readonly timeZone: string
  readonly state: State
  readonly index: StoredLogIndex
  readonly indexing: IndexStage
  readonly archive: ArchiveStage
  readonly archiveStore: ObjectStore
  readonly filter: FilterStage
  readonly redactor: Redactor
  readonly rules: RuleBook
  readonly knowledge: KnowledgeBase
  readonly investigator: Investigator
  readonly analyst: ModelAnalyst | undefined
  readonly notifier: Notifier
  readonly notify: NotifyStage
  readonly messageContext: MessageContext
  readonly live: Live
  readonly clock: Clock
}

export async function startSystem(options: SystemOptions): Promise<System> {
  const { config, logger } = options
  const lifecycle = createLifecycle((name, error) =>
    logger.error({ event: 'stop_failed', part: name, reason: messageOf(error) }),
  )
  try {
    return await assemble(options, lifecycle, config, logger)
  } catch (error) {
    await lifecycle.stop()
    throw error
  }
}

async function assemble(options: SystemOptions, lifecycle: Lifecycle, config: Config, logger: Logger): Promise<System> {
  const language = languageOf(config)
  const timeZone = timeZoneOf(config)
  const state = options.adapters?.state ?? (await openStateOf(config, options.clock))
  const { clock } = state
  lifecycle.own('state', () => state.close())
  const index = options.adapters?.index ?? (await openIndexOf(config, clock, lifecycle.stopping))
  lifecycle.own('log index', () => index.close())
  await prepareIndex(index, { state, logger, stopping: lifecycle.stopping })
  const { random } = options
  const indexing = indexStageOf(index, config, { clock, logger, random, stopping: lifecycle.stopping })
  const key = await settingOnce(state.db, 'redaction.key', () => randomBytes(32).toString('hex'))
  const redactor = createRedactor({
    key: Buffer.from(key, 'hex'),
    disabledRules: config.redaction.disabledRules,
    extraRules: config.redaction.extraRules,
  })
  const { knowledge, incidents } = openKnowledge({ config, state, clock, logger }, lifecycle)
  const live = createLive()
  const history = createHistory({
    state,
    clock,
    logger,
    halfLifeMs: config.knowledge.halfLife,
    ...(incidents === undefined ? {} : { incidents }),
  })
  const investigator = createInvestigator({ state, index, knowledge, history, clock, logger })
  const notifier = options.adapters?.notifier ?? pickNotifier(config, clock)
  const messageContext: MessageContext = {
    language,
    timeZone,
    publicUrl: (config.server.publicUrl ?? options.publicUrl).replace(/\/$/, ''),
    interactive: config.slack.appToken !== undefined && notifier.mode === 'bot',
    analogy: config.report.analogy,
    mentions: config.slack.mentions,
  }
  const tracer = openTracer(config, lifecycle)
  const analyst = createModelAnalyst({ config, state, knowledge, investigator, language, clock, logger })
  const notify = createNotifyStage({
    outbox: state.outbox,
    incidents: state.incidents,
    notifier,
    reportOf: (incident) => investigator.reportOf(incident, language),
    context: messageContext,
    clock,
    logger,
    editIntervalMs: config.slack.editInterval,
    random: options.random,
    tracer,
    onProbe: (at) => state.probes.arrive(at, clock.now()),
    onDelivered: (incident) => {
      live.publish({ type: 'notification', incident })
      analyst?.consider(incident)
    },
  })
  const grouping = await createGrouping({
    state,
    config: config.incidents,
    rules: config.grouping,
    clock,
    language,
    onChanges: (changes) => {
      for (const change of changes) {
        live.publish({ type: 'incident', id: change.incident.id, kind: change.kind })
        options.onIncident?.(change.incident, change.kind)
      }
      notify.wake()
    },
  })
  const observeDeploy = await createDeployWatch(state.changes, logger)
  const filter = createFilterStage({
    redactor,
    observe: (head) => {
      observeDeploy(head)
      grouping.observe(head)
    },
  })
  const rules = await openRuleBook({
    store: state.rules,
    filter,
    configured: config.rules,
    clock,
    logger,
    onChange: () => live.publish({ type: 'rules' }),
    ...(options.configFile === undefined ? {} : { file: options.configFile }),
  })
  lifecycle.own('rules', () => rules.stop())
  const checkpoints = createShardCheckpoints(state.checkpoints, state.takeUps)
  const archiveStore = options.adapters?.archiveStore ?? (await openArchive(config, lifecycle, logger))
  const archive = createArchiveStage({
    ...(config.archive.enabled ? { store: archiveStore } : {}),
    clock,
    writer: `cali/${productVersion}`,
    maxBytes: config.archive.maxBytes,
    flushAfterMs: (stream) => (stream === 'http' ? config.archive.httpDelay : config.archive.flushInterval),
    owe: (debts) => state.indexDebts.note(debts, clock.now()),
    commit: ({ stream, reading, sequence, tally }) =>
      reading === undefined || sequence === undefined
        ? checkpoints.count(stream, tally)
        : checkpoints.move(reading, sequence, tally),
    onError: (error) => logger.error({ event: 'archive_failed', reason: messageOf(error) }),
    stopping: lifecycle.stopping,
  })
  lifecycle.own('archive', () => archive.flush())
  const quarantine = createQuarantine({ objects: archiveStore, store: state.quarantine, redactor })
  const payer = createDebtPayer({
    index,
    stage: indexing,
    debts: state.indexDebts,
    objects: archiveStore,
    quarantine,
    clock,
    logger,
    random,
  })
  const pipeline = createPipeline({
    decode: createDecodeStage({ zoneOffsetMinutes: zoneOffsets(timeZone) }),
    filter,
    index: indexing,
    group: grouping.group,
    archive,
    quarantine,
    tracer,
    onKept: (records) => live.publishRecords(records),
  })
  await state.outbox.releaseClaims()
  const duties = options.duties ?? 'all'
  const housekeeping = createHousekeeping({
    state,
    index,
    config,
    clock,
    logger,
    live,
    notify,
    lookForSilence: grouping.lookForSilence,
    follow: [grouping.learn, rules.follow],
    // Alone on its state, a process has heard of everything; one that does nothing by itself never looks.
    ...(state.shared && duties !== 'none'
      ? { followIncidents: createIncidentFollower({ db: state.db, live, clock }) }
      : {}),
  })
  if (duties === 'all') {
    const paying = payer.run(lifecycle.stopping)
    lifecycle.own('index debts', () => paying)
    const notifying = notify.run(lifecycle.stopping)
    lifecycle.own('notify', () => notifying)
    if (messageContext.interactive && config.slack.appToken !== undefined) {
      const listening = listenToSlack(
        {
          appToken: config.slack.appToken,
          apiUrl: config.slack.apiUrl,
          onAction: slackActions({ state, live, notify, clock }),
          logger,
        },
        lifecycle.stopping,
      )
      lifecycle.own('slack buttons', () => listening)
    }
  }
  if (duties !== 'none') housekeeping.start(lifecycle, duties)
  if (analyst !== undefined) lifecycle.own('analyst', () => analyst.stop())
  const operations = createOperations({
    config,
    clock,
    logger,
    random,
    lifecycle,
    state,
    live,
    archive,
    pipeline,
    checkpoints,
    notify,
    analyst,
    housekeeping,
    payer,
  })
  if (duties !== 'none' && config.probe.interval > 0) {
    const { probes } = state
    const way = probeWay(config, operations, { clock, shared: state.shared })
    const { interval: intervalMs, objective: objectiveMs } = config.probe
    const prober = createProber({
      probes,
      ...way,
      alarm: grouping.alarm,
      intervalMs,
      objectiveMs,
      language,
      clock,
      logger,
    })
    const probing = prober.run(lifecycle.stopping)
    lifecycle.own('prober', () => probing)
  }
  return {
    ...operations,
    ...lifecycle,
    config,
    clock,
    language,
    timeZone,
    state,
    index,
    indexing,
    archive,
    archiveStore,
    filter,
    redactor,
    rules,
    knowledge,
    investigator,
    analyst,
    notifier,
    notify,
    messageContext,
    live,
  }
}

function openTracer(config: Config, lifecycle: Lifecycle): Tracer {
  const { tracesUrl: url, sample } = config.telemetry
  if (url === undefined) return noTracer
  const tracer = createOpenTelemetryTracer({ url, sample, version: productVersion, instance: workerOf(config) })
  lifecycle.own('traces', () => tracer.close())
  return tracer
}

/** A wrong bucket is refused at the start; one that is away is waited for, so that a restart during an outage works. */
async function openArchive(config: Config, lifecycle: Lifecycle, logger: Logger): Promise<ObjectStore> {
  const store = archiveStoreOf(config)
  lifecycle.own('archive store', () => store.close())
  try {
    await store.check()
  } catch (error) {
    if (!(error instanceof CaliError && error.retryable)) throw error
    logger.warn({ event: 'archive_not_ready', reason: messageOf(error) })
  }
  return store
}
