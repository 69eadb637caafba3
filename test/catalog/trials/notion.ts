import type { ActionExample, ProviderTrial } from '../providers/trial.ts'
import { hmac } from '../providers/webhook-trial.ts'

const actions: ActionExample[] = [
  {
    action: 'create_page',
    arguments: { parent_page_id: '494c87d0-72c4-4cf6-960f-55f8427f7692', title: 'A note', content: 'You made it!' },
    request: 'POST https://api.notion.com/v1/pages',
    headers: { 'notion-version': '2025-09-03' },
    body: {
      parent: { type: 'page_id', page_id: '494c87d0-72c4-4cf6-960f-55f8427f7692' },
      properties: { title: { title: [{ type: 'text', text: { content: 'A note' } }] } },
      children: [paragraph('You made it!')],
    },
    answer: { body: { object: 'page', id: '251d2b5f-268c-4de2-afe9-c71ff92ca95c' } },
    output: { object: 'page', id: '251d2b5f-268c-4de2-afe9-c71ff92ca95c' },
  },
  {
    action: 'create_database_page',
    arguments: {
      data_source_id: 'c174b72c-d782-432f-8dc0-b647e1c96df6',
      properties: { Name: { title: [{ text: { content: 'Tuscan kale' } }] }, Done: { checkbox: false } },
      content: 'A dark green leafy vegetable',
    },
    request: 'POST https://api.notion.com/v1/pages',
    body: {
      parent: { type: 'data_source_id', data_source_id: 'c174b72c-d782-432f-8dc0-b647e1c96df6' },
      properties: { Name: { title: [{ text: { content: 'Tuscan kale' } }] }, Done: { checkbox: false } },
      children: [paragraph('A dark green leafy vegetable')],
    },
    answer: { body: { object: 'page', id: '59833787-2cf9-4fdf-8782-e53db20768a5' } },
    output: { object: 'page', id: '59833787-2cf9-4fdf-8782-e53db20768a5' },
  },
  {
    action: 'get_page',
    arguments: { page_id: '59833787-2cf9-4fdf-8782-e53db20768a5' },
    request: 'GET https://api.notion.com/v1/pages/59833787-2cf9-4fdf-8782-e53db20768a5',
    answer: { body: { object: 'page', id: '59833787-2cf9-4fdf-8782-e53db20768a5' } },
    output: { object: 'page', id: '59833787-2cf9-4fdf-8782-e53db20768a5' },
  },
  {
    action: 'get_page_content',
    arguments: { page_id: '598337872cf94fdf8782e53db20768a5', limit: 50, cursor: '7c6b' },
    request:
      'GET https://api.notion.com/v1/blocks/598337872cf94fdf8782e53db20768a5/children?page_size=50&start_cursor=7c6b',
    answer: { body: { object: 'list', results: [{ type: 'paragraph' }], next_cursor: null, has_more: false } },
    output: { object: 'list', results: [{ type: 'paragraph' }], next_cursor: null, has_more: false },
  },
  {
    action: 'append_to_page',
    arguments: { page_id: '59833787-2cf9-4fdf-8782-e53db20768a5', content: 'Lacinato kale' },
    request: 'PATCH https://api.notion.com/v1/blocks/59833787-2cf9-4fdf-8782-e53db20768a5/children',
    body: { children: [paragraph('Lacinato kale')] },
    answer: { body: { object: 'list', results: [{ id: 'c02fc1d3' }], has_more: false } },
    output: [{ id: 'c02fc1d3' }],
  },
  {
    action: 'search',
    readsWithPost: true,
    arguments: { query: 'External tasks', object: 'data_source', limit: 10, cursor: '7c6b' },
    request: 'POST https://api.notion.com/v1/search',
    body: {
      query: 'External tasks',
      filter: { property: 'object', value: 'data_source' },
      sort: { timestamp: 'last_edited_time', direction: 'descending' },
      page_size: 10,
      start_cursor: '7c6b',
    },
    answer: { body: { object: 'list', results: [{ object: 'data_source' }], next_cursor: null, has_more: false } },
    output: { object: 'list', results: [{ object: 'data_source' }], next_cursor: null, has_more: false },
  },
]

