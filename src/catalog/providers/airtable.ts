import { cursor, flag, input, limit, text } from '../action-input.ts'
import type { ActionDefinition } from '../definition/action.ts'
import type { ProviderFile } from '../provider-file.ts'

const reference = 'https://airtable.com/developers/web/api'

const table = {
  base_id: text('Id of the base, such as appXXXXXXXXXXXXXX.', { pattern: '^app[A-Za-z0-9]{14}$' }),
  table: text('Id or name of the table.'),
}

const record = { record_id: text('Id of the record, such as recXXXXXXXXXXXXXX.', { pattern: '^rec[A-Za-z0-9]{14}$' }) }

const fields = {
  type: 'object',
  minProperties: 1,
  description: 'Values by the names of the fields, such as {"Name": "Union Square", "Visited": true}.',
} as const

const typecast = flag('Whether Airtable converts text to the type of the field. Default: false.')

const path = '/{{ args.base_id }}/{{ args.table | urlencode }}'

const READ = ['data.records:read']

const WRITE = ['data.records:write']

const actions: ActionDefinition[] = [
  {
    name: 'create_record',
    title: 'Create a record',
    description: 'Creates a record in a table and returns it with its id.',
    docsUrl: `${reference}/create-records`,
    scopes: WRITE,
    input: input({ ...table, fields }, { typecast }),
    request: { method: 'POST', path, json: { fields: '{{ args.fields }}', typecast: '{{ args.typecast }}' } },
  },
  {
    name: 'update_record',
    title: 'Update a record',
    description: 'Changes the given fields of a record and leaves the others. Returns the record.',
    docsUrl: `${reference}/update-record`,
    scopes: WRITE,
    destructive: true,
    input: input({ ...table, ...record, fields }, { typecast }),
    request: {
      method: 'PATCH',
      path: `${path}/{{ args.record_id }}`,
      json: { fields: '{{ args.fields }}', typecast: '{{ args.typecast }}' },
    },
  },
  {
    name: 'get_record',
    title: 'Get a record',
    description: 'Returns one record. Fields that are empty are missing.',
    docsUrl: `${reference}/get-record`,
    scopes: READ,
    readOnly: true,
    input: input({ ...table, ...record }),
    request: { method: 'GET', path: `${path}/{{ args.record_id }}` },
  },
  {
    name: 'list_records',
    title: 'List records',
    description:
      'Lists records of a table, all or those for which a formula is true. Returns records; offset is the cursor of the next page.',
    docsUrl: `${reference}/list-records`,
    scopes: READ,
    readOnly: true,
    input: input(table, {
      formula: text('Airtable formula, such as: {Status} = "Open".', { maxLength: 8000 }),
      view: text('Id or name of a view, whose filter and order apply.'),
      limit: limit(100, 100),
      cursor: cursor('offset'),
    }),
    request: {
      method: 'GET',
      path,
      query: {
        filterByFormula: '{{ args.formula }}',
        view: '{{ args.view }}',
        pageSize: '{{ args.limit | default(100) }}',
        offset: '{{ args.cursor }}',
      },
    },
  },
  {
    name: 'delete_record',
    title: 'Delete a record',
    description: 'Deletes a record. Returns its id and deleted: true.',
    docsUrl: `${reference}/delete-record`,
    scopes: WRITE,
    destructive: true,
    input: input({ ...table, ...record }),
    request: { method: 'DELETE', path: `${path}/{{ args.record_id }}` },
  },
  {
    name: 'list_tables',
    title: 'List tables of a base',
    description: 'Lists the tables of a base with their fields and views.',
    docsUrl: `${reference}/get-base-schema`,
    scopes: ['schema.bases:read'],
    readOnly: true,
    input: input({ base_id: table.base_id }),
    request: { method: 'GET', path: '/meta/bases/{{ args.base_id }}/tables' },
    output: ['tables'],
  },
]

