import { authTypeOf } from '../../auth/describe-auth.ts'
import type { AuthTypeName } from '../../auth/strategy.ts'
import { definitionOf } from '../../catalog/catalog.ts'
import {
  type IntegrationTestResult,
  type TestResult,
  testConnection,
  testIntegration,
} from '../../connecting/test-connection.ts'
import { replaceCredential } from '../../connections/connection-credential.ts'
import { refreshConnection } from '../../connections/update-connection.ts'
import type { StoredRefreshError } from '../../credentials/credential-store.ts'
import type { Connection, Integration } from '../../db/generated/client.ts'
import { CredentialRefreshError, ProviderError, ReconnectRequiredError, UnsupportedError } from '../../kit/errors.ts'
import { builder } from '../kernel/builder.ts'
import { callerOf } from '../kernel/context.ts'
import { decodeGlobalId } from '../kernel/global-id.ts'
import type { CredentialFields } from '../kernel/loaders.ts'
import { mutation, payloadType } from '../kernel/mutation.ts'
import { CredentialRefreshErrorRef } from './errors.ts'
import { AuthTypeRef } from './provider.ts'
import { ConnectionRef } from './refs.ts'
import { CONNECTION_ID, IN_WORKSPACE, INPUT_VALUES, INTEGRATION_SLUG } from './wording.ts'

interface CredentialStatus {
  type: AuthTypeName
  /** Null: nothing has been connected yet. */
  row: CredentialFields | null
}

/** The status of a credential. The integration is loaded only if the credential does not tell its type. */
export async function statusOf(
  row: CredentialFields | null,
  loadIntegration: () => Promise<Integration>,
): Promise<CredentialStatus> {
  if (row?.type === 'auth_provider') return { type: 'AUTH_PROVIDER', row }
  return { type: authTypeOf(definitionOf(await loadIntegration()).auth), row }
}

export const CredentialStatusRef = builder.objectRef<CredentialStatus>('CredentialStatus').implement({
  description: 'What is known about a credential. No field of any type returns a secret or a part of one.',
  fields: (t) => ({
    type: t.field({
      type: AuthTypeRef,
      description: 'How requests are authenticated; AUTH_PROVIDER if an auth provider holds the credential.',
      resolve: ({ type }) => type,
    }),
    expiresAt: t.field({
      type: 'DateTime',
      nullable: true,
      description: 'When the credential expires. Null: never, or not known.',
      resolve: ({ row }) => row?.expiresAt ?? null,
    }),
    refreshable: t.boolean({
      description: 'True if Latchkey can renew the credential by itself.',
      resolve: ({ row }) => row?.refreshable ?? false,
    }),
    refreshing: t.boolean({
      description: 'True while a renewal is in progress.',
      resolve: ({ row }) => row?.attemptId != null,
    }),
    lastRefreshedAt: t.field({
      type: 'DateTime',
      nullable: true,
      description: 'When the credential was last renewed. Null: never since it was stored.',
      resolve: ({ row }) => row?.lastRefreshedAt ?? null,
    }),
    failedRefreshes: t.int({
      description: 'Number of renewals that have failed since the last one that succeeded.',
      resolve: ({ row }) => row?.failedRefreshes ?? 0,
    }),
    nextRefreshAt: t.field({
      type: 'DateTime',
      nullable: true,
      description: 'When the next renewal is due. Null: none is planned.',
      resolve: ({ row }) => row?.nextRefreshAt ?? null,
    }),
    lastError: t.field({
      type: CredentialRefreshErrorRef,
      nullable: true,
      description: 'The error of the last renewal. Null if it succeeded or there was none.',
      resolve: ({ row }) => {
        // Written by the broker in this shape.
        const stored = (row?.lastError ?? null) as StoredRefreshError | null
        return stored === null ? null : refreshErrorOf(stored)
      },
    }),
    scopes: t.stringList({
      description: 'OAuth scopes that were granted, as far as they are known.',
      resolve: ({ row }) => row?.scopes ?? [],
    }),
    version: t.int({
      description:
        'Number of times that a credential was stored, renewals included. 0: nothing has been connected yet.',
      resolve: ({ row }) => row?.version ?? 0,
    }),
  }),
})

/** A plain object with the fields of the error: GraphQL would throw an instance of Error instead of returning it. */
function refreshErrorOf({ message, occurredAt, ...failure }: StoredRefreshError): CredentialRefreshError {
  const error = new CredentialRefreshError(message, failure)
  return { ...error, message, occurredAt: occurredAt === undefined ? error.occurredAt : new Date(occurredAt) }
}

