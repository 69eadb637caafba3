import type { Caller } from '../../access/caller.ts'
import type { IssuerKeys } from '../../access/issuer-keys.ts'
import type { LiveCallers } from '../../access/live-callers.ts'
import type { CustomStrategies } from '../../auth/custom/custom-strategy.ts'
import type { IssuerMetadata } from '../../auth/oauth2/issuer-metadata.ts'
import type { DocumentImporter } from '../../catalog/import/import-document.ts'
import type { Broker } from '../../credentials/broker.ts'
import type { Database } from '../../db/database.ts'
import type { Queue } from '../../db/queue.ts'
import type { DatabaseUsage } from '../../db/scope.ts'
import type { WakeBus } from '../../db/wake-bus.ts'
import type { Egress } from '../../egress/egress.ts'
import type { EventFeed } from '../../events/event-feed.ts'
import { type LatchkeyError, type RateLimitedError, UnauthenticatedError } from '../../kit/errors.ts'
import type { Logger } from '../../kit/log.ts'
import type { Metrics } from '../../kit/metrics.ts'
import type { CallerMeters } from '../../requests/caller-meters.ts'
import type { Sender } from '../../requests/send.ts'
import type { Vault } from '../../vault/vault.ts'
import type { Loaders } from './loaders.ts'

/** The parts that resolvers delegate to. All of them are injected, so that a test can build a schema over its own. */
export interface Services {
  database: Database
  bus: WakeBus
  queue: Queue
  vault: Vault
  broker: Broker
  sender: Sender
  /** Limits what callers send through connections. Default: no limit. */
  meters?: CallerMeters
  egress: Egress
  issuerMetadata: IssuerMetadata
  /** The auth strategies that the deployment adds. */
  customStrategies: CustomStrategies
  feed: EventFeed
  liveCallers: LiveCallers
  /** The public keys of OIDC issuers. */
  issuerKeys: IssuerKeys
  /** Reads documents of other formats. */
  documentImporter: DocumentImporter
  logger: Logger
  metrics: Metrics
  /** URL at which browsers and providers reach this deployment, without a trailing slash. */
  publicUrl: string
  /** True if the sandbox provider runs and integrations may use it. Default: false. */
  sandbox?: boolean
  /** `operator`: only issuers that an operator has approved count as verified. Default: `workspace`. */
  issuerApproval?: 'workspace' | 'operator'
  limits: GatewayLimits
}

/** What a caller and a workspace may use of this deployment. */
export interface GatewayLimits {
  /** Null: no limit. */
  keyPointsPerMinute: number | null
  /** Null: no limit. */
  pointsPerMinute: number | null
  openRequests: number
  subscriptions: number
  answerBytes: number
}

export interface GraphQLContext {
  services: Services
  /** Null: the request is not authenticated; `callerError` says why. */
  caller: Caller | null
  callerError: LatchkeyError | null
  /** The workspace that the request names, by global id or slug. Not checked. Null: none. */
  workspace?: string | null
  /** Also sent as the response header x-request-id, in every error and in the log lines of the request. */
  traceId: string
  /** The client's IP address; null: the request comes from within the process. */
  address: string | null
  loaders: Loaders
  budget: OperationBudget
  /** True if the transport can send several subscription results at once. */
  takesBatches?: boolean
  /** Set if the client says when its subscription began, which may have been before it could connect. */
  start?: SubscriptionStart
  /** Set if the caller has exceeded its rate limit. Mutations return it as a member of their result. */
  rateLimited: RateLimitedError | null
}

export interface SubscriptionStart {
  /** By `performance.now()` of this process. */
  atMs: number
  /** Set when the subscription is open: the cursor at which it starts. Null: it starts at its first event. */
  cursor: string | null
}

/** What one operation, or one event of a subscription, has resolved so far, and what it has used besides. */
export interface OperationBudget extends DatabaseUsage {
  resolvedFields: number
  /** What other threads of this process have taken for it, in milliseconds. */
  threadMs: number
  /** The size of the answer, once it is complete. Approximate. */
  answerBytes: number
  /** How many bytes of records the answer may still hold. Each list of records takes what it reads. */
  bytesLeft: number
  /** Set once no further field may be resolved: the error that every further field returns. */
  stopped: LatchkeyError | null
}

/** The budget of an operation that has not begun. Records have no limit until one is set. */
export function newBudget(): OperationBudget {
  return {
    databaseMs: 0,
    resolvedFields: 0,
    threadMs: 0,
    answerBytes: 0,
    bytesLeft: Number.MAX_SAFE_INTEGER,
    stopped: null,
  }
}

/**
 * The authenticated caller. Root fields require one, so below them this never throws.
 * @throws UnauthenticatedError, or the error that made the authentication fail
 */
export function callerOf(context: Pick<GraphQLContext, 'caller' | 'callerError'>): Caller {
  if (context.caller === null) throw unknownCallerError(context)
  return context.caller
}

export function unknownCallerError({ callerError }: Pick<GraphQLContext, 'callerError'>): LatchkeyError {
  return (
    callerError ??
    new UnauthenticatedError('The request has no credential. Send the header "Authorization: Bearer <API key>".')
  )
}
