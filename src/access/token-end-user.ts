import type { SqlRunner } from '../db/sql.ts'
import { newId } from '../kit/ids.ts'
import { illFormedText } from '../kit/input.ts'

/** Longest external id of an end user or a connection, in characters. */
export const MAX_EXTERNAL_ID = 255
const MAX_CLAIM_PATH = 200

/** Says what is wrong with the name of a claim; null when it is valid. */
export function claimProblem(claim: string): string | null {
  if (claim.length > MAX_CLAIM_PATH) return `Must have at most ${MAX_CLAIM_PATH} characters.`
  if (claimPath(claim).some((key) => key.trim() === ''))
    return 'Must name a claim, or a nested claim such as "user.id".'
  return null
}

/**
 * Claims of every token (RFC 7519 section 4.1) and claims about a person (OpenID Connect Core 1.0 section 5.1), some of which
 * the person chooses. None of them can name a workspace.
 */
const STANDARD_CLAIMS: ReadonlySet<string> = new Set(
  `iss sub aud exp nbf iat jti nonce auth_time acr amr sid scope name given_name family_name middle_name nickname
  preferred_username profile picture website email email_verified gender birthdate zoneinfo locale phone_number
  phone_number_verified address updated_at`.split(/\s+/),
)

/** Says what is wrong with the name of a claim that names the workspace; null when it is valid. */
export function workspaceClaimProblem(claim: string): string | null {
  const problem = claimProblem(claim)
  if (problem !== null) return problem
  return STANDARD_CLAIMS.has(claimPath(claim)[0] ?? '')
    ? 'Must be a claim of your own for the workspace, not a standard claim such as "sub" or "email".'
    : null
}

/** Splits a claim name at its dots, except for URIs: `https://example.com/user_id` is one claim. */
function claimPath(claim: string): string[] {
  return /[:/]/.test(claim) ? [claim] : claim.split('.')
}

/** The value of a claim, which may be nested; undefined when it is missing. */
export function claimValue(claims: object, claim: string): unknown {
  let value: unknown = claims
  for (const key of claimPath(claim)) {
    if (typeof value !== 'object' || value === null || Array.isArray(value) || !Object.hasOwn(value, key)) {
      return undefined
    }
    value = Reflect.get(value, key)
  }
  return value
}

/** The external id in a token's claims; null when the claim is missing or not a valid external id. */
export function externalIdOf(claims: object, claim: string): string | null {
  const value = claimValue(claims, claim)
  if (typeof value !== 'string' || value.trim() === '' || [...value].length > MAX_EXTERNAL_ID) return null
  return illFormedText(value) === null ? value : null
}

/** Id of the workspace's end user with this external id. With `create`, new end users are created; otherwise the result is null. */
export async function endUserOfToken(
  sql: SqlRunner,
  workspaceId: string,
  externalId: string,
  create: boolean,
): Promise<string | null> {
  const found = await findEndUser(sql, workspaceId, externalId)
  if (found !== null || !create) return found
  // Inserts nothing when another request has just created the end user, or when the workspace was deleted.
  await sql.query(
    `INSERT INTO end_user (id, workspace_id, external_id)
     SELECT $1::uuid, w.id, $3::text FROM workspace w WHERE w.id = $2::uuid AND w.deleted_at IS NULL
     ON CONFLICT (workspace_id, external_id) DO NOTHING`,
    [newId(), workspaceId, externalId],
  )
  return findEndUser(sql, workspaceId, externalId)
}

async function findEndUser(sql: SqlRunner, workspaceId: string, externalId: string): Promise<string | null> {
  const [row] = await sql.query<{ id: string }>(
    'SELECT u.id FROM end_user u WHERE u.workspace_id = $1::uuid AND u.external_id = $2::text',
    [workspaceId, externalId],
  )
  return row?.id ?? null
}
