import { setTimeout as sleep } from 'node:timers/promises'
import { exchangeVerifier } from '../../auth/oauth1/oauth1-tokens.ts'
import { exchangeCode } from '../../auth/oauth2/renew.ts'
import { strategyOf } from '../../auth/registry.ts'
import type { StoredCredential } from '../../auth/stored-credential.ts'
import type { Renewal, RenewContext } from '../../auth/strategy.ts'
import { scopeOf } from '../../auth/template-scope.ts'
import type { IntegrationDefinition } from '../../catalog/definition/definition.ts'
import { readPath } from '../../catalog/definition/path.ts'
import { renderTemplate, type TemplateScope } from '../../catalog/template/template.ts'
import { renderPath, renderUrl } from '../../catalog/template/url-template.ts'
import { isRecord, TemplateError } from '../../catalog/template/value.ts'
import type { OpenedConnection } from '../../credentials/credential-store.ts'
import { backoffMs } from '../../credentials/refresh-policy.ts'
import { queueRevocation } from '../../deletion/revocations.ts'
import type { Egress } from '../../egress/egress.ts'
import { joinUrl } from '../../egress/join-url.ts'
import { ProviderError } from '../../kit/errors.ts'
import { isRawJson, stringifyJson } from '../../kit/json.ts'
import { type ProviderOutcome, sendProviderRequest } from '../../requests/provider-request.ts'
import { RenewalError } from '../../wire/renewal-error.ts'
import { exchangeFailed, failedBy } from './flow-failure.ts'
import type { OAuthDeps } from './oauth-deps.ts'
import type { OpenFlow, ReturnedFlow } from './returned-flow.ts'

/** What a consent has brought. */
export interface Obtained {
  stored: StoredCredential
  /** What the provider told: with the callback, with the token, and when it was asked afterwards. */
  kept: Record<string, unknown>
}

/**
 * Exchanges the code, and asks the provider what the definition wants to know of the account. No transaction is open
 * meanwhile. What was obtained and cannot be used is given back.
 * @throws FlowFailedError; TemplateError
 */
export async function obtainCredential(
  deps: OAuthDeps,
  open: OpenFlow,
  code: string,
  callbackKept: Readonly<Record<string, string>>,
): Promise<Obtained> {
  const { flow, connection, definition, input, integrationClient } = open
  const { egress } = deps
  const [clock] = await deps.database.sql.query<{ now: Date }>('SELECT clock_timestamp() AS now')
  const { responseErrors } = definition
  const client = integrationClient === undefined ? {} : { oauthClient: integrationClient }
  const context: RenewContext = {
    ...{ egress, now: clock?.now ?? new Date(), input, kept: callbackKept, ...client },
    ...(responseErrors === undefined ? {} : { responseErrors }),
  }
  const renewal = await exchangeWithin((timeoutMs) => exchangeOnce(open, code, { ...context, timeoutMs }))
  const stored = open.wrap(renewal.stored)
  const kept = { ...callbackKept, ...renewal.kept }
  try {
    const known = { input, kept, hasOAuthClient: integrationClient !== undefined, ...client }
    const asked = await askAfterConnect(egress, {
      connectionId: connection.id,
      workspaceId: flow.workspaceId,
      integrationId: flow.integrationId,
      definition,
      authenticator: strategyOf(definition.auth, deps.customStrategies).open(stored, known),
      scope: scopeOf(definition.auth, stored, known),
      version: 0,
    })
    return { stored, kept: { ...kept, ...asked } }
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
    if (temporary === undefined) throw new Error('A flow of OAuth 1.0a holds its temporary token.')
    return exchangeVerifier(auth, { client, temporary, verifier: code }, context)
  }
  const { redirectUri, scopes } = flow
  const { codeVerifier } = secrets
  return exchangeCode(
    auth,
    { code, redirectUri, scopes, ...(codeVerifier === undefined ? {} : { codeVerifier }) },
    context,
  )
}

/** Nobody will use it: the provider is told so. */
export async function revokeObtained(
  deps: OAuthDeps,
  { flow }: ReturnedFlow,
  { stored, kept }: Obtained,
): Promise<void> {
  const { workspaceId, integrationId } = flow
  const input = flow.input as Record<string, unknown>
  await deps.database.transaction((tx) =>
    queueRevocation(tx, deps.vault, { workspaceId, integrationId, stored, input, kept }),
  )
}

const TRIES = 4
/** A browser waits for it. */
const WITHIN_MS = 15_000

/**
 * Exchanges what has come back for tokens, a few times while the provider is only passingly away: a code lives for a minute at
 * least, and the person would have to agree all over again. A code that the provider has used up without our hearing of it is
 * refused, and its tokens are revoked there (RFC 6749 section 4.1.2).
 * @param exchange one request of at most so many milliseconds; rejects with RenewalError
 * @throws FlowFailedError; TemplateError for an input or a kept value that is missing
 */
