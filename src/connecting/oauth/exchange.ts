import { exchangeVerifier } from '../../auth/oauth1/oauth1-tokens.ts'
import { exchangeCode } from '../../auth/oauth2/renew.ts'
import { strategyOf } from '../../auth/registry.ts'
import type { StoredCredential } from '../../auth/stored-credential.ts'
import type { Renewal, RenewContext } from '../../auth/strategy.ts'
import { queueRevocation } from '../../deletion/revocations.ts'
import { scopeOf } from '../../wire/template-scope.ts'
import { askAfterConnect } from './after-connect.ts'
import { exchangeWithin } from './more-exchange.ts'
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
    await giveBack(deps, open, { stored, kept })
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
export async function giveBack(deps: OAuthDeps, { flow }: ReturnedFlow, { stored, kept }: Obtained): Promise<void> {
  const { workspaceId, integrationId } = flow
  const input = flow.input as Record<string, unknown>
  await deps.database.transaction((tx) =>
    queueRevocation(tx, deps.vault, { workspaceId, integrationId, stored, input, kept }),
  )
}
