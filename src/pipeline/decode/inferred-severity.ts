import { SEVERITY, type Severity } from '../record.ts'

const FATAL_WORDS =
  /^\W{0,3}(?:PHP )?(?:fatal|panic)\b|^# A fatal error has been detected\b|^Terminating due to java\.lang\.OutOfMemoryError\b|\b(?:got signal \d{1,2}|crashed by signal|panic recovered)\b|^Found \S{1,9} Java-level deadlock/i
const ERROR_START =
  /^\W{0,3}(?:error|exception|traceback|unhandled|uncaught|segmentation fault)\b|^(?:[\w$]+\.)*[A-Z]\w*(?:Exception|Error)\b|\bException in thread\b/i
const ERROR_WORDS =
  /\b(?:error|exception):\s|: (?:command )?not found$|: No such file or directory|: Permission denied|\bOOM ?killed\b|\bout of memory\b|\b(?:failed|unable|could not|cannot|can't) (?:to|connect|open|find|resolve|start)\b|\b(?:query|request|job|task|call|host\(s\)|connection|login|build|check)s? (?:\S{1,30} ){0,4}?(?:failed|refused|aborted|timed out)\b|\bexit(?:ed)? (?:with )?(?:code|status) [1-9]|\b(?:is|are) (?:undefined|not set|not defined|unreachable|unavailable)\b|\b(?:peer|node|host|server|service|link|broker|database|connection) (?:is )?(?:down|lost|unreachable)\b|\bfailed(?:: |$)|\bcrashed\b|\bcore dumped\b/i
/** Korean says it at the end: `주문 처리 실패`, `오류가 발생했습니다`. */
const KOREAN_ERROR = /(?:실패|오류|에러|예외)(?:$|[:.,!(]|했|하였|입니다|(?:가|이)? ?발생)/
const KOREAN_NO_ERROR = /(?:실패|오류|에러|예외) ?(?:없|[:=]? ?0(?!\d))|0건/
/** Words of success that hold a word of failure. */
const NO_ERROR = /\b(?:no|0|zero|without) (?:errors?|failures?|exceptions?)\b|\b(?:errors?|failed|failures?)[=:]\s?0\b/i

/** Text without a level says how bad it is only by its words. */
export function inferSeverity(message: string, hasTrace: boolean): Severity {
  if (hasTrace) return SEVERITY.ERROR
  const text = message.slice(0, 1_000)
  if (FATAL_WORDS.test(text)) return SEVERITY.FATAL
  if ((ERROR_START.test(text) || ERROR_WORDS.test(text)) && !NO_ERROR.test(text)) return SEVERITY.ERROR
  if (KOREAN_ERROR.test(text) && !KOREAN_NO_ERROR.test(text)) return SEVERITY.ERROR
  if (/^\W{0,3}warn(?:ing)?\b/i.test(text)) return SEVERITY.WARN
  return SEVERITY.INFO
}
