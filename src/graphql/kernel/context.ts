import type { Caller } from '../../access/caller.ts'
import type { LiveCallers } from '../../access/live-callers.ts'
import type { CustomStrategies } from '../../auth/custom/custom-strategy.ts'
import type { IssuerMetadata } from '../../connecting/oauth/issuer-metadata.ts'
import type { Broker } from '../../credentials/broker.ts'
import type { Database } from '../../db/database.ts'
import type { Queue } from '../../db/queue.ts'
import type { WakeBus } from '../../db/wake-bus.ts'
import type { Egress } from '../../egress/egress.ts'
import type { EventFeed } from '../../events/event-feed.ts'
import { type LatchkeyError, type RateLimitedError, UnauthenticatedError } from '../../kit/errors.ts'
import type { Logger } from '../../kit/log.ts'
import type { Metrics } from '../../kit/metrics.ts'
import type { AuthenticatedRequests } from '../../requests/send.ts'
import type { Vault } from '../../vault/vault.ts'
import type { Loaders } from './loaders.ts'

/** The parts that resolvers delegate to. Every one is handed in, so that a test can build a schema over its own. */
export interface Services {
  database: Database
  bus: WakeBus
  queue: Queue
  vault: Vault
  broker: Broker
  requests: AuthenticatedRequests
  egress: Egress
  issuerMetadata: IssuerMetadata
  /** The auth strategies that the deployment adds. */
  customStrategies: CustomStrategies
  feed: EventFeed
  liveCallers: LiveCallers
  logger: Logger
  metrics: Metrics
  /** How browsers and providers reach this deployment, without a trailing slash. */
  publicUrl: string
  /** The sandbox runs, and may be switched on. Default: false. */
  sandbox?: boolean
}

export interface GraphQLContext {
  services: Services
  /** Null: nobody that we know; `callerError` says why. */
  caller: Caller | null
  callerError: LatchkeyError | null
  /** Also in the response header x-request-id, in every error and in the log lines of the request. */
  traceId: string
  loaders: Loaders
  budget: OperationBudget
  /** Who sends the results of a subscription on takes several at once. */
  takesBatches?: boolean
  /** Set: the caller has used up its share; mutations answer it as a member of their result. */
  rateLimited: RateLimitedError | null
}

/** How much one operation, or one event of a subscription, has resolved so far. */
export interface OperationBudget {
  resolvedFields: number
  /** Why no further field may be resolved. */
  stopped: LatchkeyError | null
}

/** The caller. Root fields are guarded, so that below them there always is one. */
export function callerOf(context: GraphQLContext): Caller {
  if (context.caller === null) throw unknownCallerError(context)
  return context.caller
}

export function unknownCallerError(context: GraphQLContext): LatchkeyError {
  return (
    context.callerError ??
    new UnauthenticatedError('Say who is calling: send the header "Authorization: Bearer <API key>".')
  )
}
