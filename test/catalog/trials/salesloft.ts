import type { ActionExample, ProviderTrial, StreamTrial } from '../providers/trial.ts'
import { hmac } from '../providers/webhook-trial.ts'

const person = { id: 7, email_address: 'ada@example.com', updated_at: '2026-06-01T10:00:00.000000-04:00' }

const actions: ActionExample[] = [
  {
    action: 'create_person',
    arguments: {
      email: 'ada@example.com',
      first_name: 'Ada',
      last_name: 'Lovelace',
      phone: '7705551234',
      title: 'Engineer',
    },
    request: 'POST https://api.salesloft.com/v2/people',
    body: {
      email_address: 'ada@example.com',
      first_name: 'Ada',
      last_name: 'Lovelace',
      phone: '7705551234',
      title: 'Engineer',
    },
    answer: { body: { data: person } },
    output: person,
  },
  {
    action: 'add_to_cadence',
    arguments: { person_id: 7, cadence_id: 3, user_id: 2 },
    request: 'POST https://api.salesloft.com/v2/cadence_memberships?person_id=7&cadence_id=3&user_id=2',
    answer: { body: { data: { id: 11, currently_on_cadence: true } } },
    output: { id: 11, currently_on_cadence: true },
  },
  {
    action: 'create_note',
    arguments: { content: 'Called.', type: 'person', id: 7 },
    request: 'POST https://api.salesloft.com/v2/notes',
    body: { content: 'Called.', associated_with_type: 'person', associated_with_id: 7 },
    answer: { body: { data: { id: 12, content: 'Called.' } } },
    output: { id: 12, content: 'Called.' },
  },
]

const pages = [
  {
    body: {
      metadata: { paging: { per_page: 100, current_page: 1, next_page: 2, prev_page: null } },
      data: [{ id: 1, updated_at: '2026-06-01T10:00:00.000000-04:00' }],
    },
  },
  {
    body: {
      metadata: { paging: { per_page: 100, current_page: 2, next_page: null, prev_page: 1 } },
      data: [{ id: 2, updated_at: '2026-06-02T10:00:00.000000-04:00' }],
    },
  },
]

const changing = (name: string): StreamTrial => ({
  name,
  pages,
  keys: ['1', '2'],
  asksFor: 'page=2',
  since: { cursor: '2026-06-01T10:00:00.000000-04:00', value: '2026-06-01T10:00:00.000000-04:00' },
})

const tokens = {
  access_token: 'first-access',
  refresh_token: 'first-refresh',
  token_type: 'bearer',
  expires_in: 7200,
}

export const trial: ProviderTrial = {
  exchange: {
    answer: { body: tokens },
    accessToken: 'first-access',
    refreshToken: 'first-refresh',
    lifetimeSeconds: 7200,
  },
  renewal: {
    answer: { body: { ...tokens, access_token: 'second-access', refresh_token: 'second-refresh' } },
    accessToken: 'second-access',
    refreshToken: 'second-refresh',
    lifetimeSeconds: 7200,
  },
  refusals: [
    {
      what: 'renewal',
      answer: { status: 401, body: { error: 'invalid_grant', error_description: 'The grant is invalid.' } },
      reason: 'INVALID_GRANT',
    },
  ],
  test: {
    asks: 'GET api.salesloft.com/v2/me',
    headers: { authorization: 'Bearer first-access' },
    good: { body: { data: { id: 2, email: 'ada@example.com' } } },
    refused: { answer: { status: 401, body: { error: 'Invalid Bearer token' } }, says: 'Invalid Bearer token' },
  },
  streams: [
    {
      ...changing('people'),
      limited: { status: 429, headers: { 'retry-after': '10' }, body: { error: 'Too Many Requests' } },
    },
    changing('accounts'),
    changing('cadences'),
    { name: 'users', pages, keys: ['1', '2'], asksFor: 'page=2' },
  ],
  // developers.salesloft.com/docs/platform/webhooks/delivery-headers
  webhook: {
    sign: ({ secret, body }) => ({ 'x-salesloft-signature': hmac('sha1', secret, body, 'hex') }),
    connection: { externalId: 'crm-1' },
    requests: [
      {
        query: 'external_id=crm-1',
        headers: { 'x-salesloft-event': 'person_updated' },
        body: person,
        events: [
          {
            id: 'person_updated 7 2026-06-01T10:00:00.000000-04:00',
            type: 'person_updated',
            account: 'crm-1',
            streams: ['people'],
          },
        ],
      },
    ],
  },
  actions,
}
