import { inputFieldsOf } from '../../auth/check-fields.ts'
import type { CustomStrategies } from '../../auth/custom/custom-strategy.ts'
import { authTypeOf, describeAuth } from '../../auth/describe-auth.ts'
import type { AuthTypeName, CredentialDescription, GrantName } from '../../auth/strategy.ts'
import { catalogEntries, findEntry, providerDefinition } from '../../catalog/catalog.ts'
import type { IntegrationDefinition } from '../../catalog/definition/definition.ts'
import type { StreamDefinition } from '../../catalog/definition/stream.ts'
import type { CatalogEntry } from '../../catalog/provider-file.ts'
import { searchCatalog } from '../../catalog/search.ts'
import { InvalidInputError } from '../../kit/errors.ts'
import type { CredentialField } from '../../wire/credential-fields.ts'
import { builder } from '../kernel/builder.ts'
import { checkFirst, toPage } from '../kernel/page.ts'
import { pageArgs, pageType } from '../kernel/page-type.ts'

const SyncModeRef = builder.enumType('SyncMode', {
  description: 'How a sync job can read a stream.',
  values: {
    FULL_REFRESH: { description: 'Reads all records. Records that the source no longer has are marked as deleted.' },
    INCREMENTAL: { description: 'Reads the records that changed since the stored cursor.' },
  },
})

export const StreamRef = builder.objectRef<StreamDefinition>('Stream').implement({
  description: 'One kind of record that an integration can read, such as contacts.',
  fields: (t) => ({
    name: t.exposeString('name', { description: 'Name of the stream, unique in its definition.' }),
    primaryKey: t.stringList({
      description:
        'Paths of the fields that identify a record, with dots for nested fields. Empty: a record is identified by its content, or by its key in an object of records.',
      resolve: ({ primaryKey }) => (primaryKey ?? []).map((path) => path.join('.')),
    }),
    cursorField: t.string({
      nullable: true,
      description:
        'Path of the field whose highest value is the cursor of incremental reads, with dots for nested fields. Null: full refresh only, or a change feed.',
      resolve: ({ incremental }) => incremental?.cursorField?.join('.') ?? null,
    }),
    syncModes: t.field({
      type: [SyncModeRef],
      description: 'How a sync job can read the stream.',
      resolve: ({ incremental }) =>
        incremental === undefined ? (['FULL_REFRESH'] as const) : (['FULL_REFRESH', 'INCREMENTAL'] as const),
    }),
  }),
})

export const BASE_URL =
  'URL that the paths of requests are appended to. A template if it contains `{{ }}`, filled in with the values of the connection.'

/** Lists answer from the index of the catalogue. The other fields load the file of the provider. */
export const ProviderRef = builder.objectRef<CatalogEntry>('Provider').implement({
  description: 'A third-party service of the catalogue: how it authenticates, its base URL and its streams.',
  fields: (t) => ({
    slug: t.exposeString('slug', { description: 'Short name for lookups, unique in the catalogue.' }),
    displayName: t.exposeString('displayName', { description: 'Name of the provider for people.' }),
    categories: t.stringList({
      description: 'Categories of the provider, such as `crm`.',
      resolve: ({ categories }) => [...categories],
    }),
    aliases: t.stringList({
      description: 'What people also call the provider. `providers` finds it by them.',
      resolve: ({ aliases }) => [...aliases],
    }),
    authType: t.field({
      type: AuthTypeRef,
      description: 'How requests are authenticated, as `auth.type` without the rest.',
      resolve: ({ auth }) => authTypeOf({ type: auth }),
    }),
    auth: t.field({
      type: AuthDefinitionRef,
      description: 'How requests are authenticated, and what has to be supplied to connect.',
      resolve: ({ slug }, _args, { services }) =>
        authDefinitionOf(providerDefinition(slug), false, services.customStrategies),
    }),
    baseUrl: t.string({ description: BASE_URL, resolve: ({ slug }) => providerDefinition(slug).baseUrl }),
    docsUrl: t.string({
      nullable: true,
      description: 'URL of the API documentation of the provider. Null: not known.',
      resolve: ({ slug }) => providerDefinition(slug).docsUrl ?? null,
    }),
    streams: t.field({
      type: [StreamRef],
      description: 'The streams that a sync job can read. Empty: there is nothing to sync.',
      resolve: ({ slug }) => providerDefinition(slug).streams ?? [],
    }),
  }),
})

