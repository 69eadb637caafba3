import type { ProviderTrial } from '../providers/trial.ts'

export const trial: ProviderTrial = {
  credential: { secretText: 'm1stral-key' },
  test: {
    asks: 'GET api.mistral.ai/v1/models',
    headers: { authorization: 'Bearer m1stral-key' },
    good: { body: { object: 'list', data: [{ id: 'mistral-small-latest', object: 'model' }] } },
    refused: { answer: { status: 401, body: { detail: 'Unauthorized' } }, says: 'Unauthorized' },
  },
  streams: [
    {
      name: 'models',
      pages: [
        {
          body: {
            object: 'list',
            data: [
              { id: 'mistral-small-latest', object: 'model', owned_by: 'mistralai', max_context_length: 32768 },
              { id: 'mistral-large-latest', object: 'model', owned_by: 'mistralai', max_context_length: 131072 },
            ],
          },
        },
      ],
      keys: ['mistral-small-latest', 'mistral-large-latest'],
      asksFor: '/v1/models',
      limited: { status: 429, headers: { 'retry-after': '20' }, body: { message: 'Requests rate limit exceeded' } },
    },
  ],
  actions: [
    {
      action: 'create_chat_completion',
      arguments: { model: 'mistral-small-latest', prompt: 'What is the best French cheese?', max_tokens: 100 },
      request: 'POST https://api.mistral.ai/v1/chat/completions',
      body: {
        model: 'mistral-small-latest',
        messages: [{ role: 'user', content: 'What is the best French cheese?' }],
        max_tokens: 100,
      },
      answer: { body: { id: 'cmpl-1', object: 'chat.completion', choices: [{ index: 0, finish_reason: 'stop' }] } },
      output: { id: 'cmpl-1', object: 'chat.completion', choices: [{ index: 0, finish_reason: 'stop' }] },
    },
  ],
}
