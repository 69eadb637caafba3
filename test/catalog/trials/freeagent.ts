import type { ActionExample, ProviderTrial, StreamTrial } from '../providers/trial.ts'

const actions: ActionExample[] = [
  {
    action: 'get_company',
    arguments: {},
    request: 'GET https://api.freeagent.com/v2/company',
    answer: { body: { company: { name: 'My Company', subdomain: 'acme', currency: 'GBP' } } },
    output: { name: 'My Company', subdomain: 'acme', currency: 'GBP' },
  },
  {
    action: 'list_invoices',
    arguments: { view: 'overdue', limit: 50, page: 5 },
    request: 'GET https://api.freeagent.com/v2/invoices?view=overdue&per_page=50&page=5',
    answer: { body: { invoices: [{ reference: '001', status: 'Overdue' }] } },
    output: [{ reference: '001', status: 'Overdue' }],
  },
  {
    action: 'create_contact',
    arguments: {
      first_name: 'Ada',
      last_name: 'Lovelace',
      organisation_name: 'Acme Ltd',
      email: 'ada@example.com',
    },
    request: 'POST https://api.freeagent.com/v2/contacts',
    body: {
      contact: {
        first_name: 'Ada',
        last_name: 'Lovelace',
        organisation_name: 'Acme Ltd',
        email: 'ada@example.com',
      },
    },
    answer: { status: 201, body: { contact: { first_name: 'Ada', status: 'Active' } } },
    output: { first_name: 'Ada', status: 'Active' },
  },
]

const list = (name: string, parent?: Record<string, unknown>): StreamTrial => ({
  name,
  ...(parent === undefined ? {} : { parent }),
  pages: [
    {
      headers: { link: `<https://api.freeagent.com/v2/${name}?page=2&per_page=100>; rel="next"` },
      body: { [name]: [{ url: `${name}/1`, updated_at: '2026-06-01T10:00:00.000Z' }] },
    },
    { body: { [name]: [{ url: `${name}/2`, updated_at: '2026-06-01T11:00:00.000Z' }] } },
  ],
  keys: [`${name}/1`, `${name}/2`].map((key) => (parent === undefined ? key : `parent/${key}`)),
  asksFor: 'page=2',
})

const since = { cursor: '2026-06-01T10:00:00.000Z', value: '2026-06-01T09:59:59.000Z' }

export const trial: ProviderTrial = {
  exchange: {
    answer: {
      body: {
        access_token: '2YotnFZFEjr1zCsicMWpAA',
        token_type: 'bearer',
        expires_in: 3600,
        refresh_token: 'tGzv3JOkF0XG5Qx2TlKWIA',
        refresh_token_expires_in: 631_138_519,
      },
    },
    accessToken: '2YotnFZFEjr1zCsicMWpAA',
    refreshToken: 'tGzv3JOkF0XG5Qx2TlKWIA',
    lifetimeSeconds: 3600,
    refreshLifetimeSeconds: 631_138_519,
  },
  renewal: {
    answer: {
      body: {
        access_token: 'second',
        token_type: 'bearer',
        expires_in: 3600,
        refresh_token: 'second-refresh',
        refresh_token_expires_in: 631_138_519,
      },
    },
    accessToken: 'second',
    refreshToken: 'second-refresh',
    lifetimeSeconds: 3600,
    refreshLifetimeSeconds: 631_138_519,
  },
  refusals: [{ what: 'renewal', answer: { status: 400, body: { error: 'invalid_grant' } }, reason: 'INVALID_GRANT' }],
  test: {
    asks: 'GET api.freeagent.com/v2/company',
    headers: { authorization: 'Bearer 2YotnFZFEjr1zCsicMWpAA', accept: 'application/json' },
    good: { body: { company: { name: 'My Company', subdomain: 'acme' } } },
    refused: {
      answer: { status: 401, body: { errors: { error: { message: 'Access token not recognised' } } } },
      says: 'Access token not recognised',
    },
  },
  streams: [
    {
      ...list('contacts'),
      limited: {
        status: 429,
        headers: { 'retry-after': '30' },
        body: { errors: { error: { message: 'You must not exceed 120 requests per 60 seconds' } } },
      },
    },
    list('projects'),
    { ...list('invoices'), since },
    { ...list('bills'), since },
    list('bank_accounts'),
    { ...list('bank_transactions', { url: 'https://api.freeagent.com/v2/bank_accounts/1' }), since },
  ],
  actions,
}
