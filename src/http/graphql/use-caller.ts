import type { Plugin } from 'graphql-yoga'
import { type GraphQLContext, type Services, unknownCallerError } from '../../graphql/kernel/context.ts'
import { RateLimitedError } from '../../kit/errors.ts'
import type { CallerGate } from '../server/caller-gate.ts'
import { refusal } from '../server/refusal.ts'
import { currentTraceId } from '../server/trace.ts'
import { createContext } from './graphql-context.ts'

export interface CallerOptions {
  services: Services
  gate: CallerGate
  /**
   * Whether a caller who is not known may have his document looked at. Where he may not, all that he sends has one answer,
   * so that nothing of the schema can be learned by trying. Where he may, he can read the schema, and no field.
   */
  strangers: boolean
}

/** What the router hands over with a request. */
export interface RequestOrigin {
  /** Null: from within the process. */
  address: string | null
}

/** Finds out, for operations over HTTP and SSE, who is calling: before the document is looked at. */
export function useCaller({ services, gate, strangers }: CallerOptions): Plugin<GraphQLContext> {
  const contexts = new WeakMap<Request, GraphQLContext>()
  return {
    async onParams({ request, context, setResult }) {
      const { address } = context as Partial<RequestOrigin>
      const identity = await gate.identify(request.headers.get('authorization'), address ?? null)
      const own = createContext(services, identity, currentTraceId())
      contexts.set(request, own)
      if (own.caller === null && (!strangers || own.callerError instanceof RateLimitedError)) {
        setResult(refusal(unknownCallerError(own)))
      }
    },
    onContextBuilding({ context, extendContext }) {
      const { request } = context as { request?: Request }
      const own = request === undefined ? undefined : contexts.get(request)
      if (own !== undefined) extendContext(own)
    },
  }
}
