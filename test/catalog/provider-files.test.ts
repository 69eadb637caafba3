import { readdir } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { describe, expect, it } from 'vitest'
import { loadProviderFiles } from '../../scripts/provider-files.ts'
import { findGuide, findProviderFile } from '../../src/catalog/catalog.ts'
import { CATEGORIES } from '../../src/catalog/categories.ts'
import { type Auth, waysOf } from '../../src/catalog/definition/auth.ts'
import { defaultScopesOf } from '../../src/catalog/definition/auth-fields.ts'
import type { IntegrationDefinition } from '../../src/catalog/definition/definition.ts'
import type { Field } from '../../src/catalog/definition/field.ts'
import { CATALOG_INDEX } from '../../src/catalog/generated/catalog-index.ts'
import type { GuideHint, ProviderGuide, Words } from '../../src/catalog/guide.ts'
import { matchHint } from '../../src/catalog/match-hint.ts'
import { UNVERIFIED_PARTS, type UnverifiedPart } from '../../src/catalog/provider-file.ts'
import { SANDBOX_SLUG, sandboxFile } from '../../src/catalog/sandbox-provider.ts'

const PROVIDERS = await loadProviderFiles()

const require = createRequire(import.meta.url)
const sandbox = { slug: SANDBOX_SLUG, definition: sandboxFile().definition, file: sandboxFile() }
const CATALOGUE = [...PROVIDERS, sandbox].toSorted((a, b) => (a.slug < b.slug ? -1 : 1))
/** Labels that the pages translate for every definition. */
const USUAL_LABELS = ['API key', 'Token', 'User name', 'Password']

const written = CATALOGUE.map((provider) => ({ ...provider, guide: provider.file.guide }))

const hasConsent = (auth: Auth) => auth.type === 'oauth2' && auth.grant === 'authorization_code'

/** The scopes that are requested by default, and those that actions need. */
function scopesOf({ auth, actions = [] }: IntegrationDefinition): string[] {
  return [...new Set([...defaultScopesOf(auth), ...actions.flatMap(({ scopes = [] }) => scopes)])]
}

/** The fields that a definition writes itself. */
function fieldsOf({ auth, inputFields = [] }: IntegrationDefinition): Field[] {
  return [...inputFields, ...waysOf(auth).flatMap((way) => ('fields' in way ? (way.fields ?? []) : []))]
}

/** Every text of a guide, with its place. */
function* wordsOf(guide: ProviderGuide): Generator<[string, Words]> {
  for (const part of ['app', 'webhook', 'key'] as const) {
    for (const [index, step] of (guide[part]?.steps ?? []).entries()) yield [`${part}.steps.${index}`, step]
  }
  for (const [scope, words] of Object.entries(guide.scopes)) yield [`scopes.${scope}`, words]
  if (guide.rateLimit !== null) yield ['rateLimit', guide.rateLimit.words]
  for (const [index, { cause, operator, person }] of guide.hints.entries()) {
    yield [`hints.${index}.cause`, cause]
    yield [`hints.${index}.operator`, operator]
    if (person !== undefined) yield [`hints.${index}.person`, person]
  }
}

/** Bold marks come in pairs, close to the text between them. */
function isWellMarked(text: string): boolean {
  const parts = text.split('**')
  return (
    parts.length % 2 === 1 && parts.every((part, index) => index % 2 === 0 || (part !== '' && part.trim() === part))
  )
}

/** The places of the texts for which the condition holds. */
const placesWhere = (guide: ProviderGuide, condition: (words: Words, place: string) => boolean) =>
  [...wordsOf(guide)].filter(([place, words]) => condition(words, place)).map(([place]) => place)

/** Every error that a hint describes: one for each combination of its conditions. */
function reportsOf({ at, errors, messages, statuses }: GuideHint) {
  if (at === 'provider_page') return []
  return (errors ?? [undefined]).flatMap((error) =>
    (messages ?? [undefined]).flatMap((message) =>
      (statuses ?? [undefined]).map((status) => ({ at, error, message, status })),
    ),
  )
}

