import { rsa } from '../../auth/signature/keys.ts'
import type { ProviderTrial } from '../providers/trial.ts'

const host = 'myorg-myaccount.snowflakecomputing.com'

const expired = {
  status: 401,
  body: { code: '390318', message: 'OAuth access token expired. [01b2c3d4-5e6f-4a7b-8c9d-0e1f2a3b4c5d]' },
}
const invalid = {
  status: 401,
  body: { code: '390144', message: 'JWT token is invalid. [7fb87e37-2f26-4a10-9f9c-72276ea898bf]' },
}

const result = {
  resultSetMetaData: { numRows: 1, format: 'jsonv2', rowType: [{ name: 'ID', type: 'fixed' }] },
  data: [['1']],
  code: '090001',
  message: 'Statement executed successfully.',
  statementHandle: 'e4ce975e-f7ff-4b5e-b15e-bf25f59371ae',
}

export const trial: ProviderTrial = {
  exchange: {
    answer: {
      body: {
        access_token: 'ver:1-hint:2065896170862-did:1003-ETMsDgAAAY',
        refresh_token: 'ver:2-hint:8589942795-did:2000-ETMsDgAAAY',
        token_type: 'Bearer',
        username: 'ANA',
        scope: 'refresh_token session:role:ANALYST',
        expires_in: 600,
        refresh_token_expires_in: 7775999,
        idpInitiated: false,
      },
    },
    accessToken: 'ver:1-hint:2065896170862-did:1003-ETMsDgAAAY',
    refreshToken: 'ver:2-hint:8589942795-did:2000-ETMsDgAAAY',
    lifetimeSeconds: 600,
    refreshLifetimeSeconds: 7775999,
  },
  renewal: {
    answer: {
      body: {
        access_token: 'ver:1-hint:2065896170862-did:1003-RENEWED',
        token_type: 'Bearer',
        scope: 'refresh_token session:role:ANALYST',
        expires_in: 600,
      },
    },
    accessToken: 'ver:1-hint:2065896170862-did:1003-RENEWED',
    refreshToken: 'old-refresh-t0ken',
    lifetimeSeconds: 600,
  },
  refusals: [
    {
      what: 'code',
      answer: {
        status: 400,
        body: {
          error: 'invalid_client',
          message: 'This is an invalid client.',
          success: false,
          data: null,
          code: null,
        },
      },
      reason: 'INVALID_CLIENT',
    },
    {
      what: 'renewal',
      answer: {
        status: 400,
        body: { error: 'invalid_grant', message: 'Invalid refresh token.', success: false, data: null, code: null },
      },
      reason: 'INVALID_GRANT',
    },
  ],
  hints: [
    {
      what: 'request',
      answer: invalid,
      says: `390144: ${invalid.body.message}`,
      cause: 'does not belong to the private key',
    },
    { what: 'request', answer: expired, says: `390318: ${expired.body.message}`, cause: 'access token has expired' },
  ],
  test: {
    asks: `POST ${host}/api/v2/statements`,
    headers: {
      authorization: 'Bearer ver:1-hint:2065896170862-did:1003-ETMsDgAAAY',
      'x-snowflake-authorization-token-type': 'OAUTH',
    },
    good: { body: result },
    refused: { answer: expired, says: `390318: ${expired.body.message}` },
  },
  otherWays: [
    {
      credential: {
        fields: {
          auth_method: 'key_pair',
          user: 'latchkey',
          private_key: rsa.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
          fingerprint: 'SHA256:AbCdEfGhIjKlMnOpQrStUvWxYz0123456789AbCdEfG=',
        },
      },
      asks: `POST ${host}/api/v2/statements`,
      headers: { 'x-snowflake-authorization-token-type': 'KEYPAIR_JWT' },
    },
  ],
  streams: [
    {
      name: 'databases',
      pages: [
        {
          headers: {
            link: '</api/v2/results/01b66701-0000-001c-0000-0030000b91521?page=0>; rel="first",</api/v2/results/01b66701-0000-001c-0000-0030000b91521?page=1>; rel="next",</api/v2/results/01b66701-0000-001c-0000-0030000b91521?page=1>; rel="last"',
          },
          body: [{ name: 'SALES', kind: 'PERMANENT', created_on: '2024-06-18T01:01:01.111Z' }],
        },
        { body: [{ name: 'LOGS', kind: 'TRANSIENT', created_on: '2024-06-19T01:01:01.111Z' }] },
      ],
      keys: ['SALES', 'LOGS'],
      asksFor: '/api/v2/results/01b66701-0000-001c-0000-0030000b91521?page=1',
      limited: { status: 429, body: { code: '390199', message: 'Too many requests.' } },
    },
    {
      name: 'schemas',
      parent: { name: 'SALES' },
      pages: [{ body: [{ name: 'PUBLIC', database_name: 'SALES' }] }],
      keys: ['parent/PUBLIC'],
      asksFor: '/api/v2/databases/SALES/schemas',
    },
    {
      name: 'warehouses',
      pages: [{ body: [{ name: 'COMPUTE_WH', warehouse_size: 'XSMALL', state: 'SUSPENDED' }] }],
      keys: ['COMPUTE_WH'],
      asksFor: '/api/v2/warehouses',
    },
  ],
  actions: [
    {
      action: 'execute_statement',
      overwrites: true,
      arguments: {
        statement: 'select id from customers limit 1',
        warehouse: 'COMPUTE_WH',
        database: 'SALES',
        schema: 'PUBLIC',
        role: 'ANALYST',
        timeout: 60,
      },
      request: `POST https://${host}/api/v2/statements`,
      body: {
        statement: 'select id from customers limit 1',
        warehouse: 'COMPUTE_WH',
        database: 'SALES',
        schema: 'PUBLIC',
        role: 'ANALYST',
        timeout: 60,
      },
      answer: { body: result },
      output: result,
    },
    {
      action: 'get_statement',
      arguments: { statement_handle: 'e4ce975e-f7ff-4b5e-b15e-bf25f59371ae', partition: 0 },
      request: `GET https://${host}/api/v2/statements/e4ce975e-f7ff-4b5e-b15e-bf25f59371ae?partition=0`,
      answer: { body: result },
      output: result,
    },
  ],
}
