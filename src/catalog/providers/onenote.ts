import { input, text } from '../action-input.ts'
import type { ActionDefinition } from '../definition/action.ts'
import { graphPages, graphScope, graphSources, microsoftProduct } from '../families/microsoft.ts'
import type { ProviderFile } from '../provider-file.ts'

const READ = graphScope('Notes.Read')
const CREATE = graphScope('Notes.Create')

const actions: ActionDefinition[] = [
  {
    name: 'create_notebook',
    title: 'Create a notebook',
    description: 'Creates a notebook and returns it with its id and links. Its name must not be taken.',
    docsUrl: 'https://learn.microsoft.com/graph/api/onenote-post-notebooks',
    scopes: [CREATE],
    input: input({ name: text('Name of the notebook.', { maxLength: 128, pattern: '^[^?*\\\\/:<>|\'"]+$' }) }),
    request: { method: 'POST', path: '/me/onenote/notebooks', json: { displayName: '{{ args.name }}' } },
  },
  {
    name: 'create_section',
    title: 'Create a section',
    description: 'Creates a section in a notebook and returns it with its id. Its name must not be taken there.',
    docsUrl: 'https://learn.microsoft.com/graph/api/notebook-post-sections',
    scopes: [CREATE],
    input: input({
      notebook_id: text('Id of the notebook. list_notebooks returns it.'),
      name: text('Name of the section.', { maxLength: 50, pattern: "^[^?*\\\\/:<>|&#'%~]+$" }),
    }),
    request: {
      method: 'POST',
      path: '/me/onenote/notebooks/{{ args.notebook_id }}/sections',
      json: { displayName: '{{ args.name }}' },
    },
  },
  {
    name: 'list_notebooks',
    title: 'List notebooks',
    description: 'Lists the notebooks of the account with their sections.',
    docsUrl: 'https://learn.microsoft.com/graph/api/onenote-list-notebooks',
    scopes: [READ],
    readOnly: true,
    input: input({}),
    request: { method: 'GET', path: '/me/onenote/notebooks', query: { $expand: 'sections' } },
    output: ['value'],
  },
]

export const provider: ProviderFile = microsoftProduct({
  aliases: ['one note', 'microsoft onenote', 'ms onenote', 'office 365 notes', 'notebooks', 'notizbücher'],
  color: '#7719aa',
  sources: [
    ...graphSources(
      'api/onenote-list-notebooks',
      'api/onenote-list-sections',
      'api/section-list-pages',
      'api/onenote-post-notebooks',
      'api/notebook-post-sections',
    ),
    {
      url: 'https://github.com/microsoftgraph/microsoft-graph-docs-contrib/blob/main/concepts/throttling-limits.md',
      read: '2026-11-29',
    },
    { url: 'https://github.com/airweave-ai/airweave', read: '2026-11-29', second: true },
  ],
  requested: [READ],
  definition: {
    displayName: 'OneNote',
    docsUrl: 'https://learn.microsoft.com/graph/api/resources/onenote-api-overview',
    categories: ['knowledge base'],
    testRequest: { path: '/me/onenote/notebooks?$top=1' },
    streams: [
      {
        name: 'notebooks',
        path: '/me/onenote/notebooks',
        recordsPath: ['value'],
        primaryKey: [['id']],
        pagination: graphPages,
      },
      {
        name: 'sections',
        path: '/me/onenote/sections',
        recordsPath: ['value'],
        primaryKey: [['id']],
        pagination: graphPages,
      },
      {
        // Pages come in the order of their last change, the newest first.
        name: 'pages',
        parent: { stream: 'sections' },
        path: '/me/onenote/sections/{{ parent.id }}/pages',
        query: { $top: '100' },
        recordsPath: ['value'],
        primaryKey: [['id']],
        pagination: graphPages,
        incremental: { cursorField: ['lastModifiedDateTime'], by: 'newest_first', per: 'parent' },
      },
    ],
    actions,
  },
  guide: {
    scopes: {
      [READ]: { en: 'read your OneNote notebooks', de: 'Ihre OneNote-Notizbücher lesen' },
      [CREATE]: {
        en: 'create notebooks, sections and pages on your behalf',
        de: 'in Ihrem Namen Notizbücher, Abschnitte und Seiten anlegen',
      },
    },
    rateLimit: {
      words: {
        en: 'For each app and person, 120 requests a minute, 400 an hour and 5 at a time.',
        de: 'Je App und Person 120 Anfragen pro Minute, 400 pro Stunde und 5 gleichzeitig.',
      },
      url: 'https://learn.microsoft.com/graph/throttling-limits',
    },
    traps: [
      {
        en: 'A response that limits the rate does not say how long to wait.',
        de: 'Eine Antwort, die die Rate begrenzt, sagt nicht, wie lange zu warten ist.',
      },
      {
        en: 'A page is created from HTML in the body of the request, and its content is returned as HTML at contentUrl.',
        de: 'Eine Seite wird aus HTML im Body der Anfrage angelegt, und ihr Inhalt steht als HTML unter contentUrl.',
      },
    ],
  },
})