describe('The files of providers', () => {
  it('are loaded by the slug of their index, and do not exist for other slugs', () => {
    for (const { slug, file } of CATALOGUE) expect(findProviderFile(slug), slug).toEqual(file)
    expect(findGuide('nobody')).toBeNull()
    expect(findGuide('../catalog')).toBeNull()
  })

  it('have their colours and logos in the generated index', () => {
    const brands = PROVIDERS.map(({ slug, file }) => [slug, file.color, file.logo !== null])
    expect(CATALOG_INDEX.map(({ slug, color, logoVersion }) => [slug, color, logoVersion !== null])).toEqual(brands)
  })
})

describe('The categories', () => {
  it('are the only ones that the catalogue uses, and every one is used', () => {
    const used = CATALOGUE.flatMap(({ definition }) => definition.categories ?? [])
    expect([...new Set(used)].sort()).toEqual(Object.keys(CATEGORIES).sort())
  })

  it('have different names in each language', () => {
    for (const language of ['en', 'de'] as const) {
      const names = Object.values(CATEGORIES).map((words) => words[language])
      expect(new Set(names).size).toBe(names.length)
    }
  })
})

/** What is unverified where nothing of the provider's own documentation could be read. */
function unread({ definition: { streams = [], actions = [] }, file: { guide } }: (typeof CATALOGUE)[number]) {
  const parts: [UnverifiedPart, boolean][] = [
    ['app', guide.app !== undefined],
    ['key', guide.key !== undefined],
    ['streams', streams.length > 0],
    ['actions', actions.length > 0],
  ]
  const present = parts.flatMap(([part, isPresent]) => (isPresent ? [part] : []))
  return [...present, 'rateLimit', 'hints', 'tokens'] satisfies UnverifiedPart[]
}

/** What a file must have, in words that say what to write. The types check the rest. */
function faultsOf(provider: (typeof CATALOGUE)[number]): string[] {
  const { slug, definition, file } = provider
  const { aliases, sources, unverified = [], guide } = file
  const { displayName, docsUrl, categories = [], testRequest, streams = [], webhook, responseErrors = [] } = definition
  const plain = (text: string) => text.toLowerCase().replaceAll(/[^\p{L}\p{N}]/gu, '')
  const faults: (string | false)[] = [
    testRequest === undefined &&
      'definition.testRequest is missing: name a cheap request that only a good credential passes',
    docsUrl === undefined && 'definition.docsUrl is missing: link the documentation of the API',
    categories.length === 0 && 'definition.categories is empty: name at least one of src/catalog/categories.ts',
    aliases.length === 0 && 'aliases is empty: what do people type who do not know the name?',
    ...aliases.map(
      (alias) =>
        (alias !== alias.toLowerCase().trim() || / {2}/.test(alias) || plain(alias) === '') &&
        `aliases: "${alias}" must be in lower case, with single spaces`,
    ),
    ...aliases.map(
      (alias, index) =>
        ([displayName, slug].some((name) => name.toLowerCase() === alias) || aliases.indexOf(alias) < index) &&
        `aliases: "${alias}" is the name or slug, or twice there; leave it out`,
    ),
    sources.every(({ second }) => second === true) &&
      !unread(provider).every((part) => unverified.includes(part)) &&
      `sources has no page of the provider's own documentation, and unverified does not name ${unread(provider).join(', ')}`,
    ...sources.map(
      ({ url, second, differs }) =>
        differs !== undefined && second !== true && `sources: ${url} has differs, which is for pages with second: true`,
    ),
    ...unverified.map(
      (part) => !UNVERIFIED_PARTS.includes(part) && `unverified: "${part}" is none of ${UNVERIFIED_PARTS.join(', ')}`,
    ),
    ...streams.map(
      ({ name, primaryKey, records }) =>
        primaryKey === undefined &&
        records?.map !== true &&
        `definition.streams: ${name} has no primaryKey: the path of the id of its records`,
    ),
    ...[...responseErrors, ...streams.flatMap(({ responses = [] }) => responses)].map(
      ({ status, as, path }) =>
        as === 'fail' &&
        status === undefined &&
        path !== undefined &&
        `a rule for ${path.join('.')} has no status, so that answers with 429 and 503 are not repeated either`,
    ),
    webhook !== undefined &&
      (guide.events ?? []).length === 0 &&
      'guide.events is missing: which events does the webhook receive?',
    webhook === undefined && guide.events !== undefined && 'guide.events is there, but the definition has no webhook',
    ...scopesOf(definition).map(
      (scope) =>
        guide.scopes[scope] === undefined && `guide.scopes has no words for ${scope}, in English (en) and German (de)`,
    ),
  ]
  return faults.filter((fault) => fault !== false)
}

