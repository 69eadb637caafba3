import { inputFieldsOf } from '../../auth/check-fields.ts'
import type { CustomStrategies } from '../../auth/custom/custom-strategy.ts'
import { authTypeOf, describeAuth as describeAuthOf } from '../../auth/describe-auth.ts'
import type { AuthTypeName, CredentialDescription, GrantName } from '../../auth/strategy.ts'
import { catalogEntries, findCatalogEntry } from '../../catalog/catalog.ts'
import type { IntegrationDefinition, Provider } from '../../catalog/definition/definition.ts'
import type { StreamDefinition } from '../../catalog/definition/stream.ts'
import { InvalidInputError } from '../../kit/errors.ts'
import type { CredentialField } from '../../wire/credential-fields.ts'
import { builder } from '../kernel/builder.ts'
import { checkFirst, toPage } from '../kernel/page.ts'
import { pageType } from '../kernel/page-type.ts'

const SyncModeRef = builder.enumType('SyncMode', { values: ['FULL_REFRESH', 'INCREMENTAL'] as const })

export const StreamRef = builder.objectRef<StreamDefinition>('Stream').implement({
  fields: (t) => ({
    name: t.exposeString('name'),
    primaryKey: t.stringList({ resolve: ({ primaryKey }) => primaryKey.map((path) => path.join('.')) }),
    cursorField: t.string({ nullable: true, resolve: ({ incremental }) => incremental?.cursorField.join('.') ?? null }),
    syncModes: t.field({
      type: [SyncModeRef],
      resolve: ({ incremental }) =>
        incremental === undefined ? (['FULL_REFRESH'] as const) : (['FULL_REFRESH', 'INCREMENTAL'] as const),
    }),
  }),
})

export function describeProviderAuth(
  definition: IntegrationDefinition,
  hasOAuthClient: boolean,
  customStrategies: CustomStrategies,
): DescribedAuth {
  return {
    auth: describeAuthOf(definition.auth, { hasOAuthClient }, customStrategies),
    inputFields: inputFieldsOf(definition),
  }
}

export const ProviderRef = builder.objectRef<Provider>('Provider').implement({
  fields: (t) => ({
    slug: t.exposeString('slug'),
    displayName: t.string({ resolve: ({ definition }) => definition.displayName }),
    categories: t.stringList({ resolve: ({ definition }) => definition.categories ?? [] }),
    auth: t.field({
      type: AuthDefinitionRef,
      resolve: ({ definition }, _args, { services }) =>
        describeProviderAuth(definition, false, services.customStrategies),
    }),
    baseUrl: t.string({ resolve: ({ definition }) => definition.baseUrl }),
    docsUrl: t.string({ nullable: true, resolve: ({ definition }) => definition.docsUrl ?? null }),
    streams: t.field({ type: [StreamRef], resolve: ({ definition }) => definition.streams ?? [] }),
  }),
})

const ProvidersPage = pageType<Provider>('QueryProvidersPage', ProviderRef)

builder.queryFields((t) => ({
  providers: t.field({
    type: ProvidersPage,
    description: 'The catalogue, by slug.',
    args: {
      search: t.arg.string({ required: false, description: 'Part of the slug, the name or a category, in any case.' }),
      authType: t.arg({ type: AuthTypeRef, required: false }),
      first: t.arg.int({ required: false }),
      after: t.arg.string({ required: false, description: 'The cursor is the slug.' }),
    },
    resolve: (_root, { search, authType, first, after }, { services }) => {
      const count = checkFirst(first)
      if (after != null && findCatalogEntry(after, services) === null) {
        throw new InvalidInputError([{ path: ['after'], message: 'This is no cursor of this list.' }])
      }
      const word = (search ?? '').toLowerCase()
      const matching = catalogEntries(services)
        .filter(
          ({ slug, definition }) =>
            (authType == null || authTypeOf(definition.auth) === authType) &&
            [slug, definition.displayName, ...(definition.categories ?? [])].some((text) =>
              text.toLowerCase().includes(word),
            ),
        )
        .toSorted((a, b) => (a.slug < b.slug ? -1 : 1))
      const rest = matching.filter(({ slug }) => after == null || slug > after)
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
    args: { slug: t.arg.string() },
    resolve: (_root, { slug }, { services }) => findCatalogEntry(slug, services),
  }),
}))

const AUTH_TYPES = [
  'NONE',
  'BASIC',
  'BEARER',
  'API_KEY',
  'OAUTH2',
  'SESSION_TOKEN',
  'JWT',
  'SIGNATURE',
  'OAUTH1',
  'SELECTIVE',
  'AUTH_PROVIDER',
  'CUSTOM',
] as const satisfies readonly AuthTypeName[]

export const AuthTypeRef = builder.enumType('AuthType', { values: AUTH_TYPES })

const GRANTS = [
  'AUTHORIZATION_CODE',
  'REFRESH_TOKEN',
  'CLIENT_CREDENTIALS',
  'JWT_BEARER',
  'CUSTOM',
] as const satisfies readonly GrantName[]

const OAuth2GrantRef = builder.enumType('OAuth2Grant', { values: GRANTS })

const CredentialFieldRef = builder.objectRef<CredentialField>('CredentialField').implement({
  fields: (t) => ({
    name: t.exposeString('name'),
    label: t.exposeString('label'),
    description: t.string({ nullable: true, resolve: (field) => field.description ?? null }),
    secret: t.exposeBoolean('secret'),
    required: t.exposeBoolean('required'),
    pattern: t.string({ nullable: true, resolve: (field) => field.pattern ?? null }),
    example: t.string({ nullable: true, resolve: (field) => field.example ?? null }),
  }),
})

/** A description of how to authenticate, with the fields of the definition that are not secret. */
interface DescribedAuth {
  auth: CredentialDescription
  inputFields: readonly CredentialField[]
}

export const AuthDefinitionRef = builder.objectRef<DescribedAuth>('AuthDefinition')

const AuthOptionRef = builder.objectRef<{ key: string; label: string; auth: DescribedAuth }>('AuthOption').implement({
  fields: (t) => ({
    key: t.exposeString('key'),
    label: t.exposeString('label'),
    auth: t.expose('auth', { type: AuthDefinitionRef }),
  }),
})

AuthDefinitionRef.implement({
  description: 'What a form, a typed client or a person needs to supply a credential; the same list validates it.',
  fields: (t) => ({
    type: t.field({ type: AuthTypeRef, resolve: ({ auth }) => auth.type }),
    grant: t.field({ type: OAuth2GrantRef, nullable: true, resolve: ({ auth }) => auth.grant ?? null }),
    scopes: t.stringList({ resolve: ({ auth }) => [...auth.scopes] }),
    credentialFields: t.field({ type: [CredentialFieldRef], resolve: ({ auth }) => [...auth.credentialFields] }),
    inputFields: t.field({ type: [CredentialFieldRef], resolve: ({ inputFields }) => [...inputFields] }),
    options: t.field({
      type: [AuthOptionRef],
      resolve: ({ auth, inputFields }) =>
        auth.options.map((option) => ({ ...option, auth: { auth: option.auth, inputFields } })),
    }),
  }),
})