const ProvidersPage = pageType('QueryProvidersPage', 'providers of the catalogue', ProviderRef)

builder.queryFields((t) => ({
  providers: t.field({
    type: ProvidersPage,
    description: 'Providers of the catalogue, ordered by slug, or by how well they match `search`.',
    args: {
      ...pageArgs(
        t.arg,
        'Return the providers behind this cursor, which is a slug. A slug that is not in the list is INVALID_INPUT. Default: from the start.',
      ),
      search: t.arg.string({
        required: false,
        description:
          'Return the providers that people mean by this text, the best matches first: by name, alias (such as `gdrive`) or category, without regard to case, spaces and punctuation, and by misspelt names if there is no other match. Default: all.',
      }),
      category: t.arg.string({
        required: false,
        description: 'Return the providers with this category, as `providerCategories` names it. Default: all.',
      }),
      authType: t.arg({
        type: AuthTypeRef,
        required: false,
        description: 'Return the providers with this type of authentication. Default: all.',
      }),
    },
    resolve: (_root, { search, category, authType, first, after }, { services }) => {
      const count = checkFirst(first)
      const offered = catalogEntries(services)
        .filter(
          ({ categories, auth }) =>
            (authType == null || authTypeOf({ type: auth }) === authType) &&
            (category == null || categories.includes(category)),
        )
        .toSorted((a, b) => (a.slug < b.slug ? -1 : 1))
      const matching = searchCatalog(offered, search ?? '')
      const start = after == null ? 0 : matching.findIndex(({ slug }) => slug === after) + 1
      if (after != null && start === 0) throw notACursor()
      const rest = matching.slice(start)
      return toPage(
        rest,
        count,
        after,
        ({ slug }) => slug,
        async () => matching.length,
      )
    },
  }),
  provider: t.field({
    type: ProviderRef,
    nullable: true,
    description: 'The provider of the catalogue with this slug. Null if there is none.',
    args: { slug: t.arg.string({ description: 'Slug of the provider.' }) },
    resolve: (_root, { slug }, { services }) => findEntry(slug, services),
  }),
}))

function notACursor(): InvalidInputError {
  return new InvalidInputError([{ path: ['after'], message: 'Not a cursor of this list: it has no such slug.' }])
}

const AUTH_TYPES = {
  NONE: { description: 'No authentication.' },
  BASIC: { description: 'HTTP Basic authentication with user name and password (RFC 7617).' },
  BEARER: { description: 'A fixed bearer token (RFC 6750).' },
  API_KEY: { description: 'A fixed key in a header, query parameter, cookie or body field.' },
  OAUTH2: { description: 'OAuth 2.0 access tokens, renewed where the provider allows it.' },
  SESSION_TOKEN: { description: 'A token that a login request returns, renewed by logging in again.' },
  JWT: { description: 'A JSON Web Token that Latchkey signs itself (RFC 7519).' },
  SIGNATURE: { description: 'Every request is signed: AWS Signature Version 4 or an HMAC.' },
  OAUTH1: { description: 'OAuth 1.0a: every request is signed (RFC 5849).' },
  SELECTIVE: { description: 'One of several ways, chosen when connecting. See `AuthDefinition.options`.' },
  AUTH_PROVIDER: { description: 'An auth provider holds the credential. No definition has this type.' },
  CUSTOM: { description: 'A strategy that this deployment adds.' },
} as const satisfies Record<AuthTypeName, object>

export const AuthTypeRef = builder.enumType('AuthType', {
  description: 'How requests to a third-party service are authenticated.',
  values: AUTH_TYPES,
})

const GRANTS = {
  AUTHORIZATION_CODE: { description: "The end user consents on the provider's page (RFC 6749 section 4.1)." },
  REFRESH_TOKEN: { description: 'A refresh token is supplied, and there is no consent page (RFC 6749 section 6).' },
  CLIENT_CREDENTIALS: { description: 'A client id and client secret are supplied (RFC 6749 section 4.4).' },
  JWT_BEARER: { description: 'A signed assertion is exchanged for a token (RFC 7523).' },
  CUSTOM: { description: "The provider's own grant type, named in the definition." },
} as const satisfies Record<GrantName, object>

const OAuth2GrantRef = builder.enumType('OAuth2Grant', {
  description: 'How an OAuth 2.0 access token is obtained.',
  values: GRANTS,
})

