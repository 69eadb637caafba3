import { input, integer, limit, text } from '../action-input.ts'
import type { ActionDefinition } from '../definition/action.ts'
import type { ProviderFile } from '../provider-file.ts'

const docs = 'https://apidocs.document360.com/apidocs'

const id = (description: string) => text(description, { pattern: '^[A-Za-z0-9-]+$' })

const language = text('Code of the language, such as en. Default: en.', { pattern: '^[A-Za-z-]{2,10}$' })

const actions: ActionDefinition[] = [
  {
    name: 'search_articles',
    title: 'Search articles',
    description: 'Searches the articles of a project version by words and returns those that match.',
    docsUrl: `${docs}/search-inside-project-version`,
    readOnly: true,
    input: input(
      {
        version_id: id('Id of the project version. list_versions returns it.'),
        query: text('Words to search for.'),
      },
      {
        language,
        limit: limit(100, 10),
        page: integer('Number of the page, from 0. Default: 0.', { minimum: 0, default: 0 }),
      },
    ),
    request: {
      method: 'GET',
      path: "/ProjectVersions/{{ args.version_id }}/{{ args.language | default('en') }}",
      query: {
        searchQuery: '{{ args.query }}',
        page: '{{ args.page }}',
        hitsPerPage: '{{ args.limit | default(10) }}',
      },
    },
    output: ['data'],
  },
  {
    name: 'get_article',
    title: 'Get an article',
    description: 'Returns one article with its content.',
    docsUrl: `${docs}/get-article`,
    readOnly: true,
    input: input({ article_id: id('Id of the article.') }, { language }),
    request: { method: 'GET', path: "/Articles/{{ args.article_id }}/{{ args.language | default('en') }}" },
    output: ['data'],
  },
  {
    name: 'list_versions',
    title: 'List project versions',
    description: 'Lists the versions (workspaces) of the project with id and name.',
    docsUrl: docs,
    readOnly: true,
    input: input({}),
    request: { method: 'GET', path: '/ProjectVersions' },
    output: ['data'],
  },
]

/** Version 2 of the API. A token belongs to one project. */
export const provider: ProviderFile = {
  aliases: ['document 360', 'd360', 'kovai document360'],
  logo: null,
  color: '#6f2dbd',
  sources: [
    { url: 'https://apidocs.document360.com/apidocs/requests', read: '2026-11-29' },
    { url: 'https://apidocs.document360.com/apidocs/search-inside-project-version', read: '2026-11-29' },
    { url: 'https://docs.document360.com/docs/api-tokens.md', read: '2026-11-29' },
    { url: 'https://github.com/airweave-ai/airweave', read: '2026-11-29', second: true },
    { url: 'https://pypi.org/project/d361api/2.2.2/', read: '2026-11-29', second: true },
    { url: 'https://docs.onyx.app/admin/connectors/official/document360', read: '2026-11-29', second: true },
  ],
  unverified: ['rateLimit', 'hints', 'tokens'],
  definition: {
    displayName: 'Document360',
    docsUrl: docs,
    categories: ['knowledge base', 'documents'],
    baseUrl: 'https://{{ input.host }}/v2',
    inputFields: [
      {
        name: 'host',
        label: 'Data center',
        description: 'Where the project is stored. A token works only there.',
        required: true,
        example: 'apihub.document360.io',
        choices: [
          { value: 'apihub.document360.io', label: 'Europe' },
          { value: 'apihub.us.document360.io', label: 'United States' },
          { value: 'apihub.ca.document360.io', label: 'Canada' },
        ],
      },
    ],
    auth: { type: 'api_key', placement: { in: 'header', name: 'api_token' } },
    responseErrors: [
      { status: 401, path: ['errors', 0, 'description'], as: 'auth', message: ['errors', 0, 'description'] },
      { status: 429, as: 'rate_limit' },
      // Failures may also have status 200.
      ...[200, 400, 403, 404].map((status) => ({
        status,
        path: ['errors', 0, 'description'],
        as: 'fail' as const,
        message: ['errors', 0, 'description'],
      })),
    ],
    testRequest: { path: '/ProjectVersions' },
    streams: [
      { name: 'versions', path: '/ProjectVersions', recordsPath: ['data'], primaryKey: [['id']] },
      {
        // The tree: each category has its articles and its child categories.
        name: 'categories',
        parent: { stream: 'versions' },
        path: '/ProjectVersions/{{ parent.id }}/categories',
        query: { includeCategoryDescription: 'true' },
        recordsPath: ['data'],
        primaryKey: [['id']],
      },
      {
        name: 'articles',
        parent: { stream: 'versions' },
        path: '/ProjectVersions/{{ parent.id }}/articles',
        recordsPath: ['data'],
        primaryKey: [['id']],
      },
    ],
    actions,
  },
  guide: {
    key: {
      url: 'https://docs.document360.com/docs/api-tokens.md',
      steps: [
        {
          en: 'Open **Settings**, **Knowledge base portal**, **API tokens**, and select **Generate**.',
          de: 'Öffnen Sie **Settings**, **Knowledge base portal**, **API tokens** und wählen Sie **Generate**.',
        },
        {
          en: 'Enter a name and allow the method GET, which is enough for reading.',
          de: 'Geben Sie einen Namen ein und erlauben Sie die Methode GET, die zum Lesen genügt.',
        },
        {
          en: 'Select **Generate** again, and copy the token.',
          de: 'Wählen Sie noch einmal **Generate** und kopieren Sie das Token.',
        },
      ],
    },
    fields: {
      host: {
        label: 'Rechenzentrum',
        description: 'Wo das Projekt gespeichert ist. Ein Token gilt nur dort.',
        choices: {
          'apihub.document360.io': 'Europa',
          'apihub.us.document360.io': 'Vereinigte Staaten',
          'apihub.ca.document360.io': 'Kanada',
        },
      },
    },
    scopes: {},
    rateLimit: null,
    hints: [],
    traps: [
      {
        en: 'A token allows only the methods that were selected when it was made.',
        de: 'Ein Token erlaubt nur die Methoden, die beim Anlegen ausgewählt wurden.',
      },
      {
        en: 'The stream categories has the top categories. Those below are inside of them, in child_categories.',
        de: 'Der Stream categories enthält die obersten Kategorien. Die darunter stehen in ihnen, in child_categories.',
      },
      {
        en: 'Workspaces of the portal are called project versions in the API.',
        de: 'Workspaces des Portals heißen in der API Project Versions.',
      },
    ],
  },
}
