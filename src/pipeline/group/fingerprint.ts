import { contentHash } from '../../platform/hash.ts'
import type { Fingerprint } from '../incident.ts'
import type { LogRecord } from '../record.ts'
import { identifyingFrames } from './frame.ts'
import { templateOf } from './template.ts'

const FRAMES_PER_EXCEPTION = 8
/** Part of every hash: a change of the rules that changes ids on purpose raises it. */
const FINGERPRINT_VERSION = '1'

/**
 * The identity of an error: exception types along the cause chain with the team's own frames, or, without a stack
 * trace, the masked message. Always within one service.
 */
export function fingerprintOf(record: LogRecord): Fingerprint {
  const chain = record.exception
  const template = templateOf(record.message)
  if (chain !== undefined && chain.frames.length > 0) {
    const explanation = [chain, ...chain.causes].flatMap((exception) => [
      `exception ${exception.type}`,
      ...identifyingFrames(exception, chain.language, FRAMES_PER_EXCEPTION).map((name) => `frame ${name}`),
    ])
    return {
      id: contentHash([FINGERPRINT_VERSION, record.service, 'exception', ...explanation]),
      basis: 'exception',
      explanation,
      template,
    }
  }
  return {
    id: contentHash([FINGERPRINT_VERSION, record.service, 'template', template]),
    basis: 'template',
    explanation: [`template ${template}`],
    template,
  }
}