async function exchangeWithin(exchange: (timeoutMs: number) => Promise<Renewal>): Promise<Renewal> {
  const deadline = performance.now() + WITHIN_MS
  for (let tries = 1; ; tries += 1) {
    try {
      return await exchange(Math.max(1_000, deadline - performance.now()))
    } catch (error) {
      if (!(error instanceof RenewalError)) throw error
      const waitMs = backoffMs(tries, error.retryAfterMs)
      const late = performance.now() + waitMs > deadline
      if (error.reason !== 'PROVIDER_UNAVAILABLE' || tries === TRIES || late) throw exchangeFailed(error)
      await sleep(waitMs)
    }
  }
}

const AFTER_CONNECT_TRIES = 3
const MAX_ANSWER_BYTES = 1024 * 1024
const MAX_KEPT_BYTES = 16 * 1024
const TIMEOUT_MS = 10_000

/**
 * Makes the requests of the definition's `afterConnect` with the new credential, one after the other: each may read what the
 * ones before have kept.
 * @returns what is kept of the answers: a tenant, a region, an id of the account
 * @throws FlowFailedError with the provider's words
 */
export async function askAfterConnect(egress: Egress, connected: OpenedConnection): Promise<Record<string, unknown>> {
  const { definition, scope } = connected
  const known = isRecord(scope['kept']) ? scope['kept'] : {}
  const kept: Record<string, unknown> = {}
  for (const { path, keep } of definition.afterConnect ?? []) {
    const opened = { ...connected, scope: { ...scope, kept: { ...known, ...kept } } }
    const answer = await ask(egress, opened, path)
    for (const [name, place] of Object.entries(keep)) {
      const value = keptValue(answer, place, opened.authenticator.secrets)
      if (value !== undefined) kept[name] = value
    }
  }
  return kept
}

async function ask(egress: Egress, opened: OpenedConnection, path: string): Promise<unknown> {
  const url = urlOf(opened, path)
  const target = { ...opened, definition: reachable(opened.definition, url, opened.scope) }
  for (let tries = 1; ; tries += 1) {
    const outcome = await sendProviderRequest({
      egress,
      opened: target,
      request: { method: 'GET', url },
      maxResponseBytes: MAX_ANSWER_BYTES,
      timeoutMs: TIMEOUT_MS,
    })
    if (outcome.ok) return jsonOf(outcome)
    const passing = outcome.as === 'retry' || outcome.as === 'rate_limit'
    const waitMs = backoffMs(tries, outcome.retryAfterMs)
    if (!passing || tries === AFTER_CONNECT_TRIES || waitMs > TIMEOUT_MS) throw unanswered(outcome)
    await sleep(waitMs)
  }
}

/** Under the base URL, or a whole URL of the definition's: some ask at another host where the account lives. */
function urlOf({ definition, scope }: OpenedConnection, path: string): URL {
  if (/^https?:\/\//i.test(path)) return renderUrl(path, scope)
  return joinUrl(renderUrl(definition.baseUrl, scope), renderPath(path, scope))
}

/** The base URL and the headers may themselves wait for what is asked for here. */
function reachable(definition: IntegrationDefinition, url: URL, scope: TemplateScope): IntegrationDefinition {
  const headers = Object.entries(definition.headers ?? {}).filter(([, source]) => canRender(source, scope))
  return { ...definition, baseUrl: url.origin, headers: Object.fromEntries(headers) }
}

function canRender(source: string, scope: TemplateScope): boolean {
  try {
    renderTemplate(source, scope)
    return true
  } catch (error) {
    if (error instanceof TemplateError && error.fault === 'missing') return false
    throw error
  }
}

function jsonOf(answer: Extract<ProviderOutcome, { ok: true }>): unknown {
  try {
    return answer.json()
  } catch (cause) {
    const words = { providerStatus: answer.status }
    throw failedBy(
      new ProviderError('The provider did not answer with JSON when it was asked about the account.', { words, cause }),
    )
  }
}

/** What is kept is shown to everybody who sees the connection: never a secret, never much. */
function keptValue(answer: unknown, place: readonly (string | number)[], secrets: readonly string[]): unknown {
  const found = readPath(answer, place)
  const value = isRawJson(found) ? found.rawJSON : found
  if (value === undefined || value === null) return undefined
  const text = stringifyJson(value)
  if (Buffer.byteLength(text) > MAX_KEPT_BYTES || secrets.some((secret) => text.includes(secret))) return undefined
  return JSON.parse(text)
}

function unanswered({ message, providerStatus, providerMessage }: Extract<ProviderOutcome, { ok: false }>) {
  const words = {
    ...(providerStatus === undefined ? {} : { providerStatus }),
    ...(providerMessage === undefined ? {} : { providerErrorDescription: providerMessage }),
  }
  return failedBy(
    new ProviderError(`The account could not be asked for what is needed to use it. ${message}`, { words }),
  )
}
