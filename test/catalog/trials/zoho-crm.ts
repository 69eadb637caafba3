import type { ProviderTrial, StreamTrial } from '../providers/trial.ts'

const limited = {
  status: 429,
  body: { code: 'TOO_MANY_REQUESTS', details: {}, message: 'You have exceeded the limit.', status: 'error' },
}

const records = (name: string, first: string, second: string): StreamTrial => ({
  name,
  pages: [
    {
      body: {
        data: [{ id: first }],
        info: { per_page: 200, count: 1, next_page_token: 'c8582xx9e7c7', more_records: true },
      },
    },
    { body: { data: [{ id: second }], info: { per_page: 200, count: 1, next_page_token: null, more_records: false } } },
  ],
  keys: [first, second],
  asksFor: 'page_token=c8582xx9e7c7',
})

const tokens = {
  access_token: '1000.first',
  refresh_token: '1000.refresh',
  api_domain: 'https://www.zohoapis.eu',
  token_type: 'Bearer',
  expires_in: 3600,
}

export const trial: ProviderTrial = {
  input: { data_center: 'eu' },
  exchange: {
    answer: { body: tokens },
    accessToken: '1000.first',
    refreshToken: '1000.refresh',
    lifetimeSeconds: 3600,
  },
  renewal: {
    answer: { body: { ...tokens, access_token: '1000.second', refresh_token: undefined } },
    accessToken: '1000.second',
    refreshToken: 'old-refresh-t0ken',
    lifetimeSeconds: 3600,
  },
  // Both have status 200.
  refusals: [
    { what: 'renewal', answer: { body: { error: 'invalid_code' } }, reason: 'INVALID_GRANT', says: 'invalid_code' },
    { what: 'code', answer: { body: { error: 'invalid_client' } }, reason: 'INVALID_CLIENT' },
  ],
  hints: [
    {
      what: 'renewal',
      answer: { body: { error: 'invalid_code' } },
      cause: 'The access was revoked',
    },
  ],
  test: {
    asks: 'GET www.zohoapis.eu/crm/v8/users?type=CurrentUser',
    headers: { authorization: 'Zoho-oauthtoken 1000.first' },
    good: { body: { users: [{ id: '4150868000000225013', email: 'ada@example.com' }] } },
    refused: {
      answer: {
        status: 401,
        body: { code: 'INVALID_TOKEN', details: {}, message: 'invalid oauth token', status: 'error' },
      },
      says: 'INVALID_TOKEN: invalid oauth token',
    },
  },
  streams: [
    { ...records('leads', '4150868000001944196', '4150868000001944197'), limited },
    records('contacts', '4150868000000376008', '4150868000000376009'),
    records('accounts', '4150868000000376010', '4150868000000376011'),
    records('deals', '4150868000000376012', '4150868000000376013'),
  ],
}
