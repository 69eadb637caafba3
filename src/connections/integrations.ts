import { type Caller, notFound } from '../access/caller.ts'
import { findOffered } from '../catalog/catalog.ts'
import type { ConnectDeps } from '../connecting/deps.ts'
import type { Tx } from '../db/database.ts'
import type { Integration } from '../db/generated/client.ts'
import { conflictOn } from '../db/violations.ts'
import { newId } from '../kit/ids.ts'
import { checkInput, type InputCheck } from '../kit/input.ts'
import { checkSlug } from '../kit/slug.ts'
import type { Vault } from '../vault/vault.ts'
import { findWritableWorkspace } from './lookups.ts'
import { parseOwnDefinition } from './own-definition.ts'

export interface NewOAuthClient {
  clientId: string
  clientSecret: string | null
  redirectUrl: string | null
  scopes: string[]
}

export interface NewIntegration {
  workspaceId: string
  slug: string
  provider: string | null
  definition: unknown
  displayName: string | null
  oauthClient: NewOAuthClient | null
}

/** Switches a provider of the catalogue, or a definition of the workspace's own, on in a workspace. */
export async function createIntegration(
  deps: ConnectDeps,
  caller: Caller,
  input: NewIntegration,
): Promise<Integration> {
  const check = checkInput()
  check.part(() => checkSlug(input.slug, ['input', 'slug']))
  check.text(['input', 'displayName'], input.displayName, 200)
  const ownDefinition = input.definition !== null
  if (ownDefinition === (input.provider !== null)) {
    check.wrong(['input', 'definition'], 'Give exactly one of provider (a slug of the catalogue) and definition.')
  }
  const own = ownDefinition ? check.part(() => parseOwnDefinition(deps, input.definition)) : undefined
  checkOAuthClient(check, input.oauthClient)
  check.done()
  await findWritableWorkspace(deps.database, caller, input.workspaceId)
  const definition = own ?? findOffered(input.provider ?? '', deps)?.definition
  if (definition === undefined) throw notFound('provider')
  return conflictOn(
    () =>
      deps.database.transaction((tx) =>
        insertIntegration(deps, tx, {
          ...input,
          definition: own ?? null,
          displayName: input.displayName ?? definition.displayName,
        }),
      ),
    'An integration with this slug exists already in the workspace. Choose another slug.',
  )
}

/** An OAuth client as callers give it; absent is fine. */
export interface OAuthClientFields {
  clientId: string
  clientSecret?: string | null | undefined
  redirectUrl?: string | null | undefined
  scopes?: readonly string[] | null | undefined
}

export function checkOAuthClient(check: InputCheck, client: OAuthClientFields | null): void {
  if (client === null) return
  check.text(['input', 'oauthClient', 'clientId'], client.clientId, 1_000)
  check.text(['input', 'oauthClient', 'clientSecret'], client.clientSecret, 16_384)
  check.url(['input', 'oauthClient', 'redirectUrl'], client.redirectUrl)
  for (const [index, scope] of (client.scopes ?? []).entries()) {
    check.text(['input', 'oauthClient', 'scopes', String(index)], scope, 500)
  }
}

type IntegrationRow = Omit<NewIntegration, 'displayName'> & { displayName: string }

export async function insertIntegration(deps: ConnectDeps, tx: Tx, input: IntegrationRow): Promise<Integration> {
  const { workspaceId, slug, provider, definition, displayName, oauthClient } = input
  const integration = await tx.prisma.integration.create({
    data: {
      id: newId(),
      workspaceId,
      slug,
      displayName,
      provider,
      ...(definition === null ? {} : { definition: definition as object }),
      oauthClientId: oauthClient?.clientId ?? null,
      oauthRedirectUrl: oauthClient?.redirectUrl ?? null,
      oauthScopes: oauthClient?.scopes ?? [],
    },
  })
  if (oauthClient?.clientSecret != null) {
    const place = { integrationId: integration.id, workspaceId, version: 1 }
    const sealed = sealClientSecret(deps.vault, place, oauthClient.clientSecret)
    await tx.prisma.integrationSecret.create({ data: { ...place, ...sealed } })
  }
  return integration
}

/** The secret of an OAuth client as it is stored: bound to its integration and its version. */
export function sealClientSecret(
  vault: Vault,
  { integrationId, workspaceId, version }: { integrationId: string; workspaceId: string; version: number },
  clientSecret: string,
) {
  const identity = { workspaceId, rowId: integrationId, column: 'integration_secret.sealed', version }
  return { sealed: vault.seal({ clientSecret }, identity), keyId: vault.currentKeyId }
}
