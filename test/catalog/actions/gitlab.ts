import type { ActionExample } from './example.ts'

export const examples: ActionExample[] = [
  {
    action: 'create_issue',
    arguments: {
      project_id: 'my-group/my-project',
      title: 'Issues with auth',
      description: 'It fails.',
      labels: ['bug', 'security'],
      assignee_ids: [1],
      due_date: '2026-07-01',
      confidential: true,
    },
    request: 'POST https://gitlab.com/api/v4/projects/my-group%2Fmy-project/issues',
    body: {
      title: 'Issues with auth',
      description: 'It fails.',
      labels: 'bug,security',
      assignee_ids: [1],
      due_date: '2026-07-01',
      confidential: true,
    },
    answer: { status: 201, body: { id: 84, iid: 14, project_id: 4 } },
    output: { id: 84, iid: 14, project_id: 4 },
  },
  {
    action: 'list_issues',
    arguments: { project_id: '4', state: 'opened', labels: ['bug'], search: 'auth', limit: 5, page: 2 },
    request: 'GET https://gitlab.com/api/v4/projects/4/issues?state=opened&labels=bug&search=auth&per_page=5&page=2',
    answer: { body: [{ id: 41, iid: 1 }] },
    output: [{ id: 41, iid: 1 }],
  },
  {
    action: 'get_issue',
    arguments: { project_id: '4', issue_iid: 41 },
    request: 'GET https://gitlab.com/api/v4/projects/4/issues/41',
    answer: { body: { id: 1, iid: 41 } },
    output: { id: 1, iid: 41 },
  },
  {
    action: 'create_comment',
    arguments: { project_id: '5', issue_iid: 11, body: 'note' },
    request: 'POST https://gitlab.com/api/v4/projects/5/issues/11/notes',
    body: { body: 'note' },
    answer: { status: 201, body: { id: 302, body: 'note' } },
    output: { id: 302, body: 'note' },
  },
]
