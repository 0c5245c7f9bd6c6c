/**
 * Traces: what one unit of work did and for how long, in the terms of OpenTelemetry. Attributes are names and numbers of
 * CALI's own; text of a log never stands in one.
 */
export type SpanAttributes = Readonly<Record<string, string | number | boolean>>

export interface Span {
  /** Adds what became known on the way. */
  note(attributes: SpanAttributes): void
  /** A part of this span, as long as `work` takes; a fault is noted and passed on. */
  part<T>(name: string, work: (span: Span) => Promise<T>): Promise<T>
  /** The same for what ends at once. */
  step<T>(name: string, work: () => T): T
}

export interface Tracer {
  span<T>(name: string, attributes: SpanAttributes, work: (span: Span) => Promise<T>): Promise<T>
}

const untraced: Span = {
  note: () => undefined,
  part: (_name, work) => work(untraced),
  step: (_name, work) => work(),
}

/** Nobody looks. */
export const noTracer: Tracer = { span: (_name, _attributes, work) => work(untraced) }
