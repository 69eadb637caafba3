import type { ActionExample } from './example.ts'

export const examples: ActionExample[] = [
  {
    action: 'create_task',
    arguments: {
      workspace_id: '12345',
      name: 'Buy catnip',
      notes: 'Mittens really likes the stuff from Humboldt.',
      project_ids: ['67890'],
      assignee: 'me',
      due_on: '2026-09-15',
    },
    request: 'POST https://app.asana.com/api/1.0/tasks',
    body: {
      data: {
        workspace: '12345',
        name: 'Buy catnip',
        notes: 'Mittens really likes the stuff from Humboldt.',
        projects: ['67890'],
        assignee: 'me',
        due_on: '2026-09-15',
      },
    },
    answer: { status: 201, body: { data: { gid: '1001', resource_type: 'task', name: 'Buy catnip' } } },
    output: { gid: '1001', resource_type: 'task', name: 'Buy catnip' },
  },
  {
    action: 'update_task',
    arguments: {
      task_id: '1001',
      name: 'Bought catnip',
      notes: 'Done.',
      completed: true,
      assignee: 'ada@example.com',
      due_on: '2026-09-16',
    },
    request: 'PUT https://app.asana.com/api/1.0/tasks/1001',
    body: {
      data: {
        name: 'Bought catnip',
        notes: 'Done.',
        completed: true,
        assignee: 'ada@example.com',
        due_on: '2026-09-16',
      },
    },
    answer: { body: { data: { gid: '1001', completed: true } } },
    output: { gid: '1001', completed: true },
  },
  {
    action: 'get_task',
    arguments: { task_id: '1001' },
    request: 'GET https://app.asana.com/api/1.0/tasks/1001',
    answer: { body: { data: { gid: '1001', name: 'Buy catnip' } } },
    output: { gid: '1001', name: 'Buy catnip' },
  },
  {
    action: 'list_tasks',
    arguments: { project_id: '67890', only_incomplete: true, limit: 5, cursor: 'eyJ0eXAi' },
    request:
      'GET https://app.asana.com/api/1.0/tasks?project=67890&completed_since=now&opt_fields=name%2Ccompleted%2Cassignee.name%2Cdue_on%2Cmodified_at%2Cpermalink_url&limit=5&offset=eyJ0eXAi',
    answer: { body: { data: [{ gid: '1001' }], next_page: null } },
    output: { data: [{ gid: '1001' }], next_page: null },
  },
]
