import { createHash } from 'node:crypto'
import { z } from 'zod'
import { notFound } from '../access/caller.ts'
import { clientReceivers } from '../auth/client-hosts.ts'
import type { CustomStrategies } from '../auth/custom/custom-strategy.ts'
import { strategyOf } from '../auth/registry.ts'
import {
  readStored,
  type StoredAuthProvider,
  type StoredCredential,
  StoredCredentialError,
  type StoredOwnToken,
  storedSchemas,
} from '../auth/stored-credential.ts'
import type { Authenticator, OAuthClient } from '../auth/strategy.ts'
import { scopeOf } from '../auth/template-scope.ts'
import { definitionOf } from '../catalog/catalog.ts'
import type { Auth, OwnTokenAuth } from '../catalog/definition/auth.ts'
import { authMethodField, credentialFieldsOf } from '../catalog/definition/auth-fields.ts'
import type { IntegrationDefinition } from '../catalog/definition/definition.ts'
import type { TemplateScope } from '../catalog/template/template.ts'
import { isRecord } from '../catalog/template/value.ts'
import type { Tx, WriteCount } from '../db/database.ts'
import { scopeKey } from '../db/scope.ts'
import type { Row, SqlRunner } from '../db/sql.ts'
import { createBatcher } from '../kit/batch.ts'
import { BoundedMap } from '../kit/bounded-map.ts'
import {
  ConflictError,
  type ErrorDetails,
  type ProviderWords,
  ReconnectRequiredError,
  type RefreshFailure,
} from '../kit/errors.ts'
import type { JsonObject } from '../kit/json.ts'
import { clientSecretIdentity, credentialIdentity } from '../vault/identities.ts'
import type { Vault } from '../vault/vault.ts'
import type { PresentedCertificate } from '../wire/request-draft.ts'
import { nextRenewalAt, refreshTokenEnd } from './refresh-policy.ts'
import { refreshTokenHash } from './refresh-token-hash.ts'

/** A connection with its credential, still sealed, and its integration: one indexed read. */
export interface CredentialRow extends Row {
  connection_id: string
  workspace_id: string
  end_user_id: string | null
  status: 'PENDING' | 'ACTIVE' | 'NEEDS_REAUTH' | 'ERROR' | 'DISABLED'
  status_reason: string | null
  input: Record<string, unknown>
  kept: Record<string, unknown>
  /** Type of the stored credential. `auth_provider`: an external auth provider keeps the credential. */
  credential_type: string | null
  sealed: Uint8Array | null
  version: number
  expires_at: Date | null
  next_refresh_at: Date | null
  last_refreshed_at: Date | null
  refreshable: boolean
  refresh_expires_at: Date | null
  failed_refreshes: number
  last_error: StoredRefreshError | null
  failed_at: Date | null
  /** Since when renewals fail in the same way. */
  failing_since: Date | null
  /** Until then callers get `last_error`. */
  retry_at: Date | null
  /** A renewal that was begun and has not ended. */
  attempt_id: string | null
  attempt_at: Date | null
  /** The last version that the API refused although it had not expired. */
  refused_version: number | null
  /** The version that the API has refused for good, with no success since. */
  rejected_version: number | null
  integration_id: string
  integration_updated_at: Date
  provider: string | null
  definition: unknown
  oauth_client_id: string | null
  /** Hosts to which the OAuth client may be sent. Null counts as empty. */
  oauth_client_hosts: string[] | null
  client_sealed: Uint8Array | null
  client_version: number | null
  /** Differs as soon as one of the rows that were joined was written. */
  state: string
  /** The database's clock. The clocks of processes may differ. */
  now: Date
}

/** The last failed renewal, as `credential.last_error` stores it. */
export interface StoredRefreshError extends ErrorDetails {
  message: string
  reason: RefreshFailure
  retryable: boolean
  words?: ProviderWords
  /** ISO 8601. */
  occurredAt?: string
  /** See RenewalError. */
  finalAfterADay?: boolean
  /** The provider said how long to wait. */
  askedToWait?: boolean
}

