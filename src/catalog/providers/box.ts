import { choice, cursor, input, limit, text } from '../action-input.ts'
import type { ActionDefinition } from '../definition/action.ts'
import type { ProviderFile } from '../provider-file.ts'

const id = (what: string) => text(`Id of the ${what}.`, { pattern: '^[0-9]+$' })

const actions: ActionDefinition[] = [
  {
    name: 'create_folder',
    title: 'Create a folder',
    description: 'Creates a folder and returns it.',
    docsUrl: 'https://developer.box.com/reference/post-folders',
    input: input({ name: text('Name of the folder.'), parent_id: id('parent folder; 0 is the root') }),
    request: {
      method: 'POST',
      path: '/folders',
      json: { name: '{{ args.name }}', parent: { id: '{{ args.parent_id }}' } },
    },
  },
  {
    name: 'list_folder_items',
    title: 'List a folder',
    description:
      'Lists the files, folders and links in a folder. Returns entries, and next_marker while there are more.',
    docsUrl: 'https://developer.box.com/reference/get-folders-id-items',
    readOnly: true,
    input: input(
      { folder_id: id('folder; 0 is the root') },
      { limit: limit(1000, 100), marker: cursor('next_marker') },
    ),
    request: {
      method: 'GET',
      path: '/folders/{{ args.folder_id }}/items',
      query: { usemarker: 'true', limit: '{{ args.limit | default(100) }}', marker: '{{ args.marker }}' },
    },
  },
  {
    name: 'search_content',
    title: 'Search files and folders',
    description: 'Searches names, descriptions and contents, and returns entries.',
    docsUrl: 'https://developer.box.com/reference/get-search',
    readOnly: true,
    input: input(
      { query: text('Words to search for.') },
      { type: choice('Only results of this type.', ['file', 'folder', 'web_link']), limit: limit(100, 30) },
    ),
    request: {
      method: 'GET',
      path: '/search',
      query: { query: '{{ args.query }}', type: '{{ args.type }}', limit: '{{ args.limit | default(30) }}' },
    },
  },
]

