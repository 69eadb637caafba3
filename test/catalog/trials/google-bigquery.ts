import { googleHeaders, googleLimited, googleRefused, googleTokens } from '../providers/google-answers.ts'
import type { ActionExample, Answer, ProviderTrial } from '../providers/trial.ts'

// cloud.google.com/bigquery/docs/troubleshoot-quotas
const exceeded: Answer = {
  status: 403,
  body: {
    error: {
      code: 403,
      message: 'Quota exceeded: Your project exceeded quota for concurrent queries.',
      errors: [
        {
          domain: 'global',
          reason: 'quotaExceeded',
          message: 'Quota exceeded: Your project exceeded quota for concurrent queries.',
        },
      ],
    },
  },
}

const result = {
  kind: 'bigquery#queryResponse',
  jobReference: { projectId: 'my-project-123', jobId: 'job_ABC', location: 'EU' },
  schema: { fields: [{ name: 'n', type: 'INTEGER' }] },
  totalRows: '1',
  rows: [{ f: [{ v: '42' }] }],
  jobComplete: true,
}

const actions: ActionExample[] = [
  {
    action: 'run_query',
    arguments: {
      project_id: 'my-project-123',
      query: 'SELECT COUNT(*) AS n FROM `shop.orders`',
      location: 'EU',
      limit: 10,
      maximum_bytes_billed: 1000000,
      dry_run: true,
    },
    request: 'POST https://bigquery.googleapis.com/bigquery/v2/projects/my-project-123/queries',
    body: {
      query: 'SELECT COUNT(*) AS n FROM `shop.orders`',
      useLegacySql: false,
      location: 'EU',
      maxResults: 10,
      maximumBytesBilled: 1000000,
      dryRun: true,
    },
    answer: { body: result },
    output: result,
    overwrites: true,
  },
  {
    action: 'get_query_results',
    arguments: { project_id: 'my-project-123', job_id: 'job_ABC', location: 'EU', limit: 10, page_token: 'BFCH' },
    request:
      'GET https://bigquery.googleapis.com/bigquery/v2/projects/my-project-123/queries/job_ABC?location=EU&maxResults=10&pageToken=BFCH',
    answer: { body: result },
    output: result,
  },
  {
    action: 'insert_rows',
    arguments: {
      project_id: 'my-project-123',
      dataset_id: 'shop',
      table_id: 'orders',
      rows: [{ id: 1, total: '19.90' }],
    },
    request:
      'POST https://bigquery.googleapis.com/bigquery/v2/projects/my-project-123/datasets/shop/tables/orders/insertAll',
    body: { rows: [{ json: { id: 1, total: '19.90' } }] },
    answer: { body: { kind: 'bigquery#tableDataInsertAllResponse' } },
    output: { kind: 'bigquery#tableDataInsertAllResponse' },
  },
]

export const trial: ProviderTrial = {
  ...googleTokens('https://www.googleapis.com/auth/bigquery'),
  hints: [
    {
      what: 'request',
      answer: {
        status: 403,
        body: {
          error: {
            code: 403,
            message: 'Access Denied: Project acme: User does not have bigquery.jobs.create permission in project acme.',
            errors: [{ domain: 'global', reason: 'accessDenied' }],
            status: 'PERMISSION_DENIED',
          },
        },
      },
      says: 'Access Denied: Project acme: User does not have bigquery.jobs.create permission in project acme.',
      cause: 'may not run queries',
    },
  ],
  test: {
    asks: 'GET bigquery.googleapis.com/bigquery/v2/projects?maxResults=1',
    headers: googleHeaders,
    good: { body: { kind: 'bigquery#projectList', totalItems: 0 } },
    refused: googleRefused,
  },
  streams: [
    {
      name: 'projects',
      pages: [
        {
          body: {
            kind: 'bigquery#projectList',
            nextPageToken: 'p2',
            projects: [{ id: 'my-project-123', projectReference: { projectId: 'my-project-123' } }],
          },
        },
        { body: { kind: 'bigquery#projectList', projects: [{ id: 'other-1', projectReference: {} }] } },
      ],
      keys: ['my-project-123', 'other-1'],
      asksFor: 'pageToken=p2',
      limited: googleLimited,
    },
    {
      name: 'datasets',
      parent: { id: 'my-project-123', projectReference: { projectId: 'my-project-123' } },
      pages: [
        { body: { kind: 'bigquery#datasetList', nextPageToken: 'p2', datasets: [{ id: 'my-project-123:shop' }] } },
        { body: { kind: 'bigquery#datasetList', datasets: [{ id: 'my-project-123:web' }] } },
      ],
      keys: ['parent/my-project-123:shop', 'parent/my-project-123:web'],
      asksFor: '/projects/my-project-123/datasets?maxResults=1000&pageToken=p2',
      limited: exceeded,
    },
    {
      name: 'tables',
      parent: {
        id: 'my-project-123:shop',
        datasetReference: { projectId: 'my-project-123', datasetId: 'shop' },
      },
      pages: [
        { body: { kind: 'bigquery#tableList', nextPageToken: 'p2', tables: [{ id: 'my-project-123:shop.orders' }] } },
        { body: { kind: 'bigquery#tableList', tables: [{ id: 'my-project-123:shop.items' }], totalItems: 2 } },
      ],
      keys: ['parent/my-project-123:shop.orders', 'parent/my-project-123:shop.items'],
      asksFor: '/projects/my-project-123/datasets/shop/tables?maxResults=1000&pageToken=p2',
      limited: exceeded,
    },
  ],
  actions,
  failureWith200: {
    kind: 'bigquery#tableDataInsertAllResponse',
    insertErrors: [{ index: 0, errors: [{ reason: 'invalid', location: 'totl', message: 'no such field: totl.' }] }],
  },
}
