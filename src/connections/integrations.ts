import { isDeepStrictEqual } from 'node:util'
import { recordAudit } from '../access/audit.ts'
import { type Caller, notFound } from '../access/caller.ts'
import { addsReceivers, omittedClientUrls, unboundClientUrls } from '../auth/client-hosts.ts'
import { movedPlaces } from '../auth/credential-origins.ts'
import type { CustomStrategies } from '../auth/custom/custom-strategy.ts'
import { type DiscoveryDeps, discoverEndpoints, lacksEndpoints } from '../auth/oauth2/discover-endpoints.ts'
import { strategyOf } from '../auth/registry.ts'
import type { OAuthClient } from '../auth/strategy.ts'
import { definitionOf, findProvider } from '../catalog/catalog.ts'
import { type Auth, type Custom, loginStepsOf, waysOf } from '../catalog/definition/auth.ts'
import { type IntegrationDefinition, parseDefinition } from '../catalog/definition/definition.ts'
import { compileTemplate } from '../catalog/template/template.ts'
import { oauthClientOf, openClientSecret } from '../credentials/credential-store.ts'
import { releaseWaiting } from '../credentials/renewal-attempt.ts'
import type { Database, Tx } from '../db/database.ts'
import { type Integration, Prisma } from '../db/generated/client.ts'
import { conflictOn } from '../db/violations.ts'
import { clientHostProblem } from '../egress/host-rules.ts'
import { FieldErrors, LatchkeyError, UnsupportedError } from '../kit/errors.ts'
import { newId } from '../kit/ids.ts'
import { checkInput, checkSlug, type InputCheck } from '../kit/input.ts'
import { clientSecretIdentity } from '../vault/identities.ts'
import type { Vault } from '../vault/vault.ts'
import type { ConnectionDeps } from './connection-deps.ts'
import { findWritableIntegration, findWritableWorkspace } from './lookups.ts'
import {
  clientStatesOf,
  openRegisteredClients,
  queueClientDeletions,
  registeringOptionsOf,
  setInitialAccessToken,
  storeRegisteredClients,
} from './registered-clients.ts'
import { openWebhookSecrets, setWebhookSecret, webhookKeyOf } from './webhook-secret.ts'
import { countCredentials, withdrawCredentials } from './withdraw-credentials.ts'

interface NewOAuthClient {
  clientId: string
  clientSecret: string | null
  redirectUrl: string | null
  scopes: string[]
  /** Hosts to which the client may be sent. Empty: those that the definition fixes. */
  hosts: string[]
}

interface NewIntegration {
  workspaceId: string
  slug: string
  provider: string | null
  definition: unknown
  displayName: string | null
  oauthClient: NewOAuthClient | null
  webhookSecret?: string | null
  registration?: RegistrationFields | null
}

/** What the registration of an OAuth client needs besides the definition. */
interface RegistrationFields {
  /** RFC 7591 section 3. Null removes it. */
  initialAccessToken: string | null
  /** The key of the option of a selective auth. Null: the only one that registers a client. */
  method: string | null
}

/**
 * Enables a provider of the catalogue, or a definition of the workspace's own, in a workspace.
 * @throws InvalidInputError, also for endpoints that cannot be discovered; NotFoundError; ForbiddenError; ConflictError when the slug is
 * taken
 */
