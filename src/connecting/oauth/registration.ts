import { setTimeout as sleep } from 'node:timers/promises'
import { z } from 'zod'
import { clientAuthFor } from '../../auth/oauth2/discover-endpoints.ts'
import type { RegisteredClientAuth } from '../../auth/strategy.ts'
import { definitionOf } from '../../catalog/catalog.ts'
import type { OAuth2 } from '../../catalog/definition/oauth2.ts'
import {
  clientStatesOf,
  initialAccessTokenOf,
  openRegisteredClients,
  queueClientDeletions,
  type RegisteredClient,
  registeringOptionsOf,
  storeRegisteredClients,
} from '../../connections/registered-clients.ts'
import type { Integration } from '../../db/generated/client.ts'
import { runInScope } from '../../db/scope.ts'
import { databaseNow } from '../../db/sql.ts'
import { ConflictError, LatchkeyError, NotFoundError, ProviderError } from '../../kit/errors.ts'
import { createSingleFlight } from '../../kit/single-flight.ts'
import { type CredentialResponse, sendCredentialRequest } from '../../wire/credential-request.ts'
import { providerWords } from '../../wire/provider-words.ts'
import { RenewalError } from '../../wire/renewal-error.ts'
import { isTransientStatus } from '../../wire/verdict.ts'
import { type OAuthDeps, redirectUriOf } from './oauth-flow.ts'

// Dynamic client registration (RFC 7591) and its management (RFC 7592). The client of an integration, or of an option of its selective
// auth, is registered when its first flow starts.

export type RegistrationDeps = Pick<
  OAuthDeps,
  'database' | 'vault' | 'egress' | 'issuerMetadata' | 'publicUrl' | 'logger'
>

/** The auth whose client is registered. Undefined: the definition registers none. @param option see `RegisteredClient.option` */
function registeringAuth(integration: Integration, option: string | null): OAuth2 | undefined {
  const { auth } = definitionOf(integration)
  const way = auth.type === 'selective' ? auth.options.find(({ key }) => key === option)?.auth : auth
  return way?.type === 'oauth2' && way.registration !== undefined ? way : undefined
}

/** Another client is registered before its secret expires, so that a flow can still be completed with it. */
const SECRET_RESERVE_MS = 60 * 60 * 1000

/** Why the client has to be registered, or its registration changed, before it is used. Undefined: it can be used. */
type Need = 'registration' | 'change' | 'check'

