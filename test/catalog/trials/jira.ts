import {
  atlassianHeaders,
  atlassianLimited,
  atlassianRefused,
  atlassianTokens,
} from '../providers/atlassian-answers.ts'
import type { ActionExample, ProviderTrial } from '../providers/trial.ts'

const rest = 'https://api.atlassian.com/ex/jira/1324a887-45db-1bf4-1e99-ef0ff456d421/rest/api/3'

const actions: ActionExample[] = [
  {
    action: 'create_issue',
    arguments: {
      project_key: 'ED',
      issue_type: 'Task',
      summary: 'Main order flow broken',
      description: 'Order entry fails when selecting supplier.',
      assignee_id: '5b109f2e9729b51b54dc274d',
      priority: 'High',
      labels: ['bugfix', 'blitz_test'],
      due_date: '2026-07-01',
      parent: 'PROJ-123',
    },
    request: `POST ${rest}/issue`,
    body: {
      fields: {
        project: { key: 'ED' },
        issuetype: { name: 'Task' },
        summary: 'Main order flow broken',
        description: {
          type: 'doc',
          version: 1,
          content: [
            { type: 'paragraph', content: [{ type: 'text', text: 'Order entry fails when selecting supplier.' }] },
          ],
        },
        assignee: { id: '5b109f2e9729b51b54dc274d' },
        priority: { name: 'High' },
        labels: ['bugfix', 'blitz_test'],
        duedate: '2026-07-01',
        parent: { key: 'PROJ-123' },
      },
    },
    answer: { status: 201, body: { id: '10000', key: 'ED-24' } },
    output: { id: '10000', key: 'ED-24' },
  },
  {
    action: 'search_issues',
    arguments: { jql: 'project = HSP', fields: ['summary', 'status'], limit: 15, cursor: 'CAEaAggD' },
    request: `GET ${rest}/search/jql?jql=project%20%3D%20HSP&fields=summary%2Cstatus&maxResults=15&nextPageToken=CAEaAggD`,
    answer: { body: { issues: [{ id: '10002', key: 'ED-1' }], isLast: true } },
    output: { issues: [{ id: '10002', key: 'ED-1' }], isLast: true },
  },
  {
    action: 'get_issue',
    arguments: { issue: 'ED-1', fields: ['summary'] },
    request: `GET ${rest}/issue/ED-1?fields=summary`,
    answer: { body: { id: '10002', key: 'ED-1', fields: { summary: 'Main order flow broken' } } },
    output: { id: '10002', key: 'ED-1', fields: { summary: 'Main order flow broken' } },
  },
  {
    action: 'add_comment',
    arguments: { issue: 'ED-1', body: 'Lorem ipsum dolor sit amet.' },
    request: `POST ${rest}/issue/ED-1/comment`,
    body: {
      body: {
        type: 'doc',
        version: 1,
        content: [{ type: 'paragraph', content: [{ type: 'text', text: 'Lorem ipsum dolor sit amet.' }] }],
      },
    },
    answer: { status: 201, body: { id: '10000' } },
    output: { id: '10000' },
  },
  {
    action: 'list_projects',
    arguments: { query: 'EX', limit: 2, start_at: 2 },
    request: `GET ${rest}/project/search?query=EX&maxResults=2&startAt=2`,
    answer: { body: { isLast: true, total: 3, values: [{ id: '10000', key: 'EX' }] } },
    output: { isLast: true, total: 3, values: [{ id: '10000', key: 'EX' }] },
  },
]

export const trial: ProviderTrial = {
  ...atlassianTokens('read:jira-work offline_access'),
  test: {
    asks: 'GET api.atlassian.com/ex/jira/1324a887-45db-1bf4-1e99-ef0ff456d421/rest/api/3/myself',
    headers: atlassianHeaders,
    good: { body: { accountId: '5b10a2844c20165700ede21g', displayName: 'Mia Krystof' } },
    refused: atlassianRefused,
  },
  streams: [
    {
      name: 'issues',
      pages: [
        { body: { issues: [{ id: '10002', key: 'ED-1', fields: {} }], nextPageToken: 'CAEaAggD', isLast: false } },
        { body: { issues: [{ id: '10003', key: 'ED-2', fields: {} }], isLast: true } },
      ],
      keys: ['10002', '10003'],
      asksFor: 'nextPageToken=CAEaAggD',
      limited: atlassianLimited,
    },
  ],
  actions,
}
