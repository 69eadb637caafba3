import type { ConnectDeps } from '../../connections/deps.ts'
import type { Egress } from '../../egress/egress.ts'
import type { Logger } from '../../kit/log.ts'
import type { IssuerMetadata } from './issuer-metadata.ts'

/** What connecting through a provider's consent page works with. */
export interface OAuthDeps extends ConnectDeps {
  egress: Egress
  issuerMetadata: IssuerMetadata
  logger: Logger
  /** How browsers reach this deployment, without a trailing slash. From the set-up alone: never from a request. */
  publicUrl: string
}
