import type { ActionExample, ProviderTrial, StreamTrial } from '../providers/trial.ts'

const contact = { id: 7, given_name: 'Ada', last_updated: '2026-06-01T10:00:00.000+0000' }

const actions: ActionExample[] = [
  {
    action: 'find_contacts',
    arguments: { email: 'ada@example.com', limit: 10 },
    request: 'GET https://api.infusionsoft.com/crm/rest/v1/contacts?email=ada%40example.com&limit=10',
    answer: { body: { contacts: [contact], count: 1 } },
    output: { contacts: [contact], count: 1 },
  },
  {
    action: 'upsert_contact',
    arguments: { email: 'ada@example.com', first_name: 'Ada', last_name: 'Lovelace', job_title: 'Engineer' },
    request: 'PUT https://api.infusionsoft.com/crm/rest/v1/contacts',
    body: {
      duplicate_option: 'Email',
      email_addresses: [{ email: 'ada@example.com', field: 'EMAIL1' }],
      given_name: 'Ada',
      family_name: 'Lovelace',
      job_title: 'Engineer',
    },
    answer: { status: 201, body: contact },
    output: contact,
    overwrites: true,
  },
  {
    action: 'add_note',
    arguments: { contact_id: 7, title: 'Call', body: 'She likes it.' },
    request: 'POST https://api.infusionsoft.com/crm/rest/v1/notes',
    body: { contact_id: 7, title: 'Call', body: 'She likes it.' },
    answer: { status: 201, body: { id: 12, contact_id: 7, title: 'Call' } },
    output: { id: 12, contact_id: 7, title: 'Call' },
  },
]

const objects = (name: string): StreamTrial => ({
  name,
  pages: [
    { body: { [name]: [{ id: 1, last_updated: '2026-06-01T10:00:00.000+0000' }], count: 2 } },
    { body: { [name]: [{ id: 2, last_updated: '2026-06-02T10:00:00.000+0000' }], count: 2 } },
  ],
  keys: ['1', '2'],
  asksFor: 'offset=1',
})

const tokens = {
  access_token: 'first-access',
  token_type: 'bearer',
  expires_in: 86399,
  refresh_token: 'first-refresh',
  scope: 'full|abc123.infusionsoft.com',
}

export const trial: ProviderTrial = {
  exchange: {
    answer: { body: tokens },
    accessToken: 'first-access',
    refreshToken: 'first-refresh',
    lifetimeSeconds: 86399,
    refreshLifetimeSeconds: 3_888_000,
    scopes: ['full|abc123.infusionsoft.com'],
  },
  renewal: {
    answer: { body: { ...tokens, access_token: 'second-access', refresh_token: 'second-refresh' } },
    accessToken: 'second-access',
    refreshToken: 'second-refresh',
    lifetimeSeconds: 86399,
    refreshLifetimeSeconds: 3_888_000,
    scopes: ['full|abc123.infusionsoft.com'],
  },
  refusals: [
    {
      what: 'renewal',
      answer: { status: 400, body: { error: 'invalid_grant', error_description: 'Invalid refresh token' } },
      reason: 'INVALID_GRANT',
    },
  ],
  test: {
    asks: 'GET api.infusionsoft.com/crm/rest/v1/users?limit=1',
    headers: { authorization: 'Bearer first-access' },
    good: { body: { users: [{ id: 1 }], count: 1 } },
    refused: {
      answer: {
        status: 401,
        body: {
          fault: {
            faultstring: 'Invalid Access Token',
            detail: { errorcode: 'keymanagement.service.invalid_access_token' },
          },
        },
      },
      says: 'keymanagement.service.invalid_access_token: Invalid Access Token',
    },
  },
  streams: [
    {
      ...objects('contacts'),
      since: { cursor: '2026-06-01T10:00:00.000+0000', value: '2026-06-01T10:00:00.000Z' },
      limited: { status: 429, headers: { 'retry-after': '30' }, body: { message: 'Too many requests' } },
    },
    objects('companies'),
    objects('tags'),
    objects('users'),
  ],
  actions,
}
