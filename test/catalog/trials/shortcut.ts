import type { ActionExample, ProviderTrial } from '../providers/trial.ts'
import { hmac } from '../providers/webhook-trial.ts'

const api = 'https://api.app.shortcut.com/api/v3'

const actions: ActionExample[] = [
  {
    action: 'create_story',
    arguments: {
      name: 'Fix the thing',
      workflow_state_id: 5002,
      description: 'It is broken.',
      story_type: 'bug',
      owner_ids: ['56d8a839-1c52-437f-b981-c3a15a11d6d4'],
      epic_id: 12,
    },
    request: `POST ${api}/stories`,
    body: {
      name: 'Fix the thing',
      workflow_state_id: 5002,
      description: 'It is broken.',
      story_type: 'bug',
      owner_ids: ['56d8a839-1c52-437f-b981-c3a15a11d6d4'],
      epic_id: 12,
    },
    answer: { status: 201, body: { id: 1234, name: 'Fix the thing', story_type: 'bug' } },
    output: { id: 1234, name: 'Fix the thing', story_type: 'bug' },
  },
  {
    action: 'get_story',
    arguments: { story_id: 1234 },
    request: `GET ${api}/stories/1234`,
    answer: { body: { id: 1234, name: 'Fix the thing' } },
    output: { id: 1234, name: 'Fix the thing' },
  },
  {
    action: 'search_stories',
    arguments: { query: 'owner:ada', limit: 5 },
    request: `GET ${api}/search/stories?query=owner%3Aada&page_size=5`,
    answer: { body: { data: [{ id: 1234 }], next: null, total: 1 } },
    output: { data: [{ id: 1234 }], next: null, total: 1 },
  },
  {
    action: 'add_comment',
    arguments: { story_id: 1234, body: 'Done' },
    request: `POST ${api}/stories/1234/comments`,
    body: { text: 'Done' },
    answer: { status: 201, body: { id: 77, text: 'Done', story_id: 1234 } },
    output: { id: 77, text: 'Done', story_id: 1234 },
  },
  {
    action: 'list_workflows',
    arguments: {},
    request: `GET ${api}/workflows`,
    answer: { body: [{ id: 500, name: 'Development', states: [{ id: 5002, name: 'Ready', type: 'unstarted' }] }] },
    output: [{ id: 500, name: 'Development', states: [{ id: 5002, name: 'Ready', type: 'unstarted' }] }],
  },
]

export const trial: ProviderTrial = {
  credential: { secretText: 'sh0rtcut-t0ken' },
  test: {
    asks: 'GET api.app.shortcut.com/api/v3/member',
    headers: { 'shortcut-token': 'sh0rtcut-t0ken' },
    good: { body: { id: '56d8a839-1c52-437f-b981-c3a15a11d6d4', mention_name: 'ada', name: 'Ada' } },
    refused: {
      answer: { status: 401, body: { message: 'Unauthorized', tag: 'unauthorized' } },
      says: 'Unauthorized',
    },
  },
  streams: [
    {
      name: 'stories',
      pages: [
        {
          body: [
            { id: 1234, name: 'Older story', updated_at: '2026-06-01T10:00:00Z' },
            { id: 1235, name: 'Newer story', updated_at: '2026-06-02T10:00:00Z' },
          ],
        },
      ],
      keys: ['1234', '1235'],
      asksFor: '"updated_at_start":"1970-01-01T00:00:00Z"',
      limited: { status: 429, body: { message: 'Too many requests' } },
    },
    {
      name: 'epics',
      pages: [{ body: [{ id: 12, name: 'Billing' }] }],
      keys: ['12'],
      asksFor: '/epics',
    },
  ],
  webhook: {
    sign: ({ secret, body }) => ({ 'Payload-Signature': hmac('sha256', secret, body, 'hex') }),
    connection: { externalId: 'crm-1' },
    requests: [
      {
        query: 'external_id=crm-1',
        body: {
          id: '595285dc-9c43-4b9c-a1e6-0cd9aff5b084',
          changed_at: '2017-06-27T16:20:44Z',
          primary_id: 16927,
          member_id: '56d8a839-1c52-437f-b981-c3a15a11d6d4',
          version: 'v1',
          actions: [
            {
              id: 16927,
              entity_type: 'story',
              action: 'update',
              name: 'test story',
              changes: { started: { new: true, old: false }, workflow_state_id: { new: 1495, old: 1493 } },
            },
          ],
          references: [{ id: 1495, entity_type: 'workflow-state', name: 'Ready for Deploy' }],
        },
        events: [
          {
            id: '595285dc-9c43-4b9c-a1e6-0cd9aff5b084',
            type: 'story.update',
            account: 'crm-1',
            streams: ['stories'],
          },
        ],
      },
    ],
  },
  actions,
}
