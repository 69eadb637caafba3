import { microsoftHeaders, microsoftTokens } from '../providers/microsoft-answers.ts'
import type { ActionExample, ProviderTrial } from '../providers/trial.ts'

const api = 'https://api.powerbi.com/v1.0/myorg'
const workspace = 'f089354e-8366-4e18-aea3-4cb4a3a50b48'
const dataset = 'cfafbeb1-8037-4d0c-896e-a46fb27ff229'

const actions: ActionExample[] = [
  {
    action: 'refresh_dataset',
    arguments: { workspace_id: workspace, dataset_id: dataset, notify: 'MailOnFailure' },
    request: `POST ${api}/groups/${workspace}/datasets/${dataset}/refreshes`,
    body: { notifyOption: 'MailOnFailure' },
    answer: { status: 202 },
    output: null,
  },
  {
    action: 'execute_query',
    arguments: {
      workspace_id: workspace,
      dataset_id: dataset,
      query: 'EVALUATE VALUES(MyTable)',
      include_nulls: true,
    },
    request: `POST ${api}/groups/${workspace}/datasets/${dataset}/executeQueries`,
    body: { queries: [{ query: 'EVALUATE VALUES(MyTable)' }], serializerSettings: { includeNulls: true } },
    answer: {
      body: {
        results: [{ tables: [{ rows: [{ 'MyTable[Year]': 2010, 'MyTable[Quarter]': 'Q1' }] }] }],
      },
    },
    output: [{ 'MyTable[Year]': 2010, 'MyTable[Quarter]': 'Q1' }],
    readsWithPost: true,
  },
  {
    action: 'list_workspaces',
    arguments: {},
    request: `GET ${api}/groups`,
    answer: { body: { value: [{ id: workspace, isReadOnly: false, name: 'sample group' }] } },
    output: [{ id: workspace, isReadOnly: false, name: 'sample group' }],
  },
]

export const trial: ProviderTrial = {
  ...microsoftTokens,
  test: {
    asks: 'GET api.powerbi.com/v1.0/myorg/groups?$top=1',
    headers: microsoftHeaders,
    good: { body: { value: [{ id: workspace, name: 'sample group' }] } },
    refused: {
      answer: { status: 401, body: { error: { code: 'TokenExpired', message: 'Access token has expired.' } } },
      says: 'Access token has expired.',
    },
  },
  streams: [
    {
      name: 'workspaces',
      pages: [
        {
          body: {
            value: [
              { id: workspace, isReadOnly: false, name: 'sample group' },
              { id: '3d9b93c6-7b6d-4801-a491-1738910904fd', isReadOnly: false, name: 'marketing group' },
            ],
          },
        },
        { body: { value: [] } },
      ],
      keys: [workspace, '3d9b93c6-7b6d-4801-a491-1738910904fd'],
      asksFor: '$skip=2',
      limited: { status: 429, headers: { 'retry-after': '10' } },
    },
    {
      name: 'datasets',
      parent: { id: workspace },
      pages: [{ body: { value: [{ id: dataset, name: 'order to cash', isRefreshable: true }] } }],
      keys: [`parent/${dataset}`],
      asksFor: `/groups/${workspace}/datasets`,
    },
    {
      name: 'reports',
      parent: { id: workspace },
      pages: [{ body: { value: [{ id: '5b218778-e7a5-4d73-8187-f10824047715', name: 'SalesMarketing' }] } }],
      keys: ['parent/5b218778-e7a5-4d73-8187-f10824047715'],
      asksFor: `/groups/${workspace}/reports`,
    },
    {
      name: 'dashboards',
      parent: { id: workspace },
      pages: [{ body: { value: [{ id: '69ffaa6c-b36d-4d01-96f5-1ed67c64d4af', displayName: 'SalesMarketing' }] } }],
      keys: ['parent/69ffaa6c-b36d-4d01-96f5-1ed67c64d4af'],
      asksFor: `/groups/${workspace}/dashboards`,
    },
  ],
  actions,
}
