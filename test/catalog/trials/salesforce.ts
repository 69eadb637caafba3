import type { ActionExample, ProviderTrial } from '../providers/trial.ts'

const rest = 'https://acme.my.salesforce.com/services/data/v62.0'

const person = {
  first_name: 'John',
  email: 'john@example.com',
  phone: '(555) 555-5555',
  title: 'Director',
  description: 'Met at the fair.',
}

const fields = {
  FirstName: 'John',
  Email: 'john@example.com',
  Phone: '(555) 555-5555',
  Title: 'Director',
  Description: 'Met at the fair.',
}

const actions: ActionExample[] = [
  {
    action: 'create_lead',
    arguments: {
      last_name: 'Doe',
      company: 'Acme',
      ...person,
      status: 'Open - Not Contacted',
      lead_source: 'Web',
    },
    request: `POST ${rest}/sobjects/Lead`,
    body: { LastName: 'Doe', ...fields, Company: 'Acme', Status: 'Open - Not Contacted', LeadSource: 'Web' },
    answer: { status: 201, body: { id: '00Q5e00001A1b2cEAB', success: true, errors: [] } },
    output: { id: '00Q5e00001A1b2cEAB', success: true, errors: [] },
  },
  {
    action: 'create_contact',
    arguments: { last_name: 'Doe', ...person, account_id: '001D000000INjVeIAL' },
    request: `POST ${rest}/sobjects/Contact`,
    body: { LastName: 'Doe', ...fields, AccountId: '001D000000INjVeIAL' },
    answer: { status: 201, body: { id: '003D000000QYAgHIAX', success: true, errors: [] } },
    output: { id: '003D000000QYAgHIAX', success: true, errors: [] },
  },
  {
    action: 'get_lead',
    arguments: { lead_id: '00Q5e00001A1b2cEAB' },
    request: `GET ${rest}/sobjects/Lead/00Q5e00001A1b2cEAB`,
    answer: { body: { Id: '00Q5e00001A1b2cEAB', LastName: 'Doe' } },
    output: { Id: '00Q5e00001A1b2cEAB', LastName: 'Doe' },
  },
  {
    action: 'get_contact',
    arguments: { contact_id: '003D000000QYAgH' },
    request: `GET ${rest}/sobjects/Contact/003D000000QYAgH`,
    answer: { body: { Id: '003D000000QYAgHIAX', LastName: 'Doe' } },
    output: { Id: '003D000000QYAgHIAX', LastName: 'Doe' },
  },
  {
    action: 'list_leads',
    arguments: { limit: 5 },
    request: `GET ${rest}/query?q=SELECT%20Id%2C%20FirstName%2C%20LastName%2C%20Company%2C%20Email%2C%20Phone%2C%20Status%2C%20LeadSource%2C%20OwnerId%2C%20CreatedDate%20FROM%20Lead%20WHERE%20IsConverted%20%3D%20false%20ORDER%20BY%20CreatedDate%20DESC%20LIMIT%205`,
    answer: { body: { totalSize: 1, done: true, records: [{ Id: '00Q5e00001A1b2cEAB' }] } },
    output: [{ Id: '00Q5e00001A1b2cEAB' }],
  },
  {
    action: 'search',
    arguments: { query: 'Acme', object: 'Account', limit: 5 },
    request: `GET ${rest}/parameterizedSearch?q=Acme&sobject=Account&fields=Id%2CName&overallLimit=5`,
    answer: { body: { searchRecords: [{ Id: '001D000000INjVeIAL', Name: 'Acme' }] } },
    output: [{ Id: '001D000000INjVeIAL', Name: 'Acme' }],
  },
]

