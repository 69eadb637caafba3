import { choice, input, limit, list, text } from '../action-input.ts'
import type { ActionDefinition } from '../definition/action.ts'
import type { StreamDefinition } from '../definition/stream.ts'
import type { ProviderFile } from '../provider-file.ts'

const reference = 'https://docs.attio.com/rest-api/endpoint-reference'

const object = text('Slug or id of the object: people, companies, deals, or one of your own.')

const actions: ActionDefinition[] = [
  {
    name: 'upsert_record',
    title: 'Create or update a record',
    description:
      'Updates the record whose unique attribute has the given value, or creates one. Returns the record with its id and web_url. Values of multiselect attributes are added.',
    docsUrl: `${reference}/records/assert-a-record`,
    scopes: ['record_permission:read-write', 'object_configuration:read'],
    destructive: true,
    input: input({
      object,
      matching_attribute: text(
        'Slug of the unique attribute, such as email_addresses of people or domains of companies.',
      ),
      values: {
        type: 'object',
        minProperties: 1,
        description:
          'Values by the slugs of the attributes, each as a list, such as {"email_addresses": ["ada@example.com"], "job_title": ["Engineer"]}.',
      },
    }),
    request: {
      method: 'PUT',
      path: '/objects/{{ args.object }}/records',
      query: { matching_attribute: '{{ args.matching_attribute }}' },
      json: { data: { values: '{{ args.values }}' } },
    },
    output: ['data'],
  },
  {
    name: 'search_records',
    title: 'Search records',
    description:
      'Searches records of one or more objects by a text, such as a name, an email address or a domain. What was changed just now may be missing. Attio calls this search a beta.',
    docsUrl: `${reference}/records/search-records`,
    scopes: ['record_permission:read', 'object_configuration:read'],
    readOnly: true,
    input: input(
      { query: text('What to search for.'), objects: list('Slugs or ids of the objects.', { type: 'string' }) },
      { limit: limit(25, 25) },
    ),
    request: {
      method: 'POST',
      path: '/objects/records/search',
      json: {
        query: '{{ args.query }}',
        objects: '{{ args.objects }}',
        limit: '{{ args.limit | default(25) }}',
        request_as: { type: 'workspace' },
      },
    },
    output: ['data'],
  },
  {
    name: 'create_note',
    title: 'Add a note to a record',
    description: 'Adds a note to a record and returns it with its id.',
    docsUrl: `${reference}/notes/create-a-note`,
    scopes: ['note:read-write', 'object_configuration:read', 'record_permission:read'],
    input: input(
      { object, record_id: text('Id of the record.', { format: 'uuid' }), title: text('Title, as plain text.') },
      { content: text('Text.'), format: choice('Default: plaintext.', ['plaintext', 'markdown']) },
    ),
    request: {
      method: 'POST',
      path: '/notes',
      json: {
        data: {
          parent_object: '{{ args.object }}',
          parent_record_id: '{{ args.record_id }}',
          title: '{{ args.title }}',
          format: "{{ args.format | default('plaintext') }}",
          content: "{{ args.content | default('') }}",
        },
      },
    },
    output: ['data'],
  },
]

