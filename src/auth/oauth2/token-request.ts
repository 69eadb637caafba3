import {
  allowInsecureRequests,
  customFetch,
  genericTokenEndpointRequest,
  processGenericTokenEndpointResponse,
} from 'oauth4webapi'
import type { OAuth2 } from '../../catalog/definition/oauth2.ts'
import { compileTemplate } from '../../catalog/template/template.ts'
import type { TemplateScope } from '../../catalog/template/template-operators.ts'
import { askProvider } from '../../wire/provider-reply.ts'
import { RenewalError } from '../../wire/renewal-error.ts'
import { type RequestDraft, serializeDraft } from '../../wire/request-draft.ts'
import { addDefinitionHeaders } from '../build-draft.ts'
import { PrivateKeyError } from '../signature/private-key.ts'
import type { OAuthClient, RenewContext } from '../strategy.ts'
import { clientAuthOf, formEncode } from './oauth2-client-auth.ts'
import { refusalOf, unusableAnswer } from './oauth2-refusal.ts'
import { exchangeProblem } from './token-exchange.ts'
import { readTokenAnswer, type TokenAnswer, toStandardResponse } from './token-response.ts'

export interface TokenRequest {
  grantType: string
  url: URL
  /** By their standard names; the definition's names take their place on the wire. */
  params: Readonly<Record<string, string>>
  client: OAuthClient | undefined
  /** What the templates of the definition's tokenRequest read. */
  scope: TemplateScope
  /** Whatever of this may come back in the provider's words is taken out of them. */
  secrets: readonly string[]
}

/**
 * One request to a token endpoint. oauth4webapi makes the standard request and checks a standard answer; what stands on
 * the wire between the two is the definition's `tokenRequest` and `tokenResponse`. Rejects with RenewalError.
 */
export async function requestToken(auth: OAuth2, request: TokenRequest, context: RenewContext): Promise<TokenAnswer> {
  // Without an issuer, as the audience of an assertion, stands the very endpoint that gets it.
  const server = { issuer: auth.issuer ?? request.url.href, token_endpoint: request.url.href }
  const client = { client_id: request.client?.clientId || 'none' }
  const clientAuth = await usableClientAuth(auth, request.client, context.now)
  let answer: TokenAnswer | undefined
  const response = await genericTokenEndpointRequest(
    server,
    client,
    clientAuth,
    request.grantType,
    { ...request.params },
    {
      // Which hosts may be reached without TLS is for the egress to say.
      [allowInsecureRequests]: true,
      [customFetch]: async (_url, { body, headers }) => {
        const draft = toDraft(auth, request, body, headers)
        const secrets = [...request.secrets, ...secretsOnTheWire(body, draft)]
        const reply = await askProvider(serializeDraft(draft), context)
        const refusal = refusalOf(auth, reply, context.responseErrors, secrets)
        if (refusal !== undefined) throw refusal
        const read = exchangeProblem(request.grantType, draft, reply.body) ?? readTokenAnswer(auth, reply, context.now)
        if (typeof read === 'string') throw unusableAnswer(auth, reply, read, secrets)
        answer = read
        return toStandardResponse(read)
      },
    },
  )
  await processGenericTokenEndpointResponse(server, client, response)
  if (answer === undefined) throw new Error('A token request that succeeds has an answer.')
  return answer
}

async function usableClientAuth(auth: OAuth2, client: OAuthClient | undefined, now: Date) {
  try {
    return await clientAuthOf(auth, client, now)
  } catch (error) {
    if (!(error instanceof PrivateKeyError)) throw error
    const message = `The private key of the OAuth client ${error.problem}.`
    throw new RenewalError(message, { reason: 'INVALID_CLIENT', retryable: false, cause: error })
  }
}

/** The definition's own params and headers win over what stands there by the standard. */
function toDraft(
  auth: OAuth2,
  { url, scope }: TokenRequest,
  standard: URLSearchParams,
  headers: Readonly<Record<string, string>>,
): RequestDraft {
  const { names = {}, params = {}, format = 'form', headers: own = {} } = auth.tokenRequest ?? {}
  const nameOf = new Map(Object.entries(names))
  const body = new Map([...standard].map(([name, value]) => [nameOf.get(name) ?? name, value]))
  for (const [name, source] of Object.entries(params)) body.set(name, compileTemplate(source).render(scope))
  const draft: RequestDraft = {
    method: 'POST',
    url,
    headers: new Headers(),
    body:
      format === 'json'
        ? { type: 'json', value: Object.fromEntries(body) }
        : { type: 'form', value: new URLSearchParams([...body]) },
    credentialHeaders: new Set(),
  }
  addDefinitionHeaders(draft, own, scope)
  for (const name of ['accept', 'authorization']) {
    const value = headers[name]
    if (value !== undefined && !draft.headers.has(name)) draft.headers.set(name, value)
  }
  return draft
}

const openParams = new Set(['grant_type', 'client_id', 'redirect_uri', 'scope', 'client_assertion_type'])

/** What a provider could quote of the request, in the spellings that stand in it. */
function secretsOnTheWire(standard: URLSearchParams, { headers }: RequestDraft): string[] {
  const values = [...standard].filter(([name]) => !openParams.has(name)).map(([, value]) => value)
  const basic = /^Basic (.+)$/.exec(headers.get('authorization') ?? '')?.[1]
  const decoded =
    basic === undefined
      ? []
      : [
          basic,
          Buffer.from(basic, 'base64')
            .toString()
            .replace(/^[^:]*:/, ''),
        ]
  return [...values, ...values.map(formEncode), ...decoded]
}