/** @throws NotFoundError */
export async function readCredentialRow(sql: SqlRunner, connectionId: string): Promise<CredentialRow> {
  const [row] = await readCredentialRows(sql, [connectionId])
  if (row === undefined) throw notFound('connection')
  return row
}

/**
 * SQL of `CredentialRow.state`: the transactions that wrote the rows. A transaction makes one visible version of a row, and the number
 * of a transaction is used again after two billion others at the earliest.
 */
const STATE = "concat(c.xmin, ' ', s.xmin, ' ', i.xmin, ' ', x.xmin)"

const JOINED_ROWS = `connection c JOIN integration i ON i.id = c.integration_id
     JOIN workspace w ON w.id = c.workspace_id AND w.deleted_at IS NULL
     LEFT JOIN credential s ON s.connection_id = c.id LEFT JOIN integration_secret x ON x.integration_id = i.id
     WHERE c.id = ANY($1::uuid[]) AND c.deleted_at IS NULL`

/** Reads the rows that exist, in no particular order. */
export function readCredentialRows(sql: SqlRunner, connectionIds: readonly string[]): Promise<CredentialRow[]> {
  return sql.query<CredentialRow>(
    `SELECT c.id AS connection_id, c.workspace_id, c.end_user_id, c.status::text AS status, c.status_reason, c.input, c.kept,
            s.type AS credential_type, s.sealed, s.version, s.expires_at, s.next_refresh_at, s.last_refreshed_at, s.refreshable, s.failed_refreshes,
            s.refresh_expires_at, s.last_error, s.failed_at, s.failing_since, s.retry_at, s.attempt_id, s.attempt_at, s.refused_version, s.rejected_version, i.id AS integration_id, i.updated_at AS integration_updated_at, i.provider, i.definition,
            i.oauth_client_id, i.oauth_client_hosts, x.sealed AS client_sealed, x.version AS client_version, ${STATE} AS state, clock_timestamp() AS now
     FROM ${JOINED_ROWS}`,
    [connectionIds],
  )
}

const MAX_BATCH = 200
const MAX_KEPT_ROWS = 1_000
const KEPT_FOR_MS = 60_000

/** What is read of a row that is kept. */
type RowState = Pick<CredentialRow, 'connection_id' | 'state' | 'now'> & Row

/** How long a state that was read answers further reads, in milliseconds. Busy connections are read once for all requests of a moment. */
const MOMENT_MS = 10

/** A state that was read, and when. */
interface ReadState {
  state: RowState
  /** When the statement was sent, by `performance.now()`. */
  atMs: number
  /** How much this process had written by then. */
  writes: number
}

/**
 * A reader of credential rows that combines concurrent reads into few statements. A row that was read before is kept, and only its
 * state is read: most columns of a row stay the same, and take more time than everything else of a read. Rejects with NotFoundError.
 *
 * @param writes what this process writes. Each read then gets a state of the database that holds all that this process has written, and that
 * is at most MOMENT_MS old. Default: each read gets the state of the database at or after its call
 */
