import { parseGlobalId } from '../../src/graphql/kernel/global-id.ts'
import { startTestApp, type TestApp } from '../support/app.ts'
import type { DatabaseKind } from '../support/databases.ts'
import { type ProviderHandler, type ProviderServer, sendJson, startProvider } from '../support/provider-server.ts'

export interface RequestFixture {
  app: TestApp
  provider: ProviderServer
  workspace: { id: string; slug: string; key: string }
  /** Sets the provider's responses and clears its recorded requests. */
  answer(handler: ProviderHandler): void
  /** Creates a connection at a new integration. @returns its global id */
  connect(options?: ConnectOptions): Promise<string>
  /** Creates an OAuth2 connection with the access token `old-access-token`. The token endpoint is `/token`. */
  connectOAuth(options?: { expiresAt?: string; definition?: Record<string, unknown> }): Promise<string>
  /** The result of a mutation: any member of its union. */
  // biome-ignore lint/suspicious/noExplicitAny: the response to an arbitrary document
  run(mutation: string, input: Record<string, unknown>, key?: string): Promise<any>
  createKey(role: 'ADMIN' | 'READER'): Promise<string>
  close(): Promise<void>
}

export interface ConnectOptions {
  slug?: string
  auth?: Record<string, unknown>
  /** Additional parts of the definition. */
  definition?: Record<string, unknown>
  credential?: Record<string, unknown>
  /** Additional fields of CreateConnectionInput. */
  more?: Record<string, unknown>
}

const ERROR = `... on Error { __typename code message status details traceId } ... on InvalidInputError { fields { path message } }
  ... on AmbiguousError { candidates { chosen reason connection { id } } } ... on ReconnectRequiredError { connection { id } }
  ... on CredentialRefreshError { reason retryable providerStatus } ... on RateLimitedError { retryAfterSeconds }`

const PAYLOADS: Readonly<Record<string, string>> = {
  runAction: 'output response { status headers body text details } refreshed connection { id status }',
  executeRequest: 'response { status headers body text details } refreshed connection { id status }',
  testConnection: 'connection { id status statusReason } result { ok checked message providerStatus }',
  testIntegration: 'result { ok checked message providerStatus records }',
  refreshConnection: 'connection { id credential { version } } refreshed',
}

export async function startRequestFixture(kind: DatabaseKind = 'embedded'): Promise<RequestFixture> {
  const app = await startTestApp({ kind })
  const workspace = await app.createWorkspace()
  let handler: ProviderHandler = (_seen, response) => sendJson(response, { ok: true })
  const provider = await startProvider((seen, response, count) => handler(seen, response, count))
  let integrations = 0

  const connect: RequestFixture['connect'] = async ({ slug, auth = { type: 'bearer' }, ...options } = {}) => {
    integrations += 1
    const integration = slug ?? `integration-${integrations}`
    await app.request(CREATE_INTEGRATION, {
      input: {
        workspaceId: workspace.id,
        slug: integration,
        definition: { displayName: 'Things', baseUrl: `${provider.origin}/api`, auth, ...options.definition },
      },
    })
    const { connection } = await app.mutate(CREATE_CONNECTION, {
      workspaceId: workspace.id,
      integration,
      credential: options.credential ?? { secretText: 'good-token-0123456789' },
      ...options.more,
    })
    return connection.id
  }

  return {
    app,
    provider,
    workspace,
    answer(next) {
      provider.requests.length = 0
      handler = next
    },
    connect,
    connectOAuth: ({ expiresAt = '2040-01-01T00:00:00.000Z', definition = {} } = {}) =>
      connect({
        auth: {
          type: 'oauth2',
          grant: 'refresh_token',
          tokenUrl: `${provider.origin}/token`,
        },
        definition,
        credential: {
          oauthToken: {
            accessToken: 'old-access-token',
            refreshToken: `the-refresh-token-${integrations}`,
            expiresAt,
            clientId: 'client-1',
            clientSecret: 'the-client-secret',
          },
        },
      }),
    async run(name, input, key = workspace.key) {
      const Name = `${name.charAt(0).toUpperCase()}${name.slice(1)}`
      const document = `mutation ($input: ${Name}Input!) { ${name}(input: $input) { __typename
        ... on ${Name}Payload { ${PAYLOADS[name]} } ${errorsOf(name)} } }`
      const { data, errors } = await app.request(document, { input }, key)
      if (errors !== undefined) throw new Error(JSON.stringify(errors))
      return data[name]
    },
    async createKey(role) {
      const { key } = await app.mutate(CREATE_KEY, { workspaceId: workspace.id, name: role, role })
      return key
    },
    async close() {
      await app.stop()
      await provider.close()
    },
  }
}

/** The error fields to select. Only executeRequest and runAction can return AmbiguousError. */
function errorsOf(mutation: string): string {
  if (mutation === 'executeRequest' || mutation === 'runAction') return ERROR
  const withoutAmbiguous = ERROR.replace(/\.\.\. on AmbiguousError \{.*?\} \} \} /, '')
  return withoutAmbiguous
}

/** The access token of a request, if it has one. */
export function bearerOf(headers: { authorization?: string | undefined }): string | undefined {
  return headers.authorization?.replace('Bearer ', '')
}

/** The database id. */
export function rowId(globalId: string): string {
  const parsed = parseGlobalId(globalId)
  if (parsed === null) throw new Error('This is no global id.')
  return parsed.id
}

const CREATE_INTEGRATION = `mutation ($input: CreateIntegrationInput!) { createIntegration(input: $input) { __typename
  ... on CreateIntegrationPayload { integration { id } } ... on Error { message } } }`
const CREATE_CONNECTION = `mutation ($input: CreateConnectionInput!) { createConnection(input: $input) { __typename
  ... on CreateConnectionPayload { connection { id } } ... on Error { message } } }`
const CREATE_KEY = `mutation ($input: CreateApiKeyInput!) { createApiKey(input: $input) { __typename
  ... on CreateApiKeyPayload { key } ... on Error { message } } }`
