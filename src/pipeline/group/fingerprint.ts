/**
 * Fingerprint: the identity of an error. Exception types along the cause chain with the team's own frames, or, without a
 * stack trace, the pattern of the message. Always within one service.
 */
import { contentHash } from '../../platform/hash.ts'
import type { Fingerprint } from '../incident.ts'
import type { ExceptionChain, LogRecord } from '../record.ts'
import { identifyingFrames } from './frame.ts'
import { createPatternMiner, type MergeReason, type Pattern, type PatternMiner } from './pattern-miner.ts'
import { templateOf } from './template.ts'

const FRAMES_PER_EXCEPTION = 8
/** Part of every hash: a change of the rules that changes ids on purpose raises it. */
const EXCEPTION_VERSION = '1'

/** Fingerprints of records, in their order. The kin of each is complete: all records are learned first. */
export type Fingerprinter = (records: readonly LogRecord[]) => readonly Fingerprint[]

export function createFingerprinter(miner: PatternMiner = createPatternMiner()): Fingerprinter {
  const made = new WeakMap<Pattern, Fingerprint>()

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

  return (records) => {
    const patterns = records.map((record) =>
      hasFrames(record.exception) ? undefined : miner.learn(record.service, record.message),
    )
    return records.map((record, i) => {
      const pattern = patterns[i]
      return pattern === undefined ? ofException(record, record.exception as ExceptionChain) : ofPattern(pattern)
    })
  }
}

const hasFrames = (chain: ExceptionChain | undefined): boolean => chain !== undefined && chain.frames.length > 0

function ofException(record: LogRecord, chain: ExceptionChain): Fingerprint {
  const explanation = [chain, ...chain.causes].flatMap((exception) => [
    `exception ${exception.type}`,
    ...identifyingFrames(exception, chain.language, FRAMES_PER_EXCEPTION).map((name) => `frame ${name}`),
  ])
  const id = contentHash([EXCEPTION_VERSION, record.service, 'exception', ...explanation])
  return { id, basis: 'exception', explanation, template: templateOf(record.message), kin: [id] }
}

const reasonText = ({ rule, words }: MergeReason): string =>
  rule === 'slot' ? `one place, many words: ${words.join(' | ')}` : `differ in names: ${words.join(' / ')}`