export function createCredentialReader(
  sql: SqlRunner,
  writes?: WriteCount,
): (connectionId: string) => CredentialRow | Promise<CredentialRow> {
  const batcher = createBatcher({ maxIds: MAX_BATCH, atOnce: 1 })
  const kept = new BoundedMap<string, CredentialRow>({ max: MAX_KEPT_ROWS, ttlMs: KEPT_FOR_MS, erase: true })
  /** By scope and connection: what one caller may read says nothing about another one. */
  const recent = new BoundedMap<string, ReadState>({ max: MAX_KEPT_ROWS })

  const readRows = async (ids: readonly string[]) => {
    const rows = new Map((await readCredentialRows(sql, ids)).map((found) => [found.connection_id, found]))
    return ids.map((id) => rows.get(id) ?? notFound('connection'))
  }
  const readStates = async (ids: readonly string[]) => {
    const atMs = performance.now()
    const before = writes?.count ?? 0
    const found = await sql.query<RowState>(
      `SELECT c.id AS connection_id, ${STATE} AS state, clock_timestamp() AS now FROM ${JOINED_ROWS}`,
      [ids],
    )
    const rows = new Map(found.map((state) => [state.connection_id, { state, atMs, writes: before }]))
    return ids.map((id) => rows.get(id) ?? notFound('connection'))
  }

  async function readState(connectionId: string, scope: string): Promise<ReadState> {
    const [read] = await batcher.load(`state ${scope}`, [connectionId], readStates)
    if (read === undefined || read instanceof Error) throw read
    return read
  }

  async function read(connectionId: string, scope: string, known: CredentialRow | undefined): Promise<CredentialRow> {
    if (known !== undefined) {
      const found = await readState(connectionId, scope)
      if (writes !== undefined) recent.set(`${scope} ${connectionId}`, found)
      if (found.state.state === known.state) return { ...known, now: found.state.now }
    }
    const [row] = await batcher.load(scope, [connectionId], readRows)
    if (row === undefined || row instanceof Error) throw row
    kept.set(connectionId, row)
    return row
  }

  return (connectionId) => {
    const scope = scopeKey()
    const known = kept.get(connectionId)
    const last = known === undefined || writes === undefined ? undefined : recent.get(`${scope} ${connectionId}`)
    if (known !== undefined && last !== undefined) {
      const passedMs = performance.now() - last.atMs
      const isCurrent = last.writes === writes?.count && last.state.state === known.state && passedMs < MOMENT_MS
      if (isCurrent) return { ...known, now: new Date(last.state.now.getTime() + passedMs) }
    }
    return read(connectionId, scope, known)
  }
}

/** Whether the API has refused the current credential for good, with no success since. */
function isRejected({ version, rejected_version: rejected }: CredentialRow): boolean {
  return rejected === version
}

/**
 * @param rejected `allow`: a credential that the API refused may be tried again
 * @throws ConflictError when disabled; ReconnectRequiredError when a person has to connect first
 */
export function assertUsable(row: CredentialRow, rejected: 'allow' | 'refuse' = 'refuse'): void {
  const { connection_id: connectionId } = row
  if (row.status === 'DISABLED') throw new ConflictError('This connection is disabled. Enable it to use it again.')
  if (row.status === 'PENDING' || row.sealed === null) {
    throw new ReconnectRequiredError('This connection is not connected yet. Finish connecting the account.', {
      connectionId,
    })
  }
  if (row.status === 'NEEDS_REAUTH' && !(rejected === 'allow' && isRejected(row))) {
    const reason = row.status_reason === null ? '' : ` ${row.status_reason}`
    throw new ReconnectRequiredError(`This connection must be connected again.${reason}`, { connectionId })
  }
}

export function definitionOfRow(
  row: Pick<CredentialRow, 'integration_id' | 'integration_updated_at' | 'provider' | 'definition'>,
): IntegrationDefinition {
  const { integration_id: id, integration_updated_at: updatedAt, provider, definition } = row
  return definitionOf({ id, updatedAt, provider, definition })
}

/** Decrypts the credential of a row. The result is unchecked. @throws CredentialCorruptError, UnknownKeyError */
export function openSealed(vault: Vault, row: CredentialRow): unknown {
  if (row.sealed === null) throw new Error('The connection has no credential to open.')
  return vault.open(row.sealed, credentialIdentity(row.workspace_id, row.connection_id, row.version))
}

/** The columns of a row that hold an integration's OAuth client. */
export type OAuthClientRow = Pick<
  CredentialRow,
  | 'workspace_id'
  | 'integration_id'
  | 'integration_updated_at'
  | 'provider'
  | 'definition'
  | 'oauth_client_id'
  | 'oauth_client_hosts'
  | 'client_sealed'
  | 'client_version'
>

/**
 * The OAuth client of the integration; undefined when it has none.
 * @param option the key of the option of a selective auth that the client is for (`optionOf`). A registered client is that of one
 * option; a client that the workspace has set is used for all. Null, or left out: the auth is not selective
 * @throws CredentialCorruptError, UnknownKeyError
 */
