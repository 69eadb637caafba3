import { setTimeout as sleep } from 'node:timers/promises'
import type { IntegrationDefinition } from '../../catalog/definition/definition.ts'
import { readPath } from '../../catalog/definition/path.ts'
import { renderTemplate } from '../../catalog/template/template.ts'
import { TemplateError } from '../../catalog/template/template-error.ts'
import type { TemplateScope } from '../../catalog/template/template-operators.ts'
import { renderPath, renderUrl } from '../../catalog/template/url-template.ts'
import { isRecord } from '../../catalog/template/value.ts'
import type { OpenedConnection } from '../../credentials/credential-row.ts'
import { backoffMs } from '../../credentials/refresh-policy.ts'
import type { Egress } from '../../egress/egress.ts'
import { joinUrl } from '../../egress/join-url.ts'
import { ProviderError } from '../../kit/errors.ts'
import { isRawJson, stringifyJson } from '../../kit/json.ts'
import { type ProviderOutcome, sendProviderRequest } from '../../requests/provider-request.ts'
import { failedBy } from './flow-failure.ts'

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
