import {
  googleHeaders,
  googleLimited,
  googleRefused,
  googleTokens,
  googleWebhook,
} from '../providers/google-answers.ts'
import type { ActionExample, Answer, ProviderTrial } from '../providers/trial.ts'

// developers.google.com/admin-sdk/directory/v1/limits
const concurrent: Answer = {
  status: 403,
  body: {
    error: {
      code: 403,
      message: 'Quota exceeded for the current request.',
      errors: [{ domain: 'usageLimits', reason: 'quotaExceeded', message: 'Quota exceeded for the current request.' }],
    },
  },
}

const user = { kind: 'admin#directory#user', id: '114511147312345678901', primaryEmail: 'liz@example.com' }

const actions: ActionExample[] = [
  {
    action: 'search_users',
    arguments: { query: 'name:Jane', limit: 5, cursor: 'p2' },
    request:
      'GET https://admin.googleapis.com/admin/directory/v1/users?customer=my_customer&query=name%3AJane&maxResults=5&pageToken=p2',
    answer: { body: { kind: 'admin#directory#users', users: [user] } },
    output: { kind: 'admin#directory#users', users: [user] },
  },
  {
    action: 'suspend_user',
    arguments: { user_key: 'liz@example.com', suspended: true },
    request: 'PUT https://admin.googleapis.com/admin/directory/v1/users/liz%40example.com',
    body: { suspended: true },
    answer: { body: { ...user, suspended: true } },
    output: { ...user, suspended: true },
    overwrites: true,
  },
  {
    action: 'add_group_member',
    arguments: { group_key: 'team@example.com', email: 'liz@example.com', role: 'MANAGER' },
    request: 'POST https://admin.googleapis.com/admin/directory/v1/groups/team%40example.com/members',
    body: { email: 'liz@example.com', role: 'MANAGER' },
    answer: { body: { kind: 'admin#directory#member', id: '1145', email: 'liz@example.com', role: 'MANAGER' } },
    output: { kind: 'admin#directory#member', id: '1145', email: 'liz@example.com', role: 'MANAGER' },
  },
  {
    action: 'remove_group_member',
    arguments: { group_key: 'team@example.com', member_key: 'liz@example.com' },
    request:
      'DELETE https://admin.googleapis.com/admin/directory/v1/groups/team%40example.com/members/liz%40example.com',
    answer: { status: 204 },
    output: null,
  },
]

export const trial: ProviderTrial = {
  ...googleTokens('https://www.googleapis.com/auth/admin.directory.user.readonly'),
  test: {
    asks: 'GET admin.googleapis.com/admin/directory/v1/users?customer=my_customer&maxResults=1',
    headers: googleHeaders,
    good: { body: { kind: 'admin#directory#users', users: [user] } },
    refused: googleRefused,
  },
  streams: [
    {
      name: 'users',
      pages: [
        { body: { kind: 'admin#directory#users', users: [user], nextPageToken: 'CAEQAQ' } },
        {
          body: {
            kind: 'admin#directory#users',
            users: [{ ...user, id: '1145111473', primaryEmail: 'z@example.com' }],
          },
        },
      ],
      keys: ['114511147312345678901', '1145111473'],
      asksFor: 'pageToken=CAEQAQ',
      limited: concurrent,
    },
    {
      name: 'groups',
      pages: [
        {
          body: {
            kind: 'admin#directory#groups',
            groups: [{ id: '01x0gk37', email: 'a@example.com' }],
            nextPageToken: 'Cj',
          },
        },
        { body: { kind: 'admin#directory#groups', groups: [{ id: '01x0gk38', email: 'b@example.com' }] } },
      ],
      keys: ['01x0gk37', '01x0gk38'],
      asksFor: 'pageToken=Cj',
      limited: googleLimited,
    },
    {
      name: 'group_members',
      parent: { id: '01x0gk37' },
      pages: [
        { body: { kind: 'admin#directory#members', members: [{ id: '1', role: 'OWNER' }], nextPageToken: 'Ck' } },
        { body: { kind: 'admin#directory#members', members: [{ id: '2', role: 'MEMBER' }] } },
      ],
      keys: ['parent/1', 'parent/2'],
      asksFor: 'pageToken=Ck',
      limited: googleLimited,
    },
    {
      name: 'org_units',
      pages: [
        {
          body: {
            kind: 'admin#directory#orgUnits',
            organizationUnits: [{ orgUnitId: 'id:03ph8a2z', name: 'sales', orgUnitPath: '/corp/sales' }],
          },
        },
      ],
      keys: ['id:03ph8a2z'],
      asksFor: '/customer/my_customer/orgunits?type=all',
      limited: googleLimited,
    },
  ],
  // developers.google.com/workspace/admin/directory/v1/guides/push
  webhook: googleWebhook([
    {
      query: 'external_id=crm-1',
      headers: {
        'X-Goog-Channel-ID': 'deleteChannel',
        'X-Goog-Message-Number': '236440',
        'X-Goog-Resource-ID': 'B4ibMJiIhTjAQd7Ff2K2bexk8G4',
        'X-Goog-Resource-State': 'delete',
        'X-Goog-Resource-URI': 'https://admin.googleapis.com/admin/directory/v1/users?domain=example.com&event=delete',
      },
      body: { kind: 'admin#directory#user', id: '111220860655841818702', primaryEmail: 'user@example.com' },
      events: [{ id: 'deleteChannel:236440', type: 'delete', account: 'crm-1', streams: ['users'] }],
    },
  ]),
  actions,
}
