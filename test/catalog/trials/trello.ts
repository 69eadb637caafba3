import type { ActionExample, ProviderTrial } from '../providers/trial.ts'
import { hmac } from '../providers/webhook-trial.ts'

const api = 'https://api.trello.com/1'

const actions: ActionExample[] = [
  {
    action: 'create_card',
    arguments: {
      list_id: '5abbe4b7ddc1b351ef961414',
      name: 'Write the guide',
      description: 'For new people.',
      due: '2026-07-01T09:00:00Z',
      member_ids: ['5abbe4b7ddc1b351ef961415'],
      label_ids: ['5abbe4b7ddc1b351ef961416', '5abbe4b7ddc1b351ef961417'],
    },
    request: `POST ${api}/cards?idList=5abbe4b7ddc1b351ef961414&name=Write%20the%20guide&desc=For%20new%20people.&due=2026-07-01T09%3A00%3A00Z&idMembers=5abbe4b7ddc1b351ef961415&idLabels=5abbe4b7ddc1b351ef961416%2C5abbe4b7ddc1b351ef961417`,
    answer: { body: { id: '5abbe4b7ddc1b351ef961418', name: 'Write the guide' } },
    output: { id: '5abbe4b7ddc1b351ef961418', name: 'Write the guide' },
  },
  {
    action: 'update_card',
    overwrites: true,
    arguments: {
      card_id: '5abbe4b7ddc1b351ef961418',
      name: 'Guide',
      description: 'Done.',
      list_id: '5abbe4b7ddc1b351ef961419',
      due: '2026-07-02T09:00:00Z',
      due_complete: true,
      archived: false,
    },
    request: `PUT ${api}/cards/5abbe4b7ddc1b351ef961418?name=Guide&desc=Done.&idList=5abbe4b7ddc1b351ef961419&due=2026-07-02T09%3A00%3A00Z&dueComplete=true&closed=false`,
    answer: { body: { id: '5abbe4b7ddc1b351ef961418', name: 'Guide' } },
    output: { id: '5abbe4b7ddc1b351ef961418', name: 'Guide' },
  },
  {
    action: 'add_comment',
    arguments: { card_id: '5abbe4b7ddc1b351ef961418', body: 'Well done' },
    request: `POST ${api}/cards/5abbe4b7ddc1b351ef961418/actions/comments?text=Well%20done`,
    answer: { body: { id: '5abbe4b7ddc1b351ef961420', type: 'commentCard' } },
    output: { id: '5abbe4b7ddc1b351ef961420', type: 'commentCard' },
  },
  {
    action: 'search',
    arguments: { query: 'guide', limit: 3 },
    request: `GET ${api}/search?query=guide&modelTypes=cards&cards_limit=3`,
    answer: { body: { options: {}, cards: [{ id: '5abbe4b7ddc1b351ef961418', name: 'Guide' }] } },
    output: [{ id: '5abbe4b7ddc1b351ef961418', name: 'Guide' }],
  },
  {
    action: 'list_lists',
    arguments: { board_id: '5abbe4b7ddc1b351ef961410' },
    request: `GET ${api}/boards/5abbe4b7ddc1b351ef961410/lists`,
    answer: { body: [{ id: '5abbe4b7ddc1b351ef961414', name: 'To do' }] },
    output: [{ id: '5abbe4b7ddc1b351ef961414', name: 'To do' }],
  },
]

export const trial: ProviderTrial = {
  credential: { fields: { consumer_key: 'api-key', consumer_secret: 'cs', token: 't0ken', token_secret: 'ts' } },
  test: {
    asks: 'GET api.trello.com/1/members/me?fields=username',
    headers: {},
    good: { body: { id: '5abbe4b7ddc1b351ef961400', username: 'ada' } },
    refused: { answer: { status: 401, body: 'invalid token' }, says: 'invalid token' },
  },
  streams: [
    {
      name: 'boards',
      pages: [{ body: [{ id: '5abbe4b7ddc1b351ef961410', name: 'Roadmap' }] }],
      keys: ['5abbe4b7ddc1b351ef961410'],
      asksFor: '/members/me/boards',
      limited: { status: 429, body: { error: 'API_TOKEN_LIMIT_EXCEEDED', message: 'Rate limit exceeded' } },
    },
    {
      name: 'lists',
      parent: { id: '5abbe4b7ddc1b351ef961410' },
      pages: [{ body: [{ id: '5abbe4b7ddc1b351ef961414', name: 'To do', closed: false }] }],
      keys: ['parent/5abbe4b7ddc1b351ef961414'],
      asksFor: '/boards/5abbe4b7ddc1b351ef961410/lists?filter=all',
    },
    {
      name: 'cards',
      parent: { id: '5abbe4b7ddc1b351ef961410' },
      pages: [
        { body: [{ id: '5abbe4b7ddc1b351ef961419', name: 'Two' }] },
        { body: [{ id: '5abbe4b7ddc1b351ef961418', name: 'One' }] },
        { body: [] },
      ],
      keys: ['parent/5abbe4b7ddc1b351ef961419', 'parent/5abbe4b7ddc1b351ef961418'],
      asksFor: '/boards/5abbe4b7ddc1b351ef961410/cards/all?limit=500&sort=-id&before=5abbe4b7ddc1b351ef961418',
    },
    {
      name: 'actions',
      parent: { id: '5abbe4b7ddc1b351ef961410' },
      pages: [
        { body: [{ id: '5abbe4b7ddc1b351ef961420', type: 'commentCard', date: '2026-06-01T10:00:00.000Z' }] },
        { body: [] },
      ],
      keys: ['parent/5abbe4b7ddc1b351ef961420'],
      asksFor: 'before=5abbe4b7ddc1b351ef961420',
    },
  ],
  webhook: {
    sign: ({ secret, body, url }) => ({ 'X-Trello-Webhook': hmac('sha1', secret, body + url, 'base64') }),
    connection: { externalId: 'crm-1' },
    requests: [
      {
        query: 'external_id=crm-1',
        body: {
          action: {
            id: '51f9424bcd6e040f3c002412',
            idMemberCreator: '4fc78a59a885233f4b349bd9',
            type: 'updateCard',
            date: '2026-06-01T10:00:00.000Z',
          },
          model: { id: '4d5ea62fd76aa1136000000c', name: 'Trello Development' },
        },
        events: [
          {
            id: '51f9424bcd6e040f3c002412',
            type: 'updateCard',
            account: 'crm-1',
            streams: ['cards', 'actions'],
          },
        ],
      },
    ],
  },
  actions,
}
