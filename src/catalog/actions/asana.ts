import type { ActionDefinition } from '../definition/action.ts'
import { cursor, day, flag, input, limit, list, text } from './input.ts'

const reference = 'https://developers.asana.com/reference'
const gid = (description: string) => text(description, { pattern: '^[0-9]+$' })
const task = { task_id: gid('gid of the task.') }
const assignee = text('gid or email address of the user, or me.')
const dueOn = day('Day on which it is due, such as 2026-07-01.')
const notes = text('Description, as plain text.')

export const asanaActions: ActionDefinition[] = [
  {
    name: 'create_task',
    title: 'Create a task',
    description:
      'Creates a task in a workspace, in projects if you give them, and returns it with its gid and permalink_url.',
    docsUrl: `${reference}/createtask`,
    scopes: ['tasks:write'],
    input: input(
      { workspace_id: gid('gid of the workspace.'), name: text('Name of the task.') },
      {
        notes,
        project_ids: list('gids of projects of the workspace.', { type: 'string', pattern: '^[0-9]+$' }),
        assignee,
        due_on: dueOn,
      },
    ),
    request: {
      method: 'POST',
      path: '/tasks',
      json: {
        data: {
          workspace: '{{ args.workspace_id }}',
          name: '{{ args.name }}',
          notes: '{{ args.notes }}',
          projects: '{{ args.project_ids }}',
          assignee: '{{ args.assignee }}',
          due_on: '{{ args.due_on }}',
        },
      },
    },
    output: ['data'],
  },
  {
    name: 'update_task',
    title: 'Update or complete a task',
    description: 'Changes the given fields of a task and leaves the others. Returns the task.',
    docsUrl: `${reference}/updatetask`,
    scopes: ['tasks:write'],
    destructive: true,
    input: {
      ...input(task, {
        name: text('New name.'),
        notes,
        completed: flag('Whether the task is completed.'),
        assignee,
        due_on: dueOn,
      }),
      minProperties: 2,
    },
    request: {
      method: 'PUT',
      path: '/tasks/{{ args.task_id }}',
      json: {
        data: {
          name: '{{ args.name }}',
          notes: '{{ args.notes }}',
          completed: '{{ args.completed }}',
          assignee: '{{ args.assignee }}',
          due_on: '{{ args.due_on }}',
        },
      },
    },
    output: ['data'],
  },
  {
    name: 'get_task',
    title: 'Get a task',
    description: 'Returns one task: name, notes, assignee, projects, due date, and whether it is completed.',
    docsUrl: `${reference}/gettask`,
    scopes: ['tasks:read'],
    readOnly: true,
    input: input(task),
    request: { method: 'GET', path: '/tasks/{{ args.task_id }}' },
    output: ['data'],
  },
  {
    name: 'list_tasks',
    title: 'List tasks of a project',
    description: 'Lists the tasks of a project. Returns data; next_page.offset is the cursor of the next page.',
    docsUrl: `${reference}/gettasks`,
    scopes: ['tasks:read'],
    readOnly: true,
    input: input(
      { project_id: gid('gid of the project.') },
      {
        only_incomplete: flag('Whether completed tasks are left out. Default: false.'),
        limit: limit(100, 50),
        cursor: cursor('next_page.offset'),
      },
    ),
    request: {
      method: 'GET',
      path: '/tasks',
      query: {
        project: '{{ args.project_id }}',
        // `now` leaves out what is completed; every task was completed after this day, or is not.
        completed_since: "{{ 'now' if args.only_incomplete else '1970-01-01' }}",
        opt_fields: 'name,completed,assignee.name,due_on,modified_at,permalink_url',
        limit: '{{ args.limit | default(50) }}',
        offset: '{{ args.cursor }}',
      },
    },
  },
]
