import type { ActionDefinition } from '../definition/action.ts'
import { cursor, day, input, integer, limit, list, text } from './input.ts'

const docsUrl = 'https://linear.app/developers/graphql'
const id = (description: string) => text(description, { format: 'uuid' })
const ISSUE =
  'id identifier title description priority dueDate url createdAt updatedAt state { id name type } team { id key } assignee { id name }'

/** GraphQL: failures have status 200, and `responseErrors` of the definition makes them errors. */
export const linearActions: ActionDefinition[] = [
  {
    name: 'create_issue',
    title: 'Create an issue',
    description: 'Creates an issue in a team and returns it with its identifier (such as ENG-123) and url.',
    docsUrl,
    scopes: ['write'],
    input: input(
      { team_id: id('Id of the team. list_teams returns it.'), title: text('Title.') },
      {
        description: text('Description, in Markdown.'),
        assignee_id: id('Id of the user to assign.'),
        priority: integer('0: none, 1: urgent, 2: high, 3: normal, 4: low.', { minimum: 0, maximum: 4 }),
        state_id: id('Id of the workflow state. Default: the first state of the team.'),
        project_id: id('Id of the project.'),
        label_ids: list('Ids of labels.', { type: 'string', format: 'uuid' }),
        due_date: day('Day on which it is due, such as 2026-07-01.'),
      },
    ),
    request: {
      method: 'POST',
      path: '/graphql',
      json: {
        query: `mutation ($input: IssueCreateInput!) { issueCreate(input: $input) { success issue { ${ISSUE} } } }`,
        variables: {
          input: {
            teamId: '{{ args.team_id }}',
            title: '{{ args.title }}',
            description: '{{ args.description }}',
            assigneeId: '{{ args.assignee_id }}',
            priority: '{{ args.priority }}',
            stateId: '{{ args.state_id }}',
            projectId: '{{ args.project_id }}',
            labelIds: '{{ args.label_ids }}',
            dueDate: '{{ args.due_date }}',
          },
        },
      },
    },
    output: ['data', 'issueCreate', 'issue'],
  },
  {
    name: 'list_issues',
    title: 'List issues',
    description:
      'Lists issues, the last updated first, of all teams or of one. Returns nodes and pageInfo; pageInfo.endCursor is the cursor of the next page while pageInfo.hasNextPage is true.',
    docsUrl,
    scopes: ['read'],
    readOnly: true,
    input: input(
      {},
      {
        team_id: id('Only issues of this team.'),
        assignee_id: id('Only issues of this user.'),
        state: text('Only issues in workflow states of this name, such as In Progress.'),
        limit: limit(100, 50),
        cursor: cursor('pageInfo.endCursor'),
      },
    ),
    request: {
      method: 'POST',
      path: '/graphql',
      json: {
        query: `query ($first: Int, $after: String, $filter: IssueFilter) { issues(first: $first, after: $after, filter: $filter, orderBy: updatedAt) { nodes { ${ISSUE} } pageInfo { hasNextPage endCursor } } }`,
        variables: {
          first: '{{ args.limit | default(50) }}',
          after: '{{ args.cursor }}',
          filter: {
            team: { id: { eq: '{{ args.team_id }}' } },
            assignee: { id: { eq: '{{ args.assignee_id }}' } },
            state: { name: { eq: '{{ args.state }}' } },
          },
        },
      },
    },
    output: ['data', 'issues'],
  },
  {
    name: 'get_issue',
    title: 'Get an issue',
    description: 'Returns one issue with its comments (the first 50).',
    docsUrl,
    scopes: ['read'],
    readOnly: true,
    input: input({ issue: text('Id or identifier of the issue, such as ENG-123.') }),
    request: {
      method: 'POST',
      path: '/graphql',
      json: {
        query: `query ($id: String!) { issue(id: $id) { ${ISSUE} comments(first: 50) { nodes { id body createdAt user { id name } } } } }`,
        variables: { id: '{{ args.issue }}' },
      },
    },
    output: ['data', 'issue'],
  },
  {
    name: 'create_comment',
    title: 'Comment on an issue',
    description: 'Adds a comment to an issue and returns it with its url.',
    docsUrl,
    scopes: ['write'],
    input: input({
      issue_id: id('Id of the issue. get_issue and list_issues return it.'),
      body: text('Text of the comment, in Markdown.'),
    }),
    request: {
      method: 'POST',
      path: '/graphql',
      json: {
        query:
          'mutation ($input: CommentCreateInput!) { commentCreate(input: $input) { success comment { id body url createdAt } } }',
        variables: { input: { issueId: '{{ args.issue_id }}', body: '{{ args.body }}' } },
      },
    },
    output: ['data', 'commentCreate', 'comment'],
  },
  {
    name: 'list_teams',
    title: 'List teams',
    description: 'Lists the teams with id, key, name and workflow states (the first 50 of each).',
    docsUrl,
    scopes: ['read'],
    readOnly: true,
    input: input({}, { limit: limit(100, 50) }),
    request: {
      method: 'POST',
      path: '/graphql',
      json: {
        query:
          'query ($first: Int) { teams(first: $first) { nodes { id key name states(first: 50) { nodes { id name type } } } } }',
        variables: { first: '{{ args.limit | default(50) }}' },
      },
    },
    output: ['data', 'teams', 'nodes'],
  },
]