export function oauthClientOf(
  vault: Vault,
  row: OAuthClientRow,
  option: string | null = null,
): OAuthClient | undefined {
  if (row.oauth_client_id === null) return undefined
  const mayBeSentTo = clientReceivers(definitionOfRow(row), row.oauth_client_hosts ?? [])
  if (row.client_sealed === null || row.client_version === null) return { clientId: row.oauth_client_id, mayBeSentTo }
  const first = openSealedClient(vault, {
    ...{ workspaceId: row.workspace_id, integrationId: row.integration_id },
    ...{ version: row.client_version, sealed: row.client_sealed },
  })
  const isFirst = first.option === undefined || option === null || option === first.option
  const client = isFirst ? { ...first, clientId: row.oauth_client_id } : first.others?.[option]
  if (client === undefined) return undefined
  const { clientId, clientSecret, clientAuth, secretExpiresAt: end } = client
  return { clientId, clientSecret, clientAuth, mayBeSentTo, secretExpiresAt: end === undefined ? end : new Date(end) }
}

/** The key of the option of a selective auth that a stored credential is for. Null: the auth is not selective. */
export function optionOf(stored: unknown): string | null {
  if (!isRecord(stored) || stored['type'] !== 'selective' || !isRecord(stored['fields'])) return null
  const option = stored['fields'][authMethodField.name]
  return typeof option === 'string' ? option : null
}

interface SealedClientSecret {
  workspaceId: string
  integrationId: string
  version: number
  sealed: Uint8Array
}

/** @throws CredentialCorruptError, UnknownKeyError */
export function openClientSecret(vault: Vault, sealed: SealedClientSecret): string {
  return openSealedClient(vault, sealed).clientSecret
}

/** @throws CredentialCorruptError, UnknownKeyError */
export function openSealedClient(
  vault: Vault,
  { workspaceId, integrationId, version, sealed }: SealedClientSecret,
): SealedClient {
  return sealedClientSchema.parse(vault.open(sealed, clientSecretIdentity(workspaceId, integrationId, version)))
}

const registeredClientSchema = z.object({
  /** Empty: a registered client that has no secret. */
  clientSecret: z.string(),
  /** Of a client that was registered dynamically: how it authenticates, and what changes its registration (RFC 7592). */
  clientAuth: z.enum(['client_secret_post', 'client_secret_basic', 'none']).optional(),
  registrationToken: z.string().optional(),
  /** ISO 8601. Absent: the secret does not expire. */
  secretExpiresAt: z.string().optional(),
})

const sealedClientSchema = registeredClientSchema.extend({
  /** The option of a selective auth that the client was registered for. Absent: it is used for all. */
  option: z.string().optional(),
  /** Clients that were registered for other options. */
  others: z.record(z.string(), registeredClientSchema.extend({ clientId: z.string() })).optional(),
})

/** The secrets of a client that was registered dynamically. */
export type SealedRegisteredClient = z.infer<typeof registeredClientSchema>

/** The sealed part of an integration's OAuth client. */
type SealedClient = z.infer<typeof sealedClientSchema>
const anyStored = z.union(Object.values(storedSchemas))

/** An entry of `auths` that needs a token. */
export interface OwnTokenRequest {
  /** Its key in `auths`. */
  key: string
  auth: OwnTokenAuth
  definition: IntegrationDefinition
  /** What its templates read. Holds secrets. */
  scope: TemplateScope
  /** The client certificate of the connection, presented with the request for a token. */
  certificate(): PresentedCertificate | undefined
}

/** The tokens of an opened connection that the entries of `auths` have obtained. */
export interface OwnTokens {
  /** What is stored. Undefined: nothing that may be used. */
  stored(request: OwnTokenRequest): StoredOwnToken | undefined
  /**
   * Obtains a token from the provider and stores it, or waits until another process has done so.
   * @param had the token that is no longer of use; undefined: there was none
   * @throws CredentialRefreshError
   */
  obtain(request: OwnTokenRequest, had: string | undefined): Promise<StoredOwnToken>
  /**
   * Whether another token may be obtained in place of one that the API has refused. For a while after that, it may not: the API may refuse
   * every token.
   */
  mayReplace(request: OwnTokenRequest): boolean
  /** Obtains a token for one request. Nothing is stored. @throws CredentialRefreshError */
  once(request: OwnTokenRequest): Promise<StoredOwnToken>
}