export const trial: ProviderTrial = {
  exchange: {
    // No expires_in.
    answer: {
      body: {
        access_token: '00DB0000000TfcR!AQQAQFhoK8vTMg_rKA',
        refresh_token: '5Aep8615VRsd9ruNMNu',
        signature: 'd/SxeYBxH0GSVko0HMgcUxuZy0PA2cDDz1u7g7JtDHw=',
        scope: 'refresh_token api',
        instance_url: 'https://acme.my.salesforce.com',
        id: 'https://login.salesforce.com/id/00DB0000000TfcRMAS/005B0000005Bk90IAC',
        token_type: 'Bearer',
        issued_at: '1558553873237',
      },
    },
    accessToken: '00DB0000000TfcR!AQQAQFhoK8vTMg_rKA',
    refreshToken: '5Aep8615VRsd9ruNMNu',
    lifetimeSeconds: 7200,
    scopes: ['refresh_token', 'api'],
    kept: {
      instance_url: 'https://acme.my.salesforce.com',
      identity_url: 'https://login.salesforce.com/id/00DB0000000TfcRMAS/005B0000005Bk90IAC',
    },
  },
  renewal: {
    answer: {
      body: {
        access_token: '00DB0000000TfcR!second',
        signature: 'jDM/Ws4xQ+mjEfkrtLdIlHRSbExIUCO9CoVs=',
        scope: 'refresh_token api',
        instance_url: 'https://acme.my.salesforce.com',
        id: 'https://login.salesforce.com/id/00DB0000000TfcRMAS/005B0000005Bk90IAC',
        token_type: 'Bearer',
        issued_at: '1558553873237',
      },
    },
    accessToken: '00DB0000000TfcR!second',
    refreshToken: 'old-refresh-t0ken',
    lifetimeSeconds: 7200,
    kept: {
      instance_url: 'https://acme.my.salesforce.com',
      identity_url: 'https://login.salesforce.com/id/00DB0000000TfcRMAS/005B0000005Bk90IAC',
    },
  },
  refusals: [
    {
      what: 'renewal',
      answer: { status: 400, body: { error: 'invalid_grant', error_description: 'expired access/refresh token' } },
      reason: 'INVALID_GRANT',
      says: 'expired access/refresh token',
    },
    {
      what: 'code',
      answer: { status: 400, body: { error: 'invalid_client_id', error_description: 'client identifier invalid' } },
      reason: 'INVALID_CLIENT',
    },
  ],
  revocation: [
    'POST login.salesforce.com/services/oauth2/revoke token=5Aep8615VRsd9ruNMNu',
    'POST login.salesforce.com/services/oauth2/revoke token=00DB0000000TfcR!AQQAQFhoK8vTMg_rKA',
  ],
  hints: [
    {
      what: 'request',
      answer: {
        status: 403,
        body: [{ message: 'The REST API is not enabled for this Organization.', errorCode: 'API_DISABLED_FOR_ORG' }],
      },
      says: 'The REST API is not enabled for this Organization.',
      cause: 'does not include the API',
    },
  ],
  test: {
    asks: 'GET acme.my.salesforce.com/services/data/v62.0/limits',
    headers: { authorization: 'Bearer 00DB0000000TfcR!AQQAQFhoK8vTMg_rKA' },
    good: { body: { DailyApiRequests: { Max: 15000, Remaining: 14998 } } },
    refused: {
      answer: { status: 401, body: [{ message: 'Session expired or invalid', errorCode: 'INVALID_SESSION_ID' }] },
      says: 'Session expired or invalid',
    },
  },
  streams: [
    {
      name: 'accounts',
      pages: [
        {
          body: {
            totalSize: 2,
            done: false,
            // A path, without the host.
            nextRecordsUrl: '/services/data/v62.0/query/01gRO0000016PIAYA2-500',
            records: [{ attributes: { type: 'Account' }, Id: '0015800000c7RsoAAE', Name: 'Acme' }],
          },
        },
        {
          body: {
            totalSize: 2,
            done: true,
            records: [{ attributes: { type: 'Account' }, Id: '0015800000c7RspAAE', Name: 'Globex' }],
          },
        },
      ],
      keys: ['0015800000c7RsoAAE', '0015800000c7RspAAE'],
      asksFor: '/services/data/v62.0/query/01gRO0000016PIAYA2-500',
      limited: {
        status: 403,
        body: [{ message: 'TotalRequests Limit exceeded.', errorCode: 'REQUEST_LIMIT_EXCEEDED' }],
      },
    },
  ],
  actions,
}
