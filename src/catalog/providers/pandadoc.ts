import { email, flag, input, limit, page, text } from '../action-input.ts'
import type { ActionDefinition } from '../definition/action.ts'
import type { ProviderFile } from '../provider-file.ts'

const documentId = text('Id of the document.')

const actions: ActionDefinition[] = [
  {
    name: 'list_documents',
    title: 'List documents',
    description: 'Lists documents, also those with the given words in the name.',
    docsUrl: 'https://developers.pandadoc.com/reference/list-documents',
    readOnly: true,
    input: input({}, { query: text('Words to search for.'), limit: limit(100, 50), page: page() }),
    request: {
      method: 'GET',
      path: '/documents',
      query: { q: '{{ args.query }}', count: '{{ args.limit | default(50) }}', page: '{{ args.page | default(1) }}' },
    },
    output: ['results'],
  },
  {
    name: 'create_document',
    title: 'Create a document from a template',
    description:
      'Creates a document with one recipient. PandaDoc prepares it for some seconds: it can be sent when its status is document.draft.',
    docsUrl: 'https://developers.pandadoc.com/reference/create-document',
    input: input(
      {
        name: text('Name of the document.'),
        template_id: text('Id of the template.'),
        recipient_email: email('Email address of the recipient.'),
      },
      {
        first_name: text('First name of the recipient.'),
        last_name: text('Last name of the recipient.'),
        role: text('Role of the recipient in the template.'),
      },
    ),
    request: {
      method: 'POST',
      path: '/documents',
      json: {
        name: '{{ args.name }}',
        template_uuid: '{{ args.template_id }}',
        recipients: [
          {
            email: '{{ args.recipient_email }}',
            first_name: '{{ args.first_name }}',
            last_name: '{{ args.last_name }}',
            role: '{{ args.role }}',
          },
        ],
      },
    },
  },
  {
    name: 'send_document',
    title: 'Send a document',
    description: 'Sends a document with the status document.draft to its recipients.',
    docsUrl: 'https://developers.pandadoc.com/reference/send-document',
    input: input(
      { document_id: documentId },
      {
        subject: text('Subject of the email.'),
        message: text('Text of the email.'),
        silent: flag('Whether no email is sent. Default: false.'),
      },
    ),
    request: {
      method: 'POST',
      path: '/documents/{{ args.document_id }}/send',
      json: {
        subject: '{{ args.subject }}',
        message: '{{ args.message }}',
        silent: '{{ args.silent | default(false) }}',
      },
    },
  },
]

