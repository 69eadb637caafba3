import { choice, input, limit, text } from '../action-input.ts'
import type { ActionDefinition } from '../definition/action.ts'
import type { StreamDefinition } from '../definition/stream.ts'
import type { ProviderFile } from '../provider-file.ts'

const host = 'https://{{ input.instance }}.service-now.com'

const docs = 'https://www.servicenow.com/docs/r/australia/api-reference/rest-apis/c_TableAPI.html'

const level = (description: string) => choice(description, ['1', '2', '3'])

const actions: ActionDefinition[] = [
  {
    name: 'create_incident',
    title: 'Create an incident',
    description: 'Creates an incident and returns it with its number and its sys_id.',
    docsUrl: docs,
    input: input(
      { short_description: text('Short description.', { maxLength: 160 }) },
      {
        description: text('Description.'),
        urgency: level('1 is high, 2 medium, 3 low. Default: that of the instance.'),
        impact: level('1 is high, 2 medium, 3 low. Default: that of the instance.'),
        caller_id: text('The sys_id of the user who reports the incident.'),
        assignment_group: text('The sys_id of the group that handles the incident.'),
      },
    ),
    request: {
      method: 'POST',
      path: '/table/incident',
      json: {
        short_description: '{{ args.short_description }}',
        description: '{{ args.description }}',
        urgency: '{{ args.urgency }}',
        impact: '{{ args.impact }}',
        caller_id: '{{ args.caller_id }}',
        assignment_group: '{{ args.assignment_group }}',
      },
    },
    output: ['result'],
  },
  {
    name: 'list_records',
    title: 'List records of a table',
    description: 'Lists the records of a table that match an encoded query, in its order.',
    docsUrl: docs,
    readOnly: true,
    input: input(
      { table: text('Name of the table, such as incident.', { pattern: '^[a-z0-9_]+$' }) },
      {
        query: text('Encoded query, such as: active=true^priority=1^ORDERBYDESCsys_created_on. Default: all records.'),
        fields: text('Names of fields to return, separated by commas. Default: all.'),
        limit: limit(1_000, 50),
      },
    ),
    request: {
      method: 'GET',
      path: '/table/{{ args.table }}',
      query: {
        sysparm_query: '{{ args.query }}',
        sysparm_fields: '{{ args.fields }}',
        sysparm_limit: '{{ args.limit | default(50) }}',
        sysparm_exclude_reference_link: 'true',
      },
    },
    output: ['result'],
  },
  {
    name: 'add_work_note',
    title: 'Add a work note to an incident',
    description: 'Adds a work note, which the caller does not see, to an incident. Returns the incident.',
    docsUrl: docs,
    input: input({
      sys_id: text('The sys_id of the incident.', { pattern: '^[0-9a-f]{32}$' }),
      note: text('Text of the note.'),
    }),
    request: {
      method: 'PATCH',
      path: '/table/incident/{{ args.sys_id }}',
      json: { work_notes: '{{ args.note }}' },
    },
    output: ['result'],
  },
]

