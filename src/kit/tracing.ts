import {
  type Attributes,
  context,
  createContextKey,
  isSpanContextValid,
  type Link,
  type ProxyTracerProvider,
  propagation,
  SpanKind,
  SpanStatusCode,
  type TracerProvider,
  trace,
} from '@opentelemetry/api'

interface OpenSpan {
  /** Adds attributes. */
  set(attributes: Attributes): void
  /** Marks the span as failed when `work` does not throw. */
  fail(type: string): void
}

interface SpanOptions {
  /** `client`: an outgoing request. `server`: an incoming request. Default: `internal`. */
  kind?: 'internal' | 'client' | 'server'
  /**
   * The `traceparent` of the span that caused this work, from `activeTraceparent`. The span links to it and begins a trace of its
   * own, because the work may begin much later and more than once. Null: the cause has no span.
   */
  causedBy?: string | null
}

const KINDS = { internal: SpanKind.INTERNAL, client: SpanKind.CLIENT, server: SpanKind.SERVER } as const

/**
 * Runs `work` in an OpenTelemetry span. Spans that `work` starts become its children. The cost is negligible unless the operator
 * has registered a tracer (`NODE_OPTIONS=--import=…`). Of an error only the name is recorded, since messages may quote private
 * data.
 *
 * @param attributes ids and names of Latchkey; never a secret, a variable, a document, a path or a query
 */
export function inSpan<T>(
  name: string,
  attributes: Attributes,
  work: (span: OpenSpan) => T | Promise<T>,
  options: SpanOptions = {},
): Promise<T> {
  if (isTracing()) return inRecordedSpan(name, attributes, work, options)
  // Not an async function: to return a promise from one takes three more turns.
  try {
    return Promise.resolve(work(UNRECORDED))
  } catch (error) {
    return Promise.reject(error)
  }
}

const UNRECORDED: OpenSpan = { set: () => undefined, fail: () => undefined }

/** Whether the operator has registered a tracer. One may be registered at any time. */
export function isTracing(): boolean {
  // The API's own provider stands for the one that is registered, if any. Another copy of the API has another class of it.
  const provider: TracerProvider & Partial<Pick<ProxyTracerProvider, 'getDelegateTracer'>> = trace.getTracerProvider()
  return provider.getDelegateTracer === undefined || provider.getDelegateTracer('latchkey') !== undefined
}

async function inRecordedSpan<T>(
  name: string,
  attributes: Attributes,
  work: (span: OpenSpan) => T | Promise<T>,
  { kind = 'internal', causedBy }: SpanOptions,
): Promise<T> {
  const links = causedBy == null ? [] : linksTo(causedBy)
  const options = { attributes, kind: KINDS[kind], links, root: causedBy !== undefined }
  return trace.getTracer('latchkey').startActiveSpan(name, options, async (span) => {
    const fail = (type: string) => {
      span.setAttribute('error.type', type)
      span.setStatus({ code: SpanStatusCode.ERROR })
    }
    try {
      return await work({ set: (more) => void span.setAttributes(more), fail })
    } catch (error) {
      fail(error instanceof Error ? error.name : 'unknown')
      throw error
    } finally {
      span.end()
    }
  })
}

/** The active span as a `traceparent` (W3C Trace Context, section 3.2). Null: there is none, or no tracer is registered. */
export function activeTraceparent(): string | null {
  const span = trace.getSpanContext(context.active())
  if (span === undefined || !isSpanContextValid(span)) return null
  return `00-${span.traceId}-${span.spanId}-${span.traceFlags.toString(16).padStart(2, '0')}`
}

function linksTo(traceparent: string): Link[] {
  const [, traceId = '', spanId = '', flags = ''] =
    /^00-([\da-f]{32})-([\da-f]{16})-([\da-f]{2})$/.exec(traceparent) ?? []
  const span = { traceId, spanId, traceFlags: Number.parseInt(flags, 16), isRemote: true }
  return isSpanContextValid(span) ? [{ context: span }] : []
}

/**
 * Runs `work` in the trace that the headers of an incoming request name, in the format that the operator has registered (W3C Trace
 * Context by default). Keeps the active span if there is one, from an instrumentation of `node:http`.
 *
 * @param header reads a header by its name in lower case
 */
export function inTraceOf<T>(header: (name: string) => string | null | undefined, work: () => T): T {
  const active = context.active()
  if (trace.getSpan(active) !== undefined) return work()
  const getter = { get: (_carrier: unknown, name: string) => header(name.toLowerCase()) ?? undefined, keys: () => [] }
  return context.with(propagation.extract(active, null, getter), work)
}

/** The key by which OpenTelemetry's SDK turns tracing off (`suppressTracing` in @opentelemetry/core). */
const SUPPRESSED = createContextKey('OpenTelemetry SDK Context Key SUPPRESS_TRACING')

/** Runs `work` without spans, also those of instrumented libraries. For work that repeats although there is nothing to do. */
export function withoutSpans<T>(work: () => T): T {
  return context.with(context.active().setValue(SUPPRESSED, true), work)
}
