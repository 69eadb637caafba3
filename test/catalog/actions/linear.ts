import { expect } from 'vitest'
import type { ActionExample } from './example.ts'

export const examples: ActionExample[] = [
  {
    action: 'create_issue',
    arguments: {
      team_id: '9cfb482a-81e3-4154-b5b9-2c805e70a02d',
      title: 'New exception',
      description: 'More detailed error report in markdown',
      assignee_id: '1a2b3c4d-81e3-4154-b5b9-2c805e70a02d',
      priority: 0,
      state_id: '2a2b3c4d-81e3-4154-b5b9-2c805e70a02d',
      project_id: '3a2b3c4d-81e3-4154-b5b9-2c805e70a02d',
      label_ids: ['4a2b3c4d-81e3-4154-b5b9-2c805e70a02d'],
      due_date: '2026-07-01',
    },
    request: 'POST https://api.linear.app/graphql',
    body: {
      query: expect.stringMatching(
        /^mutation .* issueCreate\(input: \$input\) \{ success issue \{ id identifier .*\} \} \}$/,
      ),
      variables: {
        input: {
          teamId: '9cfb482a-81e3-4154-b5b9-2c805e70a02d',
          title: 'New exception',
          description: 'More detailed error report in markdown',
          assigneeId: '1a2b3c4d-81e3-4154-b5b9-2c805e70a02d',
          priority: 0,
          stateId: '2a2b3c4d-81e3-4154-b5b9-2c805e70a02d',
          projectId: '3a2b3c4d-81e3-4154-b5b9-2c805e70a02d',
          labelIds: ['4a2b3c4d-81e3-4154-b5b9-2c805e70a02d'],
          dueDate: '2026-07-01',
        },
      },
    },
    answer: { body: { data: { issueCreate: { success: true, issue: { id: 'a1', identifier: 'ENG-123' } } } } },
    output: { id: 'a1', identifier: 'ENG-123' },
  },
  {
    action: 'list_issues',
    arguments: {
      team_id: '9cfb482a-81e3-4154-b5b9-2c805e70a02d',
      assignee_id: '1a2b3c4d-81e3-4154-b5b9-2c805e70a02d',
      state: 'In Progress',
      limit: 10,
      cursor: '6b2c',
    },
    request: 'POST https://api.linear.app/graphql',
    body: {
      query: expect.stringContaining('issues(first: $first, after: $after, filter: $filter, orderBy: updatedAt)'),
      variables: {
        first: 10,
        after: '6b2c',
        filter: {
          team: { id: { eq: '9cfb482a-81e3-4154-b5b9-2c805e70a02d' } },
          assignee: { id: { eq: '1a2b3c4d-81e3-4154-b5b9-2c805e70a02d' } },
          state: { name: { eq: 'In Progress' } },
        },
      },
    },
    answer: { body: { data: { issues: { nodes: [{ id: 'a1' }], pageInfo: { hasNextPage: false } } } } },
    output: { nodes: [{ id: 'a1' }], pageInfo: { hasNextPage: false } },
  },
  {
    action: 'get_issue',
    arguments: { issue: 'ENG-123' },
    request: 'POST https://api.linear.app/graphql',
    body: { query: expect.stringContaining('issue(id: $id)'), variables: { id: 'ENG-123' } },
    answer: { body: { data: { issue: { id: 'a1', identifier: 'ENG-123' } } } },
    output: { id: 'a1', identifier: 'ENG-123' },
  },
  {
    action: 'create_comment',
    arguments: { issue_id: '9cfb482a-81e3-4154-b5b9-2c805e70a02d', body: 'Me too' },
    request: 'POST https://api.linear.app/graphql',
    body: {
      query: expect.stringContaining('commentCreate(input: $input)'),
      variables: { input: { issueId: '9cfb482a-81e3-4154-b5b9-2c805e70a02d', body: 'Me too' } },
    },
    answer: { body: { data: { commentCreate: { success: true, comment: { id: 'c1', body: 'Me too' } } } } },
    output: { id: 'c1', body: 'Me too' },
  },
  {
    action: 'list_teams',
    arguments: { limit: 10 },
    request: 'POST https://api.linear.app/graphql',
    body: { query: expect.stringContaining('teams(first: $first)'), variables: { first: 10 } },
    answer: { body: { data: { teams: { nodes: [{ id: 't1', key: 'ENG' }] } } } },
    output: [{ id: 't1', key: 'ENG' }],
  },
]
