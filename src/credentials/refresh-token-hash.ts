import { type Caller, seesEndUser, seesIntegration } from '../access/caller.ts'
import type { RefreshToken } from '../auth/strategy.ts'
import type { Tx } from '../db/database.ts'
import { queryOutsideScope } from '../db/scope.ts'
import type { Row, SqlRunner } from '../db/sql.ts'
import { ConflictError } from '../kit/errors.ts'
import { globalIdOf } from '../kit/ids.ts'
import type { TokenHashes } from '../vault/rewrap.ts'
import type { Vault } from '../vault/vault.ts'

// `credential.refresh_token_hash` finds connections that share a refresh token without decrypting them. A process of an earlier
// version that still runs stores new tokens and leaves the hash as it is. Therefore an equal hash is only a hint: compare the
// decrypted tokens before you act on it. `supplied_token_hash` is only written together with the token itself.

/** The keyed hash under which a refresh token is found. Empty when a renewal sends none. */
export function refreshTokenHash(vault: Vault, refreshToken: RefreshToken | undefined): Uint8Array<ArrayBuffer> {
  return refreshToken === undefined ? new Uint8Array() : vault.fingerprints(refreshToken.value)[0]
}

interface SuppliedToken {
  workspaceId: string
  /** The connection that gets the token. Null: a new one. */
  connectionId: string | null
  /** Undefined: the supplied credential has none. */
  refreshToken: RefreshToken | undefined
}

interface SuppliedRow extends Row {
  connection_id: string
  end_user_id: string | null
  integration_id: string
  spent: boolean
}

/**
 * Refuses a refresh token that was supplied before and that Latchkey has exchanged for another one since. Many providers take
 * its second use for theft and revoke the whole grant, which ends the connection that holds the successor. A connection whose
 * grant is dead anyway does not count.
 *
 * Call it in the transaction that writes the token: no renewal can spend the token between this check and the commit.
 * @throws ConflictError. It names the connection with the successor only if the caller may see that connection
 */
export async function assertUnspent(
  tx: Tx,
  vault: Vault,
  caller: Caller,
  { workspaceId, connectionId, refreshToken }: SuppliedToken,
): Promise<void> {
  if (refreshToken?.rotates !== true) return
  const hashes = vault.fingerprints(refreshToken.value).map((hash) => Buffer.from(hash).toString('base64'))
  // The caller's scope can hide other connections, which share the grant nevertheless.
  const supplied = await queryOutsideScope<SuppliedRow>(
    tx,
    `SELECT s.connection_id, c.end_user_id, c.integration_id, length(s.refresh_token_hash) > 0 AND s.refresh_token_hash
         <> ALL (SELECT decode(hash, 'base64') FROM unnest($2::text[]) AS hash) AS spent
     FROM credential s JOIN connection c ON c.id = s.connection_id
     WHERE s.workspace_id = $1::uuid
       AND s.supplied_token_hash = ANY (SELECT decode(hash, 'base64') FROM unnest($2::text[]) AS hash)
       AND coalesce(c.resume_status, c.status) <> 'NEEDS_REAUTH' AND c.deleted_at IS NULL
     ORDER BY s.connection_id FOR NO KEY UPDATE OF s`,
    [workspaceId, hashes],
  )
  // The rows are locked also where the token is not spent yet, so that a renewal cannot spend it meanwhile.
  const spent = supplied.filter((row) => row.spent)
  if (spent.length === 0) return
  const seen = spent
    .filter((row) => seesEndUser(caller, row.end_user_id) && seesIntegration(caller, row.integration_id))
    .map((row) => row.connection_id)
  const holder = seen.find((id) => id === connectionId) ?? seen[0]
  throw new ConflictError(spentMessage(holder, holder === connectionId))
}

/**
 * Refuses to spend a refresh token for a test that a connection of the workspace has: its renewal would be the second use.
 * @throws ConflictError that names the connection
 */
export async function assertNotHeld(
  sql: SqlRunner,
  vault: Vault,
  workspaceId: string,
  refreshToken: RefreshToken | undefined,
): Promise<void> {
  if (refreshToken?.rotates !== true) return
  const [held] = await sql.query<{ connection_id: string }>(
    `SELECT s.connection_id FROM credential s JOIN connection c ON c.id = s.connection_id
     WHERE s.workspace_id = $1::uuid AND c.deleted_at IS NULL
       AND s.refresh_token_hash = ANY (SELECT decode(hash, 'base64') FROM unnest($2::text[]) AS hash)
     ORDER BY s.connection_id LIMIT 1`,
    [workspaceId, vault.fingerprints(refreshToken.value).map((hash) => Buffer.from(hash).toString('base64'))],
  )
  if (held === undefined) return
  throw new ConflictError(
    `The connection ${globalIdOf('Connection', held.connection_id)} has this refresh token, and a test would use it up. Test that connection with testConnection.`,
  )
}

const AGAIN = 'The provider may take another use for theft and revoke the grant.'

function spentMessage(holder: string | undefined, isSame: boolean): string {
  if (holder === undefined) {
    return `Latchkey has already used this refresh token. ${AGAIN} Connect the account again, and use the new tokens.`
  }
  const [where, remedy] = isSame
    ? ['this connection', 'Keep its credential']
    : [`the connection ${globalIdOf('Connection', holder)}`, 'Use that connection']
  return `Latchkey has already used this refresh token and holds its successor in ${where}. ${AGAIN} ${remedy}, or obtain a new grant from the provider and use its tokens.`
}

/**
 * The hashes of a credential under the current key. A hash whose token is not found in the credential becomes null: that of a
 * supplied token that was renewed since, because the token itself is not stored any more; and that of a refresh token which the
 * definition assembles from several fields, which `createHashBackfill` computes again.
 * @param open decrypts the credential. Not called when there is no hash
 */
export function rehash(vault: Vault, hashes: TokenHashes, open: () => unknown): TokenHashes {
  const { refresh_token_hash: current, supplied_token_hash: supplied } = hashes
  if (current === null || current.length === 0) return { refresh_token_hash: current, supplied_token_hash: null }
  const isCurrent = (hash: Uint8Array) => Buffer.compare(hash, current) === 0
  for (const text of textsIn(open())) {
    const prints = vault.fingerprints(text)
    if (!prints.some(isCurrent)) continue
    const [hash] = prints
    return { refresh_token_hash: hash, supplied_token_hash: supplied !== null && isCurrent(supplied) ? hash : null }
  }
  return { refresh_token_hash: null, supplied_token_hash: null }
}

/** Every text of a stored credential, those named `refreshToken` first. */
function* textsIn(value: unknown): Generator<string> {
  if (typeof value === 'string') yield value
  if (!(value instanceof Object)) return
  const entries = Object.entries(value)
  yield* entries.flatMap(([name, each]) => (name === 'refreshToken' && typeof each === 'string' ? [each] : []))
  for (const [name, each] of entries) if (name !== 'refreshToken') yield* textsIn(each)
}
