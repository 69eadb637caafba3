import type { GraphQLContext, Services } from '../../graphql/kernel/context.ts'
import { createLoaders } from '../../graphql/kernel/loaders.ts'
import type { Identity } from '../server/caller-gate.ts'

/** Builds the context of one operation. A caller that is not known gets one too: its fields then refuse. */
export function createContext(services: Services, identity: Identity, traceId: string): GraphQLContext {
  return {
    services,
    traceId,
    loaders: createLoaders(services.database, identity.caller),
    budget: { resolvedFields: 0, stopped: null },
    rateLimited: null,
    ...identity,
  }
}
