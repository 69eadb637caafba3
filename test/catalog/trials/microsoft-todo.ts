import {
  microsoftHeaders,
  microsoftLimited,
  microsoftRefused,
  microsoftTokens,
  microsoftWebhook,
} from '../providers/microsoft-answers.ts'
import type { ActionExample, ProviderTrial } from '../providers/trial.ts'
import { webhookSecret } from '../providers/webhook-trial.ts'

const graph = 'https://graph.microsoft.com/v1.0/me/todo/lists'

const actions: ActionExample[] = [
  {
    action: 'list_task_lists',
    arguments: {},
    request: `GET ${graph}`,
    answer: {
      body: { value: [{ id: 'AAMkADIyAAAAABrJAAA=', displayName: 'Tasks', wellknownListName: 'defaultList' }] },
    },
    output: [{ id: 'AAMkADIyAAAAABrJAAA=', displayName: 'Tasks', wellknownListName: 'defaultList' }],
  },
  {
    action: 'list_tasks',
    arguments: { list_id: 'AAMkADIyAAAAABrJAAA=', limit: 10 },
    request: `GET ${graph}/AAMkADIyAAAAABrJAAA%3D/tasks?%24top=10`,
    answer: { body: { value: [{ id: 'AQMkADAwATM0', title: 'Linked entity new task 1', status: 'notStarted' }] } },
    output: [{ id: 'AQMkADAwATM0', title: 'Linked entity new task 1', status: 'notStarted' }],
  },
  {
    action: 'create_task',
    arguments: {
      list_id: 'AQMkADAwATM0MDAAMS0yMDkyLWVjMzYtM',
      title: 'A new task',
      body: 'Two pages',
      due: '2026-07-01',
      importance: 'low',
    },
    request: `POST ${graph}/AQMkADAwATM0MDAAMS0yMDkyLWVjMzYtM/tasks`,
    body: {
      title: 'A new task',
      body: { content: 'Two pages', contentType: 'text' },
      dueDateTime: { dateTime: '2026-07-01T00:00:00', timeZone: 'UTC' },
      importance: 'low',
    },
    answer: { status: 201, body: { id: 'AlMKXwbQAAAJws6wcAAAA=', title: 'A new task', status: 'notStarted' } },
    output: { id: 'AlMKXwbQAAAJws6wcAAAA=', title: 'A new task', status: 'notStarted' },
  },
  {
    action: 'set_task_status',
    arguments: {
      list_id: 'AAMkADA1MTHgwAAA=',
      task_id: '721a35e2-35e2-721a-e235-1a72e2351a72',
      status: 'completed',
    },
    request: `PATCH ${graph}/AAMkADA1MTHgwAAA%3D/tasks/721a35e2-35e2-721a-e235-1a72e2351a72`,
    body: { status: 'completed' },
    answer: { body: { id: '721a35e2-35e2-721a-e235-1a72e2351a72', status: 'completed' } },
    output: { id: '721a35e2-35e2-721a-e235-1a72e2351a72', status: 'completed' },
  },
]

export const trial: ProviderTrial = {
  ...microsoftTokens,
  test: {
    asks: 'GET graph.microsoft.com/v1.0/me/todo/lists',
    headers: microsoftHeaders,
    good: { body: { value: [{ id: 'AAMkADIyAAAAABrJAAA=', displayName: 'Tasks' }] } },
    refused: microsoftRefused,
  },
  streams: [
    {
      name: 'task_lists',
      pages: [
        {
          body: {
            '@odata.nextLink': `${graph}?$skip=10`,
            value: [{ id: 'AAMkADIyAAAAABrJAAA=', displayName: 'Tasks', wellknownListName: 'defaultList' }],
          },
        },
        { body: { value: [{ id: 'AAMkADIyAAAEFTTrJAAA=', displayName: 'Monthly Tasks' }] } },
      ],
      keys: ['AAMkADIyAAAAABrJAAA=', 'AAMkADIyAAAEFTTrJAAA='],
      asksFor: '$skip=10',
      limited: microsoftLimited,
    },
    {
      name: 'tasks',
      parent: { id: 'AAMkADIyAAAAABrJAAA=' },
      pages: [
        {
          body: {
            '@odata.nextLink': `${graph}/AAMkADIyAAAAABrJAAA=/tasks?$skip=10`,
            value: [{ id: 'AQMkADAwATM0', title: 'Linked entity new task 1', status: 'notStarted' }],
          },
        },
        { body: { value: [{ id: 'AQMkADAwATM1', title: 'Shop for dinner', status: 'completed' }] } },
      ],
      keys: ['parent/AQMkADAwATM0', 'parent/AQMkADAwATM1'],
      asksFor: '$skip=10',
    },
  ],
  webhook: microsoftWebhook([
    {
      query: 'external_id=crm-1',
      body: {
        value: [
          {
            subscriptionId: '7f105c7d-2dc5-4530-97cd-4e7ae6534c07',
            clientState: webhookSecret,
            changeType: 'updated',
            resource: 'me/todo/lists/AAMkADIyAAAAABrJAAA=/tasks/AQMkADAwATM0',
            subscriptionExpirationDateTime: '2026-07-03T11:00:00.0000000Z',
            tenantId: '84bd8158-6d4d-4958-8b9f-9d6445542f95',
          },
        ],
      },
      events: [{ type: 'updated', account: 'crm-1', streams: ['tasks'] }],
    },
  ]),
  actions,
}
