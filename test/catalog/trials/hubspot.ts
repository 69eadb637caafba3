import type { ActionExample, ProviderTrial } from '../providers/trial.ts'
import { hmac } from '../providers/webhook-trial.ts'

const details = {
  firstname: 'Jane',
  lastname: 'Doe',
  phone: '(555) 555-5555',
  company: 'HubSpot',
  jobtitle: 'Engineer',
  website: 'hubspot.com',
  lifecyclestage: 'marketingqualifiedlead',
}

const actions: ActionExample[] = [
  {
    action: 'create_contact',
    arguments: { email: 'example@hubspot.com', ...details },
    request: 'POST https://api.hubapi.com/crm/objects/2026-03/contacts',
    body: { properties: { email: 'example@hubspot.com', ...details } },
    answer: { status: 201, body: { id: '512', properties: { email: 'example@hubspot.com' } } },
    output: { id: '512', properties: { email: 'example@hubspot.com' } },
  },
  {
    action: 'update_contact',
    overwrites: true,
    arguments: { contact_id: '512', email: 'new@hubspot.com', ...details },
    request: 'PATCH https://api.hubapi.com/crm/objects/2026-03/contacts/512',
    body: { properties: { email: 'new@hubspot.com', ...details } },
    answer: { body: { id: '512', properties: { email: 'new@hubspot.com' } } },
    output: { id: '512', properties: { email: 'new@hubspot.com' } },
  },
  {
    action: 'get_contact',
    arguments: { contact_id: '512', properties: ['email', 'lifecyclestage'] },
    request: 'GET https://api.hubapi.com/crm/objects/2026-03/contacts/512?properties=email%2Clifecyclestage',
    answer: { body: { id: '512', properties: { email: 'example@hubspot.com' } } },
    output: { id: '512', properties: { email: 'example@hubspot.com' } },
  },
  {
    action: 'list_contacts',
    arguments: { properties: ['email'], limit: 5, cursor: '33451' },
    request: 'GET https://api.hubapi.com/crm/objects/2026-03/contacts?properties=email&limit=5&after=33451',
    answer: { body: { results: [{ id: '512' }], paging: { next: { after: '513' } } } },
    output: { results: [{ id: '512' }], paging: { next: { after: '513' } } },
  },
  {
    action: 'search_contacts',
    readsWithPost: true,
    arguments: { query: 'ada', properties: ['email'], limit: 5, cursor: '5' },
    request: 'POST https://api.hubapi.com/crm/objects/2026-03/contacts/search',
    body: { query: 'ada', properties: ['email'], limit: 5, after: '5' },
    answer: { body: { total: 1, results: [{ id: '512' }] } },
    output: { total: 1, results: [{ id: '512' }] },
  },
  {
    action: 'find_contacts',
    readsWithPost: true,
    arguments: { emails: ['example@hubspot.com'], properties: ['email'] },
    request: 'POST https://api.hubapi.com/crm/objects/2026-03/contacts/search',
    body: {
      filterGroups: [{ filters: [{ propertyName: 'email', operator: 'IN', values: ['example@hubspot.com'] }] }],
      properties: ['email'],
      limit: 100,
    },
    answer: { body: { total: 1, results: [{ id: '512' }] } },
    output: [{ id: '512' }],
  },
]

