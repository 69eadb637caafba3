import { microsoftHeaders, microsoftRefused, microsoftTokens } from '../providers/microsoft-answers.ts'
import type { ActionExample, ProviderTrial } from '../providers/trial.ts'

const graph = 'https://graph.microsoft.com/v1.0/me/onenote'
const notebook = '1-10143016-70dc-4449-b92a-3015225f800d'

const actions: ActionExample[] = [
  {
    action: 'create_notebook',
    arguments: { name: 'Notebook name' },
    request: `POST ${graph}/notebooks`,
    body: { displayName: 'Notebook name' },
    answer: { status: 201, body: { id: notebook, isDefault: true, isShared: true } },
    output: { id: notebook, isDefault: true, isShared: true },
  },
  {
    action: 'create_section',
    arguments: { notebook_id: notebook, name: 'Section name' },
    request: `POST ${graph}/notebooks/${notebook}/sections`,
    body: { displayName: 'Section name' },
    answer: { status: 201, body: { id: '1-fb22b2f1', isDefault: true, displayName: 'Section name' } },
    output: { id: '1-fb22b2f1', isDefault: true, displayName: 'Section name' },
  },
  {
    action: 'list_notebooks',
    arguments: {},
    request: `GET ${graph}/notebooks?%24expand=sections`,
    answer: { body: { value: [{ id: notebook, isDefault: true, userRole: 'Owner', sections: [] }] } },
    output: [{ id: notebook, isDefault: true, userRole: 'Owner', sections: [] }],
  },
]

export const trial: ProviderTrial = {
  ...microsoftTokens,
  test: {
    asks: 'GET graph.microsoft.com/v1.0/me/onenote/notebooks?$top=1',
    headers: microsoftHeaders,
    good: { body: { value: [{ id: notebook, isDefault: true, userRole: 'Owner' }] } },
    refused: microsoftRefused,
  },
  streams: [
    {
      name: 'notebooks',
      pages: [{ body: { value: [{ id: notebook, isDefault: true, userRole: 'Owner' }] } }],
      keys: [notebook],
      asksFor: '/me/onenote/notebooks',
      // OneNote sends no Retry-After.
      limited: { status: 429, body: { error: { code: 'TooManyRequests', message: 'Please retry again later.' } } },
    },
    {
      name: 'sections',
      pages: [{ body: { value: [{ id: '1-fb22b2f1', displayName: 'Ideas' }] } }],
      keys: ['1-fb22b2f1'],
      asksFor: '/me/onenote/sections',
    },
    {
      name: 'pages',
      parent: { id: '1-fb22b2f1' },
      pages: [
        {
          body: {
            '@odata.nextLink': `${graph}/sections/1-fb22b2f1/pages?$top=100&$skip=100`,
            value: [{ id: '1-page2', title: 'Plans', lastModifiedDateTime: '2026-06-02T10:37:00Z' }],
          },
        },
        { body: { value: [{ id: '1-page1', title: 'Notes', lastModifiedDateTime: '2026-06-01T10:37:00Z' }] } },
      ],
      keys: ['parent/1-page2', 'parent/1-page1'],
      asksFor: '$skip=100',
    },
  ],
  actions,
}
