import { flag, input, text } from '../action-input.ts'
import type { ActionDefinition } from '../definition/action.ts'
import type { StreamDefinition } from '../definition/stream.ts'
import type { ProviderFile } from '../provider-file.ts'

const organization = text('Slug or id of the organization.', { pattern: '^[a-z0-9_-]+$' })

const period = text('Only what happened in this period until now, such as 24h, 14d or 2w.', {
  pattern: '^[0-9]+[smhdw]$',
})

const nextCursor = text('cursor="…" of the link with rel="next" in the Link header of the previous result.')

const actions: ActionDefinition[] = [
  {
    name: 'list_issues',
    title: 'List or search issues',
    description:
      'Lists the issues of an organization, the last seen first, with title, status, level, counts, permalink and project. Without a query, only unresolved issues.',
    docsUrl: 'https://docs.sentry.io/api/events/list-an-organizations-issues/',
    scopes: ['event:read'],
    readOnly: true,
    input: input(
      { organization },
      {
        query: text('Search in the syntax of Sentry, such as is:unresolved level:error. Default: is:unresolved.'),
        project_id: text('Only issues of this project, by its numeric id.', { pattern: '^[0-9]+$' }),
        environment: text('Only issues of this environment, such as production.'),
        period,
        cursor: nextCursor,
      },
    ),
    request: {
      method: 'GET',
      path: '/organizations/{{ args.organization }}/issues/',
      query: {
        query: '{{ args.query }}',
        project: '{{ args.project_id }}',
        environment: '{{ args.environment }}',
        statsPeriod: '{{ args.period }}',
        cursor: '{{ args.cursor }}',
      },
    },
  },
  {
    name: 'list_issue_events',
    title: 'List events of an issue',
    description: 'Lists the error events of an issue, with their stack traces if full is true.',
    docsUrl: 'https://docs.sentry.io/api/events/list-an-issues-events/',
    scopes: ['event:read'],
    readOnly: true,
    input: input(
      { organization, issue_id: text('Numeric id of the issue. list_issues returns it.', { pattern: '^[0-9]+$' }) },
      { full: flag('Whether the whole events are returned. Default: false.'), period, cursor: nextCursor },
    ),
    request: {
      method: 'GET',
      path: '/organizations/{{ args.organization }}/issues/{{ args.issue_id }}/events/',
      query: { full: '{{ args.full }}', statsPeriod: '{{ args.period }}', cursor: '{{ args.cursor }}' },
    },
  },
]

