import type { ActionExample, ProviderTrial, StreamTrial } from '../providers/trial.ts'
import { hmac } from '../providers/webhook-trial.ts'

const workspace_id = '14beef7a-99f7-4534-a87e-70b564330a4c'
const object_id = '97052eb9-e65e-443f-a297-f2d9a4a7f795'
const record_id = 'bf071e1f-6035-429d-b874-d83ea64ea13b'

const record = {
  id: { workspace_id, object_id, record_id },
  created_at: '2022-11-21T13:22:49.061281000Z',
  values: {},
}

const self = { active: true, token_type: 'Bearer', workspace_id, workspace_slug: 'salarya' }

const actions: ActionExample[] = [
  {
    action: 'upsert_record',
    arguments: {
      object: 'people',
      matching_attribute: 'email_addresses',
      values: { email_addresses: ['ada@example.com'], job_title: ['Engineer'] },
    },
    request: 'PUT https://api.attio.com/v2/objects/people/records?matching_attribute=email_addresses',
    body: { data: { values: { email_addresses: ['ada@example.com'], job_title: ['Engineer'] } } },
    answer: { body: { data: record } },
    output: record,
    overwrites: true,
  },
  {
    action: 'search_records',
    arguments: { query: 'ada', objects: ['people', 'companies'], limit: 10 },
    request: 'POST https://api.attio.com/v2/objects/records/search',
    body: { query: 'ada', objects: ['people', 'companies'], limit: 10, request_as: { type: 'workspace' } },
    answer: { body: { data: [record] } },
    output: [record],
    readsWithPost: true,
  },
  {
    action: 'create_note',
    arguments: { object: 'people', record_id, title: 'Initial call', content: 'She likes it.', format: 'markdown' },
    request: 'POST https://api.attio.com/v2/notes',
    body: {
      data: {
        parent_object: 'people',
        parent_record_id: record_id,
        title: 'Initial call',
        format: 'markdown',
        content: 'She likes it.',
      },
    },
    answer: { body: { data: { id: { workspace_id, note_id: 'ff3f3bd4-40f4-4f80-8187-cd02385af424' } } } },
    output: { id: { workspace_id, note_id: 'ff3f3bd4-40f4-4f80-8187-cd02385af424' } },
  },
]

const records = (name: string): StreamTrial => ({
  name,
  pages: [
    { body: { data: Array.from({ length: 500 }, (_, index) => ({ id: { record_id: `record-${index}` } })) } },
    { body: { data: [] } },
  ],
  keys: Array.from({ length: 500 }, (_, index) => `record-${index}`),
  asksFor: '"offset":500',
})

export const trial: ProviderTrial = {
  credential: { fields: { auth_method: 'api_key', api_key: 'an-attio-key-0123456789' } },
  refusals: [{ what: 'code', answer: { status: 400, body: { error: 'invalid_grant' } }, reason: 'INVALID_GRANT' }],
  exchange: {
    answer: { body: { access_token: '3e2a9f', token_type: 'Bearer' } },
    accessToken: '3e2a9f',
  },
  afterConnect: { answers: [{ body: self }], kept: { workspace_id, workspace_slug: 'salarya' } },
  test: {
    asks: 'GET api.attio.com/v2/self',
    headers: { authorization: 'Bearer 3e2a9f' },
    good: { body: self },
    refused: {
      answer: {
        status: 401,
        body: { status_code: 401, type: 'auth_error', code: 'unauthorized', message: 'The token is not valid.' },
      },
      says: 'unauthorized: The token is not valid.',
    },
  },
  otherWays: [
    {
      credential: { fields: { auth_method: 'api_key', api_key: 'an-attio-key-0123456789' } },
      asks: 'GET api.attio.com/v2/self',
      headers: { authorization: 'Bearer an-attio-key-0123456789' },
    },
  ],
  streams: [
    {
      ...records('people'),
      limited: {
        status: 429,
        headers: { 'retry-after': '2' },
        body: {
          status_code: 429,
          type: 'rate_limit_error',
          code: 'rate_limit_exceeded',
          message: 'Rate limit exceeded, please try again later',
        },
      },
    },
    records('companies'),
    records('deals'),
    {
      name: 'tasks',
      pages: [
        { body: { data: [{ id: { workspace_id, task_id: '649e34f4-c39a-4f4d-99ef-48a36bef8f04' } }] } },
        { body: { data: [] } },
      ],
      keys: ['649e34f4-c39a-4f4d-99ef-48a36bef8f04'],
      asksFor: 'offset=1',
    },
  ],
  // docs.attio.com/rest-api/guides/webhooks
  webhook: {
    sign: ({ secret, body }) => ({ 'Attio-Signature': hmac('sha256', secret, body, 'hex') }),
    connection: { kept: { workspace_id } },
    requests: [
      {
        headers: { 'Idempotency-Key': '5a2b2f5b-3d9e-4f3a-8f3e-0b8c2f3f8a11' },
        body: {
          webhook_id: '23e42eaf-323a-41da-b5bb-fd67eebda553',
          events: [
            {
              event_type: 'record.created',
              id: { workspace_id, object_id, record_id },
              actor: { type: 'workspace-member', id: '50cf242c-7fa3-4cad-87d0-75b1af71c57b' },
            },
          ],
        },
        events: [
          { id: '5a2b2f5b-3d9e-4f3a-8f3e-0b8c2f3f8a11', type: 'record.created', account: workspace_id, streams: [] },
        ],
      },
    ],
  },
  actions,
}
