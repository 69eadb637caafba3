import type { ProviderTrial } from '../providers/trial.ts'

const cohorts = [{ appId: 849238, id: 'abc123', name: 'Power Users Q3', size: 4200, lastMod: 1722873600 }]

export const trial: ProviderTrial = {
  credential: { fields: { api_key: 'the-api-key', secret_key: 'the-s3cret-key' } },
  test: {
    asks: 'GET amplitude.com/api/3/cohorts',
    headers: { authorization: `Basic ${btoa('the-api-key:the-s3cret-key')}` },
    good: { body: { cohorts } },
    refused: { answer: { status: 401, body: { error: 'Unauthorized' } }, says: 'Unauthorized' },
  },
  streams: [
    {
      name: 'cohorts',
      pages: [{ body: { cohorts } }],
      keys: ['abc123'],
      asksFor: '/api/3/cohorts',
      limited: { status: 429, headers: { 'retry-after': '20' }, body: { error: 'Too Many Requests' } },
    },
  ],
  actions: [
    {
      action: 'list_cohorts',
      arguments: { with_sync_info: true },
      request: 'GET https://amplitude.com/api/3/cohorts?includeSyncInfo=true',
      answer: { body: { cohorts } },
      output: cohorts,
    },
    {
      action: 'upload_cohort',
      arguments: {
        name: 'Power Users Q3',
        app_id: 849238,
        id_type: 'BY_USER_ID',
        ids: ['user@example.com'],
        owner: 'admin@example.com',
        published: true,
      },
      request: 'POST https://amplitude.com/api/3/cohorts/upload',
      body: {
        name: 'Power Users Q3',
        app_id: 849238,
        id_type: 'BY_USER_ID',
        ids: ['user@example.com'],
        owner: 'admin@example.com',
        published: true,
      },
      answer: { body: { cohortId: 'abc123' } },
      output: { cohortId: 'abc123' },
    },
  ],
}
