import { email, input, text } from '../action-input.ts'
import type { ActionDefinition } from '../definition/action.ts'
import type { StreamDefinition } from '../definition/stream.ts'
import type { ProviderFile } from '../provider-file.ts'

const docs = 'https://developers.outreach.io/api'

const JSON_API = { 'Content-Type': 'application/vnd.api+json' }

const actions: ActionDefinition[] = [
  {
    name: 'find_prospects',
    title: 'Find prospects by email address',
    description: 'Returns the prospects with this email address. Their values are in attributes.',
    docsUrl: `${docs}/common-patterns/`,
    scopes: ['prospects.read'],
    readOnly: true,
    input: input({ email: email('Email address of the prospect.') }),
    request: { method: 'GET', path: '/prospects', query: { 'filter[emails]': '{{ args.email }}' } },
    output: ['data'],
  },
  {
    name: 'create_prospect',
    title: 'Create a prospect',
    description: 'Creates a prospect and returns it with its id.',
    docsUrl: `${docs}/common-patterns/`,
    scopes: ['prospects.write'],
    input: input(
      { email: email('Email address.') },
      {
        first_name: text('First name.'),
        last_name: text('Last name.'),
        title: text('Job title.'),
        company: text('Name of the company.'),
      },
    ),
    request: {
      method: 'POST',
      path: '/prospects',
      headers: JSON_API,
      json: {
        data: {
          type: 'prospect',
          attributes: {
            emails: ['{{ args.email }}'],
            firstName: '{{ args.first_name }}',
            lastName: '{{ args.last_name }}',
            title: '{{ args.title }}',
            company: '{{ args.company }}',
          },
        },
      },
    },
    output: ['data'],
  },
]

