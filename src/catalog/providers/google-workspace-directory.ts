import { choice, cursor, email, flag, input, integer, text } from '../action-input.ts'
import type { ActionDefinition } from '../definition/action.ts'
import { discovery, googleProduct, googleWebhook, nangoSource } from '../families/google.ts'
import type { ProviderFile } from '../provider-file.ts'

const reference = 'https://developers.google.com/workspace/admin/directory/reference/rest/v1'

const scope = (name: string) => `https://www.googleapis.com/auth/admin.directory.${name}`

const USERS = scope('user.readonly')
const GROUPS = scope('group.readonly')
const UNITS = scope('orgunit.readonly')
const WRITE_USERS = scope('user')
const WRITE_MEMBERS = scope('group.member')

const user = { user_key: text('Email address or id of the user.') }

const actions: ActionDefinition[] = [
  {
    name: 'search_users',
    title: 'Search users',
    description: 'Lists users of the organization. Returns users; nextPageToken is the cursor of the next page.',
    docsUrl: `${reference}/users/list`,
    scopes: [USERS],
    readOnly: true,
    input: input(
      {},
      {
        query: text('Search query in Google’s syntax, such as: name:Jane orgTitle:Manager, or isSuspended=true.'),
        limit: integer('How many results to return at most. Default: 100.', { minimum: 1, maximum: 500, default: 100 }),
        cursor: cursor('nextPageToken'),
      },
    ),
    request: {
      method: 'GET',
      path: '/users',
      query: {
        customer: 'my_customer',
        query: '{{ args.query }}',
        maxResults: '{{ args.limit | default(100) }}',
        pageToken: '{{ args.cursor }}',
      },
    },
  },
  {
    name: 'suspend_user',
    title: 'Suspend or restore a user',
    description: 'Suspends a user, who can then no longer sign in, or ends the suspension. Returns the user.',
    docsUrl: `${reference}/users/update`,
    scopes: [WRITE_USERS],
    destructive: true,
    input: input({ ...user, suspended: flag('true suspends the user, false ends the suspension.') }),
    request: { method: 'PUT', path: '/users/{{ args.user_key }}', json: { suspended: '{{ args.suspended }}' } },
  },
  {
    name: 'add_group_member',
    title: 'Add a member to a group',
    description: 'Adds a user or a group to a group. Returns the member.',
    docsUrl: `${reference}/members/insert`,
    scopes: [WRITE_MEMBERS],
    input: input(
      { group_key: text('Email address or id of the group.'), email: email('Email address of the new member.') },
      { role: choice('Role in the group. Default: MEMBER.', ['MEMBER', 'MANAGER', 'OWNER']) },
    ),
    request: {
      method: 'POST',
      path: '/groups/{{ args.group_key }}/members',
      json: { email: '{{ args.email }}', role: "{{ args.role | default('MEMBER') }}" },
    },
  },
  {
    name: 'remove_group_member',
    title: 'Remove a member from a group',
    description: 'Removes a member from a group. Returns nothing.',
    docsUrl: `${reference}/members/delete`,
    scopes: [WRITE_MEMBERS],
    destructive: true,
    input: input({
      group_key: text('Email address or id of the group.'),
      member_key: text('Email address or id of the member.'),
    }),
    request: { method: 'DELETE', path: '/groups/{{ args.group_key }}/members/{{ args.member_key }}' },
  },
]