export const trial: ProviderTrial = {
  exchange: {
    answer: {
      body: {
        access_token: 'ntn_first',
        token_type: 'bearer',
        refresh_token: 'nrt_first',
        bot_id: 'b3414d65-1224-4ab7-8ffr-cc9d8773d601',
        workspace_icon: null,
        workspace_id: '565a4d73-2882-41bs-964a-89d90c36f327',
        workspace_name: 'Ada’s Notion',
        owner: { type: 'user', user: { object: 'user', id: 'e79a0b74-3aba-4149-9f74-0bb5791a6ee6' } },
        duplicated_template_id: null,
      },
    },
    accessToken: 'ntn_first',
    refreshToken: 'nrt_first',
    kept: {
      workspace_id: '565a4d73-2882-41bs-964a-89d90c36f327',
      workspace_name: 'Ada’s Notion',
      bot_id: 'b3414d65-1224-4ab7-8ffr-cc9d8773d601',
    },
  },
  renewal: {
    answer: { body: { access_token: 'ntn_second', token_type: 'bearer', refresh_token: 'nrt_second' } },
    accessToken: 'ntn_second',
    refreshToken: 'nrt_second',
  },
  refusals: [
    {
      what: 'code',
      answer: {
        status: 400,
        body: { error: 'invalid_grant', error_description: 'Invalid code: this code has been revoked.' },
      },
      reason: 'INVALID_GRANT',
      says: 'this code has been revoked',
    },
    { what: 'code', answer: { status: 401, body: { error: 'invalid_client' } }, reason: 'INVALID_CLIENT' },
  ],
  revocation: ['POST api.notion.com/v1/oauth/revoke {"token":"ntn_first"}'],
  test: {
    asks: 'GET api.notion.com/v1/users/me',
    headers: { authorization: 'Bearer ntn_first', 'notion-version': '2025-09-03' },
    good: { body: { object: 'user', id: 'b3414d65-1224-4ab7-8ffr-cc9d8773d601', type: 'bot' } },
    refused: {
      answer: {
        status: 401,
        body: { object: 'error', status: 401, code: 'unauthorized', message: 'API token is invalid.' },
      },
      says: 'API token is invalid.',
    },
  },
  streams: [
    {
      // The cursor is in the body, beside the filter.
      name: 'pages',
      pages: [
        {
          body: {
            object: 'list',
            results: [{ object: 'page', id: 'p1' }],
            next_cursor: '33e19cb9-751f-4993-b74d-234d67d0d534',
            has_more: true,
          },
        },
        { body: { object: 'list', results: [{ object: 'page', id: 'p2' }], next_cursor: null, has_more: false } },
      ],
      keys: ['p1', 'p2'],
      asksFor: '"start_cursor":"33e19cb9-751f-4993-b74d-234d67d0d534"',
      limited: {
        status: 429,
        headers: { 'retry-after': '5' },
        body: { object: 'error', status: 429, code: 'rate_limited', message: 'You have been rate limited.' },
      },
    },
    {
      name: 'users',
      pages: [
        { body: { object: 'list', results: [{ object: 'user', id: 'u1' }], next_cursor: 'c2', has_more: true } },
        { body: { object: 'list', results: [{ object: 'user', id: 'u2' }], next_cursor: null, has_more: false } },
      ],
      keys: ['u1', 'u2'],
      asksFor: 'start_cursor=c2',
    },
  ],
  // developers.notion.com/reference/webhooks, developers.notion.com/reference/webhooks-events-delivery
  webhook: {
    sign: ({ secret, body }) => ({ 'X-Notion-Signature': `sha256=${hmac('sha256', secret, body, 'hex')}` }),
    handshakes: [
      {
        body: { verification_token: 'secret_tMrlL1qK5vuQAh1b6cZGhFChZTSYJlce98V0pYn7yBl' },
        answer: '',
        secret: 'secret_tMrlL1qK5vuQAh1b6cZGhFChZTSYJlce98V0pYn7yBl',
      },
    ],
    connection: { kept: { workspace_id: '13950b26-c203-4f3b-b97d-93ec06319565' } },
    requests: [
      {
        body: {
          id: '367cba44-b6f3-4c92-81e7-6a2e9659efd4',
          timestamp: '2024-12-05T23:55:34.285Z',
          workspace_id: '13950b26-c203-4f3b-b97d-93ec06319565',
          workspace_name: 'Quantify Labs',
          subscription_id: '29d75c0d-5546-4414-8459-7b7a92f1fc4b',
          integration_id: '0ef2e755-4912-8096-91c1-00376a88a5ca',
          type: 'page.created',
          authors: [{ id: 'c7c11cca-1d73-471d-9b6e-bdef51470190', type: 'person' }],
          accessible_by: [{ id: '556a1abf-4f08-40c6-878a-75890d2a88ba', type: 'person' }],
          attempt_number: 1,
          entity: { id: '153104cd-477e-809d-8dc4-ff2d96ae3090', type: 'page' },
          data: { parent: { id: '13950b26-c203-4f3b-b97d-93ec06319565', type: 'space' } },
        },
        events: [
          {
            id: '367cba44-b6f3-4c92-81e7-6a2e9659efd4',
            type: 'page.created',
            account: '13950b26-c203-4f3b-b97d-93ec06319565',
            streams: ['pages'],
          },
        ],
      },
    ],
  },
  actions,
}

function paragraph(content: string) {
  return { object: 'block', type: 'paragraph', paragraph: { rich_text: [{ type: 'text', text: { content } }] } }
}