export async function createIntegration(
  deps: Pick<ConnectionDeps, 'database' | 'vault' | 'customStrategies' | 'sandbox'> & DiscoveryDeps,
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
  const definition = own ?? findProvider(input.provider ?? '', deps)?.definition
  if (definition !== undefined) checkClientHosts(check, definition, input.oauthClient)
  if (own === undefined && definition !== undefined) checkEndpoints(check, definition)
  checkWebhookSecret(check, definition, input.webhookSecret)
  if (input.webhookSecret == null) checkClientKey(check, definition, input.oauthClient?.clientSecret)
  checkRegistration(check, definition, input.registration)
  check.done()
  await findWritableWorkspace(deps.database, caller, input.workspaceId)
  if (definition === undefined) throw notFound('provider')
  const complete = own === undefined ? null : await discoverEndpoints(deps, own, PATH)
  if (complete !== null) parseOwnDefinition(deps, complete)
  return conflictOn(
    () =>
      deps.database.transaction((tx) =>
        insertIntegration(deps.vault, tx, {
          ...input,
          definition: complete,
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
  hosts?: readonly string[] | null | undefined
}

const MAX_HOSTS = 50

function checkOAuthClient(check: InputCheck, client: OAuthClientFields | null): void {
  if (client === null) return
  check.text(['input', 'oauthClient', 'clientId'], client.clientId, 1_000)
  check.text(['input', 'oauthClient', 'clientSecret'], client.clientSecret, 16_384)
  check.url(['input', 'oauthClient', 'redirectUrl'], client.redirectUrl)
  for (const [index, scope] of (client.scopes ?? []).entries()) {
    check.text(['input', 'oauthClient', 'scopes', String(index)], scope, 500)
  }
  const hosts = client.hosts ?? []
  if (hosts.length > MAX_HOSTS) check.wrong(['input', 'oauthClient', 'hosts'], `Give at most ${MAX_HOSTS} hosts.`)
  for (const [index, host] of hosts.slice(0, MAX_HOSTS).entries()) {
    const problem = clientHostProblem(host)
    if (problem !== undefined) check.wrong(['input', 'oauthClient', 'hosts', String(index)], `This ${problem}.`)
  }
}

/**
 * Checks that no value of a connection decides where the OAuth client is sent (RFC 9700 section 4.9.1), and that `hosts` contain the
 * hosts that the definition fixes.
 */
function checkClientHosts(
  check: InputCheck,
  definition: IntegrationDefinition,
  client: Pick<OAuthClientFields, 'hosts'> | null,
): void {
  const hosts = client?.hosts ?? []
  if (client === null || hosts.some((host) => clientHostProblem(host) !== undefined)) return
  const path = ['input', 'oauthClient', 'hosts']
  const unbound = unboundClientUrls(definition, hosts)
  if (unbound.length > 0) {
    const message = `Values of the connection decide the host of ${unbound.join(', ')}, so the people who connect could have the secret of this client sent to a server of their own. List the hosts to which it may be sent, such as gitlab.example.com or *.example.com.`
    check.wrong(path, message)
  }
  const omitted = omittedClientUrls(definition, hosts)
  if (omitted.length > 0) {
    check.wrong(path, `Add the host of ${omitted.join(', ')}. With this list the client is sent to no other host.`)
  }
}

/** The endpoints of a provider of the catalogue are not discovered, because it has no definition that could be stored with them. */
function checkEndpoints(check: InputCheck, { auth }: IntegrationDefinition): void {
  if (!waysOf(auth).some((way) => way.type === 'oauth2' && lacksEndpoints(way))) return
  const message =
    'The definition of this provider leaves its endpoints to discovery. Write authorizationUrl and tokenUrl into it, or give the definition as definition.'
  check.wrong(['input', 'provider'], message)
}

type Verify = NonNullable<IntegrationDefinition['webhook']>['verify']

/** Checks that the secret can be used as the definition says. Errors quote no part of it. */
function checkWebhookSecret(
  check: InputCheck,
  definition: IntegrationDefinition | undefined,
  secret: string | null | undefined,
): void {
  if (secret == null) return
  const path = ['input', 'webhookSecret']
  check.text(path, secret, 16_384)
  if (secret.trim() !== '' && secret !== secret.trim()) {
    check.wrong(path, 'Must not begin or end with a space or a line break.')
  }
  if (definition === undefined) return
  const verify = definition.webhook?.verify
  if (verify === undefined) check.wrong(path, 'The definition of this integration has no webhook. Leave it out.')
  else if (webhookKeyOf(verify, secret) === null) check.wrong(path, `Must be ${writtenAs(verify)}.`)
}

/** How the definition says that the secret is written. */
function writtenAs(verify: Verify): string {
  if (verify.method === 'standard_webhooks') return 'whsec_ followed by the base64 of 24 to 64 bytes'
  return `written in ${verify.method === 'hmac' ? (verify.keyEncoding ?? 'text') : 'text'}`
}

/**
 * Checks the initial access token of an input.
 * @returns what `setInitialAccessToken` takes; undefined: none is given
 */
function checkRegistration(
  check: InputCheck,
  definition: IntegrationDefinition | undefined,
  given: RegistrationFields | null | undefined,
): { option: string | null; token: string | null } | undefined {
  if (given == null) return undefined
  const { initialAccessToken: token, method } = given
  const path = ['input', 'registration']
  check.text([...path, 'initialAccessToken'], token, 16_384)
  // It becomes a header.
  if (token !== null && !/^[\x21-\x7e]+$/.test(token))
    check.wrong([...path, 'initialAccessToken'], 'Must consist of visible ASCII characters.')
  if (definition === undefined) return undefined
  const options = registeringOptionsOf(definition.auth)
  const [first] = options
  if (first === undefined) {
    check.wrong(path, 'The definition of this integration registers no OAuth client. Leave it out.')
    return undefined
  }
  if (method === null && options.length === 1) return { option: first, token }
  if (method !== null && options.includes(method)) return { option: method, token }
  const keys = options.filter((each) => each !== null)
  const message = keys.length === 0 ? 'The auth is not selective. Leave it out.' : `Must be one of ${keys.join(', ')}.`
  check.wrong([...path, 'method'], message)
  return undefined
}

/** The client secret of an input, where the definition verifies with it, must be a key too. */
function checkClientKey(
  check: InputCheck,
  definition: IntegrationDefinition | undefined,
  clientSecret: string | null | undefined,
): void {
  const verify = definition?.webhook?.verify
  if (clientSecret == null || verify === undefined || !usesClient(verify)) return
  if (webhookKeyOf(verify, clientSecret) !== null) return
  const message = `Webhooks are verified with it, so it must be ${writtenAs(verify)}. Otherwise give a webhookSecret.`
  check.wrong(['input', 'oauthClient', 'clientSecret'], message)
}

function usesClient(verify: Verify): boolean {
  return 'secret' in verify && verify.secret === 'client'
}

type IntegrationRow = Omit<NewIntegration, 'displayName'> & { displayName: string }

async function insertIntegration(vault: Vault, tx: Tx, input: IntegrationRow): Promise<Integration> {
  const { workspaceId, slug, provider, definition, displayName, oauthClient, webhookSecret } = input
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
      oauthClientHosts: oauthClient?.hosts ?? [],
    },
  })
  if (oauthClient?.clientSecret != null) {
    const place = { integrationId: integration.id, workspaceId, version: 1 }
    const sealed = sealClientSecret(vault, place, oauthClient.clientSecret)
    await tx.prisma.integrationSecret.create({ data: { ...place, ...sealed } })
  }
  if (webhookSecret != null) await setWebhookSecret(tx, vault, integration, webhookSecret)
  const initial = checkRegistration(checkInput(), definitionOf(integration), input.registration)
  if (initial !== undefined) await setInitialAccessToken(tx, vault, integration, initial, false)
  await recordAudit(tx, { type: 'Integration', id: integration.id, workspaceId })
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
  /** The secret before it is accepted for 24 hours more. Null removes both. */
  webhookSecret?: string | null | undefined
  registration?: RegistrationFields | null | undefined
}

interface OAuthClientChange {
  clientId: string
  /**
   * Null: a client without a secret. Undefined keeps the stored secret; that is an error when the clientId changes, because
   * the secret belongs to the stored clientId.
   */
  clientSecret?: string | null | undefined
  /** For redirectUrl, scopes and hosts, undefined keeps the stored value and null clears it. */
  redirectUrl?: string | null | undefined
  scopes?: readonly string[] | null | undefined
  /** Another host needs the secret again: who changes the list could otherwise have the stored one sent there. */
  hosts?: readonly string[] | null | undefined
}

/** The result of `updateIntegration`. */
interface ChangedIntegration {
  integration: Integration
  /** Connections that need a new credential because the definition sends or shows secrets in a new way. */
  connectionsAffected: number
}

/**
 * Changes the given fields of an integration. A definition is checked as in `createIntegration`. A connection whose stored
 * credential does not fit the new definition fails with ReconnectRequiredError when it is used. A definition that moves an address
 * to another origin, or that could show a secret, takes all stored credentials out of use and needs the client secret again, because
 * whoever changes it may not be allowed to read them (`movedPlaces`).
 * @param options.dryRun changes nothing. The client secret may then be left out
 * @throws InvalidInputError, NotFoundError, ForbiddenError
 */
export async function updateIntegration(
  deps: Pick<ConnectionDeps, 'database' | 'vault' | 'bus' | 'customStrategies'> & DiscoveryDeps,
  caller: Caller,
  integrationId: string,
  given: IntegrationChange,
  { dryRun = false }: { dryRun?: boolean } = {},
): Promise<ChangedIntegration> {
  const { provider } = await findWritableIntegration(deps.database, caller, integrationId)
  const change = { ...given }
  if (change.definition !== undefined && provider === null) {
    // Faults of the definition are reported below, together with those of the other fields.
    const own = checkInput().part(() => parseOwnDefinition(deps, change.definition))
    if (own !== undefined) change.definition = await discoverEndpoints(deps, own, PATH)
  }
  return deps.database.transaction(async (tx) => {
    // Concurrent changes of the OAuth client run one after the other.
    await tx.query('SELECT 1 AS held FROM integration WHERE id = $1::uuid FOR NO KEY UPDATE', [integrationId])
    const stored = await tx.prisma.integration.findUnique({
      where: { id: integrationId, deletedAt: null },
      include: { secret: { select: { version: true, sealed: true } } },
    })
    if (stored === null) throw notFound('integration')
    const { secret, ...integration } = stored
    const check = checkInput()
    const { definition, moved } = checkChange(deps.customStrategies, check, change, integration, {
      secretStays:
        secret !== null &&
        change.oauthClient !== null &&
        change.oauthClient?.clientSecret === undefined &&
        (stored.oauthRegistration === null || change.oauthClient !== undefined),
      dryRun,
    })
    if (!dryRun) await checkKeptKeys(tx, deps.vault, check, { change, definition, stored })
    const initial = checkRegistration(check, definition ?? readable(integration), change.registration)
    check.done()
    const connectionsAffected = moved.length === 0 ? 0 : await countCredentials(tx, integrationId)
    if (dryRun) return { integration, connectionsAffected }
    const registered = openForgotten(deps.vault, integration, secret)
    const keptOptions = optionsKept(integration, { definition, moved, client: change.oauthClient })
    const keptClients = registered.filter(({ option }) => keptOptions.has(option))
    const forgotten = registered.filter((client) => !keptClients.includes(client))
    await queueClientDeletions(tx, deps.vault, integration, forgotten)
    const states = clientStatesOf(integration)
    const forgetsAll = states.size > 0 && keptOptions.size === 0
    const oauthClient = change.oauthClient === undefined && forgetsAll ? null : change.oauthClient
    if (oauthClient !== undefined) await changeSecret(tx, deps.vault, integration, oauthClient, secret?.version ?? 0)
    if (change.webhookSecret !== undefined) await setWebhookSecret(tx, deps.vault, integration, change.webhookSecret)
    if (oauthClient !== undefined || definition !== undefined) await releaseWaiting(tx, [integrationId])
    const changed = await tx.prisma.integration.update({
      where: { id: integrationId },
      data: {
        displayName: change.displayName ?? undefined,
        definition: definition as object | undefined,
        ...clientColumns(oauthClient),
        oauthRegistration: keepsRegistration(integration, oauthClient) ? undefined : Prisma.DbNull,
      },
    })
    const forgetsTokens = registersElsewhere(integration, definition)
    if (initial !== undefined || forgetsTokens)
      await setInitialAccessToken(tx, deps.vault, integration, initial, forgetsTokens)
    const [firstKept, ...othersKept] = keptClients
    const isPart = firstKept !== undefined && forgotten.length > 0
    const result = isPart
      ? await storeRegisteredClients(tx, deps.vault, changed, [firstKept, ...othersKept], changed.updatedAt)
      : changed
    await recordAudit(tx, { type: 'Integration', id: integrationId, workspaceId: integration.workspaceId })
    if (moved.length > 0) await withdrawCredentials(tx, deps, integration, movedReason(moved))
    return { integration: result, connectionsAffected }
  })
}

/** The registered clients of an integration. Those that cannot be decrypted any more are not deleted at their server. */
function openForgotten(vault: Vault, integration: Integration, secret: { version: number; sealed: Uint8Array } | null) {
  try {
    return openRegisteredClients(vault, integration, secret)
  } catch (error) {
    if (error instanceof LatchkeyError) return []
    throw error
  }
}

/** The options whose registered client stays after a change: it is not sent elsewhere, and is still registered by the definition. */
function optionsKept(
  stored: Integration,
  change: {
    definition: IntegrationDefinition | undefined
    moved: readonly string[]
    client: OAuthClientChange | null | undefined
  },
): Set<string | null> {
  const options = [...clientStatesOf(stored).keys()]
  const { definition, moved, client } = change
  if (!keepsRegistration(stored, client)) return new Set()
  if (definition === undefined) return new Set(options)
  if (moved.length > 0 || addsHosts(stored, { definition, hosts: stored.oauthClientHosts })) return new Set()
  const registering = registeringOptionsOf(definition.auth)
  return new Set(options.filter((option) => registering.includes(option)))
}

/** Whether a change of the definition names other servers that register clients. They must not get the tokens of those before. */
function registersElsewhere(stored: Integration, definition: IntegrationDefinition | undefined): boolean {
  if (definition === undefined) return false
  const before = readable(stored)
  return before === undefined || !isDeepStrictEqual(registrarsOf(before.auth), registrarsOf(definition.auth))
}

function registrarsOf(auth: Auth): unknown[] {
  const ways = auth.type === 'selective' ? auth.options : [{ key: null, auth }]
  return ways.flatMap(({ key, auth: way }) =>
    way.type === 'oauth2' && way.registration !== undefined ? [[key, way.registration.url ?? way.issuer]] : [],
  )
}

/** Whether the client is still the one that was registered, and not one that the workspace has set. */
function keepsRegistration(stored: Integration, client: OAuthClientChange | null | undefined): boolean {
  return (
    client === undefined ||
    (client !== null && client.clientId === stored.oauthClientId && client.clientSecret === undefined)
  )
}

/** Status reason of the connections whose credential was taken out of use. */
function movedReason(places: readonly string[]): string {
  const named = places.slice(0, 5).join(', ') + (places.length > 5 ? ' and others' : '')
  return `The integration was changed where it decides who gets or sees the credential (${named}). Connect the account again.`
}

/** @returns `movedPlaces`, or the whole when the stored definition can no longer be read */
function placesMovedBy(stored: Integration, definition: IntegrationDefinition): string[] {
  const before = readable(stored)
  return before === undefined ? ['the definition'] : movedPlaces(before, definition)
}

interface CheckedChange {
  /** Undefined: it does not change. */
  definition: IntegrationDefinition | undefined
  /** Places of the definition that send or show secrets in a new way. */
  moved: string[]
}

function checkChange(
  customStrategies: CustomStrategies,
  check: InputCheck,
  { definition, displayName, oauthClient, webhookSecret }: IntegrationChange,
  stored: Integration,
  { secretStays, dryRun }: { secretStays: boolean; dryRun: boolean },
): CheckedChange {
  if (displayName === null) check.wrong(['input', 'displayName'], 'Must not be null. Leave it out to keep it.')
  check.text(['input', 'displayName'], displayName, 200)
  if (oauthClient != null) {
    checkOAuthClient(check, oauthClient)
    const otherClient = oauthClient.clientId !== stored.oauthClientId
    if (otherClient && secretStays) {
      const message =
        'The stored secret belongs to the old clientId. Give the secret of the new client, or null if it has none.'
      check.wrong(['input', 'oauthClient', 'clientSecret'], message)
    }
  }
  if (definition !== undefined && stored.provider !== null) {
    check.wrong(
      ['input', 'definition'],
      'This integration uses a provider of the catalogue. Its definition cannot be changed.',
    )
    return { definition: undefined, moved: [] }
  }
  const parsed =
    definition === undefined ? undefined : check.part(() => parseOwnDefinition({ customStrategies }, definition))
  const moved = parsed === undefined ? [] : placesMovedBy(stored, parsed)
  const effective = parsed ?? (definition === undefined ? readable(stored) : undefined)
  checkWebhookSecret(check, effective, webhookSecret)
  if (effective !== undefined && (oauthClient !== undefined || parsed !== undefined)) {
    const hosts = hostsAfter(stored, oauthClient)
    const hasClient = oauthClient === undefined ? stored.oauthClientId !== null : oauthClient !== null
    if (hasClient) checkClientHosts(check, effective, { hosts })
    if (secretStays && !dryRun && moved.length > 0) {
      const named = moved.slice(0, 5).join(', ')
      const message = `The change sends secrets to another origin or reads them in another way (${named}). Give the client secret again, or null if the client has none there.`
      check.wrong(['input', 'oauthClient', 'clientSecret'], message)
    } else if (secretStays && !dryRun && addsHosts(stored, { definition: effective, hosts })) {
      const message =
        'The change adds a host to which the client secret may be sent. Give the secret again, or null if the client has none.'
      check.wrong(['input', 'oauthClient', 'clientSecret'], message)
    }
  }
  return { definition: parsed, moved }
}

interface KeptKeys {
  change: IntegrationChange
  /** The new definition; undefined: it does not change. */
  definition: IntegrationDefinition | undefined
  stored: Integration & { secret: { version: number; sealed: Uint8Array } | null }
}

/** Checks that the secret by which webhooks are verified after a change is a key in the definition then, also where it is kept. */
async function checkKeptKeys(
  tx: Tx,
  vault: Vault,
  check: InputCheck,
  { change: { webhookSecret, oauthClient }, definition, stored }: KeptKeys,
): Promise<void> {
  const effective = definition ?? readable(stored)
  const verify = effective?.webhook?.verify
  if (verify === undefined || webhookSecret != null) return
  if (definition === undefined && webhookSecret === undefined && oauthClient?.clientSecret == null) return
  const { id: integrationId, workspaceId, secret } = stored
  const row = webhookSecret === null ? null : await tx.prisma.webhookSecret.findUnique({ where: { integrationId } })
  const kept = row === null ? null : openWebhookSecrets(vault, row).secret
  const requireKey = (which: string, text: string) => {
    if (webhookKeyOf(verify, text) !== null) return
    const message = `The stored ${which} is not ${writtenAs(verify)}, as the definition says. Give the webhookSecret with the change.`
    check.wrong(['input', 'webhookSecret'], message)
  }
  if (kept !== null) requireKey('webhookSecret', kept)
  else if (oauthClient === null || oauthClient?.clientSecret !== undefined) {
    checkClientKey(check, effective, oauthClient?.clientSecret)
  } else if (secret !== null && usesClient(verify)) {
    requireKey('client secret', openClientSecret(vault, { integrationId, workspaceId, ...secret }))
  }
}

function readable(stored: Integration): IntegrationDefinition | undefined {
  try {
    return definitionOf(stored)
  } catch {
    return undefined
  }
}

/** Without a readable definition, nothing is known of what the client could be sent to. */
function addsHosts(stored: Integration, after: Parameters<typeof addsReceivers>[1]): boolean {
  const definition = readable(stored)
  return definition === undefined || addsReceivers({ definition, hosts: stored.oauthClientHosts }, after)
}

/** `oauthClient.hosts` after the change. */
function hostsAfter(stored: Integration, client: OAuthClientChange | null | undefined): readonly string[] {
  if (client === null) return []
  return client?.hosts === undefined ? stored.oauthClientHosts : (client.hosts ?? [])
}

function clientColumns(client: OAuthClientChange | null | undefined) {
  if (client === undefined) return {}
  if (client === null) return { oauthClientId: null, oauthRedirectUrl: null, oauthScopes: [], oauthClientHosts: [] }
  const { clientId, redirectUrl, scopes, hosts } = client
  return {
    oauthClientId: clientId,
    oauthRedirectUrl: redirectUrl,
    oauthScopes: scopes === undefined ? undefined : [...(scopes ?? [])],
    oauthClientHosts: hosts === undefined ? undefined : [...(hosts ?? [])],
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

/** The integration's OAuth client with its secret; undefined when it has none. @param option see `oauthClientOf` */
export async function openIntegrationClient(
  { database, vault }: { database: Database; vault: Vault },
  { id, workspaceId, updatedAt, provider, definition, oauthClientId, oauthClientHosts }: Integration,
  option: string | null,
): Promise<OAuthClient | undefined> {
  if (oauthClientId === null) return undefined
  const secret = await database.prisma.integrationSecret.findUnique({ where: { integrationId: id } })
  const row = {
    workspace_id: workspaceId,
    integration_id: id,
    integration_updated_at: updatedAt,
    provider,
    definition,
    oauth_client_id: oauthClientId,
    oauth_client_hosts: oauthClientHosts,
    client_sealed: secret?.sealed ?? null,
    client_version: secret?.version ?? null,
  }
  return oauthClientOf(vault, row, option)
}

const PATH = ['input', 'definition']

/** Parses the definition of an input. @throws InvalidInputError with every wrong field */
export function parseOwnDefinition(
  { customStrategies }: { customStrategies: CustomStrategies },
  definition: unknown,
): IntegrationDefinition {
  const parsed = parseDefinition(definition, { path: PATH })
  checkClientSecrets(parsed.auth, [...PATH, 'auth'])
  checkCustomStrategies(parsed.auth, customStrategies, [...PATH, 'auth'])
  return parsed
}

/** A client secret that stands in the definition is shared by all connections, so none of them may decide where it is sent. */
function checkClientSecrets(auth: Auth, path: readonly string[]): void {
  const errors = new FieldErrors()
  for (const [each, at] of authsIn(auth, path)) {
    if (each.type !== 'oauth2' || each.clientSecret === undefined) continue
    if (compileTemplate(each.clientSecret).constant === undefined) continue
    const unbound = unboundClientUrls({ auth: each, baseUrl: '' }, [])
    if (unbound.length === 0) continue
    const names = unbound.map((place) => place.replace(/^auth\./, '')).join(', ')
    errors.add([...at, 'clientHosts'], `is missing: values of the connection decide the host of ${names}`)
  }
  errors.throwIfAny()
}

/**
 * Checks that this deployment has every custom strategy that an auth uses, and that each accepts its options.
 * @param path path of the auth in the caller's input
 * @throws InvalidInputError with every wrong field
 */
function checkCustomStrategies(auth: Auth, strategies: CustomStrategies, path: readonly string[]): void {
  const errors = new FieldErrors()
  for (const [custom, at] of authsIn(auth, path)) {
    if (custom.type !== 'custom') continue
    if (!strategies.has(custom.strategy)) {
      const available = [...strategies.keys()].sort().join(', ') || 'none'
      errors.add([...at, 'strategy'], `This deployment has no strategy ${custom.strategy}. Available: ${available}.`)
    } else if (!acceptsOptions(custom, strategies)) {
      errors.add([...at, 'options'], `The strategy ${custom.strategy} does not accept these options.`)
    }
  }
  errors.throwIfAny()
}

function* authsIn(auth: Auth, path: readonly string[]): Generator<[Auth, readonly string[]]> {
  yield [auth, path]
  for (const { step, place } of auth.type === 'session_token' ? loginStepsOf(auth) : []) {
    if (step.auth !== undefined) yield* authsIn(step.auth, [...path, ...place.map(String), 'auth'])
  }
  if (auth.type !== 'selective') return
  for (const [index, option] of auth.options.entries()) {
    yield* authsIn(option.auth, [...path, 'options', String(index), 'auth'])
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
