import { z } from 'zod'
import { notFound } from '../access/caller.ts'
import type { CustomStrategies } from '../auth/custom/custom-strategy.ts'
import { strategyOf } from '../auth/registry.ts'
import { readStored, StoredCredentialError, storedSchemas } from '../auth/stored-credential.ts'
import type { Authenticator, OAuthClient } from '../auth/strategy.ts'
import { scopeOf } from '../auth/template-scope.ts'
import { definitionOf } from '../catalog/catalog.ts'
import type { IntegrationDefinition } from '../catalog/definition/definition.ts'
import type { TemplateScope } from '../catalog/template/template.ts'
import type { Row, SqlRunner } from '../db/sql.ts'
import {
  ConflictError,
  type ErrorDetails,
  type ProviderWords,
  ReconnectRequiredError,
  type RefreshFailure,
} from '../kit/errors.ts'
import type { Vault } from '../vault/vault.ts'
import { credentialIdentity } from './credential-store.ts'

/** A connection with its credential, still sealed, and its integration: one indexed read. */
export interface CredentialRow extends Row {
  connection_id: string
  workspace_id: string
  end_user_id: string | null
  status: 'PENDING' | 'ACTIVE' | 'NEEDS_REAUTH' | 'ERROR' | 'DISABLED'
  status_reason: string | null
  input: Record<string, unknown>
  kept: Record<string, unknown>
  /** Of the stored credential; `auth_provider`: it is kept by somebody else. */
  credential_type: string | null
  sealed: Uint8Array | null
  version: number
  expires_at: Date | null
  next_refresh_at: Date | null
  last_refreshed_at: Date | null
  refreshable: boolean
  failed_refreshes: number
  last_error: StoredRefreshError | null
  /** The last version that the API refused although it should have been good. */
  refused_version: number | null
  integration_id: string
  integration_updated_at: Date
  provider: string | null
  definition: unknown
  oauth_client_id: string | null
  client_sealed: Uint8Array | null
  client_version: number | null
  /** See RowStamp. */
  print: string
  /** The database's clock: processes may disagree about the time. */
  now: Date
}

/** How the last failed renewal is kept with the credential. */
export interface StoredRefreshError extends ErrorDetails {
  message: string
  reason: RefreshFailure
  retryable: boolean
  words?: ProviderWords
  /** ISO 8601. */
  occurredAt?: string
}

/** A connection that is ready to make requests. Its secret lives in the authenticator's closure. */
export interface OpenedConnection {
  connectionId: string
  workspaceId: string
  integrationId: string
  definition: IntegrationDefinition
  authenticator: Authenticator
  /** What the definition's templates read. Holds secrets: never to be logged. */
  scope: TemplateScope
  /** Of the credential: tells whether it was replaced since. */
  version: number
  /** It was renewed so that it could be opened. */
  renewed?: boolean
}

/** @throws NotFoundError */
export async function readCredentialRow(sql: SqlRunner, connectionId: string): Promise<CredentialRow> {
  const [row] = await readCredentialRows(sql, [connectionId])
  if (row === undefined) throw notFound('connection')
  return row
}

/** Those that there are, in no order. */
export function readCredentialRows(sql: SqlRunner, connectionIds: readonly string[]): Promise<CredentialRow[]> {
  return sql.query<CredentialRow>(
    `SELECT c.id AS connection_id, c.workspace_id, c.end_user_id, c.status::text AS status, c.status_reason, c.input, c.kept,
            s.type AS credential_type, s.sealed, s.version, s.expires_at, s.next_refresh_at, s.last_refreshed_at, s.refreshable, s.failed_refreshes,
            s.last_error, s.refused_version, i.id AS integration_id, i.updated_at AS integration_updated_at, i.provider, i.definition,
            i.oauth_client_id, x.sealed AS client_sealed, x.version AS client_version, ${STAMP}
     ${THE_ROWS}`,
    [connectionIds],
  )
}

/** Which versions of the four rows a connection is made of: equal prints, equal rows. A hundredth of what they are. */
interface RowStamp extends Row {
  connection_id: string
  print: string
  now: Date
}

/** Of those that there are, in no order. */
export function readRowStamps(sql: SqlRunner, connectionIds: readonly string[]): Promise<RowStamp[]> {
  return sql.query<RowStamp>(`SELECT c.id AS connection_id, ${STAMP} ${THE_ROWS}`, [connectionIds])
}