const OAuthTokenInput = builder.inputType('OAuthTokenInput', {
  description:
    'OAuth tokens that the product already has. At least one of `accessToken` and `refreshToken` must be given. An expired access token with a refresh token is accepted and renewed when it is needed.',
  fields: (t) => ({
    accessToken: t.field({ type: 'Secret', required: false, description: 'Access token.' }),
    refreshToken: t.field({
      type: 'Secret',
      required: false,
      description:
        'Refresh token. One that was given before and that Latchkey has used since is CONFLICT: the connection that used it holds its successor.',
    }),
    tokenType: t.string({ required: false, description: 'Token type as the provider returned it, such as `Bearer`.' }),
    expiresAt: t.field({
      type: 'DateTime',
      required: false,
      description: 'When the access token expires. At most one of `expiresAt` and `expiresIn`. Default: not known.',
    }),
    expiresIn: t.int({ required: false, description: 'Seconds from now until the access token expires.' }),
    scopes: t.stringList({ required: false, description: 'OAuth scopes that were granted. Default: not known.' }),
    clientId: t.string({
      required: false,
      description:
        "Client id that the tokens were issued to, if it is not that of the integration's OAuth client. It is used for renewals.",
    }),
    clientSecret: t.field({ type: 'Secret', required: false, description: 'Client secret of `clientId`.' }),
    extra: t.field({
      type: 'JSON',
      required: false,
      description: 'Further values of the token response, as a JSON object. Treated as secret.',
    }),
  }),
})

const BasicCredentialInput = builder.inputType('BasicCredentialInput', {
  description: 'A user name and password.',
  fields: (t) => ({
    username: t.string({ description: 'User name.' }),
    password: t.field({ type: 'Secret', required: false, description: 'Password. Default: empty.' }),
  }),
})

const AuthProviderCredentialInput = builder.inputType('AuthProviderCredentialInput', {
  description: 'A credential that an auth provider holds.',
  fields: (t) => ({
    provider: t.string({ description: 'Name of an auth provider of the workspace.' }),
    accountId: t.string({ description: 'Id of the account at the auth provider, at most 500 characters.' }),
  }),
})

export const CredentialInput = builder.inputType('CredentialInput', {
  description:
    "A credential. It is validated against the integration's definition, and all unknown and missing fields are named in one InvalidInputError. The provider is not contacted to check it.",
  isOneOf: true,
  fields: (t) => ({
    oauthToken: t.field({
      type: OAuthTokenInput,
      required: false,
      description: 'OAuth tokens that the product already has.',
    }),
    secretText: t.field({ type: 'Secret', required: false, description: 'An API key or bearer token.' }),
    basic: t.field({ type: BasicCredentialInput, required: false, description: 'A user name and password.' }),
    fields: t.field({
      type: 'JSON',
      required: false,
      description: 'Values of `AuthDefinition.credentialFields` as a JSON object by field name. Treated as secret.',
    }),
    authProvider: t.field({
      type: AuthProviderCredentialInput,
      required: false,
      description: 'A credential that an auth provider holds. Only a reference to it is stored.',
    }),
  }),
})

const ReplaceCredentialInput = builder.inputType('ReplaceCredentialInput', {
  description: 'A new credential for a connection.',
  fields: (t) => ({
    connectionId: t.id({ description: CONNECTION_ID }),
    credential: t.field({ type: CredentialInput, description: 'The new credential.' }),
    input: t.field({
      type: 'JSON',
      required: false,
      description: `${INPUT_VALUES} Replaces the stored values. Default: unchanged.`,
    }),
  }),
})

mutation('replaceCredential', {
  scope: 'CONNECT',
  description:
    'Replaces the credential of a connection. It takes precedence over a renewal in progress. A connection that is NEEDS_REAUTH or ERROR becomes ACTIVE. CONFLICT if the connection is PENDING.',
  input: ReplaceCredentialInput,
  names: ({ connectionId }) => connectionId,
  payload: payloadType<{ connection: Connection }>('ReplaceCredentialPayload', (t) => ({
    connection: t.expose('connection', { type: ConnectionRef, description: 'The connection with its new credential.' }),
  })),
  errors: [UnsupportedError],
  resolve: async ({ connectionId, credential, input }, context) => ({
    connection: await replaceCredential(context.services, callerOf(context), {
      connectionId: decodeGlobalId('Connection', connectionId),
      credential,
      input,
    }),
  }),
})

const RefreshConnectionInput = builder.inputType('RefreshConnectionInput', {
  description: 'The connection whose credential to renew.',
  fields: (t) => ({
    connectionId: t.id({ description: CONNECTION_ID }),
    force: t.boolean({
      required: false,
      defaultValue: false,
      description: 'True: renew a credential that is still valid too. Concurrent calls share one renewal.',
    }),
  }),
})

mutation('refreshConnection', {
  scope: 'EXECUTE',
  description:
    'Renews the credential of a connection if it needs that. UNSUPPORTED if the credential cannot be renewed, CONFLICT if the connection is disabled.',
  input: RefreshConnectionInput,
  names: ({ connectionId }) => connectionId,
  payload: payloadType<{ connectionId: string; refreshed: boolean }>('RefreshConnectionPayload', (t) => ({
    connection: t.field({
      type: ConnectionRef,
      description: 'The connection as it is now.',
      resolve: ({ connectionId }, _args, context) => context.loaders.connection.load(connectionId),
    }),
    refreshed: t.exposeBoolean('refreshed', { description: 'True if the credential was renewed.' }),
  })),
  errors: [CredentialRefreshError, ReconnectRequiredError, ProviderError, UnsupportedError],
  async resolve(input, context) {
    const connectionId = decodeGlobalId('Connection', input.connectionId)
    const refreshed = await refreshConnection(context.services, callerOf(context), connectionId, input.force ?? false)
    context.loaders.connection.clear(connectionId)
    context.loaders.credential.clear(connectionId)
    return { connectionId, refreshed }
  },
})

