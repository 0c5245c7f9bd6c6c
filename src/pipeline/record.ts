/**
 * LogRecord: one event of a log, as every stage sees it. Field names map to the OpenTelemetry log data model
 * (https://opentelemetry.io/docs/specs/otel/logs/data-model/); the table is in docs/en/records.md.
 */

export type SeverityText = 'TRACE' | 'DEBUG' | 'INFO' | 'WARN' | 'ERROR' | 'FATAL'

export interface Severity {
  /** OpenTelemetry SeverityNumber, 1 to 24. */
  readonly number: number
  readonly text: SeverityText
}

export const SEVERITY: Readonly<Record<SeverityText, Severity>> = {
  TRACE: { number: 1, text: 'TRACE' },
  DEBUG: { number: 5, text: 'DEBUG' },
  INFO: { number: 9, text: 'INFO' },
  WARN: { number: 13, text: 'WARN' },
  ERROR: { number: 17, text: 'ERROR' },
  FATAL: { number: 21, text: 'FATAL' },
}

export type Language = 'java' | 'python' | 'node' | 'go' | 'dotnet' | 'ruby' | 'php' | 'rust' | 'dart' | 'unknown'

export interface StackFrame {
  /** Qualified function as printed, e.g. `com.acme.OrderService.place` or `Object.place`. */
  readonly function: string
  /** Source file as printed; absent where the trace has none. */
  readonly file?: string
  readonly line?: number
}

export interface ExceptionInfo {
  readonly type: string
  readonly message: string
  /** Innermost call first, whatever order the language prints. */
  readonly frames: readonly StackFrame[]
}

export interface ExceptionChain extends ExceptionInfo {
  readonly language: Language
  /** What caused it, nearest first; the last one is the root cause. */
  readonly causes: readonly ExceptionInfo[]
}

/** Where the event came from: Kubernetes, host and version facts (OpenTelemetry Resource). */
export interface Resource {
  readonly namespace?: string
  readonly pod?: string
  readonly container?: string
  readonly node?: string
  readonly host?: string
  readonly version?: string
  readonly image?: string
  readonly environment?: string
  readonly labels?: Readonly<Record<string, string>>
}

/** Address of the event in its source; two records at one position are one delivery, read again. */
export interface Position {
  readonly stream: string
  readonly shard: string
  /** Kinesis sequence number (decimal digits) or the source's own increasing number, as text: never a JS number. */
  readonly sequence: string
  /** Index inside an aggregate, then the line inside the payload. */
  readonly sub: number
  readonly line: number
}

export interface LogRecord {
  /** Stable event id: survives re-sends where the edge sets one (node + file + offset), else the position. */
  readonly id: string
  /** Event time, Unix milliseconds. */
  readonly at: number
  /** When CALI's source received it, Unix milliseconds. */
  readonly observedAt: number
  readonly severity: Severity
  readonly service: string
  /** First line without its header: what a person would call the error. */
  readonly message: string
  /** The whole text as logged, header and stack trace included. */
  readonly body: string
  readonly exception?: ExceptionChain | undefined
  readonly trace?: { readonly traceId: string; readonly spanId?: string } | undefined
  readonly resource: Resource
  readonly attributes: Readonly<Record<string, string | number | boolean>>
  readonly position: Position
  /** True: a rule keeps it for the archive alone; neither log index nor incidents have it. */
  readonly archiveOnly?: boolean
}

/**
 * A record as the decoder gives it: each property is read from the text when it is asked for, because most records are
 * dropped by their level alone. It has no properties of its own to copy: spread and serialise what the filter makes of it.
 */
export interface DecodedRecord extends LogRecord {
  /** The resource without the host that only the text names: known before the text is read. */
  readonly origin: Resource
}

/** What is known of most records before their text is read. */
export interface RecordHead extends Pick<LogRecord, 'at' | 'severity' | 'service' | 'position'> {
  readonly resource: Omit<Resource, 'host'>
}

