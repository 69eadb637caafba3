import {
  atlassianHeaders,
  atlassianLimited,
  atlassianRefused,
  atlassianTokens,
} from '../providers/atlassian-answers.ts'
import type { ActionExample, ProviderTrial } from '../providers/trial.ts'

const wiki = 'https://api.atlassian.com/ex/confluence/1324a887-45db-1bf4-1e99-ef0ff456d421/wiki'

const actions: ActionExample[] = [
  {
    action: 'create_page',
    arguments: {
      space_id: '98432',
      title: 'Onboarding',
      body: '<p>Hello</p>',
      parent_id: '65538',
      status: 'draft',
    },
    request: `POST ${wiki}/api/v2/pages`,
    body: {
      spaceId: '98432',
      status: 'draft',
      title: 'Onboarding',
      parentId: '65538',
      body: { representation: 'storage', value: '<p>Hello</p>' },
    },
    answer: { body: { id: '229378', status: 'draft', title: 'Onboarding', spaceId: '98432' } },
    output: { id: '229378', status: 'draft', title: 'Onboarding', spaceId: '98432' },
  },
  {
    action: 'search',
    arguments: { cql: 'type = page', limit: 5 },
    request: `GET ${wiki}/rest/api/search?cql=type%20%3D%20page&limit=5`,
    answer: { body: { results: [{ title: 'Onboarding', excerpt: 'Hello' }], size: 1, totalSize: 1 } },
    output: { results: [{ title: 'Onboarding', excerpt: 'Hello' }], size: 1, totalSize: 1 },
  },
  {
    action: 'get_page',
    arguments: { page_id: '229378' },
    request: `GET ${wiki}/api/v2/pages/229378?body-format=storage`,
    answer: { body: { id: '229378', body: { storage: { representation: 'storage', value: '<p>Hello</p>' } } } },
    output: { id: '229378', body: { storage: { representation: 'storage', value: '<p>Hello</p>' } } },
  },
  {
    action: 'add_comment',
    arguments: { page_id: '229378', body: '<p>Thanks</p>' },
    request: `POST ${wiki}/api/v2/footer-comments`,
    body: { pageId: '229378', body: { representation: 'storage', value: '<p>Thanks</p>' } },
    answer: { status: 201, body: { id: '327681', status: 'current', pageId: '229378' } },
    output: { id: '327681', status: 'current', pageId: '229378' },
  },
  {
    action: 'list_spaces',
    arguments: { limit: 2 },
    request: `GET ${wiki}/api/v2/spaces?limit=2`,
    answer: { body: { results: [{ id: '98432', key: 'ENG', name: 'Engineering' }], _links: {} } },
    output: [{ id: '98432', key: 'ENG', name: 'Engineering' }],
  },
]

const page = (id: string, createdAt: string) => ({
  id,
  status: 'current',
  title: `Page ${id}`,
  spaceId: '98432',
  version: { createdAt, number: 1 },
})

export const trial: ProviderTrial = {
  ...atlassianTokens('read:space:confluence read:page:confluence read:comment:confluence offline_access'),
  test: {
    asks: 'GET api.atlassian.com/ex/confluence/1324a887-45db-1bf4-1e99-ef0ff456d421/wiki/api/v2/spaces?limit=1',
    headers: atlassianHeaders,
    good: { body: { results: [{ id: '98432', key: 'ENG', name: 'Engineering' }], _links: {} } },
    refused: atlassianRefused,
  },
  streams: [
    {
      name: 'pages',
      pages: [
        {
          body: {
            results: [page('229378', '2026-06-02T10:00:00.000Z')],
            _links: {
              next: '/wiki/api/v2/pages?limit=100&body-format=storage&sort=-modified-date&cursor=eyJpZCI6IjIyOTM3OCJ9',
              base: 'https://your-domain.atlassian.net/wiki',
            },
          },
        },
        {
          body: {
            results: [page('229379', '2026-06-01T10:00:00.000Z')],
            _links: { base: 'https://your-domain.atlassian.net/wiki' },
          },
        },
      ],
      keys: ['229378', '229379'],
      asksFor: '/wiki/api/v2/pages?limit=100&body-format=storage&sort=-modified-date&cursor=eyJpZCI6IjIyOTM3OCJ9',
      limited: atlassianLimited,
    },
    {
      name: 'footer_comments',
      pages: [
        {
          body: {
            results: [{ id: '327681', pageId: '229378', version: { createdAt: '2026-06-01T10:00:00.000Z' } }],
            _links: { base: 'https://your-domain.atlassian.net/wiki' },
          },
        },
      ],
      keys: ['327681'],
      asksFor: '/wiki/api/v2/footer-comments?limit=100',
    },
  ],
  actions,
}
