import {
  microsoftHeaders,
  microsoftLimited,
  microsoftRefused,
  microsoftTokens,
  microsoftWebhook,
} from '../providers/microsoft-answers.ts'
import type { ActionExample, ProviderTrial } from '../providers/trial.ts'
import { webhookSecret } from '../providers/webhook-trial.ts'

const graph = 'https://graph.microsoft.com/v1.0'
const adams = '6ea91a8d-e32e-41a1-b7bd-d2d185eed0e0'
const mod = '4562bcc8-c436-4f95-b7c0-4f8ce89dca5e'
const group = '02bd9fd6-8f93-4758-87c3-1fb73740a315'

const select = [
  ...['id', 'displayName', 'givenName', 'surname', 'mail', 'userPrincipalName', 'jobTitle', 'department'],
  ...['officeLocation', 'businessPhones', 'mobilePhone', 'preferredLanguage', 'accountEnabled', 'userType'],
  'createdDateTime',
].join('%2C')

const actions: ActionExample[] = [
  {
    action: 'search_users',
    arguments: { name: "O'Ne", limit: 1 },
    request: `GET ${graph}/users?%24filter=startswith(displayName%2C%27O%27%27Ne%27)&%24select=${select}&%24top=1`,
    answer: { body: { value: [{ id: adams, displayName: "O'Neil", mail: 'oneil@contoso.com' }] } },
    output: { value: [{ id: adams, displayName: "O'Neil", mail: 'oneil@contoso.com' }] },
  },
  {
    action: 'list_group_members',
    arguments: { group_id: group, limit: 10 },
    request: `GET ${graph}/groups/${group}/members?%24top=10`,
    answer: { body: { value: [{ '@odata.type': '#microsoft.graph.user', id: adams }] } },
    output: { value: [{ '@odata.type': '#microsoft.graph.user', id: adams }] },
  },
]

export const trial: ProviderTrial = {
  ...microsoftTokens,
  test: {
    asks: 'GET graph.microsoft.com/v1.0/users?$top=1',
    headers: microsoftHeaders,
    good: { body: { value: [{ id: adams, displayName: 'Conf Room Adams' }] } },
    refused: microsoftRefused,
  },
  streams: [
    {
      name: 'users',
      pages: [
        {
          body: {
            '@odata.nextLink': `${graph}/users?$skiptoken=pqwSUjGYvb3jQpbwVAwEL7yuI3dU1Lecf`,
            value: [{ id: adams, displayName: 'Conf Room Adams', mail: 'Adams@contoso.com' }],
          },
        },
        { body: { value: [{ id: mod, displayName: 'MOD Administrator', mail: null }] } },
      ],
      keys: [adams, mod],
      asksFor: '$skiptoken=pqwSUjGYvb3jQpbwVAwEL7yuI3dU1Lecf',
      limited: microsoftLimited,
    },
    {
      name: 'groups',
      pages: [{ body: { value: [{ id: group, displayName: 'All Company', groupTypes: ['Unified'] }] } }],
      keys: [group],
      asksFor: '/v1.0/groups',
    },
    {
      name: 'group_members',
      parent: { id: group },
      pages: [{ body: { value: [{ '@odata.type': '#microsoft.graph.user', id: adams }] } }],
      keys: [`parent/${adams}`],
      asksFor: `/groups/${group}/members`,
    },
  ],
  webhook: microsoftWebhook([
    {
      query: 'external_id=crm-1',
      body: {
        value: [
          {
            subscriptionId: '7f105c7d-2dc5-4530-97cd-4e7ae6534c07',
            clientState: webhookSecret,
            changeType: 'updated',
            resource: `Users/${adams}`,
            subscriptionExpirationDateTime: '2026-07-20T11:00:00.0000000Z',
            tenantId: '84bd8158-6d4d-4958-8b9f-9d6445542f95',
            resourceData: { '@odata.type': '#Microsoft.Graph.User', id: adams },
          },
          {
            subscriptionId: '7f105c7d-2dc5-4530-97cd-4e7ae6534c08',
            clientState: webhookSecret,
            changeType: 'deleted',
            resource: `Groups/${group}`,
            subscriptionExpirationDateTime: '2026-07-20T11:00:00.0000000Z',
            tenantId: '84bd8158-6d4d-4958-8b9f-9d6445542f95',
            resourceData: { '@odata.type': '#Microsoft.Graph.Group', id: group },
          },
        ],
      },
      events: [
        { type: 'updated', account: 'crm-1', streams: ['users'] },
        { type: 'deleted', account: 'crm-1', streams: ['groups', 'group_members'] },
      ],
    },
  ]),
  actions,
}
