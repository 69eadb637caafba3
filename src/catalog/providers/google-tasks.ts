import { day, input, text } from '../action-input.ts'
import { googleProduct, nangoSource } from '../families/google.ts'
import type { ProviderFile } from '../provider-file.ts'

const READ = 'https://www.googleapis.com/auth/tasks.readonly'
const WRITE = 'https://www.googleapis.com/auth/tasks'

export const provider: ProviderFile = googleProduct({
  aliases: ['gtasks', 'google todo', 'google to-do list', 'google aufgaben'],
  logo: 'googletasks',
  color: '#2684fc',
  sources: [
    { url: 'https://developers.google.com/workspace/tasks/auth', read: '2026-11-29' },
    { url: 'https://developers.google.com/workspace/tasks/params', read: '2026-11-29' },
    { url: 'https://developers.google.com/workspace/tasks/reference/rest/v1/tasks/list', read: '2026-11-29' },
    nangoSource,
  ],
  unverified: ['rateLimit'],
  api: 'Google Tasks API',
  requested: [READ],
  verification: {
    en: 'If **Verification Center** asks for it, submit the app. Until it is verified, people see a warning, and at most 100 can connect.',
    de: 'Wenn **Verification Center** es verlangt, reichen Sie die App ein. Bis zur Prüfung erscheint eine Warnung, und höchstens 100 Personen können sich verbinden.',
  },
  definition: {
    displayName: 'Google Tasks',
    docsUrl: 'https://developers.google.com/workspace/tasks/reference/rest',
    categories: ['project management'],
    baseUrl: 'https://tasks.googleapis.com/tasks/v1',
    testRequest: { path: '/users/@me/lists?maxResults=1' },
    streams: [
      {
        name: 'task_lists',
        path: '/users/@me/lists',
        query: { maxResults: '100' },
        recordsPath: ['items'],
        omitsEmptyList: true,
        primaryKey: [['id']],
        pagination: { type: 'cursor', path: ['nextPageToken'], param: 'pageToken' },
      },
      {
        name: 'tasks',
        parent: { stream: 'task_lists' },
        path: '/lists/{{ parent.id }}/tasks',
        query: { maxResults: '100', showHidden: 'true', showDeleted: 'true' },
        recordsPath: ['items'],
        omitsEmptyList: true,
        primaryKey: [['id']],
        pagination: { type: 'cursor', path: ['nextPageToken'], param: 'pageToken' },
        incremental: { cursorField: ['updated'], param: 'updatedMin', format: 'iso8601', per: 'parent' },
        deletes: { path: ['deleted'], equals: true },
      },
    ],
    actions: [
      {
        name: 'create_task',
        title: 'Create a task',
        description: 'Creates a task in a list, at its top. Returns the task with its id.',
        docsUrl: 'https://developers.google.com/workspace/tasks/reference/rest/v1/tasks/insert',
        scopes: [WRITE],
        input: input(
          { list_id: text('Id of the task list, or @default.'), title: text('Title.', { maxLength: 1024 }) },
          { notes: text('Notes.', { maxLength: 8192 }), due: day('Day on which it is due, such as 2026-07-01.') },
        ),
        request: {
          method: 'POST',
          path: '/lists/{{ args.list_id }}/tasks',
          json: {
            title: '{{ args.title }}',
            notes: '{{ args.notes }}',
            due: "{{ (args.due ~ 'T00:00:00.000Z') if args.due else args.due }}",
          },
        },
      },
    ],
  },
  guide: {
    scopes: {
      [READ]: { en: 'see your tasks and task lists', de: 'Ihre Aufgaben und Aufgabenlisten sehen' },
      [WRITE]: {
        en: 'create, change, organize and delete your tasks',
        de: 'Ihre Aufgaben anlegen, ändern, ordnen und löschen',
      },
    },
    rateLimit: null,
    traps: [
      {
        en: 'Tasks that are assigned from documents and chats are not in the list by default.',
        de: 'Aufgaben, die aus Dokumenten und Chats zugewiesen werden, stehen standardmäßig nicht in der Liste.',
      },
    ],
  },
})
