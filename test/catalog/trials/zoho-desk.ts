import type { ActionExample, ProviderTrial, StreamTrial } from '../providers/trial.ts'

const actions: ActionExample[] = [
  {
    action: 'create_ticket',
    arguments: {
      subject: 'Real time analysis requirement',
      department_id: '1892000000006907',
      email: 'carol@example.com',
      last_name: 'Carol',
      description: 'Hi. There is a sudden delay.',
    },
    request: 'POST https://desk.zoho.eu/api/v1/tickets',
    body: {
      subject: 'Real time analysis requirement',
      departmentId: '1892000000006907',
      contact: { email: 'carol@example.com', lastName: 'Carol' },
      description: 'Hi. There is a sudden delay.',
    },
    answer: { body: { id: '1892000000042034', ticketNumber: '101' } },
    output: { id: '1892000000042034', ticketNumber: '101' },
  },
  {
    action: 'get_ticket',
    arguments: { ticket_id: '1892000000042034' },
    request: 'GET https://desk.zoho.eu/api/v1/tickets/1892000000042034',
    answer: { body: { id: '1892000000042034', status: 'Open' } },
    output: { id: '1892000000042034', status: 'Open' },
  },
  {
    action: 'add_comment',
    arguments: { ticket_id: '1892000000042034', content: 'Call back.', public: true },
    request: 'POST https://desk.zoho.eu/api/v1/tickets/1892000000042034/comments',
    body: { content: 'Call back.', isPublic: true },
    answer: { body: { id: '1892000000047001', content: 'Call back.' } },
    output: { id: '1892000000047001', content: 'Call back.' },
  },
]

const pages = (name: string, size: number): StreamTrial => ({
  name,
  pages: [
    { body: { data: Array.from({ length: size }, (_, index) => ({ id: String(1892000000042000 + index) })) } },
    { status: 204 },
  ],
  keys: Array.from({ length: size }, (_, index) => String(1892000000042000 + index)),
  asksFor: `from=${size}`,
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
  refusals: [
    { what: 'renewal', answer: { body: { error: 'invalid_code' } }, reason: 'INVALID_GRANT', says: 'invalid_code' },
    { what: 'code', answer: { body: { error: 'invalid_client' } }, reason: 'INVALID_CLIENT' },
  ],
  hints: [{ what: 'renewal', answer: { body: { error: 'invalid_code' } }, cause: 'The access was revoked' }],
  afterConnect: {
    answers: [{ body: { data: [{ id: 2389290, companyName: 'Acme', isDefault: true }] } }],
    kept: { org_id: 2389290 },
  },
  test: {
    asks: 'GET desk.zoho.eu/api/v1/organizations',
    headers: { authorization: 'Zoho-oauthtoken 1000.first' },
    good: { body: { data: [{ id: 2389290, companyName: 'Acme' }] } },
    refused: {
      answer: {
        status: 401,
        body: { errorCode: 'INVALID_OAUTH', message: 'The OAuth Token you provided is invalid.' },
      },
      says: 'The OAuth Token you provided is invalid.',
    },
  },
  streams: [
    {
      ...pages('tickets', 100),
      limited: {
        status: 429,
        headers: { 'retry-after': '20' },
        body: { errorCode: 'TOO_MANY_REQUESTS', message: 'Too many requests.' },
      },
    },
    pages('contacts', 100),
    pages('accounts', 100),
    pages('agents', 200),
  ],
  actions,
}
