import { email, input, instant, integer, limit, list, text } from '../action-input.ts'
import type { ActionDefinition } from '../definition/action.ts'
import type { StreamDefinition } from '../definition/stream.ts'
import type { ProviderFile } from '../provider-file.ts'

const docs = 'https://github.com/PagerDuty/developer-docs/blob/main/docs'

const id = (description: string) => text(description, { pattern: '^[A-Z0-9]+$' })

const actions: ActionDefinition[] = [
  {
    name: 'create_incident',
    title: 'Create an incident',
    description:
      'Creates an incident on a service, as a person would, and notifies who is on call. Returns the incident with its id and html_url.',
    docsUrl: `${docs}/REST-API/15-Incident-Creation-API.md`,
    scopes: ['write'],
    input: input(
      {
        service_id: id('Id of the service, such as PWIXJZS.'),
        title: text('Title.'),
      },
      {
        from: email(
          'Email address of a PagerDuty user of the account, in whose name the incident is created. An API key of an account needs it.',
        ),
        details: text('Description.'),
        incident_key: text('Identifies the incident. A second incident of the service with the same key is refused.'),
        escalation_policy_id: id('Id of the escalation policy. Default: that of the service.'),
      },
    ),
    request: {
      method: 'POST',
      path: '/incidents',
      headers: { From: '{{ args.from }}' },
      json: {
        incident: {
          type: 'incident',
          title: '{{ args.title }}',
          service: { id: '{{ args.service_id }}', type: 'service_reference' },
          incident_key: '{{ args.incident_key }}',
          body: {
            type: "{{ 'incident_body' if args.details is defined else args.details }}",
            details: '{{ args.details }}',
          },
          escalation_policy: {
            id: '{{ args.escalation_policy_id }}',
            type: "{{ 'escalation_policy_reference' if args.escalation_policy_id is defined else args.escalation_policy_id }}",
          },
        },
      },
    },
    output: ['incident'],
  },
  {
    name: 'list_incidents',
    title: 'List incidents',
    description:
      'Lists incidents, by default of the last 30 days. Returns incidents, and more, which says whether there is another page.',
    docsUrl: 'https://developer.pagerduty.com/api-reference/9d0b4b12e36f9-list-incidents',
    scopes: ['read'],
    readOnly: true,
    input: input(
      {},
      {
        statuses: list('Only incidents in these states.', {
          type: 'string',
          enum: ['triggered', 'acknowledged', 'resolved'],
        }),
        since: instant('Only incidents created from this time on. At most six months before until.'),
        until: instant('Only incidents created before this time.'),
        limit: limit(100, 25),
        offset: integer('How many incidents to leave out, to get the next page. Default: 0.', {
          minimum: 0,
          maximum: 9999,
        }),
      },
    ),
    request: {
      method: 'GET',
      path: '/incidents',
      query: {
        'statuses[]': '{{ args.statuses }}',
        since: '{{ args.since }}',
        until: '{{ args.until }}',
        limit: '{{ args.limit | default(25) }}',
        offset: '{{ args.offset }}',
      },
    },
  },
]