export const provider: ProviderFile = googleProduct({
  aliases: [
    'google admin',
    'admin sdk',
    'google workspace admin',
    'google workspace users',
    'google directory',
    'g suite directory',
    'gsuite admin',
  ],
  logo: 'google',
  color: '#4285f4',
  sources: [
    discovery('admin.directory_v1'),
    { url: 'https://developers.google.com/admin-sdk/directory/v1/guides/push', read: '2026-11-29' },
    { url: 'https://developers.google.com/admin-sdk/directory/v1/guides/search-users', read: '2026-11-29' },
    { url: 'https://developers.google.com/admin-sdk/directory/v1/limits.html?hl=sv', read: '2026-11-29' },
    nangoSource,
  ],
  api: 'Admin SDK API',
  requested: [USERS, GROUPS, UNITS],
  definition: {
    displayName: 'Google Workspace Directory',
    docsUrl: reference,
    categories: ['identity', 'hr'],
    baseUrl: 'https://admin.googleapis.com/admin/directory/v1',
    // 2,400 a minute for each user (developers.google.com/workspace/admin/directory/v1/limits).
    rateLimit: { requestsPerSecond: 40 },
    // Too many requests of one kind at the same time.
    responseErrors: [
      { status: 403, path: ['error', 'errors', 0, 'reason'], equals: 'quotaExceeded', as: 'rate_limit' },
    ],
    // The body has the user, but its signature is the token of the channel, as in the other products.
    webhook: googleWebhook([{ streams: ['users'] }]),
    testRequest: { path: '/users?customer=my_customer&maxResults=1' },
    streams: [
      {
        name: 'users',
        path: '/users',
        query: { customer: 'my_customer', maxResults: '500', projection: 'full', orderBy: 'email' },
        recordsPath: ['users'],
        omitsEmptyList: true,
        primaryKey: [['id']],
        pagination: { type: 'cursor', path: ['nextPageToken'], param: 'pageToken' },
      },
      {
        name: 'groups',
        path: '/groups',
        query: { customer: 'my_customer', maxResults: '200' },
        recordsPath: ['groups'],
        omitsEmptyList: true,
        primaryKey: [['id']],
        pagination: { type: 'cursor', path: ['nextPageToken'], param: 'pageToken' },
      },
      {
        name: 'group_members',
        parent: { stream: 'groups' },
        path: '/groups/{{ parent.id }}/members',
        query: { maxResults: '200' },
        records: { path: ['members'], set: { groupId: '{{ parent.id }}' } },
        omitsEmptyList: true,
        primaryKey: [['id']],
        pagination: { type: 'cursor', path: ['nextPageToken'], param: 'pageToken' },
        // The group was deleted since the list was read.
        responses: [{ status: 404, as: 'empty' }],
      },
      {
        name: 'org_units',
        path: '/customer/my_customer/orgunits',
        query: { type: 'all' },
        recordsPath: ['organizationUnits'],
        omitsEmptyList: true,
        primaryKey: [['orgUnitId']],
      },
    ],
    actions,
  },
  guide: {
    webhook: {
      url: 'https://developers.google.com/workspace/admin/directory/v1/guides/push',
      steps: [
        {
          en: 'Make up a long random text and save it here as the webhook secret.',
          de: 'Denken Sie sich einen langen zufälligen Text aus und speichern Sie ihn hier als Webhook-Secret.',
        },
        {
          en: 'With an API key of the workspace, give the connection an external id, and append it to the webhook URL as **?external_id=…**.',
          de: 'Geben Sie der Verbindung mit einem API-Schlüssel des Workspace eine externe ID und hängen Sie diese als **?external_id=…** an die Webhook-URL an.',
        },
        {
          en: 'With the token of the connection, send POST /users/watch?customer=my_customer&event=… for each of the events add, delete, makeAdmin, undelete and update: **id** is a new UUID, **type** is web_hook, **address** is the URL from above, and **token** is the webhook secret.',
          de: 'Senden Sie mit dem Token der Verbindung für jedes der Ereignisse add, delete, makeAdmin, undelete und update POST /users/watch?customer=my_customer&event=…: **id** ist eine neue UUID, **type** ist web_hook, **address** ist die URL von oben und **token** das Webhook-Secret.',
        },
        {
          en: 'Repeat this with a new id before the **expiration** that Google returns.',
          de: 'Wiederholen Sie das mit einer neuen ID vor der **expiration**, die Google zurückgibt.',
        },
      ],
    },
    events: ['add', 'delete', 'makeAdmin', 'undelete', 'update'],
    traps: [
      {
        en: 'The person who connects must be an administrator whose role allows the API to see users, groups and organizational units.',
        de: 'Wer sich verbindet, muss zur Administration gehören und eine Rolle haben, die über die API Personen, Gruppen und Organisationseinheiten sehen darf.',
      },
      {
        en: 'A change right after a user was created may fail, because it takes a while until the user exists everywhere.',
        de: 'Eine Änderung gleich nach dem Anlegen einer Person kann fehlschlagen, weil es etwas dauert, bis sie überall vorhanden ist.',
      },
      {
        en: 'Deleted users are not in the list, so they are found as deletions by each reading.',
        de: 'Gelöschte Personen stehen nicht in der Liste und werden daher bei jedem Lesen als Löschungen erkannt.',
      },
    ],
    scopes: {
      [USERS]: { en: 'see the users of your organization', de: 'die Personen Ihrer Organisation sehen' },
      [GROUPS]: {
        en: 'see the groups of your organization and their members',
        de: 'die Gruppen Ihrer Organisation und deren Mitglieder sehen',
      },
      [UNITS]: {
        en: 'see the organizational units of your organization',
        de: 'die Organisationseinheiten Ihrer Organisation sehen',
      },
      [WRITE_USERS]: {
        en: 'create, change, suspend and delete users of your organization',
        de: 'Personen Ihrer Organisation anlegen, ändern, sperren und löschen',
      },
      [WRITE_MEMBERS]: {
        en: 'add and remove members of the groups of your organization',
        de: 'Mitglieder der Gruppen Ihrer Organisation hinzufügen und entfernen',
      },
    },
    rateLimit: {
      words: {
        en: '2,400 requests a minute for each user and project, and a limit of simultaneous requests for each Google Workspace account.',
        de: '2.400 Anfragen pro Minute je Person und Projekt sowie eine Grenze für gleichzeitige Anfragen je Google-Workspace-Konto.',
      },
      url: 'https://developers.google.com/workspace/admin/directory/v1/limits',
    },
  },
})