function needOf(integration: Integration, option: string | null, redirectUri: string, now: Date): Need | undefined {
  const states = clientStatesOf(integration)
  // A client that the workspace has set is used for all options.
  if (integration.oauthClientId !== null && states.size === 0) return undefined
  const state = states.get(option)
  if (state === undefined) return 'registration'
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
 * @param option the key of the option of a selective auth; null: the auth is not selective
 * @throws ProviderError; ConflictError; NotFoundError when the integration was deleted
 */
export async function withRegisteredClient(
  deps: RegistrationDeps,
  auth: { type: string; registration?: unknown },
  integration: Integration,
  option: string | null = null,
): Promise<Integration> {
  if (auth.registration === undefined) return integration
  const { database } = deps
  const redirectUri = redirectUriOf(integration, deps.publicUrl)
  if (needOf(integration, option, redirectUri, await databaseNow(database.sql)) === undefined) return integration
  // The lock, and the row that end users cannot change, belong to the workspace.
  return runInScope(null, async () => {
    const deadline = performance.now() + WAIT_MS
    for (;;) {
      const release = await database.locks.tryLock(`client registration ${integration.id} ${option ?? ''}`)
      try {
        const current = await database.prisma.integration.findUnique({ where: { id: integration.id, deletedAt: null } })
        if (current === null) throw new NotFoundError('There is no such integration.')
        const need = needOf(current, option, redirectUri, await databaseNow(database.sql))
        if (need === undefined) return current
        if (release !== null) return await meetNeed(deps, current, { option, redirectUri, need })
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

interface Needed {
  option: string | null
  redirectUri: string
  need: Need
}

async function meetNeed(
  deps: RegistrationDeps,
  integration: Integration,
  { option, redirectUri, need }: Needed,
): Promise<Integration> {
  const auth = registeringAuth(integration, option)
  if (auth === undefined) return integration
  const request = await metadataOf(deps, integration, auth, redirectUri)
  const now = await databaseNow(deps.database.sql)
  const secret = await deps.database.prisma.integrationSecret.findUnique({ where: { integrationId: integration.id } })
  const clients = need === 'registration' ? [] : openRegisteredClients(deps.vault, integration, secret)
  const before = clients.find((each) => each.option === option)
  const known = before === undefined ? undefined : await manage(deps, before, request, need, now)
  if (known !== undefined) return store(deps, integration, known, now)
  const token = await initialAccessTokenOf(deps, integration.id, option)
  const registered = await register(deps, auth, { metadata: request, token, option, now })
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

interface Registration {
  metadata: Metadata
  /** The initial access token (RFC 7591 section 3). Undefined: registration is open. */
  token: string | undefined
  option: string | null
  now: Date
}

async function register(
  deps: RegistrationDeps,
  auth: OAuth2,
  { metadata, token, option, now }: Registration,
): Promise<RegisteredClient> {
  const url = auth.registration?.url ?? (await endpointOf(deps, auth))
  const reply = await send(deps, { method: 'POST', url, metadata, token, now })
  if (reply.status !== 200 && reply.status !== 201) throw refusedRegistration(reply, { hasToken: token !== undefined })
  return readClient(reply, { metadata, option, now })
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

function refusedRegistration(reply: CredentialResponse, { hasToken = false } = {}): ProviderError {
  const words = providerWords(reply, {}, [])
  const temporary = isTransientStatus(reply.status)
  const message = temporary
    ? 'The authorization server cannot register an OAuth client now. Try again in a moment.'
    : `The authorization server did not register an OAuth client: it responded with status ${reply.status}. ${remedyFor(reply.status, hasToken)}, or ${BY_HAND}`
  return new ProviderError(message, { words, details: { retryable: temporary } })
}

function remedyFor(status: number, hasToken: boolean): string {
  if (status !== 401 && status !== 403) return 'Correct registration.metadata in the definition'
  return hasToken
    ? 'Set another registration.initialAccessToken with updateIntegration'
    : 'If it registers only clients with an initial access token, set that as registration.initialAccessToken with updateIntegration'
}

/**
 * Reads or changes the registration (RFC 7592).
 * @returns undefined when the server does not know the client any more, or cannot change it
 * @throws ProviderError when the server cannot be reached now, because a client that it still knows must not be replaced
 */
async function manage(
  deps: RegistrationDeps,
  before: RegisteredClient,
  metadata: Metadata,
  need: Need,
  now: Date,
): Promise<RegisteredClient | undefined> {
  const { clientId, clientUri: url } = before.state
  const { clientSecret: secret, registrationToken: token } = before.sealed
  if (url === undefined || token === undefined) return undefined
  const own = { client_id: clientId, ...(secret === '' ? {} : { client_secret: secret }) }
  const request =
    need === 'check'
      ? ({ method: 'GET', url, token, now } as const)
      : ({ method: 'PUT', url, token, now, metadata: { ...metadata, ...own } } as const)
  const reply = await send(deps, request)
  if (isTransientStatus(reply.status)) throw refusedRegistration(reply)
  if (reply.status !== 200) return undefined
  const client = readClient(reply, { metadata, option: before.option, now, before })
  const { secretExpiresAt } = client.state
  return secretExpiresAt === undefined || Date.parse(secretExpiresAt) - now.getTime() > SECRET_RESERVE_MS
    ? client
    : undefined
}

interface RegistrationRequest {
  method: 'GET' | 'POST' | 'PUT'
  url: string
  /** The registration access token, or the initial access token. */
  token?: string | undefined
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
  option: string | null
  now: Date
  /** The client before a change. What a response leaves out stays. */
  before?: RegisteredClient
}

/** @throws ProviderError */
function readClient(reply: CredentialResponse, { metadata, option, now, before }: Reading): RegisteredClient {
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
  const sameClient = before?.state.clientId === data.client_id ? before : undefined
  const clientSecret = data.client_secret || sameClient?.sealed.clientSecret || ''
  const seconds = data.client_secret ? data.client_secret_expires_at : undefined
  const expiry = data.client_secret
    ? seconds
      ? new Date(seconds * 1000).toISOString()
      : undefined
    : sameClient?.state.secretExpiresAt
  return {
    option,
    sealed: {
      clientSecret,
      // A client that gets no secret is a public one, also where the answer does not say so.
      clientAuth: clientSecret === '' ? 'none' : method,
      registrationToken: data.registration_access_token ?? sameClient?.sealed.registrationToken,
      secretExpiresAt: expiry,
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

/**
 * Stores the client, unless the workspace has set or another process has registered one meanwhile: then that one is used. A client that
 * is replaced, or that is not used, is deleted at the server in the background.
 */
async function store(
  { database, vault, logger }: RegistrationDeps,
  { id: integrationId, ...seen }: Integration,
  client: RegisteredClient,
  now: Date,
): Promise<Integration> {
  const { option, state } = client
  const stored = await database.transaction(async (tx) => {
    await tx.query('SELECT 1 AS held FROM integration WHERE id = $1::uuid FOR NO KEY UPDATE', [integrationId])
    const current = await tx.prisma.integration.findUnique({ where: { id: integrationId }, include: { secret: true } })
    if (current === null) return null
    const { secret, ...integration } = current
    const isWanted = integration.deletedAt === null && registeringAuth(integration, option) !== undefined
    if (!isWanted || clientIdFor(integration, option) !== clientIdFor(seen, option)) {
      await queueClientDeletions(tx, vault, integration, [client])
      return isWanted ? integration : null
    }
    const clients = openRegisteredClients(vault, integration, secret)
    // A client without an option is that of a definition which was not selective.
    const others = clients.filter((each) => each.option !== option && each.option !== null)
    const replaced = clients.filter((each) => !others.includes(each) && each.state.clientId !== state.clientId)
    await queueClientDeletions(tx, vault, integration, replaced)
    logger.info(
      { integrationId, clientId: state.clientId, replaced: replaced.length > 0 },
      'an OAuth client was registered',
    )
    const order = registeringOptionsOf(definitionOf(integration).auth)
    const placeOf = (each: RegisteredClient) => order.indexOf(each.option)
    const [first = client, ...rest] = [...others, client].sort((a, b) => placeOf(a) - placeOf(b))
    return storeRegisteredClients(tx, vault, integration, [first, ...rest], now)
  })
  if (stored === null) throw new NotFoundError('There is no such integration.')
  return stored
}

/** The client that flows of an option use; null: there is none. */
function clientIdFor(integration: Pick<Integration, 'oauthClientId' | 'oauthRegistration'>, option: string | null) {
  const states = clientStatesOf(integration)
  return states.size === 0 ? integration.oauthClientId : (states.get(option)?.clientId ?? null)
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
      `UPDATE integration SET oauth_registration = CASE
         WHEN oauth_registration ->> 'clientId' = $2::text THEN oauth_registration || '{"refused": true}'
         ELSE jsonb_set(oauth_registration, '{others}', (
           SELECT jsonb_object_agg(o.key, CASE WHEN o.value ->> 'clientId' = $2::text
             THEN o.value || '{"refused": true}' ELSE o.value END)
           FROM jsonb_each(oauth_registration -> 'others') AS o)) END
       WHERE id = $1::uuid AND (oauth_registration ->> 'clientId' = $2::text AND oauth_client_id = $2::text
         OR jsonb_path_exists(oauth_registration, '$.others.*.clientId ? (@ == $id)', jsonb_build_object('id', $2::text)))`,
      [integrationId, clientId],
    ),
  )
}

/** A client that replaced another one so short a time ago is replaced by a flow only, so that a server that refuses each gets few. */
const REPAIR_AFTER_MS = 10 * 60 * 1000

/** Replaces registered clients with which credentials cannot be renewed. Failures of the server are logged. */
interface ClientRepair {
  /**
   * The server has refused the client. It is replaced if the server does not know it any more. The tokens of the old client end with it:
   * the next renewal finds that out, and the connections need the user again.
   */
  refused(integrationId: string, option: string | null): Promise<void>
  /** The client's secret has expired. The server gives another secret, or another client is registered. */
  expired(integrationId: string, option: string | null): Promise<void>
}

export function createClientRepair(deps: () => RegistrationDeps): ClientRepair {
  const running = createSingleFlight<void>()

  async function repair(integrationId: string, option: string | null, isRefused: boolean): Promise<void> {
    const all = deps()
    const integration = await all.database.prisma.integration.findUnique({
      where: { id: integrationId, deletedAt: null },
    })
    const state = integration === null ? undefined : clientStatesOf(integration).get(option)
    const auth = integration === null ? undefined : registeringAuth(integration, option)
    if (integration === null || auth === undefined || state === undefined) return
    if (isRefused) await noteRefusedClient(all, integrationId, state.clientId)
    const now = await databaseNow(all.database.sql)
    const { replacedAt } = state
    if (replacedAt !== undefined && now.getTime() - Date.parse(replacedAt) < REPAIR_AFTER_MS) return
    const current = await all.database.prisma.integration.findUnique({ where: { id: integrationId, deletedAt: null } })
    if (current !== null) await withRegisteredClient(all, auth, current, option)
  }

  const start = (integrationId: string, option: string | null, isRefused: boolean) =>
    running.run(`${integrationId} ${isRefused} ${option ?? ''}`, async () => {
      try {
        await runInScope(null, () => repair(integrationId, option, isRefused))
      } catch (error) {
        if (!(error instanceof LatchkeyError)) throw error
        deps().logger.warn({ err: error, integrationId }, 'a registered OAuth client could not be replaced')
      }
    })

  return {
    refused: (integrationId, option) => start(integrationId, option, true),
    expired: (integrationId, option) => start(integrationId, option, false),
  }
}