export const provider: ProviderFile = {
  aliases: ['sentry.io', 'getsentry', 'error tracking', 'crash reports'],
  logo: 'sentry',
  color: '#362d59',
  sources: [
    { url: 'https://docs.sentry.io/api/auth/', read: '2026-11-29' },
    {
      url: 'https://github.com/getsentry/sentry-docs/blob/master/docs/product/partnership-platform/oauth-integration.mdx',
      read: '2026-11-29',
    },
    { url: 'https://docs.sentry.io/api/events/list-an-organizations-issues/', read: '2026-11-29' },
    { url: 'https://github.com/getsentry/sentry-docs/blob/master/docs/api/pagination.mdx', read: '2026-11-29' },
    { url: 'https://github.com/getsentry/sentry-docs/blob/master/docs/api/ratelimits.mdx', read: '2026-11-29' },
    {
      url: 'https://github.com/getsentry/sentry-docs/blob/master/docs/organization/integrations/integration-platform/webhooks.mdx',
      read: '2026-11-29',
    },
    { url: 'https://github.com/getsentry/sentry-docs/pull/11652', read: '2026-11-29' },
    {
      url: 'https://github.com/NangoHQ/nango/blob/master/packages/providers/providers.yaml',
      read: '2026-11-29',
      second: true,
      differs:
        'Nango installs a public integration, whose code arrives by webhook. This file uses the OAuth applications that Sentry documents for products that connect accounts.',
    },
  ],
  // The words of the errors are not in the documentation.
  unverified: ['hints'],
  definition: {
    displayName: 'Sentry',
    docsUrl: 'https://docs.sentry.io/api/',
    categories: ['developer tools', 'monitoring'],
    baseUrl: 'https://{{ input.host }}/api/0',
    inputFields: [
      {
        name: 'host',
        label: 'Data storage location',
        description: 'Where the organization stores its data. Its settings show the region.',
        required: true,
        example: 'us.sentry.io',
        choices: [
          { value: 'us.sentry.io', label: 'US' },
          { value: 'de.sentry.io', label: 'EU (Germany)' },
        ],
      },
    ],
    auth: {
      type: 'selective',
      options: [
        {
          key: 'oauth',
          label: 'OAuth',
          auth: {
            type: 'oauth2',
            grant: 'authorization_code',
            authorizationUrl: 'https://sentry.io/oauth/authorize/',
            tokenUrl: 'https://sentry.io/oauth/token/',
            scopes: ['org:read', 'project:read', 'event:read'],
            tokenResponse: { keep: { user_id: ['user', 'id'], email: ['user', 'email'] } },
          },
        },
        { key: 'token', label: 'Auth token', auth: { type: 'bearer' } },
      ],
    },
    responseErrors: [
      { status: 401, path: ['detail'], as: 'auth', message: ['detail'] },
      ...[400, 403, 404].map((status) => ({ status, path: ['detail'], as: 'fail' as const, message: ['detail'] })),
    ],
    webhook: {
      // The secret of the integration that sends the webhook, which is not the OAuth client.
      verify: { method: 'hmac', header: 'Sentry-Hook-Signature', hash: 'sha256', encoding: 'hex' },
      id: "headers['request-id']",
      type: "headers['sentry-hook-resource'] ~ '.' ~ body.action",
      connection: { value: 'body.installation.uuid', equals: 'externalId' },
      sync: [{ where: "headers['sentry-hook-resource'] == 'issue'", streams: ['issues'] }],
    },
    testRequest: { path: '/organizations/' },
    streams: [
      list('organizations', '/organizations/'),
      {
        ...list('projects', '/organizations/{{ parent.slug }}/projects/'),
        parent: { stream: 'organizations' },
      },
      {
        ...list('issues', '/organizations/{{ parent.slug }}/issues/'),
        parent: { stream: 'organizations' },
        // An empty query means all issues; without one, only those that are not resolved.
        query: { query: '' },
        incremental: {
          cursorField: ['lastSeen'],
          param: 'start',
          until: { param: 'end' },
          format: '%Y-%m-%dT%H:%M:%S',
          lookback: 'PT1H',
          start: "{{ date(now, 'iso8601', '-P90D') }}",
        },
        deletes: 'never',
      },
    ],
    actions,
  },
  guide: {
    app: {
      url: 'https://docs.sentry.io/product/partnership-platform/oauth-integration/',
      steps: [
        {
          en: 'Sentry registers the application. Write to its partnership team (partnership-platform@sentry.io) with the name and the home page of your product.',
          de: 'Sentry registriert die Anwendung. Schreiben Sie dem Partner-Team (partnership-platform@sentry.io) den Namen und die Startseite Ihres Produkts.',
        },
        {
          en: 'Name the callback URL as the redirect URI, your domain as the allowed origin, and each scope that is listed here. Add the URLs of your privacy policy and terms of service.',
          de: 'Nennen Sie die Callback-URL als Redirect URI, Ihre Domain als Allowed Origin und jeden hier genannten Scope. Fügen Sie die Adressen Ihrer Datenschutzerklärung und Ihrer Nutzungsbedingungen hinzu.',
        },
        {
          en: 'Enter the client ID and the client secret that you receive.',
          de: 'Tragen Sie die Client-ID und das Client-Secret ein, die Sie erhalten.',
        },
      ],
    },
    key: {
      url: 'https://sentry.io/settings/account/api/auth-tokens/',
      steps: [
        {
          en: 'In Sentry, open **User settings** and **Personal Tokens**, and create a token with the permissions org:read, project:read and event:read.',
          de: 'Öffnen Sie in Sentry **User settings** und **Personal Tokens** und erstellen Sie ein Token mit den Berechtigungen org:read, project:read und event:read.',
        },
        {
          en: 'Copy the token. A token of an organization or of an internal integration does not work, because it cannot list organizations.',
          de: 'Kopieren Sie das Token. Ein Token einer Organisation oder einer internen Integration funktioniert nicht, weil es keine Organisationen auflisten darf.',
        },
      ],
    },
    webhook: {
      url: 'https://docs.sentry.io/organization/integrations/integration-platform/',
      steps: [
        {
          en: 'Events come from an integration of the Sentry organization, not from the OAuth application. Create a public or an internal integration in the developer settings of the organization, and paste the webhook URL.',
          de: 'Die Events kommen von einer Integration der Sentry-Organisation, nicht von der OAuth-Anwendung. Legen Sie in den Entwicklereinstellungen der Organisation eine öffentliche oder interne Integration an und fügen Sie die Webhook-URL ein.',
        },
        {
          en: 'Select the resources that are reported, such as issues, and copy the **Client Secret** of the integration. Save it here as the webhook secret.',
          de: 'Wählen Sie aus, was gemeldet wird, etwa Issues, und kopieren Sie das **Client Secret** der Integration. Speichern Sie es hier als Webhook-Secret.',
        },
        {
          en: 'Set the UUID of the installation as the external id of the connection. Each event has it in installation.uuid.',
          de: 'Setzen Sie die UUID der Installation als externe ID der Verbindung. Jedes Event enthält sie in installation.uuid.',
        },
      ],
    },
    fields: {
      host: {
        label: 'Speicherort der Daten',
        description: 'Wo die Organisation ihre Daten speichert. Ihre Einstellungen zeigen die Region.',
        choices: { 'us.sentry.io': 'USA', 'de.sentry.io': 'EU (Deutschland)' },
      },
    },
    options: { oauth: 'OAuth', token: 'Auth Token' },
    events: ['issue.*', 'error.created', 'comment.*', 'event_alert.triggered', 'metric_alert.*', 'installation.*'],
    tokens: {
      en: 'Sentry documents an access token with a lifetime of 30 days in its example, and 8 hours in the text. What the response says counts. A token is for the one organization that the person chooses.',
      de: 'Sentry nennt für ein Zugriffstoken im Beispiel 30 Tage und im Text 8 Stunden. Es gilt, was die Antwort sagt. Ein Token gilt für die eine Organisation, die bei der Zustimmung gewählt wird.',
    },
    traps: [
      {
        en: 'Without an empty query, lists of issues contain unresolved issues only.',
        de: 'Ohne eine leere Suche enthalten Listen nur ungelöste Issues.',
      },
      {
        en: 'Sentry sends a link to the next page even when there is none. Only results="true" says that there is one.',
        de: 'Sentry sendet auch dann einen Link zur nächsten Seite, wenn es keine gibt. Nur results="true" sagt, dass es eine gibt.',
      },
      {
        en: 'A webhook has to be answered within a second. After 1,000 timeouts in 24 hours, Sentry stops sending.',
        de: 'Ein Webhook muss innerhalb einer Sekunde beantwortet werden. Nach 1.000 Zeitüberschreitungen in 24 Stunden sendet Sentry nicht mehr.',
      },
    ],
    scopes: {
      'org:read': {
        en: 'see your Sentry organization and its settings',
        de: 'Ihre Sentry-Organisation und deren Einstellungen sehen',
      },
      'project:read': { en: 'see the projects of the organization', de: 'die Projekte der Organisation sehen' },
      'event:read': {
        en: 'read issues and error events, with their stack traces',
        de: 'Issues und Fehlerereignisse mit ihren Stack Traces lesen',
      },
    },
    rateLimit: {
      words: {
        en: 'Each endpoint has limits of its own for each person: requests in a window of time, and requests at the same time. The headers X-Sentry-Rate-Limit-* state them.',
        de: 'Jeder Endpunkt hat je Person eigene Grenzen: Anfragen in einem Zeitfenster und gleichzeitige Anfragen. Die Header X-Sentry-Rate-Limit-* nennen sie.',
      },
      url: 'https://docs.sentry.io/api/ratelimits/',
    },
    hints: [
      {
        at: 'request',
        statuses: [401],
        cause: {
          en: 'The token is wrong, expired, or was revoked in Sentry.',
          de: 'Das Token ist falsch, abgelaufen oder wurde in Sentry widerrufen.',
        },
        operator: { en: 'Let the account be connected again.', de: 'Lassen Sie das Konto neu verbinden.' },
        person: {
          en: 'Connect Sentry again, or create a new personal token and enter it.',
          de: 'Verbinden Sie Sentry neu, oder erstellen Sie ein neues persönliches Token und geben Sie es ein.',
        },
      },
    ],
  },
}

/** Lists end with results="false", not without a link (docs.sentry.io/api/pagination). */
function list(name: string, path: string): StreamDefinition {
  return {
    name,
    path,
    primaryKey: [['id']],
    pagination: {
      type: 'next',
      value: `headers.link | regex_search('rel="next"; *results="true"; *cursor="([^"]*)"')`,
      place: { in: 'query', name: 'cursor' },
    },
  }
}
