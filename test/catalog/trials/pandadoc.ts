import type { ActionExample, ProviderTrial } from '../providers/trial.ts'

const document = {
  id: 'XQZvGbfYoCCXSLAEdWPQ6C',
  name: 'Integration test',
  status: 'document.completed',
  date_created: '2018-08-28T19:28:01.539904Z',
  date_modified: '2018-08-28T19:28:42.923935Z',
}

const actions: ActionExample[] = [
  {
    action: 'list_documents',
    arguments: { query: 'Integration', limit: 5, page: 2 },
    request: 'GET https://api.pandadoc.com/public/v1/documents?q=Integration&count=5&page=2',
    answer: { body: { results: [document] } },
    output: [document],
  },
  {
    action: 'create_document',
    arguments: {
      name: 'Contract',
      template_id: 'rpsdeCfuLVNGhA2YJkU4PK',
      recipient_email: 'ada@example.com',
      first_name: 'Ada',
      last_name: 'Lovelace',
      role: 'Client',
    },
    request: 'POST https://api.pandadoc.com/public/v1/documents',
    body: {
      name: 'Contract',
      template_uuid: 'rpsdeCfuLVNGhA2YJkU4PK',
      recipients: [{ email: 'ada@example.com', first_name: 'Ada', last_name: 'Lovelace', role: 'Client' }],
    },
    answer: { status: 201, body: { id: 'g2wE9fJikvJTPaeyYDe82J', status: 'document.uploaded' } },
    output: { id: 'g2wE9fJikvJTPaeyYDe82J', status: 'document.uploaded' },
  },
  {
    action: 'send_document',
    arguments: {
      document_id: 'g2wE9fJikvJTPaeyYDe82J',
      subject: 'Please sign',
      message: 'Here it is.',
      silent: true,
    },
    request: 'POST https://api.pandadoc.com/public/v1/documents/g2wE9fJikvJTPaeyYDe82J/send',
    body: { subject: 'Please sign', message: 'Here it is.', silent: true },
    answer: { body: { id: 'g2wE9fJikvJTPaeyYDe82J', status: 'document.sent' } },
    output: { id: 'g2wE9fJikvJTPaeyYDe82J', status: 'document.sent' },
  },
]

export const trial: ProviderTrial = {
  exchange: {
    answer: {
      body: {
        access_token: 'panda-access-t0ken',
        token_type: 'Bearer',
        expires_in: 31535999,
        scope: 'read write read+write',
        refresh_token: 'panda-refresh-t0ken',
      },
    },
    accessToken: 'panda-access-t0ken',
    refreshToken: 'panda-refresh-t0ken',
    lifetimeSeconds: 31535999,
    scopes: ['read', 'write', 'read+write'],
  },
  renewal: {
    answer: {
      body: {
        access_token: 'second-access-t0ken',
        token_type: 'Bearer',
        expires_in: 31535999,
        scope: 'read write read+write',
        refresh_token: 'second-refresh-t0ken',
      },
    },
    accessToken: 'second-access-t0ken',
    refreshToken: 'second-refresh-t0ken',
    lifetimeSeconds: 31535999,
  },
  refusals: [
    {
      what: 'renewal',
      answer: { status: 400, body: { error: 'invalid_grant' } },
      reason: 'INVALID_GRANT',
    },
  ],
  test: {
    asks: 'GET api.pandadoc.com/public/v1/members/current',
    headers: { authorization: 'Bearer panda-access-t0ken' },
    good: { body: { user_id: 'FyXaS4SlT2FY7uLPqKD9f2', email: 'ada@example.com' } },
    refused: {
      answer: {
        status: 401,
        body: { type: 'authentication_error', detail: 'Authentication credentials were not provided.' },
      },
      says: 'authentication_error: Authentication credentials were not provided.',
    },
  },
  otherWays: [
    {
      credential: { fields: { auth_method: 'api_key', api_key: '3039ba033eb1410caa0a2227158d63c9d6502cd8' } },
      asks: 'GET api.pandadoc.com/public/v1/members/current',
      headers: { authorization: 'API-Key 3039ba033eb1410caa0a2227158d63c9d6502cd8' },
    },
  ],
  hints: [
    {
      what: 'request',
      answer: {
        status: 403,
        body: { type: 'permissions_error', detail: 'You do not have permission to perform this action.' },
      },
      says: 'permissions_error: You do not have permission to perform this action.',
      cause: 'may not do this',
    },
  ],
  streams: [
    {
      name: 'documents',
      pages: [
        {
          body: {
            results: Array.from({ length: 100 }, (_, index) => ({
              id: `document-${index + 1}`,
              date_modified: '2026-06-01T10:00:00.000000Z',
            })),
          },
        },
        { body: { results: [] } },
      ],
      keys: Array.from({ length: 100 }, (_, index) => `document-${index + 1}`),
      asksFor: 'page=2',
      since: { cursor: '2026-06-01T10:00:00.000000Z', value: '2026-06-01T10:00:00.000Z' },
      limited: { status: 429, body: { type: 'request_error', detail: 'Request was throttled.' } },
    },
    {
      name: 'members',
      pages: [{ body: { results: [{ user_id: 'FyXaS4SlT2FY7uLPqKD9f2', email: 'ada@example.com' }] } }],
      keys: ['FyXaS4SlT2FY7uLPqKD9f2'],
      asksFor: '/members',
    },
  ],
  actions,
}
