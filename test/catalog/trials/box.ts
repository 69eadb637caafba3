import type { ActionExample, ProviderTrial } from '../providers/trial.ts'
import { hmac } from '../providers/webhook-trial.ts'

const actions: ActionExample[] = [
  {
    action: 'create_folder',
    arguments: { name: 'Contracts', parent_id: '0' },
    request: 'POST https://api.box.com/2.0/folders',
    body: { name: 'Contracts', parent: { id: '0' } },
    answer: { status: 201, body: { type: 'folder', id: '12345', name: 'Contracts' } },
    output: { type: 'folder', id: '12345', name: 'Contracts' },
  },
  {
    action: 'list_folder_items',
    arguments: { folder_id: '12345', limit: 5, marker: '34332423' },
    request: 'GET https://api.box.com/2.0/folders/12345/items?usemarker=true&limit=5&marker=34332423',
    answer: { body: { limit: 5, next_marker: null, entries: [{ type: 'file', id: '12346', name: 'Contract.pdf' }] } },
    output: { limit: 5, next_marker: null, entries: [{ type: 'file', id: '12346', name: 'Contract.pdf' }] },
  },
  {
    action: 'search_content',
    arguments: { query: 'sales', type: 'file', limit: 5 },
    request: 'GET https://api.box.com/2.0/search?query=sales&type=file&limit=5',
    answer: { body: { total_count: 1, entries: [{ type: 'file', id: '12346', name: 'Sales.pdf' }] } },
    output: { total_count: 1, entries: [{ type: 'file', id: '12346', name: 'Sales.pdf' }] },
  },
]

export const trial: ProviderTrial = {
  exchange: {
    answer: {
      body: {
        access_token: 'c3FIOG9vSGV4VHo4QzAyg5T1JvNnJoZ3ExaVNyQWw6WjRsanRKZG5lQk9qUE1BVQ',
        expires_in: 3600,
        token_type: 'bearer',
        refresh_token: 'c3FIOG9vSGV4VHo4QzAyg5T1JvNnJoZ3ExaVNyQWw6WjRsanRKZG5lQk9qUE1BVR',
        issued_token_type: 'urn:ietf:params:oauth:token-type:access_token',
      },
    },
    accessToken: 'c3FIOG9vSGV4VHo4QzAyg5T1JvNnJoZ3ExaVNyQWw6WjRsanRKZG5lQk9qUE1BVQ',
    refreshToken: 'c3FIOG9vSGV4VHo4QzAyg5T1JvNnJoZ3ExaVNyQWw6WjRsanRKZG5lQk9qUE1BVR',
    lifetimeSeconds: 3600,
    refreshLifetimeSeconds: 60 * 86_400,
  },
  renewal: {
    answer: {
      body: { access_token: 'second', expires_in: 3600, token_type: 'bearer', refresh_token: 'second-refresh-t0ken' },
    },
    accessToken: 'second',
    refreshToken: 'second-refresh-t0ken',
    lifetimeSeconds: 3600,
    refreshLifetimeSeconds: 60 * 86_400,
  },
  refusals: [
    {
      what: 'renewal',
      answer: {
        status: 400,
        body: { error: 'invalid_grant', error_description: 'Refresh token has expired' },
      },
      reason: 'INVALID_GRANT',
      says: 'Refresh token has expired',
    },
  ],
  hints: [
    {
      what: 'renewal',
      answer: { status: 400, body: { error: 'invalid_grant', error_description: 'Refresh token has expired' } },
      says: 'Refresh token has expired',
      cause: 'was used before',
    },
  ],
  revocation: [
    'POST api.box.com/oauth2/revoke token=c3FIOG9vSGV4VHo4QzAyg5T1JvNnJoZ3ExaVNyQWw6WjRsanRKZG5lQk9qUE1BVR',
    'POST api.box.com/oauth2/revoke token=c3FIOG9vSGV4VHo4QzAyg5T1JvNnJoZ3ExaVNyQWw6WjRsanRKZG5lQk9qUE1BVQ',
  ],
  test: {
    asks: 'GET api.box.com/2.0/users/me?fields=id,name,login',
    headers: { authorization: 'Bearer c3FIOG9vSGV4VHo4QzAyg5T1JvNnJoZ3ExaVNyQWw6WjRsanRKZG5lQk9qUE1BVQ' },
    good: { body: { type: 'user', id: '11446498', name: 'Aaron Levie', login: 'ceo@example.com' } },
    refused: {
      answer: {
        status: 401,
        body: { type: 'error', status: 401, code: 'unauthorized', message: 'Unauthorized', request_id: 'abcdef123456' },
      },
      says: 'unauthorized: Unauthorized',
    },
  },
  streams: [
    {
      name: 'root_items',
      pages: [
        {
          body: { limit: 1000, next_marker: '34332423', entries: [{ type: 'folder', id: '12345', name: 'Contracts' }] },
        },
        { body: { limit: 1000, next_marker: null, entries: [{ type: 'file', id: '12345', name: 'Contract.pdf' }] } },
      ],
      keys: ['folder/12345', 'file/12345'],
      asksFor: 'marker=34332423',
      limited: {
        status: 429,
        headers: { 'retry-after': '30' },
        body: { type: 'error', status: 429, code: 'rate_limit_exceeded', message: 'Request rate limit exceeded' },
      },
    },
    {
      name: 'events',
      pages: [
        {
          body: {
            chunk_size: 1,
            next_stream_position: '1152922976252290886',
            entries: [
              { type: 'event', event_id: 'f82c3ba03e41f7e8a7608363cc6c0390183c3f83', event_type: 'ITEM_UPLOAD' },
            ],
          },
        },
        { body: { chunk_size: 0, next_stream_position: '1152922976252290886', entries: [] } },
      ],
      keys: ['f82c3ba03e41f7e8a7608363cc6c0390183c3f83'],
      asksFor: 'stream_position=1152922976252290886',
    },
  ],
  // developer.box.com/guides/webhooks/v2
  webhook: {
    sign: ({ secret, body, at }) => {
      const timestamp = at.toISOString()
      return {
        'BOX-DELIVERY-TIMESTAMP': timestamp,
        'BOX-SIGNATURE-PRIMARY': hmac('sha256', secret, `${body}${timestamp}`, 'base64'),
        'BOX-SIGNATURE-SECONDARY': hmac('sha256', 'the-second-key', `${body}${timestamp}`, 'base64'),
        'BOX-SIGNATURE-VERSION': '1',
        'BOX-SIGNATURE-ALGORITHM': 'HmacSHA256',
      }
    },
    toleranceSeconds: 600,
    connection: { externalId: 'crm-1' },
    requests: [
      {
        query: 'external_id=crm-1',
        headers: { 'BOX-DELIVERY-ID': '673a081b-bb4b-4d45-b4f1-4131a29c1d07' },
        body: {
          type: 'webhook_event',
          id: 'eb0c4e06-751f-442c-86f8-fd5bb404dbec',
          created_at: '2016-07-11T10:10:32-07:00',
          trigger: 'FILE.UPLOADED',
          webhook: { id: '53', type: 'webhook' },
          created_by: { id: '226067247', type: 'user', name: 'John Q. Developer' },
          source: { id: '73835521473', type: 'file', name: 'Contract.pdf' },
        },
        events: [
          {
            id: 'eb0c4e06-751f-442c-86f8-fd5bb404dbec',
            type: 'FILE.UPLOADED',
            account: 'crm-1',
            streams: ['root_items'],
          },
        ],
      },
    ],
  },
  actions,
}