const FieldChoiceRef = builder.objectRef<{ value: string; label: string }>('FieldChoice').implement({
  description: 'One of the values that a field may have.',
  fields: (t) => ({
    value: t.exposeString('value', { description: 'The value to supply.' }),
    label: t.exposeString('label', { description: 'What people read.' }),
  }),
})

const CredentialFieldRef = builder.objectRef<CredentialField>('CredentialField').implement({
  description: 'One value that has to be supplied to connect, as a form can show it.',
  fields: (t) => ({
    name: t.exposeString('name', { description: 'Key of the value in `CredentialInput.fields` or in `input`.' }),
    label: t.exposeString('label', { description: 'Label for people.' }),
    description: t.string({
      nullable: true,
      description: 'Explanation for people. Null: none.',
      resolve: (field) => field.description ?? null,
    }),
    secret: t.exposeBoolean('secret', { description: 'True if the value is secret: a form must not show it.' }),
    required: t.exposeBoolean('required', { description: 'True if the value must be given.' }),
    multiline: t.exposeBoolean('multiline', {
      description: 'True if the value is a PEM text of a client certificate: a form needs a text area.',
    }),
    pattern: t.string({
      nullable: true,
      description: 'Regular expression that the value must match. Null: any value.',
      resolve: (field) => field.pattern ?? null,
    }),
    example: t.string({
      nullable: true,
      description: 'Example of a value. Null: none.',
      resolve: (field) => field.example ?? null,
    }),
    choices: t.field({
      type: [FieldChoiceRef],
      description: 'The values to choose from. Empty: the value is free.',
      resolve: (field) => field.choices ?? [],
    }),
  }),
})

/** How a service authenticates, with the fields of its definition that are not secret. */
interface DescribedAuth {
  auth: CredentialDescription
  inputFields: readonly CredentialField[]
}

/** @param hasOAuthClient true if the integration has an OAuth client, so that a connection does not supply one */
export function authDefinitionOf(
  definition: IntegrationDefinition,
  hasOAuthClient: boolean,
  customStrategies: CustomStrategies,
): DescribedAuth {
  return {
    auth: describeAuth(definition.auth, { hasOAuthClient }, customStrategies),
    inputFields: inputFieldsOf(definition),
  }
}

export const AuthDefinitionRef = builder.objectRef<DescribedAuth>('AuthDefinition')

const AuthOptionRef = builder.objectRef<{ key: string; label: string; auth: DescribedAuth }>('AuthOption').implement({
  description: 'One of the ways of an authentication of type SELECTIVE.',
  fields: (t) => ({
    key: t.exposeString('key', { description: 'Value of the credential field `auth_method` that selects this way.' }),
    label: t.exposeString('label', { description: 'Label for people.' }),
    auth: t.expose('auth', { type: AuthDefinitionRef, description: 'What this way needs.' }),
  }),
})

AuthDefinitionRef.implement({
  description:
    'How a service authenticates and what has to be supplied to connect. Credentials are validated against the same fields.',
  fields: (t) => ({
    type: t.field({
      type: AuthTypeRef,
      description: 'How requests are authenticated.',
      resolve: ({ auth }) => auth.type,
    }),
    grant: t.field({
      type: OAuth2GrantRef,
      nullable: true,
      description: 'How the access token is obtained. Null for types other than OAUTH2.',
      resolve: ({ auth }) => auth.grant ?? null,
    }),
    scopes: t.stringList({
      description: 'OAuth scopes that are requested by default. Empty for types other than OAUTH2.',
      resolve: ({ auth }) => [...auth.scopes],
    }),
    credentialFields: t.field({
      type: [CredentialFieldRef],
      description: 'Values of the credential. Pass them as `CredentialInput.fields`.',
      resolve: ({ auth }) => [...auth.credentialFields],
    }),
    inputFields: t.field({
      type: [CredentialFieldRef],
      description: 'Values that are not secret, such as a subdomain or region. Pass them as `input`.',
      resolve: ({ inputFields }) => [...inputFields],
    }),
    options: t.field({
      type: [AuthOptionRef],
      description: 'The ways to choose from. Empty for types other than SELECTIVE.',
      resolve: ({ auth, inputFields }) =>
        auth.options.map((option) => ({ ...option, auth: { auth: option.auth, inputFields } })),
    }),
  }),
})