/** A connection that is ready to make requests. Its secret lives in the closure of the authenticator. */
export interface OpenedConnection {
  connectionId: string
  workspaceId: string
  integrationId: string
  definition: IntegrationDefinition
  authenticator: Authenticator
  /** Key of the definition's `auths` whose authenticator this is. Undefined: that of its `auth`. */
  authKey?: string
  /** The tokens that entries of `auths` have obtained. Undefined: they obtain none, because an auth provider holds the credential. */
  tokens?: OwnTokens | undefined
  /** The connection without the base URL and the auth of one request. Undefined: it is this one. */
  main?: OpenedConnection
  /** What the templates of the definition can read. Holds secrets: never log it. */
  scope: TemplateScope
  /** Version of the credential. A stored version that differs means that the credential was replaced. */
  version: number
  /** `true`: the credential was renewed by this call. */
  renewed?: boolean
  /** `true`: the API has refused this credential, which cannot be renewed, and has not accepted it since. */
  rejected?: boolean
}

interface OpenOptions {
  /** Undefined: the integration has none. */
  oauthClient: OAuthClient | undefined
  /** Strategies that the deployment adds. */
  customStrategies: CustomStrategies | undefined
  /** Default: the definition of the integration. */
  definition?: IntegrationDefinition
}

/**
 * Makes a connection that can send requests from a row and its decrypted credential.
 * @throws ReconnectRequiredError when the credential does not fit the definition, which has changed since it was stored
 */
export function openStored(
  row: CredentialRow,
  secret: unknown,
  { oauthClient, customStrategies, definition = definitionOfRow(row) }: OpenOptions,
): OpenedConnection {
  const context = {
    ...{ input: row.input, kept: row.kept, workspaceId: row.workspace_id },
    ...{ hasOAuthClient: oauthClient !== undefined, oauthClient },
  }
  try {
    return {
      connectionId: row.connection_id,
      workspaceId: row.workspace_id,
      integrationId: row.integration_id,
      definition,
      authenticator: strategyOf(definition.auth, customStrategies).open(secret, context),
      scope: scopeOf(definition.auth, readStored(anyStored, secret), context),
      version: row.version,
      rejected: isRejected(row),
    }
  } catch (error) {
    if (!(error instanceof StoredCredentialError)) throw error
    throw new ReconnectRequiredError(`${error.message} Connect the account again.`, {
      connectionId: row.connection_id,
      cause: error,
    })
  }
}

/**
 * The secrets that connections of one integration have stored, by connection. Credentials that an auth provider holds are not among them.
 * @throws CredentialCorruptError, UnknownKeyError
 */
export async function storedSecrets(
  sql: SqlRunner,
  vault: Vault,
  connectionIds: readonly string[],
  { auth }: IntegrationDefinition,
): Promise<Map<string, string[]>> {
  const rows = await sql.query<{ connection_id: string; workspace_id: string; version: number; sealed: Uint8Array }>(
    'SELECT connection_id, workspace_id, version, sealed FROM credential WHERE connection_id = ANY($1::uuid[])',
    [[...connectionIds]],
  )
  return new Map(
    rows.map(({ connection_id: id, workspace_id: workspaceId, version, sealed }) => {
      const stored = anyStored.safeParse(vault.open(sealed, credentialIdentity(workspaceId, id, version)))
      return [id, stored.success ? secretsIn(auth, stored.data) : []]
    }),
  )
}

