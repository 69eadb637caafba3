import { choice, day, input, limit, onlyWith, text } from '../action-input.ts'
import type { ActionDefinition } from '../definition/action.ts'
import {
  graphPages,
  graphScope,
  graphSources,
  mailboxHint,
  microsoftProduct,
  microsoftWebhook,
  microsoftWebhookSteps,
} from '../families/microsoft.ts'
import type { ProviderFile } from '../provider-file.ts'

const READ = graphScope('Tasks.Read')
const WRITE = graphScope('Tasks.ReadWrite')

const list = text('Id of the task list. list_task_lists returns it.')

const actions: ActionDefinition[] = [
  {
    name: 'list_task_lists',
    title: 'List task lists',
    description: 'Lists the task lists of the account. The one whose wellknownListName is defaultList is the default.',
    docsUrl: 'https://learn.microsoft.com/graph/api/todo-list-lists',
    scopes: [READ],
    readOnly: true,
    input: input({}),
    request: { method: 'GET', path: '/me/todo/lists' },
    output: ['value'],
  },
  {
    name: 'list_tasks',
    title: 'List tasks',
    description: 'Lists the tasks of a list with title, status and due date.',
    docsUrl: 'https://learn.microsoft.com/graph/api/todotasklist-list-tasks',
    scopes: [READ],
    readOnly: true,
    input: input({ list_id: list }, { limit: limit(100, 50) }),
    request: {
      method: 'GET',
      path: '/me/todo/lists/{{ args.list_id }}/tasks',
      query: { $top: '{{ args.limit | default(50) }}' },
    },
    output: ['value'],
  },
  {
    name: 'create_task',
    title: 'Create a task',
    description: 'Creates a task in a list and returns it with its id.',
    docsUrl: 'https://learn.microsoft.com/graph/api/todotasklist-post-tasks',
    scopes: [WRITE],
    input: input(
      { list_id: list, title: text('Title.') },
      {
        body: text('Notes, as plain text.'),
        due: day('Day on which it is due, such as 2026-07-01.'),
        importance: choice('Default: normal.', ['low', 'normal', 'high']),
      },
    ),
    request: {
      method: 'POST',
      path: '/me/todo/lists/{{ args.list_id }}/tasks',
      json: {
        title: '{{ args.title }}',
        body: onlyWith('body', { content: '{{ args.body }}', contentType: 'text' }),
        dueDateTime: onlyWith('due', {
          dateTime: "{{ (args.due ~ 'T00:00:00') if args.due is defined else args.due }}",
          timeZone: 'UTC',
        }),
        importance: '{{ args.importance }}',
      },
    },
  },
  {
    name: 'set_task_status',
    title: 'Set the status of a task',
    description: 'Sets the status of a task, for example to completed, and returns the task.',
    docsUrl: 'https://learn.microsoft.com/graph/api/todotask-update',
    scopes: [WRITE],
    input: input({
      list_id: list,
      task_id: text('Id of the task.'),
      status: choice('The new status.', ['notStarted', 'inProgress', 'completed', 'waitingOnOthers', 'deferred']),
    }),
    request: {
      method: 'PATCH',
      path: '/me/todo/lists/{{ args.list_id }}/tasks/{{ args.task_id }}',
      json: { status: '{{ args.status }}' },
    },
  },
]

export const provider: ProviderFile = microsoftProduct({
  aliases: ['todo', 'to do', 'to-do', 'ms todo', 'ms to do', 'outlook tasks', 'outlook aufgaben', 'wunderlist'],
  color: '#2564cf',
  sources: [
    ...graphSources(
      'api/todo-list-lists',
      'api/todotasklist-list-tasks',
      'api/todotasklist-post-tasks',
      'api/todotask-update',
    ),
    {
      url: 'https://github.com/microsoftgraph/microsoft-graph-docs-contrib/blob/main/concepts/includes/change-notifications-supported-resources-expanded.md',
      read: '2026-11-29',
    },
    {
      url: 'https://github.com/microsoftgraph/microsoft-graph-docs-contrib/blob/main/concepts/includes/change-notifications-subscription-lifetime.md',
      read: '2026-11-29',
    },
    { url: 'https://github.com/amp-labs/connectors/blob/main/catalog/microsoft.go', read: '2026-11-29', second: true },
  ],
  unverified: ['rateLimit'],
  requested: [READ],
  definition: {
    displayName: 'Microsoft To Do',
    docsUrl: 'https://learn.microsoft.com/graph/api/resources/todo-overview',
    categories: ['project management'],
    webhook: microsoftWebhook([{ streams: ['tasks'] }]),
    testRequest: { path: '/me/todo/lists' },
    streams: [
      {
        name: 'task_lists',
        path: '/me/todo/lists',
        recordsPath: ['value'],
        primaryKey: [['id']],
        pagination: graphPages,
      },
      {
        name: 'tasks',
        parent: { stream: 'task_lists' },
        path: '/me/todo/lists/{{ parent.id }}/tasks',
        recordsPath: ['value'],
        primaryKey: [['id']],
        pagination: graphPages,
      },
    ],
    actions,
  },
  guide: {
    webhook: microsoftWebhookSteps({
      resource: 'me/todo/lists/…/tasks',
      changes: 'created,updated,deleted',
      urls: { en: '**notificationUrl** is', de: '**notificationUrl** ist' },
      lifetime: { en: 'less than three days ahead', de: 'weniger als drei Tage entfernt' },
    }),
    events: ['created', 'updated', 'deleted'],
    scopes: {
      [READ]: { en: 'read your tasks and task lists', de: 'Ihre Aufgaben und Aufgabenlisten lesen' },
      [WRITE]: {
        en: 'read, create, change and delete your tasks and task lists',
        de: 'Ihre Aufgaben und Aufgabenlisten lesen, anlegen, ändern und löschen',
      },
    },
    rateLimit: null,
    traps: [
      {
        en: 'The id of a task changes when the task is moved to another list.',
        de: 'Die ID einer Aufgabe ändert sich, wenn die Aufgabe in eine andere Liste verschoben wird.',
      },
    ],
    hints: [mailboxHint],
  },
})
