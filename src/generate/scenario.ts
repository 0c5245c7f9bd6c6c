import type { SeverityText } from '../pipeline/record.ts'
import type { ServiceName } from './fleet.ts'
import { type Template, template } from './template.ts'

/** A line that a service can write: everything but the time and the place. */
export interface Line {
  readonly service: ServiceName
  readonly level: SeverityText
  readonly logger: Template
  readonly thread: Template
  readonly text: Template
}

/** The same, as the scenario files spell it. */
export interface LineText {
  readonly service: ServiceName
  readonly level?: SeverityText
  readonly logger: string
  readonly thread: string
  readonly text: string
}

export const line = ({ service, level = 'ERROR', logger, thread, text }: LineText): Line => ({
  service,
  level,
  logger: template(logger),
  thread: template(thread),
  text: template(text),
})

export interface Step extends Line {
  /** once: the first time the scenario plays. turn: at the start of each burst. occurrence: every time it fails. */
  readonly on: 'once' | 'turn' | 'occurrence'
  /** Milliseconds after the start of what `on` names: the least and the most. */
  readonly delay: readonly [number, number]
  readonly cause: boolean
  /** Always written by the same pod: the fault of one machine. */
  readonly onePod: boolean
}

export interface Scenario {
  readonly id: string
  readonly title: { readonly ko: string; readonly en: string }
  readonly rollOut?: { readonly service: ServiceName; readonly version: string }
  readonly steps: readonly Step[]
}

export const step = (
  text: LineText & { on?: Step['on']; delay?: readonly [number, number]; cause?: boolean; onePod?: boolean },
): Step => ({
  ...line(text),
  on: text.on ?? 'occurrence',
  delay: text.delay ?? [0, 0],
  cause: text.cause ?? false,
  onePod: text.onePod ?? false,
})

/** ERROR lines of one occurrence. */
export const errorsPerOccurrence = ({ steps }: Scenario): number =>
  steps.filter(({ on, level }) => on === 'occurrence' && level === 'ERROR').length

/** How long the lines before the first failure take, in milliseconds. */
export const leadTime = ({ steps }: Scenario): number =>
  Math.max(0, ...steps.filter(({ on }) => on !== 'occurrence').map(({ delay }) => delay[1] + 50))
