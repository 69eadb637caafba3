import { input, limit, text } from '../action-input.ts'
import type { ActionDefinition } from '../definition/action.ts'
import {
  graphPages,
  graphScope,
  graphSources,
  microsoftProduct,
  microsoftWebhook,
  microsoftWebhookSteps,
} from '../families/microsoft.ts'
import type { ProviderFile } from '../provider-file.ts'

const USERS = graphScope('User.Read.All')
const GROUPS = graphScope('Group.Read.All')

const SELECT =
  'id,displayName,givenName,surname,mail,userPrincipalName,jobTitle,department,officeLocation,businessPhones,mobilePhone,preferredLanguage,accountEnabled,userType,createdDateTime'

const group = text('Id of the group.')

const actions: ActionDefinition[] = [
  {
    name: 'search_users',
    title: 'Search for users',
    description:
      'Lists users whose display name begins with a text. Returns value; @odata.nextLink is absent on the last page.',
    docsUrl: 'https://learn.microsoft.com/graph/api/user-list',
    scopes: [USERS],
    readOnly: true,
    input: input({ name: text('How the display name begins.') }, { limit: limit(100, 25) }),
    request: {
      method: 'GET',
      path: '/users',
      query: {
        $filter: "startswith(displayName,'{{ args.name | replace(\"'\", \"''\") }}')",
        $select: SELECT,
        $top: '{{ args.limit | default(25) }}',
      },
    },
  },
  {
    name: 'list_group_members',
    title: 'List the members of a group',
    description: 'Lists the direct members of a group. Returns value; @odata.nextLink is absent on the last page.',
    docsUrl: 'https://learn.microsoft.com/graph/api/group-list-members',
    scopes: [GROUPS],
    readOnly: true,
    input: input({ group_id: group }, { limit: limit(100, 100) }),
    request: {
      method: 'GET',
      path: '/groups/{{ args.group_id }}/members',
      query: { $top: '{{ args.limit | default(100) }}' },
    },
  },
]

export const provider: ProviderFile = microsoftProduct({
  aliases: [
    'azure ad',
    'azure active directory',
    'aad',
    'entra',
    'entra id',
    'microsoft entra',
    'active directory',
    'office 365 users',
  ],
  color: '#0078d4',
  sources: [
    ...graphSources('api/user-list', 'api/user-delta', 'api/group-delta', 'api/group-list-members'),
    {
      url: 'https://github.com/microsoftgraph/microsoft-graph-docs-contrib/blob/main/concepts/includes/change-notifications-supported-resources-expanded.md',
      read: '2026-11-29',
    },
    {
      url: 'https://github.com/microsoftgraph/microsoft-graph-docs-contrib/blob/main/concepts/includes/change-notifications-subscription-lifetime.md',
      read: '2026-11-29',
    },
    {
      url: 'https://github.com/microsoftgraph/microsoft-graph-docs-contrib/blob/main/concepts/throttling-limits.md',
      read: '2026-11-29',
    },
    {
      url: 'https://github.com/airbytehq/airbyte/blob/master/airbyte-integrations/connectors/source-microsoft-entra-id/manifest.yaml',
      read: '2026-11-29',
      second: true,
      differs: 'It uses the permissions of an app. Here an administrator connects and can see what is allowed.',
    },
  ],
  requested: [USERS, GROUPS],
  definition: {
    displayName: 'Microsoft Entra ID',
    docsUrl: 'https://learn.microsoft.com/graph/api/resources/users',
    categories: ['identity'],
    webhook: microsoftWebhook([
      { where: "item.lifecycleEvent == 'missed' or 'users' in (item.resource | lower)", streams: ['users'] },
      {
        where: "item.lifecycleEvent == 'missed' or 'groups' in (item.resource | lower)",
        streams: ['groups', 'group_members'],
      },
    ]),
    testRequest: { path: '/users?$top=1' },
    // The delta functions have their state in a URL, which a change feed cannot send: each reading is complete.
    streams: [
      {
        name: 'users',
        path: '/users',
        query: { $top: '100', $select: SELECT },
        recordsPath: ['value'],
        primaryKey: [['id']],
        pagination: graphPages,
      },
      {
        name: 'groups',
        path: '/groups',
        query: { $top: '100' },
        recordsPath: ['value'],
        primaryKey: [['id']],
        pagination: graphPages,
      },
      {
        name: 'group_members',
        parent: { stream: 'groups' },
        path: '/groups/{{ parent.id }}/members',
        query: { $top: '100' },
        recordsPath: ['value'],
        primaryKey: [['id']],
        pagination: graphPages,
      },
    ],
    actions,
  },
  guide: {
    webhook: microsoftWebhookSteps({
      resource: 'users',
      changes: 'updated,deleted',
      urls: {
        en: '**notificationUrl** and **lifecycleNotificationUrl** are',
        de: '**notificationUrl** und **lifecycleNotificationUrl** sind',
      },
      lifetime: { en: 'less than 29 days ahead', de: 'weniger als 29 Tage entfernt' },
    }),
    events: ['updated', 'deleted', 'missed'],
    scopes: {
      [USERS]: {
        en: 'read the full profiles of all people in your organization',
        de: 'die vollständigen Profile aller Personen Ihrer Organisation lesen',
      },
      [GROUPS]: {
        en: 'read all groups of your organization and their members',
        de: 'alle Gruppen Ihrer Organisation und deren Mitglieder lesen',
      },
    },
    rateLimit: {
      words: {
        en: 'For each app and organization, 3,500 to 8,000 resource units in 10 seconds, depending on the number of users; a list of users costs 2 units.',
        de: 'Je App und Organisation 3.500 bis 8.000 Ressourceneinheiten in 10 Sekunden, abhängig von der Zahl der Benutzer; eine Liste von Benutzern kostet 2 Einheiten.',
      },
      url: 'https://learn.microsoft.com/graph/throttling-limits',
    },
    traps: [
      {
        en: 'An administrator has to approve the scopes. Personal Microsoft accounts and guests are refused.',
        de: 'Die Administration muss die Scopes freigeben. Persönliche Microsoft-Konten und Gäste werden abgelehnt.',
      },
      {
        en: 'A user who was just created, changed or deleted can be missing from the list or still be in it for a while.',
        de: 'Ein gerade angelegter, geänderter oder gelöschter Benutzer kann in der Liste noch fehlen oder noch enthalten sein.',
      },
      {
        en: 'Creating a user or a group is reported as the change updated.',
        de: 'Das Anlegen eines Benutzers oder einer Gruppe wird als Änderung updated gemeldet.',
      },
    ],
  },
})