export const provider: ProviderFile = {
  aliases: ['air table', 'spreadsheet database'],
  logo: 'airtable',
  color: '#18bfff',
  sources: [
    { url: 'https://airtable.com/developers/web/guides/oauth-integrations', read: '2026-11-29' },
    { url: 'https://airtable.com/developers/web/api/oauth-reference', read: '2026-11-29' },
    { url: 'https://airtable.com/developers/web/api/scopes', read: '2026-11-29' },
    { url: 'https://airtable.com/developers/web/api/rate-limits', read: '2026-11-29' },
    { url: 'https://airtable.com/developers/web/api/errors', read: '2026-11-29' },
    {
      url: 'https://github.com/NangoHQ/nango/blob/master/packages/providers/providers.yaml',
      read: '2026-11-29',
      second: true,
    },
    { url: 'https://github.com/airweave-ai/airweave', read: '2026-11-29', second: true },
  ],
  definition: {
    displayName: 'Airtable',
    docsUrl: 'https://airtable.com/developers/web/api/oauth-reference',
    categories: ['database'],
    baseUrl: 'https://api.airtable.com/v0',
    auth: {
      type: 'oauth2',
      grant: 'authorization_code',
      authorizationUrl: 'https://airtable.com/oauth2/v1/authorize',
      tokenUrl: 'https://airtable.com/oauth2/v1/token',
      scopes: ['data.records:read', 'schema.bases:read'],
      clientAuth: 'client_secret_basic',
      tokenResponse: { refreshTokenExpiry: { path: ['refresh_expires_in'], format: 'seconds' } },
      // A refresh invalidates the previous access token and refresh token.
      rotation: 'strict',
    },
    testRequest: { path: '/meta/whoami' },
    streams: [
      {
        name: 'bases',
        path: '/meta/bases',
        recordsPath: ['bases'],
        primaryKey: [['id']],
        pagination: { type: 'cursor', path: ['offset'], param: 'offset' },
      },
      {
        name: 'tables',
        parent: { stream: 'bases' },
        path: '/meta/bases/{{ parent.id }}/tables',
        recordsPath: ['tables'],
        primaryKey: [['id']],
      },
    ],
    actions,
  },
  guide: {
    app: {
      url: 'https://airtable.com/create/oauth',
      steps: [
        {
          en: 'Select **Register new OAuth integration**. Enter a name, paste the callback URL as **OAuth redirect URL**, and select **Register integration**.',
          de: 'Wählen Sie **Register new OAuth integration**. Geben Sie einen Namen ein, fügen Sie die Callback-URL als **OAuth redirect URL** ein und wählen Sie **Register integration**.',
        },
        {
          en: 'Copy the **Client ID**. Select **Generate client secret** and copy the secret at once, because Airtable shows it only once.',
          de: 'Kopieren Sie die **Client ID**. Wählen Sie **Generate client secret** und kopieren Sie das Secret sofort, denn Airtable zeigt es nur einmal.',
        },
        {
          en: 'Under **Scopes**, select each scope that is listed here.',
          de: 'Wählen Sie unter **Scopes** jeden hier genannten Scope aus.',
        },
        {
          en: 'Enter a support email address, the URL of your privacy policy, and that of your terms of service. Without them, only you can connect. Select **Save changes**.',
          de: 'Geben Sie eine Support-E-Mail-Adresse sowie die URLs Ihrer Datenschutzerklärung und Ihrer Nutzungsbedingungen ein. Ohne diese Angaben können nur Sie sich verbinden. Wählen Sie **Save changes**.',
        },
      ],
    },
    scopes: {
      'data.records:read': {
        en: 'read the records in the bases that you select',
        de: 'die Datensätze in den von Ihnen ausgewählten Bases lesen',
      },
      'data.records:write': {
        en: 'create, change and delete records in the bases that you select',
        de: 'Datensätze in den von Ihnen ausgewählten Bases anlegen, ändern und löschen',
      },
      'schema.bases:read': {
        en: 'see the structure of the bases that you select, with tables and fields',
        de: 'den Aufbau der von Ihnen ausgewählten Bases mit Tabellen und Feldern sehen',
      },
    },
    rateLimit: {
      words: {
        en: '5 requests a second for each base. After a refusal, Airtable accepts no request for 30 seconds.',
        de: '5 Anfragen pro Sekunde je Base. Nach einer Ablehnung nimmt Airtable 30 Sekunden lang keine Anfrage an.',
      },
      url: 'https://airtable.com/developers/web/api/rate-limits',
    },
    hints: [
      {
        at: 'provider_page',
        cause: {
          en: 'The callback URL is not registered in the Airtable integration.',
          de: 'Die Callback-URL ist in der Airtable-Integration nicht eingetragen.',
        },
        operator: {
          en: 'Paste the callback URL exactly into **OAuth redirect URL**.',
          de: 'Fügen Sie die Callback-URL genau so bei **OAuth redirect URL** ein.',
        },
        url: 'https://airtable.com/developers/web/api/oauth-reference',
      },
      {
        at: 'provider_page',
        cause: {
          en: 'The integration has no support email address, privacy policy or terms of service, so that only its owner can connect.',
          de: 'Der Integration fehlen Support-E-Mail-Adresse, Datenschutzerklärung oder Nutzungsbedingungen, deshalb kann sich nur die Person verbinden, der sie gehört.',
        },
        operator: {
          en: 'Complete these entries in the settings of the integration at Airtable.',
          de: 'Ergänzen Sie diese Angaben in den Einstellungen der Integration bei Airtable.',
        },
        url: 'https://airtable.com/developers/web/guides/oauth-integrations',
      },
      {
        at: 'consent',
        errors: ['invalid_scope'],
        cause: {
          en: 'The integration requests a scope that is not selected at Airtable.',
          de: 'Die Integration fordert einen Scope an, der bei Airtable nicht ausgewählt ist.',
        },
        operator: {
          en: 'Select each scope under **Scopes** of the integration at Airtable.',
          de: 'Wählen Sie bei Airtable unter **Scopes** der Integration jeden Scope aus.',
        },
        url: 'https://airtable.com/developers/web/api/oauth-reference',
      },
      {
        at: 'request',
        messages: ['Invalid permissions, or the requested model was not found'],
        cause: {
          en: 'The base, table or record does not exist, was not selected when the account was connected, or the token lacks a scope.',
          de: 'Base, Tabelle oder Datensatz existieren nicht oder wurden beim Verbinden nicht ausgewählt, oder dem Token fehlt ein Scope.',
        },
        operator: {
          en: 'Check the ids and the scopes of the integration, and have the account reconnected with the base.',
          de: 'Prüfen Sie die IDs und die Scopes der Integration und lassen Sie das Konto mit der Base neu verbinden.',
        },
        person: {
          en: 'Connect again and select the base.',
          de: 'Verbinden Sie das Konto erneut und wählen Sie die Base aus.',
        },
        url: 'https://airtable.com/developers/web/api/errors',
      },
    ],
  },
}