function secretsIn(auth: Auth, stored: StoredCredential): string[] {
  const own = Object.values(stored.tokens ?? {}).map(({ token }) => token)
  if (stored.type === 'selective') {
    const options = auth.type === 'selective' ? auth.options : []
    const option = options.find(({ key }) => key === stored.fields[authMethodField.name])
    return [...secretsIn(option?.auth ?? auth, stored.inner), ...own]
  }
  const declared = new Map(credentialFieldsOf(auth).map(({ name, secret }) => [name, secret === true]))
  // A field that the definition no longer has may be secret.
  const fields = Object.entries(stored.fields).flatMap(([name, value]) => ((declared.get(name) ?? true) ? [value] : []))
  const tokens =
    stored.type === 'oauth2'
      ? [stored.accessToken, stored.refreshToken, stored.clientSecret]
      : stored.type === 'session_token'
        ? [stored.token]
        : stored.type === 'custom'
          ? Object.values(stored.data).filter((value) => typeof value === 'string')
          : []
  return [...fields, ...tokens, ...own].filter((secret) => secret !== undefined)
}

interface NewCredential {
  connectionId: string
  workspaceId: string
  stored: StoredCredential | StoredAuthProvider
  /** The credential as its strategy opened it. The columns that are not secret are read from it. */
  opened: OpenedCredential
  /** Time of the database's clock. */
  now: Date
  /** When the refresh token expires, if the provider says so. */
  refreshExpiresAt?: Date | null | undefined
  /** True: the caller supplied it. False: Latchkey obtained it from the provider. */
  supplied: boolean
}

/** What is known of a credential without asking the provider. */
export type OpenedCredential = Pick<Authenticator, 'expiresAt' | 'refreshable' | 'refreshToken' | 'scopes'>

/** Digests of the values of an injected token that stand for kept ones. Webhooks find the connection by them. */
export function extraDigests(stored: StoredCredential | StoredAuthProvider): Record<string, string> {
  if (stored.type === 'selective') return extraDigests(stored.inner)
  const extra = stored.type === 'oauth2' ? (stored.extra ?? {}) : {}
  return Object.fromEntries(
    Object.entries(extra).map(([name, value]) => [name, createHash('sha256').update(String(value)).digest('hex')]),
  )
}

/** Stores the first credential of a connection. */
export async function insertCredential(tx: Tx, vault: Vault, credential: NewCredential): Promise<void> {
  const { connectionId, workspaceId, stored } = credential
  const version = 1
  await tx.prisma.credential.create({
    data: {
      connectionId,
      workspaceId,
      version,
      type: stored.type,
      sealed: vault.seal(toJsonColumn(stored), credentialIdentity(workspaceId, connectionId, version)),
      keyId: vault.currentKeyId,
      ...credentialColumns(vault, credential),
    },
  })
  const extra = extraDigests(stored)
  if (Object.keys(extra).length > 0) await tx.prisma.connection.update({ where: { id: connectionId }, data: { extra } })
}

/** The columns of a new credential that are not secret, with the time at which it is renewed ahead of its ends. */
export function credentialColumns(
  vault: Vault,
  { connectionId, opened, now, refreshExpiresAt, supplied }: Omit<NewCredential, 'stored'>,
) {
  const { expiresAt, refreshable, refreshToken, scopes } = opened
  // The end of a refresh token that no renewal sends is of no importance.
  const refreshEnd =
    refreshToken === undefined ? undefined : refreshTokenEnd({ now, refreshExpiresAt, lifetime: refreshToken.lifetime })
  const hash = refreshTokenHash(vault, refreshToken)
  return {
    expiresAt: expiresAt ?? null,
    refreshExpiresAt: refreshEnd ?? null,
    refreshTokenHash: hash,
    suppliedTokenHash: supplied && refreshToken !== undefined ? hash : null,
    refreshable,
    nextRefreshAt: refreshable ? nextRenewalAt({ connectionId, now, expiresAt, refreshExpiresAt: refreshEnd }) : null,
    scopes: [...scopes],
  }
}

/** The stored credential as plain JSON. Its schemas allow nothing else; the copy makes that visible to the compiler. */
export function toJsonColumn(stored: StoredCredential | StoredAuthProvider): JsonObject {
  return JSON.parse(JSON.stringify(stored))
}
