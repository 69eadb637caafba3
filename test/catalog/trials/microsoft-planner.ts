import {
  microsoftHeaders,
  microsoftLimited,
  microsoftRefused,
  microsoftTokens,
} from '../providers/microsoft-answers.ts'
import type { ActionExample, ProviderTrial } from '../providers/trial.ts'

const graph = 'https://graph.microsoft.com/v1.0'
const plan = 'xqQg5FS2LkCp935s-FIFm2QAFkHM'

const actions: ActionExample[] = [
  {
    action: 'list_plans',
    arguments: {},
    request: `GET ${graph}/me/planner/plans`,
    answer: { body: { value: [{ id: plan, title: 'title-value', owner: 'ebf3b108-5234-4e22-b93d-656d7dae5874' }] } },
    output: [{ id: plan, title: 'title-value', owner: 'ebf3b108-5234-4e22-b93d-656d7dae5874' }],
  },
  {
    action: 'list_plan_tasks',
    arguments: { plan_id: plan },
    request: `GET ${graph}/planner/plans/${plan}/tasks`,
    answer: { body: { value: [{ id: '01gzSlKkIUSUl6DF_EilrmQAKDhh', planId: plan, title: 'title-value' }] } },
    output: [{ id: '01gzSlKkIUSUl6DF_EilrmQAKDhh', planId: plan, title: 'title-value' }],
  },
  {
    action: 'create_task',
    arguments: { plan_id: plan, title: 'Update client list', bucket_id: 'hsOf2dhOJkqyYYZEtdzDe2QAIUCR' },
    request: `POST ${graph}/planner/tasks`,
    body: { planId: plan, bucketId: 'hsOf2dhOJkqyYYZEtdzDe2QAIUCR', title: 'Update client list' },
    answer: { status: 201, body: { id: '01gzSlKkIUSUl6DF_EilrmQAKDhh', title: 'Update client list' } },
    output: { id: '01gzSlKkIUSUl6DF_EilrmQAKDhh', title: 'Update client list' },
  },
]

export const trial: ProviderTrial = {
  ...microsoftTokens,
  test: {
    asks: 'GET graph.microsoft.com/v1.0/me/planner/plans',
    headers: microsoftHeaders,
    good: { body: { value: [{ id: plan, title: 'title-value' }] } },
    refused: microsoftRefused,
  },
  streams: [
    {
      name: 'plans',
      pages: [{ body: { value: [{ id: plan, title: 'title-value' }] } }],
      keys: [plan],
      asksFor: '/me/planner/plans',
    },
    {
      name: 'buckets',
      parent: { id: plan },
      pages: [{ body: { value: [{ id: 'hsOf2dhOJkqyYYZEtdzDe2QAIUCR', name: 'To do', planId: plan }] } }],
      keys: ['parent/hsOf2dhOJkqyYYZEtdzDe2QAIUCR'],
      asksFor: `/planner/plans/${plan}/buckets`,
    },
    {
      name: 'tasks',
      parent: { id: plan },
      pages: [
        {
          body: {
            '@odata.nextLink': `${graph}/planner/plans/${plan}/tasks?$skiptoken=abc`,
            value: [{ id: '01gzSlKkIUSUl6DF_EilrmQAKDhh', planId: plan, title: 'title-value' }],
          },
        },
        { body: { value: [{ id: '01gzSlKkIUSUl6DF_EilrmQAKDhi', planId: plan, title: 'Update client list' }] } },
      ],
      keys: ['parent/01gzSlKkIUSUl6DF_EilrmQAKDhh', 'parent/01gzSlKkIUSUl6DF_EilrmQAKDhi'],
      asksFor: '$skiptoken=abc',
      limited: microsoftLimited,
    },
  ],
  actions,
}
