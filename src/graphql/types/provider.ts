import { authTypeOf } from '../../auth/auth-type.ts'
import { inputFieldsOf } from '../../auth/check-input.ts'
import type { CustomStrategies } from '../../auth/custom/custom-strategy.ts'
import { describeAuth as describeAuthOf } from '../../auth/describe-auth.ts'
import { findOffered, offeredProviders, type Provider } from '../../catalog/catalog.ts'
import type { IntegrationDefinition } from '../../catalog/definition/definition.ts'
import type { StreamDefinition } from '../../catalog/definition/stream.ts'
import { InvalidInputError } from '../../kit/errors.ts'
import { builder } from '../kernel/builder.ts'
import { checkFirst, pageType, toPage } from '../kernel/page.ts'
import { AuthDefinitionRef, AuthTypeRef, type DescribedAuth } from './auth-definition.ts'

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

export function describeAuth(
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
      resolve: ({ definition }, _args, { services }) => describeAuth(definition, false, services.customStrategies),
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
      if (after != null && findOffered(after, services) === null) {
        throw new InvalidInputError([{ path: ['after'], message: 'This is no cursor of this list.' }])
      }
      const word = (search ?? '').toLowerCase()
      const matching = offeredProviders(services)
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
    resolve: (_root, { slug }, { services }) => findOffered(slug, services),
  }),
}))
