import type { ActionExample } from './example.ts'

export const examples: ActionExample[] = [
  {
    action: 'add_member',
    arguments: {
      list_id: '9e67587f52',
      email: 'urist.mcvankab@freddiesjokes.com',
      status: 'pending',
      first_name: 'Urist',
      last_name: 'McVankab',
      tags: ['new'],
    },
    request: 'POST https://us6.api.mailchimp.com/3.0/lists/9e67587f52/members',
    body: {
      email_address: 'urist.mcvankab@freddiesjokes.com',
      status: 'pending',
      merge_fields: { FNAME: 'Urist', LNAME: 'McVankab' },
      tags: ['new'],
    },
    answer: { body: { id: '62eeb292278cc15f5817cb78f7790b08', status: 'pending' } },
    output: { id: '62eeb292278cc15f5817cb78f7790b08', status: 'pending' },
  },
  {
    action: 'get_member',
    arguments: { list_id: '9e67587f52', email: 'urist.mcvankab@freddiesjokes.com' },
    request: 'GET https://us6.api.mailchimp.com/3.0/lists/9e67587f52/members/urist.mcvankab%40freddiesjokes.com',
    answer: { body: { id: '62eeb292278cc15f5817cb78f7790b08', status: 'subscribed' } },
    output: { id: '62eeb292278cc15f5817cb78f7790b08', status: 'subscribed' },
  },
  {
    action: 'list_members',
    arguments: { list_id: '9e67587f52', status: 'subscribed', limit: 5, offset: 5 },
    request:
      'GET https://us6.api.mailchimp.com/3.0/lists/9e67587f52/members?status=subscribed&exclude_fields=members._links%2C_links&count=5&offset=5',
    answer: { body: { members: [{ id: '62ee' }], total_items: 6 } },
    output: { members: [{ id: '62ee' }], total_items: 6 },
  },
  {
    action: 'list_lists',
    arguments: { limit: 5, offset: 5 },
    request: 'GET https://us6.api.mailchimp.com/3.0/lists?exclude_fields=lists._links%2C_links&count=5&offset=5',
    answer: { body: { lists: [{ id: '9e67587f52' }], total_items: 6 } },
    output: { lists: [{ id: '9e67587f52' }], total_items: 6 },
  },
]