export const provider: ProviderFile = {
  aliases: ['pager duty', 'on-call', 'incident management'],
  logo: 'pagerduty',
  color: '#06ac38',
  sources: [
    { url: `${docs}/app-integration-development/06-OAuth-Functionality.md`, read: '2026-11-29' },
    { url: `${docs}/app-integration-development/09-OAuth-2-Auth-Code-Grant.md`, read: '2026-11-29' },
    { url: `${docs}/REST-API/02-Authentication.md`, read: '2026-11-29' },
    { url: `${docs}/REST-API/04-Rate-Limits.md`, read: '2026-11-29' },
    { url: `${docs}/REST-API/09-Pagination.md`, read: '2026-11-29' },
    { url: `${docs}/REST-API/14-Errors.md`, read: '2026-11-29' },
    { url: `${docs}/REST-API/15-Incident-Creation-API.md`, read: '2026-11-29' },
    { url: `${docs}/webhooks/01-Overview.md`, read: '2026-11-29' },
    { url: `${docs}/webhooks/04-Signatures.md`, read: '2026-11-29' },
    {
      url: 'https://community.pagerduty.com/ask-a-product-question-2/incidents-don-t-show-up-in-rest-api-176',
      read: '2026-11-29',
    },
    {
      url: 'https://docs.cloud.google.com/gemini/enterprise/docs/connectors/pagerduty/pagerduty-configuration',
      read: '2026-11-29',
      second: true,
    },
    { url: 'https://prismatic.io/docs/components/pagerduty.md', read: '2026-11-29', second: true },
    { url: 'https://trigger.dev/docs/webhooks/providers/pagerduty.md', read: '2026-11-29', second: true },
    {
      url: 'https://docs.newrelic.com/docs/workflow-automation/setup-and-configure/actions-catalog/pagerduty/pagerduty-incident-list/',
      read: '2026-11-29',
      second: true,
    },
    {
      url: 'https://github.com/NangoHQ/nango/blob/master/packages/providers/providers.yaml',
      read: '2026-11-29',
      second: true,
      differs: 'Nango has the former endpoints at app.pagerduty.com. The documentation names identity.pagerduty.com.',
    },
  ],
  definition: {
    displayName: 'PagerDuty',
    docsUrl: 'https://developer.pagerduty.com/api-reference/',
    categories: ['developer tools', 'monitoring', 'ticketing'],
    baseUrl: 'https://{{ input.host }}',
    inputFields: [
      {
        name: 'host',
        label: 'Service region',
        description: 'Where the PagerDuty account is hosted. In the EU, its address ends in .eu.pagerduty.com.',
        required: true,
        example: 'api.pagerduty.com',
        choices: [
          { value: 'api.pagerduty.com', label: 'US' },
          { value: 'api.eu.pagerduty.com', label: 'EU' },
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
            authorizationUrl: 'https://identity.pagerduty.com/oauth/authorize',
            tokenUrl: 'https://identity.pagerduty.com/oauth/token',
            // Classic User OAuth. Scoped OAuth works only in the account that registered the app.
            scopes: ['read'],
            refreshTokenLifetime: 'P210D',
          },
        },
        {
          key: 'api_key',
          label: 'API key',
          auth: {
            type: 'api_key',
            placement: { in: 'header', name: 'Authorization', prefix: 'Token token=' },
          },
        },
      ],
    },
    headers: { Accept: 'application/vnd.pagerduty+json;version=2' },
    responseErrors: [
      { status: 401, path: ['error', 'message'], as: 'auth', message: ['error', 'message'], code: ['error', 'code'] },
      ...[400, 402, 403, 404].map((status) => ({
        status,
        path: ['error', 'message'],
        as: 'fail' as const,
        message: ['error', 'message'],
        code: ['error', 'code'],
      })),
    ],
    webhook: {
      verify: {
        method: 'hmac',
        header: 'X-PagerDuty-Signature',
        hash: 'sha256',
        encoding: 'hex',
        prefix: 'v1=',
      },
      id: 'body.event.id',
      type: 'body.event.event_type',
      // No event names the account. The links in it begin with its subdomain.
      connection: {
        value:
          "regex_search(body.event.data.html_url if body.event.data.html_url is defined else body.event.data.incident.html_url, 'https://([a-z0-9-]+)[.]')",
        equals: 'externalId',
      },
      sync: [
        { where: "'incident.' in body.event.event_type", streams: ['incidents'] },
        { where: "'service.' in body.event.event_type", streams: ['services'] },
      ],
    },
    testRequest: { path: '/users?limit=1' },
    streams: [
      {
        ...resources('incidents'),
        // Incidents are found by the time of their creation, at most six months at once. Those of the last 30 days are read again,
        // because their status changes.
        incremental: {
          cursorField: ['created_at'],
          param: 'since',
          until: { param: 'until' },
          format: 'iso8601',
          start: "{{ date(now, 'iso8601', '-P349D') }}",
          window: 'P175D',
          lookback: 'P30D',
        },
        deletes: 'never',
      },
      resources('services'),
      resources('users'),
      resources('teams'),
    ],
    actions,
  },
  guide: {
    app: {
      url: `${docs}/app-integration-development/06-OAuth-Functionality.md`,
      steps: [
        {
          en: 'In PagerDuty, open **Integrations** and **App Registration**, select **New App**, enter a name and a description, choose **OAuth 2.0**, and continue.',
          de: 'Öffnen Sie in PagerDuty **Integrations** und **App Registration**, wählen Sie **New App**, geben Sie einen Namen und eine Beschreibung ein, wählen Sie **OAuth 2.0** und gehen Sie weiter.',
        },
        {
          en: 'Choose **Classic User OAuth**. Apps with **Scoped OAuth** can be used only in the account that registered them. Paste the callback URL as the **Redirect URL**.',
          de: 'Wählen Sie **Classic User OAuth**. Apps mit **Scoped OAuth** lassen sich nur in dem Konto nutzen, das sie registriert hat. Fügen Sie die Callback-URL als **Redirect URL** ein.',
        },
        {
          en: 'Choose the permission: **Read** for the scope read, **Read/Write** for the scope write.',
          de: 'Wählen Sie die Berechtigung: **Read** für den Scope read, **Read/Write** für den Scope write.',
        },
        {
          en: 'Copy **Client ID** and **Client Secret** at once, because PagerDuty shows the secret only once.',
          de: 'Kopieren Sie **Client ID** und **Client Secret** sofort, denn PagerDuty zeigt das Secret nur einmal.',
        },
      ],
    },
    key: {
      url: 'https://app.pagerduty.com/',
      steps: [
        {
          en: 'Sign in as an administrator, and open **Integrations** and **API Access Keys**.',
          de: 'Melden Sie sich als Administratorin oder Administrator an und öffnen Sie **Integrations** und **API Access Keys**.',
        },
        {
          en: 'Select **Create New API Key** and enter a description. Select **Read-only API Key** if nothing is to be changed. Copy the key.',
          de: 'Wählen Sie **Create New API Key** und geben Sie eine Beschreibung ein. Wählen Sie **Read-only API Key**, wenn nichts geändert werden soll. Kopieren Sie den Schlüssel.',
        },
      ],
    },
    webhook: {
      url: `${docs}/webhooks/01-Overview.md`,
      steps: [
        {
          en: 'In the PagerDuty account, open **Integrations** and **Generic Webhooks (v3)**, add a webhook with the webhook URL, and select the events of incidents and services. POST /webhook_subscriptions does the same.',
          de: 'Öffnen Sie im PagerDuty-Konto **Integrations** und **Generic Webhooks (v3)**, fügen Sie einen Webhook mit der Webhook-URL hinzu und wählen Sie die Events der Incidents und Services. POST /webhook_subscriptions bewirkt dasselbe.',
        },
        {
          en: 'PagerDuty makes a secret and shows it only now. Save it here as the webhook secret. Each subscription has a secret of its own, so each PagerDuty account needs an integration of its own.',
          de: 'PagerDuty erzeugt ein Secret und zeigt es nur jetzt. Speichern Sie es hier als Webhook-Secret. Jedes Abonnement hat ein eigenes Secret, deshalb braucht jedes PagerDuty-Konto eine eigene Integration.',
        },
        {
          en: 'Set the subdomain of the account, such as acme of acme.pagerduty.com, as the external id of the connection.',
          de: 'Setzen Sie die Subdomain des Kontos, etwa acme bei acme.pagerduty.com, als externe ID der Verbindung.',
        },
      ],
    },
    fields: {
      host: {
        label: 'Serviceregion',
        description: 'Wo das PagerDuty-Konto gehostet wird. In der EU endet seine Adresse auf .eu.pagerduty.com.',
        choices: { 'api.pagerduty.com': 'USA', 'api.eu.pagerduty.com': 'EU' },
      },
    },
    options: { oauth: 'OAuth', api_key: 'API-Schlüssel' },
    events: ['incident.*', 'service.created', 'service.updated', 'service.deleted'],
    tokens: {
      en: 'An access token lives for 30 days, a refresh token for 210 days, and a consent for three years. Each renewal returns a new refresh token. An authorization code has to be exchanged within 30 seconds.',
      de: 'Ein Zugriffstoken gilt 30 Tage, ein Refresh-Token 210 Tage und eine Zustimmung drei Jahre. Jede Erneuerung liefert ein neues Refresh-Token. Ein Autorisierungscode muss innerhalb von 30 Sekunden eingelöst werden.',
    },
    traps: [
      {
        en: 'A scope that the app does not have causes no error: the token then has only the scope openid, and requests are refused with 403.',
        de: 'Ein Scope, den die App nicht hat, führt zu keinem Fehler: Das Token hat dann nur den Scope openid, und Anfragen werden mit 403 abgelehnt.',
      },
      {
        en: 'A list returns at most 10,000 records. A larger offset is refused with 400.',
        de: 'Eine Liste liefert höchstens 10.000 Datensätze. Ein größerer Offset wird mit 400 abgelehnt.',
      },
      {
        en: 'The first sync reads the incidents of about the last year.',
        de: 'Die erste Synchronisierung liest die Incidents etwa des letzten Jahres.',
      },
    ],
    scopes: {
      read: {
        en: 'read everything that you can see in PagerDuty, such as incidents, services, schedules and people',
        de: 'alles lesen, was Sie in PagerDuty sehen, zum Beispiel Incidents, Services, Dienstpläne und Personen',
      },
      write: {
        en: 'read and change everything that you can change in PagerDuty, and create incidents in your name',
        de: 'alles lesen und ändern, was Sie in PagerDuty ändern dürfen, und in Ihrem Namen Incidents anlegen',
      },
    },
    rateLimit: {
      words: {
        en: '960 requests a minute for each app and person, or for each API key. Some endpoints have lower limits. The header ratelimit-reset states the seconds to wait.',
        de: '960 Anfragen pro Minute je App und Person oder je API-Schlüssel. Einige Endpunkte haben niedrigere Grenzen. Der Header ratelimit-reset nennt die Sekunden, die zu warten sind.',
      },
      url: `${docs}/REST-API/04-Rate-Limits.md`,
    },
    hints: [
      {
        at: 'request',
        messages: ['2010: '],
        statuses: [403],
        cause: {
          en: 'The token or key does not allow this request, or the scope of the integration is not that of the app.',
          de: 'Das Token oder der Schlüssel erlaubt diese Anfrage nicht, oder der Scope der Integration ist nicht der der App.',
        },
        operator: {
          en: 'Request read for an app with **Read**, write for one with **Read/Write**, and have the account reconnected.',
          de: 'Fordern Sie read für eine App mit **Read** an, write für eine mit **Read/Write**, und lassen Sie das Konto neu verbinden.',
        },
        url: 'https://developer.pagerduty.com/docs/oauth-functionality',
      },
      {
        at: 'request',
        statuses: [401],
        messages: ['2006: '],
        cause: {
          en: 'The key or token is wrong or was deleted, or it belongs to the other service region.',
          de: 'Der Schlüssel oder das Token ist falsch oder wurde gelöscht, oder gehört zur anderen Serviceregion.',
        },
        operator: {
          en: 'Let the service region be checked, and the account be connected again.',
          de: 'Lassen Sie die Serviceregion prüfen und das Konto neu verbinden.',
        },
        person: {
          en: 'Check the service region, and connect PagerDuty again or enter a new key.',
          de: 'Prüfen Sie die Serviceregion und verbinden Sie PagerDuty neu, oder geben Sie einen neuen Schlüssel ein.',
        },
        url: `${docs}/REST-API/14-Errors.md`,
      },
    ],
  },
}

/** The key of a list is the name of its endpoint. */
function resources(name: string): StreamDefinition {
  return {
    name,
    path: `/${name}`,
    recordsPath: [name],
    primaryKey: [['id']],
    pagination: { type: 'offset', param: 'offset', limitParam: 'limit', size: 100, hasMore: ['more'] },
    responses: [{ status: 429, as: 'rate_limit', waitFrom: 'header:ratelimit-reset' }],
  }
}
