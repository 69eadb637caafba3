import { exchangeVerifier } from '../../auth/oauth1/oauth1-tokens.ts'
import { exchangeCode } from '../../auth/oauth2/renew.ts'
import { strategyOf } from '../../auth/registry.ts'
import type { StoredCredential } from '../../auth/stored-credential.ts'
import type { OAuthClient, Renewal, RenewContext } from '../../auth/strategy.ts'
import { scopeOf } from '../../auth/template-scope.ts'
import { definitionOf } from '../../catalog/catalog.ts'
import { type IntegrationDefinition, isWholeUrl } from '../../catalog/definition/definition.ts'
import { renderParameters } from '../../catalog/definition/parameters.ts'
import { withSharedBudget } from '../../catalog/template/budget.ts'
import { compileCondition, renderJson, renderTemplate, type TemplateScope } from '../../catalog/template/template.ts'
import { renderPath, renderUrl } from '../../catalog/template/url-template.ts'
import { isRecord, TemplateError } from '../../catalog/template/value.ts'
import { openIntegrationClient } from '../../connections/integrations.ts'
import type { OpenedConnection } from '../../credentials/credential-store.ts'
import { unstoredTokens } from '../../credentials/own-tokens.ts'
import { refreshTokenEnd } from '../../credentials/refresh-policy.ts'
import type { Connection, Integration, OAuthFlow } from '../../db/generated/client.ts'
import { databaseNow, type SqlRunner } from '../../db/sql.ts'
import { queueRevocation } from '../../deletion/revocations.ts'
import { joinUrl } from '../../egress/join-url.ts'
import { ConflictError, ProviderError, UnsupportedError } from '../../kit/errors.ts'
import { stringifyJson } from '../../kit/json.ts'
import { AFTER_CONNECT, type OutgoingRequest, type Sender } from '../../requests/send.ts'
import { openedAt } from '../../requests/target.ts'
import { type ProviderResponse, readBody } from '../../wire/provider-response.ts'
import { RenewalError } from '../../wire/renewal-error.ts'
import { CODE_EXCHANGE, repeatWhileUnavailable } from '../../wire/repeat-while-unavailable.ts'
import { readKept } from '../../wire/response-secrets.ts'
import type { ProviderFailure } from '../../wire/verdict.ts'
import { type Consent, consentOf, flowClientOf } from './consent-request.ts'
import { exchangeFailed, FlowFailedError, flowFailed, registeredClientRefused } from './flow-failure.ts'
import { digestOf, type FlowSecrets, type OAuthDeps, openFlow } from './oauth-flow.ts'
import { noteRefusedClient } from './registration.ts'

/** A flow whose response has arrived, with its connection and its integration. */
export interface ReturnedFlow {
  flow: OAuthFlow
  connection: Connection
  integration: Integration
}

/** A returned flow with everything that the exchange needs. */
export interface OpenFlow extends ReturnedFlow {
  definition: IntegrationDefinition
  auth: Consent['auth']
  wrap: Consent['wrap']
  /** The client that started the flow, with its current secret. */
  client: OAuthClient
  /** The integration's own client; undefined when it has none. */
  integrationClient: OAuthClient | undefined
  secrets: FlowSecrets
  input: Record<string, string>
}

/** @throws FlowFailedError when the definition or the OAuth client has changed since the flow started */
export async function openReturnedFlow(
  deps: Pick<OAuthDeps, 'database' | 'vault'>,
  returned: ReturnedFlow,
): Promise<OpenFlow> {
  const { flow, integration } = returned
  const definition = definitionOf(integration)
  const unchanged = Buffer.from(digestOf(definition)).equals(flow.authDigest)
  if (!unchanged) throw changedDuringFlow('definition')
  const secrets = openFlow(deps.vault, flow)
  const consent = consentOf(definition.auth, secrets.method)
  if (consent === null) throw flowFailed(new UnsupportedError('This integration has no consent page.'))
  const input = flow.input as Record<string, string>
  const integrationClient = await openIntegrationClient(deps, integration, consent.method)
  const client = flowClientOf(consent.auth, integrationClient, input, integration.slug)
  if (client.clientId !== flow.clientId) throw changedDuringFlow('OAuth client')
  return { ...returned, definition, ...consent, client, integrationClient, secrets, input }
}

/**
 * Checks, in the transaction that stores the result of a flow, that the flow was not taken out of use during the exchange. The caller
 * must hold the integration.
 * @throws FlowFailedError
 */
