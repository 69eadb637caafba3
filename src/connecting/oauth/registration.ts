import { setTimeout as sleep } from 'node:timers/promises'
import { z } from 'zod'
import { clientAuthFor } from '../../auth/oauth2/discover-endpoints.ts'
import type { RegisteredClientAuth } from '../../auth/strategy.ts'
import { definitionOf } from '../../catalog/catalog.ts'
import { waysOf } from '../../catalog/definition/auth.ts'
import type { OAuth2 } from '../../catalog/definition/oauth2.ts'
import { openSealedClient, type SealedClient } from '../../credentials/credential-store.ts'
import { releaseWaiting } from '../../credentials/renewal-attempt.ts'
import type { Integration } from '../../db/generated/client.ts'
import { runInScope } from '../../db/scope.ts'
import { databaseNow } from '../../db/sql.ts'
import { ConflictError, LatchkeyError, NotFoundError, ProviderError } from '../../kit/errors.ts'
import { clientSecretIdentity } from '../../vault/identities.ts'
import { type CredentialResponse, sendCredentialRequest } from '../../wire/credential-request.ts'
import { providerWords } from '../../wire/provider-words.ts'
import { RenewalError } from '../../wire/renewal-error.ts'
import { isTransientStatus } from '../../wire/verdict.ts'
import { type OAuthDeps, redirectUriOf } from './oauth-flow.ts'

// Dynamic client registration (RFC 7591) and its management (RFC 7592). The client of an integration is registered when its first flow
// starts. It is stored where a client is that the workspace sets itself, so that everything else uses it in the same way.

export type RegistrationDeps = Pick<
  OAuthDeps,
  'database' | 'vault' | 'egress' | 'issuerMetadata' | 'publicUrl' | 'logger'
>

/** `integration.oauth_registration`: what is known of a registered client besides its id and its secrets. */
const stateSchema = z.object({
  /** The client that this is about. An older version may have stored another one without removing this. */
  clientId: z.string(),
  /** RFC 7592: where the registration is read and changed. */
  clientUri: z.string().optional(),
  redirectUri: z.string(),
  /** ISO 8601. Absent: the secret does not expire. */
  secretExpiresAt: z.string().optional(),
  /** ISO 8601. */
  registeredAt: z.string(),
  /** ISO 8601. When it replaced one that the server did not know any more. */
  replacedAt: z.string().optional(),
  /** The server refused the client. It is checked before it is used for another flow. */
  refused: z.boolean().optional(),
})

type State = z.infer<typeof stateSchema>

/** The auth whose client is registered. Undefined: the definition registers none. */
function registeringAuth(integration: Integration): OAuth2 | undefined {
  return waysOf(definitionOf(integration).auth)
    .filter((auth) => auth.type === 'oauth2')
    .find(({ registration }) => registration !== undefined)
}

/** Undefined: the integration has no client, or one that the workspace has set. */
function stateOf({ oauthClientId, oauthRegistration }: Integration): State | undefined {
  if (oauthClientId === null || oauthRegistration === null) return undefined
  const state = stateSchema.parse(oauthRegistration)
  return state.clientId === oauthClientId ? state : undefined
}

/** Another client is registered before its secret expires, so that a flow can still be completed with it. */
const SECRET_RESERVE_MS = 60 * 60 * 1000

/** Why the client has to be registered, or its registration changed, before it is used. Undefined: it can be used. */
type Need = 'registration' | 'change' | 'check'

function needOf(integration: Integration, redirectUri: string, now: Date): Need | undefined {
  if (integration.oauthClientId === null) return 'registration'
  const state = stateOf(integration)
  if (state === undefined) return undefined
  const { secretExpiresAt } = state
  if (state.redirectUri !== redirectUri) return 'change'
  if (secretExpiresAt !== undefined && Date.parse(secretExpiresAt) - now.getTime() < SECRET_RESERVE_MS) return 'change'
  return state.refused ? 'check' : undefined
}

const WAIT_MS = 20_000
const LOOK_EVERY_MS = 50

/**
 * The integration with an OAuth client that can be used for a flow: registers one where the definition says so and there is none, and
 * changes or replaces one whose redirect URI is another now, whose secret ends, or which the server has refused. Of several processes
 * that need it at the same time, one sends requests. A process that is killed meanwhile holds nothing up, because its lock ends with
 * its connection.
 * @throws ProviderError; ConflictError; NotFoundError when the integration was deleted
 */
