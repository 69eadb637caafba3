import { CredentialRefreshError, UnsupportedError } from '../kit/errors.ts'
import {
  assertUsable,
  type CredentialRow,
  type OpenedConnection,
  oauthClientOf,
  openSealed,
  openStored,
  readCredentialRow,
} from './credential-row.ts'
import { createProvidedCredentials, isProvided } from './external-credentials.ts'
import { needsReauth } from './needs-reauth.ts'
import { createOpenedCache } from './opened-cache.ts'
import { quarantineIfCorrupt } from './quarantine.ts'
import { ofFailedLogin } from './refused-login.ts'
import { createRenewer, isFreshRow, type RenewerDeps } from './renewer.ts'
import { createRowReader } from './row-reader.ts'

/** Whose a connection is. */
export interface ConnectionOwner {
  workspaceId: string
  endUserId: string | null
}

/** The one place that gives out credentials. A fresh one costs one indexed read and no lock. */
export interface Broker {
  /**
   * @param check told whose the connection is before anything is done with it; throws to refuse
   * @throws NotFoundError; ConflictError when the connection is disabled; ReconnectRequiredError when only a person can
   * mend it; CredentialRefreshError when it has to be renewed and cannot be now
   */
  open(connectionId: string, check?: (owner: ConnectionOwner) => void): Promise<OpenedConnection>
  /**
   * Renews when that is needed, or in any case with `force`.
   * @returns whether the credential is another one now
   * @throws as `open`; UnsupportedError when this kind of credential cannot be renewed
   */
  refresh(connectionId: string, force: boolean): Promise<boolean>
  /**
   * The API has refused a credential that should be good. Renews it once, for all callers that were refused alike.
   * @returns the connection with another credential, or null when there is none to be had
   */
  refused(opened: OpenedConnection): Promise<OpenedConnection | null>
  /** Before the process ends: finishes the renewals that have been sent. */
  drain(): Promise<void>
}

/**
 * An API that refuses every token must not make us renew for each request: a credential that was itself renewed because
 * the API refused the one before is believed to be good for as long as this, or for half of its life.
 */
const REFUSED_EVERY_MS = 30_000

function isRefusedAgain({
  refused_version,
  version,
  last_refreshed_at: renewedAt,
  expires_at,
  now,
}: CredentialRow): boolean {
  if (refused_version !== version - 1 || renewedAt === null) return false
  const halfLifeMs = expires_at === null ? REFUSED_EVERY_MS : (expires_at.getTime() - renewedAt.getTime()) / 2
  return now.getTime() - renewedAt.getTime() < Math.min(REFUSED_EVERY_MS, halfLifeMs)
}

const EXPIRED = {
  reason: 'EXPIRED',
  message: 'Its access token has expired, and there is no refresh token to renew it by.',
}

/** By the database's clock. */
function hasExpired({ expires_at: expiresAt, now }: CredentialRow): boolean {
  return expiresAt !== null && expiresAt <= now
}

export function createBroker(deps: RenewerDeps): Broker {
  const { database, vault } = deps
  const renewer = createRenewer(deps)
  const readRow = createRowReader(database.sql)
  const provided = createProvidedCredentials(deps)

  const openWith = (row: CredentialRow, secret: unknown) =>
    openStored(row, secret, { oauthClient: oauthClientOf(vault, row), customStrategies: deps.customStrategies })
  const openRow = createOpenedCache((row) => openWith(row, openSealed(vault, row)))

  async function openFresh(row: CredentialRow): Promise<OpenedConnection> {
    assertUsable(row)
    try {
      return await (isProvided(row) ? provided.open(row) : openOwn(row))
    } catch (error) {
      throw await quarantineIfCorrupt(deps, row, error)
    }
  }

  async function openOwn(row: CredentialRow): Promise<OpenedConnection> {
    const opened = openRow(row)
    const { authenticator } = opened
    if (authenticator.singleUse === true) {
      try {
        const { stored } = await renewer.renewForOneRequest(row)
        return openWith(row, stored)
      } catch (error) {
        throw await ofFailedLogin(deps, row, error)
      }
    }
    if (!authenticator.refreshable && hasExpired(row)) throw await needsReauth(deps, row, EXPIRED)
    if (!authenticator.refreshable || (authenticator.ready && isFreshRow(row))) return opened
    try {
      const renewed = await renewer.renew(row, authenticator.ready ? 'due' : 'missing')
      assertUsable(renewed)
      return { ...openRow(renewed), renewed: true }
    } catch (error) {
      // The old one is served while it lives.
      const alive = authenticator.ready && row.expires_at !== null && !hasExpired(row)
      if (alive && error instanceof CredentialRefreshError && error.retryable) return opened
      throw error
    }
  }

  async function refreshOwn(row: CredentialRow, force: boolean): Promise<boolean> {
    const { authenticator } = openRow(row)
    if (!authenticator.refreshable) {
      throw new UnsupportedError('This credential cannot be renewed: it has nothing to renew it by. Replace it.')
    }
    if (!force && authenticator.ready && isFreshRow(row)) return false
    return (await renewer.renew(row, force ? 'force' : authenticator.ready ? 'due' : 'missing')).version !== row.version
  }

  return {
    async open(connectionId, check) {
      const row = await readRow(connectionId)
      check?.({ workspaceId: row.workspace_id, endUserId: row.end_user_id })
      return openFresh(row)
    },
    async refresh(connectionId, force) {
      const row = await readCredentialRow(database.sql, connectionId)
      // An account that was gone may be there again: its auth provider alone can tell.
      if (!(isProvided(row) && row.status === 'NEEDS_REAUTH')) assertUsable(row)
      try {
        return await (isProvided(row) ? provided.refresh(row, force) : refreshOwn(row, force))
      } catch (error) {
        throw await quarantineIfCorrupt(deps, row, error)
      }
    },
    async refused(opened) {
      const row = await readCredentialRow(database.sql, opened.connectionId)
      if (row.version !== opened.version) return openFresh(row)
      if (isProvided(row)) return provided.refused(row, opened)
      if (!opened.authenticator.refreshable || opened.authenticator.singleUse === true) return null
      if (isRefusedAgain(row)) return null
      await database.sql.query(
        'UPDATE credential SET refused_version = $2::int WHERE connection_id = $1::uuid AND version = $2::int',
        [row.connection_id, row.version],
      )
      const renewed = await renewer.renew(row, 'force')
      assertUsable(renewed)
      return openRow(renewed)
    },
    async drain() {
      provided.close()
      await renewer.drain()
    },
  }
}
