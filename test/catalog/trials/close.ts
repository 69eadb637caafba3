import type { ActionExample, ProviderTrial, StreamTrial } from '../providers/trial.ts'

const organization_id = 'orga_XbVPx5fFbKlYTz9PW5Ih1XDhViV10YihIaEgMEb6fVW'
const user_id = 'user_N6KhMpzHRCYQHdn4gRNIFNN5JExnsrprKA6ekxM63XA'
const lead_id = 'lead_QyNaWw4fdSwxl5Mc5daMFf3Y27PpIcH0awPbC9l7uyo'

const actions: ActionExample[] = [
  {
    action: 'create_lead',
    arguments: {
      name: 'Acme',
      url: 'https://acme.example.com',
      description: 'Makes engines.',
      contacts: [{ name: 'Ada', emails: [{ email: 'ada@example.com', type: 'office' }] }],
    },
    request: 'POST https://api.close.com/api/v1/lead/',
    body: {
      name: 'Acme',
      url: 'https://acme.example.com',
      description: 'Makes engines.',
      contacts: [{ name: 'Ada', emails: [{ email: 'ada@example.com', type: 'office' }] }],
    },
    answer: { body: { id: lead_id, display_name: 'Acme' } },
    output: { id: lead_id, display_name: 'Acme' },
  },
  {
    action: 'get_lead',
    arguments: { lead_id },
    request: `GET https://api.close.com/api/v1/lead/${lead_id}/`,
    answer: { body: { id: lead_id, display_name: 'Acme', contacts: [] } },
    output: { id: lead_id, display_name: 'Acme', contacts: [] },
  },
  {
    action: 'add_note',
    arguments: { lead_id, note: 'Called.' },
    request: 'POST https://api.close.com/api/v1/activity/note/',
    body: { lead_id, note: 'Called.' },
    answer: { body: { id: 'acti_1', lead_id, note: 'Called.' } },
    output: { id: 'acti_1', lead_id, note: 'Called.' },
  },
]

const objects = (name: string): StreamTrial => ({
  name,
  pages: [{ body: { data: [{ id: 'a' }], has_more: true } }, { body: { data: [{ id: 'b' }], has_more: false } }],
  keys: ['a', 'b'],
  asksFor: '_skip=1',
})

const tokens = {
  token_type: 'Bearer',
  access_token: 'ACCESS_TOKEN',
  expires_in: 3600,
  refresh_token: 'REFRESH_TOKEN',
  scope: 'all.full_access offline_access',
  organization_id,
  user_id,
}

export const trial: ProviderTrial = {
  credential: { fields: { auth_method: 'api_key', api_key: 'api_0123456789' } },
  exchange: {
    answer: { body: tokens },
    accessToken: 'ACCESS_TOKEN',
    refreshToken: 'REFRESH_TOKEN',
    lifetimeSeconds: 3600,
    scopes: ['all.full_access', 'offline_access'],
    kept: { organization_id, user_id },
  },
  renewal: {
    answer: { body: { ...tokens, access_token: 'SECOND', refresh_token: 'SECOND_REFRESH' } },
    accessToken: 'SECOND',
    refreshToken: 'SECOND_REFRESH',
    lifetimeSeconds: 3600,
    scopes: ['all.full_access', 'offline_access'],
    kept: { organization_id, user_id },
  },
  refusals: [
    {
      what: 'renewal',
      answer: { status: 400, body: { error: 'invalid_grant' } },
      reason: 'INVALID_GRANT',
    },
  ],
  test: {
    asks: 'GET api.close.com/api/v1/me/',
    headers: { authorization: 'Bearer ACCESS_TOKEN' },
    good: { body: { id: user_id, email: 'ada@example.com', organizations: [{ id: organization_id }] } },
    refused: {
      answer: { status: 401, body: { error: 'The access token is invalid' } },
      says: 'The access token is invalid',
    },
  },
  otherWays: [
    {
      // The key is the user name, and the password is empty.
      credential: { fields: { auth_method: 'api_key', api_key: 'api_0123456789' } },
      asks: 'GET api.close.com/api/v1/me/',
      headers: { authorization: `Basic ${btoa('api_0123456789:')}` },
    },
  ],
  streams: [
    {
      ...objects('leads'),
      limited: { status: 429, headers: { 'retry-after': '5' }, body: { error: 'Too many requests' } },
    },
    objects('contacts'),
    objects('opportunities'),
    {
      name: 'events',
      pages: [
        { body: { data: [{ id: 'ev_2', date_updated: '2019-01-15T12:48:23.395000' }], cursor_next: 'Y3Vyc29y' } },
        { body: { data: [{ id: 'ev_1', date_updated: '2019-01-15T12:41:24.496000' }], cursor_next: null } },
      ],
      keys: ['ev_2', 'ev_1'],
      asksFor: '_cursor=Y3Vyc29y',
      since: { cursor: '2019-01-15T12:48:23.395000', value: '2019-01-15T12:48:23.395000' },
    },
  ],
  actions,
}
