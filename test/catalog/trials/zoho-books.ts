import type { ActionExample, ProviderTrial, StreamTrial } from '../providers/trial.ts'

const actions: ActionExample[] = [
  {
    action: 'list_organizations',
    arguments: {},
    request: 'GET https://www.zohoapis.eu/books/v3/organizations',
    answer: { body: { code: 0, message: 'success', organizations: [{ organization_id: '10234695', name: 'Zillum' }] } },
    output: [{ organization_id: '10234695', name: 'Zillum' }],
  },
  {
    action: 'list_invoices',
    arguments: {
      organization_id: '10234695',
      customer_id: '982000000567001',
      status: 'sent',
      limit: 25,
      page: 2,
    },
    request:
      'GET https://www.zohoapis.eu/books/v3/invoices?organization_id=10234695&customer_id=982000000567001&status=sent&per_page=25&page=2',
    answer: {
      body: {
        code: 0,
        message: 'success',
        invoices: [{ invoice_id: '982000000567114' }],
        page_context: { page: 2, per_page: 25, has_more_page: false },
      },
    },
    output: {
      code: 0,
      message: 'success',
      invoices: [{ invoice_id: '982000000567114' }],
      page_context: { page: 2, per_page: 25, has_more_page: false },
    },
  },
  {
    action: 'create_contact',
    arguments: {
      organization_id: '10234695',
      name: 'Bowman and Co',
      email: 'willsmith@bowmanfurniture.com',
      company_name: 'Bowman and Co',
      first_name: 'Will',
      last_name: 'Smith',
    },
    request: 'POST https://www.zohoapis.eu/books/v3/contacts?organization_id=10234695',
    body: {
      contact_name: 'Bowman and Co',
      company_name: 'Bowman and Co',
      contact_persons: [{ first_name: 'Will', last_name: 'Smith', email: 'willsmith@bowmanfurniture.com' }],
    },
    answer: {
      status: 201,
      body: { code: 0, message: 'The contact has been added.', contact: { contact_id: '460000000026049' } },
    },
    output: { contact_id: '460000000026049' },
  },
]

const records = (name: string, id: string): StreamTrial => ({
  name,
  parent: { organization_id: '10234695' },
  pages: [
    {
      body: {
        code: 0,
        message: 'success',
        [name]: [{ [id]: '1' }],
        page_context: { page: 1, per_page: 200, has_more_page: true },
      },
    },
    {
      body: {
        code: 0,
        message: 'success',
        [name]: [{ [id]: '2' }],
        page_context: { page: 2, per_page: 200, has_more_page: false },
      },
    },
  ],
  keys: ['parent/1', 'parent/2'],
  asksFor: '&page=2',
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
  ],
  test: {
    asks: 'GET www.zohoapis.eu/books/v3/organizations',
    headers: { authorization: 'Zoho-oauthtoken 1000.first' },
    good: { body: { code: 0, message: 'success', organizations: [{ organization_id: '10234695' }] } },
    refused: {
      answer: { status: 401, body: { code: 57, message: 'You are not authorized to perform this operation' } },
      says: '57: You are not authorized to perform this operation',
    },
  },
  streams: [
    {
      name: 'organizations',
      pages: [{ body: { code: 0, message: 'success', organizations: [{ organization_id: '10234695' }] } }],
      keys: ['10234695'],
      asksFor: '/organizations',
    },
    {
      ...records('contacts', 'contact_id'),
      limited: {
        status: 429,
        body: { code: 44, message: 'For security reasons you have been blocked for some time.' },
      },
    },
    records('items', 'item_id'),
    records('invoices', 'invoice_id'),
    records('customerpayments', 'payment_id'),
  ],
  actions,
}