export async function withRegisteredClient(
  deps: RegistrationDeps,
  auth: { type: string; registration?: unknown },
  integration: Integration,
): Promise<Integration> {
  if (auth.registration === undefined) return integration
  const { database } = deps
  const redirectUri = redirectUriOf(integration, deps.publicUrl)
  if (needOf(integration, redirectUri, await databaseNow(database.sql)) === undefined) return integration
  // The lock, and the row that end users cannot change, belong to the workspace.
  return runInScope(null, async () => {
    const deadline = performance.now() + WAIT_MS
    for (;;) {
      const release = await database.locks.tryLock(`client registration ${integration.id}`)
      try {
        const current = await database.prisma.integration.findUnique({ where: { id: integration.id, deletedAt: null } })
        if (current === null) throw new NotFoundError('There is no such integration.')
        const need = needOf(current, redirectUri, await databaseNow(database.sql))
        if (need === undefined) return current
        if (release !== null) return await meetNeed(deps, current, redirectUri, need)
      } finally {
        await release?.()
      }
      if (performance.now() > deadline)
        throw new ConflictError(
          'Another request is registering the OAuth client of this integration. Try again in a moment.',
        )
      await sleep(LOOK_EVERY_MS)
    }
  })
}

async function meetNeed(
  deps: RegistrationDeps,
  integration: Integration,
  redirectUri: string,
  need: Need,
): Promise<Integration> {
  const auth = registeringAuth(integration)
  if (auth === undefined) return integration
  const request = await metadataOf(deps, integration, auth, redirectUri)
  const now = await databaseNow(deps.database.sql)
  const known = need === 'registration' ? undefined : await manage(deps, integration, request, need, now)
  if (known !== undefined) return store(deps, integration, known, now)
  const registered = await register(deps, auth, request, now)
  const replacedAt = need === 'registration' ? undefined : now.toISOString()
  return store(deps, integration, { ...registered, state: { ...registered.state, replacedAt } }, now)
}

interface Metadata {
  client_name: string
  redirect_uris: string[]
  token_endpoint_auth_method: RegisteredClientAuth
  [name: string]: unknown
}

/** Client metadata (RFC 7591 section 2). That of the definition wins, where the schema lets it name it. */
async function metadataOf(
  { database, issuerMetadata }: RegistrationDeps,
  { workspaceId }: Integration,
  auth: OAuth2,
  redirectUri: string,
): Promise<Metadata> {
  const { name } = await database.prisma.workspace.findUniqueOrThrow({ where: { id: workspaceId } })
  const announced = auth.clientAuth === undefined ? await issuerMetadata.ask(auth) : null
  const fitting = announced === null ? undefined : clientAuthFor(announced)
  const declared = auth.clientAuth === 'private_key_jwt' ? undefined : auth.clientAuth
  return {
    client_name: name,
    grant_types: ['authorization_code', 'refresh_token'],
    response_types: ['code'],
    ...(auth.scopes === undefined ? {} : { scope: auth.scopes.join(' ') }),
    ...auth.registration?.metadata,
    redirect_uris: [redirectUri],
    token_endpoint_auth_method: declared ?? fitting ?? 'client_secret_post',
  }
}

/** A client as the server returned it. */
interface Registered {
  clientId: string
  sealed: SealedClient
  state: State
}

async function register(deps: RegistrationDeps, auth: OAuth2, metadata: Metadata, now: Date): Promise<Registered> {
  const url = auth.registration?.url ?? (await endpointOf(deps, auth))
  const reply = await send(deps, { method: 'POST', url, metadata, now })
  if (reply.status !== 200 && reply.status !== 201) throw refusedRegistration(reply)
  return readClient(reply, { metadata, now })
}

async function endpointOf({ issuerMetadata }: RegistrationDeps, auth: OAuth2): Promise<string> {
  const announced = await issuerMetadata.inspect(auth)
  const url = announced?.endpoints?.registration
  if (url !== undefined) return url
  const where =
    auth.issuer === undefined ? 'The definition names no issuer' : `The metadata of ${auth.issuer} names none`
  throw new ProviderError(
    `The address at which OAuth clients are registered is not known. ${where}. Write it into the definition as registration.url, or ${BY_HAND}`,
    { details: { retryable: false } },
  )
}

const BY_HAND =
  'register a client at the provider by hand, with the callbackUrl of the integration, and set it as oauthClient with updateIntegration.'

function refusedRegistration(reply: CredentialResponse): ProviderError {
  const words = providerWords(reply, {}, [])
  const temporary = isTransientStatus(reply.status)
  const message = temporary
    ? 'The authorization server cannot register an OAuth client now. Try again in a moment.'
    : `The authorization server did not register an OAuth client: it responded with status ${reply.status}. Correct registration.metadata in the definition, or ${BY_HAND}`
  return new ProviderError(message, { words, details: { retryable: temporary } })
}

