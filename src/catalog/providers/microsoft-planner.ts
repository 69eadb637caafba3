import { input, text } from '../action-input.ts'
import type { ActionDefinition } from '../definition/action.ts'
import { graphPages, graphScope, graphSources, microsoftProduct } from '../families/microsoft.ts'
import type { ProviderFile } from '../provider-file.ts'

const READ = graphScope('Tasks.Read')
const WRITE = graphScope('Tasks.ReadWrite')

const plan = text('Id of the plan. list_plans returns it.')

const actions: ActionDefinition[] = [
  {
    name: 'list_plans',
    title: 'List plans',
    description: 'Lists the plans that are shared with the account, with title and owner.',
    docsUrl: 'https://learn.microsoft.com/graph/api/planneruser-list-plans',
    scopes: [READ],
    readOnly: true,
    input: input({}),
    request: { method: 'GET', path: '/me/planner/plans' },
    output: ['value'],
  },
  {
    name: 'list_plan_tasks',
    title: 'List the tasks of a plan',
    description: 'Lists the tasks of a plan with title, bucket and assignments.',
    docsUrl: 'https://learn.microsoft.com/graph/api/plannerplan-list-tasks',
    scopes: [READ],
    readOnly: true,
    input: input({ plan_id: plan }),
    request: { method: 'GET', path: '/planner/plans/{{ args.plan_id }}/tasks' },
    output: ['value'],
  },
  {
    name: 'create_task',
    title: 'Create a task',
    description: 'Creates a task in a plan and returns it with its id. It is assigned to nobody.',
    docsUrl: 'https://learn.microsoft.com/graph/api/planner-post-tasks',
    scopes: [WRITE],
    input: input(
      { plan_id: plan, title: text('Title.') },
      { bucket_id: text('Id of the bucket of the plan. Default: none.') },
    ),
    request: {
      method: 'POST',
      path: '/planner/tasks',
      json: { planId: '{{ args.plan_id }}', bucketId: '{{ args.bucket_id }}', title: '{{ args.title }}' },
    },
  },
]

export const provider: ProviderFile = microsoftProduct({
  aliases: ['planner', 'ms planner', 'office 365 planner', 'teams tasks', 'tasks by planner', 'teams aufgaben'],
  color: '#31752f',
  sources: [
    ...graphSources(
      'api/planneruser-list-plans',
      'api/plannerplan-list-tasks',
      'api/plannerplan-list-buckets',
      'api/planner-post-tasks',
    ),
    {
      url: 'https://github.com/microsoftgraph/microsoft-graph-docs-contrib/blob/main/concepts/throttling-limits.md',
      read: '2026-11-29',
    },
    { url: 'https://github.com/amp-labs/connectors/blob/main/catalog/microsoft.go', read: '2026-11-29', second: true },
  ],
  requested: [READ],
  definition: {
    displayName: 'Microsoft Planner',
    docsUrl: 'https://learn.microsoft.com/graph/api/resources/planner-overview',
    categories: ['project management'],
    testRequest: { path: '/me/planner/plans' },
    streams: [
      {
        name: 'plans',
        path: '/me/planner/plans',
        recordsPath: ['value'],
        primaryKey: [['id']],
        pagination: graphPages,
      },
      {
        name: 'buckets',
        parent: { stream: 'plans' },
        path: '/planner/plans/{{ parent.id }}/buckets',
        recordsPath: ['value'],
        primaryKey: [['id']],
        pagination: graphPages,
      },
      {
        name: 'tasks',
        parent: { stream: 'plans' },
        path: '/planner/plans/{{ parent.id }}/tasks',
        recordsPath: ['value'],
        primaryKey: [['id']],
        pagination: graphPages,
      },
    ],
    actions,
  },
  guide: {
    scopes: {
      [READ]: { en: 'read your tasks and plans', de: 'Ihre Aufgaben und Pläne lesen' },
      [WRITE]: {
        en: 'read, create, change and delete your tasks and plans',
        de: 'Ihre Aufgaben und Pläne lesen, anlegen, ändern und löschen',
      },
    },
    // Microsoft says that the limits of Planner are not available.
    rateLimit: null,
    traps: [
      {
        en: 'Only work and school accounts have this API. Personal Microsoft accounts are refused.',
        de: 'Diese API gibt es nur für Geschäfts- und Schulkonten. Persönliche Microsoft-Konten werden abgelehnt.',
      },
    ],
  },
})
