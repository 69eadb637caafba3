import type { ActionExample, ProviderTrial } from '../providers/trial.ts'

const api = 'https://apihub.document360.io/v2'
const version = '8e9ee3d5-8e0b-4ffd-8b3e-3b6f1b6c5f5a'
const article = '3b6f1b6c-0b0b-4ffd-8b3e-8e9ee3d55f5a'

const actions: ActionExample[] = [
  {
    action: 'search_articles',
    arguments: { version_id: version, query: 'home page', language: 'de', limit: 5, page: 1 },
    request: `GET ${api}/ProjectVersions/${version}/de?searchQuery=home%20page&page=1&hitsPerPage=5`,
    answer: { body: { data: { hits: [{ title: 'Understanding Home page builder' }] }, success: true, errors: [] } },
    output: { hits: [{ title: 'Understanding Home page builder' }] },
  },
  {
    action: 'get_article',
    arguments: { article_id: article, language: 'de' },
    request: `GET ${api}/Articles/${article}/de`,
    answer: { body: { data: { id: article, title: 'Getting started' }, success: true, errors: [] } },
    output: { id: article, title: 'Getting started' },
  },
  {
    action: 'list_versions',
    arguments: {},
    request: `GET ${api}/ProjectVersions`,
    answer: { body: { data: [{ id: version, version_number: 1 }], success: true, errors: [] } },
    output: [{ id: version, version_number: 1 }],
  },
]

export const trial: ProviderTrial = {
  failureWith200: { success: false, errors: [{ description: 'The article does not exist.' }], data: null },
  credential: { secretText: 'd360-t0ken' },
  test: {
    asks: 'GET apihub.document360.io/v2/ProjectVersions',
    headers: { api_token: 'd360-t0ken' },
    good: { body: { data: [{ id: version }], success: true, errors: [] } },
    refused: {
      answer: { status: 401, body: { success: false, errors: [{ description: 'Invalid API token' }], data: null } },
      says: 'Invalid API token',
    },
  },
  streams: [
    {
      name: 'versions',
      pages: [{ body: { data: [{ id: version, version_number: 1 }], success: true, errors: [] } }],
      keys: [version],
      asksFor: '/v2/ProjectVersions',
      limited: { status: 429, headers: { 'retry-after': '60' }, body: { success: false, errors: [] } },
    },
    {
      name: 'categories',
      parent: { id: version },
      pages: [{ body: { data: [{ id: 'c-1', articles: [], child_categories: [] }], success: true, errors: [] } }],
      keys: ['parent/c-1'],
      asksFor: `/ProjectVersions/${version}/categories?includeCategoryDescription=true`,
    },
    {
      name: 'articles',
      parent: { id: version },
      pages: [{ body: { data: [{ id: article, title: 'Getting started' }], success: true, errors: [] } }],
      keys: [`parent/${article}`],
      asksFor: `/ProjectVersions/${version}/articles`,
    },
  ],
  actions,
}
