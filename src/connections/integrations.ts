import { type Caller, notFound } from '../access/caller.ts'
import type { CustomStrategies } from '../auth/custom/custom-strategy.ts'
import { strategyOf } from '../auth/registry.ts'
import type { OAuthClient } from '../auth/strategy.ts'
import { findCatalogEntry } from '../catalog/catalog.ts'
import type { Auth, Custom } from '../catalog/definition/auth.ts'
import { type IntegrationDefinition, parseDefinition } from '../catalog/definition/definition.ts'
import { oauthClientOf } from '../credentials/credential-store.ts'
import { releaseWaiting } from '../credentials/renewal-attempt.ts'
import type { Database, Tx } from '../db/database.ts'
import type { Integration } from '../db/generated/client.ts'
import { conflictOn } from '../db/violations.ts'
import { FieldErrors, UnsupportedError } from '../kit/errors.ts'
import { newId } from '../kit/ids.ts'
import { checkInput, checkSlug, type InputCheck } from '../kit/input.ts'
import { clientSecretIdentity } from '../vault/identities.ts'
import type { Vault } from '../vault/vault.ts'
import type { ConnectionDeps } from './connection-deps.ts'
import { findWritableIntegration, findWritableWorkspace } from './lookups.ts'

interface NewOAuthClient {
  clientId: string
  clientSecret: string | null
  redirectUrl: string | null
  scopes: string[]
}

interface NewIntegration {
  workspaceId: string
  slug: string
  provider: string | null
  definition: unknown
  displayName: string | null
  oauthClient: NewOAuthClient | null
}

/**
 * Enables a provider of the catalogue, or a definition of the workspace's own, in a workspace.
 * @throws InvalidInputError; NotFoundError; ForbiddenError; ConflictError when the slug is taken
 */
export async function createIntegration(
  deps: Pick<ConnectionDeps, 'database' | 'vault' | 'customStrategies' | 'sandbox'>,
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
  const definition = own ?? findCatalogEntry(input.provider ?? '', deps)?.definition
  if (definition === undefined) throw notFound('provider')
  return conflictOn(
    () =>
      deps.database.transaction((tx) =>
        insertIntegration(deps.vault, tx, {
          ...input,
          definition: own ?? null,
          displayName: input.displayName ?? definition.displayName,
        }),
      ),
    'An integration with this slug already exists in the workspace. Choose another slug.',
  )
}

/** An OAuth client as an input gives it. */
interface OAuthClientFields {
  clientId: string
  clientSecret?: string | null | undefined
  redirectUrl?: string | null | undefined
  scopes?: readonly string[] | null | undefined
}

function checkOAuthClient(check: InputCheck, client: OAuthClientFields | null): void {
  if (client === null) return
  check.text(['input', 'oauthClient', 'clientId'], client.clientId, 1_000)
  check.text(['input', 'oauthClient', 'clientSecret'], client.clientSecret, 16_384)
  check.url(['input', 'oauthClient', 'redirectUrl'], client.redirectUrl)
  for (const [index, scope] of (client.scopes ?? []).entries()) {
    check.text(['input', 'oauthClient', 'scopes', String(index)], scope, 500)
  }
}

type IntegrationRow = Omit<NewIntegration, 'displayName'> & { displayName: string }

async function insertIntegration(vault: Vault, tx: Tx, input: IntegrationRow): Promise<Integration> {
  const { workspaceId, slug, provider, definition, displayName, oauthClient } = input
  const integration = await tx.prisma.integration.create({
    data: {
      id: newId(),
      workspaceId,
      slug,
      displayName,
      provider,
      definition: (definition ?? undefined) as object | undefined,
      oauthClientId: oauthClient?.clientId ?? null,
      oauthRedirectUrl: oauthClient?.redirectUrl ?? null,
      oauthScopes: oauthClient?.scopes ?? [],
    },
  })
  if (oauthClient?.clientSecret != null) {
    const place = { integrationId: integration.id, workspaceId, version: 1 }
    const sealed = sealClientSecret(vault, place, oauthClient.clientSecret)
    await tx.prisma.integrationSecret.create({ data: { ...place, ...sealed } })
  }
  return integration
}

/** Seals an OAuth client's secret for its integration and version. */
function sealClientSecret(
  vault: Vault,
  { integrationId, workspaceId, version }: { integrationId: string; workspaceId: string; version: number },
  clientSecret: string,
) {
  const identity = clientSecretIdentity(workspaceId, integrationId, version)
  return { sealed: vault.seal({ clientSecret }, identity), keyId: vault.currentKeyId }
}

/** Undefined keeps the stored value. */
interface IntegrationChange {
  /** Only for an integration with a definition of its own. */
  definition?: unknown
  displayName?: string | null | undefined
  /** Null removes the client and its secret. */
  oauthClient?: OAuthClientChange | null | undefined
}

interface OAuthClientChange {
  clientId: string
  /**
   * Null: a client without a secret. Undefined keeps the stored secret; that is an error when the clientId changes, because
   * the secret belongs to the stored clientId.
   */
  clientSecret?: string | null | undefined
  /** For redirectUrl and scopes, undefined keeps the stored value and null clears it. */
  redirectUrl?: string | null | undefined
  scopes?: readonly string[] | null | undefined
}

