import { z } from 'zod'
import { checkCredential } from '../../auth/check-credential.ts'
import type { CustomStrategies } from '../../auth/custom/custom-strategy.ts'
import { readStored, type StoredCredential, storedSchemas } from '../../auth/stored-credential.ts'
import type { Auth } from '../../catalog/definition/auth.ts'
import { authMethodField } from '../../catalog/definition/auth-fields.ts'
import {
  type CredentialRow,
  definitionOfRow,
  type OpenedConnection,
  oauthClientOf,
  openSealed,
  openStored,
  optionOf,
  readCredentialRow,
} from '../../credentials/credential-store.ts'
import type { Database } from '../../db/database.ts'
import { runInScope } from '../../db/scope.ts'
import type { WriteTx } from '../../db/sql.ts'
import { ConflictError, InvalidInputError, UnsupportedError } from '../../kit/errors.ts'
import { CredentialCorruptError } from '../../vault/envelope.ts'
import { jobTokenIdentity } from '../../vault/identities.ts'
import type { Vault } from '../../vault/vault.ts'

/** Access tokens of single sync jobs. They are sealed and stored apart from the connections' credentials. */
export interface JobTokenDeps {
  database: Database
  vault: Vault
  /** Custom strategies of the deployment. Default: none. */
  customStrategies?: CustomStrategies | undefined
}

const NOT_OAUTH2 =
  'Only a connection that authenticates by OAuth 2.0 accepts an accessToken for one job. Leave out accessToken, or replace the credential.'

/**
 * Checks that a connection can be used with an access token of a job.
 * @throws UnsupportedError when it does not authenticate by OAuth 2.0, or an auth provider keeps its credential
 * @throws InvalidInputError for a token that cannot be put into a request; its path is `input`, `accessToken`
 */
export async function checkJobToken(deps: JobTokenDeps, connectionId: string, accessToken: string): Promise<void> {
  // The caller's access was checked before. Nothing of the row is returned to the caller.
  const row = await runInScope(null, () => readCredentialRow(deps.database.sql, connectionId))
  const { auth } = withAccessToken(definitionOfRow(row).auth, ownCredential(deps.vault, row))
  try {
    checkCredential(auth, { oauthToken: { accessToken } }, row.now)
  } catch (error) {
    if (!(error instanceof InvalidInputError)) throw error
    throw new InvalidInputError(error.fields.map(({ message }) => ({ path: ['input', 'accessToken'], message })))
  }
}

const VERSION = 1

/** Stores the token of a job in the transaction that creates the job. */
export async function insertJobToken(
  tx: WriteTx,
  vault: Vault,
  { syncJobId, workspaceId, accessToken }: { syncJobId: string; workspaceId: string; accessToken: string },
): Promise<void> {
  await tx.query(
    `INSERT INTO sync_job_token (sync_job_id, workspace_id, version, sealed, key_id)
     VALUES ($1::uuid, $2::uuid, $3::int, $4::bytea, $5)`,
    [
      syncJobId,
      workspaceId,
      VERSION,
      vault.seal({ accessToken }, jobTokenIdentity(workspaceId, syncJobId, VERSION)),
      vault.currentKeyId,
    ],
  )
}

const tokenSchema = z.object({ accessToken: z.string() })

/**
 * Opens a connection with the token of a job in place of its own. The token is never renewed. Works even when the
 * connection's credential no longer does.
 * @throws NotFoundError
 * @throws ConflictError when the connection is disabled or the token was deleted
 * @throws UnsupportedError when the definition no longer uses OAuth 2.0
 * @throws ReconnectRequiredError as the broker does
 */
export async function openWithJobToken(
  { database, vault, customStrategies }: JobTokenDeps,
  connectionId: string,
  syncJobId: string,
): Promise<OpenedConnection> {
  const row = await readCredentialRow(database.sql, connectionId)
  if (row.status === 'DISABLED') throw new ConflictError('This connection is disabled. Enable it to use it again.')
  const [token] = await database.sql.query<{ sealed: Uint8Array; version: number }>(
    'SELECT sealed, version FROM sync_job_token WHERE sync_job_id = $1::uuid',
    [syncJobId],
  )
  if (token === undefined)
    throw new ConflictError(
      'The access token of this sync job was deleted. Trigger the sync again with an access token.',
    )
  const { accessToken } = tokenSchema.parse(
    vault.open(token.sealed, jobTokenIdentity(row.workspace_id, syncJobId, token.version)),
  )
  const { stored } = withAccessToken(definitionOfRow(row).auth, ownCredential(vault, row), accessToken)
  const opened = openStored(row, stored, { oauthClient: oauthClientOf(vault, row, optionOf(stored)), customStrategies })
  return { ...opened, authenticator: { ...opened.authenticator, refreshable: false } }
}

/** The connection's own credential; undefined: it has none, or it cannot be decrypted. */
function ownCredential(vault: Vault, row: CredentialRow): unknown {
  if (row.credential_type === 'auth_provider') throw new UnsupportedError(NOT_OAUTH2)
  if (row.sealed === null) return undefined
  try {
    return openSealed(vault, row)
  } catch (error) {
    if (error instanceof CredentialCorruptError) return undefined
    throw error
  }
}

/**
 * The OAuth 2.0 part of a definition that the connection's credential selects, and the credential with another access
 * token. Fields that are not tokens are kept, because templates may use them.
 */
function withAccessToken(auth: Auth, own: unknown, accessToken?: string): { auth: Auth; stored: StoredCredential } {
  if (auth.type === 'oauth2') {
    const read = storedSchemas.oauth2.safeParse(own)
    const { fields = {}, extra } = read.success ? read.data : {}
    return {
      auth,
      stored: { type: 'oauth2', fields, scopes: [], accessToken, extra },
    }
  }
  if (auth.type !== 'selective' || own === undefined) throw new UnsupportedError(NOT_OAUTH2)
  const chosen = readStored(storedSchemas.selective, own)
  const option = auth.options.find(({ key }) => key === chosen.fields[authMethodField.name])
  if (option === undefined) throw new UnsupportedError(NOT_OAUTH2)
  const inner = withAccessToken(option.auth, chosen.inner, accessToken)
  return { auth: inner.auth, stored: { ...chosen, inner: inner.stored } }
}

/** Deletes the tokens of jobs, in the transaction that ends the jobs. */
export async function deleteJobTokens(tx: WriteTx, syncJobIds: readonly string[]): Promise<void> {
  await tx.query('DELETE FROM sync_job_token WHERE sync_job_id = ANY($1::uuid[])', [[...syncJobIds]])
}

/**
 * Deletes tokens of ended jobs. Normally there are none, because ending a job deletes its token. A restored backup, or
 * a job that was ended by hand, can leave some.
 */
export async function deleteStaleJobTokens(database: Database): Promise<void> {
  await database.sql.query(
    `DELETE FROM sync_job_token t USING sync_job j
     WHERE j.id = t.sync_job_id AND j.status NOT IN ('QUEUED', 'RUNNING', 'CANCELLING')`,
  )
}
