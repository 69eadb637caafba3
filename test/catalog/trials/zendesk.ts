import type { ActionExample, ProviderTrial } from '../providers/trial.ts'
import { hmac } from '../providers/webhook-trial.ts'

const actions: ActionExample[] = [
  {
    action: 'create_ticket',
    keyed: true,
    arguments: {
      subject: 'My printer is on fire!',
      body: 'The smoke is very colorful.',
      requester_email: 'ada@example.com',
      requester_name: 'Ada',
      public: false,
      priority: 'urgent',
      type: 'incident',
      tags: ['printer', 'fire'],
    },
    request: 'POST https://acme.zendesk.com/api/v2/tickets.json',
    body: {
      ticket: {
        subject: 'My printer is on fire!',
        comment: { body: 'The smoke is very colorful.', public: false },
        requester: { email: 'ada@example.com', name: 'Ada' },
        priority: 'urgent',
        type: 'incident',
        tags: ['printer', 'fire'],
      },
    },
    answer: { status: 201, body: { ticket: { id: 35436, subject: 'My printer is on fire!' }, audit: { id: 1 } } },
    output: { id: 35436, subject: 'My printer is on fire!' },
  },
  {
    action: 'get_ticket',
    arguments: { ticket_id: 35436 },
    request: 'GET https://acme.zendesk.com/api/v2/tickets/35436.json',
    answer: { body: { ticket: { id: 35436 } } },
    output: { id: 35436 },
  },
  {
    action: 'list_tickets',
    arguments: { limit: 5, cursor: 'eyJvIjoibmlj' },
    request: 'GET https://acme.zendesk.com/api/v2/tickets.json?page%5Bsize%5D=5&page%5Bafter%5D=eyJvIjoibmlj',
    answer: { body: { tickets: [{ id: 35436 }], meta: { has_more: false } } },
    output: { tickets: [{ id: 35436 }], meta: { has_more: false } },
  },
  {
    action: 'search_tickets',
    arguments: { query: 'status<solved printer', limit: 5, page: 2 },
    request:
      'GET https://acme.zendesk.com/api/v2/search.json?query=type%3Aticket%20status%3Csolved%20printer&sort_by=created_at&sort_order=desc&per_page=5&page=2',
    answer: { body: { results: [{ id: 35436 }], count: 6, next_page: null } },
    output: { results: [{ id: 35436 }], count: 6, next_page: null },
  },
  {
    action: 'add_comment',
    arguments: { ticket_id: 35436, body: 'Thanks for choosing Acme!', public: true, status: 'solved' },
    request: 'PUT https://acme.zendesk.com/api/v2/tickets/35436.json',
    body: { ticket: { comment: { body: 'Thanks for choosing Acme!', public: true }, status: 'solved' } },
    answer: { body: { ticket: { id: 35436, status: 'solved' }, audit: { id: 2 } } },
    output: { id: 35436, status: 'solved' },
  },
]

