import type { Auth } from '../../../src/catalog/definition/auth.ts'
import type { Provider } from '../../../src/catalog/definition/definition.ts'

/** The table of docs/providers.md. */
export function providersTable(providers: readonly Provider[]): string {
  const rows = providers.map(({ slug, definition }) => {
    const { displayName, docsUrl, auth, inputFields = [], streams = [], webhook } = definition
    const inputs = inputFields.map(({ name, required }) => (required ? `\`${name}\`` : `\`${name}\` (optional)`))
    const names = streams.map(({ name, incremental }) => (incremental === undefined ? name : `${name}*`))
    return `| \`${slug}\` | [${displayName}](${docsUrl}) | ${wayOf(auth)} | ${cell(inputs)} | ${cell(names)} | ${webhook === undefined ? '–' : 'yes'} |`
  })
  return [
    '| slug | provider | authentication | inputs | streams | webhooks |',
    '|---|---|---|---|---|---|',
    ...rows,
  ].join('\n')
}

function wayOf(auth: Auth): string {
  switch (auth.type) {
    case 'oauth2':
      return auth.grant === 'authorization_code' ? 'OAuth 2.0' : `OAuth 2.0 (${auth.grant.replace('_', ' ')})`
    case 'selective':
      return auth.options.map((option) => `${wayOf(option.auth)} (\`${option.key}\`)`).join(' or ')
    case 'session_token':
      return 'session token'
    case 'signature':
      return 'signed requests'
    case 'oauth1':
      return 'OAuth 1.0a'
    case 'bearer':
      return 'API key'
    default:
      return auth.type
  }
}

function cell(items: readonly string[]): string {
  return items.length === 0 ? '–' : items.join(', ')
}
