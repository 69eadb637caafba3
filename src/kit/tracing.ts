import { type Attributes, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api'

/** What a span may also be told once its work is under way. */
interface OpenSpan {
  set(attributes: Attributes): void
  /** Marks it as failed where `work` does not throw. */
  fail(type: string): void
}

interface SpanOptions {
  /** `client`: a request to somebody else. `server`: one from somebody else. Default: `internal`. */
  kind?: 'internal' | 'client' | 'server'
}

const KINDS = { internal: SpanKind.INTERNAL, client: SpanKind.CLIENT, server: SpanKind.SERVER } as const

/**
 * Runs `work` in a span of OpenTelemetry; what it begins is below it. Costs next to nothing unless the operator has
 * registered a tracer (`NODE_OPTIONS=--import=…`). Of an error only its kind is told: messages may quote what is nobody
 * else's business.
 *
 * @param attributes ids and names of our own; never a secret, a variable, a document, a path or a query
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
