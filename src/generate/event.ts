import type { SeverityText } from '../pipeline/record.ts'

/** One log event of the imagined shop, before any format is applied to it. */
export interface GeneratedEvent {
  /** Unix milliseconds, a whole number. */
  readonly at: number
  readonly service: string
  readonly level: SeverityText
  readonly logger: string
  readonly thread: string
  /** The whole event without its header: the message, then the stack trace's lines. */
  readonly text: string
  readonly pod: string
  readonly node: string
  readonly container: string
  readonly namespace: string
  readonly version: string
  readonly image: string
  readonly requestId: string
  /** 32 hexadecimal digits. */
  readonly traceId: string
  readonly label: Label
}

/** The answer an evaluation compares with. */
export interface Label {
  readonly id: string
  /** null: everyday noise. */
  readonly scenario: string | null
  /** `<scenario>/<service>`: one expected incident. null on noise and on a scenario's WARN and INFO lines. */
  readonly fault: string | null
  /**
   * The line a person would point at as the cause. It may be a WARN (the query that holds the connections) and may
   * belong to another service than the loudest errors (a cascade).
   */
  readonly cause: boolean
}
