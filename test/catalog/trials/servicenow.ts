import type { ActionExample, ProviderTrial, StreamTrial } from '../providers/trial.ts'

const incident = { sys_id: 'c537bae64f411200adf9f8e18110c76e', number: 'INC0010002' }

const actions: ActionExample[] = [
  {
    action: 'create_incident',
    arguments: {
      short_description: 'Unable to connect to office wifi',
      description: 'Since this morning.',
      urgency: '2',
      impact: '2',
      caller_id: '6816f79cc0a8016401c5a33be04be441',
      assignment_group: '287ebd7da9fe198100f92cc8d1d2154e',
    },
    request: 'POST https://acme.service-now.com/api/now/table/incident',
    body: {
      short_description: 'Unable to connect to office wifi',
      description: 'Since this morning.',
      urgency: '2',
      impact: '2',
      caller_id: '6816f79cc0a8016401c5a33be04be441',
      assignment_group: '287ebd7da9fe198100f92cc8d1d2154e',
    },
    answer: { status: 201, body: { result: incident } },
    output: incident,
  },
  {
    action: 'list_records',
    arguments: { table: 'incident', query: 'active=true^ORDERBYnumber', fields: 'sys_id,number', limit: 5 },
    request:
      'GET https://acme.service-now.com/api/now/table/incident?sysparm_query=active%3Dtrue%5EORDERBYnumber&sysparm_fields=sys_id%2Cnumber&sysparm_limit=5&sysparm_exclude_reference_link=true',
    answer: { body: { result: [incident] } },
    output: [incident],
  },
  {
    action: 'add_work_note',
    arguments: { sys_id: incident.sys_id, note: 'The access point was replaced.' },
    request: `PATCH https://acme.service-now.com/api/now/table/incident/${incident.sys_id}`,
    body: { work_notes: 'The access point was replaced.' },
    answer: { body: { result: incident } },
    output: incident,
  },
]

const pages = (name: string, table: string): StreamTrial => ({
  name,
  pages: [
    {
      headers: {
        link: `<https://acme.service-now.com/api/now/table/${table}?sysparm_offset=500&sysparm_limit=500>;rel="next",<https://acme.service-now.com/api/now/table/${table}?sysparm_offset=0&sysparm_limit=500>;rel="first"`,
        'x-total-count': '2',
      },
      body: { result: [{ sys_id: 'c537bae64f411200adf9f8e18110c76e', sys_updated_on: '2016-01-22 14:28:24' }] },
    },
    {
      headers: { 'x-total-count': '2' },
      body: { result: [{ sys_id: 'd977b66a4f411200adf9f8e18110c7b2', sys_updated_on: '2016-01-22 14:28:25' }] },
    },
  ],
  keys: ['c537bae64f411200adf9f8e18110c76e', 'd977b66a4f411200adf9f8e18110c7b2'],
  asksFor: 'sysparm_offset=500',
})

const tokens = {
  access_token: '2nbxcl8_1RZsDvkyWTiGs1MlNtI8tVAEVsC2Qu8Yjx',
  refresh_token: 'w599voG89897rGVDmdp12WA681r9E5948c1CJTPi8g',
  scope: 'useraccount',
  token_type: 'Bearer',
  expires_in: 1799,
}

export const trial: ProviderTrial = {
  exchange: {
    answer: { body: tokens },
    accessToken: '2nbxcl8_1RZsDvkyWTiGs1MlNtI8tVAEVsC2Qu8Yjx',
    refreshToken: 'w599voG89897rGVDmdp12WA681r9E5948c1CJTPi8g',
    lifetimeSeconds: 1799,
    scopes: ['useraccount'],
  },
  renewal: {
    answer: { body: { ...tokens, access_token: 'second' } },
    accessToken: 'second',
    refreshToken: 'w599voG89897rGVDmdp12WA681r9E5948c1CJTPi8g',
    lifetimeSeconds: 1799,
  },
  refusals: [
    {
      what: 'renewal',
      answer: { status: 401, body: { error: 'invalid_grant', error_description: 'The refresh token has expired' } },
      reason: 'INVALID_GRANT',
    },
    {
      what: 'code',
      answer: { status: 401, body: { error: 'invalid_client', error_description: 'The client is unknown' } },
      reason: 'INVALID_CLIENT',
    },
  ],
  test: {
    asks: 'GET acme.service-now.com/api/now/table/sys_user?sysparm_limit=1&sysparm_fields=sys_id',
    headers: { authorization: 'Bearer 2nbxcl8_1RZsDvkyWTiGs1MlNtI8tVAEVsC2Qu8Yjx' },
    good: { body: { result: [{ sys_id: '6816f79cc0a8016401c5a33be04be441' }] } },
    refused: {
      answer: {
        status: 401,
        body: {
          error: { message: 'User Not Authenticated', detail: 'Required to provide Auth information' },
          status: 'failure',
        },
      },
      says: 'User Not Authenticated',
    },
  },
  otherWays: [
    {
      credential: { fields: { auth_method: 'password', username: 'latchkey', password: 'a-passw0rd' } },
      asks: 'GET acme.service-now.com/api/now/table/sys_user?sysparm_limit=1&sysparm_fields=sys_id',
      headers: { authorization: `Basic ${btoa('latchkey:a-passw0rd')}` },
    },
  ],
  hints: [
    {
      what: 'request',
      answer: {
        status: 401,
        body: {
          error: { message: 'User Not Authenticated', detail: 'Required to provide Auth information' },
          status: 'failure',
        },
      },
      says: 'User Not Authenticated',
      cause: 'The password is wrong',
    },
  ],
  streams: [
    {
      ...pages('incidents', 'incident'),
      limited: {
        status: 429,
        headers: { 'retry-after': '20' },
        body: { error: { message: 'Too many requests' }, status: 'failure' },
      },
    },
    pages('problems', 'problem'),
    pages('change_requests', 'change_request'),
    pages('users', 'sys_user'),
  ],
  actions,
}