export const provider: ProviderFile = {
  aliases: ['attio crm'],
  logo: null,
  color: '#266df0',
  sources: [
    { url: 'https://docs.attio.com/docs/oauth/authorize', read: '2026-11-29' },
    { url: 'https://docs.attio.com/docs/oauth/token', read: '2026-11-29' },
    { url: 'https://docs.attio.com/rest-api/guides/authentication', read: '2026-11-29' },
    { url: 'https://docs.attio.com/rest-api/guides/configuring-oauth', read: '2026-11-29' },
    { url: 'https://docs.attio.com/rest-api/guides/webhooks', read: '2026-11-29' },
    { url: 'https://docs.attio.com/rest-api/guides/rate-limiting', read: '2026-11-29' },
    { url: 'https://docs.attio.com/rest-api/endpoint-reference/records/list-records', read: '2026-11-29' },
    { url: 'https://docs.attio.com/rest-api/endpoint-reference/records/search-records', read: '2026-11-29' },
    {
      url: 'https://github.com/NangoHQ/nango/blob/master/packages/providers/providers.yaml',
      read: '2026-11-29',
      second: true,
    },
    {
      url: 'https://nango.dev/docs/api-integrations/attio/how-to-register-your-own-attio-api-oauth-app',
      read: '2026-11-29',
      second: true,
    },
    { url: 'https://docs.unified.to/skills/attio-oauth-app/SKILL.md', read: '2026-11-29', second: true },
    { url: 'https://trigger.dev/docs/webhooks/providers/attio', read: '2026-11-29', second: true },
  ],
  // That tokens do not expire is said by others only.
  unverified: ['hints', 'tokens'],
  definition: {
    displayName: 'Attio',
    docsUrl: 'https://docs.attio.com/rest-api/guides/authentication',
    categories: ['crm', 'sales'],
    baseUrl: 'https://api.attio.com/v2',
    auth: {
      type: 'selective',
      options: [
        {
          key: 'oauth',
          label: 'Sign in with Attio',
          auth: {
            type: 'oauth2',
            grant: 'authorization_code',
            // Scopes are set in the app.
            authorizationUrl: 'https://app.attio.com/authorize',
            tokenUrl: 'https://app.attio.com/oauth/token',
          },
        },
        {
          key: 'api_key',
          label: 'API key of one workspace',
          auth: {
            type: 'bearer',
            fields: [{ name: 'api_key', label: 'API key', secret: true, required: true }],
            token: '{{ config.api_key }}',
          },
        },
      ],
    },
    afterConnect: [{ path: '/self', keep: { workspace_id: ['workspace_id'], workspace_slug: ['workspace_slug'] } }],
    responseErrors: [
      // /self answers 200 for a token that is not valid any more.
      { path: ['active'], equals: false, as: 'auth' },
      { status: 401, path: ['message'], as: 'auth', message: ['message'], code: ['code'] },
      ...[400, 403, 404, 409].map((status) => ({
        status,
        path: ['message'],
        as: 'fail' as const,
        message: ['message'],
        code: ['code'],
      })),
    ],
    // docs.attio.com/rest-api/guides/webhooks
    webhook: {
      verify: { method: 'hmac', header: 'Attio-Signature', hash: 'sha256', encoding: 'hex' },
      events: ['events'],
      id: "headers['idempotency-key']",
      type: 'item.event_type',
      connection: { value: 'item.id.workspace_id', equals: 'kept.workspace_id' },
      // A record event names its object by an id, so it does not say which stream has the record.
      sync: [{ where: "'task.' in item.event_type", streams: ['tasks'] }],
    },
    testRequest: { path: '/self' },
    streams: [
      records('people'),
      records('companies'),
      // Answered 404 in a workspace without this object.
      { ...records('deals'), responses: [{ status: 404, as: 'skip' }] },
      {
        name: 'tasks',
        path: '/tasks',
        query: { sort: 'created_at:asc' },
        recordsPath: ['data'],
        primaryKey: [['id', 'task_id']],
        pagination: { type: 'offset', param: 'offset', limitParam: 'limit', size: 500 },
      },
    ],
    actions,
  },
  guide: {
    app: {
      url: 'https://build.attio.com/',
      steps: [
        {
          en: 'Sign in, select **+ New app**, and enter a name.',
          de: 'Melden Sie sich an, wählen Sie **+ New app** und geben Sie einen Namen ein.',
        },
        {
          en: 'Open the tab **OAuth**, turn OAuth on, and add the callback URL to **Redirect URIs**.',
          de: 'Öffnen Sie die Registerkarte **OAuth**, schalten Sie OAuth ein und fügen Sie die Callback-URL bei **Redirect URIs** hinzu.',
        },
        {
          en: 'Select the scopes that are listed here, and task:read and user_management:read for the tasks. Each customer grants exactly the scopes of the app.',
          de: 'Wählen Sie die hier genannten Scopes, dazu task:read und user_management:read für die Aufgaben. Jeder Kunde erteilt genau die Scopes der App.',
        },
        {
          en: 'Copy **Client ID** and **Client Secret**.',
          de: 'Kopieren Sie **Client ID** und **Client Secret**.',
        },
        {
          en: 'To let more than 25 other workspaces connect, complete **App listing** and select **Publish app**. Attio reviews the app.',
          de: 'Damit sich mehr als 25 andere Workspaces verbinden können, füllen Sie **App listing** aus und wählen Sie **Publish app**. Attio prüft die App.',
        },
      ],
    },
    key: {
      url: 'https://app.attio.com/',
      steps: [
        {
          en: 'Open **Workspace settings** beside the name of your workspace, then the tab **Developers**, and select **+ New access token**.',
          de: 'Öffnen Sie **Workspace settings** neben dem Namen Ihres Workspace, dann die Registerkarte **Developers**, und wählen Sie **+ New access token**.',
        },
        {
          en: 'Enter a name, set the scopes, select **Save changes**, and copy the token. A new token has no scopes.',
          de: 'Geben Sie einen Namen ein, stellen Sie die Scopes ein, wählen Sie **Save changes** und kopieren Sie den Token. Ein neuer Token hat keine Scopes.',
        },
      ],
    },
    webhook: {
      url: 'https://docs.attio.com/rest-api/guides/webhooks',
      steps: [
        {
          en: 'Send POST /v2/webhooks with the token of the connection, the webhook URL as target_url and the events as subscriptions. This needs the scope webhook:read-write. For one workspace, you can also add the webhook in its developer settings.',
          de: 'Senden Sie POST /v2/webhooks mit dem Token der Verbindung, der Webhook-URL als target_url und den Events als subscriptions. Das braucht den Scope webhook:read-write. Für einen einzelnen Workspace können Sie den Webhook auch in dessen Entwicklereinstellungen anlegen.',
        },
        {
          en: 'Save the secret of the response here as the webhook secret. Attio makes a new one for each webhook, so each workspace whose events you want needs an integration of its own.',
          de: 'Speichern Sie das Secret der Antwort hier als Webhook-Secret. Attio erzeugt für jeden Webhook ein neues. Deshalb braucht jeder Workspace, dessen Events Sie wünschen, eine eigene Integration.',
        },
      ],
    },
    events: ['record.*', 'list-entry.*', 'note.*', 'task.*'],
    fields: { api_key: { label: 'API-Schlüssel' } },
    options: { oauth: 'Mit Attio anmelden', api_key: 'API-Schlüssel eines Workspace' },
    tokens: {
      en: 'There are no refresh tokens, and access tokens do not expire.',
      de: 'Es gibt keine Refresh-Tokens, und Access-Tokens laufen nicht ab.',
    },
    traps: [
      {
        en: 'Lists have no parameter for changes since a time, so every sync reads all records.',
        de: 'Die Listen haben keinen Parameter für Änderungen seit einem Zeitpunkt, deshalb liest jede Synchronisierung alle Datensätze.',
      },
      {
        en: 'Each attribute of a record is a list of values with their history, also where it can have only one.',
        de: 'Jedes Attribut eines Datensatzes ist eine Liste von Werten mit ihrem Verlauf, auch wenn es nur einen haben kann.',
      },
    ],
    scopes: {
      'record_permission:read': { en: 'read your records', de: 'Ihre Datensätze lesen' },
      'record_permission:read-write': {
        en: 'read, create, change and delete your records',
        de: 'Ihre Datensätze lesen, anlegen, ändern und löschen',
      },
      'object_configuration:read': {
        en: 'see which objects and attributes your workspace has',
        de: 'sehen, welche Objekte und Attribute Ihr Workspace hat',
      },
      'note:read-write': { en: 'read and write notes', de: 'Notizen lesen und schreiben' },
    },
    rateLimit: {
      words: {
        en: '100 requests a second that read and 25 that write.',
        de: '100 lesende und 25 schreibende Anfragen pro Sekunde.',
      },
      url: 'https://docs.attio.com/rest-api/guides/rate-limiting',
    },
    hints: [],
  },
}

function records(object: string): StreamDefinition {
  return {
    name: object,
    path: `/objects/${object}/records/query`,
    json: { sorts: [{ attribute: 'created_at', direction: 'asc' }] },
    recordsPath: ['data'],
    primaryKey: [['id', 'record_id']],
    pagination: { type: 'offset', param: 'offset', limitParam: 'limit', size: 500, in: 'json' },
  }
}