/** Webhooks are left out: their signature stands in the query. */
export const provider: ProviderFile = {
  aliases: ['panda doc', 'panda docs', 'proposals', 'quotes'],
  logo: null,
  color: '#248567',
  sources: [
    { url: 'https://developers.pandadoc.com/reference/auth-overview.md', read: '2026-11-29' },
    { url: 'https://developers.pandadoc.com/reference/authentication-process.md', read: '2026-11-29' },
    { url: 'https://developers.pandadoc.com/reference/oauth-20-authentication', read: '2026-11-29' },
    { url: 'https://developers.pandadoc.com/reference/refresh-access_token', read: '2026-11-29' },
    { url: 'https://developers.pandadoc.com/reference/limits', read: '2026-11-29' },
    { url: 'https://developers.pandadoc.com/changelog?page=7', read: '2026-11-29' },
    { url: 'https://www.npmjs.com/package/pandadoc-node-client/v/6.2.0', read: '2026-11-29' },
    {
      url: 'https://github.com/airbytehq/airbyte/blob/master/airbyte-integrations/connectors/source-pandadoc/manifest.yaml',
      read: '2026-11-29',
      second: true,
    },
    {
      url: 'https://github.com/NangoHQ/nango/blob/master/packages/providers/providers.yaml',
      read: '2026-11-29',
      second: true,
    },
    { url: 'https://libraries.io/npm/panda_api_js/1.1.9', read: '2026-11-29', second: true },
  ],
  definition: {
    displayName: 'PandaDoc',
    docsUrl: 'https://developers.pandadoc.com/reference/about',
    categories: ['documents', 'sales'],
    baseUrl: 'https://api.pandadoc.com/public/v1',
    auth: {
      type: 'selective',
      options: [
        {
          key: 'oauth',
          label: 'Sign in with PandaDoc',
          auth: {
            type: 'oauth2',
            grant: 'authorization_code',
            authorizationUrl: 'https://app.pandadoc.com/oauth2/authorize',
            tokenUrl: 'https://api.pandadoc.com/oauth2/access_token',
            scopes: ['read', 'write'],
            tokenRequest: { params: { scope: 'read+write' } },
          },
        },
        {
          key: 'api_key',
          label: 'API key',
          auth: {
            type: 'api_key',
            fields: [{ name: 'api_key', label: 'API key', secret: true, required: true }],
            value: '{{ config.api_key }}',
            placement: { in: 'header', name: 'Authorization', prefix: 'API-Key ' },
          },
        },
      ],
    },
    responseErrors: [
      { status: 401, path: ['detail'], as: 'auth', message: ['detail'], code: ['type'] },
      ...[400, 403, 404, 409].map((status) => ({
        status,
        path: ['detail'],
        as: 'fail' as const,
        message: ['detail'],
        code: ['type'],
      })),
    ],
    testRequest: { path: '/members/current' },
    streams: [
      {
        name: 'documents',
        path: '/documents',
        // Changes while the list is read do not move a document to another page.
        query: { order_by: 'date_created' },
        recordsPath: ['results'],
        primaryKey: [['id']],
        pagination: { type: 'page', param: 'page', start: 1, sizeParam: 'count', size: 100 },
        incremental: { cursorField: ['date_modified'], param: 'modified_from', format: 'iso8601' },
      },
      {
        name: 'templates',
        path: '/templates',
        recordsPath: ['results'],
        primaryKey: [['id']],
        pagination: { type: 'page', param: 'page', start: 1, sizeParam: 'count', size: 100 },
      },
      { name: 'contacts', path: '/contacts', recordsPath: ['results'], primaryKey: [['id']] },
      { name: 'members', path: '/members', recordsPath: ['results'], primaryKey: [['user_id']] },
    ],
    actions,
  },
  guide: {
    app: {
      url: 'https://app.pandadoc.com/a/#/settings/api-dashboard/configuration',
      steps: [
        {
          en: 'Open the **Developer Dashboard** of PandaDoc. Applications can be created only in accounts with access to the production API.',
          de: 'Öffnen Sie das **Developer Dashboard** von PandaDoc. Anwendungen lassen sich nur in Konten mit Zugriff auf die Produktions-API anlegen.',
        },
        {
          en: 'Create an application, enter a name, and paste the callback URL as the redirect URI.',
          de: 'Legen Sie eine Anwendung an, geben Sie einen Namen ein und fügen Sie die Callback-URL als Redirect-URI ein.',
        },
        {
          en: 'Copy **Client ID** and **Client Secret**.',
          de: 'Kopieren Sie **Client ID** und **Client Secret**.',
        },
      ],
    },
    key: {
      url: 'https://app.pandadoc.com/a/#/settings/api-dashboard/configuration',
      steps: [
        {
          en: 'Open the **Developer Dashboard** of PandaDoc, or **Settings**, **Integrations** and **API**.',
          de: 'Öffnen Sie das **Developer Dashboard** von PandaDoc oder **Settings**, **Integrations** und **API**.',
        },
        {
          en: 'Generate a production key and copy it. With a sandbox key, documents have a watermark, and only 10 requests a minute are possible.',
          de: 'Erzeugen Sie einen Produktionsschlüssel und kopieren Sie ihn. Mit einem Sandbox-Schlüssel haben Dokumente ein Wasserzeichen, und nur 10 Anfragen pro Minute sind möglich.',
        },
      ],
    },
    fields: { api_key: { label: 'API-Schlüssel' } },
    options: { oauth: 'Mit PandaDoc anmelden', api_key: 'API-Schlüssel' },
    scopes: {
      read: {
        en: 'read your documents, templates and contacts',
        de: 'Ihre Dokumente, Vorlagen und Kontakte lesen',
      },
      write: {
        en: 'create, send and change documents',
        de: 'Dokumente anlegen, versenden und ändern',
      },
    },
    rateLimit: {
      words: {
        en: 'Per user and minute: 2,000 requests that list, 300 that create from a template or read details, 200 that send, 50 downloads. With a sandbox key: 10.',
        de: 'Je Benutzer und Minute: 2.000 Anfragen für Listen, 300 zum Anlegen aus einer Vorlage oder zum Lesen von Details, 200 zum Versenden und 50 Downloads. Mit einem Sandbox-Schlüssel: 10.',
      },
      url: 'https://developers.pandadoc.com/reference/limits',
    },
    tokens: {
      en: 'An access token lives a year. PandaDoc recommends OAuth; keys remain for existing integrations.',
      de: 'Ein Access-Token gilt ein Jahr. PandaDoc empfiehlt OAuth; Schlüssel bleiben für bestehende Integrationen.',
    },
    traps: [
      {
        en: 'A new document cannot be sent at once: PandaDoc prepares it first (document.uploaded), until it is a draft (document.draft).',
        de: 'Ein neues Dokument lässt sich nicht sofort versenden: PandaDoc bereitet es erst vor (document.uploaded), bis es ein Entwurf ist (document.draft).',
      },
      {
        en: 'Several keys of one user share the limit of requests.',
        de: 'Mehrere Schlüssel eines Benutzers teilen sich die Begrenzung der Anfragen.',
      },
    ],
    hints: [
      {
        at: 'token',
        errors: ['invalid_grant'],
        cause: {
          en: 'The code was used before, or the refresh token is not valid.',
          de: 'Der Code wurde schon verwendet, oder das Refresh-Token ist ungültig.',
        },
        operator: { en: 'Let the account be connected again.', de: 'Lassen Sie das Konto neu verbinden.' },
        person: { en: 'Connect your PandaDoc account again.', de: 'Verbinden Sie Ihr PandaDoc-Konto neu.' },
        url: 'https://developers.pandadoc.com/reference/oauth-20-authentication',
      },
      {
        at: 'request',
        messages: ['permissions_error', 'You do not have permission'],
        cause: {
          en: 'The connected account may not do this, or the document was deleted.',
          de: 'Das verbundene Konto darf das nicht, oder das Dokument wurde gelöscht.',
        },
        operator: {
          en: 'Let a member with more permissions in PandaDoc connect.',
          de: 'Lassen Sie ein Mitglied mit mehr Berechtigungen in PandaDoc verbinden.',
        },
        url: 'https://developers.pandadoc.com/changelog?page=7',
      },
    ],
  },
}