export const trial: ProviderTrial = {
  exchange: {
    answer: {
      body: {
        access_token: 'gErypPlm4dOVgGRvA1ZzMH5MQ3nLo8bo',
        refresh_token: '31048ba4d7c601302f3173f243da835f',
        token_type: 'bearer',
        scope: 'read',
        expires_in: 172800,
        refresh_token_expires_in: 7776000,
      },
    },
    accessToken: 'gErypPlm4dOVgGRvA1ZzMH5MQ3nLo8bo',
    refreshToken: '31048ba4d7c601302f3173f243da835f',
    lifetimeSeconds: 172800,
    refreshLifetimeSeconds: 7776000,
    scopes: ['read'],
  },
  renewal: {
    answer: {
      body: {
        access_token: 'second',
        refresh_token: 'refresh-second',
        token_type: 'bearer',
        scope: 'read',
        expires_in: 172800,
        refresh_token_expires_in: 7776000,
      },
    },
    accessToken: 'second',
    refreshToken: 'refresh-second',
    lifetimeSeconds: 172800,
    refreshLifetimeSeconds: 7776000,
  },
  refusals: [
    {
      what: 'renewal',
      answer: {
        status: 400,
        body: {
          error: 'invalid_grant',
          error_description: 'The provided authorization grant is invalid, expired or revoked.',
        },
      },
      reason: 'INVALID_GRANT',
      says: 'invalid, expired or revoked',
    },
  ],
  revocation: ['DELETE acme.zendesk.com/api/v2/oauth/tokens/current.json'],
  hints: [
    {
      what: 'request',
      answer: {
        status: 403,
        body: { error: 'Forbidden', description: 'You are missing the following required scopes: write' },
      },
      says: 'You are missing the following required scopes: write',
      cause: 'without a scope',
    },
    {
      what: 'request',
      answer: { status: 401, body: { error: "Couldn't authenticate you" } },
      says: "Couldn't authenticate you",
      cause: 'the API token is wrong',
    },
  ],
  test: {
    asks: 'GET acme.zendesk.com/api/v2/users/me.json',
    headers: { authorization: 'Bearer gErypPlm4dOVgGRvA1ZzMH5MQ3nLo8bo' },
    good: { body: { user: { id: 35436, email: 'ada@example.com' } } },
    refused: {
      answer: {
        status: 401,
        body: {
          error: 'invalid_token',
          error_description: 'The access token provided is expired, revoked, malformed or invalid for other reasons.',
        },
      },
      says: 'The access token provided is expired, revoked, malformed or invalid for other reasons.',
    },
  },
  otherWays: [
    {
      credential: {
        fields: {
          auth_method: 'api_token',
          email: 'ada@example.com',
          api_token: '6wiIBWbGkBMo1mRDMuVwkw1EPsNkeUj95PIz2akv',
        },
      },
      asks: 'GET acme.zendesk.com/api/v2/users/me.json',
      headers: { authorization: `Basic ${btoa('ada@example.com/token:6wiIBWbGkBMo1mRDMuVwkw1EPsNkeUj95PIz2akv')}` },
    },
  ],
  streams: [
    {
      name: 'tickets',
      pages: [
        {
          body: {
            tickets: [{ id: 35436, subject: 'Help I need somebody!' }],
            meta: { has_more: true, after_cursor: 'xxx' },
            links: { next: 'https://acme.zendesk.com/api/v2/tickets.json?page[size]=100&page[after]=xxx', prev: null },
          },
        },
        {
          body: {
            tickets: [{ id: 35437, subject: 'Not just anybody!' }],
            meta: { has_more: false, after_cursor: null },
            links: { next: null, prev: null },
          },
        },
      ],
      keys: ['35436', '35437'],
      asksFor: 'page[after]=xxx',
      limited: { status: 429, headers: { 'retry-after': '93' }, body: { error: 'APIRateLimitExceeded' } },
    },
  ],
  // developer.zendesk.com/documentation/webhooks/verifying, developer.zendesk.com/api-reference/webhooks/event-types/ticket-events
  webhook: {
    sign: ({ secret, body, at }) => {
      const timestamp = `${at.toISOString().slice(0, 19)}Z`
      return {
        'X-Zendesk-Webhook-Signature': hmac('sha256', secret, `${timestamp}${body}`, 'base64'),
        'X-Zendesk-Webhook-Signature-Timestamp': timestamp,
      }
    },
    toleranceSeconds: 300,
    connection: { externalId: '22129848' },
    requests: [
      {
        headers: {
          'X-Zendesk-Account-Id': '22129848',
          'X-Zendesk-Webhook-Invocation-Id': '01HWJ8MPWWXXJT1Y8FYJHN0B5Y',
        },
        body: {
          account_id: 22129848,
          detail: { id: '5158', subject: 'MFP not working right', status: 'OPEN', type: 'TASK' },
          event: { current: 'OPEN', previous: 'PENDING' },
          id: 'cbe4028c-7239-495d-b020-f22348516046',
          subject: 'zen:ticket:5158',
          time: '2025-01-08T10:12:07.672717030Z',
          type: 'zen:event-type:ticket.status_changed',
          zendesk_event_version: '2022-11-06',
        },
        events: [
          {
            id: 'cbe4028c-7239-495d-b020-f22348516046',
            type: 'zen:event-type:ticket.status_changed',
            account: '22129848',
            streams: ['tickets'],
          },
        ],
      },
      {
        // The body that somebody wrote for a trigger.
        headers: { 'X-Zendesk-Webhook-Invocation-Id': '01HWJ8MPWWXXJT1Y8FYJHN0B5Z' },
        body: { id: 35, title: 'Broken printer' },
        events: [{ id: '01HWJ8MPWWXXJT1Y8FYJHN0B5Z', streams: [] }],
      },
    ],
  },
  actions,
}
