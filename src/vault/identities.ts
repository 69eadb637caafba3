import type { SqlRunner } from '../db/sql.ts'

/**
 * The place that a sealed value is bound to. A value that is copied to another row, workspace, column or version does not
 * open. `version` counts the writes of the value, so that an old value cannot be put back.
 */
export interface RowIdentity {
  workspaceId: string
  rowId: string
  column: string
  version: number | bigint
}

/** A table whose rows hold one sealed value each, in the columns `sealed`, `key_id`, `version` and `workspace_id`. */
export interface SealedTable {
  name: SealedTableName
  /** The primary key, a UUID. It is the `rowId` of the identity. */
  idColumn: string
}

type SealedTableName =
  | 'credential'
  | 'integration_secret'
  | 'auth_provider'
  | 'sync_job_token'
  | 'oauth_flow'
  | 'pending_credential'
  | 'revocation'
  | 'webhook_endpoint'
  | 'webhook_secret'
  | 'initial_access_tokens'
  | 'action_key'

/** Every table that holds secrets. */
export const SEALED_TABLES: readonly SealedTable[] = [
  { name: 'credential', idColumn: 'connection_id' },
  { name: 'integration_secret', idColumn: 'integration_id' },
  { name: 'auth_provider', idColumn: 'id' },
  { name: 'sync_job_token', idColumn: 'sync_job_id' },
  { name: 'oauth_flow', idColumn: 'id' },
  { name: 'pending_credential', idColumn: 'connection_id' },
  { name: 'revocation', idColumn: 'id' },
  { name: 'webhook_endpoint', idColumn: 'id' },
  { name: 'webhook_secret', idColumn: 'integration_id' },
  { name: 'initial_access_tokens', idColumn: 'integration_id' },
  { name: 'action_key', idColumn: 'id' },
]

/** The identity of the value in `<table>.sealed`. Changing one makes every stored value of that table unreadable. */
export function sealedIdentity(
  table: SealedTableName,
  workspaceId: string,
  rowId: string,
  version: number,
): RowIdentity {
  return { workspaceId, rowId, column: `${table}.sealed`, version }
}

/** The credential of a connection. */
export function credentialIdentity(workspaceId: string, connectionId: string, version: number): RowIdentity {
  return sealedIdentity('credential', workspaceId, connectionId, version)
}

/** A credential that waits until its connection is confirmed. */
export function pendingIdentity(workspaceId: string, connectionId: string, version: number): RowIdentity {
  return sealedIdentity('pending_credential', workspaceId, connectionId, version)
}

/** The client secret of an integration's OAuth client. */
export function clientSecretIdentity(workspaceId: string, integrationId: string, version: number): RowIdentity {
  return sealedIdentity('integration_secret', workspaceId, integrationId, version)
}

/** The secret that an auth provider is called with. */
export function authProviderIdentity(workspaceId: string, id: string, version: number): RowIdentity {
  return sealedIdentity('auth_provider', workspaceId, id, version)
}

/** The access token of one sync job. */
export function jobTokenIdentity(workspaceId: string, syncJobId: string, version: number): RowIdentity {
  return sealedIdentity('sync_job_token', workspaceId, syncJobId, version)
}

/** The secrets of an OAuth flow, such as the code verifier. */
export function flowIdentity(flow: { workspaceId: string; id: string; version: number }): RowIdentity {
  return sealedIdentity('oauth_flow', flow.workspaceId, flow.id, flow.version)
}

/** A credential that is to be revoked at its provider. */
export function revocationIdentity(workspaceId: string, id: string, version: number): RowIdentity {
  return sealedIdentity('revocation', workspaceId, id, version)
}

/** The signing secrets and headers of a webhook endpoint. */
export function webhookEndpointIdentity(workspaceId: string, id: string, version: number): RowIdentity {
  return sealedIdentity('webhook_endpoint', workspaceId, id, version)
}

/** The secrets by which an integration recognizes the webhooks of its provider. */
export function webhookSecretIdentity(workspaceId: string, integrationId: string, version: number): RowIdentity {
  return sealedIdentity('webhook_secret', workspaceId, integrationId, version)
}

/** The initial access tokens by which the OAuth clients of an integration are registered. */
export function initialAccessTokensIdentity(workspaceId: string, integrationId: string, version: number): RowIdentity {
  return sealedIdentity('initial_access_tokens', workspaceId, integrationId, version)
}

/** The arguments' digest and the answer of a run with an idempotency key. */
export function actionKeyIdentity(workspaceId: string, id: string, version: number): RowIdentity {
  return sealedIdentity('action_key', workspaceId, id, version)
}

/** A submitted form of a connect session, in a cookie of its browser. No table holds it, so it is not rewrapped. */
export function submissionIdentity(workspaceId: string, connectSessionId: string): RowIdentity {
  return { workspaceId, rowId: connectSessionId, column: 'connect-submission', version: 1 }
}

/** The check value of an encryption key, in `key_check`. It belongs to no workspace. */
export const KEY_CHECK_IDENTITY: RowIdentity = { workspaceId: '', rowId: 'key-check', column: 'sealed', version: 1 }

/**
 * The associated data (NIST SP 800-38D) that a sealed value is encrypted with: `("cred/v1", workspace, row, column,
 * version)`, each part behind its length as four bytes. The lengths keep ("ab", "c") and ("a", "bc") apart.
 * @param keyId only for the layer that wraps the data key
 * @throws RangeError when the version is not a whole number
 */
export function associatedData({ workspaceId, rowId, column, version }: RowIdentity, keyId?: string): Uint8Array {
  const parts = ['cred/v1', workspaceId, rowId, column, decimal(version)]
  if (keyId !== undefined) parts.push(keyId)
  // Written into one buffer: this runs twice for each secret that is opened.
  const bytes = Buffer.allocUnsafe(parts.reduce((total, part) => total + 4 + Buffer.byteLength(part), 0))
  let at = 0
  for (const part of parts) {
    const length = bytes.write(part, at + 4)
    at = bytes.writeUInt32BE(length, at) + length
  }
  return bytes
}

function decimal(version: number | bigint): string {
  if (typeof version === 'number' && !Number.isSafeInteger(version)) {
    throw new RangeError('The version of a sealed value must be a whole number.')
  }
  return version.toString()
}

/** Steps from one key id to the next by the index: the cost grows with the number of keys, not with that of the rows. */
const KEYS_IN_USE = SEALED_TABLES.map(
  ({ name }) => `SELECT key_id FROM (
     WITH RECURSIVE used AS (
       (SELECT key_id FROM ${name} ORDER BY key_id LIMIT 1)
       UNION ALL
       SELECT (SELECT t.key_id FROM ${name} t WHERE t.key_id > used.key_id ORDER BY t.key_id LIMIT 1)
       FROM used WHERE used.key_id IS NOT NULL
     ) SELECT key_id FROM used WHERE key_id IS NOT NULL) AS of_${name}`,
).join(' UNION ')

/** The ids of the keys that stored secrets are sealed with. */
export async function keyIdsInUse(sql: SqlRunner): Promise<string[]> {
  const rows = await sql.query<{ key_id: string }>(`${KEYS_IN_USE} ORDER BY key_id`)
  return rows.map((row) => row.key_id)
}