export async function assertUnchanged(tx: SqlRunner, { id, authDigest }: OAuthFlow): Promise<void> {
  const [row] = await tx.query<{ auth_digest: Uint8Array }>('SELECT auth_digest FROM oauth_flow WHERE id = $1::uuid', [
    id,
  ])
  if (row !== undefined && !Buffer.from(row.auth_digest).equals(authDigest)) throw changedDuringFlow('definition')
}

function changedDuringFlow(what: string): FlowFailedError {
  return flowFailed(new ConflictError(`The ${what} of the integration was changed meanwhile. Connect again.`))
}

/** The result of a consent. */
export interface ObtainedCredential {
  stored: StoredCredential
  /** When the refresh token expires. */
  refreshExpiresAt?: Date | undefined
  /** Values that the provider returned: in the callback, with the token, and to the afterConnect requests. */
  kept: Record<string, unknown>
}

/**
 * Exchanges the code and sends the definition's afterConnect requests. No transaction is open meanwhile. If the obtained
 * credential cannot be used, it is revoked.
 * @throws FlowFailedError; TemplateError
 */
export async function obtainCredential(
  deps: OAuthDeps,
  open: OpenFlow,
  code: string,
  callbackKept: Readonly<Record<string, string>>,
): Promise<ObtainedCredential> {
  const { flow, connection, definition, input, integrationClient } = open
  const { egress } = deps
  const now = await databaseNow(deps.database.sql)
  const context: RenewContext = {
    egress,
    now,
    input,
    kept: callbackKept,
    workspaceId: flow.workspaceId,
    oauthClient: integrationClient,
    responseErrors: definition.responseErrors,
  }
  const renewal = await exchangeWithRetries((timeoutMs) => exchangeOnce(open, code, { ...context, timeoutMs })).catch(
    async (error: unknown) => {
      const isRegistered = open.integration.oauthRegistration !== null
      if (!isRegistered || !(error instanceof FlowFailedError) || error.failure.error !== 'invalid_client') throw error
      await noteRefusedClient(deps, flow.integrationId, open.client.clientId)
      throw registeredClientRefused(error)
    },
  )
  const stored = open.wrap(renewal.stored)
  const kept = { ...callbackKept, ...renewal.kept }
  try {
    const known = {
      ...{ input, kept, workspaceId: flow.workspaceId },
      ...{ hasOAuthClient: integrationClient !== undefined, oauthClient: integrationClient },
    }
    const authenticator = strategyOf(definition.auth, deps.customStrategies).open(stored, known)
    const answers = await askAfterConnect(deps.sender, {
      connectionId: connection.id,
      workspaceId: flow.workspaceId,
      integrationId: flow.integrationId,
      definition,
      authenticator,
      tokens: unstoredTokens(deps),
      scope: scopeOf(definition.auth, stored, known),
      version: 0,
    })
    // Counted from now: the credential may be confirmed and put into use minutes later.
    const refreshExpiresAt = refreshTokenEnd({
      now,
      refreshExpiresAt: renewal.refreshExpiresAt,
      lifetime: authenticator.refreshToken?.lifetime,
    })
    return { stored, refreshExpiresAt, kept: { ...kept, ...answers } }
  } catch (error) {
    await revokeObtained(deps, open, { stored, kept })
    throw error
  }
}

function exchangeOnce(
  { flow, auth, client, secrets }: OpenFlow,
  code: string,
  context: RenewContext,
): Promise<Renewal> {
  if (auth.type === 'oauth1') {
    const { temporary } = secrets
    if (temporary === undefined) throw new Error('An OAuth 1.0a flow has a temporary token.')
    return exchangeVerifier(auth, { client, temporary, verifier: code }, context)
  }
  const { redirectUri, scopes } = flow
  return exchangeCode(auth, { code, redirectUri, scopes, codeVerifier: secrets.codeVerifier }, context)
}

/** Queues the revocation of an obtained credential that will not be used. */
export async function revokeObtained(
  deps: Pick<OAuthDeps, 'database' | 'vault'>,
  { flow, integration }: ReturnedFlow,
  { stored, kept }: ObtainedCredential,
): Promise<void> {
  const { workspaceId, integrationId } = flow
  const input = flow.input as Record<string, unknown>
  await deps.database.transaction((tx) =>
    queueRevocation(tx, deps.vault, { workspaceId, integrationId, integration, stored, input, kept }),
  )
}

/** Limit of all attempts together, in milliseconds: a browser waits for the result. */
const EXCHANGE_WITHIN_MS = 15_000