/**
 * Changes the given fields of an integration. A definition is checked as in `createIntegration`. A connection whose stored
 * credential does not fit the new definition fails with ReconnectRequiredError when it is used.
 * @throws InvalidInputError, NotFoundError, ForbiddenError
 */
export async function updateIntegration(
  deps: Pick<ConnectionDeps, 'database' | 'vault' | 'customStrategies'>,
  caller: Caller,
  integrationId: string,
  change: IntegrationChange,
): Promise<Integration> {
  await findWritableIntegration(deps.database, caller, integrationId)
  return deps.database.transaction(async (tx) => {
    // Concurrent changes of the OAuth client run one after the other.
    await tx.query('SELECT 1 AS held FROM integration WHERE id = $1::uuid FOR NO KEY UPDATE', [integrationId])
    const stored = await tx.prisma.integration.findUnique({
      where: { id: integrationId, deletedAt: null },
      include: { secret: { select: { version: true } } },
    })
    if (stored === null) throw notFound('integration')
    const { secret, ...integration } = stored
    const check = checkInput()
    const definition = checkChange(deps.customStrategies, check, change, integration, secret !== null)
    check.done()
    const { oauthClient } = change
    if (oauthClient !== undefined) await changeSecret(tx, deps.vault, integration, oauthClient, secret?.version ?? 0)
    if (oauthClient !== undefined || definition !== undefined) await releaseWaiting(tx, [integrationId])
    return tx.prisma.integration.update({
      where: { id: integrationId },
      data: {
        displayName: change.displayName ?? undefined,
        definition,
        ...clientColumns(oauthClient),
      },
    })
  })
}

/** @returns the new definition; undefined when it does not change */
function checkChange(
  customStrategies: CustomStrategies,
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
        'The stored secret belongs to the old clientId. Give the secret of the new client, or null if it has none.'
      check.wrong(['input', 'oauthClient', 'clientSecret'], message)
    }
  }
  if (definition === undefined) return undefined
  if (stored.provider !== null) {
    check.wrong(
      ['input', 'definition'],
      'This integration uses a provider of the catalogue. Its definition cannot be changed.',
    )
    return undefined
  }
  return check.part(() => parseOwnDefinition({ customStrategies }, definition))
}

function clientColumns(client: OAuthClientChange | null | undefined) {
  if (client === undefined) return {}
  if (client === null) return { oauthClientId: null, oauthRedirectUrl: null, oauthScopes: [] }
  const { clientId, redirectUrl, scopes } = client
  return {
    oauthClientId: clientId,
    oauthRedirectUrl: redirectUrl,
    oauthScopes: scopes === undefined ? undefined : [...(scopes ?? [])],
  }
}

async function changeSecret(
  tx: Tx,
  vault: Vault,
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

/** The integration's OAuth client with its secret; undefined when it has none. */
export async function openIntegrationClient(
  { database, vault }: { database: Database; vault: Vault },
  { id, workspaceId, oauthClientId }: Integration,
): Promise<OAuthClient | undefined> {
  if (oauthClientId === null) return undefined
  const secret = await database.prisma.integrationSecret.findUnique({ where: { integrationId: id } })
  return oauthClientOf(vault, {
    workspace_id: workspaceId,
    integration_id: id,
    oauth_client_id: oauthClientId,
    client_sealed: secret?.sealed ?? null,
    client_version: secret?.version ?? null,
  })
}

const PATH = ['input', 'definition']

/** Parses the definition of an input. @throws InvalidInputError with every wrong field */
export function parseOwnDefinition(
  { customStrategies }: { customStrategies: CustomStrategies },
  definition: unknown,
): IntegrationDefinition {
  const parsed = parseDefinition(definition, { path: PATH })
  checkCustomStrategies(parsed.auth, customStrategies, [...PATH, 'auth'])
  return parsed
}

/**
 * Checks that this deployment has every custom strategy that an auth uses, and that each accepts its options.
 * @param path path of the auth in the caller's input
 * @throws InvalidInputError with every wrong field
 */
function checkCustomStrategies(auth: Auth, strategies: CustomStrategies, path: readonly string[]): void {
  const errors = new FieldErrors()
  for (const [custom, at] of customsIn(auth, path)) {
    if (!strategies.has(custom.strategy)) {
      const available = [...strategies.keys()].sort().join(', ') || 'none'
      errors.add([...at, 'strategy'], `This deployment has no strategy ${custom.strategy}. Available: ${available}.`)
    } else if (!acceptsOptions(custom, strategies)) {
      errors.add([...at, 'options'], `The strategy ${custom.strategy} does not accept these options.`)
    }
  }
  errors.throwIfAny()
}

function* customsIn(auth: Auth, path: readonly string[]): Generator<[Custom, readonly string[]]> {
  if (auth.type === 'custom') yield [auth, path]
  if (auth.type === 'session_token' && auth.login.auth !== undefined) {
    yield* customsIn(auth.login.auth, [...path, 'login', 'auth'])
  }
  if (auth.type !== 'selective') return
  for (const [index, option] of auth.options.entries()) {
    yield* customsIn(option.auth, [...path, 'options', String(index), 'auth'])
  }
}

function acceptsOptions(custom: Custom, strategies: CustomStrategies): boolean {
  try {
    strategyOf(custom, strategies).describe()
    return true
  } catch (error) {
    if (error instanceof UnsupportedError) return false
    throw error
  }
}
