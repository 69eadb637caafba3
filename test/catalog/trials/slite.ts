import type { ActionExample, ProviderTrial } from '../providers/trial.ts'

const api = 'https://api.slite.com/v1'

const actions: ActionExample[] = [
  {
    action: 'create_note',
    arguments: { title: 'Onboarding', markdown: '# Welcome', parent_id: '7pg149CiWujY8B' },
    request: `POST ${api}/notes`,
    body: { title: 'Onboarding', markdown: '# Welcome', parentNoteId: '7pg149CiWujY8B' },
    answer: { body: { id: '5hKLTw-Tfm0psh', title: 'Onboarding' } },
    output: { id: '5hKLTw-Tfm0psh', title: 'Onboarding' },
  },
  {
    action: 'search_notes',
    arguments: { query: 'onboarding', limit: 5 },
    request: `GET ${api}/search-notes?query=onboarding&hitsPerPage=5`,
    answer: { body: { hits: [{ id: '5hKLTw-Tfm0psh', title: 'Onboarding' }] } },
    output: { hits: [{ id: '5hKLTw-Tfm0psh', title: 'Onboarding' }] },
  },
  {
    action: 'get_note',
    arguments: { note_id: '5hKLTw-Tfm0psh' },
    request: `GET ${api}/notes/5hKLTw-Tfm0psh?format=md`,
    answer: { body: { id: '5hKLTw-Tfm0psh', title: 'Onboarding', content: '# Welcome' } },
    output: { id: '5hKLTw-Tfm0psh', title: 'Onboarding', content: '# Welcome' },
  },
  {
    action: 'list_notes',
    arguments: { parent_id: '7pg149CiWujY8B', cursor: 'cur2' },
    request: `GET ${api}/notes?parentNoteId=7pg149CiWujY8B&cursor=cur2`,
    answer: { body: { notes: [{ id: '5hKLTw-Tfm0psh' }], hasNextPage: false, nextCursor: null } },
    output: { notes: [{ id: '5hKLTw-Tfm0psh' }], hasNextPage: false, nextCursor: null },
  },
]

export const trial: ProviderTrial = {
  credential: { secretText: 'sl1te-key' },
  test: {
    asks: 'GET api.slite.com/v1/me',
    headers: { 'x-slite-api-key': 'sl1te-key' },
    good: { body: { displayName: 'Ada', email: 'ada@example.com', organizationName: 'Acme' } },
    refused: { answer: { status: 401, body: { message: 'Unauthorized' } }, says: 'Unauthorized' },
  },
  streams: [
    {
      name: 'notes',
      pages: [
        { body: { notes: [{ id: '5hKLTw-Tfm0psh', title: 'Onboarding' }], hasNextPage: true, nextCursor: 'cur2' } },
        { body: { notes: [{ id: '7pg149CiWujY8B', title: 'Stories' }], hasNextPage: false, nextCursor: null } },
      ],
      keys: ['5hKLTw-Tfm0psh', '7pg149CiWujY8B'],
      asksFor: 'cursor=cur2',
      limited: {
        status: 429,
        body: { message: "You've reached the api rate limit. Please wait and retry later." },
      },
    },
    {
      name: 'note_contents',
      parent: { id: '5hKLTw-Tfm0psh' },
      pages: [{ body: { id: '5hKLTw-Tfm0psh', title: 'Onboarding', content: '# Welcome' } }],
      keys: ['parent/5hKLTw-Tfm0psh'],
      asksFor: '/notes/5hKLTw-Tfm0psh?format=md',
    },
  ],
  actions,
}
