import type { ProviderTrial } from './trial.ts'
import { hmac } from './webhook-trial.ts'

export const trial: ProviderTrial = {
  told: { realm_id: '4620816365291273' },
  exchange: {
    answer: {
      body: {
        token_type: 'bearer',
        expires_in: 3600,
        refresh_token: 'AB11757_first',
        x_refresh_token_expires_in: 8726400,
        access_token: 'eyJlbmMiOiJBMTI4.first',
      },
    },
    accessToken: 'eyJlbmMiOiJBMTI4.first',
    refreshToken: 'AB11757_first',
    lifetimeSeconds: 3600,
    refreshLifetimeSeconds: 8726400,
  },
  renewal: {
    answer: {
      body: {
        token_type: 'bearer',
        expires_in: 3600,
        refresh_token: 'AB11757_second',
        x_refresh_token_expires_in: 8640000,
        access_token: 'eyJlbmMiOiJBMTI4.second',
      },
    },
    accessToken: 'eyJlbmMiOiJBMTI4.second',
    refreshToken: 'AB11757_second',
    lifetimeSeconds: 3600,
    refreshLifetimeSeconds: 8640000,
  },
  refusals: [
    {
      what: 'renewal',
      answer: { status: 400, body: { error_description: 'Incorrect Token type or clientID', error: 'invalid_grant' } },
      reason: 'INVALID_GRANT',
      says: 'Incorrect Token type or clientID',
    },
    { what: 'renewal', answer: { status: 401, body: { error: 'invalid_client' } }, reason: 'INVALID_CLIENT' },
  ],
  revocation: ['POST developer.api.intuit.com/v2/oauth2/tokens/revoke {"token":"AB11757_first"}'],
  afterConnect: {
    answers: [
      { body: { CompanyInfo: { CompanyName: 'Larry’s Bakery', Id: '1' }, time: '2026-06-01T10:00:00.000-07:00' } },
    ],
    kept: { company_name: 'Larry’s Bakery' },
  },
  hints: [
    {
      what: 'request',
      answer: {
        status: 403,
        body: {
          warnings: null,
          intuitObject: null,
          fault: {
            error: [
              {
                message: 'message=ApplicationAuthorizationFailed; errorCode=003100; statusCode=403',
                detail: null,
                code: '3100',
                element: null,
              },
            ],
            type: 'SERVICE',
          },
        },
      },
      says: 'message=ApplicationAuthorizationFailed; errorCode=003100; statusCode=403',
      cause: 'access to this company',
    },
  ],
  test: {
    asks: 'GET quickbooks.api.intuit.com/v3/company/4620816365291273/companyinfo/4620816365291273',
    headers: { authorization: 'Bearer eyJlbmMiOiJBMTI4.first', accept: 'application/json' },
    good: { body: { CompanyInfo: { CompanyName: 'Larry’s Bakery', Id: '1' }, time: '2026-06-01T10:00:00.000-07:00' } },
    refused: {
      answer: {
        status: 401,
        body: {
          warnings: null,
          intuitObject: null,
          fault: {
            error: [
              {
                message: 'message=AuthenticationFailed; errorCode=003200; statusCode=401',
                detail: 'Token expired: AB11757',
                code: '3200',
              },
            ],
            type: 'AUTHENTICATION',
          },
        },
      },
      says: 'Token expired: AB11757',
    },
  },
  // developer.intuit.com/app/developer/qbo/docs/develop/webhooks
  webhook: {
    sign: ({ secret, body }) => ({ 'intuit-signature': hmac('sha256', secret, body, 'base64') }),
    connection: { kept: { realm_id: '310687' } },
    requests: [
      {
        body: [
          {
            specversion: '1.0',
            id: '88cd52aa-33b6-4351-9aa4-47572edbd068',
            source: 'intuit.dsnBgbseACLLRZNxo2dfc4evmEJdxde58xeeYcZliOU=',
            type: 'qbo.customer.created.v1',
            datacontenttype: 'application/json',
            time: '2025-09-10T21:31:25.179550Z',
            intuitentityid: '1234',
            intuitaccountid: '310687',
            data: {},
          },
          {
            specversion: '1.0',
            id: '0f2c1f1e-4d0c-4f5e-9d5a-2d6b4f1f6c11',
            source: 'intuit.dsnBgbseACLLRZNxo2dfc4evmEJdxde58xeeYcZliOU=',
            type: 'qbo.invoice.updated.v1',
            time: '2025-09-10T21:31:26.179550Z',
            intuitentityid: '145',
            intuitaccountid: '9341454977738491',
            data: {},
          },
        ],
        events: [
          {
            id: '88cd52aa-33b6-4351-9aa4-47572edbd068',
            type: 'qbo.customer.created.v1',
            account: '310687',
            streams: [],
          },
          {
            id: '0f2c1f1e-4d0c-4f5e-9d5a-2d6b4f1f6c11',
            type: 'qbo.invoice.updated.v1',
            account: '9341454977738491',
            streams: [],
          },
        ],
      },
    ],
  },
}