/**
 * Reads or changes the registration (RFC 7592).
 * @returns undefined when the server does not know the client any more, or cannot change it
 * @throws ProviderError when the server cannot be reached now, because a client that it still knows must not be replaced
 */
async function manage(
  deps: RegistrationDeps,
  integration: Integration,
  metadata: Metadata,
  need: Need,
  now: Date,
): Promise<Registered | undefined> {
  const state = stateOf(integration)
  const { oauthClientId: clientId } = integration
  if (state?.clientUri === undefined || clientId === null) return undefined
  const sealed = await openSealed(deps, integration)
  if (sealed?.registrationToken === undefined) return undefined
  const { clientUri: url } = state
  const { clientSecret: secret, registrationToken: token } = sealed
  const own = { client_id: clientId, ...(secret === '' ? {} : { client_secret: secret }) }
  const request =
    need === 'check'
      ? ({ method: 'GET', url, token, now } as const)
      : ({ method: 'PUT', url, token, now, metadata: { ...metadata, ...own } } as const)
  const reply = await send(deps, request)
  if (isTransientStatus(reply.status)) throw refusedRegistration(reply)
  if (reply.status !== 200) return undefined
  const client = readClient(reply, { metadata, now, before: { clientId, sealed, state } })
  const { secretExpiresAt } = client.state
  return secretExpiresAt === undefined || Date.parse(secretExpiresAt) - now.getTime() > SECRET_RESERVE_MS
    ? client
    : undefined
}

async function openSealed({ database, vault }: RegistrationDeps, { id, workspaceId }: Integration) {
  const row = await database.prisma.integrationSecret.findUnique({ where: { integrationId: id } })
  if (row === null) return undefined
  return openSealedClient(vault, { workspaceId, integrationId: id, version: row.version, sealed: row.sealed })
}

interface RegistrationRequest {
  method: 'GET' | 'POST' | 'PUT'
  url: string
  /** The registration access token. */
  token?: string
  metadata?: Record<string, unknown>
  now: Date
}

async function send(
  { egress }: RegistrationDeps,
  { method, url, token, metadata, now }: RegistrationRequest,
): Promise<CredentialResponse> {
  const headers: [string, string][] = [['accept', 'application/json']]
  if (metadata !== undefined) headers.push(['content-type', 'application/json'])
  if (token !== undefined) headers.push(['authorization', `Bearer ${token}`])
  const body = metadata === undefined ? undefined : JSON.stringify(metadata)
  try {
    const request = { method, url, headers, body, credentialHeaders: [] }
    return await sendCredentialRequest(request, { egress, now }, undefined)
  } catch (error) {
    if (!(error instanceof RenewalError)) throw error
    throw new ProviderError(`The OAuth client could not be registered. ${error.message} Try again in a moment.`, {
      details: { retryable: true },
      cause: error,
    })
  }
}

const SECRET_LENGTH = 16_384
const secretText = z.string().min(1).max(SECRET_LENGTH)

/** RFC 7591 section 3.2.1. */
const responseSchema = z.object({
  client_id: z.string().trim().min(1).max(1_000),
  client_secret: secretText.nullish().or(z.literal('')),
  client_secret_expires_at: z.number().min(0).max(8.64e12).nullish(),
  registration_access_token: secretText.nullish(),
  registration_client_uri: z
    .url({ protocol: /^https?$/ })
    .max(2_000)
    .nullish(),
  token_endpoint_auth_method: z.string().max(100).nullish(),
})

interface Reading {
  metadata: Metadata
  now: Date
  /** The client before a change. What a response leaves out stays. */
  before?: Registered
}

/** @throws ProviderError */
function readClient(reply: CredentialResponse, { metadata, now, before }: Reading): Registered {
  const parsed = responseSchema.safeParse(reply.body)
  if (!parsed.success) {
    const [issue] = parsed.error.issues
    const place = issue?.path.join('.') || 'its body'
    throw new ProviderError(
      `The response of the authorization server to the registration of an OAuth client cannot be used (${place}). Ask the provider, or ${BY_HAND}`,
    )
  }
  const { data } = parsed
  const asked = metadata.token_endpoint_auth_method
  const method = data.token_endpoint_auth_method ?? before?.sealed.clientAuth ?? asked
  if (method !== 'client_secret_post' && method !== 'client_secret_basic' && method !== 'none')
    throw new ProviderError(
      `The authorization server registered an OAuth client with another token_endpoint_auth_method than ${asked}, which Latchkey does not support. Set clientAuth in the definition, or ${BY_HAND}`,
    )
  const sameClient = before?.clientId === data.client_id ? before : undefined
  const seconds = data.client_secret ? data.client_secret_expires_at : undefined
  const expiry = data.client_secret
    ? seconds
      ? new Date(seconds * 1000).toISOString()
      : undefined
    : sameClient?.state.secretExpiresAt
  return {
    clientId: data.client_id,
    sealed: {
      clientSecret: data.client_secret || sameClient?.sealed.clientSecret || '',
      clientAuth: method,
      registrationToken: data.registration_access_token ?? sameClient?.sealed.registrationToken,
    },
    state: {
      clientId: data.client_id,
      clientUri: data.registration_client_uri ?? sameClient?.state.clientUri,
      redirectUri: metadata.redirect_uris[0] ?? '',
      secretExpiresAt: expiry,
      registeredAt: sameClient?.state.registeredAt ?? now.toISOString(),
      replacedAt: sameClient?.state.replacedAt,
    },
  }
}

