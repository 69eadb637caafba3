import type { ActionExample, ProviderTrial } from '../providers/trial.ts'
import { hmac } from '../providers/webhook-trial.ts'

const actions: ActionExample[] = [
  {
    action: 'create_contact',
    keyed: true,
    arguments: {
      name: 'Bruce Banner',
      first_name: 'Bruce',
      last_name: 'Banner',
      email: 'hulk@avengers.com',
      account_number: 'A-1',
    },
    request: 'PUT https://api.xero.com/api.xro/2.0/Contacts',
    body: {
      Contacts: [
        {
          Name: 'Bruce Banner',
          FirstName: 'Bruce',
          LastName: 'Banner',
          EmailAddress: 'hulk@avengers.com',
          AccountNumber: 'A-1',
        },
      ],
    },
    answer: { body: { Status: 'OK', Contacts: [{ ContactID: '3ff6d40c-af9a-40a3-89ce-3c1556a25591' }] } },
    output: { ContactID: '3ff6d40c-af9a-40a3-89ce-3c1556a25591' },
  },
  {
    action: 'get_contact',
    arguments: { contact_id: '430fa14a-f945-44d3-9f97-5df5e28441b8' },
    request: 'GET https://api.xero.com/api.xro/2.0/Contacts/430fa14a-f945-44d3-9f97-5df5e28441b8',
    answer: { body: { Contacts: [{ ContactID: '430fa14a-f945-44d3-9f97-5df5e28441b8' }] } },
    output: { ContactID: '430fa14a-f945-44d3-9f97-5df5e28441b8' },
  },
  {
    action: 'list_contacts',
    arguments: { search: 'Joe Bloggs', limit: 5, page: 2 },
    request: 'GET https://api.xero.com/api.xro/2.0/Contacts?searchTerm=Joe%20Bloggs&pageSize=5&page=2',
    answer: { body: { pagination: { page: 2 }, Contacts: [{ Name: 'Joe Bloggs' }] } },
    output: [{ Name: 'Joe Bloggs' }],
  },
  {
    action: 'list_invoices',
    arguments: {
      status: 'AUTHORISED',
      contact_id: '3138017f-8ddc-420e-a159-e7e1cf9e643d',
      modified_since: '2026-07-01',
      limit: 5,
      page: 2,
    },
    request:
      'GET https://api.xero.com/api.xro/2.0/Invoices?Statuses=AUTHORISED&ContactIDs=3138017f-8ddc-420e-a159-e7e1cf9e643d&summaryOnly=true&pageSize=5&page=2',
    headers: { 'if-modified-since': '2026-07-01T00:00:00' },
    answer: { body: { Invoices: [{ InvoiceID: 'd4956132-ed94-4dd7-9eaa-aa22dfdf06f2' }] } },
    output: [{ InvoiceID: 'd4956132-ed94-4dd7-9eaa-aa22dfdf06f2' }],
  },
]

