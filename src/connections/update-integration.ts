import { type Caller, notFound } from '../access/caller.ts'
import type { ConnectDeps } from '../connecting/deps.ts'
import type { Tx } from '../db/database.ts'
import type { Integration } from '../db/generated/client.ts'
import { checkInput, type InputCheck } from '../kit/input.ts'
import { checkOAuthClient, sealClientSecret } from './integrations.ts'
import { findWritableIntegration } from './lookups.ts'
import { parseOwnDefinition } from './own-definition.ts'

/** What is to be another; undefined stays as it is. */
export interface IntegrationChange {
  /** Only of an integration that has a definition of its own. */
  definition?: unknown
  displayName?: string | null | undefined
  /** Null removes it with its secret. */
  oauthClient?: OAuthClientChange | null | undefined
}

export interface OAuthClientChange {
  clientId: string
  /**
   * Undefined keeps the stored one, which belongs to the stored clientId: beside another clientId it is refused while a
   * secret is stored. Null: a client without a secret.
   */
  clientSecret?: string | null | undefined
  /** Undefined keeps, null clears; so with the scopes. */
  redirectUrl?: string | null | undefined
  scopes?: readonly string[] | null | undefined
}

/**
 * Changes what is given of an integration. A definition is checked as in `createIntegration`; a connection whose stored
 * credential does not fit the new one answers ReconnectRequired when it is used.
 * @throws InvalidInputError, NotFoundError, ForbiddenError
 */
export async function updateIntegration(
  deps: ConnectDeps,
  caller: Caller,
  integrationId: string,
  change: IntegrationChange,
): Promise<Integration> {
  await findWritableIntegration(deps.database, caller, integrationId)
  return deps.database.transaction(async (tx) => {
    // Two changes at once: each sees what the other has made of the OAuth client.
    await tx.query('SELECT 1 AS held FROM integration WHERE id = $1::uuid FOR NO KEY UPDATE', [integrationId])
    const stored = await tx.prisma.integration.findUnique({
      where: { id: integrationId, deletedAt: null },
      include: { secret: { select: { version: true } } },
    })
    if (stored === null) throw notFound('integration')
    const { secret, ...integration } = stored
    const check = checkInput()
    const definition = checkChange(deps, check, change, integration, secret !== null)
    check.done()
    const { oauthClient } = change
    if (oauthClient !== undefined) await changeSecret(tx, deps, integration, oauthClient, secret?.version ?? 0)
    return tx.prisma.integration.update({
      where: { id: integrationId },
      data: {
        ...(change.displayName == null ? {} : { displayName: change.displayName }),
        ...(definition === undefined ? {} : { definition }),
        ...clientColumns(oauthClient),
      },
    })
  })
}

/** @returns the new definition; undefined: it stays as it is */
function checkChange(
  deps: ConnectDeps,
  check: InputCheck,
  { definition, displayName, oauthClient }: IntegrationChange,
  stored: Integration,
  hasSecret: boolean,
): object | undefined {
  if (displayName === null) check.wrong(['input', 'displayName'], 'Must not be null. Leave it out to keep it.')
  check.text(['input', 'displayName'], displayName, 200)
  if (oauthClient != null) {
    checkOAuthClient(check, oauthClient)
    const otherClient = oauthClient.clientId !== stored.oauthClientId
    if (otherClient && hasSecret && oauthClient.clientSecret === undefined) {
      const message =
        'The stored secret belongs to the old clientId. Give the new one, or null for a client without one.'
      check.wrong(['input', 'oauthClient', 'clientSecret'], message)
    }
  }
  if (definition === undefined) return undefined
  if (stored.provider !== null) {
    check.wrong(['input', 'definition'], 'This integration is of the catalogue, whose definition cannot be changed.')
    return undefined
  }
  return check.part(() => parseOwnDefinition(deps, definition))
}

function clientColumns(client: OAuthClientChange | null | undefined) {
  if (client === undefined) return {}
  if (client === null) return { oauthClientId: null, oauthRedirectUrl: null, oauthScopes: [] }
  const { clientId, redirectUrl, scopes } = client
  return {
    oauthClientId: clientId,
    ...(redirectUrl === undefined ? {} : { oauthRedirectUrl: redirectUrl }),
    ...(scopes === undefined ? {} : { oauthScopes: [...(scopes ?? [])] }),
  }
}

async function changeSecret(
  tx: Tx,
  { vault }: ConnectDeps,
  { id: integrationId, workspaceId }: Integration,
  client: OAuthClientChange | null,
  storedVersion: number,
): Promise<void> {
  const clientSecret = client === null ? null : client.clientSecret
  if (clientSecret === undefined) return
  if (clientSecret === null) {
    await tx.prisma.integrationSecret.deleteMany({ where: { integrationId } })
    return
  }
  const version = storedVersion + 1
  const sealed = sealClientSecret(vault, { integrationId, workspaceId, version }, clientSecret)
  await tx.prisma.integrationSecret.upsert({
    where: { integrationId },
    create: { integrationId, workspaceId, version, ...sealed },
    update: { version, ...sealed },
  })
}
