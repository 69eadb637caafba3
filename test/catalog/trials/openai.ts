import type { ProviderTrial } from '../providers/trial.ts'

const invalid = {
  status: 401,
  body: {
    error: {
      message: 'Incorrect API key provided: sk-test-invalid',
      type: 'invalid_request_error',
      param: null,
      code: 'invalid_api_key',
    },
  },
}

export const trial: ProviderTrial = {
  credential: { fields: { api_key: 'sk-proj-0123456789', admin_key: 'sk-admin-0123456789' } },
  test: {
    asks: 'GET api.openai.com/v1/models',
    headers: { authorization: 'Bearer sk-proj-0123456789' },
    good: { body: { object: 'list', data: [{ id: 'gpt-6-astra', object: 'model', created: 1780000000 }] } },
    refused: { answer: invalid, says: 'invalid_api_key: Incorrect API key provided: sk-test-invalid' },
  },
  hints: [
    {
      what: 'request',
      answer: invalid,
      says: 'invalid_api_key: Incorrect API key provided: sk-test-invalid',
      cause: 'belongs to another organization',
    },
    {
      what: 'request',
      answer: {
        status: 429,
        body: {
          error: {
            message: 'You exceeded your current quota, please check your plan and billing details.',
            type: 'insufficient_quota',
            param: null,
            code: 'credit_balance_exhausted',
          },
        },
      },
      says: 'credit_balance_exhausted: You exceeded your current quota, please check your plan and billing details.',
      cause: 'credit of the organization is used up',
    },
  ],
  streams: [
    {
      name: 'models',
      pages: [{ body: { object: 'list', data: [{ id: 'gpt-6-astra', object: 'model', owned_by: 'openai' }] } }],
      keys: ['gpt-6-astra'],
      asksFor: '/v1/models',
      limited: {
        status: 429,
        headers: { 'retry-after': '20' },
        body: {
          error: { message: 'Rate limit reached for requests', type: 'rate_limit_error', code: 'rate_limit_exceeded' },
        },
      },
    },
    {
      name: 'users',
      pages: [
        {
          body: {
            object: 'list',
            data: [{ id: 'user_abc', object: 'organization.user', role: 'owner', added_at: 1711471533 }],
            first_id: 'user_abc',
            last_id: 'user_abc',
            has_more: true,
          },
        },
        {
          body: {
            object: 'list',
            data: [{ id: 'user_xyz', object: 'organization.user', role: 'reader', added_at: 1711471534 }],
            first_id: 'user_xyz',
            last_id: 'user_xyz',
            has_more: false,
          },
        },
      ],
      keys: ['user_abc', 'user_xyz'],
      asksFor: 'after=user_abc',
    },
  ],
  actions: [
    {
      action: 'create_response',
      arguments: {
        model: 'gpt-6-astra',
        input: 'Tell me a story about a unicorn.',
        instructions: 'Answer in one sentence.',
        max_output_tokens: 200,
      },
      request: 'POST https://api.openai.com/v1/responses',
      body: {
        model: 'gpt-6-astra',
        input: 'Tell me a story about a unicorn.',
        instructions: 'Answer in one sentence.',
        max_output_tokens: 200,
        store: false,
      },
      answer: { body: { id: 'resp_1', object: 'response', output: [{ type: 'message', content: [] }] } },
      output: { id: 'resp_1', object: 'response', output: [{ type: 'message', content: [] }] },
    },
  ],
}
