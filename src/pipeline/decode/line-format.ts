/**
 * Line format: lines whose columns are fixed and cannot be told token by token, because plain numbers and names stand
 * between time and message. Each pattern is anchored, names its columns, and is tried only behind a fitting first
 * character.
 */
import { type Severity, severityOfWord } from '../record.ts'
import { type Fields, flatten, readCause } from './fields.ts'
import { type First, FRAMEWORK_FORMATS, type LineFormat } from './framework-formats.ts'
import { matchTimestamp, timeOf, type ZoneOptions } from './timestamp.ts'

export interface FormattedLine {
  readonly at?: number
  readonly zoned: boolean
  readonly severity?: Severity
  readonly service?: string
  readonly logger?: string
  readonly thread?: string
  readonly host?: string
  readonly message: string
}

const FORMATS: readonly LineFormat[] = [
  ...FRAMEWORK_FORMATS,
  {
    // 03-17 16:13:38.811  1702  2395 D WindowManager: printing (adb logcat -v threadtime)
    name: 'logcat',
    first: ['digit'],
    has: { char: '-', at: 2 },
    pattern:
      /^(?<month>\d{2})-(?<day>\d{2}) (?<h>\d{2}):(?<mi>\d{2}):(?<s>\d{2})\.(?<fraction>\d{3}) +\d+ +(?<thread>\d+) (?<level>[VDIWEFS]) (?<logger>[^:\n]{1,80}?) *: (?<message>.*)/s,
  },
  {
    // 081109 203615 148 INFO dfs.DataNode$PacketResponder: terminating (log4j with %d{yyMMdd HHmmss})
    name: 'log4j-compact',
    first: ['digit'],
    has: { char: ' ', at: 6 },
    pattern:
      /^(?<year>\d{2})(?<month>\d{2})(?<day>\d{2}) (?<h>\d{2})(?<mi>\d{2})(?<s>\d{2}) (?<thread>\d+) (?<level>[A-Z]{4,8}) (?<logger>[\w.$]{1,120}): (?<message>.*)/s,
  },
  {
    // 20171223-22:15:29:606|Step_LSC|30002312|onStandStepChanged 3579
    name: 'pipes',
    first: ['digit'],
    has: { char: '-', at: 8 },
    pattern:
      /^(?<year>\d{4})(?<month>\d{2})(?<day>\d{2})-(?<h>\d{1,2}):(?<mi>\d{1,2}):(?<s>\d{1,2}):(?<fraction>\d{1,3})\|(?<logger>[^|\n]{1,80})\|\d{1,20}\|(?<message>.*)/s,
  },
  {
    // 2016-09-28 04:30:30, Info                  CBS    Loaded Servicing Stack (Windows servicing)
    name: 'windows-servicing',
    first: ['digit'],
    has: { char: ',', at: 19 },
    pattern:
      /^(?<year>\d{4})-(?<month>\d{2})-(?<day>\d{2}) (?<h>\d{2}):(?<mi>\d{2}):(?<s>\d{2}), (?<level>Info|Warning|Error|Perf) {2,30}(?<logger>[A-Z]{2,12}) +(?<message>.*)/s,
  },
  {
    // nova-api.log.1.2017-05-16_13:53:08 2017-05-16 00:00:00.008 25746 INFO nova.osapi [req-38101a0b - - -] GET (oslo.log)
    name: 'oslo',
    first: ['digit', 'letter'],
    pattern:
      /^(?:(?<service>[a-z][a-z-]{1,40})\.log\S{0,60} )?(?<year>\d{4})-(?<month>\d{2})-(?<day>\d{2}) (?<h>\d{2}):(?<mi>\d{2}):(?<s>\d{2})\.(?<fraction>\d{3}) (?<thread>\d+) (?<level>[A-Z]{4,8}) (?<logger>[\w.]{1,120}) (?:\[(?:req-[^\]\n]{1,200}|-)\] )?(?<message>.*)/s,
  },
  {
    // [10.30 16:49:06] chrome.exe *64 - proxy:5070 close (Proxifier and other Windows tools)
    name: 'windows-tool',
    first: ['bracket'],
    pattern:
      /^\[(?<month>\d{2})\.(?<day>\d{2}) (?<h>\d{2}):(?<mi>\d{2}):(?<s>\d{2})\] (?<service>[\w.-]{1,60})(?: \*\d{2})? - (?<message>.*)/s,
  },
  {
    // 134681 node-246 unix.hw state_change.unavailable 1077804742 1 Component State Change (HPC event log)
    name: 'cluster-event',
    first: ['digit'],
    pattern: /^\d{1,12} (?<host>\S{1,60}) (?<logger>\S{1,60} \S{1,60}) (?<epoch>1\d{9}) -?\d{1,3} (?<message>.*)/s,
  },
  {
    // - 1117838570 2005.06.03 R02-M1-N0 2005-06-03-15.42.50.363779 R02-M1-N0 RAS KERNEL INFO text (Blue Gene RAS)
    name: 'blue-gene-ras',
    first: ['dash', 'letter'],
    pattern:
      /^[\w-]{1,20} (?<epoch>1\d{9}) \d{4}\.\d{2}\.\d{2} (?<host>\S{1,60}) \d{4}-\d{2}-\d{2}-\d{2}\.\d{2}\.\d{2}\.\d{1,6} \S{1,60} (?<logger>[A-Z_]{2,20} [A-Z_]{2,20}) (?<level>[A-Z]{4,8}) (?<message>.*)/s,
  },
]