describe('What a file of a provider must have', () => {
  it.each(CATALOGUE.filter(({ slug }) => slug !== SANDBOX_SLUG))('is there for $slug', (provider) => {
    expect(faultsOf(provider)).toEqual([])
  })

  it('includes a page of its own in docs/providers', async () => {
    const pages = await readdir(new URL('../../docs/providers/', import.meta.url))
    const missing = PROVIDERS.map(({ slug }) => `${slug}.md`).filter((page) => !pages.includes(page))
    expect(missing, 'Run npm run codegen and commit what it writes.').toEqual([])
  })

  it('is named where it is missing', () => {
    const [some] = PROVIDERS
    if (some === undefined) throw new Error('The catalogue is empty.')
    const { testRequest: _testRequest, ...definition } = some.definition
    const stream = { name: 'things', path: '/things' }
    const responseErrors = [{ path: ['ok'], equals: false, as: 'fail' as const }]
    const file = { ...some.file, aliases: ['Upper Case'], unverified: ['colour' as 'app'], sources: [] }
    expect(faultsOf({ ...some, definition: { ...definition, streams: [stream], responseErrors }, file })).toEqual([
      'definition.testRequest is missing: name a cheap request that only a good credential passes',
      'aliases: "Upper Case" must be in lower case, with single spaces',
      expect.stringMatching(/^sources has no page of the provider's own documentation, and unverified does not name /),
      expect.stringContaining('unverified: "colour" is none of app, webhook'),
      'definition.streams: things has no primaryKey: the path of the id of its records',
      'a rule for ok has no status, so that answers with 429 and 503 are not repeated either',
    ])
  })
})

describe.each(written)('The guide of $slug', ({ slug, definition, file, guide }) => {
  it('says when its sources were read, and links only pages with https', () => {
    for (const { read } of file.sources) {
      expect(read).toMatch(/^\d{4}-\d{2}-\d{2}$/)
      expect(new Date(read).toISOString().slice(0, 10)).toBe(read)
      expect(Date.parse(read)).toBeLessThanOrEqual(Date.now())
    }
    const { app, webhook, key, rateLimit, hints } = guide
    const sources = file.sources.map(({ url }) => url)
    const links = [app, webhook, key, rateLimit, ...hints].flatMap((part) => part?.url ?? [])
    expect([...sources, ...links].filter((url) => URL.parse(url)?.protocol !== 'https:')).toEqual([])
    // The sandbox is part of Latchkey.
    if (slug !== SANDBOX_SLUG) expect(sources.length).toBeGreaterThan(0)
    expect(new Set(sources).size).toBe(sources.length)
  })

  it('has a colour, and a logo of simple-icons or none', () => {
    expect(file.color).toMatch(/^#[0-9a-f]{6}$/)
    if (file.logo !== null) expect(require.resolve(`simple-icons/icons/${file.logo}.svg`)).toBeTruthy()
  })

  it('says how to make the OAuth client, with the callback URL in one of the first three steps', () => {
    const needsClient = waysOf(definition.auth).some(
      (way) => way.type === 'oauth2' && hasConsent(way) && way.clientId === undefined,
    )
    if (!needsClient) {
      expect(guide.app?.steps).toBeUndefined()
      return
    }
    const steps = guide.app?.steps ?? []
    expect(steps.length).toBeGreaterThanOrEqual(3)
    const first = steps.slice(0, 3)
    expect(first.filter(({ en }) => /\bcallback URL\b/i.test(en))).not.toEqual([])
    expect(first.filter(({ de }) => /\bCallback-URL\b/i.test(de))).not.toEqual([])
  })

  it('says where the key is found, for providers with a key', () => {
    const hasKey = waysOf(definition.auth).some((way) => !hasConsent(way))
    expect((guide.key?.steps ?? []).length > 0).toBe(hasKey)
  })

  it('says how webhooks are registered, where a person sets their secret', () => {
    const { verify } = definition.webhook ?? {}
    const setByPerson = verify !== undefined && !('secret' in verify && verify.secret === 'client')
    if (setByPerson) expect((guide.webhook?.steps ?? []).length).toBeGreaterThan(0)
    if (verify === undefined) expect(guide.webhook).toBeUndefined()
  })

  it('has words for every scope that is requested by default or that an action needs', () => {
    expect(scopesOf(definition).filter((scope) => guide.scopes[scope] === undefined)).toEqual([])
  })

  it('has words for scopes that follow "This allows Acme to"', () => {
    const wrong = Object.entries(guide.scopes).filter(
      ([scope, { en, de }]) =>
        !/^[a-z]/.test(en) || /[.!]$/.test(en) || /[.!]$/.test(de) || en === scope || de === scope,
    )
    expect(wrong.map(([scope]) => scope)).toEqual([])
  })

  it('has German labels and descriptions for the fields of its definition, and for no others', () => {
    const fields = fieldsOf(definition)
    const german = guide.fields ?? {}
    const missing = fields.flatMap(({ name, label, description }) => [
      ...(label !== undefined && !USUAL_LABELS.includes(label) && german[name]?.label === undefined
        ? [`${name}.label`]
        : []),
      ...(description !== undefined && german[name]?.description === undefined ? [`${name}.description`] : []),
    ])
    expect(missing).toEqual([])
    const usual = ['username', 'password', 'token', 'api_key', 'client_id', 'client_secret', 'auth_method']
    const known = [...fields.map(({ name }) => name), ...usual]
    expect(Object.keys(german).filter((name) => !known.includes(name))).toEqual([])
  })

  it('has German labels for the ways to choose from', () => {
    const { auth } = definition
    const keys = auth.type === 'selective' ? auth.options.map(({ key }) => key) : []
    expect(Object.keys(guide.options ?? {}).sort()).toEqual(keys.sort())
  })

  it('has texts in two languages, with bold marks in pairs and in a polite German', () => {
    const texts = (words: Words) => [words.en, words.de]
    expect(placesWhere(guide, ({ en, de }) => en === de)).toEqual([])
    expect(placesWhere(guide, (words) => texts(words).some((text) => text.trim() !== text || text === ''))).toEqual([])
    expect(placesWhere(guide, (words) => !texts(words).every(isWellMarked))).toEqual([])
    expect(placesWhere(guide, (words) => texts(words).some((text) => / {2}|`/.test(text)))).toEqual([])
    expect(placesWhere(guide, ({ de }) => /\b(?:du|dein|deine|deinen|dich|dir)\b/i.test(de))).toEqual([])
    const isSentence = (place: string) => !place.startsWith('scopes.')
    expect(
      placesWhere(guide, (words, place) => isSentence(place) && texts(words).some((text) => !/[.:]$/.test(text))),
    ).toEqual([])
  })

  it('has hints that can be matched, each of which is found by what it describes', () => {
    const unmatched = guide.hints.filter(
      ({ at, errors, messages, statuses }) =>
        at !== 'provider_page' && [errors, messages, statuses].every((condition) => (condition ?? []).length === 0),
    )
    expect(unmatched).toEqual([])
    for (const hint of guide.hints) {
      for (const report of reportsOf(hint)) expect(matchHint(guide, report)).toBe(hint)
    }
  })

  it('has categories that the catalogue knows', () => {
    expect((definition.categories ?? []).filter((category) => CATEGORIES[category] === undefined)).toEqual([])
  })
})
