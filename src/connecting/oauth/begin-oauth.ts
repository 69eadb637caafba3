import { checkInput as checkConnectionInput } from '../../auth/check-input.ts'
import { definitionOf } from '../../catalog/definition-of.ts'
import { ensureCollection } from '../../connections/collections.ts'
import { holdIntegration } from '../../connections/connections.ts'
import { insertPendingConnection } from '../../connections/pending-connection.ts'
import type { Tx } from '../../db/database.ts'
import type { Connection, Integration } from '../../db/generated/client.ts'
import { conflictOn } from '../../db/violations.ts'
import { appendEvents } from '../../events/event-log.ts'
import { ProviderError } from '../../kit/errors.ts'
import { newId } from '../../kit/ids.ts'
import { type ConsentRequest, prepareConsent } from './consent-request.ts'
import type { OAuthDeps } from './oauth-deps.ts'
import { digestOf, FLOW_LIFETIME_SECONDS, flowIdentity } from './oauth-flow.ts'

export interface OAuthBeginning {
  integration: Integration
  workspaceId: string
  /** The one that is connected again; null: a new one is made, PENDING. */
  connection: Connection | null
  /** At most one of the two; of a new connection. */
  endUserId: string | null
  endUserExternalId?: string | null
  /** Null: the integration's name, or the connection's. */
  displayName: string | null
  externalId: string | null
  /** Created when it is new. */
  collection: string | null
  /** Null: those of the integration's OAuth client, else the definition's. */
  scopes: readonly string[] | null
  /** By the definition's inputFields. Null: the connection's, else none. */
  input: unknown
  /** Where the browser ends, checked already. Null for a flow of a connect session. */
  returnUrl: string | null
  /** The browser that alone may come back; null: `startOAuth`, which has none. */
  connectSession: { id: string; browserHash: Uint8Array } | null
}

export interface OAuthBegun {
  authorizationUrl: string
  connection: Connection
  /** Until when the provider's answer is taken. */
  expiresAt: Date
}

/**
 * Begins a way to the provider's consent page: the connection, where it is new, its flow, and the URL to send the browser to.
 * @throws InvalidInputError for inputs; UnsupportedError when the integration has no consent page; ConflictError without an
 * OAuth client, and for an external id that is taken; NotFoundError; ProviderError where the provider is asked first
 */
export async function beginOAuth(deps: OAuthDeps, beginning: OAuthBeginning): Promise<OAuthBegun> {
  const { integration, connection, collection } = beginning
  const definition = definitionOf(integration)
  const input = checkConnectionInput(definition, beginning.input ?? connection?.input ?? {})
  const request = await prepareConsent(deps, integration, definition, input, beginning.scopes)
  const digest = digestOf(definition)
  return conflictOn(
    () =>
      deps.database.transaction(async (tx) => {
        await holdIntegration(tx, integration)
        const pending =
          connection ?? (await insertPendingConnection(tx, integration, { ...beginning, method: 'OAUTH', input }))
        if (connection !== null && collection !== null) {
          const collectionId = await ensureCollection(tx, connection.workspaceId, collection)
          await tx.prisma.connection.update({ where: { id: connection.id }, data: { collectionId } })
        }
        const expiresAt = await insertFlow(tx, deps, { ...beginning, connection: pending, input, request, digest })
        if (connection === null) {
          const { id: connectionId, workspaceId } = pending
          await appendEvents(tx, deps.bus, workspaceId, [{ type: 'CONNECTION_CREATED', connectionId }])
        }
        return { authorizationUrl: request.url, connection: pending, expiresAt }
      }),
    'A connection with this externalId exists already at this integration. Choose another externalId, or give its connectionId to connect it again.',
  )
}

interface NewFlow {
  connection: Connection
  connectSession: OAuthBeginning['connectSession']
  request: ConsentRequest
  digest: Uint8Array
  returnUrl: string | null
  input: Record<string, string>
  displayName: string | null
}

async function insertFlow(tx: Tx, { vault }: OAuthDeps, flow: NewFlow): Promise<Date> {
  const { connection, connectSession, request } = flow
  const { workspaceId, integrationId } = connection
  const id = newId()
  const [row] = await tx.query<{ expires_at: Date }>(
    `INSERT INTO oauth_flow (id, workspace_id, integration_id, connection_id, connect_session_id, state_hash, browser_hash,
       sealed, key_id, redirect_uri, client_id, scopes, auth_digest, return_url, input, display_name, expires_at)
     VALUES ($1::uuid, $2::uuid, $3::uuid, $4::uuid, $5::uuid, $6::bytea, $7::bytea, $8::bytea, $9::text, $10::text,
       $11::text, $12::text[], $13::bytea, $14::text, $15::jsonb, $16::text,
       clock_timestamp() + $17::int * interval '1 second')
     ON CONFLICT (state_hash) DO NOTHING RETURNING expires_at`,
    [
      ...[id, workspaceId, integrationId, connection.id, connectSession?.id ?? null],
      ...[request.stateHash, connectSession?.browserHash ?? null],
      vault.seal({ ...request.secrets }, flowIdentity({ workspaceId, id, version: 1 })),
      ...[vault.currentKeyId, request.redirectUri, request.clientId, [...request.scopes], flow.digest],
      ...[flow.returnUrl, JSON.stringify(flow.input), flow.displayName, FLOW_LIFETIME_SECONDS],
    ],
  )
  // Only a provider of OAuth 1.0a could give what another flow is known by.
  if (row === undefined) throw new ProviderError('The provider has given the same temporary token before. Try again.')
  return row.expires_at
}
