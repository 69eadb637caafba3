import type { ActionExample, ProviderTrial, StreamTrial } from '../providers/trial.ts'

const actions: ActionExample[] = [
  {
    action: 'get_company',
    arguments: { company_id: 7133202 },
    request: 'GET https://api.affinity.co/v2/companies/7133202?fieldTypes=enriched&fieldTypes=global',
    answer: { body: { id: 7133202, name: 'Acme', domain: 'acme.co', fields: [] } },
    output: { id: 7133202, name: 'Acme', domain: 'acme.co', fields: [] },
  },
  {
    action: 'get_person',
    arguments: { person_id: 26317 },
    request: 'GET https://api.affinity.co/v2/persons/26317?fieldTypes=enriched&fieldTypes=global',
    answer: { body: { id: 26317, firstName: 'Jane', lastName: 'Doe', fields: [] } },
    output: { id: 26317, firstName: 'Jane', lastName: 'Doe', fields: [] },
  },
]

const pages = (path: string) => [
  {
    body: {
      data: [{ id: 1 }],
      pagination: { prevUrl: null, nextUrl: `https://api.affinity.co/v2${path}?cursor=ICAgICAgYWZ0ZXI6&limit=100` },
    },
  },
  { body: { data: [{ id: 2 }], pagination: { prevUrl: null, nextUrl: null } } },
]

const objects = (name: string): StreamTrial => ({
  name,
  pages: pages(`/${name}`),
  keys: ['1', '2'],
  asksFor: 'cursor=ICAgICAgYWZ0ZXI6',
})

export const trial: ProviderTrial = {
  credential: { secretText: 'nrlW2KR5m-qUCA-rTqKb_EUK1swERlenqn70KNMMrTM' },
  test: {
    asks: 'GET api.affinity.co/v2/auth/whoami',
    headers: { authorization: 'Bearer nrlW2KR5m-qUCA-rTqKb_EUK1swERlenqn70KNMMrTM' },
    good: { body: { tenant: { id: 1, name: 'Acme' }, user: { id: 2, firstName: 'Jane' } } },
    refused: {
      answer: { status: 401, body: { errors: [{ code: 'authentication', message: 'Your API key is invalid' }] } },
      says: 'Your API key is invalid',
    },
  },
  streams: [
    {
      ...objects('persons'),
      limited: {
        status: 429,
        headers: { 'x-ratelimit-limit-user-reset': '30' },
        body: { errors: [{ code: 'rate-limit', message: 'You have exceeded the rate limit' }] },
      },
    },
    objects('companies'),
    objects('opportunities'),
    objects('lists'),
    {
      name: 'list_entries',
      parent: { id: 9 },
      pages: pages('/lists/9/list-entries'),
      keys: ['parent/1', 'parent/2'],
      asksFor: 'cursor=ICAgICAgYWZ0ZXI6',
    },
  ],
  actions,
}