export const trial: ProviderTrial = {
  exchange: {
    answer: {
      body: {
        id_token: 'eyJhbGciOiJSUzI1NiIs.id',
        access_token: 'eyJhbGciOiJSUzI1NiIs.first',
        expires_in: 1800,
        token_type: 'Bearer',
        refresh_token: '62ef4d83_first',
        scope: 'accounting.contacts.read offline_access',
      },
    },
    accessToken: 'eyJhbGciOiJSUzI1NiIs.first',
    refreshToken: '62ef4d83_first',
    lifetimeSeconds: 1800,
    refreshLifetimeSeconds: 5184000,
    scopes: ['accounting.contacts.read', 'offline_access'],
  },
  renewal: {
    answer: {
      body: { access_token: 'second', expires_in: 1800, token_type: 'Bearer', refresh_token: '62ef4d83_second' },
    },
    accessToken: 'second',
    refreshToken: '62ef4d83_second',
    lifetimeSeconds: 1800,
    refreshLifetimeSeconds: 5184000,
  },
  refusals: [
    { what: 'renewal', answer: { status: 400, body: { error: 'invalid_grant' } }, reason: 'INVALID_GRANT' },
    { what: 'renewal', answer: { status: 400, body: { error: 'invalid_client' } }, reason: 'INVALID_CLIENT' },
  ],
  revocation: [
    'POST identity.xero.com/connect/revocation token=62ef4d83_first',
    'POST identity.xero.com/connect/revocation token=eyJhbGciOiJSUzI1NiIs.first',
  ],
  afterConnect: {
    answers: [
      {
        body: [
          {
            id: 'e1eede29-f875-4a5d-8470-17f6a29a88b1',
            authEventId: 'd99ecdfe-391d-43d2-b834-17636ba90e8d',
            tenantId: '70784a63-d24b-46a9-a4db-0e70a274b056',
            tenantType: 'ORGANISATION',
            tenantName: 'Maple Florist',
          },
        ],
      },
    ],
    kept: { tenant_id: '70784a63-d24b-46a9-a4db-0e70a274b056', tenant_name: 'Maple Florist' },
  },
  hints: [
    {
      what: 'request',
      answer: {
        status: 401,
        body: { Type: null, Title: 'Unauthorized', Status: 401, Detail: 'AuthorizationUnsuccessful', Instance: 'x' },
      },
      says: 'AuthorizationUnsuccessful',
      cause: 'lacks a scope',
    },
    {
      what: 'request',
      answer: {
        status: 403,
        body: { Type: null, Title: 'Forbidden', Status: 403, Detail: 'AuthenticationUnsuccessful', Instance: 'x' },
      },
      says: 'AuthenticationUnsuccessful',
      cause: 'access to this organisation was revoked',
    },
  ],
  test: {
    asks: 'GET api.xero.com/api.xro/2.0/Organisation',
    headers: {
      authorization: 'Bearer eyJhbGciOiJSUzI1NiIs.first',
      'xero-tenant-id': '70784a63-d24b-46a9-a4db-0e70a274b056',
      accept: 'application/json',
    },
    good: { body: { Organisations: [{ Name: 'Maple Florist' }] } },
    refused: {
      answer: {
        status: 401,
        body: {
          Type: null,
          Title: 'Unauthorized',
          Status: 401,
          Detail: 'TokenExpired: token expired at 06/01/2026',
          Instance: 'x',
        },
      },
      says: 'TokenExpired: token expired at 06/01/2026',
    },
  },
  streams: [
    {
      // A full page has 100 contacts.
      name: 'contacts',
      pages: [
        {
          body: {
            pagination: { page: 1, pageSize: 100, pageCount: 2, itemCount: 101 },
            Contacts: Array.from({ length: 100 }, (_, index) => ({ ContactID: `c${index}`, Name: 'ABC' })),
          },
        },
        {
          body: {
            pagination: { page: 2, pageSize: 100, pageCount: 2, itemCount: 101 },
            Contacts: [{ ContactID: 'last', Name: 'Z' }],
          },
        },
      ],
      keys: [...Array.from({ length: 100 }, (_, index) => `c${index}`), 'last'],
      asksFor: 'page=2',
      limited: { status: 429, headers: { 'retry-after': '27', 'x-rate-limit-problem': 'minute' } },
    },
  ],
  // developer.xero.com/documentation/guides/webhooks/overview
  webhook: {
    sign: ({ secret, body }) => ({ 'x-xero-signature': hmac('sha256', secret, body, 'base64') }),
    connection: { kept: { tenant_id: 'c2cc9b6e-9458-4c7d-93cc-f02b81b0594f' } },
    requests: [
      {
        body: {
          events: [
            {
              resourceUrl: 'https://api.xero.com/api.xro/2.0/Contacts/717f2bfc-c6d4-41fd-b238-3f2f0c0cf777',
              resourceId: '717f2bfc-c6d4-41fd-b238-3f2f0c0cf777',
              eventDateUtc: '2017-06-21T01:15:39.902',
              eventType: 'Update',
              eventCategory: 'CONTACT',
              tenantId: 'c2cc9b6e-9458-4c7d-93cc-f02b81b0594f',
              tenantType: 'ORGANISATION',
            },
          ],
          lastEventSequence: 1,
          firstEventSequence: 1,
          entropy: 'S0m3r4Nd0mt3xt',
        },
        events: [
          {
            id: '717f2bfc-c6d4-41fd-b238-3f2f0c0cf777:Update:2017-06-21T01:15:39.902',
            type: 'CONTACT.Update',
            account: 'c2cc9b6e-9458-4c7d-93cc-f02b81b0594f',
            streams: ['contacts'],
          },
        ],
      },
      {
        // The intent to receive.
        body: { events: [], firstEventSequence: 0, lastEventSequence: 0, entropy: 'S0m3r4Nd0mt3xt' },
        events: [],
      },
    ],
  },
  actions,
}
