import { googleHeaders, googleLimited, googleRefused, googleTokens } from '../providers/google-answers.ts'
import type { ActionExample, ProviderTrial } from '../providers/trial.ts'

const actions: ActionExample[] = [
  {
    action: 'create_task',
    arguments: { list_id: '@default', title: 'Write a plan', notes: 'Two pages', due: '2026-07-01' },
    request: 'POST https://tasks.googleapis.com/tasks/v1/lists/%40default/tasks',
    body: { title: 'Write a plan', notes: 'Two pages', due: '2026-07-01T00:00:00.000Z' },
    answer: { body: { kind: 'tasks#task', id: 'MTAxMQ', title: 'Write a plan', status: 'needsAction' } },
    output: { kind: 'tasks#task', id: 'MTAxMQ', title: 'Write a plan', status: 'needsAction' },
  },
]

export const trial: ProviderTrial = {
  ...googleTokens('https://www.googleapis.com/auth/tasks.readonly'),
  test: {
    asks: 'GET tasks.googleapis.com/tasks/v1/users/@me/lists?maxResults=1',
    headers: googleHeaders,
    good: { body: { kind: 'tasks#taskLists', items: [{ id: 'MDQ1', title: 'My Tasks' }] } },
    refused: googleRefused,
  },
  streams: [
    {
      name: 'task_lists',
      pages: [
        { body: { kind: 'tasks#taskLists', nextPageToken: 'CgkI', items: [{ id: 'MDQ1', title: 'My Tasks' }] } },
        { body: { kind: 'tasks#taskLists', items: [{ id: 'MDQ2', title: 'Home' }] } },
      ],
      keys: ['MDQ1', 'MDQ2'],
      asksFor: 'pageToken=CgkI',
      limited: googleLimited,
    },
    {
      name: 'tasks',
      parent: { id: 'MDQ1' },
      pages: [
        {
          body: {
            kind: 'tasks#tasks',
            nextPageToken: 'CgwI',
            items: [{ id: 'MTAxMQ', title: 'Write a plan', updated: '2026-06-01T10:00:00.000Z' }],
          },
        },
        {
          body: {
            kind: 'tasks#tasks',
            items: [{ id: 'MTAxMg', title: 'Call Ada', updated: '2026-06-02T10:00:00.000Z' }],
          },
        },
      ],
      keys: ['parent/MTAxMQ', 'parent/MTAxMg'],
      asksFor: 'pageToken=CgwI',
      since: { cursor: '2026-06-01T10:00:00.000Z', value: '2026-06-01T10:00:00.000Z' },
    },
  ],
  actions,
}