export const trial: ProviderTrial = {
  exchange: {
    answer: {
      body: {
        token_type: 'bearer',
        refresh_token: '6f18f21e-a743-4509',
        access_token: 'CN2zlYnmLBICAQIY',
        expires_in: 1800,
        hub_id: 62515,
        scopes: ['oauth', 'crm.objects.contacts.read'],
        user_id: 123,
      },
    },
    accessToken: 'CN2zlYnmLBICAQIY',
    refreshToken: '6f18f21e-a743-4509',
    lifetimeSeconds: 1800,
  },
  renewal: {
    // The refresh token does not change.
    answer: {
      body: {
        token_type: 'bearer',
        refresh_token: 'old-refresh-t0ken',
        access_token: 'CJSP5qf1KhICAQEYs',
        expires_in: 1800,
      },
    },
    accessToken: 'CJSP5qf1KhICAQEYs',
    refreshToken: 'old-refresh-t0ken',
    lifetimeSeconds: 1800,
  },
  refusals: [
    {
      what: 'renewal',
      answer: {
        status: 400,
        body: {
          error: 'invalid_grant',
          error_description: 'refresh token is invalid, expired or revoked',
          status: 'BAD_REFRESH_TOKEN',
          message: 'refresh token is invalid, expired or revoked',
        },
      },
      reason: 'INVALID_GRANT',
      says: 'refresh token is invalid, expired or revoked',
    },
    {
      what: 'code',
      answer: { status: 400, body: { status: 'BAD_AUTH_CODE', message: 'missing or unknown auth code' } },
      reason: 'INVALID_GRANT',
    },
    {
      what: 'renewal',
      answer: { status: 400, body: { status: 'BAD_CLIENT_ID', message: 'missing or unknown client id' } },
      reason: 'INVALID_CLIENT',
    },
  ],
  revocation: ['POST api.hubapi.com/oauth/2026-03/token/revoke token=6f18f21e-a743-4509'],
  afterConnect: {
    answers: [{ body: { portalId: 62515, accountType: 'STANDARD', timeZone: 'US/Eastern' } }],
    kept: { portal_id: 62515 },
  },
  test: {
    asks: 'GET api.hubapi.com/account-info/2026-03/details',
    headers: { authorization: 'Bearer CN2zlYnmLBICAQIY' },
    good: { body: { portalId: 62515, accountType: 'STANDARD' } },
    refused: {
      answer: {
        status: 401,
        body: {
          status: 'error',
          message: 'The OAuth token used to make this call expired 5 minute(s) ago.',
          category: 'EXPIRED_AUTHENTICATION',
        },
      },
      says: 'The OAuth token used to make this call expired 5 minute(s) ago.',
    },
  },
  streams: [
    {
      name: 'contacts',
      pages: [
        {
          body: {
            results: [{ id: '101', properties: { email: 'ada@example.com' }, archived: false }],
            paging: {
              next: {
                after: 'NTI1Cg==',
                link: 'https://api.hubapi.com/crm/objects/2026-03/contacts?after=NTI1Cg%3D%3D',
              },
            },
          },
        },
        { body: { results: [{ id: '102', properties: { email: 'bob@example.com' }, archived: false }] } },
      ],
      keys: ['101', '102'],
      asksFor: 'after=NTI1Cg==',
      limited: {
        status: 429,
        body: {
          status: 'error',
          message: 'You have reached your ten_secondly_rolling limit.',
          errorType: 'RATE_LIMIT',
          policyName: 'TEN_SECONDLY_ROLLING',
        },
      },
    },
  ],
  // developers.hubspot.com/docs/apps/developer-platform/build-apps/authentication/request-validation,
  // developers.hubspot.com/docs/api-reference/webhooks-webhooks-v3/guide
  webhook: {
    sign: ({ secret, method, url, body, at }) => ({
      'X-HubSpot-Signature-v3': hmac('sha256', secret, `${method}${url}${body}${at.getTime()}`, 'base64'),
      'X-HubSpot-Request-Timestamp': String(at.getTime()),
    }),
    toleranceSeconds: 300,
    connection: { kept: { portal_id: 62515 } },
    requests: [
      {
        body: [
          {
            objectId: 1246965,
            propertyName: 'lifecyclestage',
            propertyValue: 'subscriber',
            changeSource: 'ACADEMY',
            eventId: 3816279340,
            subscriptionId: 25,
            portalId: 62515,
            appId: 1160452,
            occurredAt: 1462216307945,
            subscriptionType: 'contact.propertyChange',
            attemptNumber: 0,
          },
          {
            objectId: 1246978,
            changeSource: 'IMPORT',
            eventId: 3816279480,
            subscriptionId: 22,
            portalId: 33,
            appId: 1160452,
            occurredAt: 1462216307946,
            subscriptionType: 'object.creation',
            objectTypeId: '0-2',
            attemptNumber: 0,
          },
        ],
        events: [
          {
            id: '3816279340:25:1462216307945',
            type: 'contact.propertyChange',
            account: '62515',
            streams: ['contacts'],
          },
          { id: '3816279480:22:1462216307946', type: 'object.creation', account: '33', streams: ['companies'] },
        ],
      },
    ],
  },
  actions,
}