export const provider: ProviderFile = {
  aliases: ['outreach.io', 'outreach io', 'sales engagement'],
  logo: null,
  color: '#5951ff',
  sources: [
    { url: 'https://developers.outreach.io/api/getting-started/', read: '2026-11-29' },
    { url: 'https://developers.outreach.io/api/oauth/', read: '2026-11-29' },
    { url: 'https://developers.outreach.io/api/webhooks', read: '2026-11-29' },
    { url: 'https://developers.outreach.io/client-extensions/app-lifecycle-webhooks/', read: '2026-11-29' },
    {
      url: 'https://github.com/NangoHQ/nango/blob/master/packages/providers/providers.yaml',
      read: '2026-11-29',
      second: true,
    },
    { url: 'https://docs.mage.ai/data-integrations/sources/outreach.md', read: '2026-11-29', second: true },
    { url: 'https://apis.apis.io/apis/outreach/outreach-webhooks/', read: '2026-11-29', second: true },
    { url: 'https://github.com/JosiahParry/outReach', read: '2026-11-29', second: true },
    {
      url: 'https://github.com/airbytehq/airbyte/blob/master/airbyte-integrations/connectors/source-outreach/manifest.yaml',
      read: '2026-11-29',
      second: true,
    },
  ],
  // The lifetime of tokens and the parameters of lists were read at others. The body of create_prospect and the errors were not read.
  unverified: ['rateLimit', 'hints', 'tokens', 'actions'],
  definition: {
    displayName: 'Outreach',
    docsUrl: 'https://developers.outreach.io/api/getting-started/',
    categories: ['sales'],
    baseUrl: 'https://api.outreach.io/api/v2',
    auth: {
      type: 'oauth2',
      grant: 'authorization_code',
      authorizationUrl: 'https://api.outreach.io/oauth/authorize',
      tokenUrl: 'https://api.outreach.io/oauth/token',
      scopes: ['users.read', 'prospects.read', 'accounts.read', 'sequences.read'],
    },
    responseErrors: [
      { status: 401, path: ['errors', 0, 'detail'], as: 'auth', message: ['errors', 0, 'detail'] },
      ...[400, 403, 404, 422].map((status) => ({
        status,
        path: ['errors', 0, 'detail'],
        as: 'fail' as const,
        message: ['errors', 0, 'detail'],
      })),
    ],
    // developers.outreach.io/api/webhooks
    webhook: {
      verify: { method: 'hmac', header: 'Outreach-Webhook-Signature', hash: 'sha256', encoding: 'hex' },
      id: "body.meta.eventName ~ ' ' ~ body.data.id ~ ' ' ~ body.meta.deliveredAt",
      type: 'body.meta.eventName',
      // Events do not name the account.
      connection: { value: 'query.external_id', equals: 'externalId' },
      sync: [
        { where: "'prospect.' in body.meta.eventName", streams: ['prospects'] },
        { where: "'account.' in body.meta.eventName", streams: ['accounts'] },
        { where: "'sequence.' in body.meta.eventName", streams: ['sequences'] },
        { where: "'user.' in body.meta.eventName", streams: ['users'] },
      ],
    },
    testRequest: { path: '/users?page%5Bsize%5D=1' },
    streams: ['prospects', 'accounts', 'sequences', 'users'].map(resources),
    actions,
  },
  guide: {
    app: {
      url: 'https://developers.outreach.io/apps/',
      steps: [
        {
          en: 'Create an Outreach app in the developer portal, and open its tab **API access**.',
          de: 'Legen Sie im Entwicklerportal eine Outreach-App an und öffnen Sie deren Registerkarte **API access**.',
        },
        {
          en: 'Add the callback URL as a redirect URI, select the scopes that are listed here, and save.',
          de: 'Fügen Sie die Callback-URL als Redirect-URI hinzu, wählen Sie die hier genannten Scopes und speichern Sie.',
        },
        {
          en: 'Copy the development credentials. They work at once, and people see a warning; the production credentials come after the review of the app.',
          de: 'Kopieren Sie die Zugangsdaten für die Entwicklung. Sie gelten sofort, und Personen sehen eine Warnung; die Zugangsdaten für den Betrieb gibt es nach der Prüfung der App.',
        },
      ],
    },
    webhook: {
      url: 'https://developers.outreach.io/api/webhooks',
      steps: [
        {
          en: 'Send POST /api/v2/webhooks with the token of the connection: as url the webhook URL with ?external_id= and the external ID of the connection, and as resource and action what you want. This needs the scope for webhooks.',
          de: 'Senden Sie POST /api/v2/webhooks mit dem Token der Verbindung: als url die Webhook-URL mit ?external_id= und der externen ID der Verbindung, als resource und action das Gewünschte. Das braucht den Scope für Webhooks.',
        },
        {
          en: 'Send the webhook secret as its secret. Without one, Outreach does not sign. Use the same for all accounts.',
          de: 'Senden Sie das Webhook-Secret als dessen secret. Ohne eines signiert Outreach nicht. Verwenden Sie dasselbe für alle Konten.',
        },
      ],
    },
    events: ['prospect.*', 'account.*', 'sequence.*', 'user.*'],
    tokens: {
      en: 'An access token lives for two hours. Renew it with the refresh token of the last response.',
      de: 'Ein Access-Token gilt zwei Stunden. Erneuern Sie ihn mit dem Refresh-Token der letzten Antwort.',
    },
    traps: [
      {
        en: 'Updates in events contain only the attributes that have changed.',
        de: 'Änderungen in Events enthalten nur die geänderten Attribute.',
      },
      {
        en: 'Outreach repeats a delivery only after a failed connection, not after an answer such as 500.',
        de: 'Outreach wiederholt eine Zustellung nur nach einer fehlgeschlagenen Verbindung, nicht nach einer Antwort wie 500.',
      },
    ],
    scopes: {
      'users.read': { en: 'see the users of your organization', de: 'die Benutzer Ihrer Organisation sehen' },
      'prospects.read': { en: 'read your prospects', de: 'Ihre Interessenten lesen' },
      'prospects.write': { en: 'create and change prospects', de: 'Interessenten anlegen und ändern' },
      'accounts.read': { en: 'read your accounts', de: 'Ihre Firmen lesen' },
      'sequences.read': { en: 'read your sequences', de: 'Ihre Sequenzen lesen' },
    },
    rateLimit: null,
    hints: [],
  },
}

/** JSON:API. A range such as `2017-01-01T00:00:00Z..inf` is open at its end. */
function resources(name: string): StreamDefinition {
  return {
    name,
    path: `/${name}`,
    query: { 'page[size]': '100', sort: 'updatedAt' },
    recordsPath: ['data'],
    primaryKey: [['id']],
    pagination: { type: 'next_url', path: ['links', 'next'] },
    incremental: {
      cursorField: ['attributes', 'updatedAt'],
      param: 'filter[updatedAt]',
      format: '%Y-%m-%dT%H:%M:%SZ..inf',
    },
  }
}
