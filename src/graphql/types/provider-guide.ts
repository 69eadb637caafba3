import { catalogEntries, findProviderFile } from '../../catalog/catalog.ts'
import { CATEGORIES } from '../../catalog/categories.ts'
import { defaultScopesOf } from '../../catalog/definition/auth-fields.ts'
import type { GuideHint, GuideSteps, ProviderGuide, Words } from '../../catalog/guide.ts'
import { colorOf, logoPathOf } from '../../catalog/logo.ts'
import type { ProviderFile, Source, UnverifiedPart } from '../../catalog/provider-file.ts'
import { tokenFactsOf } from '../../catalog/token-facts.ts'
import { builder } from '../kernel/builder.ts'
import { ProviderRef } from './provider.ts'
import { IntegrationRef } from './refs.ts'
import { LANGUAGE } from './wording.ts'

export type Language = 'EN' | 'DE'

export const LanguageRef = builder.enumType('Language', {
  description: 'A language in which texts for people are available.',
  values: { EN: { description: 'Texts in English.' }, DE: { description: 'Texts in German.' } } as const,
})

export const BOLD = '`**bold**` marks what stands on a button or in a menu.'

export function inLanguage(words: Words, language: Language): string {
  return language === 'DE' ? words.de : words.en
}

/** A part of a guide in one language. */
type Told<T> = T & { language: Language }

const GuideStepsRef = builder.objectRef<Told<GuideSteps>>('GuideSteps').implement({
  description: 'What to do at the provider, in order.',
  fields: (t) => ({
    url: t.exposeString('url', { description: 'URL of the page of the provider at which it begins.' }),
    steps: t.stringList({
      description: `The steps. ${BOLD}`,
      resolve: ({ steps, language }) => steps.map((step) => inLanguage(step, language)),
    }),
  }),
})

const ScopeTextRef = builder.objectRef<{ scope: string; text: string; requested: boolean }>('ScopeText').implement({
  description: 'What a scope allows.',
  fields: (t) => ({
    scope: t.exposeString('scope', { description: 'The scope, as the provider names it.' }),
    text: t.exposeString('text', {
      description: 'What it allows, to follow "This allows Acme to": "read your calendars and events".',
    }),
    requested: t.exposeBoolean('requested', {
      description: 'True if it is requested by default. Others are needed for some actions.',
    }),
  }),
})

const RateLimitTextRef = builder.objectRef<Told<{ words: Words; url: string }>>('RateLimitText').implement({
  description: 'How many requests a provider accepts.',
  fields: (t) => ({
    text: t.string({
      description: 'The documented limit, in words.',
      resolve: ({ words, language }) => inLanguage(words, language),
    }),
    url: t.exposeString('url', { description: 'URL of the page that documents it.' }),
  }),
})

const HINT_PLACES = {
  PROVIDER_PAGE: { description: 'On a page of the provider. Latchkey does not see the error.' },
  CONSENT: { description: 'In the response to the consent of the end user.' },
  TOKEN: { description: 'In a response of the token endpoint, also when a token is renewed.' },
  REQUEST: { description: 'In a response of the API, also to the test request.' },
} as const

const HintPlaceRef = builder.enumType('GuideHintPlace', {
  description: 'Where a provider reports an error.',
  values: HINT_PLACES,
})

const PLACES: Readonly<Record<GuideHint['at'], keyof typeof HINT_PLACES>> = {
  provider_page: 'PROVIDER_PAGE',
  consent: 'CONSENT',
  token: 'TOKEN',
  request: 'REQUEST',
}

const GuideHintRef = builder.objectRef<Told<GuideHint>>('GuideHint').implement({
  description: 'A typical mistake: how the provider reports it, its cause, and what mends it.',
  fields: (t) => ({
    at: t.field({
      type: HintPlaceRef,
      description: 'Where the provider reports it.',
      resolve: ({ at }) => PLACES[at],
    }),
    errors: t.stringList({
      description: 'Error codes of the provider. Empty: the hint does not depend on the code.',
      resolve: ({ errors }) => [...(errors ?? [])],
    }),
    messages: t.stringList({
      description: "Parts of the provider's message. Empty: the hint does not depend on the message.",
      resolve: ({ messages }) => [...(messages ?? [])],
    }),
    statuses: t.intList({
      description: 'HTTP statuses of the response. Empty: the hint does not depend on the status.',
      resolve: ({ statuses }) => [...(statuses ?? [])],
    }),
    cause: t.string({
      description: `What is wrong. ${BOLD}`,
      resolve: ({ cause, language }) => inLanguage(cause, language),
    }),
    remedy: t.string({
      description: `What an operator of the product does about it. ${BOLD}`,
      resolve: ({ operator, language }) => inLanguage(operator, language),
    }),
    person: t.string({
      nullable: true,
      description: `What the person who connects does about it. Null: only an operator can mend it. ${BOLD}`,
      resolve: ({ person, language }) => (person === undefined ? null : inLanguage(person, language)),
    }),
    url: t.string({
      nullable: true,
      description: 'URL of a page of the provider that describes the error. Null: none.',
      resolve: ({ url }) => url ?? null,
    }),
  }),
})