export const provider: ProviderFile = {
  aliases: ['box.com', 'box drive', 'box enterprise', 'box cloud'],
  logo: 'box',
  color: '#0061d5',
  sources: [
    { url: 'https://developer.box.com/guides/authentication/tokens/refresh', read: '2026-11-29' },
    { url: 'https://developer.box.com/guides/authentication/tokens/access-tokens/', read: '2026-11-29' },
    { url: 'https://developer.box.com/guides/tooling/postman/access-token/', read: '2026-11-29' },
    { url: 'https://developer.box.com/guides/webhooks/v2/', read: '2026-11-29' },
    { url: 'https://developer.box.com/guides/webhooks/handle/setup-signatures', read: '2026-11-29' },
    { url: 'https://developer.box.com/guides/api-calls/pagination/marker-based', read: '2026-11-29' },
    { url: 'https://developer.box.com/guides/events/pagination', read: '2026-11-29' },
    { url: 'https://developer.box.com/guides/getting-started/agent-playbook', read: '2026-11-29' },
    { url: 'https://developer.box.com/guides/api-calls/permissions-and-errors/rate-limits/', read: '2026-11-29' },
    { url: 'https://developer.box.com/reference/post-oauth2-revoke', read: '2026-11-29' },
    { url: 'https://developer.box.com/guides/folders/single/create/', read: '2026-11-29' },
    { url: 'https://developer.box.com/en/reference/get-search/', read: '2026-11-29' },
    { url: 'https://developer.box.com/reference/resources/items', read: '2026-11-29' },
    { url: 'https://github.com/airweave-ai/airweave', read: '2026-11-29', second: true },
    { url: 'https://pipedream.com/apps/box/actions/list-folder-items.md', read: '2026-11-29', second: true },
  ],
  // The steps were not read anew.
  unverified: ['app'],
  definition: {
    displayName: 'Box',
    docsUrl: 'https://developer.box.com/reference',
    categories: ['storage', 'documents'],
    baseUrl: 'https://api.box.com/2.0',
    auth: {
      type: 'oauth2',
      grant: 'authorization_code',
      authorizationUrl: 'https://account.box.com/api/oauth2/authorize',
      tokenUrl: 'https://api.box.com/oauth2/token',
      revocation: { url: 'https://api.box.com/oauth2/revoke' },
      // Without a scope, Box grants those of the application.
      // A refresh token works once and lives 60 days; the response does not say so.
      refreshTokenLifetime: 'P60D',
      rotation: 'strict',
    },
    responseErrors: [
      { status: 401, path: ['message'], as: 'auth', message: ['message'], code: ['code'] },
      ...[400, 403, 404, 409].map((status) => ({
        status,
        path: ['message'],
        as: 'fail' as const,
        message: ['message'],
        code: ['code'],
      })),
    ],
    // developer.box.com/guides/webhooks/v2. The primary key signs; a request also has a signature of the secondary key.
    webhook: {
      verify: {
        method: 'hmac',
        header: 'BOX-SIGNATURE-PRIMARY',
        hash: 'sha256',
        encoding: 'base64',
        message: '{{ body }}{{ timestamp }}',
        timestamp: { header: 'BOX-DELIVERY-TIMESTAMP', format: 'iso8601', tolerance: 'PT10M' },
      },
      // It stays the same when Box sends the event again.
      id: 'body.id',
      type: 'body.trigger',
      // An event names who caused it, but not for whom the webhook was created. The webhook's URL has to.
      connection: { value: 'query.external_id', equals: 'externalId' },
      sync: [{ streams: ['root_items'] }],
    },
    testRequest: { path: '/users/me?fields=id,name,login' },
    streams: [
      {
        name: 'root_items',
        path: '/folders/0/items',
        query: {
          usemarker: 'true',
          limit: '1000',
          fields: 'id,type,name,size,created_at,modified_at,etag,sha1,description,owned_by,shared_link',
        },
        recordsPath: ['entries'],
        primaryKey: [['type'], ['id']],
        pagination: { type: 'cursor', path: ['next_marker'], param: 'marker' },
      },
      {
        name: 'events',
        path: '/events',
        query: { limit: '500' },
        recordsPath: ['entries'],
        primaryKey: [['event_id']],
        incremental: { feed: { path: ['next_stream_position'], param: 'stream_position' } },
      },
    ],
    actions,
  },
  guide: {
    app: {
      url: 'https://app.box.com/developers/console',
      steps: [
        {
          en: 'Select **Create Platform App** and **Custom App**. As the authentication method, choose **User Authentication (OAuth 2.0)**, enter a name and create the app.',
          de: 'Wählen Sie **Create Platform App** und **Custom App**. Wählen Sie als Art der Authentifizierung **User Authentication (OAuth 2.0)**, geben Sie einen Namen ein und legen Sie die App an.',
        },
        {
          en: 'On the tab **Configuration**, under **OAuth 2.0 Redirect URIs**, add the callback URL.',
          de: 'Ergänzen Sie auf dem Reiter **Configuration** unter **OAuth 2.0 Redirect URIs** die Callback-URL.',
        },
        {
          en: 'Under **Application Scopes**, select **Write all files and folders stored in Box**, or only the permission to read. For webhooks, also select **Manage webhooks**. Select **Save Changes**.',
          de: 'Wählen Sie unter **Application Scopes** den Scope **Write all files and folders stored in Box** oder nur den zum Lesen. Für Webhooks wählen Sie auch **Manage webhooks**. Wählen Sie **Save Changes**.',
        },
        {
          en: 'Copy **Client ID** and **Client Secret** from the section **OAuth 2.0 Credentials**.',
          de: 'Kopieren Sie **Client ID** und **Client Secret** aus dem Abschnitt **OAuth 2.0 Credentials**.',
        },
      ],
    },
    webhook: {
      url: 'https://app.box.com/developers/console',
      steps: [
        {
          en: 'Open your app and the tab **Webhooks**, select **Manage signature keys** and **Generate Key** for the primary key, and save the key here as the webhook secret.',
          de: 'Öffnen Sie Ihre App und den Reiter **Webhooks**, wählen Sie **Manage signature keys** und **Generate Key** für den primären Schlüssel und speichern Sie den Schlüssel hier als Webhook-Secret.',
        },
        {
          en: 'With an API key of the workspace, give the connection an external id, and append it to the webhook URL as **?external_id=…**, because events do not name the account.',
          de: 'Geben Sie der Verbindung mit einem API-Schlüssel des Workspace eine externe ID und hängen Sie diese als **?external_id=…** an die Webhook-URL an, weil die Events das Konto nicht nennen.',
        },
        {
          en: 'With the token of the connection, send POST /webhooks with **target** (id and type of the file or folder), **address** (the webhook URL) and **triggers**, such as FILE.UPLOADED.',
          de: 'Senden Sie mit dem Token der Verbindung POST /webhooks mit **target** (ID und Art der Datei oder des Ordners), **address** (die Webhook-URL) und **triggers**, zum Beispiel FILE.UPLOADED.',
        },
      ],
    },
    events: ['FILE.*', 'FOLDER.*', 'COMMENT.*', 'COLLABORATION.*'],
    scopes: {},
    rateLimit: {
      words: {
        en: 'For each user 1,000 requests a minute, 240 uploads a minute, and 6 searches a second and 60 a minute.',
        de: 'Je Benutzer 1.000 Anfragen pro Minute, 240 Uploads pro Minute sowie 6 Suchen pro Sekunde und 60 pro Minute.',
      },
      url: 'https://developer.box.com/guides/api-calls/permissions-and-errors/rate-limits/',
    },
    tokens: {
      en: 'Access tokens live 60 minutes. A refresh token lives 60 days and works once: each renewal returns a new one.',
      de: 'Access-Token gelten 60 Minuten. Ein Refresh-Token gilt 60 Tage und nur einmal: Jede Erneuerung liefert ein neues.',
    },
    traps: [
      {
        en: 'An authorization code is valid for 30 seconds only.',
        de: 'Ein Autorisierungscode gilt nur 30 Sekunden.',
      },
      {
        en: 'A webhook watches one file or one folder with all that is in it. The root folder of an account cannot be watched.',
        de: 'Ein Webhook beobachtet eine Datei oder einen Ordner samt Inhalt. Der oberste Ordner eines Kontos lässt sich nicht beobachten.',
      },
      {
        en: 'The same event may appear more than once in the list of events, and not always in order.',
        de: 'Dasselbe Ereignis kann in der Liste der Ereignisse mehrmals und nicht immer in der richtigen Reihenfolge stehen.',
      },
    ],
    hints: [
      {
        at: 'provider_page',
        messages: ['redirect_uri_mismatch'],
        cause: {
          en: 'The callback URL is not registered in the Box app.',
          de: 'Die Callback-URL ist in der Box-App nicht eingetragen.',
        },
        operator: {
          en: 'Add the callback URL on the tab **Configuration** under **OAuth 2.0 Redirect URIs**, exactly as it is.',
          de: 'Tragen Sie die Callback-URL auf dem Reiter **Configuration** zeichengenau unter **OAuth 2.0 Redirect URIs** ein.',
        },
      },
      {
        at: 'token',
        errors: ['invalid_grant'],
        cause: {
          en: 'The refresh token was used before, is older than 60 days, or was revoked.',
          de: 'Das Refresh-Token wurde schon verwendet, ist älter als 60 Tage oder wurde widerrufen.',
        },
        operator: {
          en: 'Let the account be connected again, and do not use its refresh token in a second program.',
          de: 'Lassen Sie das Konto neu verbinden und verwenden Sie sein Refresh-Token in keinem zweiten Programm.',
        },
        person: { en: 'Connect your Box account again.', de: 'Verbinden Sie Ihr Box-Konto neu.' },
        url: 'https://developer.box.com/guides/authentication/tokens/refresh',
      },
    ],
  },
}
