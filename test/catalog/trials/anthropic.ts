import type { ProviderTrial } from '../providers/trial.ts'

const invalid = {
  status: 401,
  body: {
    type: 'error',
    error: { type: 'authentication_error', message: 'invalid x-api-key' },
    request_id: 'req_011CSHoEeqs5C35K2UUqR7Fy',
  },
}

export const trial: ProviderTrial = {
  credential: { secretText: 'my-anthropic-api-key' },
  test: {
    asks: 'GET api.anthropic.com/v1/models?limit=1',
    headers: { 'x-api-key': 'my-anthropic-api-key', 'anthropic-version': '2026-10-21' },
    good: { body: { data: [{ id: 'claude-opus-4-6', type: 'model' }], has_more: true, last_id: 'claude-opus-4-6' } },
    refused: { answer: invalid, says: 'authentication_error: invalid x-api-key' },
  },
  hints: [
    { what: 'request', answer: invalid, says: 'authentication_error: invalid x-api-key', cause: 'was revoked' },
    {
      what: 'request',
      answer: { status: 402, body: { type: 'error', error: { type: 'billing_error', message: 'Billing error' } } },
      says: 'billing_error: Billing error',
      cause: 'payment details',
    },
  ],
  streams: [
    {
      name: 'models',
      pages: [
        {
          body: {
            data: [
              {
                id: 'claude-opus-4-6',
                created_at: '2026-02-04T00:00:00Z',
                display_name: 'Claude Opus 4.6',
                type: 'model',
              },
            ],
            first_id: 'claude-opus-4-6',
            has_more: true,
            last_id: 'claude-opus-4-6',
          },
        },
        {
          body: {
            data: [{ id: 'claude-haiku-4-5-20251001', display_name: 'Claude Haiku 4.5', type: 'model' }],
            first_id: 'claude-haiku-4-5-20251001',
            has_more: false,
            last_id: 'claude-haiku-4-5-20251001',
          },
        },
      ],
      keys: ['claude-opus-4-6', 'claude-haiku-4-5-20251001'],
      asksFor: 'after_id=claude-opus-4-6',
      limited: {
        status: 429,
        headers: { 'retry-after': '20' },
        body: { type: 'error', error: { type: 'rate_limit_error', message: 'Rate limited' } },
      },
    },
  ],
  actions: [
    {
      action: 'create_message',
      arguments: {
        model: 'claude-opus-4-6',
        prompt: 'Hello, Claude!',
        max_tokens: 1024,
        system: 'Answer in one sentence.',
      },
      request: 'POST https://api.anthropic.com/v1/messages',
      headers: { 'anthropic-version': '2026-10-21' },
      body: {
        model: 'claude-opus-4-6',
        max_tokens: 1024,
        system: 'Answer in one sentence.',
        messages: [{ role: 'user', content: 'Hello, Claude!' }],
      },
      answer: { body: { id: 'msg_1', type: 'message', content: [{ type: 'text', text: 'Hello!' }] } },
      output: { id: 'msg_1', type: 'message', content: [{ type: 'text', text: 'Hello!' }] },
    },
  ],
}