const PARTS = {
  app: 'APP',
  webhook: 'WEBHOOK',
  key: 'KEY',
  scopes: 'SCOPES',
  rateLimit: 'RATE_LIMIT',
  hints: 'HINTS',
  tokens: 'TOKENS',
  streams: 'STREAMS',
  actions: 'ACTIONS',
} as const satisfies Record<UnverifiedPart, string>

const GuidePartRef = builder.enumType('GuidePart', {
  description: 'A part of a guide.',
  values: {
    APP: { description: 'How the OAuth client is made.' },
    WEBHOOK: { description: 'How webhooks are registered.' },
    KEY: { description: 'Where a key or token is found.' },
    SCOPES: { description: 'What scopes allow.' },
    RATE_LIMIT: { description: 'How many requests are accepted.' },
    HINTS: { description: 'Typical mistakes.' },
    TOKENS: { description: 'How long tokens live, and whether refresh tokens rotate.' },
    STREAMS: { description: 'What can be read.' },
    ACTIONS: { description: 'What can be done.' },
  } as const,
})

interface ShownGuide extends ProviderGuide {
  language: Language
  file: ProviderFile
}

const steps = (guide: ShownGuide, part: 'app' | 'webhook' | 'key') => {
  const found = guide[part]
  return found === undefined ? null : { ...found, language: guide.language }
}

const GuideSourceRef = builder.objectRef<Source>('GuideSource').implement({
  description: 'A public page that the facts of a guide are taken from.',
  fields: (t) => ({
    url: t.exposeString('url', { description: 'URL of the page.' }),
    readOn: t.exposeString('read', { description: 'Date on which it was read, such as `2026-11-29`.' }),
    isSecond: t.boolean({
      description: "True if it is not the provider's own: the facts were checked against it.",
      resolve: ({ second }) => second === true,
    }),
    differs: t.string({
      nullable: true,
      description: "Where it contradicts the provider's documentation, which the guide follows. Null: nowhere.",
      resolve: ({ differs }) => differs ?? null,
    }),
  }),
})

const ProviderGuideRef = builder.objectRef<ShownGuide>('ProviderGuide').implement({
  description:
    'What people need to know about a provider: how its app is set up, what its scopes allow, and what goes wrong. Taken from its documentation.',
  fields: (t) => ({
    readOn: t.string({
      nullable: true,
      description:
        'Date on which the documentation was last read, such as `2026-11-29`. Null for the sandbox, which has none.',
      resolve: ({ file }) =>
        file.sources
          .map(({ read }) => read)
          .sort()
          .at(-1) ?? null,
    }),
    sources: t.stringList({
      description: 'URLs of the documentation that the guide is taken from.',
      resolve: ({ file }) => file.sources.map(({ url }) => url),
    }),
    pages: t.field({
      type: [GuideSourceRef],
      description: 'The pages of `sources`, with the date on which each was read.',
      resolve: ({ file }) => [...file.sources],
    }),
    tokens: t.stringList({
      description: 'How long tokens live, whether refresh tokens rotate, and what ends them. Empty: nothing is known.',
      resolve: ({ file, tokens, language }) =>
        [...tokenFactsOf(file.definition.auth), ...(tokens === undefined ? [] : [tokens])].map((words) =>
          inLanguage(words, language),
        ),
    }),
    events: t.stringList({
      description:
        'Events that the webhook receives, as the provider names them. `invitee.*` stands for all that begin so. Empty: there is no webhook.',
      resolve: ({ events }) => [...(events ?? [])],
    }),
    traps: t.stringList({
      description: `What surprises people who work with the API. ${BOLD}`,
      resolve: ({ traps, language }) => (traps ?? []).map((words) => inLanguage(words, language)),
    }),
    unverified: t.field({
      type: [GuidePartRef],
      description: 'Parts of the guide that no documentation confirms. Empty: all of it is confirmed.',
      resolve: ({ file }) => (file.unverified ?? []).map((part) => PARTS[part]),
    }),
    app: t.field({
      type: GuideStepsRef,
      nullable: true,
      description: 'How the OAuth client is made. Null for providers without one.',
      resolve: (guide) => steps(guide, 'app'),
    }),
    webhook: t.field({
      type: GuideStepsRef,
      nullable: true,
      description: 'How webhooks are registered. Null where no person does it.',
      resolve: (guide) => steps(guide, 'webhook'),
    }),
    key: t.field({
      type: GuideStepsRef,
      nullable: true,
      description: 'Where a person finds the key or token. Null for providers that only have OAuth.',
      resolve: (guide) => steps(guide, 'key'),
    }),
    scopes: t.field({
      type: [ScopeTextRef],
      description: 'What scopes allow. Those that are requested by default come first.',
      resolve: ({ scopes, file, language }) => {
        const requested = defaultScopesOf(file.definition.auth)
        return Object.entries(scopes)
          .map(([scope, words]) => ({
            scope,
            text: inLanguage(words, language),
            requested: requested.includes(scope),
          }))
          .toSorted((a, b) => Number(b.requested) - Number(a.requested))
      },
    }),
    rateLimit: t.field({
      type: RateLimitTextRef,
      nullable: true,
      description: 'How many requests the provider accepts. Null: it does not document a limit.',
      resolve: ({ rateLimit, language }) => (rateLimit === null ? null : { ...rateLimit, language }),
    }),
    hints: t.field({
      type: [GuideHintRef],
      description: 'Typical mistakes.',
      resolve: ({ hints, language }) => hints.map((hint) => ({ ...hint, language })),
    }),
  }),
})

