import { createHash } from 'node:crypto'
import { z } from 'zod'
import type { IssuerMetadata } from '../../auth/oauth2/issuer-metadata.ts'
import type { IntegrationDefinition } from '../../catalog/definition/definition.ts'
import type { ConnectionDeps } from '../../connections/connection-deps.ts'
import type { OAuthFlow } from '../../db/generated/client.ts'
import type { Row, SqlRunner } from '../../db/sql.ts'
import type { Egress } from '../../egress/egress.ts'
import type { JsonObject } from '../../kit/json.ts'
import type { Logger } from '../../kit/log.ts'
import type { Sender } from '../../requests/send.ts'
import { flowIdentity } from '../../vault/identities.ts'
import type { Vault } from '../../vault/vault.ts'

/** The services that OAuth flows use. */
export interface OAuthDeps extends ConnectionDeps {
  egress: Egress
  sender: Sender
  issuerMetadata: IssuerMetadata
  logger: Logger
  /** The address of this deployment for browsers, without a trailing slash. From the configuration, never from a request. */
  publicUrl: string
}

/** Path of the callbacks. The integration's id follows, so that each integration has its own redirect URI. */
export const CALLBACK_PATH = '/oauth/callback/'

/**
 * The redirect URI to register with the provider: our callback for this integration, or the one that the workspace hosts
 * itself. RFC 9700 section 4.4.2.2: with a redirect URI for each, a response of one provider is never taken for another's.
 */
export function redirectUriOf(integration: { id: string; oauthRedirectUrl: string | null }, publicUrl: string): string {
  return integration.oauthRedirectUrl ?? `${publicUrl}${CALLBACK_PATH}${integration.id}`
}

/** How long the user has at the provider's pages. */
export const FLOW_LIFETIME_SECONDS = 600

const secretsSchema = z.strictObject({
  /** The key of the method of a selective auth. Absent: the first with a consent page. */
  method: z.string().optional(),
  /** RFC 7636. Absent if the definition's pkce is `none`. */
  codeVerifier: z.string().optional(),
  /** RFC 9207: when the flow started, the server announced that its responses contain `iss`. */
  issRequired: z.literal(true).optional(),
  /** OAuth 1.0a: the temporary token that the user authorizes. */
  temporary: z.strictObject({ token: z.string(), tokenSecret: z.string() }).optional(),
  /** The code of a response that could not be exchanged yet. */
  code: z.string().optional(),
  /** The parameters of a response that waits for a request with the browser's cookies. */
  posted: z.array(z.tuple([z.string(), z.string()])).optional(),
  /** Callback parameters, by the names of the definition's callbackKeep. */
  kept: z.record(z.string(), z.string()).optional(),
  /** The handle for the browser that the flow is bound to. */
  handle: z.string().optional(),
})

/** The sealed part of a flow. */
export type FlowSecrets = z.infer<typeof secretsSchema>

export function openFlow(vault: Vault, flow: OAuthFlow): FlowSecrets {
  return secretsSchema.parse(vault.open(flow.sealed, flowIdentity(flow)))
}

/** Replaces the secrets of a flow and raises its version, also in `flow`. */
export async function resealFlow(
  sql: SqlRunner,
  vault: Vault,
  flow: Pick<OAuthFlow, 'workspaceId' | 'id' | 'version'>,
  secrets: FlowSecrets,
): Promise<void> {
  const version = flow.version + 1
  const json: JsonObject = JSON.parse(JSON.stringify(secrets))
  await sql.query(
    'UPDATE oauth_flow SET sealed = $2::bytea, key_id = $3::text, version = $4::int WHERE id = $1::uuid',
    [flow.id, vault.seal(json, flowIdentity({ ...flow, version })), vault.currentKeyId, version],
  )
  flow.version = version
}

/**
 * Digest of the parts of a definition that must not change during a flow, because they say where the code, the token and the
 * client secret are sent.
 */
export function digestOf(definition: IntegrationDefinition): Uint8Array<ArrayBuffer> {
  const { auth, auths, baseUrl, afterConnect = [], hosts = [], streams = [], testRequest, actions = [] } = definition
  const targets = [
    ...streams,
    ...(testRequest === undefined ? [] : [testRequest]),
    ...actions.map(({ request }) => request),
  ]
  const others = [
    ...hosts,
    ...targets.flatMap((target) => target.baseUrl ?? []),
    ...(auths === undefined ? [] : [auths]),
  ]
  const text = JSON.stringify([auth, baseUrl, afterConnect, ...(others.length === 0 ? [] : [others])])
  return new Uint8Array(createHash('sha256').update(text).digest())
}

/** A flow whose state was consumed by this call. */
interface ConsumedFlow {
  id: string
  expired: boolean
}

/**
 * Consumes a state. Of several calls with the same state, one gets the flow. Call it before checking anything else, also for
 * error responses, so that no response is used twice.
 * @param workspaceId only a flow of this workspace; null: of any workspace
 */
export async function consumeState(
  sql: SqlRunner,
  stateHash: Uint8Array,
  workspaceId: string | null,
): Promise<ConsumedFlow | null> {
  const [row] = await sql.query<ConsumedFlow & Row>(
    // A flow that returned in time must not expire before its exchange ends: expired flows and their connections are deleted.
    `UPDATE oauth_flow SET consumed_at = clock_timestamp(), expires_at = CASE WHEN expires_at <= clock_timestamp()
       THEN expires_at ELSE greatest(expires_at, clock_timestamp() + interval '2 minutes') END
     WHERE state_hash = $1::bytea AND consumed_at IS NULL AND ($2::uuid IS NULL OR workspace_id = $2::uuid)
     RETURNING id, expires_at <= clock_timestamp() AS expired`,
    [stateHash, workspaceId],
  )
  return row ?? null
}
