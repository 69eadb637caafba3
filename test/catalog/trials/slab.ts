import { expect } from 'vitest'
import type { ActionExample, ProviderTrial } from '../providers/trial.ts'

const actions: ActionExample[] = [
  {
    action: 'search_posts',
    readsWithPost: true,
    arguments: { query: 'onboarding', limit: 2, cursor: 'cur2' },
    request: 'POST https://api.slab.com/v1/graphql',
    body: {
      query: expect.stringContaining('search(query: $query, types: [POST], first: $first, after: $after)'),
      variables: { query: 'onboarding', first: 2, after: 'cur2' },
    },
    answer: {
      body: {
        data: {
          search: { pageInfo: { hasNextPage: false, endCursor: null }, edges: [{ node: { post: { id: 'p1' } } }] },
        },
      },
    },
    output: { pageInfo: { hasNextPage: false, endCursor: null }, edges: [{ node: { post: { id: 'p1' } } }] },
  },
  {
    action: 'get_post',
    readsWithPost: true,
    arguments: { post_id: 'p1' },
    request: 'POST https://api.slab.com/v1/graphql',
    body: { query: expect.stringContaining('post(id: $id)'), variables: { id: 'p1' } },
    answer: { body: { data: { post: { id: 'p1', title: 'Onboarding', content: [{ insert: 'Welcome\n' }] } } } },
    output: { id: 'p1', title: 'Onboarding', content: [{ insert: 'Welcome\n' }] },
  },
]

export const trial: ProviderTrial = {
  failureWith200: { data: null, errors: [{ message: 'Not found' }] },
  credential: { secretText: 'sl4b-t0ken' },
  test: {
    asks: 'POST api.slab.com/v1/graphql',
    headers: { authorization: 'Bearer sl4b-t0ken', 'content-type': 'application/json' },
    good: { body: { data: { organization: { id: 'o1', name: 'Acme', host: 'acme.slab.com' } } } },
    refused: { answer: { status: 401, body: { errors: [{ message: 'Unauthorized' }] } }, says: 'Unauthorized' },
  },
  streams: [
    {
      name: 'topics',
      pages: [{ body: { data: { organization: { topics: [{ id: 't1', name: 'Engineering' }] } } } }],
      keys: ['t1'],
      asksFor: 'organization { topics',
      limited: { status: 429, body: { errors: [{ message: 'Too many requests' }] } },
    },
    {
      name: 'posts',
      pages: [{ body: { data: { organization: { posts: [{ id: 'p1', title: 'Onboarding' }] } } } }],
      keys: ['p1'],
      asksFor: 'organization { posts',
    },
    {
      name: 'post_contents',
      parent: { id: 'p1' },
      pages: [{ body: { data: { post: { id: 'p1', title: 'Onboarding', content: [{ insert: 'Welcome\n' }] } } } }],
      keys: ['parent/p1'],
      asksFor: '"id":"p1"',
    },
  ],
  actions,
}