const formatsOf = (first: First): readonly LineFormat[] => FORMATS.filter((format) => format.first.includes(first))
const BY_FIRST: Readonly<Record<First, readonly LineFormat[]>> = {
  digit: formatsOf('digit'),
  dash: formatsOf('dash'),
  bracket: formatsOf('bracket'),
  letter: formatsOf('letter'),
}

/** What collectors of syslog put before the line: `- 1131566461 2005.11.09 dn228 Nov 9 …`. */
const COLLECTED = /^[\w-]{1,20} 1\d{9} \d{4}\.\d{2}\.\d{2} \S{1,60} (?=[A-Z][a-z]{2} +\d{1,2} \d{2}:)/

export const withoutCollector = (line: string): string => line.replace(COLLECTED, '')

/** Levels as only some formats write them. */
const LEVELS: Readonly<Record<string, string>> = {
  V: 'trace',
  D: 'debug',
  I: 'info',
  W: 'warn',
  E: 'error',
  F: 'fatal',
  S: 'fatal',
  trce: 'trace',
  dbug: 'debug',
  fail: 'error',
  Note: 'info',
  System: 'info',
  '.': 'debug',
  '-': 'debug',
  '*': 'info',
  '#': 'warn',
  CONTEXT: 'info',
  1: 'info',
  2: 'info',
  3: 'info',
  4: 'warn',
  5: 'error',
  // Django logs answers of 5xx as errors, of 4xx as warnings.
  'Internal Server Error': 'error',
  'Service Unavailable': 'error',
  'Bad Request': 'warn',
  'Not Found': 'warn',
  'Method Not Allowed': 'warn',
  Forbidden: 'warn',
}

/** A line of a format with fixed columns, or undefined. */
export function readLineFormat(line: string, zone: ZoneOptions): FormattedLine | undefined {
  const first = firstOf(line.charCodeAt(0))
  if (first === undefined) return undefined
  for (const { pattern, needs, has } of BY_FIRST[first]) {
    if ((has !== undefined && line[has.at] !== has.char) || (needs !== undefined && !line.includes(needs))) continue
    const g = pattern.exec(line)?.groups
    if (g === undefined) continue
    const time = timeIn(g, zone)
    const level = g['level'] === undefined ? undefined : severityOfWord(levelWord(g['level']))
    // A time that is none, such as month 13: the line only looks like this format.
    if (time === undefined && ('time' in g || 'epoch' in g || 'month' in g)) continue
    return {
      ...(time?.at === undefined ? {} : { at: time.at }),
      zoned: time?.zoned ?? false,
      ...(level === undefined ? {} : { severity: level }),
      ...(g['service'] === undefined ? {} : { service: g['service'] }),
      ...(g['logger'] === undefined || g['logger'].trim() === '' ? {} : { logger: g['logger'].trim() }),
      ...(g['thread'] === undefined ? {} : { thread: g['thread'] }),
      ...(g['host'] === undefined ? {} : { host: g['host'] }),
      message: withCause(g['message'] ?? '', g['pairs']),
    }
  }
  return undefined
}

/** zap's console prints its fields as JSON behind the message, the error among them. */
function withCause(message: string, pairs: string | undefined): string {
  if (pairs === undefined) return message
  try {
    const cause = readCause(flatten(JSON.parse(pairs) as Fields))
    return cause === undefined || message.includes(cause) ? message : `${message}: ${cause}`
  } catch {
    return `${message}\t${pairs}`
  }
}

function timeIn(
  g: Readonly<Record<string, string | undefined>>,
  zone: ZoneOptions,
): { at: number | undefined; zoned: boolean } | undefined {
  const stamp = g['time'] ?? g['epoch']
  if (stamp !== undefined) return matchTimestamp(`${stamp} `, zone)
  const at = 'month' in g ? timeOf(g, zone) : undefined
  return at === undefined ? undefined : { at, zoned: false }
}

/** PostgreSQL numbers its levels of debugging. */
const levelWord = (level: string): string => LEVELS[level] ?? level.replace(/^DEBUG\d$/, 'debug')

function firstOf(c: number): First | undefined {
  if (c >= 48 && c <= 57) return 'digit'
  if (c === 45) return 'dash'
  if (c === 91) return 'bracket'
  return (c >= 97 && c <= 122) || (c >= 65 && c <= 90) ? 'letter' : undefined
}
