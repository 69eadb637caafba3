import type { ActionDefinition } from '../definition/action.ts'
import { input, limit, list } from './input.ts'

const ids = (what: string) => list(`Ids of ${what}.`, { type: 'integer', minimum: 1 }, { maxItems: 50 })

/** Reads of version 3 of the Harvest API. Its requests for one record are lists with the filter `ids`. */
export const greenhouseActions: ActionDefinition[] = [
  {
    name: 'list_candidates',
    title: 'List candidates',
    description: 'Lists candidates with names, email addresses and phone numbers, or those with the given ids.',
    docsUrl: 'https://harvestdocs.greenhouse.io/docs/list-endpoints',
    scopes: ['harvest:candidates:list'],
    readOnly: true,
    input: input({}, { ids: ids('candidates'), limit: limit(500, 100) }),
    request: {
      method: 'GET',
      path: '/candidates',
      query: { ids: "{{ args.ids | join(',') }}", per_page: '{{ args.limit | default(100) }}' },
    },
  },
  {
    name: 'list_applications',
    title: 'List applications',
    description: 'Lists applications with stage and status, of all candidates or of the given ones.',
    docsUrl: 'https://harvestdocs.greenhouse.io/docs/list-endpoints',
    scopes: ['harvest:applications:list'],
    readOnly: true,
    input: input({}, { candidate_ids: ids('candidates'), limit: limit(500, 100) }),
    request: {
      method: 'GET',
      path: '/applications',
      query: { candidate_ids: "{{ args.candidate_ids | join(',') }}", per_page: '{{ args.limit | default(100) }}' },
    },
  },
  {
    name: 'list_jobs',
    title: 'List jobs',
    description: 'Lists jobs with name and status, or those with the given ids.',
    docsUrl: 'https://harvestdocs.greenhouse.io/docs/list-endpoints',
    scopes: ['harvest:jobs:list'],
    readOnly: true,
    input: input({}, { ids: ids('jobs'), limit: limit(500, 100) }),
    request: {
      method: 'GET',
      path: '/jobs',
      query: { ids: "{{ args.ids | join(',') }}", per_page: '{{ args.limit | default(100) }}' },
    },
  },
]
