import type { Metrics } from '../kit/metrics.ts'
import { inSpan } from '../kit/tracing.ts'
import type { Egress, EgressRequest } from './egress.ts'
import { EgressError } from './egress-error.ts'

/**
 * Adds metrics and traces to an egress: host, method and status, never path or query, which may contain secrets. The
 * measured time ends with the headers of the response.
 */
export function observedEgress(egress: Egress, metrics: Metrics): Egress {
  return {
    send(request) {
      const attributes = { 'server.address': hostOf(request), 'http.request.method': request.method }
      return inSpan(
        request.method,
        attributes,
        async (span) => {
          const startedMs = performance.now()
          try {
            const response = await egress.send(request)
            const { status } = response
            metrics.outgoingRequests.inc({ outcome: `${Math.floor(status / 100)}xx` })
            span.set({ 'http.response.status_code': status })
            if (status >= 400) span.fail(String(status))
            return response
          } catch (error) {
            const outcome = error instanceof EgressError ? error.kind : 'unexpected'
            metrics.outgoingRequests.inc({ outcome })
            throw error
          } finally {
            metrics.outgoingRequestSeconds.observe((performance.now() - startedMs) / 1_000)
          }
        },
        { kind: 'client' },
      )
    },
    close: () => egress.close(),
  }
}

/** The host name; empty when the URL is not valid. */
function hostOf({ url }: EgressRequest): string {
  return URL.parse(String(url))?.hostname ?? ''
}
