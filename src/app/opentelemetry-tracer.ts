/** Tracer by OpenTelemetry: spans go in batches to a collector by OTLP over HTTP. What cannot be sent is given up. */
import { setTimeout as delay } from 'node:timers/promises'
import { type Context, type Span as OtelSpan, ROOT_CONTEXT, SpanStatusCode, trace } from '@opentelemetry/api'
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto'
import { resourceFromAttributes } from '@opentelemetry/resources'
import {
  BatchSpanProcessor,
  ParentBasedSampler,
  type SpanProcessor,
  TraceIdRatioBasedSampler,
  TracerProvider,
} from '@opentelemetry/sdk-trace'
import { messageOf } from '../platform/error.ts'
import type { Span, Tracer } from '../platform/tracer.ts'

export interface OpenTelemetryOptions {
  /** Whole address, e.g. http://collector:4318/v1/traces. */
  readonly url: string
  /** Share of units of work that is traced, 0 to 1. */
  readonly sample: number
  readonly version: string
  /** Names this process among others. */
  readonly instance: string
  /** In place of sending to `url`. */
  readonly processor?: SpanProcessor
}

const CLOSE_MS = 2_000

export interface OwnedTracer extends Tracer {
  /** Sends what waits. */
  close(): Promise<void>
}

export function createOpenTelemetryTracer(options: OpenTelemetryOptions): OwnedTracer {
  const provider = new TracerProvider({
    resource: resourceFromAttributes({
      'service.name': 'cali',
      'service.version': options.version,
      'service.instance.id': options.instance,
    }),
    sampler: new ParentBasedSampler({ root: new TraceIdRatioBasedSampler(options.sample) }),
    spanProcessors: [
      options.processor ?? new BatchSpanProcessor({ exporter: new OTLPTraceExporter({ url: options.url }) }),
    ],
  })
  const tracer = provider.getTracer('cali', options.version)

  const failed = (span: OtelSpan, error: unknown): void => {
    // The text of a fault may hold what a server answered: its code is enough.
    const { code } = error as { code?: unknown }
    span.setStatus({
      code: SpanStatusCode.ERROR,
      message: typeof code === 'string' ? code : messageOf(error).slice(0, 40),
    })
  }

  const within = async <T>(span: OtelSpan, context: Context, work: (span: Span) => Promise<T>): Promise<T> => {
    try {
      return await work(spanOf(span, trace.setSpan(context, span)))
    } catch (error) {
      failed(span, error)
      throw error
    } finally {
      span.end()
    }
  }

  const spanOf = (span: OtelSpan, context: Context): Span => ({
    note: (attributes) => void span.setAttributes(attributes),
    part: (name, work) => within(tracer.startSpan(name, {}, context), context, work),
    step: (name, work) => {
      const part = tracer.startSpan(name, {}, context)
      try {
        return work()
      } catch (error) {
        failed(part, error)
        throw error
      } finally {
        part.end()
      }
    },
  })

  return {
    span: (name, attributes, work) => within(tracer.startSpan(name, { attributes }, ROOT_CONTEXT), ROOT_CONTEXT, work),
    // A collector that is away must not hold up the end of the program: what waits is given up then.
    close: () => Promise.race([provider.shutdown().catch(() => undefined), delay(CLOSE_MS, undefined, { ref: false })]),
  }
}
