/** Grouping, wired: what is learned of messages, what incidents come of it, and what is missed when nothing comes. */
import { createFingerprinter, type Fingerprinter } from '../pipeline/group/fingerprint.ts'
import { DEFAULT_FOLD_POLICY } from '../pipeline/group/fold.ts'
import { createGroupStage, type GroupStage } from '../pipeline/group/group-stage.ts'
import { createIncidentPlanner } from '../pipeline/group/incident-plan.ts'
import { createPatternMiner, DEFAULT_MINER_OPTIONS } from '../pipeline/group/pattern-miner.ts'
import { createSilenceWatch } from '../pipeline/group/silence.ts'
import type { Fingerprint, UiLanguage } from '../pipeline/incident.ts'
import { isProbe } from '../pipeline/probe.ts'
import type { LogRecord, RecordHead } from '../pipeline/record.ts'
import type { IncidentChange } from '../pipeline/store.ts'
import type { Clock } from '../platform/clock.ts'
import { listShapes } from '../state/record-queries.ts'
import type { State } from '../state/state.ts'
import type { Config } from './config.ts'
import { createOwnAlarm, type OwnAlarm } from './own-alarm.ts'
import { createSilenceAlarm } from './silence-alarm.ts'

const LEARN_OVERLAP_MS = 60_000

export interface Grouping {
  readonly group: GroupStage
  /** For what CALI itself notices. */
  readonly alarm: OwnAlarm
  /** Sees the head of every record before the rules. */
  observe(head: RecordHead): void
  /** Takes in the patterns that other workers of the same state have met. */
  learn(): Promise<void>
  /** Opens and resolves incidents of what has fallen silent; returns how many changed. */
  lookForSilence(): Promise<number>
}

export async function createGrouping(deps: {
  readonly state: State
  readonly config: Config['incidents']
  readonly rules: Config['grouping']
  readonly clock: Clock
  readonly language: UiLanguage
  readonly onChanges: (changes: readonly IncidentChange[]) => void
  /** Told how each batch was fingerprinted, before it is counted. */
  readonly onFingerprints?: (records: readonly LogRecord[], fingerprints: readonly Fingerprint[]) => void
}): Promise<Grouping> {
  const { state, config, rules, clock, language, onChanges } = deps
  const plan = createIncidentPlanner(
    { quietAfterMs: config.quietAfter, fold: { ...DEFAULT_FOLD_POLICY, stormAfter: config.stormAfter } },
    clock.now,
  )
  const miner = createPatternMiner()
  let learnedAt = 0
  const learn = async (): Promise<void> => {
    // Transactions that began before the last look may have ended behind it.
    const since = learnedAt - LEARN_OVERLAP_MS
    learnedAt = clock.now()
    for (const { service, shape, template } of await listShapes(state.db, DEFAULT_MINER_OPTIONS.maxPatterns, since))
      miner.restore(service, shape, template)
  }
  await learn()
  const print = createFingerprinter(miner, rules)
  const fingerprint: Fingerprinter = (records) => {
    const fingerprints = print(records)
    deps.onFingerprints?.(records, fingerprints)
    return fingerprints
  }
  const alarm = createOwnAlarm({ incidents: state.incidents, plan, fingerprint, now: clock.now, onChanges })
  const watch = createSilenceWatch({ afterMs: config.silenceAfter })
  return {
    group: createGroupStage({ store: state.incidents, fingerprint, plan, onChanges }),
    learn,
    alarm,
    // A probe is a sign of life of nobody but CALI.
    observe: (head) => isProbe(head) || watch.observe(head, clock.now()),
    lookForSilence: createSilenceAlarm({
      watch,
      ...(state.shared ? { heard: state.heard } : {}),
      alarm,
      language,
      now: clock.now,
    }),
  }
}
