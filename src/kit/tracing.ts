import { type Attributes, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api'

interface OpenSpan {
  /** Adds attributes. */
  set(attributes: Attributes): void
  /** Marks the span as failed when `work` does not throw. */
  fail(type: string): void
}

interface SpanOptions {
  /** `client`: an outgoing request. `server`: an incoming request. Default: `internal`. */
  kind?: 'internal' | 'client' | 'server'
}

const KINDS = { internal: SpanKind.INTERNAL, client: SpanKind.CLIENT, server: SpanKind.SERVER } as const

/**
 * Runs `work` in an OpenTelemetry span. Spans that `work` starts become its children. The cost is negligible unless the operator
 * has registered a tracer (`NODE_OPTIONS=--import=…`). Of an error only the name is recorded, since messages may quote private
 * data.
 *
 * @param attributes ids and names of Latchkey; never a secret, a variable, a document, a path or a query
 */
export async function inSpan<T>(
  name: string,
  attributes: Attributes,
  work: (span: OpenSpan) => T | Promise<T>,
  { kind = 'internal' }: SpanOptions = {},
): Promise<T> {
  return trace.getTracer('latchkey').startActiveSpan(name, { attributes, kind: KINDS[kind] }, async (span) => {
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