export const positionKey = (p: Position): string => `${p.stream}/${p.shard}:${p.sequence}:${p.sub}:${p.line}`

const WORDS = new Map<string, SeverityText>(
  Object.entries({
    trace: 'TRACE',
    finest: 'TRACE',
    finer: 'TRACE',
    verbose: 'TRACE',
    silly: 'TRACE',
    debug: 'DEBUG',
    fine: 'DEBUG',
    dbg: 'DEBUG',
    debg: 'DEBUG',
    info: 'INFO',
    information: 'INFO',
    informational: 'INFO',
    inf: 'INFO',
    notice: 'INFO',
    config: 'INFO',
    log: 'INFO',
    hint: 'INFO',
    detail: 'INFO',
    statement: 'INFO',
    warn: 'WARN',
    warning: 'WARN',
    wrn: 'WARN',
    error: 'ERROR',
    err: 'ERROR',
    eror: 'ERROR',
    severe: 'ERROR',
    심각: 'ERROR',
    경고: 'WARN',
    정보: 'INFO',
    fatal: 'FATAL',
    critical: 'FATAL',
    crit: 'FATAL',
    emerg: 'FATAL',
    emergency: 'FATAL',
    alert: 'FATAL',
    panic: 'FATAL',
    // As logrus shortens them on a terminal.
    pani: 'FATAL',
    fata: 'FATAL',
    erro: 'ERROR',
    debu: 'DEBUG',
    trac: 'TRACE',
    dpanic: 'FATAL',
    ftl: 'FATAL',
  } satisfies Record<string, SeverityText>),
)

/** As most loggers write them. */
for (const [word, text] of [...WORDS]) WORDS.set(word.toUpperCase(), text)

/** Severity of a level word in any case ("WARNING", "err", "SEVERE"); undefined when it is none. */
export function severityOfWord(word: string): Severity | undefined {
  const text = WORDS.get(word) ?? WORDS.get(word.toLowerCase()) ?? betweenLevels(word)
  return text === undefined ? undefined : SEVERITY[text]
}

/** What Go's slog prints for a level between the named ones: `ERROR+4`, `INFO-2`. */
function betweenLevels(word: string): SeverityText | undefined {
  const m = /^(DEBUG|INFO|WARN|ERROR)([+-]\d{1,3})$/.exec(word)
  if (m === null) return undefined
  const level = { DEBUG: -4, INFO: 0, WARN: 4, ERROR: 8 }[m[1] as 'DEBUG'] + Number(m[2])
  const texts: readonly SeverityText[] = ['TRACE', 'DEBUG', 'INFO', 'WARN', 'ERROR', 'FATAL']
  return texts[Math.min(Math.max(Math.floor(level / 4) + 2, 0), 5)]
}

const SYSLOG: readonly SeverityText[] = ['FATAL', 'FATAL', 'FATAL', 'ERROR', 'WARN', 'INFO', 'INFO', 'DEBUG']

/**
 * Severity of a numeric level: pino and bunyan use 10 to 60 in tens; an OpenTelemetry number is 1 to 24; syslog counts
 * down from 7 to 0.
 */
export function severityOfNumber(level: number, scale: 'pino' | 'otel' | 'syslog'): Severity | undefined {
  if (scale === 'syslog') return SYSLOG[level] === undefined ? undefined : SEVERITY[SYSLOG[level]]
  if (!Number.isFinite(level) || level <= 0) return undefined
  const step = scale === 'pino' ? Math.floor(level / 10) - 1 : Math.floor((level - 1) / 4)
  const texts: readonly SeverityText[] = ['TRACE', 'DEBUG', 'INFO', 'WARN', 'ERROR', 'FATAL']
  const text = texts[Math.min(Math.max(step, 0), 5)]
  return text === undefined ? undefined : SEVERITY[text]
}

/** Sequence numbers are decimal numbers of up to 56 digits: compared as such, never as JS numbers. */
export const compareSequences = (a: string, b: string): number => a.length - b.length || (a < b ? -1 : a > b ? 1 : 0)