/** Every write gives a row another xmin, and another ctid where one transaction writes it twice. */
const STAMP = `concat_ws(' ', c.xmin, c.ctid, i.xmin, i.ctid, s.xmin, s.ctid, '|', x.xmin, x.ctid) AS print, clock_timestamp() AS now`

const THE_ROWS = `FROM connection c JOIN integration i ON i.id = c.integration_id
     JOIN workspace w ON w.id = c.workspace_id AND w.deleted_at IS NULL
     LEFT JOIN credential s ON s.connection_id = c.id LEFT JOIN integration_secret x ON x.integration_id = i.id
     WHERE c.id = ANY($1::uuid[]) AND c.deleted_at IS NULL`

/** @throws ConflictError when disabled; ReconnectRequiredError when a person has to connect first */
export function assertUsable(row: CredentialRow): void {
  const { connection_id: connectionId } = row
  if (row.status === 'DISABLED') throw new ConflictError('This connection is disabled. Enable it to use it again.')
  if (row.status === 'PENDING' || row.sealed === null) {
    throw new ReconnectRequiredError('This connection is not connected yet. Finish connecting the account.', {
      connectionId,
    })
  }
  if (row.status === 'NEEDS_REAUTH') {
    const reason = row.status_reason === null ? '' : ` ${row.status_reason}`
    throw new ReconnectRequiredError(`This connection must be connected again.${reason}`, { connectionId })
  }
}

export function definitionOfRow(row: CredentialRow): IntegrationDefinition {
  const { integration_id: id, integration_updated_at: updatedAt, provider, definition } = row
  return definitionOf({ id, updatedAt, provider, definition })
}

/** The decrypted credential, unchecked. @throws CredentialCorruptError, UnknownKeyError */
export function openSealed(vault: Vault, row: CredentialRow): unknown {
  if (row.sealed === null) throw new Error('A connection without a credential was opened.')
  return vault.open(row.sealed, credentialIdentity(row.workspace_id, row.connection_id, row.version))
}

/** What a row says of an integration's OAuth client. */
export type OAuthClientRow = Pick<
  CredentialRow,
  'workspace_id' | 'integration_id' | 'oauth_client_id' | 'client_sealed' | 'client_version'
>

/** The integration's OAuth client; undefined when it has none. */
export function oauthClientOf(vault: Vault, row: OAuthClientRow): OAuthClient | undefined {
  if (row.oauth_client_id === null) return undefined
  if (row.client_sealed === null || row.client_version === null) return { clientId: row.oauth_client_id }
  const opened = clientSecretSchema.parse(
    vault.open(row.client_sealed, {
      workspaceId: row.workspace_id,
      rowId: row.integration_id,
      column: 'integration_secret.sealed',
      version: row.client_version,
    }),
  )
  return { clientId: row.oauth_client_id, clientSecret: opened.clientSecret }
}

const clientSecretSchema = z.object({ clientSecret: z.string() })
const anyStored = z.union(Object.values(storedSchemas))

/** What the secret is opened with besides its row. */
interface OpenOptions {
  /** Undefined: the integration has none. */
  oauthClient: OAuthClient | undefined
  /** Those that the deployment adds. */
  customStrategies: CustomStrategies | undefined
}

/**
 * Opens what was decrypted.
 * @throws ReconnectRequiredError when it does not fit the definition, which was changed since
 */
export function openStored(
  row: CredentialRow,
  secret: unknown,
  { oauthClient, customStrategies }: OpenOptions,
): OpenedConnection {
  const definition = definitionOfRow(row)
  const context = { input: row.input, kept: row.kept, hasOAuthClient: row.oauth_client_id !== null, oauthClient }
  try {
    return {
      connectionId: row.connection_id,
      workspaceId: row.workspace_id,
      integrationId: row.integration_id,
      definition,
      authenticator: strategyOf(definition.auth, customStrategies).open(secret, context),
      scope: scopeOf(definition.auth, readStored(anyStored, secret), context),
      version: row.version,
    }
  } catch (error) {
    if (!(error instanceof StoredCredentialError)) throw error
    throw new ReconnectRequiredError(`${error.message} Connect the account again.`, {
      connectionId: row.connection_id,
      cause: error,
    })
  }
}
