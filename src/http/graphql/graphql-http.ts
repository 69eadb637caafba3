import type { GraphQLSchema } from 'graphql'
import { createLRUCache, createYoga, type Plugin, type YogaServerInstance } from 'graphql-yoga'
import type { GraphQLContext, Services } from '../../graphql/kernel/context.ts'
import type { CallerGate } from '../server/caller-gate.ts'
import { currentTraceId } from '../server/trace.ts'
import { useCompiledQueries } from './compiled-queries.ts'
import { useCrossOrigin } from './cross-origin.ts'
import { useDocumentLimits } from './document-limits.ts'
import type { KnownDocuments } from './known-documents.ts'
import { type OperationLimits, useOperationLimits } from './operation-limits.ts'
import { presentError } from './present-error.ts'
import { useRateLimit } from './rate-limit.ts'
import { useSessionFields } from './session-fields.ts'
import { useSharedEvents } from './shared-events.ts'
import { type ScopeOf, useTenantScope } from './tenant-scope.ts'
import { useTypedErrors } from './typed-errors.ts'
import { type RequestOrigin, useCaller } from './use-caller.ts'
import { useOperationLog } from './use-operation-log.ts'
import { useOperationMetrics } from './use-operation-metrics.ts'
import { useOperationSpans } from './use-operation-spans.ts'
import { useRequestRules } from './use-request-rules.ts'
import { useSubscriptionLimit } from './use-subscription-limit.ts'

/** Bodies of GraphQL requests, counted while they come in; larger things go through the proxy. */
export const MAX_BODY_BYTES = 1024 * 1024
export const CACHED_DOCUMENTS = 250

export interface GraphQLHttpOptions {
  schema: GraphQLSchema
  services: Services
  gate: CallerGate
  /** GraphiQL, introspection and names of the schema in messages, for people at work; never in production. */
  development: boolean
  /** Points that a caller may use in a minute; 0: no limit. */
  rateLimit: number
  limits?: OperationLimits & { subscriptions?: number }
  /** Told of the documents that are run. */
  documents?: KnownDocuments
  /** Default: the workspace and the end user of the caller. */
  scopeOf?: ScopeOf | undefined
}

export type GraphQLServer = YogaServerInstance<RequestOrigin, GraphQLContext>

/** All that happens to an operation, in order, over HTTP and SSE; graphql-ws runs it through the same plugins. */
export function createGraphQLServer(options: GraphQLHttpOptions): GraphQLServer {
  const { schema, services, gate, development, rateLimit, scopeOf, limits = {} } = options
  const { logger } = services
  const audience = { schemaNames: development }
  const plugins: Plugin<GraphQLContext>[] = [
    useCrossOrigin() as Plugin<GraphQLContext>,
    useRequestRules() as Plugin<GraphQLContext>,
    useCaller({ services, gate, strangers: development }),
    ...useDocumentLimits({ introspection: development }),
    // What these run with, the others put something around, or in place of.
    useCompiledQueries(),
    useSharedEvents(logger, audience),
    useTypedErrors(logger, audience),
    useOperationLog(logger),
    useOperationMetrics(services.metrics),
    useSubscriptionLimit(limits.subscriptions),
    useOperationLimits(limits),
    useRateLimit(rateLimit),
    useSessionFields(),
    useTenantScope(scopeOf),
    useOperationSpans(),
    ...(options.documents === undefined ? [] : [options.documents.plugin as Plugin<GraphQLContext>]),
  ]
  return createYoga<RequestOrigin, GraphQLContext>({
    schema,
    graphqlEndpoint: '/graphql',
    cors: false,
    graphiql: development ? { title: 'Latchkey', subscriptionsProtocol: 'WS' } : false,
    // With all its scripts in the page: Yoga's own would fetch them from a public host.
    renderGraphiQL: async (page) => (await import('@graphql-yoga/render-graphiql')).renderGraphiQL(page),
    landingPage: false,
    multipart: false,
    batching: false,
    maxRequestBodySize: MAX_BODY_BYTES,
    parserAndValidationCache: {
      documentCache: createLRUCache({ max: CACHED_DOCUMENTS }),
      // Documents that are not GraphQL come from nobody whom a cache would help.
      errorCache: { get: () => undefined, set: () => undefined },
    },
    // What must be known of an error is logged when it is presented. Raw, it would quote values.
    logging: { debug: ignore, info: ignore, warn: ignore, error: ignore },
    maskedErrors: { maskError: (error) => presentError(error, currentTraceId(), logger, audience) },
    // The plugins see the whole context, of which they are handed the part that Yoga itself makes.
    plugins: plugins as Plugin[],
  }) as unknown as GraphQLServer
}

function ignore(): void {}
