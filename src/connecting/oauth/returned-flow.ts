import type { OAuthClient } from '../../auth/strategy.ts'
import { definitionOf } from '../../catalog/catalog.ts'
import type { IntegrationDefinition } from '../../catalog/definition/definition.ts'
import { flowClientOf, openIntegrationClient } from '../../connections/integration-client.ts'
import type { Connection, Integration, OAuthFlow } from '../../db/generated/client.ts'
import { ConflictError, UnsupportedError } from '../../kit/errors.ts'
import type { ExpectedCallback } from './callback-parameters.ts'
import { type Consent, consentOf } from './consent-request.ts'
import { failedBy } from './flow-failure.ts'
import type { OAuthDeps } from './oauth-deps.ts'
import { digestOf, type FlowSecrets, openFlow } from './oauth-flow.ts'

/** A flow whose answer has come, with what it is about. */
export interface ReturnedFlow {
  flow: OAuthFlow
  connection: Connection
  integration: Integration
}

/** Null: its connection or its integration is gone. */
export async function findReturnedFlow({ database }: OAuthDeps, id: string): Promise<ReturnedFlow | null> {
  const found = await database.prisma.oAuthFlow.findUnique({
    where: { id },
    include: { connection: true, integration: true },
  })
  if (found === null || found.connection.deletedAt !== null || found.integration.deletedAt !== null) return null
  const { connection, integration, ...flow } = found
  return { flow, connection, integration }
}

/** A returned flow with everything that the exchange needs. */
export interface OpenFlow extends ReturnedFlow {
  definition: IntegrationDefinition
  auth: Consent['auth']
  wrap: Consent['wrap']
  /** What the flow was begun with; its secret is the present one. */
  client: OAuthClient
  /** The integration's own; undefined: it has none. */
  integrationClient: OAuthClient | undefined
  secrets: FlowSecrets
  input: Record<string, string>
}

/** @throws FlowFailedError when the integration is another one than at the beginning */
export async function openReturnedFlow(deps: OAuthDeps, returned: ReturnedFlow): Promise<OpenFlow> {
  const { flow, integration } = returned
  const definition = definitionOf(integration)
  const unchanged = Buffer.from(digestOf(definition)).equals(flow.authDigest)
  if (!unchanged) throw changedMeanwhile('definition')
  const consent = consentOf(definition.auth)
  if (consent === null) throw failedBy(new UnsupportedError('This integration has no consent page.'))
  const input = flow.input as Record<string, string>
  const integrationClient = await openIntegrationClient(deps, integration)
  const client = flowClientOf(consent.auth, integrationClient, input, integration.slug)
  if (client.clientId !== flow.clientId) throw changedMeanwhile('OAuth client')
  const secrets = openFlow(deps.vault, flow)
  return { ...returned, definition, ...consent, client, integrationClient, secrets, input }
}

/** What the answer of an open flow is held against. */
export function expectedOf({ client, secrets }: OpenFlow, state: string, code: string): ExpectedCallback {
  const { clientId, clientSecret = '' } = client
  const { issRequired = false } = secrets
  return { clientId, state, issRequired, secrets: [state, code, secrets.codeVerifier ?? '', clientSecret] }
}

function changedMeanwhile(what: string) {
  return failedBy(new ConflictError(`The ${what} of the integration was changed meanwhile. Start connecting again.`))
}
