import type { ActionDefinition } from '../src/catalog/definition/action.ts'
import type { Auth } from '../src/catalog/definition/auth.ts'
import type { Provider } from '../src/catalog/definition/definition.ts'

/** The table of docs/provider-actions.md. */
export function actionsTable(providers: readonly Provider[]): string {
  const rows = providers.flatMap(({ slug, definition }) => {
    const requested = scopesOf(definition.auth)
    return (definition.actions ?? []).map((action) => {
      const { name, title, docsUrl, scopes = [], idempotencyKey } = action
      const needs = scopes.map((scope) => (requested.includes(scope) ? scope : `**${scope}**`))
      const key = idempotencyKey === undefined ? '' : ' ¹'
      return `| \`${slug}\` | \`${name}\` | [${title}](${docsUrl}) | ${effectOf(action)}${key} | ${needs.join(', ') || '–'} |`
    })
  })
  return ['| provider | action | what it does | | scopes |', '|---|---|---|---|---|', ...rows].join('\n')
}

function effectOf({ readOnly, destructive, request }: ActionDefinition): string {
  if (readOnly) return 'reads'
  if (request.method === 'DELETE') return 'deletes'
  return destructive ? 'overwrites' : 'writes'
}

/** The scopes that are requested by default. */
function scopesOf(auth: Auth): readonly string[] {
  if (auth.type === 'oauth2') return auth.scopes ?? []
  return auth.type === 'selective' ? auth.options.flatMap((option) => scopesOf(option.auth)) : []
}
