import type { ProviderTrial } from '../providers/trial.ts'

const host = 'dbc-a1b2345c-d6e7.cloud.databricks.com'

const invalid = { status: 403, body: { error_code: '403', message: 'Invalid access token.' } }

export const trial: ProviderTrial = {
  credential: { fields: { auth_method: 'client', client_id: 'client-id', client_secret: 'cl1ent-s3cret' } },
  renewal: {
    answer: {
      body: {
        access_token: 'eyJraWQiOiJkYTA4ZTVjZ.e30.c2ln',
        scope: 'all-apis',
        token_type: 'Bearer',
        expires_in: 3600,
      },
    },
    accessToken: 'eyJraWQiOiJkYTA4ZTVjZ.e30.c2ln',
    lifetimeSeconds: 3600,
  },
  refusals: [
    {
      what: 'renewal',
      answer: { status: 401, body: { error: 'invalid_client', error_description: 'Client authentication failed' } },
      reason: 'INVALID_CLIENT',
      says: 'Client authentication failed',
    },
  ],
  hints: [
    { what: 'request', answer: invalid, says: '403: Invalid access token.', cause: 'belongs to another workspace' },
    {
      what: 'renewal',
      answer: { status: 401, body: { error: 'invalid_client', error_description: 'Client authentication failed' } },
      says: 'Client authentication failed',
      cause: 'the secret has expired',
    },
  ],
  test: {
    asks: `GET ${host}/api/2.0/preview/scim/v2/Me`,
    headers: { authorization: 'Bearer eyJraWQiOiJkYTA4ZTVjZ.e30.c2ln' },
    good: { body: { id: '1234567890', userName: '12345678-90ab-cdef-1234-567890abcdef', active: true } },
    refused: { answer: invalid, says: '403: Invalid access token.' },
  },
  otherWays: [
    {
      credential: { fields: { auth_method: 'token', token: 'dapiafoi32984320890d9asaf1' } },
      asks: `GET ${host}/api/2.0/preview/scim/v2/Me`,
      headers: { authorization: 'Bearer dapiafoi32984320890d9asaf1' },
    },
  ],
  streams: [
    {
      name: 'jobs',
      pages: [
        {
          body: {
            jobs: [{ job_id: 11223344, created_time: 1710400000000, settings: { name: 'nightly-etl' } }],
            next_page_token: 'CAEomPuciYcxMKbM9JvMlwU=',
          },
        },
        { body: { jobs: [{ job_id: 42, created_time: 1710400000001, settings: { name: 'hourly-etl' } }] } },
      ],
      keys: ['11223344', '42'],
      asksFor: 'page_token=CAEomPuciYcxMKbM9JvMlwU=',
      limited: {
        status: 429,
        headers: { 'retry-after': '20' },
        body: { error_code: 'REQUEST_LIMIT_EXCEEDED', message: 'Too many requests.' },
      },
    },
    {
      name: 'warehouses',
      pages: [{ body: { warehouses: [{ id: 'a1b2c3d4e5f6a7b8', name: 'Serverless', state: 'STOPPED' }] } }],
      keys: ['a1b2c3d4e5f6a7b8'],
      asksFor: '/api/2.0/sql/warehouses',
    },
  ],
  actions: [
    {
      action: 'execute_sql',
      overwrites: true,
      arguments: {
        warehouse_id: 'a1b2c3d4e5f6a7b8',
        statement: 'SELECT * FROM hive_metastore.default.p_order LIMIT 10',
        catalog: 'main',
        schema: 'default',
        wait_timeout: '10s',
        on_wait_timeout: 'CANCEL',
        row_limit: 1000,
      },
      request: `POST https://${host}/api/2.0/sql/statements/`,
      body: {
        warehouse_id: 'a1b2c3d4e5f6a7b8',
        statement: 'SELECT * FROM hive_metastore.default.p_order LIMIT 10',
        catalog: 'main',
        schema: 'default',
        wait_timeout: '10s',
        on_wait_timeout: 'CANCEL',
        row_limit: 1000,
      },
      answer: {
        body: {
          statement_id: '01f188bb-89a8-116e-821e-50548abbb768',
          status: { state: 'SUCCEEDED' },
          result: { data_array: [['1']] },
        },
      },
      output: {
        statement_id: '01f188bb-89a8-116e-821e-50548abbb768',
        status: { state: 'SUCCEEDED' },
        result: { data_array: [['1']] },
      },
    },
    {
      action: 'get_statement',
      arguments: { statement_id: '01f188bb-89a8-116e-821e-50548abbb768' },
      request: `GET https://${host}/api/2.0/sql/statements/01f188bb-89a8-116e-821e-50548abbb768`,
      answer: { body: { statement_id: '01f188bb-89a8-116e-821e-50548abbb768', status: { state: 'RUNNING' } } },
      output: { statement_id: '01f188bb-89a8-116e-821e-50548abbb768', status: { state: 'RUNNING' } },
    },
    {
      action: 'run_job',
      arguments: { job_id: 11223344 },
      request: `POST https://${host}/api/2.2/jobs/run-now`,
      body: { job_id: 11223344 },
      answer: { body: { run_id: 455644833, number_in_job: 455644833 } },
      output: { run_id: 455644833, number_in_job: 455644833 },
    },
  ],
}
