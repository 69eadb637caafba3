import { setTimeout as wait } from 'node:timers/promises'
import type { Auth, SessionToken } from '../../catalog/definition/auth.ts'
import { readPath } from '../../catalog/definition/path.ts'
import { renderJson, renderTemplate } from '../../catalog/template/template.ts'
import type { TemplateScope } from '../../catalog/template/template-operators.ts'
import { renderUrl } from '../../catalog/template/url-template.ts'
import { joinUrl } from '../../egress/join-url.ts'
import { addDuration, parseDuration } from '../../kit/duration.ts'
import { isRawJson } from '../../kit/json.ts'
import { valueProblem } from '../../wire/placement.ts'
import { askProvider } from '../../wire/provider-reply.ts'
import { RenewalError } from '../../wire/renewal-error.ts'
import { type RequestDraft, serializeDraft } from '../../wire/request-draft.ts'
import { scopeOf } from '../../wire/template-scope.ts'
import { addDefinitionHeaders } from '../build-draft.ts'
import type { BoundStrategy } from '../registry.ts'
import { DEFAULT_RENEW_TIMEOUT_MS, type RenewContext } from '../strategy.ts'
import { readExpiry } from '../token-expiry.ts'
import { loginFailure, loginSecrets, unusableLogin } from './session-refusal.ts'
import { storedFor } from './stored-for.ts'

export type Resolve = (auth: Auth) => BoundStrategy

export interface SessionAnswer {
  token: string
  /** Undefined: nobody says how long it lives. */
  expiresAt?: Date
}

/** A login uses nothing up, so that one which failed in passing is sent again. Waits before the second and the third. */
const retryDelaysMs = [200, 800]
const longestWaitMs = 2_000

/** Logs in, with up to three requests within the time-out. Rejects with RenewalError and TemplateError. */
export async function logIn(
  auth: SessionToken,
  fields: Record<string, string>,
  context: RenewContext,
  resolve: Resolve,
): Promise<SessionAnswer> {
  const deadline = performance.now() + (context.timeoutMs ?? DEFAULT_RENEW_TIMEOUT_MS)
  for (let attempt = 0; ; attempt += 1) {
    const timeoutMs = Math.max(1, Math.ceil(deadline - performance.now()))
    try {
      return await logInOnce(auth, fields, { ...context, timeoutMs }, resolve)
    } catch (error) {
      const delayMs = error instanceof RenewalError ? retryDelay(error, attempt) : undefined
      const mayWait = delayMs !== undefined && performance.now() + delayMs < deadline && !context.signal?.aborted
      if (!mayWait) throw error
      await wait(delayMs, undefined, { signal: context.signal }).catch(() => Promise.reject(error))
    }
  }
}

function retryDelay({ reason, retryable, retryAfterMs }: RenewalError, attempt: number): number | undefined {
  if (reason !== 'PROVIDER_UNAVAILABLE' || !retryable) return undefined
  const delayMs = retryAfterMs ?? retryDelaysMs[attempt]
  return attempt < retryDelaysMs.length && delayMs !== undefined && delayMs <= longestWaitMs ? delayMs : undefined
}

async function logInOnce(
  auth: SessionToken,
  fields: Record<string, string>,
  context: RenewContext,
  resolve: Resolve,
): Promise<SessionAnswer> {
  const scope = scopeOf(auth, { type: 'session_token', fields }, context)
  const draft = buildLogin(auth, scope)
  const inner = innerAuthenticator(auth, fields, context, resolve)
  await inner?.apply(draft)
  const reply = await askProvider(serializeDraft(draft), context)
  const secrets = [...loginSecrets(auth, scope, fields), ...(inner?.secrets ?? [])]
  const failure = loginFailure(auth, reply, context.responseErrors, secrets)
  if (failure !== undefined) throw failure
  const token = textOf(readPath(reply.body, auth.tokenPath))
  if (token === undefined || valueProblem(auth.placement, token) !== undefined) {
    throw unusableLogin(auth, reply, secrets)
  }
  const { expiry, lifetime } = auth
  const told = expiry && readExpiry(readPath(reply.body, expiry.path), expiry.format, context.now)
  const expiresAt = told ?? (lifetime === undefined ? undefined : addDuration(context.now, parseDuration(lifetime)))
  return { token, ...(expiresAt === undefined ? {} : { expiresAt }) }
}

/** The request without its own authentication. The definition's headers are not for the login. */
export function buildLogin({ login }: SessionToken, scope: TemplateScope): RequestDraft {
  const render = (templates: Record<string, string> = {}) =>
    Object.entries(templates).map(([name, source]) => [name, renderTemplate(source, scope)] as const)
  const draft: RequestDraft = {
    method: login.method ?? 'POST',
    url: joinUrl(renderUrl(login.url, scope), '', render(login.query)),
    headers: new Headers(),
    credentialHeaders: new Set(),
  }
  if (login.form !== undefined) {
    draft.body = { type: 'form', value: new URLSearchParams(render(login.form).map(([name, value]) => [name, value])) }
  }
  if (login.json !== undefined) draft.body = { type: 'json', value: renderJson(login.json, scope) }
  addDefinitionHeaders(draft, login.headers ?? {}, scope)
  if (!draft.headers.has('accept')) draft.headers.set('accept', 'application/json')
  return draft
}

function innerAuthenticator(
  { login }: SessionToken,
  fields: Record<string, string>,
  context: RenewContext,
  resolve: Resolve,
) {
  if (login.auth === undefined) return undefined
  const { input, kept, now, oauthClient } = context
  const open = { input, kept, clock: () => now, ...(oauthClient === undefined ? {} : { oauthClient }) }
  return resolve(login.auth).open(storedFor(login.auth, fields), open)
}

function textOf(value: unknown): string | undefined {
  if (isRawJson(value)) return value.rawJSON
  if (typeof value === 'number') return String(value)
  return typeof value === 'string' && value.trim() !== '' ? value : undefined
}
