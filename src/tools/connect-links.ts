import { notFound } from '../access/caller.ts'
import { isFederated } from '../access/federated-callers.ts'
import type { ToolCaller } from '../access/tool-callers.ts'
import { findOrCreateToolLink, sessionStatus } from '../connecting/connect-sessions.ts'
import type { Database } from '../db/database.ts'
import type { Integration } from '../db/generated/client.ts'
import type { WakeBus } from '../db/wake-bus.ts'
import { globalIdOf } from '../kit/ids.ts'
import type { Vault } from '../vault/vault.ts'

export interface ConnectLinkDeps {
  database: Database
  bus: WakeBus
  vault: Vault
  publicUrl: string
}

/** How an end user connects an account that a tool needs. */
export interface ConnectLink {
  /** Global id of the connect session. */
  sessionId: string
  /** `open`: the person has to open the link. `awaiting`: they have connected, and the product has to confirm it. */
  state: 'open' | 'awaiting'
  /** Null: the link is not needed any more. */
  url: string | null
  /** ISO 8601. */
  expiresAt: string
  /** Whether the product has to confirm the connection afterwards. */
  confirms: boolean
}

export interface WantedLink {
  integration: Integration
  /** The connection to reconnect. Null: a new one. */
  connectionId: string | null
  /** Whether the person has asked for a link, and so may need another one than the one that a browser has opened. */
  afresh?: boolean
}

/**
 * The link for an account that is missing or has to be connected again. Calls that need the same account get the same link. Its
 * token is derived from the id of the connect session with a key that the database does not hold, so that it need not be stored.
 */
export async function connectLink(
  deps: ConnectLinkDeps,
  caller: ToolCaller,
  { integration, connectionId, afresh = false }: WantedLink,
): Promise<ConnectLink> {
  const { database, vault, publicUrl } = deps
  const { workspaceId, endUserId, expiresAt } = caller
  const workspace = await database.prisma.workspace.findUnique({ where: { id: workspaceId, deletedAt: null } })
  if (workspace === null) throw notFound('workspace')
  const { session, token } = await findOrCreateToolLink(deps, {
    ...{ workspace, endUserId, integrationId: integration.id, connectionId, afresh },
    // A JWT is short-lived, and its user gets another one.
    expiresAt: isFederated(caller) ? null : expiresAt,
    tokensOf: (sessionId) => {
      const [first, ...others] = vault.linkSecrets(sessionId)
      return [tokenOf(first), ...others.map(tokenOf)]
    },
  })
  const awaiting = sessionStatus(session) === 'AWAITING_CONFIRMATION'
  return {
    sessionId: globalIdOf('ConnectSession', session.id),
    state: awaiting ? 'awaiting' : 'open',
    url: awaiting || token === null ? null : `${publicUrl}/connect/${token}`,
    expiresAt: session.expiresAt.toISOString(),
    confirms: session.confirmation === 'REQUIRED',
  }
}

function tokenOf(bytes: Uint8Array): string {
  return `lkc_${Buffer.from(bytes).toString('base64url')}`
}
