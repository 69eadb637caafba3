import type { Database } from '../db/database.ts'
import { UnauthenticatedError } from '../kit/errors.ts'
import { globalIdOf, hashOneTimeSecret, newOneTimeSecret } from '../kit/ids.ts'
import type { CallerAuthenticator } from './authenticate.ts'
import type { Caller } from './caller.ts'

const TOKEN = /^lkt_[A-Za-z0-9_-]{43}$/
const BEARER = /^Bearer +(\S+)$/i

/** A new token of a tool session. Only its hash and its first characters are stored. */
export function newToolToken(): { token: string; prefix: string; hash: Uint8Array<ArrayBuffer> } {
  const token = `lkt_${newOneTimeSecret().secret}`
  return { token, prefix: token.slice(0, 10), hash: hashOneTimeSecret(token) }
}

/** An end user at the MCP endpoint, with what the tools may do. Everything else about it is that of an end user with a JWT. */
export interface ToolCaller extends Caller {
  kind: 'FEDERATED_USER'
  workspaceId: string
  endUserId: string
  tools: AllowedTools
}

export interface AllowedTools {
  /** `<id of an integration> <name of an action>`. Null: every action that only reads. */
  actions: ReadonlySet<string> | null
  /** True: no action that writes is allowed, also where `actions` names one. */
  readOnly: boolean
  /** Whether the caller may connect accounts. */
  connects: boolean
}

/** What an end user with a JWT of the product's own issuer may do. */
const TOOLS_OF_JWT: AllowedTools = { actions: null, readOnly: true, connects: true }

/**
 * Authenticates the callers of the MCP endpoint: by the token of a tool session, or by a JWT of one of the workspaces' OIDC
 * issuers. A tool session ends at once with its end user, its workspace and the key that created it, because nothing is cached.
 */
export function createToolAuthenticator(
  database: Pick<Database, 'sql'>,
  authenticator: CallerAuthenticator,
): CallerAuthenticator {
  return {
    async authenticate(authorization, workspace, limit) {
      const token = typeof authorization === 'string' ? BEARER.exec(authorization)?.[1] : undefined
      if (token === undefined) {
        throw new UnauthenticatedError(
          'Authentication is required. Send the header "Authorization: Bearer <token of a tool session>".',
        )
      }
      if (TOKEN.test(token)) return toolCallerOf(database, token, workspace)
      const caller = await authenticator.authenticate(authorization, workspace, limit)
      if (caller.kind !== 'FEDERATED_USER') throw unknownToken()
      return { ...caller, tools: TOOLS_OF_JWT } as ToolCaller
    },
    close: () => undefined,
  }
}

interface SessionRow {
  [column: string]: unknown
  workspaceId: string
  slug: string
  endUserId: string
  externalId: string
  prefix: string
  integrationIds: string[]
  actions: string[]
  readOnly: boolean
  connects: boolean
  expiresAt: Date
}

async function toolCallerOf(
  { sql }: Pick<Database, 'sql'>,
  token: string,
  workspace: string | null | undefined,
): Promise<ToolCaller> {
  const [row] = await sql.query<SessionRow>(
    `SELECT s.workspace_id AS "workspaceId", w.slug, s.end_user_id AS "endUserId", u.external_id AS "externalId", s.prefix,
       s.integration_ids::text[] AS "integrationIds", s.actions, s.read_only AS "readOnly", s.connects,
       s.expires_at AS "expiresAt"
     FROM tool_session s JOIN workspace w ON w.id = s.workspace_id JOIN end_user u ON u.id = s.end_user_id
       JOIN api_key k ON k.id = s.api_key_id
     WHERE s.token_hash = $1::bytea AND s.revoked_at IS NULL AND s.expires_at > now() AND w.deleted_at IS NULL
       AND k.revoked_at IS NULL AND coalesce(k.expires_at > now(), true)`,
    [hashOneTimeSecret(token)],
  )
  if (row === undefined) throw unknownToken()
  const { workspaceId, endUserId, integrationIds, actions, readOnly, connects, expiresAt } = row
  if (workspace != null && workspace !== globalIdOf('Workspace', workspaceId) && workspace !== row.slug) {
    throw unknownToken()
  }
  return {
    kind: 'FEDERATED_USER',
    name: `${row.externalId} (${row.prefix}…)`,
    role: 'READER',
    workspaceId,
    endUserId,
    apiKeyId: null,
    connectSessionId: null,
    expiresAt,
    integrationIds: integrationIds.length === 0 ? undefined : integrationIds,
    tools: { actions: actions.length === 0 ? null : new Set(actions), readOnly, connects },
  }
}

function unknownToken(): UnauthenticatedError {
  return new UnauthenticatedError(
    'This token is unknown, expired or revoked. Use the token of a tool session, or a JWT of an OIDC issuer of the workspace.',
  )
}