export const provider: ProviderFile = {
  aliases: ['service now', 'snow', 'now platform', 'itsm', 'cmdb'],
  logo: null,
  color: '#62d84e',
  sources: [
    {
      url: 'https://github.com/ServiceNow/ServiceNowDocs/blob/australia/markdown/api-reference/rest-apis/c_TableAPI.md',
      read: '2026-11-29',
    },
    {
      url: 'https://www.servicenow.com/docs/r/zurich/platform-security/authentication/authorization-workflow.html?contentId=MTp~d7lYjuFDdyovv~stGQ',
      read: '2026-11-29',
    },
    { url: 'https://support.servicenow.com/kb?id=kb_article_view&sysparm_article=KB0964444', read: '2026-11-29' },
    {
      url: 'https://www.servicenow.com/docs/r/platform-security/authentication/t_CreateEndpointforExternalClients.html',
      read: '2026-11-29',
    },
    {
      url: 'https://www.servicenow.com/docs/r/brazil/platform-security/authentication/t_ManageTokens.html',
      read: '2026-11-29',
    },
    {
      url: 'https://github.com/NangoHQ/nango/blob/master/packages/providers/providers.yaml',
      read: '2026-11-29',
      second: true,
    },
    { url: 'https://github.com/airweave-ai/airweave', read: '2026-11-29', second: true },
  ],
  // The limits of inbound REST requests are set in each instance. The errors were read in public code only.
  unverified: ['rateLimit', 'hints'],
  definition: {
    displayName: 'ServiceNow',
    docsUrl: docs,
    categories: ['ticketing', 'support'],
    baseUrl: `${host}/api/now`,
    inputFields: [
      {
        name: 'instance',
        label: 'Instance',
        description: 'What stands before .service-now.com in the address of your ServiceNow.',
        required: true,
        pattern: '[A-Za-z0-9-]+',
        example: 'acme',
      },
    ],
    auth: {
      type: 'selective',
      options: [
        {
          key: 'oauth',
          label: 'Sign in with ServiceNow',
          auth: {
            type: 'oauth2',
            grant: 'authorization_code',
            authorizationUrl: `${host}/oauth_auth.do`,
            tokenUrl: `${host}/oauth_token.do`,
            clientHosts: ['*.service-now.com'],
          },
        },
        { key: 'password', label: 'User name and password', auth: { type: 'basic' } },
      ],
    },
    responseErrors: [
      { status: 401, path: ['error', 'message'], as: 'auth', message: ['error', 'message'] },
      ...[400, 403, 404].map((status) => ({
        status,
        path: ['error', 'message'],
        as: 'fail' as const,
        message: ['error', 'message'],
      })),
    ],
    testRequest: { path: '/table/sys_user?sysparm_limit=1&sysparm_fields=sys_id' },
    streams: [
      records('incidents', 'incident'),
      records('problems', 'problem'),
      records('change_requests', 'change_request'),
      records('users', 'sys_user'),
    ],
    actions,
  },
  guide: {
    app: {
      url: 'https://www.servicenow.com/docs/r/platform-security/authentication/t_CreateEndpointforExternalClients.html',
      steps: [
        {
          en: 'In the ServiceNow instance, open **All**, **System OAuth** and **Application Registry**, and select **New** and **Create an OAuth API endpoint for external clients**. This needs the role oauth_admin.',
          de: 'Öffnen Sie in der ServiceNow-Instanz **All**, **System OAuth** und **Application Registry** und wählen Sie **New** und **Create an OAuth API endpoint for external clients**. Dafür ist die Rolle oauth_admin nötig.',
        },
        {
          en: 'Enter a name, paste the callback URL under **Redirect URL**, leave **Client Secret** empty so that ServiceNow makes one, and save.',
          de: 'Geben Sie einen Namen ein, fügen Sie unter **Redirect URL** die Callback-URL ein, lassen Sie **Client Secret** leer, damit ServiceNow eines erzeugt, und speichern Sie.',
        },
        {
          en: 'Open the application again. Copy **Client ID**, and **Client Secret** after you select the lock.',
          de: 'Öffnen Sie die Anwendung erneut. Kopieren Sie die **Client ID** und, nachdem Sie das Schloss gewählt haben, das **Client Secret**.',
        },
      ],
    },
    key: {
      url: 'https://www.servicenow.com/docs/r/australia/api-reference/rest-apis/c_TableAPI.html',
      steps: [
        {
          en: 'Let an administrator of the instance create a user for the connection, with a password and with roles that may read the tables.',
          de: 'Lassen Sie eine Administratorin oder einen Administrator der Instanz einen Benutzer für die Verbindung anlegen, mit Passwort und mit Rollen, die die Tabellen lesen dürfen.',
        },
        {
          en: 'Enter the user name and the password of this user.',
          de: 'Geben Sie den Benutzernamen und das Passwort dieses Benutzers ein.',
        },
      ],
    },
    fields: {
      instance: { label: 'Instanz', description: 'Der Teil vor .service-now.com in der Adresse Ihres ServiceNow.' },
    },
    options: { oauth: 'Mit ServiceNow anmelden', password: 'Benutzername und Passwort' },
    scopes: {},
    tokens: {
      en: 'By default, an access token lives for 30 minutes and a refresh token for 100 days. The application registry of the instance can change both.',
      de: 'Standardmäßig gilt ein Access-Token 30 Minuten und ein Refresh-Token 100 Tage. Beides lässt sich im Anwendungsregister der Instanz ändern.',
    },
    traps: [
      {
        en: 'An OAuth client belongs to one instance. Customers with instances of their own need an integration with a client of theirs.',
        de: 'Ein OAuth-Client gehört zu einer Instanz. Kunden mit eigenen Instanzen brauchen eine Integration mit einem eigenen Client.',
      },
      {
        en: 'Records that the user may not read are left out without an error, and so are invalid parts of a query.',
        de: 'Datensätze, die der Benutzer nicht lesen darf, fehlen ohne Fehlermeldung. Auch ungültige Teile einer Abfrage werden übergangen.',
      },
    ],
    rateLimit: null,
    hints: [
      {
        at: 'request',
        statuses: [401],
        messages: ['User Not Authenticated'],
        cause: {
          en: 'The password is wrong, the access was revoked, or the user may not use the API.',
          de: 'Das Passwort ist falsch, der Zugriff wurde widerrufen, oder der Benutzer darf die API nicht verwenden.',
        },
        operator: {
          en: 'Let the account be reconnected, and check the roles of the user.',
          de: 'Lassen Sie das Konto neu verbinden und prüfen Sie die Rollen des Benutzers.',
        },
        person: {
          en: 'Connect again, and check the instance and the password.',
          de: 'Verbinden Sie sich neu und prüfen Sie Instanz und Passwort.',
        },
      },
    ],
  },
}

/**
 * Records of a table, those that were changed last first. The header Link has the next page: an offset that counts the records would be
 * wrong, because the limit is applied before records are left out that the user may not read.
 */
function records(name: string, table: string): StreamDefinition {
  return {
    name,
    path: `/table/${table}`,
    query: {
      sysparm_query: 'ORDERBYDESCsys_updated_on^ORDERBYsys_id',
      sysparm_limit: '500',
      sysparm_exclude_reference_link: 'true',
    },
    recordsPath: ['result'],
    primaryKey: [['sys_id']],
    pagination: { type: 'link_header' },
    incremental: { cursorField: ['sys_updated_on'], fieldFormat: '%Y-%m-%d %H:%M:%S', by: 'newest_first' },
  }
}