const LOGO_URL = 'URL of the logo, an SVG image. It changes with the image. Show it on a light ground.'
const COLOR = 'Colour of the brand, as `#4a154b`.'

builder.objectFields(ProviderRef, (t) => ({
  logoUrl: t.string({
    nullable: true,
    description: `${LOGO_URL} Null: there is none.`,
    resolve: ({ slug }, _args, { services }) => logoUrlOf(slug, services.publicUrl),
  }),
  color: t.string({
    nullable: true,
    description: `${COLOR} Null: not known.`,
    resolve: ({ slug }) => colorOf(slug),
  }),
  guide: t.field({
    type: ProviderGuideRef,
    nullable: true,
    description: 'How its app is set up, what its scopes allow, and what goes wrong. Null: there is no guide.',
    args: { language: t.arg({ type: LanguageRef, defaultValue: 'EN', description: LANGUAGE }) },
    resolve: ({ slug }, { language }) => {
      const file = findProviderFile(slug)
      return file === null ? null : { ...file.guide, language, file }
    },
  }),
}))

builder.prismaObjectFields(IntegrationRef, (t) => ({
  logoUrl: t.string({
    nullable: true,
    description: `${LOGO_URL} Null: the provider has none, or the integration has the workspace's own definition.`,
    resolve: ({ provider }, _args, { services }) => logoUrlOf(provider, services.publicUrl),
  }),
  color: t.string({
    nullable: true,
    description: `${COLOR} Null for an integration with the workspace's own definition.`,
    resolve: ({ provider }) => colorOf(provider),
  }),
}))

function logoUrlOf(provider: string | null, publicUrl: string): string | null {
  const path = logoPathOf(provider)
  return path === null ? null : `${publicUrl}${path}`
}

const ProviderCategoryRef = builder
  .objectRef<{ slug: string; text: string; count: number }>('ProviderCategory')
  .implement({
    description: 'A category of the catalogue.',
    fields: (t) => ({
      slug: t.exposeString('slug', { description: 'The category, as in `Provider.categories`.' }),
      text: t.exposeString('text', { description: 'Name of the category for people.' }),
      count: t.exposeInt('count', { description: 'How many providers have it.' }),
    }),
  })

builder.queryField('providerCategories', (t) =>
  t.field({
    type: [ProviderCategoryRef],
    description: 'The categories that providers of the catalogue have, in the order of display.',
    args: { language: t.arg({ type: LanguageRef, defaultValue: 'EN', description: LANGUAGE }) },
    resolve: (_root, { language }, { services }) => {
      const used = catalogEntries(services).flatMap(({ categories }) => categories)
      return Object.entries(CATEGORIES)
        .map(([slug, words]) => ({
          slug,
          text: inLanguage(words, language),
          count: used.filter((category) => category === slug).length,
        }))
        .filter(({ count }) => count > 0)
    },
  }),
)