/**
 * Retries the exchange while the provider is temporarily unavailable.
 * @param exchange sends one request with a timeout in milliseconds; rejects with RenewalError
 * @throws FlowFailedError; TemplateError for a missing input or kept value
 */
async function exchangeWithRetries(exchange: (timeoutMs: number) => Promise<Renewal>): Promise<Renewal> {
  try {
    return await repeatWhileUnavailable({ timeoutMs: EXCHANGE_WITHIN_MS, policy: CODE_EXCHANGE }, exchange)
  } catch (error) {
    throw error instanceof RenewalError ? exchangeFailed(error) : error
  }
}

const MAX_RESPONSE_BYTES = 1024 * 1024
const TIMEOUT_MS = 10_000

/**
 * Sends the definition's `afterConnect` requests with the new credential, one after the other. Each may use the values that
 * earlier ones kept.
 * @returns the kept values, such as a tenant, a region or an account id
 * @throws FlowFailedError with the provider's message
 */
export async function askAfterConnect(sender: Sender, connected: OpenedConnection): Promise<Record<string, unknown>> {
  const { definition, scope } = connected
  const known = isRecord(scope['kept']) ? scope['kept'] : {}
  const kept: Record<string, unknown> = {}
  for (const { keep, where, ...request } of definition.afterConnect ?? []) {
    const opened = { ...connected, scope: withSharedBudget({ ...scope, kept: { ...known, ...kept } }) }
    if (where !== undefined && !compileCondition(where).test(opened.scope)) continue
    const answer = await sendAfterConnect(sender, opened, request)
    Object.assign(kept, JSON.parse(stringifyJson(readKept(answer, keep, opened.authenticator.secrets))))
  }
  return kept
}

async function sendAfterConnect(
  sender: Sender,
  connected: OpenedConnection,
  { path, json, ...target }: Omit<NonNullable<IntegrationDefinition['afterConnect']>[number], 'keep' | 'where'>,
): Promise<unknown> {
  const connection = openedAt(connected, target)
  const url = urlOf(connection, path)
  const opened = { ...connection, definition: withoutUnknowns(connection.definition, url, connection.scope) }
  const source = { open: async () => opened, refused: async () => null }
  const request: OutgoingRequest = {
    method: json === undefined ? 'GET' : 'POST',
    target: url,
    body: json === undefined ? undefined : { type: 'json', value: renderJson(json, connected.scope) },
    accept: 'application/json',
  }
  const sent = await sender.send(source, request, {
    policy: AFTER_CONNECT,
    read: readBody,
    limits: { maxResponseBytes: MAX_RESPONSE_BYTES, timeoutMs: TIMEOUT_MS },
  })
  if (sent.response === null) throw afterConnectFailed(sent.failure)
  if (sent.failure !== null) throw afterConnectFailed(sent.failure)
  return readJson(sent.content)
}

/** A path below the base URL, or an absolute URL: some providers tell at another host where the account is located. */
function urlOf({ definition, scope }: OpenedConnection, path: string): URL {
  if (isWholeUrl(path)) return renderUrl(path, scope)
  return joinUrl(renderUrl(definition.baseUrl, scope), renderPath(path, scope))
}

/** Without the parts of the definition that need values which are only kept by these requests: base URL, headers and query. */
function withoutUnknowns(definition: IntegrationDefinition, url: URL, scope: TemplateScope): IntegrationDefinition {
  const headers = Object.entries(definition.headers ?? {}).filter(([, source]) =>
    canRender(() => renderTemplate(source, scope)),
  )
  const query = Object.entries(definition.query ?? {}).filter(([name, given]) =>
    canRender(() => renderParameters({ [name]: given }, scope)),
  )
  return { ...definition, baseUrl: url.origin, headers: Object.fromEntries(headers), query: Object.fromEntries(query) }
}

function canRender(render: () => unknown): boolean {
  try {
    render()
    return true
  } catch (error) {
    if (error instanceof TemplateError && error.fault === 'missing') return false
    throw error
  }
}

function readJson(answer: ProviderResponse): unknown {
  try {
    return answer.json()
  } catch (cause) {
    const words = { providerStatus: answer.status }
    throw flowFailed(new ProviderError("The provider's response about the account is not JSON.", { words, cause }))
  }
}

function afterConnectFailed({ message, providerStatus, providerError, providerMessage }: ProviderFailure) {
  const words = { providerStatus, providerError, providerErrorDescription: providerMessage }
  return flowFailed(
    new ProviderError(`The provider could not be asked for required details of the account. ${message}`, { words }),
  )
}
