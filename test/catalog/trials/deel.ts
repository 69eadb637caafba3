import type { ActionExample, ProviderTrial } from '../providers/trial.ts'
import { hmac } from '../providers/webhook-trial.ts'

const tom = {
  id: 'dfd65727-e0f2-4e2e-94e3-91a19962d446',
  created_at: '2023-07-10T12:13:13.440Z',
  full_name: 'Tom Hanks',
}

const actions: ActionExample[] = [
  {
    action: 'list_people',
    arguments: { search: 'Tom', limit: 5 },
    request: 'GET https://api.letsdeel.com/rest/v2/people?search=Tom&limit=5',
    answer: { body: { data: [tom], page: { total_rows: 1 } } },
    output: [tom],
  },
  {
    action: 'get_person',
    arguments: { person_id: tom.id },
    request: `GET https://api.letsdeel.com/rest/v2/people/${tom.id}`,
    answer: { body: { data: tom } },
    output: tom,
  },
  {
    action: 'get_contract',
    arguments: { contract_id: '37nex2x' },
    request: 'GET https://api.letsdeel.com/rest/v2/contracts/37nex2x',
    answer: { body: { data: { id: '37nex2x', status: 'in_progress' } } },
    output: { id: '37nex2x', status: 'in_progress' },
  },
]

export const trial: ProviderTrial = {
  input: { environment: 'production' },
  credential: { fields: { token: 'deel-t0ken' } },
  test: {
    asks: 'GET api.letsdeel.com/rest/v2/people?limit=1',
    headers: { authorization: 'Bearer deel-t0ken' },
    good: { body: { data: [tom], page: { total_rows: 1 } } },
    refused: {
      answer: { status: 401, body: { errors: [{ message: 'Unauthorized' }] } },
      says: 'Unauthorized',
    },
  },
  streams: [
    {
      name: 'people',
      pages: [
        {
          body: {
            data: Array.from({ length: 100 }, (_, index) => ({ id: `person-${index + 1}` })),
            page: { offset: 0, total_rows: 101, items_per_page: 100 },
          },
        },
        { body: { data: [{ id: 'person-101' }], page: { offset: 100, total_rows: 101, items_per_page: 100 } } },
      ],
      keys: Array.from({ length: 101 }, (_, index) => `person-${index + 1}`),
      asksFor: 'offset=100',
      limited: { status: 429, headers: { 'retry-after': '30' }, body: { errors: [{ message: 'Too many requests' }] } },
    },
    {
      name: 'contracts',
      pages: [
        { body: { data: [{ id: '37nex2x' }], page: { cursor: 'd3m0d3m0', total_rows: 2 } } },
        { body: { data: [{ id: '37nex2y' }], page: { cursor: null, total_rows: 2 } } },
      ],
      keys: ['37nex2x', '37nex2y'],
      asksFor: 'after_cursor=d3m0d3m0',
    },
  ],
  // developer.deel.com/docs/webhooks-get-started
  webhook: {
    sign: ({ secret, body }) => ({ 'x-deel-signature': hmac('sha256', secret, `POST${body}`, 'hex') }),
    connection: { externalId: 'crm-1' },
    requests: [
      {
        query: 'external_id=crm-1',
        headers: { 'x-deel-hmac-label': 'New Webhook', 'x-deel-webhook-version': '1.0.0' },
        body: {
          data: { meta: { event_type: 'contract.created' }, resource: [{ id: '37nex2x' }] },
          timestamp: '2026-06-01T10:00:00.000Z',
        },
        events: [{ type: 'contract.created', account: 'crm-1', streams: ['contracts', 'people'] }],
      },
    ],
  },
  actions,
}
