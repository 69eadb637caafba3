import { Button } from '../../components/button.tsx'
import { Dialog } from '../../components/dialog.tsx'
import { Copy } from '../../components/values.tsx'
import { t } from './texts.ts'

interface ApiHintProps {
  connectionId: string
  stream: string | null
  changedAfter: string | null
  includeDeleted: boolean
  onClose: () => void
}

/** How a program reads the records that are shown. */
export function ApiHint({ connectionId, stream, changedAfter, includeDeleted, onClose }: ApiHintProps) {
  const given = [
    ['stream', 'String', stream],
    ['changedAfter', 'Cursor', changedAfter],
  ] as const
  const used = given.filter(([, , value]) => value !== null)
  const query = [
    `query Records($id: ID!, $after: String${used.map(([name, type]) => `, $${name}: ${type}`).join('')}) {`,
    '  node(id: $id) {',
    '    ... on Connection {',
    `      records(first: 100, after: $after${used.map(([name]) => `, ${name}: $${name}`).join('')}${includeDeleted && changedAfter === null ? ', includeDeleted: true' : ''}) {`,
    '        nodes { stream primaryKey data deleted changedAt changeCursor }',
    '        pageInfo { hasNextPage endCursor }',
    '      }',
    '    }',
    '  }',
    '}',
  ].join('\n')
  const variables = { id: connectionId, ...Object.fromEntries(used.map(([name, , value]) => [name, value])) }
  // A single quote ends the text of a shell. JSON can write it as an escape.
  const body = JSON.stringify({ query: query.replace(/\s+/g, ' '), variables }).replaceAll("'", '\\u0027')
  const curl = `curl ${location.origin}/graphql -H "authorization: Bearer $LATCHKEY_KEY" -H 'content-type: application/json' -d '${body}'`
  return (
    <Dialog title={t('records.api')} onClose={onClose} wide>
      <p>{t('records.apiText')}</p>
      <h3>{t('records.query')}</h3>
      <Copy value={query} label={t('records.query')} />
      <h3>{t('records.variables')}</h3>
      <Copy value={JSON.stringify(variables, null, 2)} label={t('records.variables')} />
      <h3>{t('records.curl')}</h3>
      <Copy value={curl} label={t('records.curl')} />
      <div className="actions">
        <Button kind="primary" onClick={onClose}>
          {t('common.close')}
        </Button>
      </div>
    </Dialog>
  )
}