/** What was tested: a connection, or a credential for a provider. Null: for a definition of the workspace. */
type Tested = { connectionId: string } | { provider: string | null }

export const TestResultRef = builder.objectRef<TestResult & { tested: Tested }>('TestResult').implement({
  description: 'Result of testing a credential.',
  fields: (t) => ({
    ok: t.exposeBoolean('ok', { description: 'True if the provider accepted the credential.' }),
    checked: t.exposeBoolean('checked', {
      description:
        'False if the definition has no test request. `ok` then means that a valid credential could be obtained.',
    }),
    message: t.exposeString('message', {
      description: 'The result for people, with the error message of the provider if it sent one.',
    }),
    providerStatus: t.exposeInt('providerStatus', {
      nullable: true,
      description: 'HTTP status of the response to the test request. Null if none was sent.',
    }),
    records: t.field({
      type: ['JSON'],
      nullable: true,
      description:
        'The first records of the `stream` that was asked for, at most 5, without secrets. Null: none was asked for, or it cannot be read.',
      resolve: ({ records }) => (records == null ? null : [...records]),
    }),
  }),
})

const TestConnectionInput = builder.inputType('TestConnectionInput', {
  description: 'The connection whose credential to test.',
  fields: (t) => ({ connectionId: t.id({ description: CONNECTION_ID }) }),
})

mutation('testConnection', {
  scope: 'EXECUTE',
  description:
    'Sends the test request of the definition with the credential of a connection, which is renewed first if it needs that. A connection that is ERROR becomes ACTIVE if the provider accepts it.',
  input: TestConnectionInput,
  names: ({ connectionId }) => connectionId,
  payload: payloadType<{ connectionId: string; result: TestResult }>('TestConnectionPayload', (t) => ({
    connection: t.field({
      type: ConnectionRef,
      description: 'The connection as it is now.',
      resolve: ({ connectionId }, _args, context) => context.loaders.connection.load(connectionId),
    }),
    result: t.field({
      type: TestResultRef,
      description: 'The result.',
      resolve: ({ result, connectionId }) => ({ ...result, tested: { connectionId } }),
    }),
  })),
  errors: [CredentialRefreshError, ReconnectRequiredError, ProviderError, UnsupportedError],
  async resolve(input, context) {
    const connectionId = decodeGlobalId('Connection', input.connectionId)
    const result = await testConnection(context.services, callerOf(context), connectionId)
    context.loaders.connection.clear(connectionId)
    return { connectionId, result }
  },
})

const TestIntegrationInput = builder.inputType('TestIntegrationInput', {
  description: 'A credential to test. Exactly one of `integration`, `provider` and `definition` must be given.',
  fields: (t) => ({
    workspaceId: t.id({ description: IN_WORKSPACE }),
    integration: t.string({ required: false, description: INTEGRATION_SLUG }),
    provider: t.string({ required: false, description: 'Slug of a provider of the catalogue.' }),
    definition: t.field({
      type: 'JSON',
      required: false,
      description: 'Definition of a service, as `docs/definitions.md` describes it.',
    }),
    credential: t.field({ type: CredentialInput, description: 'The credential to test.' }),
    input: t.field({ type: 'JSON', required: false, description: `${INPUT_VALUES} Default: none.` }),
    stream: t.string({
      required: false,
      description:
        'Name of a stream without a parent, whose first page is read too if the provider accepts the credential. `ok` then means that it could be read. Needs the scope EXECUTE. Not allowed with `authProvider`. Default: none.',
    }),
  }),
})

mutation('testIntegration', {
  scope: 'ADMIN',
  description:
    'Tests a credential without storing it. If the provider rotates refresh tokens, the given refresh token is used up.',
  input: TestIntegrationInput,
  names: ({ workspaceId }) => workspaceId,
  payload: payloadType<{ result: IntegrationTestResult }>('TestIntegrationPayload', (t) => ({
    result: t.field({
      type: TestResultRef,
      description: 'The result.',
      resolve: ({ result }) => ({ ...result, tested: { provider: result.provider } }),
    }),
  })),
  errors: [CredentialRefreshError, ReconnectRequiredError, ProviderError, UnsupportedError],
  resolve: async ({ workspaceId, integration, provider, definition, credential, input, stream }, context) => ({
    result: await testIntegration(context.services, callerOf(context), {
      workspaceId: decodeGlobalId('Workspace', workspaceId),
      integration: integration ?? null,
      provider: provider ?? null,
      definition,
      credential,
      input,
      stream: stream ?? null,
    }),
  }),
})
