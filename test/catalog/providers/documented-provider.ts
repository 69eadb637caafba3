import { exchangeCode } from '../../../src/auth/oauth2/renew.ts'
import { strategyOf } from '../../../src/auth/registry.ts'
import type { StoredCredential } from '../../../src/auth/stored-credential.ts'
import type { Renewal, RenewContext } from '../../../src/auth/strategy.ts'
import { scopeOf } from '../../../src/auth/template-scope.ts'
import type { Auth } from '../../../src/catalog/definition/auth.ts'
import { type IntegrationDefinition, parseDefinition } from '../../../src/catalog/definition/definition.ts'
import type { OAuth2 } from '../../../src/catalog/definition/oauth2.ts'
import type { OpenedConnection } from '../../../src/credentials/credential-store.ts'
import { createEgress, type Egress } from '../../../src/egress/egress.ts'
import { type ProviderRequestSeen, sendJson, startProvider } from '../../support/provider-server.ts'
import type { Answer, ProviderTrial } from './trial.ts'

export const now = new Date('2026-07-01T12:00:00.000Z')
export const client = { clientId: 'client-id', clientSecret: 'cl1ent-s3cret' }
export const redirectUri = 'https://product.example.com/oauth/callback/1'
export const codeVerifier = 'dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk'

/** A provider's definition whose hosts are replaced by a local server with scripted responses. */
export interface DocumentedProvider {
  definition: IntegrationDefinition
  /** The next responses, in order. */
  answers: Answer[]
  /** All requests so far; their URLs have the provider's own hosts. */
  requests: ProviderRequestSeen[]
  egress: Egress
  trial: ProviderTrial
  context: RenewContext
  exchange(): Promise<Renewal>
  renew(stored: StoredCredential): Promise<Renewal>
  /** Opens a connection as the broker does. */
  open(stored: StoredCredential, kept: Record<string, unknown>): OpenedConnection
  close(): Promise<void>
}

export async function startDocumentedProvider(
  original: IntegrationDefinition,
  given: ProviderTrial,
): Promise<DocumentedProvider> {
  const answers: Answer[] = []
  const server = await startProvider((_request, response) => {
    const { status = 200, headers = {}, body = '' } = answers.shift() ?? { status: 599, body: 'nothing was expected' }
    const there = led({ headers, body }, server.origin)
    sendJson(response, there.body, there.headers, status)
  })
  const { port } = new URL(server.origin)
  const definition = parseDefinition(led(original, server.origin))
  const trial = led(given, server.origin)
  // Every host name resolves to the local server.
  const lookup = async () => [{ address: '127.0.0.1', family: 4 }]
  const egress = createEgress({ allow: ['127.0.0.1'], allowHttp: true, allowedPorts: [Number(port)], lookup })
  const input = { ...examplesOf(definition), ...trial.input }
  const context: RenewContext = {
    egress,
    now,
    input,
    kept: trial.told ?? {},
    ...(oauth2Of(definition.auth)?.grant === 'authorization_code' ? { oauthClient: client } : {}),
    ...(definition.responseErrors === undefined ? {} : { responseErrors: definition.responseErrors }),
  }
  return {
    definition,
    answers,
    requests: server.requests,
    egress,
    trial,
    context,
    async exchange() {
      const auth = oauth2Of(definition.auth)
      if (auth === undefined) throw new Error('The definition has no OAuth2.')
      const verifier = auth.pkce === 'none' ? {} : { codeVerifier }
      return exchangeCode(auth, { code: 'the-c0de', redirectUri, ...verifier }, context)
    },
    renew: (stored) => strategyOf(authOf(definition.auth, stored)).renew(stored, context),
    open(stored, told) {
      const kept = { ...context.kept, ...told }
      const auth = authOf(definition.auth, stored)
      return {
        connectionId: '01900000-0000-7000-8000-000000000001',
        workspaceId: '01900000-0000-7000-8000-000000000002',
        integrationId: '01900000-0000-7000-8000-000000000003',
        definition,
        authenticator: strategyOf(auth).open(stored, { input, kept, hasOAuthClient: true, oauthClient: client }),
        scope: scopeOf(definition.auth, stored, { input, kept }),
        version: 1,
      }
    },
    async close() {
      await egress.close()
      await server.close()
    },
  }
}

/** The oauth2 auth, or the oauth2 option of a selective auth. */
export function oauth2Of(auth: Auth): OAuth2 | undefined {
  if (auth.type === 'oauth2') return auth
  const options = auth.type === 'selective' ? auth.options : []
  return options.map((option) => option.auth).find((inner) => inner.type === 'oauth2')
}

/** The credential of the option that exchanged the code. */
function authOf(auth: Auth, stored: StoredCredential): Auth {
  return stored.type === 'oauth2' ? (oauth2Of(auth) ?? auth) : auth
}

/** The examples of the required inputs. */
export function examplesOf({ inputFields = [] }: IntegrationDefinition): Record<string, string> {
  const required = inputFields.filter((field) => field.required)
  return Object.fromEntries(required.map(({ name, example }) => [name, example ?? '']))
}

/** A copy in which every https URL uses http and the port of the local server. */
function led<T>(value: T, origin: string): T {
  const { port } = new URL(origin)
  // A host may contain expressions with spaces, quotes and slashes.
  const pattern = /https:\/\/((?:\{\{.*?\}\}|[\w.-])+)/g
  const text = JSON.stringify(value, (_key, item: unknown) =>
    typeof item === 'string' ? item.replaceAll(pattern, `http://$1:${port}`) : item,
  )
  return JSON.parse(text)
}
