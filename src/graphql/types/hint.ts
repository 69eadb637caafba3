import { findGuide } from '../../catalog/catalog.ts'
import type { GuideHint, ProviderGuide } from '../../catalog/guide.ts'
import { matchHint } from '../../catalog/match-hint.ts'
import { connectionHint, syncHint } from '../../connections/connection-hint.ts'
import type { StoredRefreshError } from '../../credentials/credential-store.ts'
import type { SyncError } from '../../sync/jobs/sync-error.ts'
import { builder } from '../kernel/builder.ts'
import { callerOf, type GraphQLContext } from '../kernel/context.ts'
import { type Loaders, nullIfGone } from '../kernel/loaders.ts'
import { TestResultRef } from './credential.ts'
import { BOLD, inLanguage, type Language, LanguageRef } from './provider-guide.ts'
import { ConnectionRef } from './refs.ts'
import { SyncErrorRef } from './sync-job.ts'
import { LANGUAGE } from './wording.ts'

interface ShownHint {
  cause: string
  remedy: string
  url: string | null
}

const ConnectionHintRef = builder.objectRef<ShownHint>('ConnectionHint').implement({
  description: 'What the guide of a provider says about an error (`Provider.guide`).',
  fields: (t) => ({
    cause: t.exposeString('cause', { description: `What is wrong. ${BOLD}` }),
    remedy: t.exposeString('remedy', {
      description: `What to do: for an operator of the product, or for the end user where the caller acts for one. ${BOLD}`,
    }),
    url: t.exposeString('url', {
      nullable: true,
      description: 'URL of a page of the provider that describes the error. Null: none.',
    }),
  }),
})

/** A hint in the words for the caller. Null: there is none, or only an operator can do something. */
function shown(hint: GuideHint | null, language: Language, context: GraphQLContext): ShownHint | null {
  if (hint === null) return null
  const remedy = callerOf(context).endUserId === null ? hint.operator : hint.person
  if (remedy === undefined) return null
  return { cause: inLanguage(hint.cause, language), remedy: inLanguage(remedy, language), url: hint.url ?? null }
}

const NO_HINT =
  'Null: the guide says nothing about the error, or the caller acts for an end user and only an operator can mend it.'

builder.prismaObjectField(ConnectionRef, 'hint', (t) =>
  t.field({
    type: ConnectionHintRef,
    nullable: true,
    description: `What to do about the last error of the connection: of its newest OAuth flow, its last renewal, its status, or its newest sync job. ${NO_HINT}`,
    args: { language: t.arg({ type: LanguageRef, defaultValue: 'EN', description: LANGUAGE }) },
    resolve: async ({ id, integrationId, statusReason }, { language }, context) => {
      const { loaders } = context
      const guide = guideOf((await loaders.integration.load(integrationId)).provider)
      if (guide === null) return null
      const [flow, credential, job] = await Promise.all([
        loaders.flowError.load(id),
        loaders.credential.load(id),
        loaders.latestSyncJob.load(id),
      ])
      // Both are written in this shape.
      const refresh = (credential?.lastError ?? null) as StoredRefreshError | null
      const sync = (job?.error ?? null) as SyncError | null
      return shown(connectionHint(guide, { flow, refresh, statusReason, sync }), language, context)
    },
  }),
)

builder.objectField(SyncErrorRef, 'hint', (t) =>
  t.field({
    type: ConnectionHintRef,
    nullable: true,
    description: `What to do about the error. ${NO_HINT}`,
    args: { language: t.arg({ type: LanguageRef, defaultValue: 'EN', description: LANGUAGE }) },
    resolve: async ({ connectionId, ...error }, { language }, context) => {
      const guide = connectionId === null ? null : await guideOfConnection(connectionId, context.loaders)
      return guide === null ? null : shown(syncHint(guide, error), language, context)
    },
  }),
)

builder.objectField(TestResultRef, 'hint', (t) =>
  t.field({
    type: ConnectionHintRef,
    nullable: true,
    description: `What to do about the response of the provider. Null if \`ok\`. ${NO_HINT}`,
    args: { language: t.arg({ type: LanguageRef, defaultValue: 'EN', description: LANGUAGE }) },
    resolve: async ({ ok, providerCode, providerMessage, providerStatus: status, tested }, { language }, context) => {
      if (ok) return null
      const guide =
        'provider' in tested ? guideOf(tested.provider) : await guideOfConnection(tested.connectionId, context.loaders)
      return shown(
        matchHint(guide, { at: 'request', error: providerCode, message: providerMessage, status }),
        language,
        context,
      )
    },
  }),
)

function guideOf(provider: string | null): ProviderGuide | null {
  return provider === null ? null : findGuide(provider)
}

/** Null: its provider has none, or the connection was deleted. */
async function guideOfConnection(connectionId: string, { connection, integration }: Loaders) {
  const found = await nullIfGone(connection.load(connectionId))
  return found === null ? null : guideOf((await integration.load(found.integrationId)).provider)
}