/** Stores the client, unless another one was stored meanwhile: then that one is used, and this one stays unused at the server. */
async function store(
  { database, vault, logger }: RegistrationDeps,
  { id: integrationId, workspaceId, oauthClientId: before }: Integration,
  { clientId, sealed, state }: Registered,
  now: Date,
): Promise<Integration> {
  return database.transaction(async (tx) => {
    await tx.query('SELECT 1 AS held FROM integration WHERE id = $1::uuid FOR NO KEY UPDATE', [integrationId])
    const current = await tx.prisma.integration.findUnique({
      where: { id: integrationId, deletedAt: null },
      include: { secret: { select: { version: true } } },
    })
    if (current === null) throw new NotFoundError('There is no such integration.')
    const { secret, ...integration } = current
    if (integration.oauthClientId !== before) return integration
    const version = (secret?.version ?? 0) + 1
    const json = JSON.parse(JSON.stringify(sealed))
    const written = {
      version,
      sealed: vault.seal(json, clientSecretIdentity(workspaceId, integrationId, version)),
      keyId: vault.currentKeyId,
    }
    await tx.prisma.integrationSecret.upsert({
      where: { integrationId },
      create: { integrationId, workspaceId, ...written },
      update: written,
    })
    await releaseWaiting(tx, [integrationId])
    logger.info(
      { integrationId, clientId, replaced: before !== null && before !== clientId },
      'an OAuth client was registered',
    )
    return tx.prisma.integration.update({
      where: { id: integrationId },
      data: { oauthClientId: clientId, oauthRegistration: JSON.parse(JSON.stringify(state)), updatedAt: now },
    })
  })
}

/**
 * Notes that the authorization server refused a registered client, so that it is checked before the next flow. Does nothing for a client
 * that the workspace has set.
 * @param clientId the refused client. Another one that was stored meanwhile is not affected
 */
export async function noteRefusedClient(
  { database }: Pick<RegistrationDeps, 'database'>,
  integrationId: string,
  clientId: string,
): Promise<void> {
  await runInScope(null, () =>
    database.sql.query(
      `UPDATE integration SET oauth_registration = oauth_registration || '{"refused": true}'
       WHERE id = $1::uuid AND oauth_client_id = $2::text AND oauth_registration IS NOT NULL`,
      [integrationId, clientId],
    ),
  )
}

/** A client that replaced another one so short a time ago is replaced by a flow only, so that a server that refuses each gets few. */
const REPAIR_AFTER_MS = 10 * 60 * 1000

/**
 * Replaces a registered client that the server refuses to renew credentials with, if the server does not know it any more. The tokens
 * of the old client end with it: the next renewal finds that out, and the connections need the user again.
 */
export function createClientRepair(deps: () => RegistrationDeps): (integrationId: string) => Promise<void> {
  const running = new Set<string>()
  return async (integrationId) => {
    if (running.has(integrationId)) return
    running.add(integrationId)
    const all = deps()
    try {
      await runInScope(null, async () => {
        const where = { id: integrationId, deletedAt: null }
        const integration = await all.database.prisma.integration.findUnique({ where })
        const state = integration === null ? undefined : stateOf(integration)
        const auth = integration === null ? undefined : registeringAuth(integration)
        if (integration === null || auth === undefined || state === undefined || integration.oauthClientId === null)
          return
        await noteRefusedClient(all, integrationId, integration.oauthClientId)
        const now = await databaseNow(all.database.sql)
        const { replacedAt } = state
        if (replacedAt !== undefined && now.getTime() - Date.parse(replacedAt) < REPAIR_AFTER_MS) return
        await withRegisteredClient(all, auth, { ...integration, oauthRegistration: { ...state, refused: true } })
      })
    } catch (error) {
      if (!(error instanceof LatchkeyError)) throw error
      all.logger.warn({ err: error, integrationId }, 'a refused OAuth client could not be replaced')
    } finally {
      running.delete(integrationId)
    }
  }
}
