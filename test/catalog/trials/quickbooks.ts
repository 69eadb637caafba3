import type { ActionExample, ProviderTrial } from '../providers/trial.ts'
import { hmac } from '../providers/webhook-trial.ts'

const company = 'https://quickbooks.api.intuit.com/v3/company/4620816365291273'

const actions: ActionExample[] = [
  {
    action: 'create_customer',
    keyed: true,
    arguments: {
      display_name: "King's Groceries",
      given_name: 'James',
      family_name: 'King',
      company_name: 'King Groceries',
      email: 'jdrew@myemail.com',
      phone: '(555) 555-5555',
      notes: 'Here are other details.',
    },
    request: `POST ${company}/customer`,
    body: {
      DisplayName: "King's Groceries",
      GivenName: 'James',
      FamilyName: 'King',
      CompanyName: 'King Groceries',
      PrimaryEmailAddr: { Address: 'jdrew@myemail.com' },
      PrimaryPhone: { FreeFormNumber: '(555) 555-5555' },
      Notes: 'Here are other details.',
    },
    answer: { body: { Customer: { Id: '67', SyncToken: '0' }, time: '2015-07-23T10:58:12.099-07:00' } },
    output: { Id: '67', SyncToken: '0' },
  },
  {
    action: 'get_customer',
    arguments: { customer_id: '1' },
    request: `GET ${company}/customer/1`,
    answer: { body: { Customer: { Id: '1', DisplayName: "Amy's Bird Sanctuary" } } },
    output: { Id: '1', DisplayName: "Amy's Bird Sanctuary" },
  },
  {
    action: 'list_customers',
    arguments: { limit: 5, start: 6 },
    request: `GET ${company}/query?query=select%20*%20from%20Customer%20startposition%206%20maxresults%205`,
    answer: { body: { QueryResponse: { Customer: [{ Id: '1' }], startPosition: 6, maxResults: 1 } } },
    output: [{ Id: '1' }],
  },
  {
    action: 'list_invoices',
    arguments: { limit: 5, start: 6 },
    request: `GET ${company}/query?query=select%20*%20from%20Invoice%20startposition%206%20maxresults%205`,
    answer: { body: { QueryResponse: { Invoice: [{ Id: '239' }], startPosition: 6, maxResults: 1 } } },
    output: [{ Id: '239' }],
  },
]

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
  actions,
}
