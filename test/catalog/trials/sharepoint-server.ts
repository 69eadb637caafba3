import type { ActionExample, ProviderTrial } from '../providers/trial.ts'

const site = 'https://sharepoint.contoso.com/sites/team/_api/web'
const list = '74de3ff3-029c-42f9-bd2a-1e9463def69d'

const actions: ActionExample[] = [
  {
    action: 'list_list_items',
    arguments: { list_id: list, after_id: 5, limit: 10 },
    request: `GET ${site}/lists(guid'${list}')/items?%24top=10&%24skiptoken=Paged%3DTRUE%26p_ID%3D5`,
    answer: { body: { d: { results: [{ Id: 6, Title: 'an item' }] } } },
    output: [{ Id: 6, Title: 'an item' }],
  },
  {
    action: 'get_list_item',
    arguments: { list_id: list, item_id: 1 },
    request: `GET ${site}/lists(guid'${list}')/items(1)`,
    answer: { body: { d: { Id: 1, Title: 'an item', AuthorId: 11 } } },
    output: { Id: 1, Title: 'an item', AuthorId: 11 },
  },
]

export const trial: ProviderTrial = {
  credential: { fields: { username: 'CONTOSO\\ada', password: 'p4ssw0rd' } },
  test: {
    asks: 'GET sharepoint.contoso.com/sites/team/_api/web?$select=Title',
    headers: {
      authorization: `Basic ${btoa('CONTOSO\\ada:p4ssw0rd')}`,
      accept: 'application/json;odata=verbose',
    },
    good: { body: { d: { Title: 'Team' } } },
    refused: {
      answer: {
        status: 401,
        body: {
          error: {
            code: '-2147024891, System.UnauthorizedAccessException',
            message: { lang: 'en-US', value: 'Access denied. You do not have permission to access this resource.' },
          },
        },
      },
      says: 'Access denied. You do not have permission to access this resource.',
    },
  },
  streams: [
    {
      name: 'webs',
      pages: [{ body: { d: { results: [{ Id: 'b2f0e2f9-0b0f-4d5a-9d0a-1f2b3c4d5e6f', Title: 'Projects' }] } } }],
      keys: ['b2f0e2f9-0b0f-4d5a-9d0a-1f2b3c4d5e6f'],
      asksFor: '/_api/web/webs',
    },
    {
      name: 'lists',
      pages: [{ body: { d: { results: [{ Id: list, Title: 'Project Policy Item List', Hidden: false }] } } }],
      keys: [list],
      asksFor: '$filter=Hidden eq false',
    },
    {
      name: 'items',
      parent: { Id: list },
      pages: [
        {
          body: {
            d: {
              __next: `${site}/lists(guid'${list}')/items?$skiptoken=Paged%3dTRUE%26p_ID%3d500&$top=500`,
              results: [{ Id: 1, Title: 'an item' }],
            },
          },
        },
        { body: { d: { results: [{ Id: 501, Title: 'another item' }] } } },
      ],
      keys: ['parent/1', 'parent/501'],
      asksFor: 'p_ID=500',
      limited: { status: 429, headers: { 'retry-after': '10' } },
    },
    {
      name: 'groups',
      pages: [{ body: { d: { results: [{ Id: 7, Title: 'Team Members' }] } } }],
      keys: ['7'],
      asksFor: '/_api/web/sitegroups',
    },
  ],
  actions,
}
