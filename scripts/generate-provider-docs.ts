/**
 * `npm run codegen`: writes docs/providers/, a page for each provider of the catalogue from its file, and the tables of docs/providers.md and
 * docs/provider-actions.md. With `--check` it writes nothing and fails when a file differs.
 */
import { readFile, writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { CATEGORIES } from '../src/catalog/categories.ts'
import { type Auth, waysOf } from '../src/catalog/definition/auth.ts'
import { credentialFieldsOf, defaultScopesOf } from '../src/catalog/definition/auth-fields.ts'
import type { IntegrationDefinition, Provider } from '../src/catalog/definition/definition.ts'
import type { OAuth2 } from '../src/catalog/definition/oauth2.ts'
import { parentStreams } from '../src/catalog/definition/stream.ts'
import type { GuideHint, GuideSteps, ProviderGuide } from '../src/catalog/guide.ts'
import type { ProviderFile, UnverifiedPart } from '../src/catalog/provider-file.ts'
import { tokenFactsOf } from '../src/catalog/token-facts.ts'
import { actionsTable } from './actions-table.ts'
import { writeGenerated } from './generated-folder.ts'
import { type FiledProvider, loadProviderFiles } from './provider-files.ts'
import { providersTable } from './providers-table.ts'

const FOLDER = 'docs/providers'

/** One line of a Markdown text. A `<` would begin HTML, and a `|` a cell. */
const inline = (text: string) => text.replaceAll('<', '\\<').replaceAll('|', '\\|').replaceAll(/\s+/g, ' ')
const code = (text: string) => `\`${text}\``
const cell = (items: readonly string[]) => (items.length === 0 ? '–' : items.join(', '))

function table(columns: readonly string[], rows: readonly (readonly string[])[]): string {
  return [
    `| ${columns.join(' | ')} |`,
    `|${'---|'.repeat(columns.length)}`,
    ...rows.map((row) => `| ${row.join(' | ')} |`),
  ].join('\n')
}

/** A section; nothing if it has no content. */
function section(title: string, ...parts: (string | null)[]): string[] {
  const content = parts.filter((part) => part !== null && part !== '')
  return content.length === 0 ? [] : [`## ${title}`, ...content.map(String)]
}

function stepsOf(part: GuideSteps): string {
  const lines = part.steps.map(({ en }, index) => `${index + 1}. ${inline(en)}`)
  return `Begin at <${part.url}>.\n\n${lines.join('\n')}`
}

function nameOf(auth: Auth): string {
  switch (auth.type) {
    case 'oauth2':
      return auth.grant === 'authorization_code' ? 'OAuth 2.0' : `OAuth 2.0 (${auth.grant.replace('_', ' ')})`
    case 'session_token':
      return 'session token'
    case 'basic':
      return 'HTTP Basic'
    case 'bearer':
    case 'api_key':
      return 'API key'
    default:
      return auth.type
  }
}

function waysText({ auth }: IntegrationDefinition): string {
  if (auth.type !== 'selective') return nameOf(auth)
  return auth.options.map(({ key, auth: way }) => `${nameOf(way)} (${code(key)})`).join(' or ')
}

function categoriesOf({ categories = [] }: IntegrationDefinition): string {
  return categories.map((category) => CATEGORIES[category]?.en ?? category).join(', ')
}

function appOf({ auth }: IntegrationDefinition, { app }: ProviderGuide): string[] {
  if (app === undefined) return []
  const isChoice = auth.type === 'selective'
  return section(
    'Set up the app',
    `The callback URL is \`callbackUrl\` of the integration. Create the integration first, without \`oauthClient\`, to read it.${isChoice ? ' Only the way OAuth 2.0 needs an app.' : ''}`,
    stepsOf(app),
    'Then set the client id and the client secret with `updateIntegration`, as `oauthClient`.',
  )
}

function valuesOf({ auth, inputFields = [] }: IntegrationDefinition): string[] {
  const rows = (fields: ReturnType<typeof credentialFieldsOf>, of: string) =>
    fields.map(({ name, label = name, description = '', required, example, choices = [] }) => [
      code(name),
      inline(label),
      inline(
        [
          description,
          choices.length === 0
            ? ''
            : `One of ${choices.map(({ value, label }) => `${code(value)} (${label})`).join(', ')}.`,
          example === undefined || choices.length > 0 ? '' : `Example: ${code(example)}.`,
        ]
          .filter(Boolean)
          .join(' '),
      ) || '–',
      of,
      required === true ? 'yes' : 'no',
    ])
  const ways = waysOf(auth).flatMap((way) => rows(credentialFieldsOf(way), 'credential'))
  const all = [...rows(inputFields, '`input`'), ...ways]
  return all.length === 0
    ? []
    : section('What has to be given to connect', table(['name', 'label', 'meaning', 'part of', 'required'], all))
}

function scopesOf({ auth, actions = [] }: IntegrationDefinition, { scopes }: ProviderGuide): string[] {
  const requested = defaultScopesOf(auth)
  const order = [...new Set([...requested, ...Object.keys(scopes)])]
  const rows = order.map((scope) => [
    code(scope),
    inline(scopes[scope]?.en ?? '–'),
    requested.includes(scope) ? 'by default' : '–',
    cell(actions.filter((action) => action.scopes?.includes(scope)).map(({ name }) => code(name))),
  ])
  if (rows.length === 0) return []
  return section(
    'Scopes',
    'The texts follow "This allows Acme to".',
    table(['scope', 'what it allows', 'requested', 'needed by the actions'], rows),
    hasOAuth(auth)
      ? 'Request others with `oauthClient.scopes` of the integration, or `scopes` of `startOAuth`. The list replaces the default.'
      : 'They are permissions that are set at the provider.',
  )
}

const hasOAuth = (auth: Auth) => waysOf(auth).some(isConsent)

function isConsent(auth: Auth): auth is OAuth2 {
  return auth.type === 'oauth2' && auth.grant === 'authorization_code'
}

function streamsOf({ streams = [] }: IntegrationDefinition): string[] {
  const rows = streams.map(({ name, primaryKey, incremental, parent }) => [
    code(name),
    cell((primaryKey ?? []).map((path) => code(path.join('.')))),
    incremental === undefined ? 'no' : 'yes',
    cell(parentStreams({ parent }).map(code)),
  ])
  return rows.length === 0
    ? section('Streams', 'There are none. Use the actions, `executeRequest` or the proxy.')
    : section('Streams', table(['stream', 'primary key', 'incremental', 'for each record of'], rows))
}

function actionsOf({ actions = [] }: IntegrationDefinition): string[] {
  const rows = actions.map(({ name, title = name, description, docsUrl, readOnly, destructive, request }) => [
    code(name),
    docsUrl === undefined ? inline(title) : `[${inline(title)}](${docsUrl})`,
    inline(description ?? '–'),
    readOnly === true
      ? 'reads'
      : destructive === true || request.method === 'DELETE'
        ? 'deletes or overwrites'
        : 'writes',
  ])
  return rows.length === 0 ? [] : section('Actions', table(['action', 'title', 'what it does', 'effect'], rows))
}

function webhooksOf(definition: IntegrationDefinition, guide: ProviderGuide): string[] {
  const { webhook } = definition
  if (webhook === undefined) return []
  const { verify } = webhook
  const byClient = 'secret' in verify && verify.secret === 'client'
  return section(
    'Webhooks',
    `The webhook URL is \`webhookUrl\` of the integration. ${byClient ? 'The provider signs with the secret of the OAuth client, so that `webhookSecret` stays empty.' : 'The secret is `webhookSecret` of the integration.'}`,
    guide.events === undefined
      ? null
      : `These events arrive: ${guide.events.map(code).join(', ')}. \`*\` stands for all that begin so.`,
    guide.webhook === undefined ? null : stepsOf(guide.webhook),
    syncedBy(definition),
    'Which connection an event belongs to is in [webhooks-in-providers.md](../webhooks-in-providers.md).',
  )
}

/** Which streams the events of a webhook sync. */
function syncedBy({ webhook, streams = [] }: IntegrationDefinition): string | null {
  const sync = webhook?.sync ?? []
  if (sync.length === 0) return null
  const names = new Set(sync.flatMap((each) => each.streams ?? streams.map(({ name }) => name)))
  return `An event starts an incremental sync of the streams that it is about: ${[...names].map(code).join(', ')}.`
}

function tokensOf({ auth }: IntegrationDefinition, { tokens }: ProviderGuide): string[] {
  const sentences = [...tokenFactsOf(auth), ...(tokens === undefined ? [] : [tokens])].map(({ en }) => inline(en))
  return section('Tokens', sentences.join(' '))
}

function trapsOf({ traps = [] }: ProviderGuide): string[] {
  return traps.length === 0 ? [] : section('Known traps', traps.map(({ en }) => `- ${inline(en)}`).join('\n'))
}

function limitsOf({ rateLimit }: IntegrationDefinition, guide: ProviderGuide): string[] {
  const documented =
    guide.rateLimit === null
      ? 'The provider documents no limit.'
      : `${inline(guide.rateLimit.words.en)} ([documentation](${guide.rateLimit.url}))`
  const own =
    rateLimit?.requestsPerSecond === undefined
      ? null
      : `Latchkey sends at most ${rateLimit.requestsPerSecond} requests a second for an integration.`
  return section('Rate limit', documented, own)
}

const PLACES: Readonly<Record<GuideHint['at'], string>> = {
  provider_page: "on the provider's page",
  consent: 'after the consent',
  token: 'by the token endpoint',
  request: 'by the API',
}

function hintsOf({ hints }: ProviderGuide): string[] {
  const rows = hints.map(({ at, errors = [], messages = [], statuses = [], cause, operator, url }) => [
    [errors.map(code), messages.map((text) => `"${inline(text)}"`), statuses.map((status) => `status ${status}`)]
      .filter((alternatives) => alternatives.length > 0)
      .map((alternatives) => alternatives.join(' or '))
      .join(', with ') || '–',
    PLACES[at],
    `${inline(cause.en)}${url === undefined ? '' : ` ([documentation](${url}))`}`,
    inline(operator.en),
  ])
  return rows.length === 0
    ? []
    : section('When something goes wrong', table(['what is reported', 'where', 'cause', 'what to do'], rows))
}

const PARTS: Readonly<Record<UnverifiedPart, string>> = {
  app: 'how the app is set up',
  webhook: 'how webhooks are registered',
  key: 'where the key is found',
  scopes: 'what the scopes allow',
  rateLimit: 'the rate limit',
  hints: 'what goes wrong',
  tokens: 'how long tokens live',
  streams: 'the streams',
  actions: 'the actions',
}

function sourcesOf({ sources, unverified = [] }: ProviderFile): string[] {
  const lines = sources.map(
    ({ url, read, second, differs }) =>
      `- <${url}>, read on ${read}${second ? '; not by the provider, to check the facts' : ''}${differs === undefined ? '' : `. It differs: ${inline(differs)}`}`,
  )
  return section(
    'Sources',
    lines.join('\n'),
    unverified.length === 0
      ? null
      : `No documentation was found that confirms ${unverified.map((part) => PARTS[part]).join(', ')}.`,
  )
}

const GENERATED =
  '<!-- Written by scripts/generate-provider-docs.ts from the file in src/catalog/providers/. Change that instead. -->'

function pageOf({ slug, definition, file }: FiledProvider): string {
  const { guide } = file
  const { displayName, docsUrl } = definition
  const parts = [
    `# ${displayName}`,
    GENERATED,
    `\`${slug}\` · ${categoriesOf(definition)} · ${waysText(definition)} · [API documentation](${docsUrl}) · [all providers](README.md)`,
    file.aliases.length === 0 ? '' : `Also found as ${file.aliases.join(', ')}.`,
    ...appOf(definition, guide),
    ...(guide.key === undefined ? [] : section('Where the key is', stepsOf(guide.key))),
    ...valuesOf(definition),
    ...scopesOf(definition, guide),
    ...streamsOf(definition),
    ...actionsOf(definition),
    ...webhooksOf(definition, guide),
    ...limitsOf(definition, guide),
    ...tokensOf(definition, guide),
    ...trapsOf(guide),
    ...hintsOf(guide),
    ...sourcesOf(file),
  ]
  return `${parts.filter((part) => part !== '').join('\n\n')}\n`
}

function indexOf(providers: readonly Provider[]): string {
  const rows = providers.map(({ slug, definition }) => [
    `[${definition.displayName}](${slug}.md)`,
    code(slug),
    categoriesOf(definition),
    waysText(definition),
  ])
  const intro =
    'A page for each provider of the catalogue: how its app is set up, what its scopes allow, what can be read and done, and what goes wrong. [providers.md](../providers.md) lists them with their inputs and streams. The API has the same texts, in English and German: `Provider.guide`.'
  const list = table(['provider', 'slug', 'categories', 'authentication'], rows)
  return `${['# Provider guides', GENERATED, intro, list].join('\n\n')}\n`
}

/** The tables of hand-written pages, by page. */
const TABLES = { 'providers.md': providersTable, 'provider-actions.md': actionsTable }

/** Replaces the table of a page that begins with the same line as the new one. */
async function writeTable(page: string, table: string): Promise<void> {
  const path = fileURLToPath(new URL(`../docs/${page}`, import.meta.url))
  const text = await readFile(path, 'utf8')
  const start = text.indexOf(`${table.split('\n', 1)[0]}\n`)
  if (start < 0) throw new Error(`docs/${page} has no table with the columns ${table.split('\n', 1)[0]}`)
  const end = text.indexOf('\n\n', start)
  const updated = `${text.slice(0, start)}${table}${end < 0 ? '\n' : text.slice(end)}`
  if (updated === text) return
  if (!process.argv.includes('--check')) return writeFile(path, updated)
  process.stderr.write(
    `The table of docs/${page} is not in step with the catalogue. Run npm run codegen and commit what it writes.\n`,
  )
  process.exitCode = 1
}

const providers = await loadProviderFiles()
const pages = new Map([['README.md', indexOf(providers)]])
for (const provider of providers) pages.set(`${provider.slug}.md`, pageOf(provider))
await writeGenerated(FOLDER, 'the catalogue', pages)
for (const [page, tableOf] of Object.entries(TABLES)) await writeTable(page, tableOf(providers))
