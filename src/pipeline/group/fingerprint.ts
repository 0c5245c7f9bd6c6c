/**
 * Fingerprint: the identity of an error. Exception types along the cause chain with the team's own frames, or, without a
 * stack trace, the pattern of the message. Always within one service.
 */
import { contentHash } from '../../platform/hash.ts'
import { ownText } from '../../platform/own-text.ts'
import type { Fingerprint } from '../incident.ts'
import type { ExceptionChain, LogRecord } from '../record.ts'
import { createFrameReader, identifyingFrames, MINIFIED_NAME } from './frame.ts'
import {
  compileFingerprintRule,
  compileInApp,
  type FingerprintRule,
  fingerprintOfRule,
  type InAppRule,
} from './grouping-rule.ts'
import { createPatternMiner, type MergeReason, type Pattern, type PatternMiner } from './pattern-miner.ts'
import { templateOf } from './template.ts'

const FRAMES_PER_EXCEPTION = 8
const MAX_REMEMBERED = 20_000
/** Part of every hash: a change of the rules that changes ids on purpose raises it. */
const EXCEPTION_VERSION = '1'

/** Fingerprints of records, in their order. The kin of each is complete: all records are learned first. */
export type Fingerprinter = (records: readonly LogRecord[]) => readonly Fingerprint[]

export interface GroupingRules {
  readonly fingerprints: readonly FingerprintRule[]
  readonly inApp: readonly InAppRule[]
}

/** Fingerprints by the rules of the team first, then by exception, then by message. */
export function createFingerprinter(
  miner: PatternMiner = createPatternMiner(),
  grouping: GroupingRules = { fingerprints: [], inApp: [] },
): Fingerprinter {
  const rules = grouping.fingerprints.map(compileFingerprintRule)
  const read = createFrameReader(grouping.inApp.length === 0 ? undefined : compileInApp(grouping.inApp))
  const made = new WeakMap<Pattern, Fingerprint>()
  const exceptions = new Map<string, Fingerprint>()

  const ofPattern = (pattern: Pattern): Fingerprint => {
    const kin = miner.kin(pattern)
    const before = made.get(pattern)
    if (before?.kin === kin) return before
    const fingerprint: Fingerprint = {
      // A class names its first patterns; what comes later has the name of the first.
      id: kin.includes(pattern.id) ? pattern.id : (kin[0] as string),
      basis: 'template',
      explanation: [`template ${pattern.template}`, ...miner.reasons(pattern).slice(0, 8).map(reasonText)],
      template: pattern.template,
      kin,
      get shape() {
        return pattern.shape
      },
    }
    made.set(pattern, fingerprint)
    return fingerprint
  }

  const ofRule = (record: LogRecord): Fingerprint | undefined => {
    for (const compiled of rules) {
      const key = compiled.keyOf(record)
      if (key !== undefined) return fingerprintOfRule(compiled.rule, key, templateOf(record.message))
    }
    return undefined
  }

  const ofException = (record: LogRecord, chain: ExceptionChain): Fingerprint => {
    const explanation = explainException(chain, read)
    const key = `${record.service}\0${explanation.join('\0')}`
    const known = exceptions.get(key)
    if (known !== undefined) return known
    const id = contentHash([EXCEPTION_VERSION, record.service, 'exception', ...explanation])
    const made: Fingerprint = {
      id,
      basis: 'exception',
      explanation: explanation.map(ownText),
      template: ownText(templateOf(record.message)),
      kin: [id],
    }
    if (exceptions.size >= MAX_REMEMBERED) exceptions.clear()
    exceptions.set(key, made)
    return made
  }

  return (records) => {
    const found = records.map((record) => {
      const ruled = rules.length === 0 ? undefined : ofRule(record)
      if (ruled !== undefined) return ruled
      return hasFrames(record.exception)
        ? ofException(record, record.exception)
        : miner.learn(record.service, record.message)
    })
    return found.map((one) => ('basis' in one ? one : ofPattern(one)))
  }
}

type FrameReader = ReturnType<typeof createFrameReader>

const hasFrames = (chain: ExceptionChain | undefined): chain is ExceptionChain =>
  chain !== undefined && chain.frames.length > 0

function explainException(chain: ExceptionChain, read: FrameReader): string[] {
  return [chain, ...chain.causes].flatMap((exception) => {
    const frames = identifyingFrames(exception, chain.language, FRAMES_PER_EXCEPTION, read)
    // A minified bundle has no names to tell errors apart by: its message does.
    const nameless = frames.length > 0 && frames.every((name) => name.endsWith(MINIFIED_NAME))
    return [
      `exception ${exception.type}`,
      ...frames.map((name) => `frame ${name}`),
      ...(nameless ? [`message ${templateOf(exception.message.split('\n', 1)[0] as string)}`] : []),
    ]
  })
}

const reasonText = ({ rule, words }: MergeReason): string =>
  rule === 'slot' ? `one place, many words: ${words.join(' | ')}` : `differ in names: ${words.join(' / ')}`
