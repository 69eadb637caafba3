import { createHash } from 'node:crypto'
import { z } from 'zod'
import type { IntegrationDefinition } from '../../catalog/definition/definition.ts'
import type { OAuthFlow } from '../../db/generated/client.ts'
import type { Row, SqlRunner } from '../../db/sql.ts'
import type { JsonObject } from '../../kit/json.ts'
import { flowIdentity } from '../../vault/identities.ts'
import type { Vault } from '../../vault/vault.ts'

/** How long a person has on the provider's pages. */
export const FLOW_LIFETIME_SECONDS = 600

const secretsSchema = z.strictObject({
  /** RFC 7636; absent where the definition's pkce is none. */
  codeVerifier: z.string().optional(),
  /** RFC 9207: the server announced at the start that its answer names it; absent where it did not. */
  issRequired: z.literal(true).optional(),
  /** OAuth 1.0a: what the person authorizes. */
  temporary: z.strictObject({ token: z.string(), tokenSecret: z.string() }).optional(),
  /** What has come back and could not be exchanged yet. */
  code: z.string().optional(),
  /** Of the callback, by the names of the definition's callbackKeep. */
  kept: z.record(z.string(), z.string()).optional(),
  /** For the browser that the flow is bound to. */
  handle: z.string().optional(),
})

/** What of a flow nobody may see. */
export type FlowSecrets = z.infer<typeof secretsSchema>

export function openFlow(vault: Vault, flow: OAuthFlow): FlowSecrets {
  return secretsSchema.parse(vault.open(flow.sealed, flowIdentity(flow)))
}

/** Stores other secrets in place of those that a flow holds. */
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
 * A flow ends with the provider that it began with: what a code, a token and the client's secret are sent to must be the same
 * at the end as at the beginning.
 */
export function digestOf({ auth, baseUrl, afterConnect }: IntegrationDefinition): Uint8Array<ArrayBuffer> {
  const text = JSON.stringify([auth, baseUrl, afterConnect ?? []])
  return new Uint8Array(createHash('sha256').update(text).digest())
}

/** A flow whose state has just come back for the first time. */
interface ConsumedFlow {
  id: string
  expired: boolean
}

/**
 * Takes a state: of all who bring the same one, a single caller gets its flow. Before anything else is looked at, also when
 * the answer is an error, so that no answer is ever used twice.
 * @param workspaceId only a flow of this workspace; null: of any
 */
export async function consumeState(
  sql: SqlRunner,
  stateHash: Uint8Array,
  workspaceId: string | null,
): Promise<ConsumedFlow | null> {
  const [row] = await sql.query<ConsumedFlow & Row>(
    // What is in time stays so until it is exchanged: unfinished flows and their connections are cleared away.
    `UPDATE oauth_flow SET consumed_at = clock_timestamp(), expires_at = CASE WHEN expires_at <= clock_timestamp()
       THEN expires_at ELSE greatest(expires_at, clock_timestamp() + interval '2 minutes') END
     WHERE state_hash = $1::bytea AND consumed_at IS NULL AND ($2::uuid IS NULL OR workspace_id = $2::uuid)
     RETURNING id, expires_at <= clock_timestamp() AS expired`,
    [stateHash, workspaceId],
  )
  return row ?? null
}
